"""From a platform's line to a SKU or bundle: what people matched, else the seller's code, which is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import array_of, psycopg_connection

ListingKey = tuple[int, str, str]
WantedKey = tuple[int, str, str, str]  # shop, listing, variant, the seller's code on the line
Target = tuple[int | None, int | None]  # SKU, bundle
NOTHING: Target = (None, None)


@dataclass(frozen=True, slots=True)
class Known:
    """A listing as it is matched now."""

    target: Target
    code: str
    matched_by: str

    def holds_for(self, code: str) -> bool:
        """A match made by code is void for a line with another code: the seller put other goods there."""
        return self.target != NOTHING and (self.matched_by != "code" or not code or code == self.code)


def match_lines(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Give every goods line its SKU or bundle.

    Lines that changed stay without until nothing of the old goods is planned any more.
    """
    keyed = [
        (_key(order, line), line)
        for order in orders
        for line in order.lines
        if line.sku_id is None and line.bundle_id is None and line.is_goods and not order.hold("goods_changed")
    ]
    if not keyed:
        return
    wanted = dict(keyed)
    known = _listings(batch, sorted({key[:3] for key in wanted}))
    targets: dict[WantedKey, Target] = {}
    for key in wanted:
        held = known.get(key[:3])
        if held is not None and held.holds_for(key[3]):
            targets[key] = held.target
    missing = {key: line for key, line in wanted.items() if key not in targets}
    if missing:
        targets |= _match_by_code(batch, missing, known)
    for key, line in keyed:
        target = targets[key]
        if target != NOTHING:
            line.sku_id, line.bundle_id = target
            batch.touched_lines[line.id] = line


def _key(order: OrderWork, line: LineWork) -> WantedKey:
    return order.shop_id, line.listing_no, line.variant_no, line.seller_code


def _listings(batch: Batch, keys: Sequence[ListingKey]) -> dict[ListingKey, Known]:
    rows = fetch(
        batch.connection,
        """select l.shop_id, l.listing_no, l.variant_no, l.sku_id, l.bundle_id, l.seller_code, l.matched_by
           from listing l join unnest(%s::bigint[], %s::text[], %s::text[]) as v(shop, listing, variant)
             on l.shop_id = v.shop and l.listing_no = v.listing and l.variant_no = v.variant""",
        [array_of(column) for column in zip(*keys, strict=True)],
    )
    return {(row[0], row[1], row[2]): Known((row[3], row[4]), row[5], row[6]) for row in rows}


def _match_by_code(
    batch: Batch, missing: dict[WantedKey, LineWork], known: dict[ListingKey, Known]
) -> dict[WantedKey, Target]:
    """Match by the seller's code and keep the listing either way, so that people can match the rest."""
    codes = sorted({key[3] for key in missing if key[3]})
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s) and not is_archived", (codes,)))
    bundles = dict(fetch(batch.connection, "select code, id from bundle where code = any(%s)", (codes,)))
    found: dict[WantedKey, Target] = {}
    rows: dict[ListingKey, tuple[object, ...]] = {}
    for key, line in sorted(missing.items(), key=lambda item: item[0]):
        sku_id = skus.get(key[3])
        target = (sku_id, None if sku_id else bundles.get(key[3]))
        found[key] = target
        if key[:3] not in known or target != NOTHING:
            rows[key[:3]] = (*key, line.title[:200], line.variant[:200], *target)
    _keep_listings(batch, list(rows.values()))
    return found


def _keep_listings(batch: Batch, rows: Sequence[tuple[object, ...]]) -> None:
    """What a person matched stays; a match by code follows the newest code."""
    if not rows:
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into listing (shop_id, listing_no, variant_no, seller_code, title, variant, sku_id, bundle_id,
                 matched_by, matched_at)
               select v.*, case when num_nonnulls(v.sku, v.bundle) > 0 then 'code' else '' end,
                 case when num_nonnulls(v.sku, v.bundle) > 0 then now() end
               from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                 %s::bigint[]) as v(shop, listing, variant, code, title, words, sku, bundle)
               on conflict (shop_id, listing_no, variant_no) do update set seller_code = excluded.seller_code,
                 sku_id = excluded.sku_id, bundle_id = excluded.bundle_id,
                 matched_by = excluded.matched_by, matched_at = excluded.matched_at
               where num_nonnulls(listing.sku_id, listing.bundle_id) = 0
                  or (listing.matched_by = 'code' and num_nonnulls(excluded.sku_id, excluded.bundle_id) > 0)""",
            [list(column) for column in zip(*rows, strict=True)],
        )
