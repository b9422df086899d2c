"""How a change of a label ends: what people asked for is ours only when the carrier and the warehouse have said yes.

What the platform told is the order's receiver from then on; only whether its parcel bears it is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from connectors.contract.records import ReceiverRecord
from oms.app.intercept.calling_back import ON_THE_WAY, call_back_by_itself
from oms.app.intercept.enforce import ledger
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key
from oms.app.kernel.receivers_stored import store_receiver
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.reviewing.invalidating import invalidate
from oms.db.bulk import psycopg_connection
from oms.domain.holds import CALLING_BACK

HOLD: Final = "address_changed"
#: Who has asked for a change that the platform told.
PLATFORM: Final = "platform"
#: A change that somebody has still to answer for.
OPEN: Final = ("asked", "told")
MEANWHILE: Final = "the buyer changed it meanwhile"
#: What nothing leaves under any more: labels that a carrier has changed, and any that follow the platform.
TOLD_OF: Final = """
select id, order_id from label_change where fulfilment_id = %s
and (state = 'told' or (state = 'asked' and way = 'update' and asked_by = %s)) order by id"""
PARCELS: Final = "select id from parcel where fulfilment_id = %s and state = any(%s) order by id"


def change_of(order: OrderWork) -> int | None:
    """The change that an order is called back for."""
    hold = order.hold(HOLD)
    return hold.seen.get("change") if hold is not None else None


def renew_given_back(batch: Batch, work: FulfilmentWork) -> bool:
    """The warehouse has given it back so that its label may change: the change is done. Answers whether it goes again.

    It goes as a new version of the same fulfilment, unless it was joined with orders that go elsewhere or does not fit
    any more; then its goods are planned anew.
    """
    carry_out_told(batch, work)
    orders = [batch.orders[id_] for id_ in work.order_ids]
    changed = [order for order in orders if change_of(order)]
    for order in changed:
        carry_out(batch, order, work, change_of(order) or 0)
    if len(changed) < len(orders) or not go_together(orders):
        return False
    if not all(_fits(batch, order, work) for order in orders):
        return False
    move_fulfilment(batch, work, "renew", version=work.version + 1)
    move_stop(batch, work, "renew")
    work.version += 1
    work.sent_at = work.accepted_at = work.merge_key = None
    work.warehouse_ref = work.warehouse_step = ""
    for order in orders:
        batch.clear_hold(order, HOLD, "nothing with the old content is left")
        order.ready_at = batch.now
    batch.pokes.add("advance")
    return True


def go_together(orders: Sequence[OrderWork]) -> bool:
    """Whether one parcel may hold them all; masked receivers are never told alike by what we see of them."""
    if len(orders) == 1:
        return True
    return len({order.receiver_key for order in orders}) == 1 and not any(order.is_masked for order in orders)


def _fits(batch: Batch, order: OrderWork, work: FulfilmentWork) -> bool:
    """Whether the same goods may leave from the same place with the same carrier to the new address."""
    others = any(hold.kind in CALLING_BACK and hold.kind != HOLD for hold in order.holds)
    lost = {line.id for line in order.lines if line.is_lost}
    is_whole = not any(line.shipped or line.cancelled or line.line_id in lost for line in work.lines)
    return order.status == "open" and not others and is_whole and reaches(batch, order, work)


def reaches(batch: Batch, order: OrderWork, work: FulfilmentWork) -> bool:
    """Whether a fulfilment's stock point delivers to where its order goes now, and its carrier goes there."""
    carrier, place = batch.masters.carriers.get(work.carrier_id or 0), order.division_code
    if carrier is None or carrier.is_suspended or not carrier.delivers_to(place):
        return False
    return (carrier.allows_cod or not order.is_cod) and batch.masters.rules.covers(work.stock_point_id, place)


def carry_out(batch: Batch, order: OrderWork, work: FulfilmentWork | None, change_id: int) -> None:
    """Do what was asked for and confirmed."""
    rows = fetch(
        batch.connection,
        "select state, sealed, carrier_id, what, way, was_key, asked_by from label_change where id = %s for update",
        (change_id,),
    )
    if not rows or rows[0][0] not in OPEN:
        return
    _, sealed, carrier_id, what, way, was_key, asked_by = rows[0]
    if asked_by == PLATFORM:
        end_change(batch, order, change_id, "confirmed", "", work)
        return
    if sealed is not None and order.receiver_key != was_key:
        end_change(batch, order, change_id, "refused", MEANWHILE, work)
        return
    if sealed is not None:
        store_receiver(batch, order, unsealed(batch, order.id, sealed))
    if carrier_id is not None and work is not None:
        set_carrier(batch, work, carrier_id)
    end_change(batch, order, change_id, "confirmed", "", work)
    batch.note(order, "receiver_changed" if sealed else "label_confirmed", {"field": what, "way": way})
    if way != "update":
        invalidate(batch, order, "address")


