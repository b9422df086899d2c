"""How orders were sourced lately: by a plan's shares, by its prices, or without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import Connection, text

#: Decisions of the last day are counted, the newest so many.
LATELY: Final = timedelta(hours=24)
MOST_ORDERS: Final = 2_000
#: The newest orders are looked for their decisions; the index by time makes that cheap.
_DECISIONS: Final = text("""
with recent as (
  select o.id from orders o where o.shop_id in (select id from shop where stock_pool_id = :pool_id)
    and o.fulfiller = 'us' and o.ordered_at >= :since order by o.ordered_at desc, o.id desc limit :most)
select distinct on (d.order_id) d.choices from decision d join recent r on r.id = d.order_id
where d.month = any(:months) and d.stage = 'route' and d.verdict = 'sourced' and d.at >= :since
order by d.order_id, d.id desc""")


@dataclass(frozen=True, slots=True)
class Followed:
    """Orders sourced lately: by share, by price, otherwise."""

    planned: int = 0
    priced: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.planned + self.priced + self.other

    @property
    def percent(self) -> int:
        """The percent that took a way that the plan's shares chose."""
        return round(100 * self.planned / self.total) if self.total else 0


def count_followed(connection: Connection, pool_id: int, now: datetime) -> Followed:
    """How the newest orders of a pool were sourced; those with one point to choose from are not counted."""
    since = now - LATELY
    months = sorted({since.date().replace(day=1), now.date().replace(day=1)})
    rows = connection.execute(
        _DECISIONS, {"pool_id": pool_id, "since": since, "months": months, "most": MOST_ORDERS}
    ).scalars()
    counts = {"planned": 0, "priced": 0, "": 0}
    for choices in rows:
        counts[_guide(choices)] += 1
    return Followed(counts["planned"], counts["priced"], counts[""])


def _guide(choices: bytes | None) -> str:
    kept = orjson.loads(choices) if choices else []
    guide = kept.get("guide", "") if isinstance(kept, dict) else ""
    return guide if guide in ("planned", "priced") else ""
