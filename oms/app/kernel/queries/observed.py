"""Orders of a shop that the system before us ships: what we would have done beside what the platform shows it did.

Both sides are decisions: `route` with the verdict `observed` is ours, `observe` is the platform's. All set-wise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.domain.holds import BEFORE_GO_LIVE
from oms.domain.months import months_between

#: What the list can be narrowed to; `waiting` has not left yet, `untold` is without parcels, `unplanned` without a plan.
RESULTS: Final = ("differs", "same", "unplanned", "untold", "waiting")
MOST: Final = 200
MOST_IN_FILE: Final = 50_000

SIDES: Final = """
with o as (
  select o.id, o.external_no, o.ordered_at, o.ship_by, o.platform_state, o.status, o.phase, o.captured_at
  from orders o join shop s on s.id = o.shop_id
  where o.shop_id = :shop and o.origin = 'platform' and o.fulfiller = 'us' and o.ordered_at >= :since
    and o.ordered_at < :until and (s.mode = 'observing' or :flag = any(o.platform_holds)
      or exists (select from decision d
        where d.month = any(:months) and d.order_id = o.id and d.stage = 'route' and d.verdict = 'observed'))
    and (o.status <> 'cancelled' or o.platform_state in ('part_shipped', 'shipped', 'completed'))
    and not exists (select from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
      where l.order_id = o.id and (l.shipped > 0 or f.status in ('sending', 'sent', 'accepted', 'stopping')))),
said as (
  select distinct on (d.order_id, d.stage) d.order_id, d.stage, d.verdict, d.choices from decision d
  where d.order_id in (select id from o) and d.month = any(:months)
    and (d.stage in ('observe', 'review') or d.stage = 'route' and d.verdict = 'observed')
  order by d.order_id, d.stage, d.at desc, d.id desc),
both_sides as (
  select o.*, r.verdict as tiers, convert_from(p.choices, 'UTF8')::jsonb -> 'parts' as plan,
    convert_from(x.choices, 'UTF8')::jsonb as shown,
    (select array_agg(distinct h.kind order by h.kind) from hold h where h.order_id = o.id
       and h.kind not in ('observing', 'already_shipped', 'platform_hold')) as holds
  from o left join said p on p.order_id = o.id and p.stage = 'route'
  left join said x on x.order_id = o.id and x.stage = 'observe'
  left join said r on r.order_id = o.id and r.stage = 'review'),
counted as (
  select b.*, jsonb_array_length(plan) as our_parcels, nullif(jsonb_array_length(shown -> 'parcels'), 0) as their_parcels,
    (shown ->> 'by')::timestamptz as left_by, (shown ->> 'is_stamped')::boolean as is_stamped,
    (select string_agg(g, ' ' order by g) from (
       select (select string_agg(distinct u ->> 0, '+' order by u ->> 0) from jsonb_array_elements(p -> 'units') u) as g
       from jsonb_array_elements(plan) p) a) as our_groups,
    (select string_agg(g, ' ' order by g) from (
       select (select string_agg(distinct l, '+' order by l) from jsonb_array_elements_text(p -> 'lines') l) as g
       from jsonb_array_elements(shown -> 'parcels') p) a) as their_groups,
    (select string_agg(distinct c.code, ' ' order by c.code) from jsonb_array_elements(plan) p
       join carrier c on c.id = (p ->> 'carrier')::bigint) as our_carriers,
    (select string_agg(distinct coalesce(c.code, p ->> 'carrier'), ' ' order by coalesce(c.code, p ->> 'carrier'))
       from jsonb_array_elements(shown -> 'parcels') p
       left join carrier c on lower(p ->> 'carrier') in (lower(c.code), lower(c.name))
       where p ->> 'carrier' <> '') as their_carriers,
    (select string_agg(distinct s.code, ' ' order by s.code) from jsonb_array_elements(plan) p
       join stock_point s on s.id = (p ->> 'point')::bigint) as our_points,
    (select sum((p ->> 'cost')::bigint)::bigint from jsonb_array_elements(plan) p) as our_cost
  from both_sides b),
