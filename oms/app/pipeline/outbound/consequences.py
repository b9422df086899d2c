"""What follows from how an outbound call ended: the documents move in the transaction that settles the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from connectors.contract.notices import FulfilmentFound, LineReport, Receipt, ShipmentReport, WarehouseState
from oms.app.intercept.asking import last_reason
from oms.app.intercept.emergency import wait_for_end
from oms.app.intercept.enforce import send_cancel
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.outbound import OutboundWork, Result, settle_outbound
from oms.app.kernel.rereading import ask_again
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.giving_back import end_interceptions, give_back, give_up
from oms.app.pipeline.outbound.calls import STORES_OWN
from oms.app.pipeline.outbound.decisions import after_decision
from oms.app.pipeline.outbound.never_there import NEVER_THERE, end_late, found_late, given_up
from oms.app.pipeline.outbound.platform_waybills import CONFLICT, HOLD, tell_conflict
from oms.app.pipeline.ship import apply_shipment
from oms.app.pipeline.ship_lines import at_least
from oms.app.pipeline.tracking.looks import enlist
from oms.db.bulk import psycopg_connection
from oms.domain.numbers import document_no

#: States under which a look-up finds that the warehouse will not ship.
GIVEN_UP: Final = (WarehouseState.CANCELLED, WarehouseState.REFUSED)
#: The hold of an order whose platform wants a courier for what a store hands out or brings.
WANTS_COURIER: Final = "wants_courier"
#: Statuses of a fulfilment of which more may leave its warehouse.
LIVE_AT_WAREHOUSE: Final = ("sending", "sent", "accepted", "part_shipped", "stopping")


def open_batch(hub: Hub, connection: object, order_ids: list[int]) -> Batch:
    """Lock orders with those sharing a fulfilment, and load everything, ended fulfilments too."""
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())  # type: ignore[arg-type]
    fill(batch, lock_with_siblings(batch.connection, order_ids), all_fulfilments=True)
    return batch


def close_batch(batch: Batch) -> None:
    """Recount and write."""
    for order in batch.orders.values():
        if order.id in batch.touched:
            recount(batch, order)
    flush(batch)


def find_work(batch: Batch, fulfilment_id: int | None) -> FulfilmentWork | None:
    """The fulfilment among the batch's orders."""
    for order in batch.orders.values():
        for work in order.fulfilments:
            if work.id == fulfilment_id:
                return work
    return None


def order_ids_of(connection: object, fulfilment_id: int | None) -> list[int]:
    """The source orders of a fulfilment, read without locking."""
    rows = fetch(
        connection,  # type: ignore[arg-type]
        "select distinct order_id from fulfilment_line where fulfilment_id = %s order by 1",
        (fulfilment_id,),
    )
    return [row[0] for row in rows]


def with_fulfilment(
    hub: Hub, work: OutboundWork, result: Result, apply: Callable[[Batch, FulfilmentWork, Result], None]
) -> set[str]:
    """Apply how a call ended to its fulfilment, under its orders' locks, in the transaction that settles the row."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, work.fulfilment_id))
        found = find_work(batch, work.fulfilment_id)
        if found is not None:
            apply(batch, found, result)
        close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return batch.pokes | {"advance"}


def after_create(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """Handed over: sent. Refused: taken back and sourced again. Stopped meanwhile: asked back, or never there."""
    if result.outcome == "kept":
        with hub.begin() as connection:
            settle_outbound(connection, work, result, hub.clock())
            wait_for_end(connection, work.id, int(result.words), hub.clock())
        return {"outbound"}
    if result.code == NEVER_THERE:
        return with_fulfilment(hub, work, result, given_up)
    if result.outcome in ("retry", "unknown", "void"):
        return _settle_only(hub, work, result)
    return with_fulfilment(hub, work, result, _created if result.outcome == "done" else _create_refused)


def _created(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    answer = result.answer
    if isinstance(answer, Receipt):
        work.warehouse_ref = answer.reference or work.warehouse_ref
    elif isinstance(answer, FulfilmentFound):
        work.warehouse_ref = answer.warehouse_ref or work.warehouse_ref
    batch.touched_fulfilments[work.id] = work
    if work.status == "sending":
        move_fulfilment(batch, work, "warehouse_received", reference=work.warehouse_ref)
    if isinstance(answer, FulfilmentFound):
        if answer.shipment is not None:
            apply_shipment(batch, work, answer.shipment)
        elif answer.state in GIVEN_UP:
            give_up(batch, work, answer.words or answer.state.value)
    pass_stop_on(batch, work)


def pass_stop_on(batch: Batch, work: FulfilmentWork) -> None:
    """Ask for the stop that had to wait while nobody knew whether the warehouse has the fulfilment."""
    if work.stop == "asked" and work.status in ("sent", "accepted"):
        move_fulfilment(batch, work, "ask_stop")
        send_cancel(batch, work, last_reason(batch, work))


def _create_refused(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    if work.status == "sending":
        give_up(batch, work, result.words)


def after_cancel(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """Given back: cancelled and free. Refused: it leaves, people are told."""
    if result.outcome in ("retry", "unknown"):
        return _settle_only(hub, work, result)
    return with_fulfilment(hub, work, result, _cancelled if result.outcome == "done" else cancel_refused)


def _cancelled(batch: Batch, work: FulfilmentWork, _result: Result) -> None:
    if work.stop == "asked" and work.status in ("stopping", "part_shipped"):
        give_back(batch, work, "the warehouse gave it back")
    else:
        end_late(batch, work, "succeeded", "the warehouse gave it back")


def cancel_refused(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    """A fulfilment that was asked back leaves all the same."""
    if work.stop != "asked" or work.status not in ("stopping", "part_shipped"):
        end_late(batch, work, "failed", result.words)
        return
    if work.status == "stopping":
        has_left = any(line.shipped for line in work.lines)
        back = "resume_part_shipped" if has_left else "resume_accepted" if work.accepted_at else "resume_sent"
        move_fulfilment(batch, work, back, words=result.words[:200])
    move_stop(batch, work, "too_late")
    end_interceptions(batch, work, "failed", result.words)


def after_find(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """What the last report left open is settled by everything the warehouse knows, else by that report's word."""
    if result.outcome != "done":
        return _settle_only(hub, work, result)
    left = (work.detail or {}).get("left", ())
    told = tuple(LineReport("", code, units, units) for code, units in left)
    return with_fulfilment(hub, work, result, partial(_found, told=told))


