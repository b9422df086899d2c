"""A sale as the Orders API (2026-01-01) tells it; personal fields and data sets only when allowed and asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from connectors.sandbox.amazon.clock import text_of
from connectors.sandbox.amazon.item_docs import item_of, line_parts
from connectors.sandbox.amazon.kinds import FREE, grand_total
from connectors.sandbox.amazon.shop import Shop
from connectors.sandbox.amazon.spoil import as_shown
from connectors.sandbox.amazon.states import fulfillment_status, is_pending
from connectors.sandbox.kit.market import Sale

Doc = dict[str, Any]
DATA_SETS = frozenset({"BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT",
                       "PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"})  # fmt: skip
PROGRAMS = {
    "business": ["AMAZON_BUSINESS"],
    "prime": ["PRIME"],
    "presale_paid": ["PREORDER"],
    "presale_unpaid": ["PREORDER"],
}
DAY = 86_400_000


def order_of(shop: Shop, sale: Sale, wanted: Collection[str]) -> Doc:
    """The order with the data sets of `wanted`, damaged if it is to be."""
    doc, cases = sale.doc, shop.market.shelves.cases_of(sale.number)
    told: Doc = {
        "orderId": sale.number, "createdTime": text_of(doc["created_ms"]), "lastUpdatedTime": text_of(doc["changed_ms"]),
        "programs": PROGRAMS.get(doc["kind"], []), "associatedOrders": _associated(doc),
        "salesChannel": _channel(shop, doc),
    }  # fmt: skip
    told["orderItems"] = [item_of(shop, sale, line, cases, wanted) for line in sale.lines]
    told |= _people(shop, doc, wanted)
    if "FULFILLMENT" in wanted:
        told["fulfillment"] = _fulfillment(doc)
    if not is_pending(doc):
        told |= _money(shop, doc, wanted)
    if "PACKAGES" in wanted and not doc["by_platform"]:
        told["packages"] = [_package(doc, package) for package in doc["packages"]]
    if "FULFILLMENT_ORDERS" in wanted and doc["by_platform"]:
        told["fulfillmentOrders"] = [{"fulfillmentOrderId": f"L{sale.number[-7:]}"}]
    return as_shown(told, sale.spoil)


def masked_mail(shop: Shop, doc: Mapping[str, Any]) -> str:
    """The buyer's address as the platform relays mail to it."""
    digest = hashlib.sha256(f"{doc['buyer']['id']}".encode()).hexdigest()[:15]
    return f"{digest}@marketplace.{shop.marketplace_name.lower()}"


def address_of(doc: Mapping[str, Any]) -> Doc:
    """The delivery address with all its personal fields."""
    receiver = doc["receiver"]
    told = {
        "name": receiver["name"], "addressLine1": receiver["address"], "addressLine2": receiver["town"],
        "addressLine3": "", "city": receiver["city"],
        "districtOrCounty": receiver["district"], "stateOrRegion": receiver["state"],
        "municipality": "", "postalCode": receiver["zip"], "countryCode": "CN", "phone": receiver["mobile"],
        "addressType": "PICKUP_POINT" if doc["kind"] == "pickup" else "RESIDENTIAL",
    }  # fmt: skip
    if doc["kind"] == "business":
        told |= {"companyName": "示例科技有限公司", "addressType": "COMMERCIAL"}
    return told


def _people(shop: Shop, doc: Doc, wanted: Collection[str]) -> Doc:
    """Who bought and who receives: silently less without the restricted role, nothing while pending."""
    told: Doc = {}
    if is_pending(doc):
        return told
    allowed = bool(shop.settings.get("pii", True))
    if "BUYER" in wanted:
        told["buyer"] = _buyer(shop, doc, allowed)
    if "RECIPIENT" in wanted:
        address = address_of(doc)
        if not allowed or doc["by_platform"]:
            kept = ("city", "stateOrRegion", "postalCode", "countryCode")
            address = {name: address[name] for name in kept}
        told["recipient"] = {"deliveryAddress": address}
        if doc["message"] and allowed and not doc["by_platform"]:
            told["recipient"]["deliveryPreference"] = {"addressInstruction": doc["message"]}
    return told


