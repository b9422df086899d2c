"""Orders as the Admin API tells them, whole; the parameter `fields` chooses from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.medusa.addresses import address_document, email_of
from connectors.sandbox.medusa.fields import chosen, tells_totals, wanted
from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.lines import freight_of, item_document, price_of, shipping_method, units_of
from connectors.sandbox.medusa.money import Price, bigs
from connectors.sandbox.medusa.parcels import fulfillment_document, fulfillment_status, version_of
from connectors.sandbox.medusa.payments import (
    collection_document,
    credit_lines,
    current_total,
    payment_status,
    summary,
    transactions,
)
from connectors.sandbox.medusa.shop import Shop, at, stamps
from connectors.sandbox.medusa.spoil import as_shown
from connectors.sandbox.medusa.status import shown_status

Doc = dict[str, Any]
LINES = ("*items", "*items.tax_lines", "*items.adjustments", "*items.detail")
FREIGHT = (
    "*shipping_methods",
    "*shipping_methods.tax_lines",
    "*shipping_methods.adjustments",
    "*shipping_methods.detail",
)
LISTED = ("id", "display_id", "custom_display_id", "status", "version", "summary", "total", "metadata", "locale",
          "created_at", "updated_at")  # fmt: skip
AMOUNTS = tuple(
    f"{before}{name}"
    for before in ("", "original_", "item_", "original_item_", "shipping_", "original_shipping_")
    for name in ("total", "subtotal", "tax_total")
)
LOOKED_UP = (
    *LISTED, "region_id", *AMOUNTS, "discount_total", "discount_tax_total", "credit_line_total", *LINES, *FREIGHT,
    "items.variant", "*credit_lines", "*shipping_address", "*payment_collections", "*payment_collections.payments",
    "*payment_collections.payments.refunds", "*payment_collections.payments.captures", "*fulfillments",
)  # fmt: skip
#: Computed statuses bring what they are computed from, whatever was asked.
WITH_LIST = ("status", "version", *LINES, "payment_status", "fulfillment_status")
WITH_LOOK_UP = ("status", "version", "*payment_collections", "*fulfillments", "payment_status", "fulfillment_status")


def shown_order(shop: Shop, sale: Sale, asked: str, *, listed: bool = False) -> Doc:
    """An order as the platform answers it for the parameter `fields`, its damage included."""
    names = wanted(asked, LISTED if listed else LOOKED_UP)
    doc = as_shown(order_document(shop, sale.doc, totals=tells_totals(names)), sale.spoil)
    return chosen(doc, [*names, *(WITH_LIST if listed else WITH_LOOK_UP)])


def order_document(shop: Shop, sale: Mapping[str, Any], *, totals: bool) -> Doc:
    """Everything that is to be told of an order."""
    codes = shop.setup.province_codes
    lines = [line for line in (*sale["lines"], *sale["exchange_lines"]) if units_of(line)]
    return {
        "id": sale["number"], "display_id": sale["display_id"], "custom_display_id": None, "version": version_of(sale),
        "status": shown_status(sale), "region_id": made("reg", "cn"), "customer_id": made("cus", sale["buyer"]["id"]),
        "sales_channel_id": shop.sales_channel, "is_draft_order": sale["kind"] == "draft", "email": email_of(sale),
        "currency_code": shop.setup.currency, "locale": None, "no_notification": False,
        "metadata": _metadata(shop, sale), "canceled_at": at(sale["ended_ms"] if sale["status"] == "cancelled" else 0),
        **stamps(sale["created_ms"], sale["changed_ms"]), **(_totals(shop, sale) if totals else {}),
        "summary": summary(shop, sale), "payment_status": payment_status(sale),
        "fulfillment_status": fulfillment_status(sale),
        "items": [item_document(shop, sale, line, totals=totals) for line in lines],
        "shipping_methods": [shipping_method(shop, sale, totals=totals)],
        "shipping_address": address_document(sale, "shipping", codes=codes),
        "billing_address": address_document(sale, "billing", codes=codes), "credit_lines": credit_lines(sale),
        "payment_collections": [collection_document(shop, sale)], "transactions": transactions(shop, sale),
        "fulfillments": [fulfillment_document(sale, found, shop.location) for found in sale["fulfillments"]],
    }  # fmt: skip


def _metadata(shop: Shop, sale: Mapping[str, Any]) -> Doc | None:
    note = {shop.setup.note_key: sale["message"]} if sale["message"] else {}
    return {**note, **sale["meta"]} or None


def _totals(shop: Shop, sale: Mapping[str, Any]) -> Doc:
    prices = [price_of(shop, sale, line) for line in (*sale["lines"], *sale["exchange_lines"])]
    freight = freight_of(shop, sale)
    rate = freight.rate
    goods = Price(_sum(price.before for price in prices), _sum(price.discount for price in prices), rate)
    whole = Price(goods.before + freight.before, goods.discount, rate)
    credit = _sum(Decimal(found["credit"]) / 100 for found in sale["refunds"])
    return {
        **_named(whole, "", "original_"), **_named(goods, "item_", "original_item_"),
        **_named(freight, "shipping_", "original_shipping_"),
        **bigs(total=current_total(shop, sale), discount_total=whole.discount,
               discount_tax_total=whole.discount - whole.net(whole.discount), credit_line_total=credit,
               gift_card_total=0, gift_card_tax_total=0),
    }  # fmt: skip


def _named(price: Price, now: str, before: str) -> Doc:
    taxes = {"now": price.total - price.net(price.total), "before": price.before - price.net(price.before)}
    return bigs(**{
        f"{now}total": price.total, f"{now}subtotal": price.net(price.before), f"{now}tax_total": taxes["now"],
        f"{before}total": price.before, f"{before}subtotal": price.net(price.before),
        f"{before}tax_total": taxes["before"],
    })  # fmt: skip


def _sum(amounts: Any) -> Decimal:
    return sum(amounts, Decimal(0))
