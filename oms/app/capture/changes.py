"""Applies a newer version of a known order, and leaves a hold where people or the warehouse must act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.contract.records import OrderRecord
from oms.app.capture.line_changes import apply_lines, fulfiller_now
from oms.app.capture.mirror import Mirror, write_mirror
from oms.app.capture.new_orders import STATUS, deadline_of, holds_of
from oms.app.capture.shipped_elsewhere import hold_shipped_elsewhere
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import recount
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.partnered import load_partnered
from oms.app.kernel.receivers import open_receiver, receiver_key, receiver_keys
from oms.app.kernel.receivers_stored import is_kept
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.labels.following import Move, follow_receivers
from oms.app.pipeline.partners.deciding import as_told, attach, name_partner
from oms.app.pipeline.reviewing.invalidating import invalidate
from oms.domain import lifecycle
from oms.domain.review import void_after


def apply_changes(batch: Batch, shop: ShopCard, items: Sequence[tuple[int, Parsed]]) -> None:
    """Bring locked and loaded orders to what the platform says now.

    Every change that matters leaves an event; the pipeline takes the order up again afterwards.
    """
    mirrors = []
    as_told(batch, [batch.orders[order_id] for order_id, _ in items])
    load_partnered(batch, [batch.orders[order_id] for order_id, item in items if item.record.partner is not None])
    for order_id, item in items:
        order = batch.orders[order_id]
        mirrors.append(_apply(batch, shop, order, item))
        order.ready_at = batch.now
        batch.touched.add(order.id)
        recount(batch, order)
    hold_shipped_elsewhere(batch, mirrors)
    attach(batch, [mirror.order for mirror in mirrors])
    write_mirror(batch, shop, mirrors)
    moved = [mirror.move for mirror in mirrors if mirror.move is not None]
    if moved:
        follow_receivers(batch, moved)
    batch.pokes.add("advance")


def _apply(batch: Batch, shop: ShopCard, order: OrderWork, item: Parsed) -> Mirror:
    if item.record.receiver.is_blank or _is_kept(batch, order, item.record):
        # Platforms stop telling the receiver some time after an order has ended, and never learn of the one that people
        # here have put in its place; what we hold stays.
        item.record = replace(item.record, receiver=open_receiver(batch.hub, batch.connection, order.id)[0])
    record = item.record
    if record.partner is not None:
        name_partner(batch, order, record.partner)
    mirror = Mirror(order, item, deadline_of(shop, record))
    is_emptied = all(line.is_void for line in order.lines if line.kind == "goods")
    changed = set()
    if apply_lines(batch, order, record, mirror):
        changed.add("goods")
        _ask_back(batch, order, "goods_changed")
    if _receiver_moved(batch, order, record, mirror):
        changed.add("address")
    if record.paid_total != order.paid_total:
        changed.add("amount")
    if mirror.memo_changed(batch):
        changed.add("memo")
        batch.note(order, "memo_changed")
        _ask_back(batch, order, "memo_changed")
    _apply_state(batch, order, record, is_emptied=is_emptied)
    _mirror_order(batch, shop, order, record, mirror)
    for change in sorted(changed):
        invalidate(batch, order, change)
    return mirror


def _is_kept(batch: Batch, order: OrderWork, record: OrderRecord) -> bool:
    """Whether the platform still tells the receiver that people here have changed."""
    told = receiver_keys(batch.hub.keys, record.receiver)
    return order.receiver_key not in told and is_kept(batch, order.id, told)


def _mirror_order(batch: Batch, shop: ShopCard, order: OrderWork, record: OrderRecord, mirror: Mirror) -> None:
    if record.paid_at and not order.paid_at:
        batch.note(order, "paid", {"amount": record.paid_total})
    if record.alerts:
        batch.note(order, "alert", {"alerts": list(record.alerts)})
    order.platform_holds, order.platform_state = holds_of(shop, record), record.state.value
    order.has_memo, order.has_message, order.flag = bool(record.seller_memo), bool(record.buyer_message), record.flag
    order.paid_total, order.paid_at, order.ship_by = record.paid_total, record.paid_at, mirror.ship_by
    order.is_cod, order.is_presale = record.is_cod, record.is_presale
    order.keeps_together = record.part_shipment_forbidden
    order.fulfiller = fulfiller_now(order, mirror)


def _receiver_moved(batch: Batch, order: OrderWork, record: OrderRecord, mirror: Mirror) -> bool:
    """Whether the goods must go elsewhere. A change of the master key is no change of the receiver."""
    keys = batch.hub.keys
    was_passed = bool(order.tiers_passed & void_after("address"))
    moved = order.receiver_key not in receiver_keys(keys, record.receiver) or mirror.masked_text_changed(batch)
    order.receiver_key, order.is_masked = receiver_key(keys, record.receiver), record.receiver.masked
    if moved:
        mirror.move = Move(order, mirror.parts_moved(batch), order.division_code, was_passed)
        batch.note(order, "address_changed")
    elif record.receiver.masked:
        mirror.keep_tokens(batch)
    return moved


def _ask_back(batch: Batch, order: OrderWork, kind: str) -> None:
    """Whatever is planned or at a warehouse carries the old content: hold it until it has come back."""
    if order.fulfilments:
        batch.place_hold(order, kind)


def _apply_state(batch: Batch, order: OrderWork, record: OrderRecord, *, is_emptied: bool) -> None:
    """Follow the platform, in more than one step where versions were missed.

    What a person cancelled here stays cancelled, though the platform's order is still open; what closed by itself
    because nothing was left of it opens again when something is.
    """
    target = STATUS[record.state]
    is_ours = order.status == "cancelled" and order.platform_state != "cancelled" and not is_emptied
    if order.status == "completed" and order.platform_state != "completed" and target == "open":
        return  # A store has handed it over; the platform will say so, too.
    if target == order.status or is_ours:
        return
    was_cancelled = order.status == "cancelled"
    actions = lifecycle.ORDER.path(order.status, target)
    for action in actions:
        move_order(batch, order, action, by="platform", status=record.platform_status)
    if not actions:
        batch.note(order, "alert", {"alerts": [f"{order.status} → {record.platform_status}"]})
    if was_cancelled and actions:
        for line in order.lines:
            if not line.is_void:
                line.cancelled = 0
                batch.touched_lines[line.id] = line
