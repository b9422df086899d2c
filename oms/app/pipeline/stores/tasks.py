"""A store's own goods 门店任务: accept or refuse an order, pick it, make it ready; refused it is sourced again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from connectors.contract.notices import ParcelItem, ParcelReport, ShipmentReport, WarehouseState
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.giving_back import give_back, give_up
from oms.app.pipeline.outbound.consequences import close_batch, find_work, open_batch, order_ids_of
from oms.app.pipeline.packing.desk import require_no_stop
from oms.app.pipeline.ship import apply_shipment
from oms.app.pipeline.stores.acting import Doing, locked_parcel, note_act
from oms.app.pipeline.stores.deliveries import CLERK, NO_STORE, OWN_GOODS
from oms.app.pipeline.stores.handing import make_ready
from oms.app.pipeline.stores.readiness import stop_clock
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

REASONS: Final = ("out_of_stock", "too_busy", "closing", "too_far", "other")
PICKED: Final = "picked"


def accept(hub: Hub, doing: Doing, fulfilment_id: int) -> None:
    """The store will do it."""

    def apply(batch: Batch, work: FulfilmentWork) -> None:
        _require_wanted(batch, work)
        move_fulfilment(batch, work, "warehouse_accepted", by=doing.actor)

    _on_task(hub, doing, fulfilment_id, "accept_task", apply)


def refuse(hub: Hub, doing: Doing, fulfilment_id: int, reason: str) -> None:
    """The store cannot: the order looks for another one; what it had reserved is free."""
    if reason not in REASONS:
        raise Invalid("reason", "a reason is needed", "say why the store cannot do it")

    def apply(batch: Batch, work: FulfilmentWork) -> None:
        give_up(batch, work, reason)
        for order_id in work.order_ids:
            _look_elsewhere(batch, order_id, doing.point_id, reason)

    _on_task(hub, doing, fulfilment_id, "refuse_task", apply, reason=reason)


def _look_elsewhere(batch: Batch, order_id: int, point_id: int, reason: str) -> None:
    order = batch.orders[order_id]
    finds = batch.masters.stores.get(order.shop_id)
    waits = None if finds is None or finds.finds_by == "hand" else batch.now
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update order_delivery set stock_point_id = null, chosen_by = '', next_at = %s, attempts = 0, words = %s,
                 refused_points = array_append(array_remove(refused_points, %s), %s) where order_id = %s""",
            (waits, reason, point_id, point_id, order_id),
        )
    stop_clock(batch, order_id, is_gone=True)
    batch.place_hold(order, NO_STORE, {"reason": reason})
    batch.pokes.add("stores")


def pick(hub: Hub, doing: Doing, fulfilment_id: int) -> None:
    """The goods are off the shelf."""

    def apply(batch: Batch, work: FulfilmentWork) -> None:
        _require_wanted(batch, work)
        if work.status != "accepted":
            raise NotPossible("nobody has accepted it yet", "accept it first")
        work.warehouse_step = PICKED
        batch.touched_fulfilments[work.id] = work
        for order_id in work.order_ids:
            batch.note(batch.orders[order_id], "task_picked", fulfilment_id=work.id)

    _on_task(hub, doing, fulfilment_id, "pick_task", apply)


def finish(hub: Hub, doing: Doing, fulfilment_id: int, shelf: str = "") -> None:
    """The goods are packed and ready for their buyer: they leave the store's stock, and the buyer is told."""

    def apply(batch: Batch, work: FulfilmentWork) -> None:
        _require_wanted(batch, work)
        if work.status != "accepted":
            raise NotPossible("nobody has accepted it yet", "accept it first")
        waybill = document_no("fulfilment", work.id, work.version)
        units: dict[int, int] = {}
        for line in work.lines:
            units[line.sku_id] = units.get(line.sku_id, 0) + line.open_units
        codes = dict(fetch(batch.connection, "select id, code from sku where id = any(%s)", (array_of(units),)))
        items = tuple(ParcelItem(codes[sku_id], count) for sku_id, count in sorted(units.items()) if count)
        report = ShipmentReport(waybill, doing.key, WarehouseState.SHIPPED, True, batch.now,
                                (ParcelReport(CLERK, waybill, items),), ())  # fmt: skip
        apply_shipment(batch, work, report)
        rows = fetch(
            batch.connection, "select id from parcel where fulfilment_id = %s and waybill_no = %s", (work.id, waybill)
        )
        make_ready(batch, locked_parcel(batch, rows[0][0], doing.point_id), shelf)
        stop_clock(batch, work.lead_order_id)

    _on_task(hub, doing, fulfilment_id, "finish_task", apply)


def give_stopped_back(hub: Hub, doing: Doing, fulfilment_id: int) -> None:
    """An order was called off: its goods are back on the shelf."""

    def apply(batch: Batch, work: FulfilmentWork) -> None:
        if work.stop != "asked":
            raise NotPossible("nobody has called it off", "refuse it when the store cannot do it")
        give_back(batch, work, "the store gave it back")
        stop_clock(batch, work.lead_order_id, is_gone=True)

    _on_task(hub, doing, fulfilment_id, "give_back_task", apply)


def _require_wanted(batch: Batch, work: FulfilmentWork) -> None:
    """Nobody has called it off, and no emergency stop keeps it."""
    if work.stop == "asked":
        raise NotPossible("this order was called off", "put the goods back on the shelf")
    require_no_stop(batch, work)


def _on_task(
    hub: Hub, doing: Doing, fulfilment_id: int, verb: str, apply: Callable[[Batch, FulfilmentWork], None], **detail: str
) -> None:
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "fulfilment", fulfilment_id, verb, **detail):
            return
        batch = open_batch(hub, connection, order_ids_of(connection, fulfilment_id))
        batch.actor = doing.actor
        work = find_work(batch, fulfilment_id)
        if work is None or work.stock_point_id != doing.point_id or work.mode not in OWN_GOODS:
            raise NotFound("there is no such task here", "look whether you work at the right store")
        apply(batch, work)
        close_batch(batch)
    batch.tell()
    hub.poke("advance")