def _buyer(shop: Shop, doc: Doc, allowed: bool) -> Doc:
    told: Doc = {} if doc["by_platform"] else {"buyerEmail": masked_mail(shop, doc)}
    if allowed and not doc["by_platform"]:
        told["buyerName"] = doc["receiver"]["name"]
    if doc["kind"] == "business":
        told |= {"buyerCompanyName": "示例科技有限公司", "buyerPurchaseOrderNumber": f"PO-{doc['number'][-7:]}"}
    return told


def _money(shop: Shop, doc: Doc, wanted: Collection[str]) -> Doc:
    told: Doc = {}
    if "PROCEEDS" in wanted:
        told["proceeds"] = {"grandTotal": shop.money(grand_total(doc)), "breakdowns": _breakdowns(shop, doc)}
    if "PAYMENT" in wanted:
        method = "CashOnDelivery" if doc["is_cod"] else "GiftCertificate" if doc["kind"] in FREE else "CreditCard"
        told["payment"] = {
            "paymentExecutions": [{"paymentMethod": method, "paymentAmount": shop.money(grand_total(doc))}]
        }
    if "TAX" in wanted and doc["invoice"]:
        told["tax"] = {"taxRegistrations": [{
            "entityType": "BUYER", "legalName": doc["invoice"]["title"], "taxRegistrationType": "BUSINESS",
            "taxRegistrationNumber": doc["invoice"]["tax_no"],
        }]}  # fmt: skip
    return told


def _breakdowns(shop: Shop, doc: Doc) -> list[Doc]:
    """The items' parts of the same kind added up."""
    sums: dict[str, int] = {}
    for line in doc["lines"]:
        for kind, cents in line_parts(line).items():
            sums[kind] = sums.get(kind, 0) + cents
    return [{"type": kind, "subtotal": shop.money(cents)} for kind, cents in sums.items()]


def _associated(doc: Doc) -> list[Doc]:
    if doc["kind"] not in FREE or not doc["original"]:
        return []
    return [{"orderId": doc["original"], "associationType": FREE[doc["kind"]]}]


def _channel(shop: Shop, doc: Doc) -> Doc:
    if doc["unfulfillable"]:
        return {"channelName": "NON_AMAZON"}
    return {"channelName": "AMAZON", "marketplaceId": shop.marketplace, "marketplaceName": shop.marketplace_name}


def _fulfillment(doc: Doc) -> Doc:
    told: Doc = {
        "fulfillmentStatus": fulfillment_status(doc), "fulfilledBy": "AMAZON" if doc["by_platform"] else "MERCHANT",
        "fulfillmentServiceLevel": "EXPEDITED" if doc["kind"] == "prime" else "STANDARD",
    }  # fmt: skip
    if doc["ship_by_ms"]:
        last = doc["ship_by_ms"]
        told["shipByWindow"] = {"earliestDateTime": text_of(doc["created_ms"]), "latestDateTime": text_of(last)}
        told["deliverByWindow"] = {"earliestDateTime": text_of(last + DAY), "latestDateTime": text_of(last + 4 * DAY)}
    return told


def _package(doc: Doc, package: Mapping[str, Any]) -> Doc:
    arrived = doc["status"] == "completed" and package["status"] == "SHIPPED"
    return {
        "packageReferenceId": package["ref"], "createdTime": text_of(package["at_ms"]),
        "packageStatus": {"status": "DELIVERED" if arrived else package["status"]}, "carrier": package["carrier"],
        "shipTime": text_of(package["ship_ms"]), "shippingService": package["method"],
        "trackingNumber": package["waybill"],
        "packageItems": [{"orderItemId": no, "quantity": num} for no, num in package["units"].items()],
    }  # fmt: skip
