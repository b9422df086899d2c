"""Bookkeeping: what happened to a sale in the market becomes payment events, fulfilments and notes of the platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Case, Market
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.ids import line_id

Doc = dict[str, Any]
PART_PAID_SHARE = 2
OVERCHARGE = 500


def open_books(market: Market, doc: Doc, serial: int, currency: str) -> None:
    """Give a new sale what the platform keeps besides."""
    for position, line in enumerate(doc["lines"], start=1):
        line["no"] = line_id(doc["number"], position)
    origin = {"reissue": "REISSUE", "bulk": "BULK_CREATE", "from_draft": "DRAFT"}.get(doc["kind"], "CHECKOUT")
    doc |= {"serial": serial, "currency": currency, "display_gross": doc["kind"] != "tax_excluded", "origin": origin,
            "payments": [], "fulfillments": [], "notes": [], "metadata": {}, "private": {}, "external": "",
            "expired": False, "settled": [], "noted": doc["memo"]}  # fmt: skip
    note(market, doc, "PLACED")
    if doc["memo"]:
        note(market, doc, "NOTE_ADDED", doc["memo"])
    if doc["kind"] == "pre_auth":
        pay_event(market, doc, "AUTHORIZATION_SUCCESS", books.total(doc))
    if doc["kind"] == "part_paid":
        pay_event(market, doc, "CHARGE_SUCCESS", books.total(doc) // PART_PAID_SHARE)
    _book_payment(market, doc)


def note(market: Market, doc: Doc, kind: str, message: str = "") -> Doc:
    """Write an event of the order down."""
    event = {"k": market.storage.next_number("order_event"), "type": kind, "message": message, "at_ms": market.now_ms()}
    doc["notes"].append(event)
    return event


def pay_event(market: Market, doc: Doc, kind: str, cents: int, *, psp: str = "", message: str = "",
              case: str = "") -> Doc:  # fmt: skip
    """Write an event of the order's payment down; `psp` ties an answer to its request."""
    serial = market.storage.next_number("payment_event")
    event = {"k": serial, "type": kind, "amount": cents, "psp": psp or f"PSP-{market.seed}-{serial}",
             "message": message, "case": case, "at_ms": market.now_ms()}  # fmt: skip
    doc["payments"].append(event)
    return event


def add_fulfillment(market: Market, doc: Doc, status: str, parts: Iterable[Mapping[str, Any]], *, waybill: str = "",
                    warehouse: str = "", shipment: int = 0, reason: str = "") -> Doc:  # fmt: skip
    """A further fulfilment of these units ({"no", "num"})."""
    lines = [{"k": market.storage.next_number("fulfillment_line"), "no": part["no"], "num": int(part["num"])}
             for part in parts]  # fmt: skip
    kept = {"k": market.storage.next_number("fulfillment"), "n": len(doc["fulfillments"]) + 1, "status": status,
            "waybill": waybill, "warehouse": warehouse, "shipment": shipment, "reason": reason, "lines": lines,
            "at_ms": market.now_ms()}  # fmt: skip
    doc["fulfillments"].append(kept)
    return kept


def move_back(market: Market, doc: Doc, status: str, parts: Iterable[Mapping[str, Any]], reason: str = "") -> Doc:
    """Take units out of the fulfilments that shipped them into one that says what became of them."""
    moved = []
    for part in parts:
        left = int(part["num"])
        for found in doc["fulfillments"]:
            for held in found["lines"] if found["status"] == "FULFILLED" else ():
                taken = min(left, held["num"]) if held["no"] == part["no"] else 0
                held["num"] -= taken
                left -= taken
        moved.append({"no": part["no"], "num": int(part["num"]) - left})
    return add_fulfillment(market, doc, status, [part for part in moved if part["num"]], reason=reason)


def settle(market: Market, number: str, *, pays: bool = False) -> None:
    """Book what happened to a sale since it was last settled; `pays` gives the money of a cancelled order back."""
    sale = market.find_sale(number)
    doc = sale.doc
    before = (len(doc["payments"]), len(doc["fulfillments"]), len(doc["notes"]))
    _book_payment(market, doc)
    for case in market.shelves.cases_of(number):
        if case.doc["state"] == "succeeded" and case.number not in doc["settled"]:
            _book_case(market, doc, case)
            doc["settled"].append(case.number)
    if doc["status"] == "cancelled" and not any(one["type"] in ("CANCELED", "EXPIRED") for one in doc["notes"]):
        note(market, doc, "EXPIRED" if doc["expired"] else "CANCELED")
    if doc["status"] == "cancelled" and pays and books.charged(doc) > 0:
        pay_event(market, doc, "REFUND_SUCCESS", books.charged(doc))
    if doc["memo"] != doc["noted"]:
        doc["noted"] = doc["memo"]
        note(market, doc, "NOTE_ADDED", doc["memo"])
    if before != (len(doc["payments"]), len(doc["fulfillments"]), len(doc["notes"])):
        market.shelves.save(sale)


def _book_payment(market: Market, doc: Doc) -> None:
    if not doc["paid_ms"] or doc.get("paid_booked"):
        return
    doc["paid_booked"] = True
    want = books.total(doc) + (OVERCHARGE if doc["kind"] == "overcharged" else 0)
    have = sum(event["amount"] for event in books.events_of(doc, "CHARGE_SUCCESS"))
    if want > have:
        pay_event(market, doc, "CHARGE_SUCCESS", want - have)
    note(market, doc, "ORDER_FULLY_PAID")


def _book_case(market: Market, doc: Doc, case: Case) -> None:
    told = case.doc
    if told["kind"] == "exchange":
        move_back(market, doc, "REPLACED", told["lines"], told["reason"])
        return
    if told["amount"] and told.get("pay") != "SUCCESS":
        pay_event(market, doc, "REFUND_SUCCESS", told["amount"], psp=told.get("psp", ""), case=case.number)
    if told["received"] and not told.get("moved"):
        move_back(market, doc, "RETURNED", told["lines"], told["reason"])
    unshipped = [part for part in told["lines"] if not line_of(doc, part["no"])["shipped_num"]]
    if unshipped and doc["status"] != "cancelled":
        kept = add_fulfillment(market, doc, "REFUNDED", unshipped, reason=told["reason"])
        kept["refunded"] = told["amount"]
