"""Money on its way back: an agreed refund is under way for a while before the platform has paid it."""

from __future__ import annotations

from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed
from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.pinduoduo.shop import Shop

MERCHANT_PAYS, PLATFORM_PAYS = 4, 5


def start_paying(shop: Shop, case: Case, report: str, words: str = "", shown: int = MERCHANT_PAYS) -> None:
    """The refund is agreed; the platform pays after `refund_after`. `report` is what the seller told."""
    if case.doc["state"] in CASE_OVER or case.doc.get("shown") in (MERCHANT_PAYS, PLATFORM_PAYS):
        raise NotAllowed(f"case {case.number} is settled already")
    if report:
        case.doc["reports"].append({"what": report, "words": words, "at_ms": shop.market.now_ms()})
    case.doc["shown"] = shown
    move_case(shop.market, case, "returned" if case.doc["state"] == "returned" else "agreed")
    shop.later("refund_after", case.doc["order"], "pay_out", case=case.number)


def pay_out(shop: Shop, case: Case) -> None:
    """The platform has paid; NotAllowed when the case ended otherwise meanwhile."""
    if case.doc["state"] in CASE_OVER:
        raise NotAllowed(f"case {case.number} is over ({case.doc['state']})")
    case.doc["shown"], case.doc["paid_back"] = 0, case.doc["amount"]
    end_case(shop.market, case, "succeeded")
