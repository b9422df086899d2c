"""The Order object: identity, state, totals, and the way to everything that hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.vendure import books, states
from connectors.sandbox.vendure.documents import lines, money, people, spoil
from connectors.sandbox.vendure.shop import CHANNEL, Shop, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]


def order_document(shop: Shop, sale: Sale) -> Doc:
    """An Order as it is shown; parts that cost work are functions of their arguments."""
    doc = sale.doc
    found: Doc = {**_identity(doc), **_totals(doc)}
    found |= {
        "channels": [channel(shop)], "customer": people.customer(doc),
        "shippingAddress": people.address(doc), "billingAddress": people.address(doc),
        "lines": _once(lambda: [lines.order_line(shop, doc, line, found) for line in doc["lines"]]),
        "surcharges": lines.surcharges(doc), "discounts": lambda args: lines.order_discounts(doc),
        "promotions": [{"id": "2", "name": "WELCOME", "couponCode": "WELCOME"}] if doc["coupon"] else [],
        "shippingLines": [lines.shipping_line(doc)], "taxSummary": lambda args: lines.tax_summary(doc),
        "payments": lambda args: [money.payment(doc, one) for one in doc["payments"]],
        "fulfillments": _once(lambda: [money.fulfillment(doc, one, found) for one in doc["fulfillments"]]),
        "modifications": lambda args: [money.modification(doc, one) for one in doc["modifications"]],
        "history": lambda args: money.history(shop, doc, args), "aggregateOrder": None, "sellerOrders": [],
    }  # fmt: skip
    return spoil.as_shown(found, sale.spoil)


def channel(shop: Shop) -> Doc:
    return {"id": "1", "code": CHANNEL, "token": shop.keys["channel_token"], "defaultCurrencyCode": shop.currency,
            "currencyCode": shop.currency, "defaultLanguageCode": "zh_Hans", "pricesIncludeTax": True,
            "seller": {"id": "1", "name": "Default Seller"}}  # fmt: skip


def _once(make: Callable[[], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """A part that is made when it is first asked for and then kept: other parts point into it."""
    kept: list[Any] = []

    def ask(args: Mapping[str, Any]) -> Any:
        if not kept:
            kept.append(make())
        return kept[0]

    return ask


def _identity(doc: Order) -> Doc:
    return {
        "__typename": "Order", "id": doc["number"], "code": doc["code"], "type": doc["type"],
        "state": doc["state"], "active": doc["active"], "createdAt": utc(doc["created_ms"]),
        "updatedAt": utc(doc["changed_ms"]), "orderPlacedAt": utc(doc["placed_ms"]),
        "nextStates": states.next_states(doc), "currencyCode": doc["currency"],
        "couponCodes": ["WELCOME"] if doc["coupon"] else [],
        "customFields": {"customerNote": doc["message"]} if doc["message"] else None,
    }  # fmt: skip


def _totals(doc: Order) -> Doc:
    net, taxed = books.goods(doc)
    ship_net, ship_taxed = books.shipping(doc)
    return {
        "subTotal": net, "subTotalWithTax": taxed, "shipping": ship_net, "shippingWithTax": ship_taxed,
        "total": net + ship_net, "totalWithTax": taxed + ship_taxed,
        "totalQuantity": sum(books.units(doc, line) for line in doc["lines"]),
    }  # fmt: skip
