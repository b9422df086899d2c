"""Writes parcels of an order to Amazon, package by package, and reads which are there already.

A package goes by its number (packageReferenceId), a positive whole number of our choice: it is made from the waybill,
so sending a parcel again names the same package.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.client import Json, Selling, time_text
from connectors.marketplaces.amazon.reading import needed_moment, part, required, rows, text, units
from connectors.marketplaces.amazon.settings import marketplaces_of, pairs_of, setting

_CHARGES = frozenset({"shipping", "gift_wrap", "cod_fee", "other", "tip", "rest"})


def read_order(selling: Selling, order_no: str) -> Json:
    """One order with everything the hub reads of it."""
    path = f"/orders/2026-01-01/orders/{quote(order_no, safe='')}"
    found = selling.read("getOrder", path, {"includedData": codes.INCLUDED})
    order = part(found, "order")
    if not order:
        raise Refused("Amazon has no such order, or this seller may not read it", code="NotFound")
    return order


def push_shipment(selling: Selling, notice: ShipmentNotice) -> Receipt:
    """Confirm one parcel with its units, else all of its lines that have not left; Refused for orders Amazon fulfils."""
    order = _ours(selling, notice)
    wanted = _wanted(notice)
    there = _package_units(order)
    is_known = any(text(package, "trackingNumber") == notice.waybill_no for package in _covering(order, wanted))
    if is_known and all(there[line, notice.waybill_no] >= count for line, count in notice.units.items()):
        return Receipt(notice.waybill_no, "Amazon already had this parcel")
    rests = _remaining(order, wanted)
    due = {line: notice.due(line, rest, there[line, notice.waybill_no]) for line, rest in rests.items()}
    goods = {line: count for line, count in due.items() if count}
    if not goods:
        raise Refused("nothing of these lines is left to ship on Amazon", code="nothing-left")
    taken = {text(package, "packageReferenceId") for package in rows(order, "packages")}
    confirm(selling, order, notice, _package_number(notice.waybill_no, taken), goods)
    return Receipt(notice.waybill_no)


def change_shipment(selling: Selling, notice: ShipmentNotice) -> Receipt:
    """Replace the waybill of the packages that carry the notice's lines, by confirming the same package again."""
    order = _ours(selling, notice)
    packages = _covering(order, _wanted(notice))
    if not packages:
        raise Refused("Amazon has no package of these lines; write the shipment back first", code="not-shipped")
    for package in packages:
        if text(package, "trackingNumber") != notice.waybill_no:
            goods = {text(row, "orderItemId"): units(row, "quantity") or 0 for row in rows(package, "packageItems")}
            confirm(selling, order, notice, required(package, "packageReferenceId"), goods)
    return Receipt(notice.waybill_no)


def find_shipment(selling: Selling, order_no: str) -> ShipmentFound:
    """Items of which units have left, each with the waybill of its last package."""
    order = read_order(selling, order_no)
    found = {
        required(item, "orderItemId"): ""
        for item in rows(order, "orderItems")
        if units(part(item, "fulfillment"), "quantityFulfilled")
    }
    for package in _packages(order):
        waybill = text(package, "trackingNumber")
        found |= {text(row, "orderItemId"): waybill for row in rows(package, "packageItems")}
    return ShipmentFound(found, _package_units(order))


def confirm(selling: Selling, order: Json, notice: ShipmentNotice, number: str, goods: Mapping[str, int]) -> None:
    """The one write of a package: all its goods at once."""
    carrier, name = _carrier(selling, notice.carrier_code)
    package = {
        "packageReferenceId": number,
        "carrierCode": carrier,
        "carrierName": name,
        "shippingMethod": setting(selling.account, "shipping_method"),
        "trackingNumber": notice.waybill_no,
        "shipDate": _ship_date(selling, order, notice),
        "orderItems": [{"orderItemId": item, "quantity": count} for item, count in goods.items()],
    }
    marketplace = marketplace_of(selling, order)
    wanted: dict[str, object] = {"marketplaceId": marketplace, "packageDetail": package}
    if notice.is_cod and marketplace == codes.JAPAN:
        wanted["codCollectionMethod"] = "DirectPayment"
    path = f"/orders/v0/orders/{quote(notice.order_no, safe='')}/shipmentConfirmation"
    selling.send("confirmShipment", "POST", path, wanted, writes=True)


def marketplace_of(selling: Selling, order: Json) -> str:
    """The marketplace an order was placed on, else the account's first."""
    told = text(part(order, "salesChannel"), "marketplaceId")
    return told or next(iter(marketplaces_of(selling.account)), "")


def _ours(selling: Selling, notice: ShipmentNotice) -> Json:
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    order = read_order(selling, notice.order_no)
    if text(part(order, "fulfillment"), "fulfilledBy") == "AMAZON":
        raise Refused("Amazon fulfils this order itself; nothing can be written to it", code="fulfilled-by-amazon")
    return order


def _wanted(notice: ShipmentNotice) -> frozenset[str]:
    """The items a parcel holds; none means all. Charges are no goods."""
    if notice.whole:
        return frozenset()
    wanted = frozenset(notice.line_nos) - _CHARGES
    if not wanted:
        raise Refused("a part shipment needs the numbers of its lines")
    return wanted


def _packages(order: Json) -> list[Json]:
    packages = rows(order, "packages")
    return [each for each in packages if text(part(each, "packageStatus"), "status") != codes.CANCELLED]


def _package_units(order: Json) -> Counter[tuple[str, str]]:
    """(item, waybill) → units."""
    found: Counter[tuple[str, str]] = Counter()
    for package in _packages(order):
        for row in rows(package, "packageItems"):
            found[text(row, "orderItemId"), text(package, "trackingNumber")] += units(row, "quantity") or 0
    return found


def _covering(order: Json, wanted: frozenset[str]) -> list[Json]:
    return [
        package
        for package in _packages(order)
        if not wanted or any(text(row, "orderItemId") in wanted for row in rows(package, "packageItems"))
    ]


def _remaining(order: Json, wanted: frozenset[str]) -> dict[str, int]:
    """Item → units that have not left."""
    found = {}
    for item in rows(order, "orderItems"):
        number, fulfilment = required(item, "orderItemId"), part(item, "fulfillment")
        left = units(fulfilment, "quantityUnfulfilled")
        if left is None:
            left = (units(item, "quantityOrdered") or 0) - (units(fulfilment, "quantityFulfilled") or 0)
        if left > 0 and (not wanted or number in wanted):
            found[number] = left
    return found


def _package_number(waybill: str, taken: set[str]) -> str:
    number = zlib.crc32(waybill.encode()) % 999_999_999 + 1
    while str(number) in taken:
        number += 1
    return str(number)


def _carrier(selling: Selling, code: str) -> tuple[str, str]:
    """Amazon's code and a name; a carrier it may not know is "Other" with the name people know."""
    name = codes.CARRIER_NAMES.get(code) or codes.CARRIERS.get(code) or code
    found = pairs_of(selling.account, "carrier_codes").get(code) or codes.CARRIERS.get(code)
    return found or codes.OTHER_CARRIER, name


def _ship_date(selling: Selling, order: Json, notice: ShipmentNotice) -> str:
    """Amazon refuses a time before the order or after now."""
    latest = selling.clock() - timedelta(seconds=1)
    return time_text(min(max(notice.shipped_at, needed_moment(order, "createdTime")), latest))
