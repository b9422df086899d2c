"""Which pools are looked at again, what a change must save there, and what has been saved so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid, NotFound

#: Days over which what was saved is told.
LATELY: Final = 30
#: (least, most) of each number.
BOUNDS: Final = {"least_amount": (0, 100_000_000), "every_min": (1, 1_440), "quiet_min": (0, 10_080)}
AnyRow = Row[*tuple[Any, ...]]
_POOLS = text("""
select p.id, p.code, p.name, coalesce(s.is_on, false) as is_on, coalesce(s.least_amount, 0) as least_amount,
  coalesce(s.every_min, 10) as every_min, coalesce(s.quiet_min, 60) as quiet_min, s.changed_at,
  coalesce(s.changed_by, '') as changed_by, (select count(*) from pool_member m where m.pool_id = p.id) as points,
  r.orders, r.parcels, r.amount, w.waiting
from stock_pool p left join replan_setting s on s.pool_id = p.id
cross join lateral (select count(*) as orders, coalesce(sum(r.parcels), 0)::bigint as parcels,
    coalesce(sum(r.amount), 0)::bigint as amount from replan r where r.pool_id = p.id and r.at > :since) r
cross join lateral (select count(distinct f.lead_order_id) as waiting from fulfilment f
    where f.status = 'planned' and f.is_split and f.order_count = 1
      and f.stock_point_id in (select m.stock_point_id from pool_member m where m.pool_id = p.id)) w
where :id = 0 or p.id = :id order by p.code""")
_SET = text("""
insert into replan_setting (pool_id, is_on, least_amount, every_min, quiet_min, due_at, changed_by, changed_at)
values (:pool_id, :is_on, :least_amount, :every_min, :quiet_min, :now, :actor, :now)
on conflict (pool_id) do update set is_on = excluded.is_on, least_amount = excluded.least_amount,
  every_min = excluded.every_min, quiet_min = excluded.quiet_min, due_at = excluded.due_at, reached = 0,
  changed_by = excluded.changed_by, changed_at = excluded.changed_at""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A setting: minor units that a change must save when it saves no parcel (0: parcels alone count), and minutes."""

    is_on: bool
    least_amount: int = 0
    every_min: int = 10
    quiet_min: int = 60


def list_pools(connection: Connection, hub: Hub) -> list[AnyRow]:
    """All pools with their setting, what was saved lately, and how many split orders wait now."""
    return list(connection.execute(_POOLS, {"id": 0, "since": hub.clock() - timedelta(days=LATELY)}))


def find_pool(connection: Connection, hub: Hub, pool_id: int) -> AnyRow:
    """One pool as in the list; NotFound otherwise."""
    since = hub.clock() - timedelta(days=LATELY)
    row = connection.execute(_POOLS, {"id": pool_id, "since": since}).one_or_none() if pool_id else None
    if row is None:
        raise NotFound("there is no such stock pool")
    return row


def set_replanning(hub: Hub, pool_id: int, wanted: Wanted, actor: str) -> None:
    """Switch looking again at a pool's plans on or off; on, it is looked at at once."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(wanted, name) <= most:
            raise Invalid(name, "this number is too small or too large", f"write {least} to {most}")
    values = {
        "pool_id": pool_id, "is_on": wanted.is_on, "least_amount": wanted.least_amount, "every_min": wanted.every_min,
        "quiet_min": wanted.quiet_min, "now": hub.clock(), "actor": actor,
    }  # fmt: skip
    with hub.begin() as connection:
        pool = find_pool(connection, hub, pool_id)
        connection.execute(_SET, values)
        leave_trail(hub, connection, "replanning_changed", actor, {"pool": pool.code, "is_on": wanted.is_on})
    if wanted.is_on:
        hub.poke("replanning")
