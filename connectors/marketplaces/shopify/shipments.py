"""Writes parcels of an order to Shopify as fulfilments and reads which are there already.

Goods wait in fulfilment orders, one for each location; their ids change when goods move, so they are read before
every write. Shopify has no idempotency for fulfilments: a parcel that is there already is not written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.shopify import codes, documents
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import Json, gid, inner, nodes, required, tail, text, whole

#: Charges that stand among an order's lines without being goods.
_LINE_KIND = "gid://shopify/LineItem/"


class _Part(NamedTuple):
    """What one fulfilment order has of a parcel."""

    location: str
    number: str
    rows: list[dict[str, object]]


def push_shipment(admin: Admin, notice: ShipmentNotice, our_locations: frozenset[str], notify: bool) -> Receipt:
    """Write one parcel back; one call for each location its goods wait at.

    A line leaves with the notice's units of it, else with all that is left. Goods that have left already, with another
    waybill, get this one beside it.
    """
    _must_have_waybill(notice)
    order = _read(admin, notice.order_no)
    wanted = _wanted(notice)
    sent = [fulfilment for fulfilment in _fulfilled(order) if _covers(fulfilment, wanted)]
    # Parts first: of a parcel with goods of two places, the first call may have gone through and the second not.
    parts = _parts(order, wanted, our_locations, notice)
    if not parts:
        if any(notice.waybill_no and notice.waybill_no in _waybills(fulfilment) for fulfilment in sent):
            return Receipt(notice.waybill_no, "the platform already had this parcel")
        return _add_waybill(admin, sent, notice, notify)
    receipt = Receipt(notice.waybill_no)
    for location in dict.fromkeys(part.location for part in parts):
        fulfilment: dict[str, object] = {
            "lineItemsByFulfillmentOrder": [
                {"fulfillmentOrderId": part.number, "fulfillmentOrderLineItems": part.rows}
                for part in parts
                if part.location == location
            ],
            "notifyCustomer": notify,
        }
        if notice.waybill_no:
            fulfilment["trackingInfo"] = {"company": _company(notice), "number": notice.waybill_no}
        made = admin.write(documents.FULFIL, "fulfillmentCreate", fulfillment=fulfilment)
        receipt = Receipt(text(inner(made, "fulfillment"), "id") or notice.waybill_no)
    return receipt


def find_shipment(admin: Admin, order_no: str) -> ShipmentFound:
    """Lines of which units have left, each with the waybill of its last parcel."""
    found: dict[str, str] = {}
    units: Counter[tuple[str, str]] = Counter()
    for fulfilment in _fulfilled(_read(admin, order_no)):
        waybills = _waybills(fulfilment)
        found |= dict.fromkeys(_lines(fulfilment), next(iter(waybills), ""))
        for line, count in _units(fulfilment).items():
            units.update(dict.fromkeys(((line, waybill) for waybill in waybills), count))
    return ShipmentFound(found, units)


def change_shipment(admin: Admin, notice: ShipmentNotice, notify: bool) -> Receipt:
    """Replace the waybill of every parcel that carries one of the notice's lines."""
    _must_have_waybill(notice)
    wanted = _wanted(notice)
    sent = [fulfilment for fulfilment in _fulfilled(_read(admin, notice.order_no)) if _covers(fulfilment, wanted)]
    if not sent:
        raise Refused("Shopify has no shipment of these lines; write the shipment back first", code="not-shipped")
    for fulfilment in sent:
        _write_tracking(admin, fulfilment, _company(notice), [notice.waybill_no], notify)
    return Receipt(notice.waybill_no)


def _add_waybill(admin: Admin, sent: list[Json], notice: ShipmentNotice, notify: bool) -> Receipt:
    if not sent or not notice.waybill_no:
        raise Refused("nothing of these lines is left to ship on Shopify", code="nothing-left")
    for fulfilment in sent:
        waybills = [*_waybills(fulfilment), notice.waybill_no]
        _write_tracking(admin, fulfilment, _company(notice), waybills, notify)
    return Receipt(notice.waybill_no, "a further waybill of goods that had left")


def _write_tracking(admin: Admin, fulfilment: Json, company: str, waybills: list[str], notify: bool) -> None:
    tracking: dict[str, object] = {"company": company, "number": waybills[0]}
    if len(waybills) > 1:
        tracking = {"company": company, "numbers": waybills}
    admin.write(
        documents.TRACKING,
        "fulfillmentTrackingInfoUpdate",
        id=required(fulfilment, "id", "fulfillments.id"),
        t=tracking,
        notify=notify,
    )


