"""Booking of refunds: what a refund does to lines and money, whoever makes it. No parameters are checked here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.kit.market.model import line_of, line_paid, open_num, status_after
from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.woocommerce.shop import Shop

Doc = dict[str, Any]


def make_refund(shop: Shop, sale: Sale, parts: Sequence[Doc], amount: int, **told: Any) -> Case:
    """Refund an order: `parts` are {no, num, amount, net, tax}, none of them for an amount without lines."""
    market = shop.market
    now = market.now_ms()
    shipped = any(line_of(sale.doc, part["no"])["shipped_num"] for part in parts)
    case = Case({
        "number": market.case_number(market.storage.next_number("case", 1)), "order": sale.number, "kind": "refund",
        "state": "asked", "lines": list(parts) or [{"no": "", "num": 0, "amount": amount}], "amount": amount,
        "version": 1, "reason": "", "words": "", "evidence": [], "wanted": "", "created_ms": now, "changed_ms": now,
        "respond_by_ms": now, "line_shipped_when_asked": shipped, "return_carrier": "", "return_waybill": "",
        "reports": [{"what": "refund", "words": "", "at_ms": now}], "received": False, "paid_keys": [],
        "paid_back": amount, "refunded_by": 1, **told,
    })  # fmt: skip
    market.shelves.add_case(case)
    return _book(shop, sale, case)


def refund_rest(shop: Shop, number: str) -> None:
    """Refund what is left of an order without the gateway, as the status `refunded` does by itself."""
    sale = shop.market.find_sale(number)
    rest = sale.doc["payment"] - sale.doc.get("refunded", 0)
    parts = [
        {"no": line["no"], "num": line["num"] - line["cancelled_num"], "amount": line_paid(line)}
        for line in sale.lines
        if line["refund"] != "succeeded"
    ]
    if rest > 0:
        freight = max(0, rest - sum(part["amount"] for part in parts))
        make_refund(shop, sale, parts, rest, freight=freight, reason="Order fully refunded.")


def settle(shop: Shop, number: str) -> None:
    """The shop's staff answers what a buyer asked: goods that are out must come back first; exchanges are refused."""
    market = shop.market
    with market.storage.write():
        case = market.find_case(number)
        sale = market.find_sale(case.doc["order"])
        waits = case.doc["kind"] == "return" and case.doc["line_shipped_when_asked"]
        if case.doc["state"] not in ("asked", "returned"):
            return
        rest = sale.doc["payment"] - sale.doc.get("refunded", 0)
        if case.doc["kind"] == "exchange" or case.doc["amount"] > rest:
            end_case(market, case, "refused")
        elif case.doc["state"] == "asked" and waits:
            move_case(market, case, "agreed")
        else:
            _pay_by_hand(shop, sale, case)


def _pay_by_hand(shop: Shop, sale: Sale, case: Case) -> None:
    """The refund as staff makes it in the back office: with the freight when nothing of the order is left."""
    mine = {part["no"]: part["num"] for part in case.doc["lines"]}
    left = sum(open_num(line) - mine.get(line["no"], 0) for line in sale.lines)
    nothing_ships = not any(line["shipped_num"] for line in sale.lines)
    freight = sale.doc["payment"] - sale.doc.get("refunded", 0) - case.doc["amount"]
    if nothing_ships and left <= 0 and freight > 0:
        case.doc |= {"freight": freight, "amount": case.doc["amount"] + freight}
    now = shop.market.now_ms()
    case.doc |= {"created_ms": now, "refunded_payment": True, "received": bool(case.doc["return_waybill"])}
    shop.market.storage.execute("update sale_case set created_ms = ? where number = ?", (now, case.number))
    _book(shop, sale, case)


def _book(shop: Shop, sale: Sale, case: Case) -> Case:
    for part in case.doc["lines"]:
        if part["no"] and part["num"]:
            _take_back(line_of(sale.doc, part["no"]), part["num"], case.number)
    sale.doc["refunded"] = sale.doc.get("refunded", 0) + case.doc["amount"]
    if sale.doc["status"] != "completed":
        sale.doc["status"] = status_after(sale.doc)
    case.doc["state"] = "succeeded"
    sale.doc["free_left"] = _leaves_free_items(shop, sale, case)
    shop.market.changed(sale, "refund")
    shop.market.case_changed(case, "case_succeeded")
    return case


def _leaves_free_items(shop: Shop, sale: Sale, case: Case) -> bool:
    """Whether an order with something free still has items: a refund by lines does not end it, all paid back or not."""
    by_lines = any(part["no"] for part in case.doc["lines"])
    if not by_lines or all(line_paid(line) for line in sale.lines):
        return False
    others = [each for each in shop.market.shelves.cases_of(sale.number) if each.number != case.number]
    booked = [each for each in others if each.doc["state"] == "succeeded"]
    back = sum(part["num"] for each in (*booked, case) for part in each.doc["lines"])
    return bool(back < sum(line["num"] for line in sale.lines))


def _take_back(line: Doc, num: int, case: str) -> None:
    """Units that have not shipped are off the order; the line goes on with the rest."""
    line["case"] = case
    if not line["shipped_num"]:
        line["cancelled_num"] = min(line["num"], line["cancelled_num"] + num)
    gone = line["shipped_num"] or line["cancelled_num"] >= line["num"]
    line["refund"] = "succeeded" if gone else "none"
