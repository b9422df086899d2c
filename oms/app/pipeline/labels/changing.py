"""改面单: another receiver or carrier for an order on its way out; what would happen is told before anybody asks for it.

direct: nothing was handed over, it is simply changed. update: the label is ours, the carrier changes it while the
warehouse works on, and the warehouse says that the parcel bears the new one (labels_acknowledged). renew: the warehouse
gives it back and gets it anew as another version; it refuses what is packed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from connectors.contract.records import ReceiverRecord
from oms.app.intercept.enforce import take_back, void_unsent
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import ORDER, fetch, fill
from oms.app.kernel.receivers import open_key, open_receiver, parts_that_differ
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.labels.asking import is_ours, keep_change, send_changes
from oms.app.pipeline.labels.changed import HOLD, carry_out, set_carrier
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

AT_WAREHOUSE: Final = ("sending", "sent", "accepted")
ENDED: Final = ("shipped", "cancelled", "merged", "closed_short")
#: Steps of warehouses after which the parcel is closed.
PACKED: Final = frozenset({"PACKAGE", "WEIGH", "READY", "packed", "checked"})
#: Why a label cannot change now.
ENDED_WHY: Final = NotPossible("the order has ended")
ASKED_WHY: Final = NotPossible("a change is being worked on: wait for its answer")
BUYERS_WHY: Final = NotPossible("the buyer's own change is being worked on: wait for its end")
STOPPING_WHY: Final = NotPossible("it is being stopped: wait for the answer")
LEFT_WHY: Final = NotPossible("it has left: ask the courier to call it back")
SPREAD_WHY: Final = NotPossible("it is at several warehouses: hold the order, then change it")
PACKED_WHY: Final = NotPossible("it is packed: the warehouse does not open it again")


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a change would come to: `way` is direct, update or renew; empty when it cannot be, and `why` says why not.

    `numbers` are the fulfilments it concerns. `is_by_hand`: they are packed on our own page, which lets no parcel leave
    before it bears the new label; a warehouse with a system is told by a notice, since no protocol changes a label there.
    """

    way: str
    why: str = ""
    numbers: tuple[str, ...] = ()
    step: str = ""
    is_by_hand: bool = False


def look_ahead(hub: Hub, order_id: int, *, changes_carrier: bool = False) -> Ahead:
    """What a change of the label would come to now; nothing is locked, so the warehouse may be quicker."""
    with hub.engine.connect() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        rows = fetch(connection, f"select {ORDER} from orders where id = %s", (order_id,))
        if not rows:
            raise NotFound("there is no such order")
        order = OrderWork(*rows[0])
        fill(batch, [order], all_fulfilments=True, locks=False)
        return _ahead(batch, order, changes_carrier=changes_carrier)


def _ahead(batch: Batch, order: OrderWork, *, changes_carrier: bool) -> Ahead:
    live = [work for work in order.fulfilments if work.status not in ENDED]
    there = [work for work in live if work.status in AT_WAREHOUSE]
    numbers = tuple(document_no("fulfilment", work.id, work.version) for work in there or live)
    why = _why_not(batch, order, live, there)
    if why:
        return Ahead("", why, numbers)
    if not there:
        return Ahead("direct", numbers=numbers)
    (work,) = there
    if not changes_carrier and work.order_count == 1 and is_ours(batch, work):
        is_by_hand = batch.masters.points[work.stock_point_id].account_id is None
        return Ahead("update", numbers=numbers, step=work.warehouse_step, is_by_hand=is_by_hand)
    if work.warehouse_step in PACKED:
        return Ahead("", PACKED_WHY.words, numbers, work.warehouse_step)
    return Ahead("renew", numbers=numbers, step=work.warehouse_step)


def _why_not(batch: Batch, order: OrderWork, live: Sequence[FulfilmentWork], there: Sequence[FulfilmentWork]) -> str:
    if order.status not in ("unpaid", "open"):
        return ENDED_WHY.words
    asked = "select 1 from label_change where order_id = %s and state in ('asked', 'told')"
    if fetch(batch.connection, asked, (order.id,)):
        return ASKED_WHY.words
    if order.hold(HOLD) is not None:
        return BUYERS_WHY.words
    if any(work.status == "stopping" for work in live):
        return STOPPING_WHY.words
    has_left = any(demand.shipped for demand in order.demands)
    if has_left and (not live or any(line.shipped for work in live for line in work.lines)):
        return LEFT_WHY.words
    if len(there) > 1:
        return SPREAD_WHY.words
    return ""


