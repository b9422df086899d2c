"""What buyers, the platform and time do to a sale: the verbs of the control endpoints and of the scheduler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market.market import Market
from connectors.sandbox.kit.market.model import (
    CASE_OVER,
    HOUR,
    LIVE_REFUND,
    NotAllowed,
    line_of,
    line_paid,
    open_num,
    status_after,
)
from connectors.sandbox.kit.market.selling import end_case, move_case, stop
from connectors.sandbox.kit.market.store import Case, Sale
from connectors.sandbox.traffic import draw_receiver

Body = Mapping[str, Any]
Result = dict[str, Any]
OVER = frozenset({"shipped", "completed", "cancelled"})


def act(market: Market, number: str, verb: str, body: Body) -> Result:
    """Do one thing to one sale in one transaction.

    LookupError for an unknown sale or verb, NotAllowed when the sale's state forbids it.
    """
    with market.storage.write():
        sale = market.find_sale(number)
        if verb not in VERBS:
            raise LookupError(f"no verb {verb}; use {', '.join(VERBS)}")
        result = VERBS[verb](market, sale, body) or {}
        now = market.find_sale(number)
        return {"number": number, "status": now.doc["status"], "changed_ms": now.doc["changed_ms"], **result}


def pay(market: Market, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["status"] == "unpaid" and not sale.doc["is_presale"], "be paid")
    _take_payment(market, sale)


def pay_balance(market: Market, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["status"] == "unpaid" and sale.doc["is_presale"], "have its balance paid")
    _take_payment(market, sale)


def release(market: Market, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["held"], "be released")
    sale.doc["held"] = sale.doc["group_buy"] = False
    market.changed(sale, "released")


def refund(market: Market, sale: Sale, body: Body) -> Result:
    """Ask for one line (`line`, `num`, `amount`) or for every line; `return` asks to send goods back.

    `exchange` asks for other goods instead of money.
    """
    lines = [line_of(sale.doc, str(body["line"]))] if body.get("line") else _refundable(sale)
    lines = [line for line in lines if line["refund"] not in (*LIVE_REFUND, "succeeded") and _is_there(line)]
    _expect(sale, bool(lines) and sale.doc["status"] != "unpaid", "be refunded")
    return {"cases": [_ask(market, sale, line, body) for line in lines]}


def withdraw_refund(market: Market, sale: Sale, body: Body) -> Result:
    running = [case for case in market.shelves.cases_of(sale.number) if case.doc["state"] not in CASE_OVER]
    wanted = str(body.get("line", ""))
    chosen = [case for case in running if not wanted or any(part["no"] == wanted for part in case.doc["lines"])]
    _expect(sale, bool(chosen), "have a refund withdrawn: none is open")
    for case in chosen:
        end_case(market, case, "closed")
    return {"cases": [case.number for case in chosen]}


def return_goods(market: Market, sale: Sale, body: Body) -> Result:
    """The buyer sends the goods of an agreed case back and tells the waybill."""
    agreed = [case for case in market.shelves.cases_of(sale.number) if case.doc["state"] == "agreed"]
    _expect(sale, bool(agreed), "have goods returned: no case is agreed")
    for case in agreed:
        waybill = str(body.get("waybill") or market.storage.next_number("return_waybill", 78_900_000_000_001))
        case.doc |= {"return_carrier": "ZTO", "return_waybill": waybill}
        move_case(market, case, "returned")
    return {"cases": [case.number for case in agreed]}


def edit_memo(market: Market, sale: Sale, body: Body) -> None:
    sale.doc["memo"] = str(body.get("memo", "客服：客户要求尽快发货"))
    sale.doc["flag"] = int(body.get("flag", 1))
    market.changed(sale, "memo")


def edit_message(market: Market, sale: Sale, body: Body) -> None:
    sale.doc["message"] = str(body.get("message", "请尽快"))
    market.changed(sale, "message")


def edit_address(market: Market, sale: Sale, body: Body) -> None:
    """The buyer takes another receiver: drawn, unless `receiver` is given."""
    _expect(sale, sale.doc["status"] not in OVER and not _any_shipped(sale), "have its address changed")
    sale.doc["receiver"] = {**draw_receiver(market.random), **body.get("receiver", {})}
    sale.doc["address_changed"] = True
    market.changed(sale, "address")


def edit_quantity(market: Market, sale: Sale, body: Body) -> Result:
    line = line_of(sale.doc, str(body["line"])) if body.get("line") else sale.lines[0]
    num = int(body.get("num", line["num"] + 1))
    _expect(sale, _is_untouched(sale, line) and num > 0, "have its units changed")
    each = line["total"] // line["num"]
    sale.doc["payment"] += (num - line["num"]) * each
    line["total"] += (num - line["num"]) * each
    line["discount"], line["adjust"] = 0, line["total"] - num * line["price"]
    line["num"] = num
    market.changed(sale, "lines")
    return {"line": line["no"], "num": num}


def remove_line(market: Market, sale: Sale, body: Body) -> Result:
    """A line is taken off the order; the last one, gifts left out, cannot be."""
    line = line_of(sale.doc, str(body["line"])) if body.get("line") else sale.lines[-1]
    others = [other for other in sale.lines if other is not line and not other["gift"]]
    _expect(sale, bool(others) and _is_untouched(sale, line), "lose a line")
    sale.lines.remove(line)
    sale.doc["payment"] -= line_paid(line)
    sale.doc["coupon"] -= line["share"]
    sale.doc["status"] = status_after(sale.doc)
    market.changed(sale, "lines")
    return {"line": line["no"]}


def ask_invoice(market: Market, sale: Sale, body: Body) -> None:
    sale.doc["invoice"] = {"title": str(body.get("title", "示例科技有限公司")), "kind": str(body.get("kind", "company")),
                           "tax_no": str(body.get("tax_no", "91330100MA00000000"))}  # fmt: skip
    market.changed(sale, "invoice")


def cancel(market: Market, sale: Sale, body: Body) -> None:
    """The buyer or the platform cancels what has not shipped; a paid line is refunded with it."""
    _expect(sale, sale.doc["status"] not in OVER, "be cancelled")
    for case in market.shelves.cases_of(sale.number):
        if case.doc["state"] not in CASE_OVER:
            end_case(market, case, "succeeded")
    if any(open_num(line) for line in market.find_sale(sale.number).lines):
        stop(market, sale.number, "buyer")


def sign(market: Market, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["is_cod"] and sale.doc["status"] == "shipped", "be signed for")
    sale.doc["paid_ms"] = market.now_ms()
    market.changed(sale, "signed")


def finish(market: Market, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["status"] == "shipped", "be completed")
    sale.doc["status"], sale.doc["ended_ms"] = "completed", market.now_ms()
    market.changed(sale, "completed")


def mend(market: Market, sale: Sale, body: Body) -> None:
    """Repair a damaged document."""
    _expect(sale, bool(sale.spoil), "be repaired: it is not damaged")
    sale.spoil = ""
    market.changed(sale, "mended")


def touch(market: Market, sale: Sale, body: Body) -> None:
    market.changed(sale, "touched")


def take_over(market: Market, sale: Sale, body: Body) -> None:
    """The platform ships this order from its own warehouse."""
    _expect(sale, not _any_shipped(sale), "be taken over")
    sale.doc["by_platform"] = True
    market.changed(sale, "taken_over")


def _ask(market: Market, sale: Sale, line: dict[str, Any], body: Body) -> str:
    serial = market.storage.next_number("case", 1)
    num = int(body.get("num", line["num"]))
    amount = int(body.get("amount", line_paid(line) * num // line["num"]))
    kind = "exchange" if body.get("exchange") else "return" if body.get("return") else "refund"
    now = market.now_ms()
    case = Case({
        "number": market.case_number(serial), "order": sale.number, "kind": kind, "state": "asked",
        "lines": [{"no": line["no"], "num": num, "amount": amount}], "amount": amount, "version": 1,
        "reason": str(body.get("reason", "不喜欢/不想要")), "words": str(body.get("words", "")),
        "evidence": ["https://img.example.invalid/evidence.jpg"] if kind != "refund" else [],
        "wanted": line["sku"]["code"] if kind == "exchange" else "", "created_ms": now, "changed_ms": now,
        "respond_by_ms": now + 48 * HOUR, "line_shipped_when_asked": bool(line["shipped_num"]), "reports": [],
        "return_carrier": "", "return_waybill": "", "received": False, "paid_keys": [], "paid_back": 0,
    })  # fmt: skip
    line["refund"], line["case"] = "asked", case.number
    market.shelves.add_case(case)
    market.changed(sale, "refund")
    market.announce("case_asked", case.number)
    return case.number


def _take_payment(market: Market, sale: Sale) -> None:
    now = market.now_ms()
    sale.doc |= {"status": "open", "paid_ms": now, "ship_by_ms": now + 48 * HOUR}
    market.changed(sale, "paid")


def _refundable(sale: Sale) -> list[dict[str, Any]]:
    return [line for line in sale.lines if _is_there(line)]


def _is_there(line: dict[str, Any]) -> bool:
    return bool(line["cancelled_num"] < line["num"])


def _any_shipped(sale: Sale) -> bool:
    return any(line["shipped_num"] for line in sale.lines)


def _is_untouched(sale: Sale, line: dict[str, Any]) -> bool:
    """Whether nothing of a line has shipped or was ever asked back: a case speaks of its line as it was."""
    return sale.doc["status"] not in OVER and not line["shipped_num"] and not line["case"]


def _expect(sale: Sale, holds: bool, what: str) -> None:
    if not holds:
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot {what}")


VERBS: dict[str, Callable[[Market, Sale, Body], Result | None]] = {
    "pay": pay, "pay_balance": pay_balance, "release": release, "refund": refund, "withdraw_refund": withdraw_refund,
    "return_goods": return_goods, "edit_memo": edit_memo, "edit_message": edit_message, "edit_address": edit_address,
    "edit_quantity": edit_quantity, "remove_line": remove_line, "ask_invoice": ask_invoice, "cancel": cancel,
    "sign": sign, "finish": finish, "mend": mend, "touch": touch, "take_over": take_over,
}  # fmt: skip
