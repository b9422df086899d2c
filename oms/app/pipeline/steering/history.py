"""Who changed what of sourcing and when, before and after; the newest change of a place can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import NotFound, Stale

SIZE: Final = 50
_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:place, 0))::text")
_ADD: Final = text("""
insert into sourcing_change (subject, scope, scope_id, at, by, undoes, before, after)
values (:subject, :scope, :scope_id, :now, :actor, :undoes, cast(:before as jsonb), cast(:after as jsonb))""")
_COUNT: Final = text("""
select count(*) from sourcing_change where subject = :subject and scope = :scope and scope_id = :scope_id""")
_LIST: Final = text("""
select c.*, not exists (select from sourcing_change n where n.subject = c.subject and n.scope = c.scope
    and n.scope_id = c.scope_id and n.id > c.id) as is_newest from sourcing_change c
where (:scope = '' or (c.scope = :scope and c.scope_id = :scope_id)) and (:subject = '' or c.subject = :subject)
  and (c.scope <> 'shop' or c.scope_id = any(:shops)) and (:after = 0 or c.id < :after)
order by c.id desc limit :size""")


def lock_place(connection: Connection, subject: str, scope: str, scope_id: int) -> int:
    """Have others wait who change the same; answers how often it was changed so far."""
    connection.execute(_LOCK, {"place": f"sourcing {subject} {scope} {scope_id}"})
    place = {"subject": subject, "scope": scope, "scope_id": scope_id}
    return int(connection.execute(_COUNT, place).scalar_one())


def note_change(
    hub: Hub, connection: Connection, place: tuple[str, str, int], before: dict[str, Any] | None,
    after: dict[str, Any] | None, actor: str, undoes: int | None = None,
) -> None:  # fmt: skip
    """Keep what was changed of (subject, scope, id), and leave a trail of which fields."""
    subject, scope, scope_id = place
    connection.execute(_ADD, {
        "subject": subject, "scope": scope, "scope_id": scope_id, "now": hub.clock(), "actor": actor, "undoes": undoes,
        "before": None if before is None else orjson.dumps(before).decode(),
        "after": None if after is None else orjson.dumps(after).decode(),
    })  # fmt: skip
    fields = sorted(
        name for name in {**(before or {}), **(after or {})} if (before or {}).get(name) != (after or {}).get(name)
    )
    leave_trail(hub, connection, "sourcing_changed", actor, {"what": subject, "scope": scope, "scope_id": scope_id,
                                                             "fields": fields})  # fmt: skip


def list_changes(
    connection: Connection, shop_ids: Sequence[int], *, subject: str = "", scope: str = "", scope_id: int = 0,
    after: int = 0, size: int = SIZE,
) -> list[AnyRow]:  # fmt: skip
    """Changes, newest first, of one place or of all that somebody sees who sees these shops."""
    asked = {"subject": subject, "scope": scope, "scope_id": scope_id, "shops": list(shop_ids), "after": after}
    return list(connection.execute(_LIST, asked | {"size": size}))


def find_change(connection: Connection, change_id: int) -> AnyRow:
    """One change; NotFound otherwise."""
    row = connection.execute(text("select * from sourcing_change where id = :id"), {"id": change_id}).one_or_none()
    if row is None:
        raise NotFound("there is no such change", "look at the list of changes")
    return row


def require_newest(connection: Connection, change: AnyRow) -> None:
    """Stale when what a change changed was changed again since."""
    newest = connection.execute(
        text("""select max(id) from sourcing_change where subject = :subject and scope = :scope
                and scope_id = :scope_id"""),
        {"subject": change.subject, "scope": change.scope, "scope_id": change.scope_id},
    ).scalar_one()
    if newest != change.id:
        raise Stale("it was changed again since", "undo the newer change first, or write what it is to say")
