"""An order's lines with their three prices, discounts and taxes, its shipping line and its surcharges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.vendure import books
from connectors.sandbox.vendure.documents import goods
from connectors.sandbox.vendure.shop import Shop, child, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
TAX_NAME = "Standard Tax"
LINE_PROMOTION = ("PROMOTION:1", "PROMOTION", "店铺满减")
ORDER_PROMOTION = ("PROMOTION:2", "DISTRIBUTED_ORDER_PROMOTION", "WELCOME")


def rate_of(doc: Order) -> float:
    return float(doc["tax_rate"])


def tax_lines(doc: Order) -> list[Doc]:
    return [{"description": TAX_NAME, "taxRate": rate_of(doc)}]


def order_line(shop: Shop, doc: Order, line: Doc, order: Doc) -> Doc:
    """An OrderLine: prices follow the units that are left, `orderPlacedQuantity` stays."""
    left = books.units(doc, line)
    sku = line["sku"]
    prices = _prices(doc, line, left)
    return {
        "__typename": "OrderLine", "id": line["no"], "createdAt": utc(doc["created_ms"]),
        "updatedAt": utc(doc["changed_ms"]), "quantity": left,
        "orderPlacedQuantity": doc["placed_units"].get(line["no"], line["num"]) if doc["placed_ms"] else 0,
        "productVariant": lambda args: goods.variant(shop, sku), **prices,
        "lineTax": prices["proratedLinePriceWithTax"] - prices["proratedLinePrice"], "taxRate": rate_of(doc),
        "taxLines": tax_lines(doc), "discounts": line_discounts(doc, line), "order": order,
        "fulfillmentLines": lambda args: [
            row for one in order["fulfillments"]({}) for row in one["lines"] if row["orderLineId"] == line["no"]
        ],
        "customFields": {"gift": True} if line["gift"] else None,
    }  # fmt: skip


def _prices(doc: Order, line: Doc, left: int) -> Doc:
    num = line["num"]
    discounted = books.listed(line, left) - books.own_cut(line, left)
    amounts = {
        "unitPrice": line["price"], "discountedUnitPrice": line["price"] - books.own_cut(line, num) // num,
        "proratedUnitPrice": books.prorated(line, num) // num, "linePrice": books.listed(line, left),
        "discountedLinePrice": discounted, "proratedLinePrice": books.prorated(line, left),
    }  # fmt: skip
    found: Doc = {}
    for name, amount in amounts.items():
        found[name], found[f"{name}WithTax"] = books.both(doc, amount)
    return found


def line_discounts(doc: Order, line: Doc) -> list[Doc]:
    """What promotions take off the units that are left on a line."""
    left = books.units(doc, line)
    cuts = ((LINE_PROMOTION, books.own_cut(line, left)), (ORDER_PROMOTION, books.order_cut(line, left)))
    return [_discount(doc, source, cut) for source, cut in cuts if cut]


def _discount(doc: Order, source: tuple[str, str, str], cut: int) -> Doc:
    net, taxed = books.both(doc, cut)
    return {"adjustmentSource": source[0], "type": source[1], "description": source[2], "amount": -net,
            "amountWithTax": -taxed}  # fmt: skip


def order_discounts(doc: Order) -> list[Doc]:
    """The discounts of all lines, one row a promotion."""
    found: dict[str, Doc] = {}
    for line in doc["lines"]:
        for one in line_discounts(doc, line):
            kept = found.setdefault(one["adjustmentSource"], {**one, "amount": 0, "amountWithTax": 0})
            kept["amount"] += one["amount"]
            kept["amountWithTax"] += one["amountWithTax"]
    return [*found.values(), *cancelled_shipping(doc)]


def shipping_line(doc: Order) -> Doc:
    """The order's one ShippingLine; cancelling it is a discount of all its price."""
    (net, taxed), (left, left_taxed) = books.shipping(doc, gross=True), books.shipping(doc)
    method = {"id": "2", "code": "standard-shipping", "name": "标准配送", "description": "",
              "fulfillmentHandlerCode": "manual-fulfillment"}  # fmt: skip
    return {"id": child("ShippingLine", doc["number"]), "shippingMethod": method, "price": net, "priceWithTax": taxed,
            "discountedPrice": left, "discountedPriceWithTax": left_taxed,
            "discounts": cancelled_shipping(doc)}  # fmt: skip


def cancelled_shipping(doc: Order) -> list[Doc]:
    """The discount that takes cancelled shipping off; it stands among the order's discounts too."""
    net, taxed = books.shipping(doc, gross=True)
    if not doc["shipping_cancelled"] or not taxed:
        return []
    return [{"adjustmentSource": "CANCEL_ORDER", "type": "OTHER", "description": "shipping cancellation",
             "amount": -net, "amountWithTax": -taxed}]  # fmt: skip


def surcharges(doc: Order) -> list[Doc]:
    found = []
    for k, one in enumerate(doc["surcharges"], start=1):
        net, taxed = books.both(doc, one["price"])
        found.append({
            "id": child("Surcharge", doc["number"], k), "createdAt": utc(doc["created_ms"]),
            "updatedAt": utc(doc["created_ms"]), "description": one["words"], "sku": "", "taxLines": tax_lines(doc),
            "price": net, "priceWithTax": taxed, "taxRate": rate_of(doc),
        })  # fmt: skip
    return found


def tax_summary(doc: Order) -> list[Doc]:
    """One row, as every line of this shop bears the same rate."""
    goods_net, goods_taxed = books.goods(doc)
    net, taxed = books.shipping(doc)
    base, full = goods_net + net, goods_taxed + taxed
    return [{"description": TAX_NAME, "taxRate": rate_of(doc), "taxBase": base, "taxTotal": full - base}]
