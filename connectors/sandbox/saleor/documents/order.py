"""The Order object: identity, states, totals, lines, fulfilments, and the way to everything that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.kit.market.model import line_paid
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.documents import goods, payments, people, spoil
from connectors.sandbox.saleor.documents.money import TAX_RATE, each, money, taxed
from connectors.sandbox.saleor.ids import global_id, key_of
from connectors.sandbox.saleor.shop import Shop, home_of, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]


def order_document(shop: Shop, sale: Sale) -> Doc:
    """An Order as it is shown; parts that cost work are functions of their arguments."""
    doc = sale.doc
    cases = payments.grants(shop.market.shelves.cases_of(sale.number))
    granted = sum(payments.granted_amount(case) for case in cases)
    found: Doc = {**_identity(shop, doc), **_states(doc, granted), **_totals(doc, granted)}
    found |= {
        "lines": once(lambda: [line_document(shop, doc, line) for line in doc["lines"]]),
        "fulfillments": once(lambda: [fulfillment(doc, one, found) for one in doc["fulfillments"]]),
        "transactions": once(lambda: payments.transactions(doc, found)),
        "grantedRefunds": once(lambda: [payments.granted_refund(doc, case, found) for case in cases]),
        "events": once(lambda: [_event(event) for event in doc["notes"]]),
    }
    return spoil.as_shown(found, sale.spoil)


def once(make: Callable[[], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """A part that is made when it is first asked for and then kept: other parts point into it."""
    kept: list[Any] = []

    def ask(args: Mapping[str, Any]) -> Any:
        if not kept:
            kept.append(make())
        return kept[0]

    return ask


def _identity(shop: Shop, doc: Order) -> Doc:
    is_pickup = doc["kind"] == "pickup"
    return {
        "__typename": "Order", "id": doc["number"], "number": str(doc["serial"]), "token": key_of("Order", doc["number"]),
        "externalReference": doc["external"] or None, "origin": doc["origin"], "created": utc(doc["created_ms"]),
        "updatedAt": utc(doc["changed_ms"]), "channel": shop.channel(), "user": people.user(doc),
        "userEmail": people.email(doc), "customerNote": doc["message"], "languageCodeEnum": "ZH_HANS",
        "displayGrossPrices": doc["display_gross"], "metadata": _pairs(doc["metadata"]),
        "metafield": lambda args: doc["metadata"].get(args["key"]), "privateMetadata": _pairs(doc["private"]),
        "giftCards": [], "privateMetafield": lambda args: doc["private"].get(args["key"]),
        "shippingAddress": None if is_pickup else people.address(doc), "billingAddress": people.address(doc),
        "shippingMethodName": None if is_pickup else "标准配送",
        "collectionPointName": "杭州仓" if is_pickup else None, "isShippingRequired": True,
        "voucherCode": "WELCOME" if doc["coupon"] else None,
    }  # fmt: skip


def _pairs(held: Mapping[str, str]) -> list[Doc]:
    return [{"key": key, "value": value} for key, value in sorted(held.items())]


def _states(doc: Order, granted: int) -> Doc:
    status = books.order_status(doc)
    return {
        "status": status, "statusDisplay": status.replace("_", " ").capitalize(),
        "isPaid": books.charged(doc) >= books.total(doc), "paymentStatus": "NOT_CHARGED",
        "chargeStatus": books.charge_status(doc, granted), "authorizeStatus": books.authorize_status(doc, granted),
    }  # fmt: skip


def _totals(doc: Order, granted: int) -> Doc:
    listed = sum(books.listed(line) for line in doc["lines"])
    fee, pending = int(doc["post_fee"]), books.refund_pending(doc)
    plain = {
        "totalAuthorized": books.authorized(doc), "totalCharged": books.charged(doc), "totalCanceled": 0,
        "totalCaptured": books.charged(doc), "totalRefunded": books.refunded(doc), "totalRefundPending": pending,
        "totalGrantedRefund": granted, "undiscountedShippingPrice": fee,
        "totalRemainingGrant": max(0, granted - books.refunded(doc) - pending),
        "totalBalance": books.charged(doc) - books.due(doc, granted),
    }  # fmt: skip
    with_tax = {"total": books.total(doc), "undiscountedTotal": listed + fee, "subtotal": books.subtotal(doc),
                "shippingPrice": fee}  # fmt: skip
    return {
        **{name: money(doc, cents) for name, cents in plain.items()},
        **{name: taxed(doc, cents) for name, cents in with_tax.items()},
        "shippingTaxRate": float(TAX_RATE), "discounts": _discounts(doc),
    }  # fmt: skip


def _discounts(doc: Order) -> list[Doc]:
    off = sum(int(line["share"]) for line in doc["lines"])
    if not off:
        return []
    return [{"id": global_id("OrderDiscount", doc["serial"]), "type": "VOUCHER", "name": "WELCOME", "valueType": "FIXED",
             "value": off / 100, "reason": "Voucher code: WELCOME", "amount": money(doc, off),
             "total": money(doc, off)}]  # fmt: skip


def line_document(shop: Shop, doc: Order, line: Order) -> Doc:
    """An OrderLine; unit prices are rounded, totals are exact."""
    sku, num, cut, serial = line["sku"], line["num"], max(0, books.own_cut(line)), key_of("OrderLine", line["no"])
    is_known = sku["kind"] != "unknown" and doc["kind"] != "unknown_sku"
    open_units = books.waiting(doc, line)
    prices = {"unitPrice": each(line_paid(line), num), "undiscountedUnitPrice": each(books.listed(line), num),
              "totalPrice": line_paid(line), "undiscountedTotalPrice": books.listed(line)}  # fmt: skip
    off = {"id": global_id("OrderLineDiscount", serial), "type": "PROMOTION", "name": "店铺满减", "valueType": "FIXED",
           "value": cut / 100, "reason": None, "unit": money(doc, each(cut, num)), "total": money(doc, cut)}  # fmt: skip
    return {
        "__typename": "OrderLine", "id": line["no"], "productName": sku["title"],
        "variantName": goods.variant_name(sku), "productSku": sku["code"], "isShippingRequired": True,
        "productVariantId": goods.variant_id(sku) if is_known else None, "isGift": bool(line["gift"]), "quantity": num,
        "quantityFulfilled": books.fulfilled(doc, line["no"]), "quantityToFulfill": open_units,
        "taxRate": float(TAX_RATE), **{name: taxed(doc, cents) for name, cents in prices.items()},
        "unitDiscount": money(doc, each(cut, num)), "unitDiscountReason": "店铺满减" if cut else None,
        "unitDiscountType": "FIXED" if cut else None, "unitDiscountValue": each(cut, num) / 100, "voucherCode": None,
        "variant": (lambda args: goods.variant(shop, sku)) if is_known else None,
        "discounts": [off] if cut else [], "metadata": [], "metafield": lambda args: None,
        "allocations": [{"id": global_id("Allocation", serial), "quantity": open_units,
                         "warehouse": goods.warehouse(home_of(sku))}] if open_units and is_known else [],
    }  # fmt: skip


def fulfillment(doc: Order, kept: Order, order: Doc) -> Doc:
    """A Fulfillment; returns and refunds are further ones that take units out of the first."""
    lines = {line["id"]: line for line in order["lines"]({}) or []}
    back = kept.get("refunded")
    return {
        "__typename": "Fulfillment", "id": global_id("Fulfillment", kept["k"]), "fulfillmentOrder": kept["n"],
        "status": kept["status"], "statusDisplay": kept["status"].replace("_", " ").capitalize(),
        "trackingNumber": kept["waybill"], "created": utc(kept["at_ms"]), "reason": kept.get("reason") or None,
        "warehouse": goods.warehouse(kept["warehouse"]), "shippingRefundedAmount": None, "metadata": [],
        "totalRefundedAmount": None if back is None else money(doc, back),
        "lines": [{"id": global_id("FulfillmentLine", part["k"]), "quantity": part["num"],
                   "orderLine": lines.get(part["no"])} for part in kept["lines"] if part["num"]],
    }  # fmt: skip


def _event(event: Order) -> Doc:
    return {"__typename": "OrderEvent", "id": global_id("OrderEvent", event["k"]), "date": utc(event["at_ms"]),
            "type": event["type"], "message": event.get("message") or None, "amount": None, "related": None}  # fmt: skip
