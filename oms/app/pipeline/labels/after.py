"""What follows from a carrier's answer about a number: the warehouse is told, another carrier sought, or people asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.labels import TokenStale, Unreachable
from connectors.contract.notices import Label
from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import COLUMNS, OutboundWork, Result, settle_outbound, void_on
from oms.app.kernel.receivers import open_key
from oms.app.kernel.rereading import ask_again
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.giving_back import give_back
from oms.app.pipeline.halting import keep_stopped
from oms.app.pipeline.handing_over import hand_over
from oms.app.pipeline.labels.asking import ask_for_package, send_waiting
from oms.app.pipeline.labels.changed import OPEN
from oms.app.pipeline.labels.endings import settle_label
from oms.app.pipeline.labels.numbers import remember_refusal
from oms.app.pipeline.labels.twice import never_twice
from oms.app.pipeline.outbound.consequences import close_batch, find_work, open_batch, order_ids_of
from oms.app.pipeline.splitting.coming_apart import go_on
from oms.app.pipeline.splitting.numbers import open_wishes, orders_concerned
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound

Pokes = set[str]


def after_number(hub: Hub, work: OutboundWork, result: Result) -> Pokes:
    """Got: handed over with it. Refused: another carrier, or people. Stopped meanwhile: it never left."""
    with hub.begin() as connection:
        if result.outcome in ("retry", "unknown", "kept"):
            settle_outbound(connection, work, result, hub.clock())
            return set()
        batch = _open(hub, connection, work)
        result = never_twice(connection, (work.detail or {})["number"], result)
        settle_number(batch, work, result)
        close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return batch.pokes | {"advance"}


def settle_number(batch: Batch, work: OutboundWork, result: Result) -> None:
    """Write how the asking ended, and let the fulfilment go on."""
    row_id = (work.detail or {})["number"]
    question = "select version, order_id, state, package from e_waybill where id = %s for update"
    version, order_id, state, package = fetch(batch.connection, question, (row_id,))[0]
    if result.outcome == "done":
        _keep(batch, row_id, order_id, result.answer)
    elif state == "asked":
        ending = "refused" if result.outcome == "refused" else "cancelled"
        _end(batch.connection, row_id, ending, result, batch)
    found = find_work(batch, work.fulfilment_id)
    if found is None:
        return
    was_undone = bool(open_wishes(batch.connection, [found.id]))
    if was_undone:
        go_on(batch, found.id)
    # Where it has moved on, a number that was got is given back by the sweep.
    if found.status == "sending" and found.version == version and package == 1:
        if found.stop == "asked":
            give_back(batch, found, "stopped before the warehouse heard of it")
        elif not open_wishes(batch.connection, [found.id]):
            _go_on(batch, found, result)  # Also what somebody wanted taken apart, and then let leave as it is.
    if package > 1 and not was_undone:
        _tell_of_package(batch, found, package, result)
        if result.outcome == "done":
            ask_for_package(batch, found, row_id)


def _tell_of_package(batch: Batch, work: FulfilmentWork, package: int, result: Result) -> None:
    """A further package has its number or has none; what is packed goes on either way."""
    detail: dict[str, Any] = {"package": package, "carrier": work.carrier_id}
    if isinstance(result.answer, Label):
        batch.note(batch.orders[work.lead_order_id], "waybill_got", detail | {"waybill": result.answer.waybill_no},
                   fulfilment_id=work.id)  # fmt: skip
    elif result.outcome == "refused":
        batch.note(batch.orders[work.lead_order_id], "package_refused", detail | {"words": result.words[:200]},
                   fulfilment_id=work.id)  # fmt: skip


def _open(hub: Hub, connection: Connection, work: OutboundWork) -> Batch:
    """The orders of the row's fulfilment, and of what is being taken apart around it."""
    ids = order_ids_of(connection, work.fulfilment_id)
    return open_batch(hub, connection, sorted({*ids, *orders_concerned(connection, work.fulfilment_id)}))


