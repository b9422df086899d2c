"""Writes parcels of an order to Saleor as fulfilments and reads which are there already.

A fulfilment leaves from one warehouse and has one tracking number and no carrier, so Saleor makes one for each
warehouse a parcel's goods are set aside in. It has no idempotency for fulfilments: what has left is not written again.
A shop that approves fulfilments by hand lets ours wait; since the goods have left, they are approved at once.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.saleor import codes, documents
from connectors.marketplaces.saleor.client import Api
from connectors.marketplaces.saleor.reading import Json, inner, required, rows, text, whole

#: Charges that stand among an order's lines without being goods.
_CHARGES = frozenset({"freight", "charges"})


class Manners(NamedTuple):
    """How an account ships: a warehouse where none is set aside, whether stock may run below zero, mails to buyers."""

    warehouse: str
    may_exceed: bool
    notify: bool


def push_shipment(api: Api, notice: ShipmentNotice, manners: Manners) -> Receipt:
    """Write one parcel back: of each line the notice's units, else all that is left to ship."""
    _must_have_waybill(notice)
    wanted = _wanted(notice)
    order = _read(api, notice.order_no)
    due = _due(order, wanted, notice)
    if not due:
        return _told_again(api, [row for row in _parcels(order) if _covers(row, wanted)], notice, manners)
    written = {
        "lines": [
            {"orderLineId": required(line, "id"), "stocks": _stocks(line, units, manners.warehouse)}
            for line, units in due
        ],
        "notifyCustomer": manners.notify,
        "allowStockToBeExceeded": manners.may_exceed,
        "trackingNumber": notice.waybill_no,
    }
    made = rows(api.write(documents.FULFIL, "orderFulfill", order=required(order, "id"), input=written), "fulfillments")
    _approve(api, made, manners)
    return Receipt(text(made[0], "id") if made else notice.waybill_no)


def find_shipment(api: Api, order_no: str) -> ShipmentFound:
    """Lines of which units have left, each with the waybill of its last parcel, empty when all came back."""
    found: dict[str, str] = {}
    order = _read(api, order_no)
    for fulfilment in rows(order, "fulfillments"):
        status = text(fulfilment, "status")
        if status == codes.PARCEL:
            found |= dict.fromkeys(_lines(fulfilment), text(fulfilment, "trackingNumber"))
        elif status in codes.CASES:
            found = dict.fromkeys(_lines(fulfilment), "") | found
    return ShipmentFound(found, _units([row for row in _parcels(order) if text(row, "status") == codes.PARCEL]))


def change_shipment(api: Api, notice: ShipmentNotice, manners: Manners) -> Receipt:
    """Replace the waybill of every parcel that carries one of the notice's lines."""
    _must_have_waybill(notice)
    wanted = _wanted(notice)
    sent = [row for row in _parcels(_read(api, notice.order_no)) if _covers(row, wanted)]
    if not sent:
        raise Refused("Saleor has no shipment of these lines; write the shipment back first", code="not-shipped")
    for fulfilment in sent:
        _write_tracking(api, fulfilment, notice.waybill_no, manners)
    return Receipt(notice.waybill_no)


def _told_again(api: Api, sent: list[Json], notice: ShipmentNotice, manners: Manners) -> Receipt:
    """Nothing is left to ship: the parcel is there already, or is a further one of the same goods."""
    if not sent:
        raise Refused("nothing of these lines is left to ship on Saleor", code="nothing-left")
    _approve(api, sent, manners)
    if not notice.waybill_no or any(notice.waybill_no in _waybills(row) for row in sent):
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    for fulfilment in sent:
        _write_tracking(api, fulfilment, ", ".join([*_waybills(fulfilment), notice.waybill_no]), manners)
    return Receipt(notice.waybill_no, "a further waybill of goods that had left")


