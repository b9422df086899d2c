"""At the store: goods ready, handed over by code, out with a clerk, signed for or refused; the order completes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.transition import move_order
from oms.app.pipeline.stores.acting import Doing, StoreParcelWork, end_parcel, move_parcel, on_parcel, set_parcel
from oms.app.pipeline.stores.carrying import tell_platform
from oms.app.pipeline.stores.codes import MOST_TRIES, fits, hash_of, new_code
from oms.app.pipeline.stores.money import Taken, record_receipt
from oms.app.pipeline.stores.round_stops import end_stop
from oms.app.pipeline.stores.sending_back import leave_transfer, put_on_transfer, take_back_on_shelf
from oms.app.pipeline.stores.stops import require_none_stopped
from oms.app.pipeline.stores.telling import forget_going_out, tell_going_out, tell_of_parcel, tell_when_overdue_nears
from oms.domain import lifecycle
from oms.domain.errors import HubError, Invalid, NotPossible
from oms.domain.holds import CALLING_BACK

LINES: Final = """select distinct l.order_line_id from parcel_item i
join fulfilment_line l on l.id = i.fulfilment_line_id where i.parcel_id = %s"""
#: Days until goods that nobody collects are overdue, where a store says nothing else.
OVERDUE_DAYS: Final = 7
REASONS: Final = ("not_wanted", "damaged", "wrong_goods", "not_there", "not_paid", "other")


def ready(hub: Hub, doing: Doing, parcel_id: int, shelf: str = "") -> None:
    """A parcel that has come is ready for its buyer, who is told when it is to be collected."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        make_ready(batch, parcel, shelf)

    on_parcel(hub, doing, parcel_id, "make_ready", apply)


def make_ready(batch: Batch, parcel: StoreParcelWork, shelf: str) -> None:
    """Give it its code, start the time it may lie here, tell buyer and platform; not while a stop covers it."""
    require_none_stopped(batch, [parcel.id])
    move_parcel(batch, parcel, "make_ready", **({"shelf": shelf[:20]} if shelf else {}))
    parcel.ready_at = batch.now
    set_parcel(batch, parcel, shelf=shelf[:20], ready_at=parcel.ready_at)
    start_waiting(batch, parcel)
    tell_platform(batch, parcel.id, parcel.shop_id, "ready")


def start_waiting(batch: Batch, parcel: StoreParcelWork) -> None:
    """Start the time it may lie here; who is to collect it gets the code and hears until when, nobody else does."""
    question = "select overdue_days from store_profile where stock_point_id = %s"
    rows = fetch(batch.connection, question, (parcel.point_id,))
    parcel.overdue_at = batch.now + timedelta(days=rows[0][0] if rows else OVERDUE_DAYS)
    set_parcel(batch, parcel, overdue_at=parcel.overdue_at, overdue_told_at=None)
    if parcel.leg == "pickup":
        give_code(batch, parcel)
        tell_of_parcel(batch, parcel, "ready")
        tell_when_overdue_nears(batch, parcel)


def give_code(batch: Batch, parcel: StoreParcelWork) -> None:
    """A new code; the one before is good for nothing."""
    parcel.code_no, parcel.tries = parcel.code_no + 1, 0
    keys = batch.hub.keys
    parcel.code_hash = hash_of(keys, parcel.id, new_code(keys, parcel.id, parcel.code_no))
    set_parcel(batch, parcel, code_no=parcel.code_no, code_hash=parcel.code_hash, tries=0)


def renew_code(hub: Hub, doing: Doing, parcel_id: int) -> None:
    """The buyer has lost the code, or it was typed wrong too often: make another and tell the buyer."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        if parcel.state != "ready" or parcel.leg != "pickup":
            raise NotPossible("only goods that wait for their buyer have a code")
        give_code(batch, parcel)
        batch.note(batch.orders[parcel.order_id], "code_renewed", {"waybill": parcel.waybill_no})
        tell_of_parcel(batch, parcel, "ready")

    on_parcel(hub, doing, parcel_id, "renew_code", apply)


def hand_over(hub: Hub, doing: Doing, parcel_id: int, code: str = "", taken: Taken | None = None) -> None:
    """The buyer has the goods: collected with the code, or signed for at the door; what was due is paid."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> HubError | None:
        if parcel.leg == "pickup":
            _require_here(parcel)
            _require_wanted(batch, parcel)
            require_none_stopped(batch, [parcel.id])
            wrong = _check_code(batch, parcel, code)
            if wrong is not None:
                return wrong
        hand_to_buyer(batch, parcel, doing, taken)
        return None

    on_parcel(hub, doing, parcel_id, "hand_over", apply)


def hand_to_buyer(batch: Batch, parcel: StoreParcelWork, doing: Doing, taken: Taken | None) -> None:
    """The same of a parcel that is locked; whoever collects has proved who they are."""
    _require_here(parcel)
    _require_wanted(batch, parcel)
    require_none_stopped(batch, [parcel.id])
    if parcel.leg == "delivery" and parcel.state != "out_for_delivery":
        raise NotPossible("nobody is out with it yet", "say who takes it first")
    record_receipt(batch, parcel.order_id, parcel.id, doing.point_id, doing.key, taken)
    move_parcel(batch, parcel, "deliver")
    leave_transfer(batch, parcel)
    end_parcel(batch, parcel)
    end_stop(batch, parcel.id, "delivered")
    tell_platform(batch, parcel.id, parcel.shop_id, "handed_over")
    tell_of_parcel(batch, parcel, "handed_over")
    _complete(batch, parcel)