def _found(batch: Batch, work: FulfilmentWork, result: Result, *, told: tuple[LineReport, ...]) -> None:
    if work.status == "cancelled":
        found_late(batch, work, result.answer)
    if work.status not in LIVE_AT_WAREHOUSE:
        return
    shipment = result.answer.shipment if isinstance(result.answer, FulfilmentFound) else None
    if shipment is None:
        number = document_no("fulfilment", work.id, work.version)
        shipment = ShipmentReport(number, "", WarehouseState.SHIPPED, True, batch.now, (), ())
    apply_shipment(batch, work, replace(shipment, lines=at_least(shipment.lines, told)))


def after_ship_notice(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """Written back: the lines say when. Where the platform holds another waybill, people are told of both."""
    is_stores_own = result.outcome == "refused" and result.code != CONFLICT and _is_stores_own(hub, work)
    if result.outcome != "done" and result.code != CONFLICT and not is_stores_own:
        return _settle_only(hub, work, result)
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [work.order_id or 0])
        if is_stores_own:
            for one in batch.orders.values():
                batch.place_hold(one, WANTS_COURIER, {"words": result.words[:200]})
            close_batch(batch)
            settle_outbound(connection, work, result, hub.clock())
            return set()
        if result.code == CONFLICT:
            tell_conflict(batch, work, result)
            close_batch(batch)
            settle_outbound(connection, work, result, hub.clock())
            return set()
        detail = work.detail or {}
        lines = list(set(detail.get("lines", [])) - set(detail.get("more", [])))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("update order_line set written_back_at = %s where id = any(%s)", (hub.clock(), lines))
        order = batch.orders.get(work.order_id or 0)
        if order is not None:
            batch.note(order, "written_back", {"lines": len(lines)}, fulfilment_id=work.fulfilment_id)
            batch.clear_hold(order, HOLD, "the platform has our waybill")
            batch.clear_hold(order, WANTS_COURIER, "the platform has it as shipped")
        close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return set()


def _is_stores_own(hub: Hub, work: OutboundWork) -> bool:
    """Whether what a platform does not take was handed out or brought by a store: it wants a courier company."""
    question = "select 1 from parcel p join carrier c on c.id = p.carrier_id where p.id = %s and c.code = %s"
    with hub.engine.connect() as connection:
        return bool(fetch(connection, question, (work.parcel_id, STORES_OWN)))


def after_answer(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """The platform knows how an interception ended; its own change of the order comes by the next pull."""
    if result.outcome == "done" and work.order_id is not None:
        with hub.begin() as connection:
            question = "select shop_id, external_no from orders where id = %s"
            for shop_id, external_no in fetch(connection, question, (work.order_id,)):
                ask_again(connection, shop_id, "order", [external_no], hub.clock())
    return _settle_only(hub, work, result) | {"details"}


def after_subscription(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """The parcel is followed from now on: pushes tell of it, or it is looked at; in time both.

    One that the carrier does not take is looked at, too: its account may still answer, and silence is a warning.
    """
    is_told = result.outcome == "done" and result.answer is not None
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        if is_told:
            cursor.execute("update parcel set subscribed_at = %s where id = %s", (hub.clock(), work.parcel_id))
        if settle_outbound(connection, work, result, hub.clock()) in ("done", "refused", "stuck"):
            enlist(connection, work.parcel_id, work.account_id, hub.clock(), is_told=is_told)
    return set()


def _settle_only(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    with hub.begin() as connection:
        settle_outbound(connection, work, result, hub.clock())
    return set()


CONSEQUENCES: Final[dict[str, Callable[[Hub, OutboundWork, Result], set[str]]]] = {
    "create_fulfilment": after_create,
    "cancel_fulfilment": after_cancel,
    "find_fulfilment": after_find,
    "push_shipment": after_ship_notice,
    "change_shipment": after_ship_notice,
    "confirm_interception": after_answer,
    "subscribe_parcel": after_subscription,
    "decide_case": after_decision,
}
