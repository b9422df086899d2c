"""停表: the times in which a shop's own deadlines do not run, of every place that holds for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.domain.sla import Pauses

#: A pause that ended so long ago moves no deadline any more that is still ahead.
LONG_AGO: Final = timedelta(days=60)
PAUSES: Final = text("""
select s.id, p.starts_at, p.ends_at, p.removed_at is null from deadline_pause p
join shop s on case p.scope when 'global' then true when 'channel' then s.channel_id = p.scope_id
  when 'shop_group' then s.shop_group_id = p.scope_id when 'user_group' then s.user_group_id = p.scope_id
  else s.id = p.scope_id end
where p.ends_at > :since order by p.starts_at, p.ends_at""")


def read_pauses(connection: Connection, now: datetime) -> dict[int, Pauses]:
    """Shop → its pauses, ordered by their beginning; shops without any are left out."""
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for shop_id, begins, ends, is_there in all_pauses(connection, now):
        if is_there:
            found.setdefault(shop_id, []).append((begins, ends))
    return {shop_id: tuple(pauses) for shop_id, pauses in found.items()}


def all_pauses(connection: Connection, now: datetime) -> list[tuple[int, datetime, datetime, bool]]:
    """(shop, begins, ends, whether it is still there) of every pause, removed ones too."""
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(PAUSES, {"since": now - LONG_AGO})]
