"""Bodies of web hooks: REST-shaped, snake_case, numbers for ids, times with the shop's offset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.money import text_of
from connectors.sandbox.shopify.documents.order import order_document
from connectors.sandbox.shopify.ids import child, owner
from connectors.sandbox.shopify.shop import LOCATIONS, Shop, local

Doc = dict[str, Any]


def number(id_: str) -> int:
    """The number at the end of a global id."""
    return int(id_.rpartition("/")[2])


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _bag(found: Mapping[str, Any]) -> Doc:
    return {side: {"amount": found[name]["amount"], "currency_code": found[name]["currencyCode"]}
            for side, name in (("shop_money", "shopMoney"), ("presentment_money", "presentmentMoney"))}  # fmt: skip


def _identity(found: Doc) -> Doc:
    return {"id": number(found["id"]), "admin_graphql_api_id": found["id"]}


def order(shop: Shop, sale: Sale) -> Doc:
    """An order as the topics orders/* send it."""
    doc, found = sale.doc, order_document(shop, sale)
    totals = {}
    for name in ("totalPriceSet", "subtotalPriceSet", "totalDiscountsSet", "totalTaxSet", "totalShippingPriceSet",
                 "currentTotalPriceSet", "currentSubtotalPriceSet"):  # fmt: skip
        totals[snake(name)] = _bag(found[name])
        if name != "totalShippingPriceSet":
            totals[snake(name).removesuffix("_set")] = found[name]["shopMoney"]["amount"]
    ship = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}.get(found["displayFulfillmentStatus"])
    reason = found["cancelReason"]
    return {
        **_identity(found), "name": found["name"], "number": found["number"] - 1000, "order_number": found["number"],
        "confirmation_number": found["confirmationNumber"], "created_at": local(doc["created_ms"]),
        "processed_at": local(doc["created_ms"]), "updated_at": local(doc["changed_ms"]),
        "cancelled_at": local(doc["ended_ms"]) if found["cancelledAt"] else None,
        "closed_at": local(doc["ended_ms"]) if found["closedAt"] else None,
        "cancel_reason": reason.lower() if reason else None, "currency": found["currencyCode"],
        "presentment_currency": found["presentmentCurrencyCode"], "taxes_included": found["taxesIncluded"],
        "financial_status": found["displayFinancialStatus"].lower(), "fulfillment_status": ship,
        "test": found["test"], "note": found["note"], "tags": ", ".join(found["tags"]), "email": found["email"],
        "phone": None, "source_name": found["sourceName"], "total_outstanding": text_of(
            0 if doc["status"] == "cancelled" else books.due(doc) - books.refundable(doc)),
        "total_tip_received": text_of(doc["tip"]), "payment_gateway_names": found["paymentGatewayNames"],
        "discount_codes": [{"code": code, "amount": text_of(doc["coupon"]), "type": "fixed_amount"}
                           for code in found["discountCodes"]],
        **totals, "shipping_address": _address(found["shippingAddress"]({})),
        "billing_address": _address(found["billingAddress"]({})),
        "line_items": [_line(line) for line in found["lineItems"]({})],
        "fulfillments": [fulfillment(doc, one) for one in found["fulfillments"]({})],
        "refunds": [refund(doc, one) for one in found["refunds"]({})],
    }  # fmt: skip


def _address(found: Doc | None) -> Doc | None:
    if found is None:
        return None
    names = ("firstName", "lastName", "name", "company", "city", "province", "provinceCode", "country", "zip", "phone",
             "latitude", "longitude")  # fmt: skip
    plain = {snake(name): found[name] for name in names}
    return {**plain, "address1": found["address1"], "address2": found["address2"], "country_code": found["countryCode"]}


def _line(found: Doc) -> Doc:
    variant = found["variant"]({}) if found["variant"] else None
    return {
        **_identity(found), "sku": found["sku"], "title": found["title"], "name": found["name"],
        "quantity": found["quantity"], "current_quantity": found["currentQuantity"],
        "fulfillable_quantity": found["unfulfilledQuantity"], "variant_title": found["variantTitle"],
        "variant_id": number(variant["id"]) if variant else None, "product_exists": variant is not None,
        "product_id": number(variant["product"]({})["id"]) if variant else None, "vendor": found["vendor"],
        "price": found["originalUnitPriceSet"]["shopMoney"]["amount"], "price_set": _bag(found["originalUnitPriceSet"]),
        "total_discount": found["totalDiscountSet"]["shopMoney"]["amount"], "gift_card": False, "taxable": True,
        "total_discount_set": _bag(found["totalDiscountSet"]), "requires_shipping": True, "properties": [],
        "discount_allocations": [
            {"amount": one["allocatedAmountSet"]["shopMoney"]["amount"], "amount_set": _bag(one["allocatedAmountSet"]),
             "discount_application_index": one["discountApplication"]["index"]}
            for one in found["discountAllocations"]({})
        ],
        "tax_lines": [
            {"title": one["title"], "rate": one["rate"], "price": one["priceSet"]["shopMoney"]["amount"],
             "price_set": _bag(one["priceSet"]), "channel_liable": one["channelLiable"]}
            for one in found["taxLines"]({})
        ],
    }  # fmt: skip


def fulfillment(doc: Doc, found: Doc) -> Doc:
    """A fulfilment as the topics fulfillments/* send it."""
    kept = doc["fulfillments"][owner("Fulfillment", found["id"])[1][0] - 1]  # type: ignore[index]
    numbers = [one["number"] for one in found["trackingInfo"] if one["number"]]
    companies = [one["company"] for one in found["trackingInfo"]]
    return {
        **_identity(found), "order_id": int(doc["number"]), "name": found["name"], "status": found["status"].lower(),
        "created_at": local(kept["at_ms"]), "updated_at": local(kept["changed_ms"]), "service": "manual",
        "location_id": int(LOCATIONS[kept["location"]][0]), "tracking_company": companies[0] if companies else None,
        "tracking_number": numbers[0] if numbers else None, "tracking_numbers": numbers,
        "shipment_status": kept["events"][-1]["status"].lower() if kept["events"] else None,
        "line_items": [{"id": number(row["lineItem"]["id"]), "sku": row["lineItem"]["sku"], "quantity": row["quantity"]}
                       for row in found["fulfillmentLineItems"]({})],
    }  # fmt: skip


def refund(doc: Doc, found: Doc) -> Doc:
    """A refund as refunds/create sends it: `subtotal` and `total_tax` are numbers, unlike all other amounts."""
    kept = doc["refunds"][owner("Refund", found["id"])[1][0] - 1]  # type: ignore[index]
    lines = [
        {"id": number(row["id"]), "line_item_id": number(row["lineItem"]["id"]), "quantity": row["quantity"],
         "restock_type": row["restockType"].lower(),
         "location_id": number(row["location"]["id"]) if row["location"] else None,
         "subtotal": float(row["subtotalSet"]["shopMoney"]["amount"]), "subtotal_set": _bag(row["subtotalSet"]),
         "total_tax": float(row["totalTaxSet"]["shopMoney"]["amount"]), "total_tax_set": _bag(row["totalTaxSet"]),
         "line_item": {"id": number(row["lineItem"]["id"]), "sku": row["lineItem"]["sku"]}}
        for row in found["refundLineItems"]({})
    ]  # fmt: skip
    moved = [
        {**_identity(row), "order_id": int(doc["number"]), "kind": row["kind"].lower(), "status": row["status"].lower(),
         "parent_id": number(row["parentTransaction"]["id"]) if row["parentTransaction"] else None,
         "gateway": row["gateway"], "amount": row["amountSet"]["shopMoney"]["amount"],
         "currency": row["amountSet"]["shopMoney"]["currencyCode"], "processed_at": local(kept["at_ms"]),
         "test": row["test"]}
        for row in found["transactions"]
    ]  # fmt: skip
    return {**_identity(found), "order_id": int(doc["number"]), "created_at": local(kept["at_ms"]),
            "processed_at": local(kept["at_ms"]), "note": found["note"],
            "restock": any(row["location_id"] for row in lines),
            "return": {"id": int(kept["case"]), "admin_graphql_api_id": f"gid://shopify/Return/{kept['case']}"}
            if kept["case"] and found["return"]({}) else None,
            "refund_line_items": lines, "transactions": moved, "order_adjustments": [], "duties": [],
            "refund_shipping_lines": []}  # fmt: skip


def return_(found: Doc) -> Doc:
    """A return as the topics returns/* send it."""
    return {
        **_identity(found), "name": found["name"], "status": found["status"].lower(), "order": _identity(found["order"]),
        "total_return_line_items": found["totalQuantity"],
        "return_line_items": [
            {**_identity(row), "quantity": row["quantity"], "return_reason": row["returnReason"].lower(),
             "return_reason_note": row["returnReasonNote"], "customer_note": row["customerNote"]}
            for row in found["returnLineItems"]({})
        ],
    }  # fmt: skip


def fulfillment_order(doc: Doc) -> Doc:
    """A fulfilment order as the topics fulfillment_orders/* send it: hardly more than its id."""
    id_ = child("FulfillmentOrder", doc["number"], doc["fos"][-1]["k"])
    return {
        "fulfillment_order": {
            "id": f"gid://shopify/FulfillmentOrder/{id_}",
            "status": "on_hold" if doc["held"] else "open",
        }
    }


def level(shop: Shop, code: str, place: int) -> Doc:
    """A stock level as inventory_levels/update sends it."""
    item = next(one for one in shop.items() if one["code"] == code)
    return {"inventory_item_id": int(goods.stock_number(item)), "location_id": int(LOCATIONS[place][0]),
            "available": goods.units_at(shop, item, place), "updated_at": local(shop.market.now_ms())}  # fmt: skip
