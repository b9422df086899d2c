"""What a report says of stock, line by line, whoever sent it; and the levels and ledger it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch, StockKey
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of

#: Classes of a difference: counted, told as changed, compared by our own question, first seen; people choose others.
COUNTED, ADJUSTED, COMPARED, FIRST = "counted", "adjusted", "compared", "first"
PEOPLES: Final = ("loss", "found", "damaged", "misplaced", "mistake", "other")


@dataclass(slots=True)
class ToldLine:
    """Units of a SKU and kind; `is_delta` when they are a change. `key` tells repeats of the same line."""

    sku_code: str
    kind: str
    units: int
    key: str
    as_of: datetime
    is_delta: bool = False
    document_no: str = ""
    words: str = ""


@dataclass(slots=True)
class Told:
    """A report about one stock point; `source`: push, query or count."""

    point_id: int
    source: str
    key: str
    as_of: datetime
    lines: list[ToldLine] = field(default_factory=list)
    number: str = ""
    page: int = 1
    pages: int = 1
    is_check: bool = True

    @property
    def difference_class(self) -> str:
        """The class its differences have until a person says otherwise."""
        if self.source == "query":
            return COMPARED
        return COUNTED if self.is_check else ADJUSTED


@dataclass(frozen=True, slots=True)
class Standing:
    """A level as it stands: units net of what is owed, when it was last counted and by which line, units moved since.

    `later` is what moved after the moment asked about; `is_new` says that nothing was ever booked there.
    """

    units: int
    counted_at: datetime | None
    counted_by: str
    later: int
    is_new: bool

    def is_past(self, as_of: datetime, key: str) -> bool:
        """Whether what was taken over last is as new as this."""
        if self.counted_at is None or as_of > self.counted_at:
            return False
        return as_of < self.counted_at or key <= self.counted_by

    def difference(self, told: int) -> int:
        """Units told for that moment against what the ledger had then."""
        return told - (self.units - self.later)


STANDINGS: Final = """
select v.n, coalesce(s.on_hand - s.owed, 0), s.counted_at, coalesce(c.key, ''), coalesce(m.later, 0),
       s.stock_point_id is null
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]) as v(n, sku, kind, at)
left join stock_level s on s.stock_point_id = %s and s.sku_id = v.sku and s.kind = v.kind
left join lateral (select max(l.key) as key from stock_report_line l
  where l.stock_point_id = s.stock_point_id and l.sku_id = s.sku_id and l.kind = s.kind and l.as_of = s.counted_at
    and not l.is_delta and l.state in ('booked', 'same')) c on s.counted_at is not null
left join lateral (select sum(x.on_hand) as later from stock_movement x
  where x.stock_point_id = s.stock_point_id and x.sku_id = s.sku_id and x.kind = s.kind and x.reason <> 'beyond'
    and x.month >= date_trunc('month', v.at - interval '1 day')::date and coalesce(x.as_of, x.at) > v.at) m on true"""


def standings(batch: Batch, point_id: int, asked: Sequence[tuple[int, str, datetime]]) -> list[Standing]:
    """How the levels stand that (SKU, kind, moment) ask about, in their order; lock the SKUs first."""
    if not asked:
        return []
    columns = [array_of(column) for column in zip(*asked, strict=True)]
    rows = fetch(batch.connection, STANDINGS, (array_of(range(len(asked))), *columns, point_id))
    return [Standing(*row[1:]) for row in sorted(rows)]


def level_of(point_id: int, sku_id: int, kind: str) -> StockKey:
    """The key of a level."""
    return point_id, sku_id, kind