def ask_change(
    hub: Hub,
    order_id: int,
    actor: str,
    reason: str,
    *,
    receiver: ReceiverRecord | None = None,
    carrier_id: int | None = None,
    expected: str = "",
) -> str:
    """Ask for another receiver, or another carrier; answers the way it goes.

    `expected` is the way that the person saw beforehand: when it is another by now, nothing is done. NotPossible says
    why it cannot be changed any more.
    """
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why it changes")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [order_id])
        batch.actor = actor
        order = batch.orders.get(order_id)
        if order is None:
            raise NotFound("there is no such order")
        ahead = _ahead(batch, order, changes_carrier=carrier_id is not None)
        if not ahead.way:
            raise NotPossible(ahead.why)
        if expected and expected != ahead.way:
            raise NotPossible(
                "meanwhile it has gone on and would change another way", "look at it again before you change it"
            )
        what = _what(batch, order, receiver, carrier_id)
        _do(batch, order, ahead.way, what, receiver, carrier_id, reason.strip()[:200])
        close_batch(batch)
    batch.tell()
    for signal in batch.pokes | {"advance"}:
        hub.poke(signal)
    return ahead.way


def _what(batch: Batch, order: OrderWork, receiver: ReceiverRecord | None, carrier_id: int | None) -> list[str]:
    """The parts that change; Invalid when nothing does."""
    found = [] if carrier_id is None else ["carrier"]
    if receiver is not None:
        held, _ = open_receiver(batch.hub, batch.connection, order.id)
        found += parts_that_differ(held, receiver)
    if carrier_id is not None and carrier_id not in batch.masters.carriers:
        raise NotFound("there is no such carrier")
    if not found:
        raise Invalid("receiver", "nothing is different", "change a name, a phone, an address or the carrier")
    return found


def _do(
    batch: Batch, order: OrderWork, way: str, what: list[str], receiver: ReceiverRecord | None,
    carrier_id: int | None, reason: str,
) -> None:  # fmt: skip
    live = [work for work in order.fulfilments if work.status not in ENDED]
    work = next((work for work in live if work.status in AT_WAREHOUSE), None)
    if way == "renew" and work is not None and work.status == "sending" and void_unsent(batch, work):
        take_back(batch, work, "label_changed")  # Nobody has heard of it yet.
        way, work = "direct", None
    change_id = _keep(batch, order, way, what, receiver, carrier_id, reason, work)
    batch.note(order, "label_asked", {"field": what, "way": way, "reason": reason})
    if way == "direct":
        carry_out(batch, order, None, change_id)
        for planned in live if carrier_id is not None else ():
            set_carrier(batch, planned, carrier_id or 0)
        if receiver is not None and order.fulfilments:
            batch.place_hold(order, HOLD)  # What is planned is planned anew for the new place.
    elif way == "update" and work is not None:
        send_changes(batch, work, order, change_id)
    else:
        batch.place_hold(order, HOLD, {"change": change_id})
    order.ready_at = batch.now


def _keep(
    batch: Batch, order: OrderWork, way: str, what: list[str], receiver: ReceiverRecord | None,
    carrier_id: int | None, reason: str, work: FulfilmentWork | None,
) -> int:  # fmt: skip
    """Write the change down with the new receiver sealed, before anybody is asked."""
    sealed = None
    if receiver is not None:
        told = {**asdict(receiver), "tokens": dict(receiver.tokens)}
        sealed = open_key(batch.hub, batch.connection, order.id).seal(orjson.dumps(told))
    return keep_change(
        batch, order, way, what, work=work, asked_by=batch.actor, sealed=sealed, was_key=order.receiver_key,
        carrier_id=carrier_id, reason=reason,
    )  # fmt: skip
