"""What buyers and JD do to an order, where JD differs from other platforms, and verbs that only JD has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.jd import cancels, services
from connectors.sandbox.jd.order_docs import buyer_pays, platform_pays
from connectors.sandbox.jd.orders_made import OrdersMade
from connectors.sandbox.jd.shop import Shop
from connectors.sandbox.kit.market import Case, NotAllowed, Sale
from connectors.sandbox.kit.market.buying import act, take_over
from connectors.sandbox.kit.market.model import line_paid
from connectors.sandbox.traffic import shares

Body = Mapping[str, Any]
Result = dict[str, Any]


def play(shop: Shop, made: OrdersMade, number: str, verb: str, body: Body) -> Result:
    """Do one thing to one order in one transaction.

    LookupError for an unknown order or verb, NotAllowed when the order's state forbids it.
    """
    own = OWN.get(verb)
    if own is None and verb != "split_order":
        return act(shop.market, number, verb, body)
    with shop.market.storage.write():
        sale = shop.market.find_sale(number)
        result = own(shop, sale, body) if own is not None else {"children": made.split(number)}
        now = shop.market.find_sale(number).doc
        return {"number": number, "status": now["status"], "changed_ms": now["changed_ms"], **result}


def refund(shop: Shop, sale: Sale, body: Body) -> Result:
    """Before shipping an application to cancel the whole order, afterwards a service order for each line.

    `expect` is JD's number of what the customer wants (80: goods sent after, 30: repair, …).
    """
    if any(line["shipped_num"] for line in sale.lines):
        numbers = act(shop.market, sale.number, "refund", body)["cases"]
        for number in numbers:
            case = shop.market.find_case(number)
            if "amount" not in body:
                case.doc["amount"] = _paid_by_buyer(sale, case)
            expect = int(body.get("expect") or services.EXPECT[case.doc["kind"]])
            _keep(shop, case, system="asc", expect=expect, shown=None)
        return {"cases": numbers}
    return {"cases": [_cancel_whole(shop, sale, body)]}


def taken_over(shop: Shop, sale: Sale, body: Body) -> Result:
    """JD's own warehouse ships the order, which the document says too."""
    sale.doc["store_order"] = "京仓订单"
    take_over(shop.market, sale, body)
    return {}


def set_status(shop: Shop, sale: Sale, body: Body) -> Result:
    """Show a `case` with any `status` of its system until something happens to it."""
    case, status = _case(shop, sale, body), int(body["status"])
    known = range(12) if case.doc["system"] == "refundapply" else services.STATUS_NAMES
    if status not in known:
        raise NotAllowed(f"case {case.number} has no status {status}")
    _keep(shop, case, forced=status)
    return {"case": case.number}


def finance(shop: Shop, sale: Sale, body: Body) -> Result:
    """JD's finance department passes an agreed application now (`passes`, true unless told otherwise)."""
    cancels.finance(shop, _case(shop, sale, body).number, bool(body.get("passes", True)))
    return {}


def confirm(shop: Shop, sale: Sale, body: Body) -> Result:
    """The buyer confirms that a service order is done."""
    services.finished(shop, _case(shop, sale, body).number)
    return {}


def fail_payment(shop: Shop, sale: Sale, body: Body) -> Result:
    """The refund of a finished service order did not reach the buyer."""
    _keep(shop, _case(shop, sale, body), refund_failed=True)
    return {}


def _paid_by_buyer(sale: Sale, case: Case) -> int:
    """What a case's units cost the buyer: what JD put in stays with JD."""
    parts = shares(platform_pays(sale.doc), [line_paid(line) for line in sale.lines])
    net = {line["no"]: (line_paid(line) - part, line["num"]) for line, part in zip(sale.lines, parts, strict=True)}
    return sum(net[part["no"]][0] * int(part["num"]) // int(net[part["no"]][1]) for part in case.doc["lines"])


def _cancel_whole(shop: Shop, sale: Sale, body: Body) -> str:
    first = next((line for line in sale.lines if line["cancelled_num"] < line["num"]), sale.lines[0])
    asked = {name: value for name, value in body.items() if name in ("reason", "words")}
    number = str(act(shop.market, sale.number, "refund", {**asked, "line": first["no"]})["cases"][0])
    case, now = shop.market.find_case(number), shop.market.find_sale(sale.number)
    case.doc["lines"] = []
    for line in now.lines:
        line["refund"], line["case"] = "asked", number
        case.doc["lines"].append({"no": line["no"], "num": line["num"], "amount": line["total"] - line["share"]})
    _keep(shop, case, system="refundapply", expect=1, shown=None, amount=buyer_pays(now.doc))
    shop.market.changed(now, "refund")
    return number


def _case(shop: Shop, sale: Sale, body: Body) -> Case:
    """The case that the body names, or the order's last one."""
    found = shop.market.shelves.cases_of(sale.number)
    wanted = [case for case in found if str(body.get("case", case.number)) == case.number]
    if not wanted:
        raise NotAllowed(f"order {sale.number} has no such case")
    return wanted[-1]


def _keep(shop: Shop, case: Case, **more: Any) -> None:
    case.doc |= more
    shop.market.shelves.save_case(case)


OWN: dict[str, Callable[[Shop, Sale, Body], Result]] = {
    "refund": refund,
    "take_over": taken_over,
    "set_status": set_status,
    "finance": finance,
    "confirm": confirm,
    "fail_payment": fail_payment,
}
