"""The calls about refunds: of one order, of all orders, and making one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.woocommerce.booking import make_refund
from connectors.sandbox.woocommerce.documents import refund_document, refunds_of
from connectors.sandbox.woocommerce.gateway import V3, Ask, Endpoint, paged
from connectors.sandbox.woocommerce.money import minor_of
from connectors.sandbox.woocommerce.params import listing_from
from connectors.sandbox.woocommerce.refusal import Refusal, answer, no_route

NO_GATEWAY = "The payment gateway for this order does not support automatic refunds."


def list_all(ask: Ask) -> Response:
    """`GET /refunds`: of every order; there since WooCommerce 9.0 (setting `refunds_route`)."""
    if not ask.shop.setup.refunds_route:
        raise no_route()
    listing = listing_from(ask.query, ask.shop.utc_offset)
    by_change = listing.orderby == "modified"
    main, other = (listing.changed, listing.created) if by_change else (listing.created, listing.changed)
    stamp, second = ("changed_ms", "created_ms") if by_change else ("created_ms", "changed_ms")
    rows = ask.shop.market.shelves.list_cases(
        stamp, main.since_ms, main.until_ms, listing.offset, listing.per_page, newest_first=listing.newest_first,
        where=f"state = 'succeeded' and {second} between ? and ?", args=(other.since_ms, other.until_ms),
    )  # fmt: skip
    sales = {case.number: ask.shop.market.find_sale(case.doc["order"]) for case in rows.found}
    found = [refund_document(ask.shop, sales[case.number], case, ask.places, with_parent=True) for case in rows.found]
    return paged(ask, listing, found, rows.total)


def list_of_order(ask: Ask) -> Response:
    sale = _order(ask)
    listing = listing_from(ask.query, ask.shop.utc_offset)
    cases = refunds_of(ask.shop, sale.number)
    cases = cases if listing.newest_first else cases[::-1]
    page = cases[listing.offset : listing.offset + listing.per_page]
    return paged(ask, listing, [refund_document(ask.shop, sale, case, ask.places) for case in page], len(cases))


def get_refund(ask: Ask) -> Response:
    sale = _order(ask)
    wanted = str(ask.number())
    case = next((case for case in refunds_of(ask.shop, sale.number) if case.number == wanted), None)
    if case is None:
        raise Refusal(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
    return answer(refund_document(ask.shop, sale, case, ask.places))


def create_refund(ask: Ask) -> Response:
    with ask.shop.market.storage.write():
        sale = ask.shop.find_sale(str(ask.number("order")))
        if sale is None:
            # The plugin gives the status as bare data, so that WordPress answers 500.
            raise Refusal(500, "woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        case = _create(ask, sale)
        document = refund_document(ask.shop, ask.shop.market.find_sale(sale.number), case, ask.places)
    response = answer(document, 201)
    response.headers["Location"] = ask.shop.api(f"orders/{sale.number}/refunds/{case.number}")
    return response


def _create(ask: Ask, sale: Sale) -> Case:
    body = ask.body
    items = body.get("line_items") or []
    items = [{"id": key, **value} for key, value in items.items()] if isinstance(items, dict) else items
    parts, freight = _parts(ask, sale, items)
    amount = _amount(body, items)
    if amount < 0:
        raise Refusal(500, "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", 400)
    if amount > sale.doc["payment"] - sale.doc.get("refunded", 0):
        raise _failed("Invalid refund amount.")
    by_gateway = body.get("api_refund") is not False
    if by_gateway and (sale.doc["is_cod"] or not ask.shop.setup.gateway_refunds or not sale.doc["paid_ms"]):
        raise _failed(NO_GATEWAY)
    if body.get("api_restock") is not False:
        _restock(ask, sale, parts)
    return make_refund(
        ask.shop, sale, parts, amount, freight=freight, reason=str(body.get("reason") or ""),
        refunded_payment=by_gateway, meta_data=_meta(ask, body.get("meta_data") or []),
    )  # fmt: skip


def _parts(ask: Ask, sale: Sale, items: Any) -> tuple[list[dict[str, Any]], int]:
    """The goods of a refund, and the freight: items of other lines than goods are freight."""
    by_number = {line["no"]: line for line in sale.lines}
    parts, freight = [], 0
    for item in items:
        net, tax = minor_of(item.get("refund_total", 0)) or 0, _tax_of(item)
        line = by_number.get(str(item.get("id", "")))
        if line is None:
            freight += net + tax
            continue
        num = int(item.get("quantity", item.get("qty", 0)) or 0)
        if num > line["num"]:
            raise _failed("Invalid refund quantity.")
        parts.append({"no": line["no"], "num": num, "amount": net + tax, "net": net, "tax": tax})
    return parts, freight


def _amount(body: Mapping[str, Any], items: Any) -> int:
    """The amount asked for; without one the sum of the lines, if each of them is a number."""
    if body.get("amount") is not None:
        amount = minor_of(body["amount"])
        if amount is None:
            raise _failed("Invalid refund amount.")
        return amount
    nets = [minor_of(item.get("refund_total")) for item in items]
    if not nets or None in nets:
        return 0
    return sum(net or 0 for net in nets) + sum(_tax_of(item) for item in items)


def _tax_of(item: Mapping[str, Any]) -> int:
    taxes = item.get("refund_tax") or []
    told = taxes.values() if isinstance(taxes, dict) else [tax.get("refund_total") for tax in taxes]
    return sum(minor_of(tax) or 0 for tax in told)


def _restock(ask: Ask, sale: Sale, parts: list[dict[str, Any]]) -> None:
    by_number = {line["no"]: line for line in sale.lines}
    for part in parts:
        ask.shop.market.storage.execute(
            "update shelf set units = units + ? where code = ?", (part["num"], by_number[part["no"]]["sku"]["code"])
        )


def _meta(ask: Ask, given: Any) -> list[dict[str, Any]]:
    first = ask.shop.market.storage.next_number("woo:refund_meta", 52_001, 50)
    return [{"id": first + n, "key": item["key"], "value": item.get("value")} for n, item in enumerate(given)]


def _order(ask: Ask) -> Sale:
    sale = ask.shop.find_sale(str(ask.number("order")))
    if sale is None:
        raise Refusal(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
    return sale


def _failed(message: str) -> Refusal:
    return Refusal(500, "woocommerce_rest_cannot_create_order_refund", message, 500)


ENDPOINTS = (
    Endpoint("refunds.list", ("GET",), f"{V3}/refunds", list_all),
    Endpoint("order_refunds.list", ("GET",), f"{V3}/orders/<int:order>/refunds", list_of_order),
    Endpoint("order_refunds.get", ("GET",), f"{V3}/orders/<int:order>/refunds/<int:id>", get_refund),
    Endpoint("order_refunds.create", ("POST",), f"{V3}/orders/<int:order>/refunds", create_refund),
)
