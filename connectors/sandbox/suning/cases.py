"""What the seller and the platform do to returns and refunds, whichever way it was said."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed, decide
from connectors.sandbox.kit.market.selling import end_case, move_case, pay_back
from connectors.sandbox.suning.shop import Shop


def note_step(shop: Shop, number: str, step: str) -> Case:
    """Show this step until the case's state changes."""
    case = shop.market.find_case(number)
    case.doc |= {"step": step, "step_of": case.doc["state"]}
    shop.market.shelves.save_case(case)
    return case


def agree_to_return(shop: Shop, case: Case, words: str = "") -> None:
    """The customer may send the goods back."""
    if case.doc["kind"] == "refund":
        raise NotAllowed(f"case {case.number} asks for money alone")
    decide(shop.market, case.number, True, words)


def refuse(shop: Shop, case: Case, step: str, words: str = "") -> None:
    """A return is refused before the goods come, money also afterwards."""
    if case.doc["state"] == "asked":
        decide(shop.market, case.number, False, words)
    elif case.doc["state"] in ("agreed", "returned"):
        _report(shop, case, "refuse", words)
        end_case(shop.market, case, "refused")
    else:
        raise NotAllowed(f"case {case.number} is over")
    note_step(shop, case.number, step)


def agree_to_pay(shop: Shop, case: Case, amount: int | None = None) -> None:
    """The seller agrees to the money; the platform pays it after `refund_after`."""
    due = int(case.doc["amount"]) if amount is None else amount
    with_goods = case.doc["kind"] != "refund"
    if case.doc["state"] not in (("agreed", "returned") if with_goods else ("asked",)):
        raise NotAllowed(f"case {case.number} in {case.doc['state']} does not wait for money")
    if not 0 < due <= case.doc["amount"] or case.doc.get("step_of") == case.doc["state"]:
        raise NotAllowed(f"case {case.number} cannot be paid with {due}")
    if with_goods:
        case.doc["received"] = True
    _report(shop, case, "received" if with_goods else "agree", "")
    move_case(shop.market, case, "returned" if with_goods else "agreed")
    note_step(shop, case.number, "C050")
    shop.market.scheduler.after(shop.delay("refund_after"), "suning_pays", {"case": case.number, "amount": due})


def pay(shop: Shop, payload: dict[str, Any]) -> None:
    """The platform pays an agreed refund; a second time changes nothing."""
    with shop.market.storage.write():
        case = shop.market.find_case(str(payload["case"]))
        if case.doc["state"] not in CASE_OVER:
            pay_back(shop.market, case.number, int(payload["amount"]), f"platform:{case.number}")


def _report(shop: Shop, case: Case, what: str, words: str) -> None:
    case.doc["reports"].append({"what": what, "words": words, "at_ms": shop.market.now_ms()})