def _approve(api: Api, fulfilments: list[Json], manners: Manners) -> None:
    for fulfilment in fulfilments:
        if text(fulfilment, "status") == codes.WAITING:
            api.write(
                documents.APPROVE,
                "orderFulfillmentApprove",
                id=required(fulfilment, "id"),
                notify=manners.notify,
                exceed=manners.may_exceed,
            )


def _write_tracking(api: Api, fulfilment: Json, waybill: str, manners: Manners) -> None:
    api.write(
        documents.TRACKING,
        "orderFulfillmentUpdateTracking",
        id=required(fulfilment, "id"),
        input={"trackingNumber": waybill, "notifyCustomer": manners.notify},
    )


def _read(api: Api, order_no: str) -> Json:
    return api.read(documents.ORDER_SHIPPING, "order", id=order_no)


def _must_have_waybill(notice: ShipmentNotice) -> None:
    if not notice.waybill_no and notice.carrier_code != codes.NO_CARRIER:
        raise Refused("a parcel needs its waybill number before it can be written back")


def _wanted(notice: ShipmentNotice) -> frozenset[str]:
    """The lines a parcel holds; none means all. Charges are left out."""
    if notice.whole:
        return frozenset()
    wanted = frozenset(notice.line_nos) - _CHARGES
    if not wanted:
        raise Refused("a part shipment needs the numbers of its lines")
    return wanted


def _due(order: Json, wanted: frozenset[str], notice: ShipmentNotice) -> list[tuple[Json, int]]:
    """Lines with the units of them that are to ship now."""
    there = _units(_parcels(order))
    lines = [(line, text(line, "id")) for line in rows(order, "lines")]
    found = [
        (line, notice.due(number, whole(line, "quantityToFulfill"), there[number, notice.waybill_no]))
        for line, number in lines
        if not wanted or number in wanted
    ]
    return [(line, units) for line, units in found if units > 0]


def _units(fulfilments: list[Json]) -> Counter[tuple[str, str]]:
    """(line, waybill) → units."""
    units: Counter[tuple[str, str]] = Counter()
    for fulfilment in fulfilments:
        for row in rows(fulfilment, "lines"):
            number = text(inner(row, "orderLine"), "id")
            units.update(dict.fromkeys(((number, waybill) for waybill in _waybills(fulfilment)), whole(row, "quantity")))
    return units


def _stocks(line: Json, left: int, warehouse: str) -> list[dict[str, object]]:
    """Where the units of a line are taken from: where they are set aside, and what is not from one warehouse.

    Goods whose stock Saleor does not track are set aside nowhere.
    """
    found = dict[str, int]()
    for row in rows(line, "allocations"):
        units = min(left, whole(row, "quantity"))
        if units:
            place = required(inner(row, "warehouse"), "id", "allocations.warehouse.id")
            found[place] = found.get(place, 0) + units
            left -= units
    if left:
        place = warehouse or next(iter(found), "") or _any_stock(line)
        if not place:
            raise Refused("Saleor names no warehouse for these goods; set the account's warehouse", code="no-warehouse")
        found[place] = found.get(place, 0) + left
    return [{"warehouse": place, "quantity": units} for place, units in found.items()]


def _any_stock(line: Json) -> str:
    places = [text(inner(row, "warehouse"), "id") for row in rows(inner(line, "variant"), "stocks")]
    return places[0] if places else ""


def _parcels(order: Json) -> list[Json]:
    return [row for row in rows(order, "fulfillments") if text(row, "status") in (codes.PARCEL, codes.WAITING)]


def _lines(fulfilment: Json) -> list[str]:
    return [text(inner(row, "orderLine"), "id") for row in rows(fulfilment, "lines")]


def _covers(fulfilment: Json, wanted: frozenset[str]) -> bool:
    return not wanted or not wanted.isdisjoint(_lines(fulfilment))


def _waybills(fulfilment: Json) -> list[str]:
    return [waybill for waybill in text(fulfilment, "trackingNumber").split(", ") if waybill]