def _go_on(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    if result.outcome == "refused":
        turn_down(batch, work, result)
        return
    if isinstance(result.answer, Label):
        for order_id in work.order_ids:
            detail = {"waybill": result.answer.waybill_no, "carrier": work.carrier_id}
            batch.note(batch.orders[order_id], "waybill_got", detail, fulfilment_id=work.id)
    if not keep_stopped(batch, work):
        hand_over(batch, work)


def _keep(batch: Batch, row_id: int, order_id: int, label: Label) -> None:
    """The number with its print data, sealed with the order's data key."""
    try:
        sealed = open_key(batch.hub, batch.connection, order_id).seal(label.print_data.encode())
    except NotFound:
        sealed = None  # The buyer was erased meanwhile; the number is still ours to give back.
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update e_waybill set state = 'got', waybill_no = %s, parent_no = %s, sealed_print = %s,
                 prints = prints + 1, got_at = %s where id = %s""",
            (label.waybill_no, label.parent_no, sealed, batch.now, row_id),
        )


def _end(connection: Connection, row_id: int, state: str, result: Result, batch: Batch) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update e_waybill set state = %s, reason = %s, words = %s, ended_at = %s where id = %s",
            (state, result.code[:100], result.words[:500], batch.now, row_id),
        )


def turn_down(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    """No number: where the carrier does not go there it is sourced again without it, anything else waits for people."""
    reason = result.code.partition("/")[0]
    carrier = batch.masters.carriers.get(work.carrier_id or 0)
    seen = {"reason": reason, "words": result.words[:200], "carrier": carrier.code if carrier else ""}
    move_fulfilment(batch, work, "withdraw", **seen)
    if reason == Unreachable.reason:
        remember_refusal(batch, work, reason)
        take_back(batch, work, "carrier_refused")
        return
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        batch.place_hold(order, "label_refused", seen)
        if reason == TokenStale.reason:
            ask_again(batch.connection, order.shop_id, "order", [order.external_no], batch.now)
            batch.pokes.add("details")


def after_change(hub: Hub, work: OutboundWork, result: Result) -> Pokes:
    """The carrier has changed the label of a package, or has not; a later change that waited for this goes on."""
    with hub.begin() as connection:
        if result.outcome in ("retry", "unknown", "kept"):
            if _is_open(connection, work):
                settle_outbound(connection, work, result, hub.clock())
                return set()
            result = Result("void", "a later change has taken its place", "void")
        batch = open_batch(hub, connection, order_ids_of(connection, work.fulfilment_id))
        result = never_twice(connection, (work.detail or {})["number"], result)
        _settle_change(batch, work, result)
        close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return batch.pokes


def _is_open(connection: Connection, work: OutboundWork) -> bool:
    question = "select 1 from label_change where id = %s and state = any(%s)"
    return bool(fetch(connection, question, ((work.detail or {})["change"], list(OPEN))))


def _settle_change(batch: Batch, work: OutboundWork, result: Result) -> None:
    found, order = find_work(batch, work.fulfilment_id), batch.orders.get(work.order_id or 0)
    if found is not None and order is not None:
        settle_label(batch, order, found, work, result)
        send_waiting(batch, found, work.id)


#: Kinds of rows that something waits for, so that giving them up has to say how it goes on.
LABEL_KINDS: Final = ("request_waybill", "change_label")


def give_up_label(hub: Hub, row_id: int, actor: str, reason: str) -> int:
    """People give a row up: the order waits with the reason, or leaves with the label it has. Answers 1 when it was open.

    A row that was called and never answered may have brought a number: the carrier's books show it.
    """
    with hub.begin() as connection:
        names = ", ".join(COLUMNS.replace("\n", " ").split(", "))
        rows = fetch(connection, f"select {names} from outbound where id = %s", (row_id,))
        work = OutboundWork(*rows[0])
        batch = _open(hub, connection, work)
        batch.actor = actor
        count = void_on(connection, [row_id], batch.now, actor, reason)
        if count and work.kind == "request_waybill":
            settle_number(batch, work, Result("refused", reason, "given-up"))
        elif count:
            _settle_change(batch, work, Result("refused", reason, "given-up"))
        close_batch(batch)
    hub.poke("advance")
    return count


def after_cancel(hub: Hub, work: OutboundWork, result: Result) -> Pokes:
    """Given back; or it cannot be given back any more, and is written down as wasted.

    What was to be taken apart when it is given back is; where the carrier keeps it people are told.
    """
    states = {"done": "cancelled", "void": "cancelled", "refused": "wasted"}
    with hub.begin() as connection:
        is_over = result.outcome in states
        batch = None
        if is_over and (ids := orders_concerned(connection, work.fulfilment_id)):
            batch = open_batch(hub, connection, ids)
        if is_over:
            detail: dict[str, Any] = work.detail or {}
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(
                    """update e_waybill set state = %s, reason = %s, words = %s, ended_at = %s
                       where id = %s and state = 'cancelling'""",
                    (states[result.outcome], result.code[:100], result.words[:500], hub.clock(), detail["number"]),
                )
        if batch is not None:
            go_on(batch, work.fulfilment_id or 0, result.words or result.code if result.outcome == "refused" else "")
            close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return batch.pokes | {"advance"} if batch is not None else set()


CONSEQUENCES: Final[dict[str, Callable[[Hub, OutboundWork, Result], Pokes]]] = {
    "request_waybill": after_number,
    "cancel_waybill": after_cancel,
    "change_label": after_change,
}