def _read(admin: Admin, order_no: str) -> Json:
    return admin.read(documents.ORDER_SHIPPING, "order", id=gid("Order", order_no))


def _must_have_waybill(notice: ShipmentNotice) -> None:
    if not notice.waybill_no and notice.carrier_code != codes.NO_CARRIER:
        raise Refused("a parcel needs its waybill number before it can be written back")


def _wanted(notice: ShipmentNotice) -> frozenset[str]:
    """The line items a parcel holds; none means all. Numbers of charges are left out."""
    if notice.whole:
        return frozenset()
    wanted = {gid("LineItem", number) for number in notice.line_nos if number.startswith("gid://") or number.isdigit()}
    wanted = {number for number in wanted if number.startswith(_LINE_KIND)}
    if not wanted:
        raise Refused("a part shipment needs the numbers of its lines")
    return frozenset(wanted)


def _parts(order: Json, wanted: frozenset[str], our_locations: frozenset[str], notice: ShipmentNotice) -> list[_Part]:
    """What is still to ship of the wanted lines; Refused when the platform holds any of it back."""
    parts, held = [], []
    due = _due(order, notice)
    for waiting in nodes(order, "fulfillmentOrders"):
        location = text(inner(inner(waiting, "assignedLocation"), "location"), "id")
        if text(waiting, "status") not in codes.FULFILLABLE or (our_locations and tail(location) not in our_locations):
            continue
        rows = list(_remaining(waiting, wanted, due))
        if not rows:
            continue
        if not _may_fulfil(waiting):
            held.append(_why_held(waiting))
        parts.append(_Part(location, required(waiting, "id", "fulfillmentOrders.id"), rows))
    if held:
        raise Refused(f"Shopify does not let these goods leave: {', '.join(held)}; release them there", code="held")
    return parts


def _due(order: Json, notice: ShipmentNotice) -> dict[str, int]:
    """Units still to ship of the lines that the notice has in part, less those that this parcel has already."""
    there: Counter[str] = Counter()
    for fulfilment in _fulfilled(order):
        if notice.waybill_no in _waybills(fulfilment):
            there.update(_units(fulfilment))
    lines = ((number, gid("LineItem", number)) for number in notice.units)
    return {line: notice.due(number, notice.units[number], there[line]) for number, line in lines}


def _remaining(waiting: Json, wanted: frozenset[str], due: dict[str, int]) -> Iterator[dict[str, object]]:
    """Rows to ship of one fulfilment order; units taken are no longer due elsewhere."""
    for row in nodes(waiting, "lineItems"):
        units, line = whole(row, "remainingQuantity"), text(inner(row, "lineItem"), "id")
        if wanted and line not in wanted:
            continue
        if line in due:
            units = min(units, due[line])
            due[line] -= units
        if units:
            yield {"id": required(row, "id"), "quantity": units}


def _may_fulfil(waiting: Json) -> bool:
    actions = nodes(waiting, "supportedActions")
    if text(waiting, "status") == codes.ON_HOLD:
        return False
    return not actions or any(action.get("action") == codes.CAN_FULFIL for action in actions)


def _why_held(waiting: Json) -> str:
    reasons = [text(hold, "reason").lower() for hold in nodes(waiting, "fulfillmentHolds")]
    return "/".join(filter(None, reasons)) or text(waiting, "status").lower()


def _fulfilled(order: Json) -> list[Json]:
    return [fulfilment for fulfilment in nodes(order, "fulfillments") if text(fulfilment, "status") in codes.FULFILLED]


def _lines(fulfilment: Json) -> list[str]:
    return list(_units(fulfilment))


def _units(fulfilment: Json) -> dict[str, int]:
    rows = nodes(fulfilment, "fulfillmentLineItems")
    return {text(inner(row, "lineItem"), "id"): whole(row, "quantity") for row in rows}


def _covers(fulfilment: Json, wanted: frozenset[str]) -> bool:
    return not wanted or not wanted.isdisjoint(_lines(fulfilment))


def _waybills(fulfilment: Json) -> list[str]:
    return [number for row in nodes(fulfilment, "trackingInfo") if (number := text(row, "number"))]


def _company(notice: ShipmentNotice) -> str:
    """Shopify takes any name; only names it knows become links."""
    return codes.COMPANIES.get(notice.carrier_code, notice.carrier_code)
