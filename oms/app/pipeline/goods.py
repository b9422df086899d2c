"""From platform lines to physical SKUs: listings, bundles, and what the SKUs weigh and cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import psycopg_connection

ListingKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class SkuCard:
    """What preprocessing and sourcing need to know of a SKU."""

    id: int
    weight_g: int
    size_class: str
    cost: int | None


@dataclass(slots=True)
class Goods:
    """The SKUs and bundles of one batch."""

    skus: dict[int, SkuCard] = field(default_factory=dict)
    bundles: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)  # bundle → (SKU, units, weight)
    floors: dict[tuple[int, int], int] = field(default_factory=dict)


def match_lines(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Give every goods line its SKU or bundle: by listing, else by the seller's code, which is then remembered.

    Lines that changed stay without until nothing of the old goods is planned any more.
    """
    pairs = [
        (order, line)
        for order in orders
        for line in order.lines
        if line.is_goods and line.sku_id is None and line.bundle_id is None and not order.hold("goods_changed")
    ]
    if not pairs:
        return
    wanted = {(order.shop_id, line.listing_no, line.variant_no): line for order, line in pairs}
    known = _listings(batch, wanted)
    missing = {key: line for key, line in wanted.items() if known.get(key, (None, None)) == (None, None)}
    if missing:
        known.update(_match_by_code(batch, missing, known))
    for order, line in pairs:
        sku_id, bundle_id = known[order.shop_id, line.listing_no, line.variant_no]
        if sku_id or bundle_id:
            line.sku_id, line.bundle_id = sku_id, bundle_id
            batch.touched_lines[line.id] = line


def _listings(batch: Batch, keys: Iterable[ListingKey]) -> dict[ListingKey, tuple[int | None, int | None]]:
    rows = fetch(
        batch.connection,
        """select l.shop_id, l.listing_no, l.variant_no, l.sku_id, l.bundle_id from listing l
           join unnest(%s::bigint[], %s::text[], %s::text[]) as v(shop, listing, variant)
             on l.shop_id = v.shop and l.listing_no = v.listing and l.variant_no = v.variant""",
        [list(column) for column in zip(*keys, strict=True)],
    )
    return {(shop, listing, variant): (sku, bundle) for shop, listing, variant, sku, bundle in rows}


def _match_by_code(
    batch: Batch, missing: dict[ListingKey, LineWork], known: dict[ListingKey, tuple[int | None, int | None]]
) -> dict[ListingKey, tuple[int | None, int | None]]:
    """Match by the seller's code and keep the listing either way, so that people can match the rest."""
    codes = sorted({line.seller_code for line in missing.values() if line.seller_code})
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s) and not is_archived", (codes,)))
    bundles = dict(fetch(batch.connection, "select code, id from bundle where code = any(%s)", (codes,)))
    found: dict[ListingKey, tuple[int | None, int | None]] = {}
    rows = []
    for key, line in sorted(missing.items()):
        sku_id = skus.get(line.seller_code)
        bundle_id = None if sku_id else bundles.get(line.seller_code)
        found[key] = (sku_id, bundle_id)
        if key not in known or sku_id or bundle_id:
            rows.append((*key, line.seller_code, line.title[:200], line.variant[:200], sku_id, bundle_id))
    _keep_listings(batch, rows)
    return found


def _keep_listings(batch: Batch, rows: Sequence[tuple[object, ...]]) -> None:
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
                 sku_id = coalesce(listing.sku_id, excluded.sku_id),
                 bundle_id = coalesce(listing.bundle_id, excluded.bundle_id),
                 matched_by = excluded.matched_by, matched_at = excluded.matched_at
               where listing.sku_id is null and listing.bundle_id is null""",
            [list(column) for column in zip(*rows, strict=True)],
        )


def load_goods(batch: Batch, orders: Iterable[OrderWork]) -> Goods:
    """The SKU cards, bundles and floor prices that these orders need."""
    goods = Goods()
    orders = list(orders)
    sku_ids = {line.sku_id for order in orders for line in order.lines if line.sku_id}
    sku_ids |= {demand.sku_id for order in orders for demand in order.demands}
    bundle_ids = sorted({line.bundle_id for order in orders for line in order.lines if line.bundle_id})
    if bundle_ids:
        for bundle_id, sku_id, units, weight in fetch(
            batch.connection,
            "select bundle_id, sku_id, units, weight from bundle_part where bundle_id = any(%s) order by sku_id",
            (bundle_ids,),
        ):
            goods.bundles.setdefault(bundle_id, []).append((sku_id, units, weight))
            sku_ids.add(sku_id)
    for row in fetch(
        batch.connection,
        """select k.id, k.weight_g, k.size_class, (select amount from cost_price p where p.sku_id = k.id
             and p.valid_from <= %s order by p.valid_from desc limit 1)
           from sku k where k.id = any(%s)""",
        (batch.now, sorted(sku_ids)),
    ):
        goods.skus[row[0]] = SkuCard(*row)
    for shop_id, sku_id, amount in fetch(
        batch.connection, "select shop_id, sku_id, amount from floor_price where sku_id = any(%s)", (sorted(sku_ids),)
    ):
        goods.floors[shop_id, sku_id] = amount
    return goods
