"""Stops an order wherever it is when a hold says it must not ship: planned, sending, sent, accepted or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from oms.app.intercept.asking import asking_anew, cases_of
from oms.app.intercept.explaining import explain
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.shop_modes import is_left
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import DemandWork, FulfilmentWork, OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.holds import CALLING_BACK
from oms.domain.numbers import document_no

AT_WAREHOUSE = ("sent", "accepted", "part_shipped")
#: A stop that nobody answered for so long is work for people, unless its stock point says otherwise.
ANSWER_MINUTES = 30


def enforce(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Take back what must not leave; what came back is free to be planned anew."""
    explain(batch, orders)
    for order in orders:
        for work in list(order.fulfilments):
            reason = _reason(order, work)
            if reason:
                _stop(batch, order, work, reason)
        _clear_content_holds(batch, order)
        _answer_refunds(batch, order)


def _reason(order: OrderWork, work: FulfilmentWork) -> str:
    """Why a fulfilment must not leave with what it holds of an order, empty when it may.

    A refund of one line concerns only the fulfilments that carry this line; so do goods that have left unasked.
    """
    held = {line.line_id for line in work.lines if line.order_id == order.id and line.open_units}
    if not held:
        return ""
    if order.status == "cancelled":
        return "order_cancelled"
    if order.status == "completed" and not any(demand.shipped for demand in order.demands):
        return "already_shipped"
    for hold in order.holds:
        if hold.kind in CALLING_BACK:
            return hold.kind
    if held & shipped_twice(order):
        return "already_shipped"
    lost = any((line.in_refund or line.is_void) and line.id in held for line in order.lines)
    return "refund_asked" if lost else ""


def shipped_twice(order: OrderWork) -> set[int]:
    """Lines that would leave a second time: those a hold names, or all when it names none."""
    hold = order.hold("already_shipped")
    if hold is None:
        return set()
    return set(hold.seen["lines"]) if "lines" in hold.seen else {line.id for line in order.lines}


def _stop(batch: Batch, order: OrderWork, work: FulfilmentWork, reason: str) -> None:
    if work.status in ("planned", "on_hold", "refused") or (work.status == "sending" and void_unsent(batch, work)):
        take_back(batch, work, reason)
        ledger(batch, order, work, reason, "succeeded")
    elif work.status in (*AT_WAREHOUSE, "sending") and work.stop == "none":
        _ask_warehouse(batch, order, work, reason)
    elif work.status in (*AT_WAREHOUSE, "sending") and work.stop == "too_late":
        asking = asking_anew(batch, order, work, reason)
        if asking is not None and asking.is_allowed:
            _ask_warehouse(batch, order, work, reason, asking.case_no)
        elif asking is not None:
            ledger(batch, order, work, reason, "failed", asking.case_no)


def void_unsent(batch: Batch, work: FulfilmentWork) -> bool:
    """Whether the hand-over, or the number asked for before it, had not been called yet; then it never will be."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update outbound set state = 'void', due_at = null, words = 'stopped before it was sent'
               where fulfilment_id = %s and kind in ('create_fulfilment', 'request_waybill')
                 and state = 'waiting' and sent_at is null""",
            (work.id,),
        )
        return cursor.rowcount > 0


def _ask_warehouse(batch: Batch, order: OrderWork, work: FulfilmentWork, reason: str, case_no: str = "") -> None:
    """Ask the warehouse; while it is still being handed over, the asking follows the answer to that."""
    was = work.status
    move_stop(batch, work, "ask")
    ledger(batch, order, work, reason, "asked", case_no)
    if was != "sending":
        move_fulfilment(batch, work, "ask_stop", reason=reason)
        send_cancel(batch, work, reason)


def send_cancel(batch: Batch, work: FulfilmentWork, reason: str) -> None:
    """Add the outbound row that asks the warehouse to give a fulfilment back; one that can is told to pause first."""
    account_id = batch.masters.points[work.stock_point_id].account_id
    if account_id is None:
        return
    told = {"reason": reason, "was": work.status}
    if pauses_first(batch, account_id):
        send_stop(batch, work, account_id, "hold_fulfilment", told | {"on": True})
    else:
        send_stop(batch, work, account_id, "cancel_fulfilment", told)


def pauses_first(batch: Batch, account_id: int) -> bool:
    """Whether work there is paused before it is called back: the account says so, and its connector can."""
    question = "select vendor, settings->>'pending_first' from account where id = %s"
    for vendor, wish in fetch(batch.connection, question, (account_id,)):
        known = batch.hub.vendors.get(vendor)
        return wish == "yes" and known is not None and "hold" in known.capabilities()
    return False


def send_stop(batch: Batch, work: FulfilmentWork, account_id: int, kind: str, told: Mapping[str, object]) -> None:
    """Add an outbound row about stopping a fulfilment; each is asked for itself."""
    number = document_no("fulfilment", work.id, work.version)
    batch.send(
        kind,
        account_id,
        f"{kind.partition('_')[0]}:{number}:{batch.new_id()}",
        fulfilment_id=work.id,
        order_id=work.lead_order_id,
        shop_id=work.shop_id,
        stock_point_id=work.stock_point_id,
        detail=dict(told),
    )


