"""What buyers, the seller's own console and the platform do to an order, where Suning differs from other platforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Case, NotAllowed, Sale
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.suning import cases
from connectors.sandbox.suning.shop import Shop
from connectors.sandbox.suning.states import STEPS

Body = Mapping[str, Any]
Result = dict[str, Any]
#: The state in which a case ends with one of the platform's steps.
ENDS = {"C110": "succeeded", "C070": "closed", "C075": "closed", "C080": "closed"}


def play(shop: Shop, number: str, verb: str, body: Body) -> Result:
    """Do one thing to one order in one transaction.

    LookupError for an unknown order or verb, NotAllowed when the order's state forbids it.
    """
    if verb == "refund" and body.get("exchange"):
        raise NotAllowed("there are no exchanges here: ask for a return")
    if verb not in OWN:
        return act(shop.market, number, verb, body)
    with shop.market.storage.write():
        sale = shop.market.find_sale(number)
        case = _case(shop, sale, body)
        OWN[verb](shop, case, body)
        now = shop.market.find_sale(number).doc
        return {"number": number, "status": now["status"], "changed_ms": now["changed_ms"], "case": case.number}


def agree(shop: Shop, case: Case, body: Body) -> None:
    """The seller agrees by hand: to the goods of a return that is asked for, otherwise to the money."""
    if case.doc["kind"] == "return" and case.doc["state"] == "asked":
        cases.agree_to_return(shop, case)
    else:
        cases.agree_to_pay(shop, case)


def refuse(shop: Shop, case: Case, body: Body) -> None:
    """The seller refuses by hand."""
    asked_to_return = case.doc["kind"] == "return" and case.doc["state"] == "asked"
    cases.refuse(shop, case, "C041" if asked_to_return else "C051", str(body.get("words", "")))


def after_sales(shop: Shop, case: Case, body: Body) -> None:
    """The platform brings a case to any of its steps (`status`); those that end it end it."""
    step = str(body["status"])
    if step not in STEPS:
        raise NotAllowed(f"case {case.number} has no step {step}; use {', '.join(STEPS)}")
    if step in ENDS and case.doc["state"] != ENDS[step]:
        end_case(shop.market, case, ENDS[step])
    cases.note_step(shop, case.number, step)


def _case(shop: Shop, sale: Sale, body: Body) -> Case:
    """The case that the body names, or the order's last one."""
    found = shop.market.shelves.cases_of(sale.number)
    wanted = [case for case in found if str(body.get("case", case.number)) == case.number]
    if not wanted:
        raise NotAllowed(f"order {sale.number} has no such case")
    return wanted[-1]


OWN: dict[str, Callable[[Shop, Case, Body], None]] = {"agree": agree, "refuse": refuse, "after_sales": after_sales}