judged as (
  select c.*, our_parcels = their_parcels as same_parcels, our_groups = their_groups as same_groups,
    our_carriers = their_carriers as same_carriers,
    case when left_by <= ship_by then true when is_stamped and left_by > ship_by then false end as is_on_time,
    case when platform_state not in ('shipped', 'completed') then 'waiting' when plan is null then 'unplanned'
         when their_parcels is null then 'untold'
         when our_parcels = their_parcels and our_groups = their_groups
           and coalesce(our_carriers = their_carriers, true) then 'same'
         else 'differs' end as result
  from counted c)
"""
TOTALS: Final = """
select count(*) as orders, count(*) filter (where result = 'waiting') as waiting,
  count(*) filter (where result = 'unplanned') as unplanned, count(*) filter (where result = 'untold') as untold,
  count(*) filter (where result = 'same') as same, count(*) filter (where result = 'differs') as differs,
  count(same_parcels) filter (where c) as parcels, count(*) filter (where c and same_parcels) as parcels_same,
  count(same_groups) filter (where c) as groups, count(*) filter (where c and same_groups) as groups_same,
  count(same_carriers) filter (where c) as carriers, count(*) filter (where c and same_carriers) as carriers_same,
  count(is_on_time) filter (where left_by is not null) as timed, count(*) filter (where is_on_time) as on_time
from (select *, result in ('same', 'differs') as c from judged) j"""
ROWS: Final = """
select * from judged where (:result = '' or result = :result) order by ordered_at desc, id desc limit :most"""


@dataclass(frozen=True, slots=True)
class Window:
    """Orders of a shop placed in a time; `result` is empty or one of RESULTS."""

    shop_id: int
    since: datetime
    until: datetime
    now: datetime
    result: str = ""

    def values(self) -> dict[str, Any]:
        """The parameters of the statements."""
        return {"shop": self.shop_id, "since": self.since, "until": self.until, "flag": BEFORE_GO_LIVE,
                "months": months_between(self.since, self.now)}  # fmt: skip


def totals(connection: Connection, window: Window) -> AnyRow:
    """How many orders there are by result, and how many agree of those that can be compared."""
    return connection.execute(text(SIDES + TOTALS), window.values()).one()


def compared(connection: Connection, window: Window, limit: int = MOST) -> list[AnyRow]:
    """Both sides of each order, newest first."""
    values = window.values() | {"result": window.result, "most": limit}
    return list(connection.execute(text(SIDES + ROWS), values))


def line_words(connection: Connection, rows: list[AnyRow]) -> dict[str, str]:
    """What people call the lines of these orders: our SKU's code, else what the platform calls it."""
    statement = """select l.id, coalesce(k.code, b.code, nullif(l.seller_code, ''), l.external_no) from order_line l
      left join sku k on k.id = l.sku_id left join bundle b on b.id = l.bundle_id where l.order_id = any(:ids)"""
    found = connection.execute(text(statement), {"ids": [row.id for row in rows]})
    return {str(id_): words for id_, words in found}


def goods_of(groups: str | None, words: dict[str, str]) -> list[str]:
    """The goods of each parcel of a side, in the parcels' order."""
    return ["+".join(words.get(id_, id_) for id_ in group.split("+")) for group in (groups or "").split()]


HEADING: Final = ("order", "ordered_at", "result", "our_parcels", "their_parcels", "our_goods", "their_goods",
                  "our_carriers", "their_carriers", "our_points", "our_cost", "ship_by", "left_by", "is_on_time",
                  "review", "holds")  # fmt: skip


def as_table(rows: list[AnyRow], words: dict[str, str]) -> Iterator[list[str]]:
    """The rows of a file, heading first; costs in minor units, times in ISO 8601."""
    yield list(HEADING)
    for row in rows:
        ours, theirs = (" | ".join(goods_of(groups, words)) for groups in (row.our_groups, row.their_groups))
        yield [_plain(value) for value in (
            row.external_no, row.ordered_at, row.result, row.our_parcels, row.their_parcels, ours, theirs,
            row.our_carriers, row.their_carriers, row.our_points, row.our_cost, row.ship_by, row.left_by,
            row.is_on_time, row.tiers, " ".join(row.holds or ()),
        )]  # fmt: skip


def _plain(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
