"""How a change of a label ends: the receiver is ours only when the carrier and the warehouse have said yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from connectors.contract.notices import Label
from connectors.contract.records import ReceiverRecord
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.marks import tell
from oms.app.kernel.receivers import open_key
from oms.app.kernel.receivers_stored import store_receiver
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.reviewing.invalidating import invalidate
from oms.db.bulk import psycopg_connection
from oms.domain.holds import CALLING_BACK
from oms.domain.numbers import document_no

HOLD: Final = "address_changed"
#: Who hears that a label has to be printed once more, by the code of the team.
PRINTING: Final = "warehouse"
#: A change that somebody has still to answer for.
OPEN: Final = ("asked", "told")
TOLD: Final = "update label_change set state = 'told', told_at = %s where id = %s and state = 'asked'"


def change_of(order: OrderWork) -> int | None:
    """The change by a person that an order is called back for."""
    hold = order.hold(HOLD)
    return hold.seen.get("change") if hold is not None else None


def renew_given_back(batch: Batch, work: FulfilmentWork) -> bool:
    """The warehouse has given it back so that its label may change: the change is done. Answers whether it goes again.

    It goes as a new version of the same fulfilment, unless it was joined with others or does not fit any more; then its
    goods are planned anew.
    """
    carry_out_told(batch, work)
    changed = [batch.orders[id_] for id_ in work.order_ids if change_of(batch.orders[id_])]
    for order in changed:
        carry_out(batch, order, work, change_of(order) or 0)
    if len(changed) != 1 or len(work.order_ids) != 1 or not _fits(batch, changed[0], work):
        return False
    order = changed[0]
    move_fulfilment(batch, work, "renew", version=work.version + 1)
    move_stop(batch, work, "renew")
    work.version += 1
    work.sent_at = work.accepted_at = work.merge_key = None
    work.warehouse_ref = work.warehouse_step = ""
    batch.clear_hold(order, HOLD, "nothing with the old content is left")
    order.ready_at = batch.now
    batch.pokes.add("advance")
    return True


def _fits(batch: Batch, order: OrderWork, work: FulfilmentWork) -> bool:
    """Whether the same goods may leave from the same place with the same carrier to the new address."""
    others = any(hold.kind in CALLING_BACK and hold.kind != HOLD for hold in order.holds)
    lost = {line.id for line in order.lines if line.is_lost}
    is_whole = not any(line.shipped or line.cancelled or line.line_id in lost for line in work.lines)
    carrier = batch.masters.carriers.get(work.carrier_id or 0)
    reaches = carrier is not None and not carrier.is_suspended and carrier.delivers_to(order.division_code)
    return order.status == "open" and not others and is_whole and reaches


def carry_out(batch: Batch, order: OrderWork, work: FulfilmentWork | None, change_id: int) -> None:
    """Do what was asked for and confirmed."""
    rows = fetch(
        batch.connection,
        "select state, sealed, carrier_id, what, way, was_key from label_change where id = %s for update",
        (change_id,),
    )
    if not rows or rows[0][0] not in OPEN:
        return
    _, sealed, carrier_id, what, way, was_key = rows[0]
    if sealed is not None and order.receiver_key != was_key:
        end_change(batch, order, change_id, "refused", "the buyer changed it meanwhile", work)
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
    question = "select id, order_id from label_change where fulfilment_id = %s and state = 'told' order by id"
    for change_id, order_id in fetch(batch.connection, question, (work.id,)):
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
) -> None:
    """Write how a change ended, on its row and on the timeline."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update label_change set state = %s, words = %s, ended_at = %s, ended_by = %s
               where id = %s and state = any(%s)""",
            (state, words[:500], batch.now, batch.actor, change_id, list(OPEN)),
        )
        if not cursor.rowcount:
            return
    place = work.id if work is not None else None
    kind = "label_confirmed" if state == "confirmed" else "label_refused"
    batch.note(order, kind, {"words": words[:200]} if words else None, fulfilment_id=place)


def refuse_changes(batch: Batch, work: FulfilmentWork, words: str) -> None:
    """The warehouse did not give it back: it leaves as it was, and what was asked is not claimed."""
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        change_id = change_of(order)
        if change_id is not None:
            end_change(batch, order, change_id, "refused", words, work)
            batch.clear_hold(order, HOLD, "the label could not be changed")


#: Labels of other packages that the same change is still asked for.
OTHERS: Final = """
select 1 from outbound where fulfilment_id = %s and kind = 'change_label' and id <> %s
and (detail->>'change')::bigint = %s and state in ('waiting', 'sending', 'unknown', 'stuck') limit 1"""


def relabel(
    batch: Batch, order: OrderWork, work: FulfilmentWork, detail: Mapping[str, Any], label: Label, row_id: int
) -> None:
    """The carrier has changed a label of ours. The warehouse is told to print it again, and has to say that it has.

    Until then the receiver is the old one: the parcel may still bear the old label. Of several packages all labels have
    to be changed first.
    """
    sealed, change_id = open_key(batch.hub, batch.connection, order.id).seal(label.print_data.encode()), detail["change"]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update e_waybill set sealed_print = %s, prints = prints + 1,
                 waybill_no = case when %s = '' then waybill_no else %s end where id = %s""",
            (sealed, label.waybill_no, label.waybill_no, detail["number"]),
        )
        if fetch(batch.connection, OTHERS, (work.id, row_id, change_id)):
            return
        cursor.execute(TOLD, (batch.now, change_id))
        if not cursor.rowcount:
            return
    batch.note(order, "label_told", {"waybill": label.waybill_no}, fulfilment_id=work.id)
    number = document_no("fulfilment", work.id, work.version)
    tell(batch, order, "label", f"label:{change_id}", PRINTING, number)