def _require_here(parcel: StoreParcelWork) -> None:
    if parcel.ended_at is not None or parcel.state == "delivered":
        raise NotPossible("it has been handed over or sent away already", "look at who did that and when")
    if parcel.state not in ("ready", "out_for_delivery"):
        raise NotPossible("it is not ready yet", "receive it and make it ready first")


def _require_wanted(batch: Batch, parcel: StoreParcelWork) -> None:
    """A buyer who asks the money back, or an order that was called off, keeps the goods at the store."""
    order = batch.orders[parcel.order_id]
    inside = {row[0] for row in fetch(batch.connection, LINES, (parcel.id,))}
    is_lost = any(line.is_lost for line in order.lines if line.id in inside)
    if order.status == "cancelled" or is_lost or any(hold.kind in (*CALLING_BACK, "manual") for hold in order.holds):
        raise NotPossible("this order was called off", "keep the goods, and note that the buyer does not take them")


def _check_code(batch: Batch, parcel: StoreParcelWork, code: str) -> HubError | None:
    """None when the code is right; a wrong one is counted, and the count is kept."""
    if parcel.tries >= MOST_TRIES:
        raise NotPossible("the code was wrong too often", "send the buyer a new code")
    if fits(batch.hub.keys, parcel.id, code, parcel.code_hash):
        return None
    parcel.tries += 1
    set_parcel(batch, parcel, tries=parcel.tries)
    return Invalid("code", "this is not the code", "have the buyer read it again from the message")


def _complete(batch: Batch, parcel: StoreParcelWork) -> None:
    """An order is done when nothing of it is open and every parcel has reached its buyer."""
    order = batch.orders[parcel.order_id]
    if order.status != "open" or any(demand.open_units or demand.planned for demand in order.demands):
        return
    question = """select 1 from parcel_item i join parcel p on p.id = i.parcel_id
                  where i.order_id = %s and p.state <> 'delivered' limit 1"""
    if not fetch(batch.connection, question, (order.id,)):
        move_order(batch, order, "complete", by="store")


def go_out(hub: Hub, doing: Doing, parcel_id: int) -> None:
    """A clerk takes a parcel to its buyer."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        take_out(batch, parcel, doing.actor)

    on_parcel(hub, doing, parcel_id, "go_out", apply)


def take_out(batch: Batch, parcel: StoreParcelWork, actor: str) -> None:
    """The same of a parcel that is locked."""
    _require_here(parcel)
    _require_wanted(batch, parcel)
    require_none_stopped(batch, [parcel.id])
    if parcel.leg != "delivery":
        raise NotPossible("the buyer collects this one", "change how it is delivered first")
    move_parcel(batch, parcel, "go_out", by=actor)
    leave_transfer(batch, parcel)
    set_parcel(batch, parcel, out_by=actor)
    tell_going_out(batch, parcel)


def not_met(hub: Hub, doing: Doing, parcel_id: int) -> None:
    """Nobody was at the door: the parcel is back at the store, to be brought again."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        bring_back(batch, parcel, "not_there")

    on_parcel(hub, doing, parcel_id, "not_met", apply)


def bring_back(batch: Batch, parcel: StoreParcelWork, reason: str) -> None:
    """A parcel that was out is at the store again, to be brought another time."""
    if parcel.state != "out_for_delivery":
        raise NotPossible("nobody is out with it")
    move_parcel(batch, parcel, "make_ready", reason=reason)
    end_stop(batch, parcel.id, "failed", reason)
    forget_going_out(batch, parcel)


def refuse(hub: Hub, doing: Doing, parcel_id: int, reason: str) -> None:
    """The buyer does not take it: warehouse goods go back with the next transfer, the store's own on the shelf."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        turn_down(batch, parcel, reason)

    on_parcel(hub, doing, parcel_id, "refuse", apply, reason=reason)


def turn_down(batch: Batch, parcel: StoreParcelWork, reason: str) -> None:
    """The same of a parcel that is locked."""
    if reason not in REASONS:
        raise Invalid("reason", "a reason is needed", "say why the buyer did not take it")
    _require_here(parcel)
    move_parcel(batch, parcel, "refuse", reason=reason)
    end_stop(batch, parcel.id, "refused", reason)
    tell_of_parcel(batch, parcel, "refused")
    if parcel.is_store_goods:
        take_back_on_shelf(batch, parcel)
    else:
        put_on_transfer(batch, parcel, "refused")


def put_back(hub: Hub, doing: Doing, parcel_id: int) -> None:
    """The store's own goods that nobody collected go back on the shelf."""

    def apply(batch: Batch, parcel: StoreParcelWork) -> None:
        if not parcel.is_store_goods:
            raise NotPossible("these are a warehouse's goods", "send them back with the next transfer")
        if not lifecycle.PARCEL.allows(parcel.state, "send_back") or parcel.ended_at is not None:
            raise NotPossible("it has been handed over or sent away already", "look at who did that and when")
        take_back_on_shelf(batch, parcel)

    on_parcel(hub, doing, parcel_id, "put_back", apply)