def carry_out_told(batch: Batch, work: FulfilmentWork) -> None:
    """Nothing of it leaves under the label that its carrier has changed: what was asked for is simply ours."""
    if not batch.masters.labels:
        return
    for change_id, order_id in fetch(batch.connection, TOLD_OF, (work.id, PLATFORM)):
        carry_out(batch, batch.orders[order_id], None, change_id)


def unsealed(batch: Batch, order_id: int, sealed: bytes) -> ReceiverRecord:
    """The receiver of a change."""
    told: dict[str, Any] = orjson.loads(open_key(batch.hub, batch.connection, order_id).unseal(sealed))
    return ReceiverRecord(**told)


def set_carrier(batch: Batch, work: FulfilmentWork, carrier_id: int) -> None:
    """Another carrier for a fulfilment that nobody has been told of."""
    work.carrier_id = carrier_id
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("update fulfilment set carrier_id = %s where id = %s", (carrier_id, work.id))


def end_change(
    batch: Batch, order: OrderWork, change_id: int, state: str, words: str, work: FulfilmentWork | None
) -> str:
    """Write how a change ended, on its row and on the timeline; answers who had asked for it, empty if it had ended."""
    asked_by, said = _end(batch, change_id, state, words)
    if asked_by:
        kind = "label_confirmed" if state == "confirmed" else "label_refused"
        _tell(batch, _concerned(batch, order, work, asked_by), kind, said, work)
    return asked_by


def _end(batch: Batch, change_id: int, state: str, words: str) -> tuple[str, str]:
    """Who had asked for it, and what is to be said; words of packages that keep their old label stay."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        row = cursor.execute(
            """update label_change set state = %s, words = case when %s = '' then words else %s end, ended_at = %s,
                 ended_by = %s where id = %s and state = any(%s) returning asked_by, words""",
            (state, words, words[:500], batch.now, batch.actor, change_id, list(OPEN)),
        ).fetchone()
    return (str(row[0]), str(row[1])) if row is not None else ("", "")


def _concerned(batch: Batch, order: OrderWork, work: FulfilmentWork | None, asked_by: str) -> list[OrderWork]:
    """What the platform told of joined orders was told of all of them."""
    if work is None or asked_by != PLATFORM:
        return [order]
    return [batch.orders[id_] for id_ in work.order_ids]


def _tell(batch: Batch, orders: Sequence[OrderWork], kind: str, words: str, work: FulfilmentWork | None) -> None:
    place, detail = work.id if work is not None else None, {"words": words[:200]} if words else None
    for order in orders:
        batch.note(order, kind, detail, fulfilment_id=place)


def supersede(batch: Batch, order: OrderWork) -> None:
    """The platform tells yet another receiver: whatever is being worked on for this order has lost its sense."""
    question = "select id from label_change where order_id = %s and state = any(%s)"
    for (change_id,) in fetch(batch.connection, question, (order.id, list(OPEN))):
        asked_by, words = _end(batch, change_id, "refused", MEANWHILE)
        if asked_by != PLATFORM:
            _tell(batch, [order], "label_refused", words, None)


def fail_change(batch: Batch, order: OrderWork, change_id: int, words: str, work: FulfilmentWork | None) -> None:
    """The label was not changed. What a person asked for is not done.

    What the platform told is never given up: the warehouse is asked for the goods instead, and of what has left the
    ledger says that it was too late.
    """
    asked_by, said = _end(batch, change_id, "refused", words)
    if not asked_by:
        return
    orders = _concerned(batch, order, work, asked_by)
    if asked_by != PLATFORM:
        _tell(batch, orders, "label_refused", said, work)
        return
    _tell(batch, orders, "label_called_back", said, work)
    batch.pokes.add("advance")
    if work is None:
        return
    for one in orders:
        _call_back(batch, one, work, said)
    if any(line.shipped for line in work.lines):
        left = fetch(batch.connection, PARCELS, (work.id, list(ON_THE_WAY)))
        call_back_by_itself(batch, work.stock_point_id, [row[0] for row in left])


def _call_back(batch: Batch, order: OrderWork, work: FulfilmentWork, words: str) -> None:
    order.ready_at = batch.now
    mine = [line for line in work.lines if line.order_id == order.id]
    if order.status == "open" and any(line.open_units for line in mine):
        batch.place_hold(order, HOLD)
    if any(line.shipped for line in mine):
        ledger(batch, order, work, HOLD, "failed", words=words)


def refuse_changes(batch: Batch, work: FulfilmentWork, words: str) -> None:
    """The warehouse did not give it back: it leaves as it was, and what was asked is not claimed.

    The hold of what the platform told stays, so that people see that the goods go where nobody wants them.
    """
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        change_id = change_of(order)
        if change_id is None:
            continue
        end_change(batch, order, change_id, "refused", words, work)
        if not _is_platforms(batch, change_id):
            batch.clear_hold(order, HOLD, "the label could not be changed")


def _is_platforms(batch: Batch, change_id: int) -> bool:
    question = "select 1 from label_change where id = %s and asked_by = %s"
    return bool(fetch(batch.connection, question, (change_id, PLATFORM)))
