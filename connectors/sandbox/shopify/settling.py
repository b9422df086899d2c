"""Bookkeeping after each change: payments, refunds and their transactions follow from what happened to the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.sandbox.kit.market import Market
from connectors.sandbox.shopify import books, placements
from connectors.sandbox.shopify.ids import child

Doc = dict[str, Any]
GATEWAYS = {"cod": "Cash on Delivery (COD)", "unpaid": "Bank Deposit"}
TAX = {"tax_excluded": ("0.08", "Sales Tax", False), "marketplace_tax": ("0.08", "Marketplace Tax", False)}


def open_books(doc: Doc, serial: int, currency: str, presentment: tuple[str, str], at_ms: int) -> None:
    """Give a new order what the platform's orders have besides: books, places, currency, tax."""
    kind = doc["kind"]
    rate, title, included = TAX.get(kind, ("0.13", "VAT", True))
    bought_in, exchange = presentment if kind == "presentment" else (currency, "1")
    doc |= {
        "serial": serial, "currency": currency, "presentment": bought_in, "rate": str(Decimal(exchange)),
        "taxes_included": included, "tax_rate": rate, "tax_title": title, "channel_liable": kind == "marketplace_tax",
        "tip": 500 if kind == "tip" else 0, "test": kind == "test", "source": "pos" if kind == "pos" else "web",
        "tags": [], "gateway": GATEWAYS.get(kind, "shopify_payments"), "expired": False, "fulfillments": [],
        "refunds": [], "transactions": [], "original": {line["no"]: dict(line) for line in doc["lines"]},
        "hold_reason": "OTHER", "hold_notes": "", "hold_by_app": False, "by_platform": kind == "platform_shipped",
    }  # fmt: skip
    doc["first_total"] = doc["payment"] = books.total(doc)
    placements.place(doc, at_ms)
    _first_transaction(doc)
    book_payment(doc)


def _first_transaction(doc: Doc) -> None:
    if doc["is_presale"]:
        _move(doc, "SALE", doc["deposit"], doc["created_ms"])
    elif doc["kind"] == "pre_auth":
        _move(doc, "AUTHORIZATION", books.total(doc), doc["created_ms"])
    elif not doc["paid_ms"]:
        _move(doc, "SALE", books.total(doc), doc["created_ms"], status="PENDING")


def book_payment(doc: Doc) -> bool:
    """Take the rest of the money into the books once the order is paid; True when something was booked."""
    missing = books.total(doc) - books.captured(doc)
    if not doc["paid_ms"] or doc.get("paid_booked") or missing <= 0:
        return False
    kind = "CAPTURE" if doc["kind"] == "pre_auth" else "SALE"
    _move(doc, kind, missing, doc["paid_ms"], parent=1 if doc["transactions"] else 0)
    doc["paid_booked"] = True
    return True


def _move(doc: Doc, kind: str, cents: int, at_ms: int, *, status: str = "SUCCESS", parent: int = 0,
          refund: int = 0) -> None:  # fmt: skip
    doc["transactions"].append({
        "k": len(doc["transactions"]) + 1, "kind": kind, "status": status, "gateway": doc["gateway"],
        "amount": cents, "at_ms": at_ms, "parent": parent, "refund": refund,
    })  # fmt: skip


def add_refund(doc: Doc, lines: Sequence[Doc], cents: int, at_ms: int, *, shipping: int = 0, note: str = "",
               case: str = "", parent: int = 0) -> Doc:  # fmt: skip
    """Write a refund of units [{no, num, restock}] into the books and move at most what is left of the money."""
    found: Doc = {"k": len(doc["refunds"]) + 1, "at_ms": at_ms, "note": note, "case": case, "shipping": shipping,
             "lines": list(lines)}  # fmt: skip
    doc["refunds"].append(found)
    cents = min(cents, books.refundable(doc))
    if cents > 0:
        paid = next(one["k"] for one in doc["transactions"]
                    if one["kind"] in ("SALE", "CAPTURE") and one["status"] == "SUCCESS")  # fmt: skip
        _move(doc, "REFUND", cents, at_ms, parent=parent or paid, refund=found["k"])
    return found


def settle(market: Market, number: str, *, pays: bool = True) -> None:
    """Bring an order's books up to date with its payments, its ended cases and its cancelled units.

    `pays` tells whether units cancelled just now are paid back.
    """
    sale = market.find_sale(number)
    doc = sale.doc
    before = len(doc["refunds"])
    paid = book_payment(doc)
    for case in market.shelves.cases_of(number):
        if case.doc["state"] == "succeeded" and not _is_booked(doc, case.number):
            _book_case(doc, case.doc, market.now_ms())
    _book_cancelled(doc, market.now_ms(), pays)
    if paid or len(doc["refunds"]) > before:
        market.shelves.save(sale)
        for refund in doc["refunds"][before:]:
            market.announce("refunded", child("Refund", number, refund["k"]))
    track(market, doc)


def _is_booked(doc: Mapping[str, Any], case: str) -> bool:
    return any(refund["case"] == case for refund in doc["refunds"])


def _book_case(doc: Doc, case: Doc, at_ms: int) -> None:
    if case["kind"] == "exchange":
        return
    shipped = case["line_shipped_when_asked"]
    restock = "RETURN" if case["received"] else "NO_RESTOCK" if shipped else "CANCEL"
    parts = [{"no": part["no"], "num": part["num"], "restock": restock} for part in case["lines"]]
    add_refund(doc, parts, case["amount"] + books.on_top(doc, case["amount"]), at_ms, case=case["number"])


def _book_cancelled(doc: Doc, at_ms: int, pays: bool) -> None:
    parts = []
    for line in doc["lines"]:
        booked = sum(part["num"] for refund in doc["refunds"] for part in refund["lines"]
                     if part["no"] == line["no"] and part["restock"] == "CANCEL")  # fmt: skip
        if line["cancelled_num"] > booked:
            parts.append({"no": line["no"], "num": line["cancelled_num"] - booked, "restock": "CANCEL"})
    if not parts:
        return
    by_no = {line["no"]: line for line in doc["lines"]}
    cents = sum(books.line_total(doc, by_no[part["no"]], part["num"]) for part in parts)
    is_over = doc["status"] == "cancelled" and not any(refund["shipping"] for refund in doc["refunds"])
    shipping = books.shipping_total(doc) if is_over and pays else 0
    add_refund(doc, parts, cents + shipping + (doc["tip"] if is_over else 0) if pays else 0, at_ms, shipping=shipping)


def track(market: Market, doc: Doc) -> None:
    """Keep the stamps of the order's fulfilment orders: they move when what waits there changed, and only then."""
    left = placements.remaining(doc)
    with market.storage.write() as tx:
        for fo in doc["fos"]:
            waiting = {part["no"]: left.get((fo["k"], part["no"]), 0) for part in fo["lines"]}
            status = placements.status_of(doc, fo, sum(waiting.values()))
            face = f"{status} {placements.request_status(doc, fo)} {waiting}"
            tx.execute(
                "insert into fo_stamp (id, sale, created_ms, updated_ms, face) values (?, ?, ?, ?, ?) on conflict (id)"
                " do update set updated_ms = excluded.updated_ms, face = excluded.face where face <> excluded.face",
                (child("FulfillmentOrder", doc["number"], fo["k"]), doc["number"], fo["at_ms"], market.now_ms(), face),
            )
