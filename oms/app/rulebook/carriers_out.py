"""Carriers that an order could not leave with: what they said then, and where they do not go by today's master rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.timeline import month_of

#: Why a carrier was left out: 中文, English.
WHY: Final = {
    "said_no": ("问过，说到不了", "asked, says that it does not go there"),
    "no_number": ("取单号时说到不了", "gave no number: it does not go there"),
    "coverage": ("派送范围里没有这个地区", "its area of delivery leaves this place out"),
    "no_cod": ("不做货到付款", "does not collect cash on delivery"),
}
#: So many carriers are told.
MOST: Final = 20
_SAID: Final = text("""
select distinct on (c.id) c.id, c.code, c.name, 'said_no' as why, e.at,
       substr(e.detail ->> 'words', length(c.code) + 2) as words
from event e join carrier c on c.id = cast(e.detail ->> 'carrier' as bigint)
where e.month = :month and e.order_id = :id and e.kind = 'carrier_left_out' order by c.id, e.at desc""")
_NO_NUMBER: Final = text("""
select c.id, c.code, c.name, 'no_number' as why, f.at, coalesce((
         select w.words from e_waybill w where w.order_id = f.order_id and w.carrier_id = f.carrier_id and w.words <> ''
         order by w.id desc limit 1), '') as words
from carrier_refusal f join carrier c on c.id = f.carrier_id where f.order_id = :id order by f.at""")
_BY_ROWS: Final = text("""
select c.id, c.code, c.name, case when goes.is_deliverable is false then 'coverage' else 'no_cod' end as why,
       cast(null as timestamptz) as at, '' as words
from receiver r cross join carrier c left join lateral (
  select v.is_deliverable from carrier_coverage v
  where v.carrier_id = c.id and starts_with(r.division_code, v.division_prefix)
  order by length(v.division_prefix) desc limit 1) goes on true
where r.order_id = :id and not c.is_suspended
  and (goes.is_deliverable is false or (:is_cod and not c.allows_cod)) order by c.rank, c.id limit :most""")


@dataclass(frozen=True, slots=True)
class CarrierOut:
    """A carrier that was left out: its own words, and when it said so; what master rows say today has no moment."""

    id: int
    code: str
    name: str
    why: str
    why_zh: str
    why_en: str
    words: str
    at: datetime | None


def carriers_out(connection: Connection, order: AnyRow) -> tuple[CarrierOut, ...]:
    """What carriers said of this order first, then those whose master rows leave its place out."""
    found: dict[int, CarrierOut] = {}
    for row in _rows(connection, order):
        found.setdefault(row.id, CarrierOut(row.id, row.code, row.name, row.why, *WHY[row.why], row.words, row.at))
    return tuple(found.values())[:MOST]


def _rows(connection: Connection, order: AnyRow) -> Iterator[AnyRow]:
    asked = {"id": order.id}
    yield from connection.execute(_NO_NUMBER, asked)
    yield from connection.execute(_SAID, asked | {"month": month_of(order.captured_at)})
    yield from connection.execute(_BY_ROWS, asked | {"is_cod": order.is_cod, "most": MOST})
