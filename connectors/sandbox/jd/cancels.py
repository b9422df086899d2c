"""Applications to cancel an order before it ships: their states at JD and what the seller, JD and time do to them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jd.errors import Refused
from connectors.sandbox.jd.shop import Shop
from connectors.sandbox.kit.market import CASE_OVER, Case, Market, decide
from connectors.sandbox.kit.market.selling import end_case, move_case

Doc = dict[str, Any]
WAITING, AGREED, REFUSED, PAID, NOT_PAID, BY_JD = 0, 1, 2, 3, 4, 5
STOPPING, STOPPED, NOT_STOPPED, CLOSED, TO_FOLLOW, WITHDRAWN = 6, 7, 8, 9, 10, 11
BY_STATE = {"asked": WAITING, "agreed": STOPPING, "refused": REFUSED, "succeeded": BY_JD}


def status_of(doc: Doc) -> int:
    """The status that JD shows for an application."""
    if doc.get("forced") is not None:
        return int(doc["forced"])
    if doc["state"] == "closed":
        return WITHDRAWN
    return int(doc["shown"]) if doc.get("shown") is not None else BY_STATE[doc["state"]]


def mark(market: Market, number: str, status: int, **more: Any) -> Case:
    """Keep a checked status and its time, with what was said."""
    case = market.find_case(number)
    case.doc |= {"shown": status, "forced": None, "checked_ms": market.now_ms(), **more}
    market.shelves.save_case(case)
    return case


def reply(shop: Shop, case: Case, status: int, user: str, words: str) -> None:
    """The seller's answer: agree, refuse, agree if JD can stop the parcel, close by force, or follow the parcel."""
    market, number = shop.market, case.number
    if case.doc["state"] != "asked":
        raise Refused(10500014, "STATUS_ERROR", "该退款单已审核")
    said = {"check_user": user, "check_remark": words}
    if status in (AGREED, CLOSED, REFUSED):
        decide(market, number, status != REFUSED, words, report={CLOSED: "force_close"}.get(status, ""))
        mark(market, number, status, **said)
    else:
        report = "stop" if status == STOPPING else "follow"
        case.doc["reports"].append({"what": report, "words": words, "at_ms": market.now_ms()})
        market.shelves.save_case(case)
        mark(market, number, status, **said)
    if status == STOPPING:
        move_case(market, market.find_case(number), "agreed")
        market.scheduler.after(shop.delay("intercept_after"), "jd_intercepted", {"case": number})
    if status in (AGREED, CLOSED):
        market.scheduler.after(shop.delay("finance_after"), "jd_finance", {"case": number})


def intercepted(shop: Shop, number: str) -> None:
    """JD tells whether it could stop the parcel; the setting `intercept_fails` (0 to 1) is the share it could not."""
    market = shop.market
    with market.storage.write():
        case = market.find_case(number)
        if case.doc["state"] in CASE_OVER:
            return
        fails = market.random.random() < float(shop.settings.get("intercept_fails", 0))
        end_case(market, case, "refused" if fails else "succeeded")
        mark(market, number, NOT_STOPPED if fails else STOPPED)


def finance(shop: Shop, number: str, passes: bool = True) -> None:
    """JD's finance department passes an agreed application, or does not."""
    with shop.market.storage.write():
        case = shop.market.find_case(number)
        if status_of(case.doc) in (AGREED, CLOSED):
            mark(shop.market, number, PAID if passes else NOT_PAID)
