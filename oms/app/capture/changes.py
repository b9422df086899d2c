"""Applies a newer version of a known order, line by line, and leaves a hold where people or the warehouse must act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract.records import LineRecord, OrderRecord, OrderState
from oms.app.capture.mirror import Mirror, write_mirror
from oms.app.capture.new_orders import STATUS, deadline_of
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import receiver_key
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import REFUNDING, LineWork, OrderWork
from oms.domain import lifecycle

SHIPPED_STATES = (OrderState.SHIPPED, OrderState.COMPLETED, OrderState.PART_SHIPPED)


def apply_changes(batch: Batch, shop: ShopCard, items: Sequence[tuple[int, Parsed]]) -> None:
    """Bring locked and loaded orders to what the platform says now.

    Every change that matters leaves an event; the pipeline takes the order up again afterwards.
    """
    mirrors = []
    for order_id, item in items:
        order = batch.orders[order_id]
        mirrors.append(_apply(batch, shop, order, item))
        order.ready_at = batch.now
        batch.touched.add(order_id)
    write_mirror(batch, shop, mirrors)
    batch.pokes.add("advance")


def _apply(batch: Batch, shop: ShopCard, order: OrderWork, item: Parsed) -> Mirror:
    record = item.record
    mirror = Mirror(order, item, deadline_of(shop, record))
    _apply_lines(batch, order, record, mirror)
    _apply_receiver(batch, order, record, mirror)
    _apply_payment(batch, order, record)
    _apply_state(batch, order, record)
    if record.seller_memo and not order.has_memo:
        batch.note(order, "memo_changed")
    order.platform_holds = list(record.platform_holds)
    order.platform_state = record.state.value
    order.has_memo, order.has_message, order.flag = bool(record.seller_memo), bool(record.buyer_message), record.flag
    order.paid_total, order.paid_at, order.ship_by = record.paid_total, record.paid_at, mirror.ship_by
    if record.alerts:
        batch.note(order, "alert", {"alerts": list(record.alerts)})
    return mirror


def _apply_lines(batch: Batch, order: OrderWork, record: OrderRecord, mirror: Mirror) -> None:
    held = {line.external_no: line for line in order.lines}
    changed: list[str] = []
    for line in record.lines:
        ours = held.pop(line.external_no, None)
        if ours is None:
            mirror.added.append(line)
            changed.append(line.external_no)
        else:
            if (ours.ordered, ours.seller_code) != (line.units, line.seller_code) and not ours.shipped:
                changed.append(line.external_no)
                _reset_demands(batch, order, ours)
            _apply_refund(batch, order, ours, line, record)
            mirror.lines.append((ours, line))
    for ours in held.values():
        if not ours.is_gone:
            ours.is_gone = True
            changed.append(ours.external_no)
            _reset_demands(batch, order, ours)
            mirror.gone.append(ours.id)
    if changed:
        batch.note(order, "goods_changed", {"lines": changed})
        _ask_back(batch, order, "goods_changed", {"lines": changed})


def _reset_demands(batch: Batch, order: OrderWork, line: LineWork) -> None:
    """What the line needed is void; its demands are made anew once nothing of them is planned any more."""
    line.sku_id = line.bundle_id = None
    batch.touched_lines[line.id] = line
    for demand in order.demands:
        if demand.line_id == line.id and demand.open_units:
            demand.cancelled += demand.open_units
            batch.touched_demands[demand.id] = demand


def _apply_refund(batch: Batch, order: OrderWork, ours: LineWork, line: LineRecord, record: OrderRecord) -> None:
    before, after = ours.refund_state, line.refund.value
    closed = line.state is OrderState.CANCELLED and record.state is not OrderState.UNPAID
    ours.platform_state, ours.case_no = line.state.value, line.case_no
    if before != after:
        ours.refund_state = after
        batch.note(order, f"refund_{after}", {"line": ours.external_no, "case": line.case_no})
    if (after == "succeeded" or closed) and not ours.is_gone:
        _cancel_open(batch, order, ours)
    if after in REFUNDING and ours.ordered > ours.cancelled:
        batch.place_hold(order, "refund_asked", {"line": ours.external_no, "case": line.case_no})


def _cancel_open(batch: Batch, order: OrderWork, line: LineWork) -> None:
    """Units that will never leave; planned ones are taken back by the pipeline first."""
    for demand in order.demands:
        if demand.line_id == line.id and demand.open_units:
            demand.cancelled += demand.open_units
            batch.touched_demands[demand.id] = demand
    free = line.ordered - line.cancelled - line.planned - line.shipped
    if free > 0:
        line.cancelled += free
        batch.touched_lines[line.id] = line


def _apply_receiver(batch: Batch, order: OrderWork, record: OrderRecord, mirror: Mirror) -> None:
    key = receiver_key(batch.hub.keys, record.receiver)
    moved = key != order.receiver_key or record.address_changed or mirror.tokens_changed(batch)
    order.receiver_key, order.is_masked = key, record.receiver.masked
    if moved:
        mirror.receiver_moved = True
        batch.note(order, "address_changed")
        _ask_back(batch, order, "address_changed", {})


def _ask_back(batch: Batch, order: OrderWork, kind: str, seen: dict[str, Any]) -> None:
    """Whatever is planned or at a warehouse carries the old content: hold it until it has come back."""
    if order.fulfilments:
        batch.place_hold(order, kind, seen)


def _apply_payment(batch: Batch, order: OrderWork, record: OrderRecord) -> None:
    if record.paid_at and not order.paid_at:
        batch.note(order, "paid", {"amount": record.paid_total})


def _apply_state(batch: Batch, order: OrderWork, record: OrderRecord) -> None:
    target = STATUS[record.state]
    if target == order.status:
        return
    for action in ("pay", "complete", "cancel", "reopen"):
        if lifecycle.ORDER.allows(order.status, action) and lifecycle.ORDER.target(order.status, action) == target:
            move_order(batch, order, action, by="platform", status=record.platform_status)
            if target == "cancelled":
                for line in order.lines:
                    _cancel_open(batch, order, line)
            return
    batch.note(order, "alert", {"alerts": [f"{order.status} → {record.platform_status}"]})
