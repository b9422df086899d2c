"""The Order object: identity, states, totals, and the way to everything that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.shopify import books, placements
from connectors.sandbox.shopify.documents import lines, refunds, returns, shipping, spoil
from connectors.sandbox.shopify.documents.money import bag
from connectors.sandbox.shopify.documents.people import address, customer, email
from connectors.sandbox.shopify.ids import gid
from connectors.sandbox.shopify.shop import Shop, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]


def order_document(shop: Shop, sale: Sale) -> Doc:
    """An Order as it is shown; parts that cost work are functions of their arguments."""
    doc = sale.doc
    found: Doc = {**_identity(shop, doc), **_states(shop, doc), **_totals(doc), **_people(shop, doc)}
    found |= {
        "discountApplications": once(lambda: lines.discounts(doc)),
        "lineItems": once(lambda: [lines.line_item(shop, doc, gross, now) for gross, now in books.gross_lines(doc)]),
        "nonFulfillableLineItems": [], "shippingLines": lambda args: [lines.shipping_line(doc)],
        "shippingLine": lambda args: lines.shipping_line(doc),
        "taxLines": lambda args: lines.tax_lines(doc, books.subtotal(doc) + doc["post_fee"]),
        "transactions": once(lambda: refunds.transactions(doc)),
        "fulfillmentOrders": once(lambda: shipping.fulfillment_orders(shop, doc, found)),
        "fulfillments": once(lambda: shipping.fulfillments(shop, doc, found)),
        "refunds": once(lambda: refunds.refunds(doc, found)),
        "returns": once(lambda: returns.returns(shop, doc, found)),
        "suggestedRefund": lambda args: refunds.suggested(doc, found, args),
        "fulfillmentsCount": lambda args: {"count": len(doc["fulfillments"]), "precision": "EXACT"},
        "transactionsCount": lambda args: {"count": len(doc["transactions"]), "precision": "EXACT"},
    }  # fmt: skip
    return spoil.as_shown(found, sale.spoil)


def once(make: Callable[[], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """A part that is made when it is first asked for and then kept: other parts point into it."""
    kept: list[Any] = []

    def ask(args: Mapping[str, Any]) -> Any:
        if not kept:
            kept.append(make())
        return kept[0]

    return ask


def name_of(doc: Order) -> str:
    return f"#{doc['serial']}"


def _identity(shop: Shop, doc: Order) -> Doc:
    return {
        "__typename": "Order", "id": gid("Order", doc["number"]), "legacyResourceId": doc["number"],
        "name": name_of(doc), "number": doc["serial"], "confirmationNumber": confirmation(doc),
        "sourceName": doc["source"], "sourceIdentifier": None, "createdAt": utc(doc["created_ms"]),
        "processedAt": utc(doc["created_ms"]), "updatedAt": utc(doc["changed_ms"]), "test": bool(doc["test"]),
        "confirmed": True, "edited": is_edited(doc), "tags": sorted(doc["tags"]), "note": note_of(doc),
        "customerLocale": "zh-CN", "poNumber": None, "customAttributes": [], "currencyCode": doc["currency"],
        "presentmentCurrencyCode": doc["presentment"], "taxesIncluded": doc["taxes_included"], "taxExempt": False,
        "dutiesIncluded": False, "estimatedTaxes": False, "paymentGatewayNames": [doc["gateway"]],
        "statusPageUrl": f"https://{shop.domain}/orders/{doc['number']}", "totalWeight": "0",
        "discountCode": "WELCOME" if doc["coupon"] else None, "discountCodes": ["WELCOME"] if doc["coupon"] else [],
    }  # fmt: skip


def confirmation(doc: Order) -> str:
    return f"K{int(doc['number']) * 7919 % 36**8:08X}"[:9]


def note_of(doc: Order) -> str | None:
    """The one note an order has: the shop's once it wrote one, the buyer's before."""
    return doc["memo"] or doc["message"] or None


def is_edited(doc: Order) -> bool:
    return any(now is None or now["num"] != doc["original"].get(now["no"], {"num": 0})["num"]
               for _, now in books.gross_lines(doc))  # fmt: skip


def _states(shop: Shop, doc: Order) -> Doc:
    cancelled = doc["ended_ms"] if doc["status"] == "cancelled" else 0
    closed = doc["ended_ms"] if doc["status"] == "completed" else cancelled
    taken = books.captured(doc)
    return {
        "cancelledAt": utc(cancelled), "cancelReason": cancel_reason(doc) if cancelled else None,
        "closedAt": utc(closed), "closed": bool(closed), "displayFinancialStatus": books.financial_status(doc),
        "displayFulfillmentStatus": placements.fulfilment_status(doc),
        "returnStatus": lambda args: returns.order_status(returns.goods_cases(shop, doc["number"])),
        "fullyPaid": taken >= books.total(doc), "unpaid": not taken, "refundable": books.refundable(doc) > 0,
        "capturable": books.financial_status(doc) == "AUTHORIZED", "requiresShipping": True,
        "fulfillable": any(placements.remaining(doc).values()),
    }  # fmt: skip


def cancel_reason(doc: Order) -> str:
    """The platform's word for why the order was cancelled: the buyer's wish unless the shop gave another."""
    told = str(doc.get("cancel_reason", "buyer"))
    return {"buyer": "CUSTOMER", "": "OTHER"}.get(told, told)


def _totals(doc: Order) -> Doc:
    total, sub, now = books.total(doc), books.subtotal(doc), books.due(doc)
    cut = sum(gross["price"] * gross["num"] for gross, _ in books.gross_lines(doc)) - sub
    taken, back = books.captured(doc), books.refunded(doc)
    units = sum(books.current_units(doc, line) for line in doc["lines"])
    shipping_back = sum(refund["shipping"] for refund in doc["refunds"])
    current = sum(books.paid_for(line, books.current_units(doc, line)) for line in doc["lines"])
    amounts = {
        "totalPriceSet": total, "originalTotalPriceSet": doc["first_total"], "subtotalPriceSet": sub,
        "totalDiscountsSet": cut, "totalTaxSet": books.total_tax(doc), "totalShippingPriceSet": doc["post_fee"],
        "currentTotalPriceSet": now, "currentSubtotalPriceSet": current, "currentTotalDiscountsSet": cut,
        "currentTotalTaxSet": books.tax_on(doc, current), "currentShippingPriceSet": doc["post_fee"] - shipping_back,
        "totalRefundedSet": back, "totalRefundedShippingSet": shipping_back,
        "totalOutstandingSet": 0 if doc["status"] == "cancelled" else now - (taken - back),
        "totalTipReceivedSet": doc["tip"], "totalReceivedSet": taken, "netPaymentSet": taken - back,
        "totalCapturableSet": total if books.financial_status(doc) == "AUTHORIZED" else 0,
    }  # fmt: skip
    found: Doc = {name: bag(doc, cents) for name, cents in amounts.items()}
    nothing = {"paymentSet": bag(doc, 0), "refundSet": bag(doc, 0)}
    return found | {"totalCashRoundingAdjustment": nothing, "currentSubtotalLineItemsQuantity": units,
                    "subtotalLineItemsQuantity": sum(gross["num"] for gross, _ in books.gross_lines(doc))}  # fmt: skip


def _people(shop: Shop, doc: Order) -> Doc:
    return {
        "customer": lambda args: customer(shop, doc), "shippingAddress": lambda args: address(shop, doc),
        "billingAddress": lambda args: address(shop, doc), "displayAddress": lambda args: address(shop, doc),
        "email": email(doc) if shop.shows_people else None, "phone": None,
    }  # fmt: skip
