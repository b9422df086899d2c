"""Writes parcels of an order back to Medusa, which wants a fulfilment first and its labels after.

Both steps look at what is there, so that a call repeated after a lost answer goes on where the first one ended.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.medusa import codes
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.reading import Json, part, required, rows, text, units

WAYBILL_MARK = "{waybill}"


class Desk:
    """Where parcels of a store are written: its stock location and the form of tracking addresses."""

    def __init__(self, admin: Admin, location: str, tracking_url: str) -> None:
        self._admin = admin
        self._location = location
        self._tracking_url = tracking_url

    def push(self, notice: ShipmentNotice) -> Receipt:
        """Ship the notice's units, else all that have not left; what left with this waybill is a success."""
        order = self._read(notice.order_no)
        left = _left(order)
        there = _units_left(order)
        wanted = _wanted(order, notice)
        due = {number: count for number, count in wanted.items() if count}
        if not due:
            if wanted and all(
                left.get(number) == notice.waybill_no or there[number, notice.waybill_no] for number in wanted
            ):
                return Receipt(notice.waybill_no, "the store already had this parcel")
            raise Refused("these lines have left already, with another waybill", code="already-shipped")
        shipped = [self._ship(order, fulfilment, notice) for fulfilment in _standing(order, due)]
        shipped += [self._ship(order, self._fulfil(order, items, notice), notice) for items in _parcels(order, due)]
        return Receipt(notice.waybill_no, answer={"fulfillments": ",".join(shipped)})

    def find(self, order_no: str) -> ShipmentFound:
        """Lines whose units have all left, with the waybill they first left with."""
        order = self._read(order_no)
        left = _left(order)
        whole = [required(item, "id") for item in rows(order, "items") if not _rest(item)]
        return ShipmentFound({number: left[number] for number in whole if number in left}, _units_left(order))

    def _read(self, order_no: str) -> Json:
        order = part(self._admin.read(f"orders/{order_no}", fields=codes.PARCEL_FIELDS), "order")
        if order.get("id") != order_no:
            raise OutcomeUnknown("the store answered with another document", code="not-an-answer")
        return order

    def _fulfil(self, order: Json, items: dict[str, int], notice: ShipmentNotice) -> Json:
        """A new fulfilment of exactly these units; Medusa has no field for the carrier's name."""
        mark = f"{notice.carrier_code} {notice.waybill_no}"
        body: dict[str, Any] = {
            "items": [{"id": number, "quantity": count} for number, count in items.items()],
            "no_notification": False,
            "metadata": {"carrier": notice.carrier_code, "oms_parcel": mark},
        }
        if self._location:
            body["location_id"] = self._location
        answer = self._admin.write(f"orders/{order['id']}/fulfillments", body, fields=codes.PARCEL_FIELDS)
        before = {text(row, "id") for row in rows(order, "fulfillments")}
        for fulfilment in rows(part(answer, "order"), "fulfillments"):
            if text(fulfilment, "id") not in before and _contents(fulfilment) == items:
                return fulfilment
        raise OutcomeUnknown("the answer does not show the new fulfilment", code="not-an-answer")

    def _ship(self, order: Json, fulfilment: Json, notice: ShipmentNotice) -> str:
        number = required(fulfilment, "id")
        items = [{"id": line, "quantity": count} for line, count in _contents(fulfilment).items()]
        address = self._tracking_url.replace(WAYBILL_MARK, notice.waybill_no)
        # All three texts of a label are wanted, empty ones too.
        labels = [{"tracking_number": notice.waybill_no, "tracking_url": address, "label_url": ""}]
        body: dict[str, Any] = {"items": items, "labels": labels if notice.waybill_no else []}
        self._admin.write(f"orders/{order['id']}/fulfillments/{number}/shipments", body)
        return number


def _wanted(order: Json, notice: ShipmentNotice) -> dict[str, int]:
    """Units that shall leave now, by line; numbers of delivery charges are no goods."""
    rests = {required(item, "id"): _rest(item) for item in rows(order, "items")}
    if notice.whole:
        # What left before in other parcels is no part of this one.
        return {number: rest for number, rest in rests.items() if rest} or rests
    there = _units_left(order)
    goods = [number for number in notice.line_nos if number in rests]
    if not goods:
        raise Refused("a part shipment needs the numbers of its lines")
    return {number: notice.due(number, rests[number], there[number, notice.waybill_no]) for number in goods}


def _rest(item: Json) -> int:
    detail = part(item, "detail")
    gone = "fulfilled_quantity" if item.get("requires_shipping") is False else "shipped_quantity"
    return max(units(item, "quantity") - units(detail, gone), 0)


def _standing(order: Json, due: dict[str, int]) -> list[Json]:
    """Fulfilments made before, by us or by people, that hold nothing but units due; they are taken out of `due`."""
    found = []
    for fulfilment in rows(order, "fulfillments"):
        contents = _contents(fulfilment)
        if fulfilment.get("canceled_at") or fulfilment.get("shipped_at") or not contents:
            continue
        if all(due.get(number, 0) >= count for number, count in contents.items()):
            for number, count in contents.items():
                due[number] -= count
            found.append(fulfilment)
    return found


def _parcels(order: Json, due: dict[str, int]) -> list[dict[str, int]]:
    """What is due, apart by whether it needs a parcel: Medusa does not fulfil both kinds together."""
    parts: dict[bool, dict[str, int]] = defaultdict(dict)
    for item in rows(order, "items"):
        number = required(item, "id")
        if due.get(number):
            parts[item.get("requires_shipping") is not False][number] = due[number]
    return [parts[needs] for needs in (True, False) if parts[needs]]


def _contents(fulfilment: Json) -> dict[str, int]:
    contents: dict[str, int] = defaultdict(int)
    for item in rows(fulfilment, "items"):
        contents[required(item, "line_item_id")] += units(item, "quantity")
    return dict(contents)


def _left(order: Json) -> dict[str, str]:
    """Line → the waybill it first left with."""
    left: dict[str, str] = {}
    for contents, waybills in _shipped(order):
        for number in contents:
            left.setdefault(number, next(iter(waybills), ""))
    return left


def _units_left(order: Json) -> Counter[tuple[str, str]]:
    """(line, waybill) → units that left with it."""
    units: Counter[tuple[str, str]] = Counter()
    for contents, waybills in _shipped(order):
        for waybill in waybills:
            units.update({(number, waybill): count for number, count in contents.items()})
    return units


def _shipped(order: Json) -> Iterator[tuple[dict[str, int], list[str]]]:
    """Contents and waybills of each fulfilment that left."""
    for fulfilment in rows(order, "fulfillments"):
        if fulfilment.get("shipped_at") and not fulfilment.get("canceled_at"):
            labels = (text(label, "tracking_number") for label in rows(fulfilment, "labels"))
            yield _contents(fulfilment), [waybill for waybill in labels if waybill]
