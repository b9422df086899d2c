"""Writes parcels of an order to Vendure as fulfilments and reads which are there already.

A fulfilment is made, then told as shipped: two calls, so one that was made and not told is found and told. Vendure
has no call that changes a waybill; the fulfilment is undone and made again with the new one.
"""

from __future__ import annotations

from collections import Counter

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.vendure import codes, documents
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.reading import Json, required, rows, text, whole

_CHARGES = ("shipping-", "charge-")


def push_shipment(admin: Admin, notice: ShipmentNotice, code: str) -> Receipt:
    """Write one parcel back: its units, else all left of its lines; `code` names the server's way to fulfil."""
    _must_have_waybill(notice)
    wanted = _wanted(notice)
    order = _read(admin, notice.order_no)
    there = _units(_standing(order))
    rests = _left(order, wanted)
    due = {line: notice.due(line, rest, there[line, notice.waybill_no]) for line, rest in rests.items()}
    left = {line: units for line, units in due.items() if units}
    if left:
        return Receipt(_fulfil(admin, left, notice, code))
    sent = [row for row in _standing(order) if _covers(row, wanted)]
    if not sent:
        raise Refused("nothing of these lines is left to ship on Vendure", code="nothing-left")
    for fulfilment in sent:
        if text(fulfilment, "state") in codes.WAITING:
            _tell(admin, required(fulfilment, "id"), codes.SHIPPED)
    if any(text(row, "trackingCode") == notice.waybill_no for row in sent):
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    return Receipt(notice.waybill_no, "these goods had left; Vendure keeps the one waybill they left with")


def find_shipment(admin: Admin, order_no: str) -> ShipmentFound:
    """Lines of which units have left, each with the waybill of its last parcel."""
    found: dict[str, str] = {}
    gone = [row for row in rows(_read(admin, order_no), "fulfillments") if text(row, "state") in codes.GONE]
    for fulfilment in gone:
        found |= dict.fromkeys(_lines(fulfilment), text(fulfilment, "trackingCode"))
    return ShipmentFound(found, _units(gone))


def change_shipment(admin: Admin, notice: ShipmentNotice, code: str) -> Receipt:
    """Undo every parcel that carries one of the notice's lines and make it again with the new waybill."""
    _must_have_waybill(notice)
    wanted = _wanted(notice)
    order = _read(admin, notice.order_no)
    sent = [row for row in _standing(order) if _covers(row, wanted)]
    old = [row for row in sent if text(row, "trackingCode") != notice.waybill_no]
    if not sent and not _left(order, wanted):
        raise Refused("Vendure has no shipment of these lines; write the shipment back first", code="not-shipped")
    for fulfilment in old:
        _tell(admin, required(fulfilment, "id"), codes.UNDONE)
    # What an earlier try undid and did not make again is left to ship, so it is made here too.
    again = wanted and wanted | {line for row in old for line in _lines(row)}
    left = _left(_read(admin, notice.order_no) if old else order, again)
    if left:
        return Receipt(_fulfil(admin, left, notice, code))
    return Receipt(notice.waybill_no, "the platform already had this waybill")


def _fulfil(admin: Admin, left: dict[str, int], notice: ShipmentNotice, code: str) -> str:
    arguments = {
        "method": codes.METHODS.get(notice.carrier_code, notice.carrier_code),
        "trackingCode": notice.waybill_no,
    }
    made = admin.write(
        documents.FULFIL,
        "addFulfillmentToOrder",
        input={
            "lines": [{"orderLineId": line, "quantity": units} for line, units in left.items()],
            "handler": {
                "code": code,
                "arguments": [{"name": name, "value": value} for name, value in arguments.items()],
            },
        },
    )
    number = required(made, "id", "addFulfillmentToOrder.id")
    if text(made, "state") not in codes.GONE:
        _tell(admin, number, codes.SHIPPED)
    return number


def _tell(admin: Admin, number: str, state: str) -> None:
    admin.write(documents.MOVE, "transitionFulfillmentToState", id=number, state=state)


def _read(admin: Admin, order_no: str) -> Json:
    return admin.read(documents.ORDER_SHIPPING, "order", id=order_no)


def _must_have_waybill(notice: ShipmentNotice) -> None:
    if not notice.waybill_no and notice.carrier_code != codes.NO_CARRIER:
        raise Refused("a parcel needs its waybill number before it can be written back")


def _wanted(notice: ShipmentNotice) -> frozenset[str]:
    """The lines a parcel holds; none means all. Charges are left out."""
    if notice.whole:
        return frozenset()
    wanted = frozenset(line for line in notice.line_nos if not line.startswith(_CHARGES))
    if not wanted:
        raise Refused("a part shipment needs the numbers of its lines")
    return wanted


def _left(order: Json, wanted: frozenset[str]) -> dict[str, int]:
    """Units that no standing fulfilment has, by line."""
    left = {text(line, "id"): whole(line, "quantity") for line in rows(order, "lines")}
    for fulfilment in _standing(order):
        for row in rows(fulfilment, "lines"):
            number = text(row, "orderLineId")
            left[number] = left.get(number, 0) - whole(row, "quantity")
    return {line: units for line, units in left.items() if units > 0 and (not wanted or line in wanted)}


def _standing(order: Json) -> list[Json]:
    return [row for row in rows(order, "fulfillments") if text(row, "state") != codes.UNDONE]


def _units(fulfilments: list[Json]) -> Counter[tuple[str, str]]:
    """(line, waybill) → units."""
    units: Counter[tuple[str, str]] = Counter()
    for fulfilment in fulfilments:
        for row in rows(fulfilment, "lines"):
            units[text(row, "orderLineId"), text(fulfilment, "trackingCode")] += whole(row, "quantity")
    return units


def _lines(fulfilment: Json) -> list[str]:
    return [text(row, "orderLineId") for row in rows(fulfilment, "lines")]


def _covers(fulfilment: Json, wanted: frozenset[str]) -> bool:
    return not wanted or not wanted.isdisjoint(_lines(fulfilment))
