"""What a return goes through: requested, received in whole or part, cancelled; drafts of staff. No parameters here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, Case, Sale, goods_are_back
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.medusa.booking import value_of
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.shop import Shop

Doc = dict[str, Any]


def take_request(shop: Shop, number: str) -> None:
    """The storefront takes what a buyer asks for as it is: there is nothing for the seller to agree to."""
    case = shop.market.find_case(number)
    sale = shop.market.find_sale(case.doc["order"])
    case.doc |= own_fields(shop)
    for part in case.doc["lines"]:
        part["note"] = case.doc["reason"]
    _count(sale, case.doc["lines"], requested=1)
    if case.doc["kind"] == "exchange":
        add_exchanged(shop, sale, case)
    sale.doc["edits"] += 1
    shop.market.shelves.save(sale)
    move_case(shop.market, case, "agreed")


def own_fields(shop: Shop) -> Doc:
    """What a return has here besides the kit's."""
    serial = shop.market.storage.next_number("return_display", 1)
    return {"display_id": serial, "requested_ms": shop.market.now_ms(), "received_ms": 0, "draft": False}


def add_exchanged(shop: Shop, sale: Sale, case: Case) -> None:
    """Put the goods that go out in exchange on the order, as lines of their own that cost what came back."""
    for part in case.doc["lines"]:
        line = line_of(sale.doc, part["no"])
        serial = shop.market.storage.next_number("exchange_line", 1)
        sale.doc["exchange_lines"] = [*sale.doc["exchange_lines"], {
            **line, "no": counted("ordli", serial, case.number), "num": part["num"], "total": line["price"] * part["num"],
            "discount": 0, "adjust": 0, "share": 0, "shipped_num": 0, "cancelled_num": 0, "removed": 0, "waybills": [],
            "refund": "none", "case": case.number,
        }]  # fmt: skip


def open_draft(shop: Shop, sale: Sale, number: str) -> Case:
    """A return that staff has begun: it is listed, and empty until it is requested."""
    now = shop.market.now_ms()
    case = Case({
        "number": number, "order": sale.number, "kind": "return", "state": "asked", "lines": [], "amount": 0,
        "version": 1, "reason": "", "words": "", "evidence": [], "wanted": "", "created_ms": now, "changed_ms": now,
        "respond_by_ms": 0, "line_shipped_when_asked": True, "reports": [], "return_carrier": "", "return_waybill": "",
        "received": False, "paid_keys": [], "paid_back": 0, **own_fields(shop), "draft": True, "requested_ms": 0,
    })  # fmt: skip
    shop.market.shelves.add_case(case)
    begin_change(shop, sale, "return_request", number)
    return case


def begin_change(shop: Shop, sale: Sale, kind: str, number: str) -> None:
    """Open the one change that an order may have under way; the order's row stays as it is."""
    sale.doc["change"] = {"kind": kind, "case": number, "items": [], "dismissed": []}
    shop.save_quietly(sale)


def end_change(shop: Shop, sale: Sale) -> None:
    sale.doc["change"] = None
    shop.save_quietly(sale)


def request(shop: Shop, sale: Sale, case: Case) -> None:
    """Staff confirms a draft."""
    parts = [
        {"no": item["id"], "num": item["quantity"], "note": item.get("note"), "reason_id": item.get("reason_id"),
         "amount": value_of(shop, sale.doc, line_of(sale.doc, item["id"]), item["quantity"])}
        for item in sale.doc["change"]["items"]
    ]  # fmt: skip
    case.doc |= {"lines": parts, "amount": sum(part["amount"] for part in parts), "draft": False,
                 "requested_ms": shop.market.now_ms()}  # fmt: skip
    sale.doc["change"] = None
    sale.doc["edits"] += 1
    _count(sale, parts, requested=1)
    for part in parts:
        line_of(sale.doc, part["no"])["case"] = case.number
    shop.market.shelves.save(sale)
    move_case(shop.market, case, "agreed")


def receive(shop: Shop, sale: Sale, case: Case) -> None:
    """Staff confirms what came back, whole and damaged; damaged goods are not put on the shelf."""
    change = sale.doc["change"]
    for items, name in ((change["items"], "received"), (change["dismissed"], "dismissed")):
        for item in items:
            part = next(part for part in case.doc["lines"] if part["no"] == item["id"])
            part["received"] = part.get("received", 0) + item["quantity"]
            part["damaged"] = part.get("damaged", 0) + (item["quantity"] if name == "dismissed" else 0)
            _count(sale, [{"no": item["id"], "num": item["quantity"]}], requested=-1, **{name: 1})
    sale.doc["change"] = None
    sale.doc["edits"] += 1
    case.doc["received_ms"] = shop.market.now_ms()
    shop.market.shelves.save(sale)
    shop.market.shelves.save_case(case)
    goods_are_back(shop.market, case.number, pays=False)
    done = shop.market.find_case(case.number)
    if case.doc["kind"] == "exchange":
        end_case(shop.market, done, "succeeded")


def cancel(shop: Shop, sale: Sale, case: Case, state: str = "refused") -> None:
    """A return is called off by the seller (`refused`) or its buyer (`closed`)."""
    _count(sale, case.doc["lines"], requested=-1)
    gone = [line["no"] for line in sale.doc["exchange_lines"] if line["case"] == case.number]
    sale.doc["exchange_lines"] = [line for line in sale.doc["exchange_lines"] if line["no"] not in gone]
    sale.doc["edits"] += 1
    shop.market.shelves.save(sale)
    if state == "refused":
        case.doc["reports"].append({"what": "refuse", "words": "", "at_ms": shop.market.now_ms()})
    end_case(shop.market, case, state)


def running(shop: Shop, sale: Sale) -> list[Case]:
    """The returns of an order that can still be called off."""
    cases = shop.market.shelves.cases_of(sale.number)
    return [case for case in cases if case.doc["kind"] != "refund" and case.doc["state"] not in CASE_OVER]


def _count(sale: Sale, parts: Sequence[Mapping[str, Any]], **signs: int) -> None:
    for part in parts:
        counts = sale.doc["returned"].setdefault(part["no"], {"requested": 0, "received": 0, "dismissed": 0})
        for name, sign in signs.items():
            counts[name] += sign * part["num"]
