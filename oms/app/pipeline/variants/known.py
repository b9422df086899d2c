"""What a variant can name: pools with their points, carriers, versions of rules of route and carrier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

AnyRow = Row[*tuple[Any, ...]]
_POOLS = text("select id, code, name from stock_pool order by code")
_POINTS = text("""
select p.id, p.code, p.name, p.state,
  coalesce(array_agg(m.pool_id order by m.pool_id) filter (where m.pool_id is not null),
  '{}') as pools from stock_point p left join pool_member m on m.stock_point_id = p.id
where p.state <> 'closed' group by p.id order by p.code""")
_CARRIERS = text("select id, code, name, is_suspended from carrier where kind = 'courier' order by rank, code")
#: Versions that are not archived, of sets that this person may see: those shared, and those of their shops.
_VERSIONS = text("""
select v.id, v.number, v.state, s.stage, s.name from rule_set_version v join rule_set s on s.id = v.rule_set_id
where s.stage in ('route', 'carrier') and v.state in ('draft', 'active')
  and (s.scope <> 'shop' or s.scope_id = any(:shops)) order by s.stage, s.name, v.number desc""")


@dataclass(frozen=True, slots=True)
class Known:
    """Rows with id, code and name; points say their pools, versions their stage, number and state."""

    pools: Sequence[AnyRow]
    points: Sequence[AnyRow]
    carriers: Sequence[AnyRow]
    versions: Sequence[AnyRow]

    def name(self, kind: str, id_: int) -> str:
        """The name of a pool, point or carrier; its number when it is gone."""
        return next((str(row.name) for row in getattr(self, kind) if row.id == id_), f"#{id_}")

    def version(self, id_: int) -> str:
        """A version as its set's name and number."""
        return next((f"{row.name} v{row.number}" for row in self.versions if row.id == id_), f"#{id_}")


def read_known(connection: Connection, shop_ids: Sequence[int]) -> Known:
    """Everything as of now."""
    return Known(
        connection.execute(_POOLS).all(), connection.execute(_POINTS).all(), connection.execute(_CARRIERS).all(),
        connection.execute(_VERSIONS, {"shops": list(shop_ids)}).all(),
    )  # fmt: skip
