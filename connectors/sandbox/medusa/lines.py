"""The lines of an order as the Admin API tells them: goods, freight, the goods of exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.money import Price, bigs, major
from connectors.sandbox.medusa.parcels import done_num, version_of
from connectors.sandbox.medusa.shop import Shop, product_of, stamps, variant_of

Doc = dict[str, Any]
NOTHING = Decimal(0)


def rate_of(shop: Shop, sale: Mapping[str, Any]) -> int:
    """The tax rate of an order in percent; untaxed ones bear none."""
    return 0 if sale["kind"] == "untaxed" else shop.setup.tax_percent


def is_inclusive(sale: Mapping[str, Any]) -> bool:
    """Whether the prices of an order have their tax in them."""
    return bool(sale["kind"] != "tax_excluded")


def units_of(line: Mapping[str, Any]) -> int:
    """Units on the order: what an order edit took off is gone, what was cancelled with the order is not."""
    return int(line["num"] - line.get("removed", 0))


def price_of(shop: Shop, sale: Mapping[str, Any], line: Mapping[str, Any]) -> Price:
    """What a line costs by its units now."""
    units, factor = units_of(line), _factor(shop, sale)
    off = major(line["price"] * line["num"] - line["total"] + line["share"])
    part = off * units / line["num"] if line["num"] else NOTHING
    return Price(major(line["price"]) * units * factor, part * factor, rate_of(shop, sale))


def freight_of(shop: Shop, sale: Mapping[str, Any]) -> Price:
    """What the freight costs."""
    return Price(major(sale["post_fee"]) * _factor(shop, sale), NOTHING, rate_of(shop, sale))


def total_of(shop: Shop, sale: Mapping[str, Any]) -> Decimal:
    """The order's total with tax, before anything came back."""
    lines = [*sale["lines"], *sale["exchange_lines"]]
    return sum((price_of(shop, sale, line).total for line in lines), freight_of(shop, sale).total)


def item_document(shop: Shop, sale: Mapping[str, Any], line: Mapping[str, Any], *, totals: bool) -> Doc:
    """One element of an order's `items`."""
    price, units = price_of(shop, sale, line), units_of(line)
    per_unit = price.total / units if units else NOTHING
    refundable = per_unit * max(0, units - done_num(sale, line["no"], "returned"))
    more = {**price.totals(), **bigs(refundable_total=refundable, refundable_total_per_unit=per_unit)} if totals else {}
    return {
        "id": line["no"], **_goods(sale, line), "requires_shipping": sale["kind"] != "digital", "is_giftcard": False,
        "is_discountable": True, "is_tax_inclusive": is_inclusive(sale), "is_custom_price": False, "metadata": {},
        **bigs(compare_at_unit_price=None, unit_price=major(line["price"]), quantity=units), **stamps(sale["created_ms"]),
        "tax_lines": _tax_lines(shop, sale, line["no"], "ordlitxl", "item_id"),
        "adjustments": _adjustments(sale, line, price), "detail": _detail(sale, line, units), **more,
    }  # fmt: skip


def shipping_method(shop: Shop, sale: Mapping[str, Any], *, totals: bool) -> Doc:
    """The one element of an order's `shipping_methods`."""
    number = made("ordsm", sale["number"])
    price = freight_of(shop, sale)
    return {
        "id": number, "name": "快递" if sale["post_fee"] else "包邮", "description": None,
        "is_tax_inclusive": is_inclusive(sale), "is_custom_amount": False, "shipping_option_id": made("so", "express"),
        "data": {}, "metadata": None, **bigs(amount=major(sale["post_fee"])), **stamps(sale["created_ms"]),
        "tax_lines": _tax_lines(shop, sale, number, "ordsmtxl", "shipping_method_id"), "adjustments": [],
        "order_id": sale["number"], "detail": {
            "id": made("ordspmv", sale["number"]), "version": 1, "order_id": sale["number"], "return_id": None,
            "exchange_id": None, "claim_id": None, **stamps(sale["created_ms"]), "shipping_method_id": number,
        }, **(price.totals() if totals else {}),
    }  # fmt: skip


def _factor(shop: Shop, sale: Mapping[str, Any]) -> Decimal:
    return Decimal(1) if is_inclusive(sale) else 1 + Decimal(rate_of(shop, sale)) / 100


def _goods(sale: Mapping[str, Any], line: Mapping[str, Any]) -> Doc:
    sku = line["sku"]
    gone = sale["kind"] == "custom_item"
    title = " / ".join(part.partition(":")[2] for part in sku["properties"].split(";") if part) or "默认"
    return {
        "title": sku["title"], "subtitle": None if gone else title, "thumbnail": None,
        "variant_id": None if gone else variant_of(sku), "product_id": None if gone else product_of(sku),
        "product_title": sku["title"], "product_description": None, "product_subtitle": None, "product_type": None,
        "product_type_id": None, "product_collection": None, "product_handle": str(sku["outer_iid"]).lower(),
        "variant_sku": sku["code"], "variant_barcode": sku["barcode"] or None, "variant_title": title,
        "variant_option_values": None,
    }  # fmt: skip


def _tax_lines(shop: Shop, sale: Mapping[str, Any], owner: str, prefix: str, key: str) -> list[Doc]:
    rate = rate_of(shop, sale)
    if not rate:
        return []
    return [{
        "id": made(prefix, owner), "description": "增值税", "tax_rate_id": made("txr", "vat"), "code": "vat",
        "provider_id": "system", "metadata": None, "data": None, key: owner, **bigs(rate=rate),
        **stamps(sale["created_ms"]),
    }]  # fmt: skip


def _adjustments(sale: Mapping[str, Any], line: Mapping[str, Any], price: Price) -> list[Doc]:
    """The discounts of a line; a promotion's amount is without tax unless the promotion says otherwise."""
    if not price.discount:
        return []
    gross = sale["kind"] == "tax_included_promotion"
    amount = price.discount if gross else price.net(price.discount)
    code = "AUTUMN" if sale["coupon"] else "SALE"
    return [{
        "id": made("ordliadj", line["no"]), "version": 1, "description": None, "promotion_id": made("promo", code),
        "code": code, "provider_id": None, "is_tax_inclusive": gross, "item_id": line["no"], **bigs(amount=amount),
        **stamps(sale["created_ms"]),
    }]  # fmt: skip


def _detail(sale: Mapping[str, Any], line: Mapping[str, Any], units: int) -> Doc:
    names = {
        "fulfilled_quantity": "fulfilled", "delivered_quantity": "delivered", "shipped_quantity": "shipped",
        "return_requested_quantity": "requested", "return_received_quantity": "received",
        "return_dismissed_quantity": "dismissed", "written_off_quantity": "dismissed",
    }  # fmt: skip
    counts = {name: done_num(sale, line["no"], what) for name, what in names.items()}
    return {
        "id": made("orditem", line["no"], version_of(sale)), "version": version_of(sale), "metadata": {},
        "order_id": sale["number"], "item_id": line["no"], **bigs(unit_price=None, compare_at_unit_price=None),
        **bigs(quantity=units, **counts), **stamps(sale["created_ms"], sale["changed_ms"]),
    }  # fmt: skip
