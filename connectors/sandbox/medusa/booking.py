"""Booking of money that goes back, whoever sends it, and what staff does when a buyer asks. No parameters here."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Case, Sale, pay_back
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.lines import price_of, units_of
from connectors.sandbox.medusa.money import minor
from connectors.sandbox.medusa.parcels import live
from connectors.sandbox.medusa.payments import pending, refunded
from connectors.sandbox.medusa.shop import Shop

Doc = dict[str, Any]


def book_refund(shop: Shop, number: str, amount: int, note: str | None, reason: str | None = None) -> None:
    """Pay money of an order back.

    What the order owes its buyer already leaves the order's row alone; anything beyond becomes a credit line, and
    that changes the order.
    """
    sale = shop.market.find_sale(number)
    owed = max(0, minor(-pending(shop, sale.doc)))
    credit = max(0, amount - owed)
    serial = shop.market.storage.next_number("refund", 1)
    refund: Doc = {"id": counted("ref", serial, number), "amount": amount, "note": note, "reason": reason,
                   "credit": credit, "created_ms": shop.market.now_ms()}  # fmt: skip
    sale.doc["refunds"] = [*sale.doc["refunds"], refund]
    if credit and sale.doc["status"] != "cancelled":
        shop.market.changed(sale, "credited")
    else:
        shop.save_quietly(sale)
    _close_case(shop, number, amount, refund["id"])
    shop.market.announce("money_back", number)


def pay_all_back(shop: Shop, number: str, note: str) -> None:
    """Pay back what is left of a cancelled order."""
    doc = shop.market.find_sale(number).doc
    rest = doc["captured"] - refunded(doc)
    if rest > 0:
        book_refund(shop, number, rest, note)


def settle(shop: Shop, number: str) -> None:
    """Staff answers a buyer who wants money back: cancels the order, takes the line off it, or pays for what is out."""
    with shop.market.storage.write():
        case = shop.market.find_case(number)
        if case.doc["state"] == "asked":
            sale = shop.market.find_sale(case.doc["order"])
            _settle(shop, sale, case)


def value_of(shop: Shop, sale: Doc, line: Doc, num: int) -> int:
    """What so many units of a line cost the buyer, in minor units."""
    units = units_of(line)
    return minor(price_of(shop, sale, line).total * num / units) if units else 0


def _settle(shop: Shop, sale: Sale, case: Case) -> None:
    part = case.doc["lines"][0]
    line = line_of(sale.doc, part["no"])
    is_out = bool(line["shipped_num"]) or any(
        item["line"] == part["no"] for found in live(sale.doc) for item in found["items"]
    )
    case.doc["paid_back"] = case.doc["amount"]
    end_case(shop.market, case, "succeeded")
    fresh = shop.market.find_sale(sale.number)
    if fresh.doc["status"] == "cancelled":
        pay_all_back(shop, sale.number, case.doc["reason"])
        return
    if not is_out:
        line = line_of(fresh.doc, part["no"])
        line["removed"] = line.get("removed", 0) + part["num"]
        fresh.doc["edits"] += 1
        shop.market.changed(fresh, "lines")
    book_refund(shop, sale.number, case.doc["amount"], case.doc["reason"])


def _close_case(shop: Shop, number: str, amount: int, refund: str) -> None:
    """Take a refund for the money of the return that waits for it; neither row of the platform is touched."""
    waiting = [
        case for case in shop.market.shelves.cases_of(number)
        if case.doc["kind"] != "refund" and case.doc["received"] and case.doc["state"] == "returned"
    ]  # fmt: skip
    waiting.sort(key=lambda case: (case.doc["amount"] != amount, case.number))
    if not waiting or amount > waiting[0].doc["amount"]:
        return
    before = (shop.market.find_sale(number).doc["changed_ms"], waiting[0].doc["changed_ms"])
    pay_back(shop.market, waiting[0].number, amount, refund)
    sale, case = shop.market.find_sale(number), shop.market.find_case(waiting[0].number)
    sale.doc["changed_ms"], case.doc["changed_ms"] = before
    shop.save_quietly(sale)
    shop.save_case_quietly(case)
