"""What buyers ask for: opening after-sale cases of every type, with the gifts that go with a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.kit.market import LIVE_REFUND, Case, NotAllowed, Sale
from connectors.sandbox.kit.market.model import HOUR, line_of, line_paid

Body = Mapping[str, Any]
Doc = dict[str, Any]
#: Cases that only goods already sent can have.
AFTER_SHIPPING = frozenset({"return", "exchange", "price", "resend", "repair"})
UNPAID_GOODS = frozenset({"exchange", "resend", "repair"})


def ask(shop: Shop, sale: Sale, body: Body) -> list[str]:
    """Open a case for the `line` named, or for every line; NotAllowed when the order's state forbids it."""
    kind = "exchange" if body.get("exchange") else "return" if body.get("return") else str(body.get("kind", "refund"))
    if kind not in (*AFTER_SHIPPING, "refund"):
        raise NotAllowed(f"there is no case of the kind {kind}; use refund, {', '.join(sorted(AFTER_SHIPPING))}")
    lines = [line_of(sale.doc, str(body["line"]))] if body.get("line") else [_ for _ in sale.lines if not _["gift"]]
    lines = [line for line in lines if _may_ask(line, kind)]
    if not lines or sale.doc["status"] == "unpaid":
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot have a case of the kind {kind}")
    whole = not body.get("line") and not any(line["shipped_num"] for line in sale.lines)
    cases = [_case(shop, sale, line, kind, body) for line in lines]
    if whole and kind == "refund" and not _nothing_paid(sale):
        cases[0].doc["post_amount"] = sale.doc["post_fee"]
        cases[0].doc["amount"] += sale.doc["post_fee"]
    _keep(shop, sale, cases)
    return [case.number for case in cases]


def _keep(shop: Shop, sale: Sale, cases: Sequence[Case]) -> None:
    for case in cases:
        shop.market.shelves.add_case(case)
    shop.market.changed(sale, "refund")
    for case in cases:
        shop.market.announce("case_asked", case.number)


def _may_ask(line: Doc, kind: str) -> bool:
    if line["refund"] in (*LIVE_REFUND, "succeeded") or line["cancelled_num"] >= line["num"]:
        return False
    return bool(line["shipped_num"]) or kind not in AFTER_SHIPPING


def _case(shop: Shop, sale: Sale, line: Doc, kind: str, body: Body) -> Case:
    number = shop.market.case_number(shop.market.storage.next_number("case", 1))
    parts = [_part(sale, line, kind, body), *_gifts(sale, line, kind)]
    for part in parts:
        line_of(sale.doc, part["no"]).update({"refund": "asked", "case": number, "case_kind": kind})
    now = shop.market.now_ms()
    return Case({
        "number": number, "order": sale.number, "kind": kind, "state": "asked", "lines": parts,
        "amount": sum(part["amount"] for part in parts), "version": 1, "created_ms": now, "changed_ms": now,
        "reason": str(body.get("reason", "不想要了")), "words": str(body.get("words", "")),
        "evidence": [] if kind == "refund" else ["https://img.example.invalid/evidence.jpg"],
        "wanted": line["sku"]["code"] if kind == "exchange" else "", "respond_by_ms": now + 48 * HOUR,
        "line_shipped_when_asked": bool(line["shipped_num"]), "nothing_paid": _nothing_paid(sale), "reports": [],
        "return_carrier": "", "return_waybill": "", "received": False, "paid_keys": [], "paid_back": 0,
    })  # fmt: skip


def _part(sale: Sale, line: Doc, kind: str, body: Body) -> Doc:
    num = int(body.get("num", line["num"]))
    full = 0 if kind in UNPAID_GOODS or _nothing_paid(sale) else line_paid(line) * num // line["num"]
    amount = full // 10 if kind == "price" else full
    return {"no": line["no"], "num": num, "amount": int(body.get("amount", amount))}


def _gifts(sale: Sale, line: Doc, kind: str) -> list[Doc]:
    """Gifts come with the first line and go back with it."""
    if line is not sale.lines[0] or kind not in ("refund", "return"):
        return []
    gifts = [gift for gift in sale.lines if gift["gift"] and _may_ask(gift, kind)]
    return [{"no": gift["no"], "num": gift["num"], "amount": 0} for gift in gifts]


def _nothing_paid(sale: Sale) -> bool:
    return bool(sale.doc["is_cod"] and not sale.doc["paid_ms"])
