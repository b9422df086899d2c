"""What pools that share stock points leave each other of a SKU, for what shops are told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import array_of
from oms.domain.quotas import Supply
from oms.domain.sharing import Shared

#: All pools that are joined to one by shared points, with their open points; nothing when it shares none.
JOINED: Final = """
with recursive joined as (select %s::bigint as pool_id union
  select o.pool_id from joined j join pool_member m on m.pool_id = j.pool_id
  join pool_member o on o.stock_point_id = m.stock_point_id)
select m.pool_id, m.stock_point_id from pool_member m join stock_point p on p.id = m.stock_point_id and p.state = 'open'
where m.pool_id in (select pool_id from joined) and (select count(*) from joined) > 1"""
LEVELS: Final = """
select sku_id, stock_point_id, greatest(0, on_hand - reserved - safety)::bigint from stock_level
where kind = %s and sku_id = any(%s::bigint[]) and stock_point_id = any(%s::bigint[])"""
KEPT: Final = """
select sku_id, pool_id, reserved from pool_level
where kind = %s and sku_id = any(%s::bigint[]) and pool_id = any(%s::bigint[])"""


def pressed(connection: Connection, pool_id: int, supply: dict[int, Supply], kind: str) -> dict[int, Supply]:
    """The same supply, with what other pools keep at points that are also this one's counted as promised."""
    points: dict[int, set[int]] = {}
    for joined, point_id in fetch(connection, JOINED, (pool_id,)) if supply else ():
        points.setdefault(joined, set()).add(point_id)
    if pool_id not in points:
        return supply
    asked = (kind, array_of(sorted(supply)))
    every = array_of(sorted(set().union(*points.values())))
    there: dict[int, dict[int, int]] = {}
    for sku_id, point_id, units in fetch(connection, LEVELS, (*asked, every)):
        there.setdefault(sku_id, {})[point_id] = units
    kept: dict[int, dict[int, int]] = {}
    for sku_id, joined, units in fetch(connection, KEPT, (*asked, array_of(sorted(points)))):
        kept.setdefault(sku_id, {})[joined] = units
    members = {joined: frozenset(found) for joined, found in points.items()}
    return {sku_id: _pressed(one, Shared(members, there.get(sku_id, {}), kept.get(sku_id, {})), pool_id)
            for sku_id, one in supply.items()}  # fmt: skip


def _pressed(supply: Supply, shared: Shared, pool_id: int) -> Supply:
    return replace(supply, promised=max(supply.promised, supply.there - shared.free(pool_id)))
