"""What pages show of the connections over which platforms send messages: since when open, and what came last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from oms.app.kernel.load import fetch

#: A holder that was killed says nothing any more, so only a live lease proves that somebody listens.
LINES = """select c.shop_id, case when l.expires_at > %s then c.last_started_at end, c.last_success_at, c.documents,
  c.last_error, c.paused_until
from stream_cursor c left join lease l on l.name = c.cursor
where c.stream = 'messages' and c.shop_id = any(%s)"""


@dataclass(frozen=True, slots=True)
class LineShown:
    """A shop's connection; `open_since` None while there is none, `words` are the last trouble's."""

    open_since: datetime | None
    last_message_at: datetime | None
    messages: int
    words: str
    again_at: datetime | None


def lines_by_shop(connection: Connection, shop_ids: Sequence[int], now: datetime) -> dict[int, LineShown]:
    """The connections of shops that ever had one."""
    return {row[0]: LineShown(*row[1:]) for row in fetch(connection, LINES, (now, list(shop_ids)))}
