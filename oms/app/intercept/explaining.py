"""A platform may show a waybill before the warehouse tells of it: once the parcel is booked, it is ours after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.domain.waybills import same_form

KIND: Final = "already_shipped"
#: Waybills of every parcel that carries goods of an order, or left with a fulfilment that has its goods.
OURS: Final = """
select x.order_id, p.waybill_no from fulfilment_line x join parcel p on p.fulfilment_id = x.fulfilment_id
where x.order_id = any(%s)
union select i.order_id, p.waybill_no from parcel_item i join parcel p on p.id = i.parcel_id where i.order_id = any(%s)"""


def our_waybills(batch: Batch, ids: list[int]) -> dict[int, set[str]]:
    """Order → the waybills of our parcels, in one form."""
    found: dict[int, set[str]] = {id_: set() for id_ in ids}
    for order_id, waybill in fetch(batch.connection, OURS, (ids, ids)):
        found[order_id].add(same_form(waybill))
    return found


def explain(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Take our own waybills off what is held as shipped by somebody else; the hold goes when nothing strange is left."""
    held = [order for order in orders if order.holds and _shown(order)]
    if not held:
        return
    ours = our_waybills(batch, [order.id for order in held])
    for order in held:
        strange = [waybill for waybill in _shown(order) if same_form(waybill) not in ours[order.id]]
        if strange != _shown(order):
            _narrow(batch, order, strange)


def _shown(order: OrderWork) -> list[str]:
    hold = order.hold(KIND)
    return list(hold.seen.get("waybills", ())) if hold is not None else []


def _narrow(batch: Batch, order: OrderWork, strange: list[str]) -> None:
    """Lines shown without a waybill, and goods that left after they were given back, stay held."""
    hold = order.hold(KIND)
    if hold is None:
        return
    batch.clear_hold(order, KIND, "our own parcels")
    if strange or hold.seen.get("untold") or "fulfilment" in hold.seen:
        batch.place_hold(order, KIND, hold.seen | {"waybills": strange})
