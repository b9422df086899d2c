"""Pays money back through WooCommerce and finds what was paid back under a key."""

from __future__ import annotations

from typing import Any

from connectors.contract.errors import Refused
from connectors.contract.money import exponent, to_major
from connectors.contract.notices import Receipt, RefundNotice
from connectors.marketplaces.woocommerce.client import Woo, read_order
from connectors.marketplaces.woocommerce.reading import Json, amount, meta, number_text, rows, text

#: The entry in a refund's meta that makes paying it back idempotent.
KEY = "_oms_refund_key"
_NOT_CREATED = "woocommerce_rest_cannot_create_order_refund"
_ITEMS = ("line_items", "shipping_lines", "fee_lines")


def find_refund(woo: Woo, notice: RefundNotice) -> Receipt | None:
    """The refund with the notice's key."""
    page, found = 1, woo.page(f"orders/{notice.order_no}/refunds", per_page=100, page=1).rows
    while found:
        for refund in found:
            if meta(refund, KEY) == notice.key:
                return Receipt(f"{notice.order_no}-{number_text(refund, 'id')}")
        if len(found) < 100:
            break
        page += 1
        found = woo.page(f"orders/{notice.order_no}/refunds", per_page=100, page=page).rows
    return None


def refund_case(woo: Woo, notice: RefundNotice, *, by_gateway: bool) -> Receipt:
    """Pay back once; `by_gateway` lets the shop's payment plugin move the money, else it is only noted there."""
    if notice.amount <= 0:
        raise Refused("a refund needs an amount above zero")
    there = find_refund(woo, notice)
    if there is not None:
        return there
    order = read_order(woo, notice.order_no)
    if text(order, "currency") != notice.currency:
        raise Refused(f"the order is in {text(order, 'currency')}, the refund in {notice.currency}; correct it")
    payload: dict[str, Any] = {
        "amount": to_major(notice.amount, notice.currency),
        "reason": notice.words,
        "api_refund": by_gateway,
        "api_restock": notice.restock,
        "line_items": refund_lines(order, notice),
        "meta_data": [{"key": KEY, "value": notice.key}],
    }
    try:
        answer = woo.write("POST", f"orders/{notice.order_no}/refunds", payload)
    except Refused as refusal:
        if not by_gateway or refusal.code != _NOT_CREATED:
            raise
        # The shop takes its own entry back when its payment plugin fails, so nothing has happened there.
        words = f"{refusal.words}; pay it back another way and note it with gateway_refund set to no"
        raise Refused(words, code=refusal.code) from None
    return Receipt(f"{notice.order_no}-{number_text(answer, 'id')}")


def refund_lines(order: Json, notice: RefundNotice) -> list[dict[str, Any]]:
    """The amount spread over the lines by what was paid for their units, each share split into net and taxes.

    A refund of a whole order spreads only when it is of its whole total: else WooCommerce is told the amount alone.
    """
    digits = exponent(notice.currency)
    items = {number_text(row, "id"): row for field in _ITEMS for row in rows(order, field)}
    wanted = notice.lines
    if not wanted:
        if notice.amount != amount(order, "total", digits) or rows(order, "refunds"):
            return []
        wanted = tuple((number, int(row.get("quantity") or 0)) for number, row in items.items())
    strange = [line for line, _ in wanted if line not in items]
    if strange:
        raise Refused(f"the order has no line {strange[0]}; read it again")
    weights = [_weight(items[line], units, digits) for line, units in wanted]
    return [
        _line(items[line], units, share, notice.currency)
        for (line, units), share in zip(wanted, spread(notice.amount, weights), strict=True)
    ]


def spread(total: int, weights: list[int]) -> list[int]:
    """Whole shares of `total` in proportion to `weights`, which sum up exactly; the last takes what is left."""
    shares, left, weight = [], total, sum(weights)
    for part in weights:
        share = left * part // weight if weight else 0
        shares.append(share)
        left, weight = left - share, weight - part
    if shares and left:
        shares[-1] += left
    return shares


def _weight(row: Json, units: int, digits: int) -> int:
    paid = amount(row, "total", digits) + amount(row, "total_tax", digits)
    bought = int(row.get("quantity") or 0)
    return paid * units // bought if bought else paid


def _line(row: Json, units: int, share: int, currency: str) -> dict[str, Any]:
    digits = exponent(currency)
    rates = [tax for tax in rows(row, "taxes") if text(tax, "id")]
    taxes = [max(amount(tax, "total", digits), 0) for tax in rates]
    net, *parts = spread(share, [max(amount(row, "total", digits), 0), *taxes])
    line: dict[str, Any] = {"id": int(number_text(row, "id")), "refund_total": float(to_major(net, currency))}
    if row.get("quantity"):
        line["quantity"] = units
    if parts:
        line["refund_tax"] = [
            {"id": int(text(tax, "id")), "refund_total": float(to_major(part, currency))}
            for tax, part in zip(rates, parts, strict=True)
        ]
    return line
