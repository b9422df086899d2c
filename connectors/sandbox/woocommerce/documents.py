"""Orders and refunds as the REST API tells them. Nothing is decided here."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.woocommerce import lines
from connectors.sandbox.woocommerce.addresses import address_of, customer_of, email_of
from connectors.sandbox.woocommerce.money import Split, split, text_of
from connectors.sandbox.woocommerce.shop import SYMBOLS, VERSION, Shop
from connectors.sandbox.woocommerce.status import shown_status

Doc = dict[str, Any]
PAYMENTS = {"cod": ("cod", "货到付款"), "bank_transfer": ("bacs", "银行转账")}


def order_document(shop: Shop, sale: Sale, places: int = 2) -> Doc:
    """An order as `GET /orders/{id}` answers it; `places` is the parameter `dp`."""
    doc, number = sale.doc, sale.number
    status = shown_status(doc)
    key = "wc_order_" + hashlib.sha256(number.encode()).hexdigest()[:13]
    address = address_of(doc["receiver"], state_codes=shop.setup.state_codes)
    return {
        "id": int(number), "parent_id": 0, "status": status, "currency": shop.setup.currency, "version": VERSION,
        "prices_include_tax": doc["kind"] != "tax_excluded",
        **shop.dates("date_created", doc["created_ms"]), **shop.dates("date_modified", doc["changed_ms"]),
        **_totals(shop, doc, places), "customer_id": customer_of(doc["buyer"]), "order_key": key,
        "billing": {**address, "email": email_of(doc["buyer"])}, "shipping": address,
        **_payment(shop, doc, key), "customer_ip_address": "203.0.113.7", "customer_user_agent": "Mozilla/5.0",
        "created_via": "checkout", "customer_note": doc["message"],
        **shop.dates("date_completed", doc["ended_ms"] if status == "completed" else 0),
        "cart_hash": key[-8:], "number": f"{shop.setup.number_prefix}{int(number) % 10**9}",
        "meta_data": _meta(doc), **_lines(shop, doc, places),
        "refunds": [_refund_stub(case, places) for case in refunds_of(shop, number)],
        "is_editable": status in ("pending", "on-hold", "checkout-draft"),
        "needs_payment": status in ("pending", "failed"), "needs_processing": True,
        "currency_symbol": html.unescape(SYMBOLS.get(shop.setup.currency, shop.setup.currency)),
        "_links": _links(shop, f"orders/{number}"),
    }  # fmt: skip


def refund_document(shop: Shop, sale: Sale, case: Case, places: int = 2, *, with_parent: bool = False) -> Doc:
    """A refund as the API answers it; `with_parent` as `GET /refunds` does."""
    doc = case.doc
    told = refund_parts(shop, sale, case)
    found = [
        lines.refunded_line(shop, sale.doc, line, int(case.number) * 10 + n, num, amount, places)
        for n, (line, num, amount) in enumerate(told)
    ]
    freight = split(doc.get("freight", 0), lines.percent_of(shop, sale.doc))
    return {
        "id": int(case.number), **({"parent_id": int(sale.number)} if with_parent else {}),
        **shop.dates("date_created", doc["created_ms"]), "amount": text_of(doc["amount"], places),
        "reason": doc["reason"], "refunded_by": doc.get("refunded_by", 1),
        "refunded_payment": bool(doc.get("refunded_payment")), "meta_data": doc.get("meta_data", []),
        "line_items": found, **_refund_rest(shop, sale, case, [amount for _, _, amount in told], freight, places),
        "_links": {**_links(shop, f"orders/{sale.number}/refunds/{case.number}"),
                   "up": [{"href": shop.api(f"orders/{sale.number}")}]},
    }  # fmt: skip


def refund_parts(shop: Shop, sale: Sale, case: Case) -> list[tuple[Doc, int, Split]]:
    """Line, units and amount of each line of a refund; a line that is no longer on the order is left out."""
    by_number = {line["no"]: line for line in sale.lines}
    percent = lines.percent_of(shop, sale.doc)
    return [
        (by_number[part["no"]], part["num"], _amount_of(part, percent))
        for part in case.doc["lines"]
        if part["no"] in by_number
    ]


def refunds_of(shop: Shop, number: str) -> list[Case]:
    """The refunds of an order, newest first as the platform lists them."""
    cases = shop.market.shelves.cases_of(number)
    return [case for case in reversed(cases) if case.doc["state"] == "succeeded"]


def _amount_of(part: Doc, percent: int) -> Split:
    return Split(part["net"], part["tax"]) if "net" in part else split(part["amount"], percent)


def _refund_rest(shop: Shop, sale: Sale, case: Case, amounts: Sequence[Split], freight: Split, places: int) -> Doc:
    percent, first = lines.percent_of(shop, sale.doc), int(case.number) * 10
    taxed = percent and (amounts or freight.gross)
    goods_tax = sum(amount.tax for amount in amounts)
    return {
        "shipping_lines": [lines.shipping_line(first + 8, -freight, percent, places)] if freight.gross else [],
        "tax_lines": [lines.tax_line(first + 9, -goods_tax, -freight.tax, percent, places)] if taxed else [],
        "fee_lines": [],
    }


def _refund_stub(case: Case, places: int) -> Doc:
    return {"id": int(case.number), "reason": case.doc["reason"], "total": text_of(-case.doc["amount"], places)}


def _totals(shop: Shop, doc: Doc, places: int) -> Doc:
    before, after = lines.goods_totals(shop, doc)
    percent = lines.percent_of(shop, doc)
    freight, fee = split(doc["post_fee"], percent), split(doc.get("fee", 0), percent)
    discount = before - after
    amounts = {
        "discount_total": discount.net, "discount_tax": discount.tax, "shipping_total": freight.net,
        "shipping_tax": freight.tax, "cart_tax": after.tax + fee.tax, "total": after.gross + freight.gross + fee.gross,
        "total_tax": after.tax + fee.tax + freight.tax,
    }  # fmt: skip
    return {name: text_of(amount, places) for name, amount in amounts.items()}


def _lines(shop: Shop, doc: Doc, places: int) -> Doc:
    before, after = lines.goods_totals(shop, doc)
    percent, first = lines.percent_of(shop, doc), int(doc["number"]) * 100
    freight, fee = split(doc["post_fee"], percent), split(doc.get("fee", 0), percent)
    taxes = lines.tax_line(first + 90, after.tax + fee.tax, freight.tax, percent, places)
    return {
        "line_items": [lines.goods_line(shop, doc, line, places) for line in doc["lines"]],
        "tax_lines": [taxes] if percent else [],
        "shipping_lines": [lines.shipping_line(first + 80, freight, percent, places)],
        "fee_lines": [lines.fee_line(first + 70, fee, percent, places)] if fee.gross else [],
        "coupon_lines": [lines.coupon_line(first + 85, before - after)] if doc["coupon"] else [],
    }


def _payment(shop: Shop, doc: Doc, key: str) -> Doc:
    method, title = ("cod", "货到付款") if doc["is_cod"] else PAYMENTS.get(doc["kind"], ("alipay", "支付宝"))
    needs = f"{shop.setup.url}/checkout/order-pay/{doc['number']}/?pay_for_order=true&key={key}"
    paid = shop.dates("date_paid", doc["paid_ms"])
    transaction = f"2026{doc['number']}" if doc["paid_ms"] and method == "alipay" else ""
    return {"payment_method": method, "payment_method_title": title, "transaction_id": transaction, **paid,
            "payment_url": needs}  # fmt: skip


def _meta(doc: Doc) -> list[Doc]:
    invoice = doc["invoice"] or {}
    told = {f"_billing_invoice_{name}": value for name, value in invoice.items()}
    told = {"is_vat_exempt": "no", **told, **doc.get("meta", {})}
    first = int(doc["number"]) % 10**9 * 100
    return [{"id": first + n, "key": key, "value": value} for n, (key, value) in enumerate(told.items())]


def _links(shop: Shop, path: str) -> Doc:
    targets = {"targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]}}
    return {
        "self": [{"href": shop.api(path), **targets}],
        "collection": [{"href": shop.api(path.rpartition("/")[0])}],
    }