def take_back(batch: Batch, work: FulfilmentWork, reason: str) -> None:
    """Cancel what of a fulfilment has not left and free its allocation; every source order is looked at again."""
    has_left = any(line.shipped for line in work.lines)
    move_fulfilment(batch, work, "close_short" if has_left else "cancel_fulfilment", reason=reason)
    demands = {demand.id: demand for id_ in work.order_ids for demand in batch.orders[id_].demands}
    for line in work.lines:
        units = line.open_units
        if not units:
            continue
        line.cancelled += units
        if not work.is_new:
            batch.touched_fulfilment_lines[line.id] = line
        demand = demands[line.demand_id]
        demand.planned -= units
        batch.touched_demands[demand.id] = demand
        cancel_replaced(batch, demand, units)
        batch.move_stock(
            (work.stock_point_id, line.sku_id, "good"), reserved=-units, reason="release", document_id=work.id
        )
    for id_ in work.order_ids:
        other = batch.orders[id_]
        other.fulfilments = [kept for kept in other.fulfilments if kept is not work]
        other.ready_at = batch.now
        batch.touched.add(id_)


def cancel_replaced(batch: Batch, demand: DemandWork, units: int) -> None:
    """Units of a line whose goods changed are made anew; those of void lines are cancelled when it is recounted."""
    order = batch.orders[demand.order_id]
    line = next((line for line in order.lines if line.id == demand.line_id), None)
    if line is not None and order.hold("goods_changed") and line.sku_id is None and line.bundle_id is None:
        demand.cancelled += units


def ledger(
    batch: Batch, order: OrderWork, work: FulfilmentWork, reason: str, state: str, case_no: str = "",
    words: str = "it was asked too often already",
) -> None:  # fmt: skip
    """Write an attempt to stop into the interception ledger; `words` say why one failed at once."""
    refunding = [line for line in order.lines if line.in_refund]
    lines = sorted(shipped_twice(order)) if reason == "already_shipped" else [line.id for line in refunding]
    is_asked, cases = state == "asked", cases_of(order, work)
    known = [line.case_no for line in refunding]
    batch.interceptions.append(
        {
            "id": batch.new_id(),
            "fulfilment_id": work.id,
            "order_id": order.id,
            "reason": reason,
            "state": state,
            "asked_at": batch.now,
            "asked_by": batch.actor,
            "case_no": case_no or next(iter([*cases, *known]), ""),
            "order_line_ids": lines or None,
            "words": words if state == "failed" else "",
            "ended_at": None if is_asked else batch.now,
            "asked_of": "warehouse" if is_asked else "nobody",
            "due_at": batch.now + _patience(batch, work.stock_point_id) if is_asked else None,
            "user_group_id": batch.masters.shops[order.shop_id].user_group_id,
            "detail": {"cases": cases} if len(cases) > 1 else {},
        }
    )
    batch.note(order, f"interception_{state}", {"reason": reason}, fulfilment_id=work.id)


def _patience(batch: Batch, point_id: int) -> timedelta:
    """How long a stock point may take to answer before people look at it."""
    question = "select answer_minutes from packing_setting where stock_point_id = %s"
    return timedelta(minutes=next((row[0] for row in fetch(batch.connection, question, (point_id,))), ANSWER_MINUTES))


def _clear_content_holds(batch: Batch, order: OrderWork) -> None:
    """Old content is gone once nothing of it is planned or at a warehouse; it is planned anew from the new one."""
    if not order.holds or any(work.status not in ("shipped", "closed_short", "cancelled") for work in order.fulfilments):
        return
    for kind in ("address_changed", "goods_changed"):
        batch.clear_hold(order, kind, "nothing with the old content is left")


def _answer_refunds(batch: Batch, order: OrderWork) -> None:
    """Tell the platform once that a refund asked before shipment was stopped, or that it was too late."""
    hold = order.hold("refund_asked")
    if hold is None:
        return
    shop = batch.masters.shops[order.shop_id]
    vendor = batch.hub.vendors.get(shop.vendor)
    if vendor is None or shop.account_id is None or "confirm_interception" not in vendor.capabilities():
        return
    if is_left(order, shop) and not order.fulfilments and not any(demand.shipped for demand in order.demands):
        return  # The system before us may be shipping it: only that one can tell.
    for line in order.lines:
        if not line.in_refund or not line.case_no:
            continue
        verdict = _verdict(order, line.id)
        if verdict is not None and not _is_told(batch, order, line.case_no, verdict):
            batch.send(
                "confirm_interception",
                shop.account_id,
                f"interception:{order.id}:{line.case_no}:{'stopped' if verdict else 'too-late'}",
                order_id=order.id,
                shop_id=shop.id,
                detail={"case": line.case_no, "line": line.external_no, "stopped": verdict, "amount": line.paid_amount},
            )


def _verdict(order: OrderWork, line_id: int) -> bool | None:
    """True: nothing of the line is on its way out. False: some of it left or cannot be stopped. None: not known yet."""
    if any(demand.shipped for demand in order.demands if demand.line_id == line_id):
        return False
    works = [w for w in order.fulfilments if any(x.line_id == line_id and x.open_units for x in w.lines)]
    if not works:
        return True
    return False if all(work.stop == "too_late" for work in works) else None


def _is_told(batch: Batch, order: OrderWork, case_no: str, stopped: bool) -> bool:
    key = f"interception:{order.id}:{case_no}:{'stopped' if stopped else 'too-late'}"
    if any(row["key"] == key for row in batch.outbound):
        return True
    return bool(fetch(batch.connection, "select 1 from outbound where key = %s", (key,)))
