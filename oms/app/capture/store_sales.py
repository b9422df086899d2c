"""Books what a store sold over its counter: an order that is complete, and stock that has left already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from connectors.contract.records import OrderRecord, OrderState, RawDocument
from oms.app.capture.new_orders import add_orders
from oms.app.capture.own_points import on_hand, own_point
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.flush import ORDER_GIVEN, flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.goods import Goods, load_goods
from oms.app.pipeline.matching import match_lines
from oms.db.sealed import content_hash
from oms.domain.errors import Invalid, NotPossible

ORIGIN = "pos"


@dataclass(frozen=True, slots=True)
class Sale:
    """A booked sale; `missing` are units by SKU code that the ledger did not have, so that a count is due."""

    order_id: int
    is_new: bool
    missing: dict[str, int]


def book_sale(hub: Hub, shop: ShopCard, record: OrderRecord, body: bytes, point: str, actor: str) -> Sale:
    """Keep the sale as an order of origin pos and take its goods off the store's stock, once.

    The goods have left, so nothing is planned or dispatched, and a sale is booked also when the ledger has too few.
    The same sale once more changes nothing; the same number with other content is NotPossible.
    """
    if record.state is not OrderState.COMPLETED:
        raise Invalid("state", "a store sale is completed", "send state completed, or push it as an order")
    document = RawDocument("order", record.external_no, body, hub.clock(), record.changed_at)
    with hub.begin() as connection:
        point_id = own_point(connection, shop, point)
        held = _held(connection, shop, record.external_no, content_hash(body))
        if held is not None:
            return Sale(held, False, {})
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        order = _add_order(batch, shop, Parsed(document, record, content_hash(body)))
        wanted = _units_by_sku(batch, order)
        missing = _take_off(batch, point_id, wanted)
        batch.note(
            order, "sold_in_store", {"stock_point": point, "missing": missing} if missing else {"stock_point": point}
        )
        flush(batch)
        if missing:
            words = f"{point} sold more than the ledger had: {', '.join(sorted(missing))}. Count these goods."
            raise_alert(connection, "count_differs", point, words)
    return Sale(order.id, True, missing)


def _held(connection: Connection, shop: ShopCard, external_no: str, hash_: bytes) -> int | None:
    """The order this sale was booked as; its number is locked until commit, so that two callers book it once."""
    fetch(connection, "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text", (f"sale:{shop.id}:{external_no}",))
    question = "select id, content_hash from orders where shop_id = %s and origin = %s and external_no = %s"
    rows = fetch(connection, question, (shop.id, ORIGIN, external_no))
    if not rows:
        return None
    if bytes(rows[0][1]) != hash_:
        raise NotPossible("this sale was booked with other content", "push what came back as a case, or use a new number")
    return int(rows[0][0])


def _add_order(batch: Batch, shop: ShopCard, item: Parsed) -> OrderWork:
    (order,) = add_orders(batch, shop, [item])
    order.origin, order.closed_at = ORIGIN, batch.now
    given = dict(zip(ORDER_GIVEN, batch.new_orders[-1][1], strict=True)) | {"origin": ORIGIN}
    batch.new_orders[-1] = (order, tuple(given.values()))
    return order


def _units_by_sku(batch: Batch, order: OrderWork) -> Counter[int]:
    """Match the lines to goods and say what left; Invalid names a line whose goods are unknown."""
    match_lines(batch, [order])
    goods = load_goods(batch, [order])
    units: Counter[int] = Counter()
    for index, line in enumerate(order.lines):
        if line.is_goods and not line.is_void:
            units.update(_parts(line, goods, index))
            line.shipped = line.ordered
    return units


def _parts(line: LineWork, goods: Goods, index: int) -> dict[int, int]:
    if line.sku_id is not None:
        return {line.sku_id: line.ordered}
    parts = goods.bundles.get(line.bundle_id or 0, [])
    if not parts:
        remedy = "send the code of a SKU or bundle, or match the goods under Settings · Listings first"
        raise Invalid(f"lines[{index}].seller_code", "no goods go by this code", remedy)
    return {sku_id: line.ordered * count for sku_id, count, _ in parts}


def _take_off(batch: Batch, point_id: int, wanted: Counter[int]) -> dict[str, int]:
    """Move what the ledger has; answers what it lacks, by SKU code."""
    lock_skus(batch, wanted)
    there = on_hand(batch.connection, point_id, wanted)
    lacking: dict[int, int] = {}
    for sku_id, units in sorted(wanted.items()):
        booked = min(units, there.get(sku_id, 0))
        if booked:
            batch.move_stock((point_id, sku_id, "good"), on_hand=-booked, reason="sale")
        if booked < units:
            lacking[sku_id] = units - booked
    codes = dict(fetch(batch.connection, "select id, code from sku where id = any(%s)", (sorted(lacking),)))
    return {codes[sku_id]: units for sku_id, units in lacking.items()}
