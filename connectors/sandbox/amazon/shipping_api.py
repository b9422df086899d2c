"""Confirming parcels: one package at a time, whole or in part; the same package reference again changes its waybill."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.amazon import postings
from connectors.sandbox.amazon.clock import ms_of
from connectors.sandbox.amazon.errors import ApiError, invalid
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop
from connectors.sandbox.amazon.states import is_pending
from connectors.sandbox.kit.market import Sale, ship
from connectors.sandbox.kit.market.model import line_of, open_num
from connectors.sandbox.kit.market.selling import change_waybill

NEEDED = ("packageReferenceId", "carrierCode", "trackingNumber", "shipDate", "orderItems")
CARRIERS = frozenset({"ZTO", "YTO", "STO", "SF", "EMS", "YUNDA", "JD", "UPS", "FedEx", "DHL", "USPS", "Other"})
SKEW_MS = 300_000


def confirm(shop: Shop, asked: Asked) -> tuple[int, None]:
    """Take a package as shipped; 204 without a body."""
    body = asked.body("marketplaceId", "packageDetail")
    if body["marketplaceId"] != shop.marketplace:
        raise invalid("marketplaceId is not the marketplace of the order.")
    package = package_of(shop, body["packageDetail"])
    take_package(shop, shop.order(asked.path["order"]), package)
    return 204, None


def take_package(shop: Shop, sale: Sale, package: Doc) -> None:
    """Keep a package of an order; ApiError with the reason when it cannot be taken, which the ledger keeps."""
    known = next((found for found in sale.doc["packages"] if found["ref"] == package["ref"]), None)
    if known is not None:
        _change(shop, sale, known, package)
        return
    reason = _why_not(shop, sale, package)
    if reason:
        names = list(package["units"])
        shop.market.shelves.add_shipment(
            sale.number, names, package["carrier"], package["waybill"], "online", reason=reason
        )
        raise ApiError(400, "InvalidInput", reason)
    with shop.market.storage.write():
        # The package is written first, so that whoever hears of the shipment sees it.
        sale.doc["packages"].append(package)
        shop.market.shelves.save(sale)
        package["shipment"] = ship(
            shop.market, sale.number, package["carrier"], package["waybill"], oids=list(package["units"]),
            units=package["units"], kind="split" if _is_part(sale, package) else "online",
        )  # fmt: skip
        now = shop.market.find_sale(sale.number)
        now.doc["packages"][-1] = package
        shop.market.shelves.save(now)
        postings.shipped(shop, now, package["units"])


def package_of(shop: Shop, detail: Any) -> Doc:
    """A package as the call or a feed describes it; ApiError when something is missing or wrong."""
    if not isinstance(detail, dict):
        raise invalid("packageDetail must be an object.")
    for name in NEEDED:
        if detail.get(name) in (None, "", []):
            raise invalid(f"packageDetail.{name} is required.")
    reference = detail["packageReferenceId"]
    if not isinstance(reference, str) or not reference.isdigit() or int(reference) <= 0:
        raise invalid("packageDetail.packageReferenceId must be a positive number as text.")
    return {
        "ref": reference, "carrier": _carrier(detail), "method": str(detail.get("shippingMethod") or ""),
        "waybill": str(detail["trackingNumber"]), "at_ms": shop.market.now_ms(), "status": "SHIPPED", "shipment": 0,
        "ship_ms": ms_of(str(detail["shipDate"]), "packageDetail.shipDate"), "units": _units(detail["orderItems"]),
    }  # fmt: skip


def _carrier(detail: Doc) -> str:
    code = str(detail["carrierCode"])
    if code not in CARRIERS:
        raise invalid("packageDetail.carrierCode is not a known carrier; use Other with a carrierName.")
    if code == "Other" and not detail.get("carrierName"):
        raise invalid("packageDetail.carrierName is required when carrierCode is Other.")
    return str(detail["carrierName"]) if code == "Other" else code


def _units(items: Any) -> dict[str, int]:
    if not isinstance(items, list):
        raise invalid("packageDetail.orderItems must be a list.")
    found: dict[str, int] = {}
    for item in items:
        number, quantity = (item.get("orderItemId"), item.get("quantity")) if isinstance(item, dict) else (None, None)
        if not isinstance(number, str) or not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            raise invalid("packageDetail.orderItems needs orderItemId (text) and quantity (a number from 1).")
        found[number] = found.get(number, 0) + quantity
    return found


def _why_not(shop: Shop, sale: Sale, package: Doc) -> str:
    """The reason for not taking a package; "" when it is taken."""
    doc = sale.doc
    strange = [no for no in package["units"] if no not in {line["no"] for line in sale.lines}]
    reasons = (
        (doc["by_platform"], "The order is fulfilled by Amazon."),
        (is_pending(doc), "The order is pending and cannot be shipped yet."),
        (doc["status"] == "cancelled", "The order is canceled."),
        (doc["status"] in ("shipped", "completed"), "The order has already been shipped."),
        (package["ship_ms"] > shop.market.now_ms() + SKEW_MS, "shipDate must not be in the future."),
        (package["ship_ms"] < doc["created_ms"] - SKEW_MS, "shipDate must not precede the date of the order."),
        (bool(strange), f"orderItemId {'/'.join(strange)} does not belong to the order."),
    )
    found = next((words for holds, words in reasons if holds), "")
    return found or _too_many(sale, package)


def _too_many(sale: Sale, package: Doc) -> str:
    for number, quantity in package["units"].items():
        if quantity > open_num(line_of(sale.doc, number)):
            return f"quantity of {number} is more than is left to ship."
    return ""


def _is_part(sale: Sale, package: Doc) -> bool:
    return any(open_num(line) > package["units"].get(line["no"], 0) for line in sale.lines)


def _change(shop: Shop, sale: Sale, known: Doc, package: Doc) -> None:
    """The same reference with another waybill or carrier; the same once more changes nothing."""
    if package["units"] != known["units"]:
        raise invalid("The items of a confirmed package cannot be changed.")
    if (package["waybill"], package["carrier"]) == (known["waybill"], known["carrier"]):
        return
    with shop.market.storage.write():
        shipment = change_waybill(shop.market, sale.number, known["shipment"], package["carrier"], package["waybill"])
        now = shop.market.find_sale(sale.number)
        fields = {**{name: package[name] for name in ("carrier", "method", "waybill", "ship_ms")}, "shipment": shipment}
        next(found for found in now.doc["packages"] if found["ref"] == package["ref"]).update(fields)
        shop.market.shelves.save(now)


OPERATIONS = (Operation("confirmShipment", "POST", "/orders/v0/orders/<order>/shipmentConfirmation", 2, 10, confirm),)
