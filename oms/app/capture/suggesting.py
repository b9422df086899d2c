"""What an unmatched listing probably is: by the seller's code, the barcode, the code written otherwise, the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection

from oms.db.bulk import psycopg_connection

#: Of a SKU's name, this share of its pairs of letters, and so many of them, must be in the title.
ALIKE: Final = 0.4
PAIRS_AT_LEAST: Final = 3
SURE: Final = ("code", "barcode")

OPEN: Final = """
open as (select id, seller_code, barcode, title || ' ' || variant as words from listing
  where shop_id = %(shop)s and sku_id is null and bundle_id is null and (listing_no <> '' or variant_no <> '')
    and (%(ids)s::bigint[] is null or id = any(%(ids)s::bigint[])))"""

#: Only letters and digits count when a code is compared as written otherwise: ly-ket 15 is LY-KET-15.
PLAIN: Final = "upper(regexp_replace({}, '[^[:alnum:]]', '', 'g'))"
BY_CODE: Final = f"""
with {OPEN}, goods as (
  select id as sku_id, null::bigint as bundle_id, code, barcode, name from sku where not is_archived
  union all select null, id, code, '', name from bundle),
plain as (select *, {PLAIN.format("code")} as bare from goods)
select o.id, 'code' as how, g.sku_id, g.bundle_id, g.code, g.name from open o
join goods g on g.code = o.seller_code where o.seller_code <> ''
union all
select o.id, 'barcode', g.sku_id, g.bundle_id, g.code, g.name from open o
join goods g on g.barcode = o.barcode where o.barcode <> ''
union all
select o.id, 'written', g.sku_id, g.bundle_id, g.code, g.name from open o
join plain g on g.bare = {PLAIN.format("o.seller_code")} where g.bare <> ''
order by 1"""

#: Pairs of neighbouring letters need no words: Chinese titles have none.
BY_TITLE: Final = f"""
with {OPEN},
names as (select id, code, name, lower(replace(name, ' ', '')) as bare from sku where not is_archived),
pairs as (select distinct n.id, substr(n.bare, at, 2) as pair from names n, generate_series(1, length(n.bare) - 1) at),
sizes as (select id, count(*) as size from pairs group by id),
wanted as (select o.id, substr(o.bare, at, 2) as pair
  from (select id, lower(replace(words, ' ', '')) as bare from open) o, generate_series(1, length(o.bare) - 1) at),
scored as (select w.id as listing_id, p.id as sku_id, count(distinct p.pair)::float / s.size as share, s.size
  from wanted w join pairs p on p.pair = w.pair join sizes s on s.id = p.id group by 1, 2, s.size
  having count(distinct p.pair) >= %(least)s),
ranked as (select *, rank() over (partition by listing_id order by share desc, size desc) as place from scored
  where share >= %(alike)s)
select r.listing_id, 'title', r.sku_id, null::bigint, n.code, n.name
from ranked r join names n on n.id = r.sku_id where r.place = 1 order by 1"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a listing may be; `how` is code, barcode, written or title."""

    listing_id: int
    how: str
    sku_id: int | None
    bundle_id: int | None
    code: str
    name: str
    is_sure: bool


def suggest(connection: Connection, shop_id: int, listing_ids: Sequence[int] | None = None) -> list[Suggestion]:
    """The best guess for each unmatched listing of a shop; with ids for these alone and by their titles, too.

    Titles are compared with every SKU's name, so only listings that are named (a page of them) are.
    """
    found = _by_code(connection, shop_id, listing_ids)
    if listing_ids is not None:
        known = {one.listing_id for one in found}
        left = [id_ for id_ in listing_ids if id_ not in known]
        values = {"shop": shop_id, "ids": left, "alike": ALIKE, "least": PAIRS_AT_LEAST}
        found += _chosen(_rows(connection, BY_TITLE, values)) if left else []
    return found


def sure_ones(connection: Connection, shop_id: int) -> list[Suggestion]:
    """The suggestions of a shop that leave no doubt."""
    return [one for one in _by_code(connection, shop_id, None) if one.is_sure]


def _by_code(connection: Connection, shop_id: int, listing_ids: Sequence[int] | None) -> list[Suggestion]:
    ids = None if listing_ids is None else list(listing_ids)
    return _chosen(_rows(connection, BY_CODE, {"shop": shop_id, "ids": ids}))


def _rows(connection: Connection, statement: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(statement.encode(), values)
        return cursor.fetchall()


def _chosen(rows: Sequence[tuple[Any, ...]]) -> list[Suggestion]:
    """One suggestion a listing."""
    by_listing = groupby(rows, key=lambda row: row[0])
    return [one for _, group in by_listing if (one := _best(list(group))) is not None]


def _best(rows: Sequence[tuple[Any, ...]]) -> Suggestion | None:
    """The strongest evidence that names one thing only; sure when no other sure evidence names another thing."""
    named = {how: {row[2:4] for row in rows if row[1] == how} for how in ("code", "barcode", "written", "title")}
    for how, targets in named.items():
        # The SKU comes before a bundle of the same code, as when an order is matched.
        chosen = min(targets, key=lambda target: target[0] is None) if how == "code" and targets else None
        if chosen is None and len(targets) == 1:
            chosen = next(iter(targets))
        if chosen is not None:
            row = next(row for row in rows if row[1] == how and row[2:4] == chosen)
            is_sure = how in SURE and (how != "code" or named["barcode"] <= {chosen})
            return Suggestion(row[0], how, chosen[0], chosen[1], row[4], row[5], is_sure)
    return None
