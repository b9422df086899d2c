"""What places say of their deadlines, and the times in which no clock runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

#: Pauses that ended are shown for so long.
SHOWN: Final = timedelta(days=60)
_OWN = text("""
select warn_minutes, warn_group_id, fine_amount, fine_bp, fine_least, fine_most, changed_at, changed_by
from deadline_setting where scope = :scope and scope_id = :scope_id""")
_PAUSES = text("""
select id, scope, scope_id, starts_at, ends_at, reason, made_by, reached is not null as is_moving from deadline_pause
where removed_at is null and ends_at > :since order by starts_at desc, id desc limit 200""")


def setting_of(connection: Connection, scope: str, scope_id: int) -> tuple[AnyRow | None, AnyRow | None]:
    """(what the place says itself, what it would follow else); None where nothing is said.

    A shop follows its groups and its channel; what it would follow is told of the widest place only, for short.
    """
    own = connection.execute(_OWN, {"scope": scope, "scope_id": scope_id}).one_or_none()
    return own, connection.execute(_OWN, {"scope": "global", "scope_id": 0}).one_or_none()


def list_pauses(connection: Connection, now: datetime) -> Sequence[AnyRow]:
    """Pauses to come, running, and lately over, the latest first."""
    return connection.execute(_PAUSES, {"since": now - SHOWN}).all()
