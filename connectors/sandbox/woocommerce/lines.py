"""The lines of an order and of a refund: goods, freight, fees, taxes, coupons. Amounts come from the sale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.woocommerce.money import Split, raw, split, text_of, total_of
from connectors.sandbox.woocommerce.shop import Shop

Doc = dict[str, Any]
TAX_RATE_ID = 4
META_OFFSET = 1000


def percent_of(shop: Shop, sale: Mapping[str, Any]) -> int:
    """The tax percentage of a sale; foreign sales bear none."""
    return 0 if sale["kind"] == "untaxed" else shop.setup.tax_percent


def goods_line(shop: Shop, sale: Mapping[str, Any], line: Mapping[str, Any], places: int) -> Doc:
    """One element of an order's `line_items`."""
    percent = percent_of(shop, sale)
    before, after = split(line["total"], percent), split(line["total"] - line["share"], percent)
    price = after.net / line["num"] / 100
    return {
        "id": int(line["no"]), **_goods(shop, sale, line), "quantity": line["num"],
        **_amounts(before, after, percent, places), "meta_data": _properties(line),
        "sku": None if _is_gone(sale) else line["sku"]["code"], "price": int(price) if price.is_integer() else price,
        **_picture(line),
    }  # fmt: skip


def refunded_line(shop: Shop, sale: Mapping[str, Any], line: Mapping[str, Any], number: int, num: int, amount: Split,
                  places: int) -> Doc:  # fmt: skip
    """One element of a refund's `line_items`: everything negative, pointing back to the order's line."""
    percent = percent_of(shop, sale)
    back = {"id": number + META_OFFSET, "key": "_refunded_item_id", "value": line["no"],
            "display_key": "_refunded_item_id", "display_value": line["no"]}  # fmt: skip
    price = amount.net / num / 100 if num else 0
    return {
        "id": number, **_goods(shop, sale, line), "quantity": -num, **_amounts(-amount, -amount, percent, places),
        "meta_data": [back], "sku": None if _is_gone(sale) else line["sku"]["code"], "price": price,
        **_picture(line),
    }  # fmt: skip


def shipping_line(number: int, amount: Split, percent: int, places: int) -> Doc:
    """One element of `shipping_lines`."""
    taxes = [{"id": TAX_RATE_ID, "total": raw(amount.tax), "subtotal": ""}] if percent else []
    return {
        "id": number, "method_title": "快递" if amount.net else "包邮",
        "method_id": "flat_rate" if amount.net else "free_shipping", "instance_id": "1",
        "total": text_of(amount.net, places), "total_tax": text_of(amount.tax, places), "taxes": taxes,
        "tax_status": "taxable", "meta_data": [],
    }  # fmt: skip


def fee_line(number: int, amount: Split, percent: int, places: int) -> Doc:
    """One element of `fee_lines`."""
    taxes = [{"id": TAX_RATE_ID, "total": raw(amount.tax), "subtotal": ""}] if percent else []
    return {
        "id": number, "name": "礼品包装", "tax_class": "", "tax_status": "taxable", "amount": raw(amount.net),
        "total": text_of(amount.net, places), "total_tax": text_of(amount.tax, places), "taxes": taxes, "meta_data": [],
    }  # fmt: skip


def tax_line(number: int, cart_tax: int, shipping_tax: int, percent: int, places: int) -> Doc:
    """One element of `tax_lines`."""
    return {
        "id": number, "rate_code": "CN-VAT-1", "rate_id": TAX_RATE_ID, "label": "VAT", "compound": False,
        "tax_total": text_of(cart_tax, places), "shipping_tax_total": text_of(shipping_tax, places),
        "rate_percent": percent, "meta_data": [],
    }  # fmt: skip


def coupon_line(number: int, discount: Split) -> Doc:
    """One element of `coupon_lines`; the discount already stands on the lines."""
    return {
        "id": number, "code": "autumn", "discount": raw(discount.net), "discount_tax": raw(discount.tax),
        "meta_data": [], "discount_type": "fixed_cart", "nominal_amount": discount.gross / 100,
        "free_shipping": False,
    }  # fmt: skip


def goods_totals(shop: Shop, sale: Mapping[str, Any]) -> tuple[Split, Split]:
    """The goods of an order before and after its coupon, as the sum of its rounded lines."""
    percent = percent_of(shop, sale)
    before = total_of([split(line["total"], percent) for line in sale["lines"]])
    return before, total_of([split(line["total"] - line["share"], percent) for line in sale["lines"]])


def _is_gone(sale: Mapping[str, Any]) -> bool:
    return bool(sale["kind"] == "product_gone")


def _goods(shop: Shop, sale: Mapping[str, Any], line: Mapping[str, Any]) -> Doc:
    sku = line["sku"]
    values = ", ".join(value for _, value in _pairs(line))
    gone = _is_gone(sale)
    return {
        "name": f"{sku['title']} &ndash; {values}" if values else sku["title"],
        "product_id": 0 if gone else int(sku["num_iid"]), "variation_id": 0 if gone else shop.variation_of(sku),
        "tax_class": "",
    }  # fmt: skip


def _amounts(before: Split, after: Split, percent: int, places: int) -> Doc:
    taxes = [{"id": TAX_RATE_ID, "total": raw(after.tax), "subtotal": raw(before.tax)}] if percent else []
    return {
        "subtotal": text_of(before.net, places), "subtotal_tax": text_of(before.tax, places),
        "total": text_of(after.net, places), "total_tax": text_of(after.tax, places), "taxes": taxes,
    }  # fmt: skip


def _pairs(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    parts = (part.partition(":") for part in line["sku"]["properties"].split(";") if part)
    return [(name, value) for name, _, value in parts]


def _properties(line: Mapping[str, Any]) -> list[Doc]:
    first = int(line["no"]) % 10**9 * 10
    return [
        {"id": first + n, "key": {"尺码": "pa_size"}.get(name, "pa_color"), "value": value, "display_key": name,
         "display_value": value}
        for n, (name, value) in enumerate(_pairs(line))
    ]  # fmt: skip


def _picture(line: Mapping[str, Any]) -> Doc:
    number = int(line["sku"]["num_iid"] or 0) % 10**6
    source = f"https://img.example.invalid/{line['sku']['outer_iid']}.jpg"
    return {"image": {"id": number, "src": source}, "parent_name": line["sku"]["title"]}
