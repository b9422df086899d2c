"""Refunds: granted, paid through the payment app (which answers later), and plain actions on the payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, LIVE_REFUND, Case, Sale, pay_back
from connectors.sandbox.kit.market.model import HOUR, line_of, line_paid
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.doing.answers import Args, Refused, case_of, sale_of, shown
from connectors.sandbox.saleor.doing.orders import pay
from connectors.sandbox.saleor.ids import transaction_id
from connectors.sandbox.saleor.settling import note, pay_event, settle
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
ANSWER_AFTER = 5.0


def grant(shop: Shop, args: Args) -> Doc:
    """orderGrantRefundCreate: says what shall be paid back; nothing moves yet."""
    told = args["input"]
    sale = sale_of(shop, args["id"])
    if told["transactionId"] != transaction_id(sale.number) or not sale.doc["payments"]:
        raise Refused("transactionId", "Transaction doesn't belong to the order.", "NOT_FOUND")
    parts = [_part(sale, row, "lines") for row in told.get("lines") or []]
    shipping = sale.doc["post_fee"] if told.get("grantRefundForShipping") else 0
    if not parts and not shipping and told.get("amount") is None:
        raise Refused("amount", "You need to provide at least one of `amount`, `lines`, `grantRefundForShipping`.",
                      "REQUIRED")  # fmt: skip
    if shipping and any(case.doc.get("shipping") for case in shop.market.shelves.cases_of(sale.number)):
        raise Refused("grantRefundForShipping", "Shipping costs have already been granted.",
                      "SHIPPING_COSTS_ALREADY_GRANTED")  # fmt: skip
    amount = _cents(told["amount"]) if told.get("amount") is not None else _worth(parts) + shipping
    if amount > books.charged(sale.doc):
        raise Refused("amount", "Amount is greater than the charged amount of the transaction.",
                      "AMOUNT_GREATER_THAN_AVAILABLE")  # fmt: skip
    case = _open_case(shop, sale, parts, amount, told.get("reason") or "", shipping)
    return _answer(shop, sale.number, case)


def change(shop: Shop, args: Args) -> Doc:
    """orderGrantRefundUpdate: amount, lines and reason of one that was not paid."""
    told, case = args["input"], case_of(shop, args["id"])
    if case.doc["state"] in CASE_OVER or case.doc.get("pay") == "PENDING":
        raise Refused("id", "Granted refund cannot be changed: it is paid or under way.", "INVALID")
    sale = shop.market.find_sale(case.doc["order"])
    gone = set(told.get("removeLines") or [])
    order = shown(shop, sale.number)
    row = next(one for one in order["grantedRefunds"]({}) if one["id"] == case.number)
    kept = {line["orderLine"]["id"] for line in row["lines"] if line["id"] not in gone}
    parts = [part for part in case.doc["lines"] if part["no"] in kept]
    parts += [_part(sale, added, "addLines") for added in told.get("addLines") or []]
    case.doc["lines"] = parts
    if told.get("amount") is not None:
        case.doc["amount"] = _cents(told["amount"])
    elif gone or told.get("addLines"):
        case.doc["amount"] = _worth(parts)
    case.doc["reason"] = told.get("reason") or case.doc["reason"]
    shop.market.case_changed(case, "case_changed")
    shop.market.changed(sale, "refund")
    return _answer(shop, sale.number, case)


def request_granted(shop: Shop, args: Args) -> Doc:
    """transactionRequestRefundForGrantedRefund: the payment app is asked and answers later."""
    case = case_of(shop, args["grantedRefundId"], "grantedRefundId")
    sale = shop.market.find_sale(case.doc["order"])
    if case.doc["state"] in CASE_OVER:
        raise Refused("grantedRefundId", "Refund for this granted refund has already been processed.",
                      "REFUND_ALREADY_PROCESSED")  # fmt: skip
    if case.doc.get("pay") == "PENDING":
        raise Refused("grantedRefundId", "Refund for this granted refund is already pending.", "REFUND_IS_PENDING")
    if case.doc["amount"] > books.charged(sale.doc):
        raise Refused("grantedRefundId", "Amount is greater than the charged amount of the transaction.",
                      "AMOUNT_GREATER_THAN_AVAILABLE")  # fmt: skip
    event = pay_event(shop.market, sale.doc, "REFUND_REQUEST", case.doc["amount"], case=case.number)
    note(shop.market, sale.doc, "TRANSACTION_REFUND_REQUESTED")
    case.doc |= {"pay": "PENDING", "psp": event["psp"]}
    shop.market.case_changed(case, "case_pending")
    shop.market.changed(sale, "refund")
    _answer_later(shop, {"number": sale.number, "case": case.number, "psp": event["psp"]})
    return {"transaction": shown(shop, sale.number)["transactions"]({})[0]}


def request_action(shop: Shop, args: Args) -> Doc:
    """transactionRequestAction: CHARGE what is reserved, CANCEL the reservation, REFUND an amount."""
    sale = next((one for one in shop.market.shelves.sales() if args.get("id") == transaction_id(one.number)), None)
    if sale is None or not sale.doc["payments"]:
        raise Refused("id", f"Couldn't resolve to a node: {args.get('id')}", "NOT_FOUND")
    doc, kind = sale.doc, args["actionType"]
    have = books.charged(doc) if kind == "REFUND" else books.authorized(doc)
    cents = _cents(args["amount"]) if args.get("amount") is not None else have
    if not 0 < cents <= have:
        raise Refused("amount", f"The amount cannot be {kind.lower()}ed: {have / 100} is available.", "INVALID")
    if kind == "CHARGE":
        pay(shop, sale)
    elif kind == "CANCEL":
        pay_event(shop.market, doc, "CANCEL_SUCCESS", cents)
        shop.market.changed(sale, "touched")
    else:
        event = pay_event(shop.market, doc, "REFUND_REQUEST", cents)
        shop.market.changed(sale, "refund")
        _answer_later(shop, {"number": sale.number, "case": "", "psp": event["psp"]})
    return {"transaction": shown(shop, sale.number)["transactions"]({})[0]}


def _answer_later(shop: Shop, task: Doc) -> None:
    shop.market.scheduler.after(float(shop.settings.get("refund_after", ANSWER_AFTER)), "payment_app", task)


def payment_app_answers(shop: Shop, task: Doc) -> None:
    """The payment app tells how a refund went."""
    market = shop.market
    with market.storage.write():
        sale = market.find_sale(task["number"])
        doc = sale.doc
        amount = next(event["amount"] for event in doc["payments"] if event["psp"] == task["psp"])
        fails = doc.get("fail_refunds", 0) > 0
        if fails:
            doc["fail_refunds"] -= 1
        message = "Refused by the bank" if fails else ""
        pay_event(market, doc, "REFUND_FAILURE" if fails else "REFUND_SUCCESS", amount, psp=task["psp"], message=message,
                  case=task["case"])  # fmt: skip
        market.changed(sale, "refund" if fails else "refunded")
        if task["case"]:
            _end(shop, task["case"], amount, task["psp"], fails=fails)
            settle(market, sale.number)


def _end(shop: Shop, number: str, amount: int, psp: str, *, fails: bool) -> None:
    case = shop.market.find_case(number)
    case.doc["pay"] = "FAILURE" if fails else "SUCCESS"
    shop.market.shelves.save_case(case)
    if not fails and case.doc["state"] not in CASE_OVER:
        pay_back(shop.market, number, amount, psp)


def _part(sale: Sale, row: Doc, field: str) -> Doc:
    line = next((line for line in sale.lines if line["no"] == row["id"]), None)
    if line is None:
        told = [{"field": "id", "message": "Couldn't resolve to a node.", "code": "NOT_FOUND", "lineId": row["id"]}]
        raise Refused(field, "Provided line is not from this order.", "INVALID", **{field: told})
    if not 0 < row["quantity"] <= line["num"]:
        told = [{"field": "quantity", "message": "Cannot grant refund for more than is on the line.",
                 "code": "QUANTITY_GREATER_THAN_AVAILABLE", "lineId": row["id"]}]  # fmt: skip
        raise Refused(field, "Provided quantity is bigger than the line's.", "INVALID", **{field: told})
    return {"no": line["no"], "num": row["quantity"], "amount": line_paid(line) * row["quantity"] // line["num"]}


def _worth(parts: list[Doc]) -> int:
    return sum(int(part["amount"]) for part in parts)


def _cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value())


def _open_case(shop: Shop, sale: Sale, parts: list[Doc], amount: int, reason: str, shipping: int) -> Case:
    market, now = shop.market, shop.market.now_ms()
    shipped = any(line_of(sale.doc, part["no"])["shipped_num"] for part in parts)
    number = market.case_number(market.storage.next_number("case", 1))
    case = Case({
        "number": number, "order": sale.number, "kind": "return" if shipped else "refund", "state": "agreed",
        "lines": parts, "amount": amount, "version": 1, "reason": reason, "words": "", "evidence": [], "wanted": "",
        "created_ms": now, "changed_ms": now, "respond_by_ms": now + 48 * HOUR, "line_shipped_when_asked": shipped,
        "reports": [{"what": "grant", "words": reason, "at_ms": now}], "return_carrier": "", "return_waybill": "",
        "received": False, "paid_keys": [], "paid_back": 0, "shipping": shipping,
    })  # fmt: skip
    for part in parts:
        line = line_of(sale.doc, part["no"])
        if line["refund"] not in LIVE_REFUND:
            line["refund"], line["case"] = "agreed", number
    market.shelves.add_case(case)
    market.changed(sale, "refund")
    return case


def _answer(shop: Shop, number: str, case: Case) -> Doc:
    order = shown(shop, number)
    row = next(one for one in order["grantedRefunds"]({}) if one["id"] == case.number)
    return {"order": order, "grantedRefund": row}
