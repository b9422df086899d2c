"""What buyers and the platform do here beside the kit's verbs: groups, lotteries, reviews, depots, rulings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed, Sale, decide, ship, stop
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.pinduoduo.paying import PLATFORM_PAYS, pay_out, start_paying
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.states import ALL_STATUSES, ENDS, EXCHANGE, REPAIR, RESHIP, type_of

Body = Mapping[str, Any]
Result = dict[str, Any]


def after_sales(shop: Shop, sale: Sale, body: Body) -> None:
    """The platform brings a case to any status of its list: it rules, lets a term run out, or pays (5)."""
    case, status = _case(shop, sale, body), int(body["status"])
    _expect(sale, status in ALL_STATUSES, f"have a case in status {status}")
    case.doc["shown"] = 0 if status == PLATFORM_PAYS else status
    if status == PLATFORM_PAYS:
        start_paying(shop, case, "", shown=PLATFORM_PAYS)
    elif status in ENDS and case.doc["state"] not in CASE_OVER:
        _end(shop, case, ENDS[status])
    else:
        shop.market.changed(sale, "refund")
        shop.market.case_changed(case, "case_changed")


def paid_out(shop: Shop, sale: Sale, body: Body) -> None:
    pay_out(shop, _case(shop, sale, body))


def refuse(shop: Shop, sale: Sale, body: Body) -> None:
    """The seller refuses a case in the platform's own back office: no call for it is known."""
    decide(shop.market, _case(shop, sale, body).number, False, str(body.get("words", "")), report="refuse_by_hand")


def ask_reship(shop: Shop, sale: Sale, body: Body) -> Result:
    return _ask(shop, sale, body, RESHIP)


def ask_repair(shop: Shop, sale: Sale, body: Body) -> Result:
    return _ask(shop, sale, body, REPAIR)


def confirm_exchange(shop: Shop, sale: Sale, body: Body) -> None:
    """The buyer has what was sent instead."""
    case = _case(shop, sale, body)
    _expect(sale, case.doc.get("shown") in (18, 27), "have an exchange confirmed: nothing was sent")
    case.doc["shown"] = 0
    _end(shop, case, "succeeded")


def fail_group(shop: Shop, sale: Sale, body: Body) -> None:
    """The group was not filled in time: the platform gives the money back."""
    _expect(sale, sale.doc["held"] and sale.doc["hold"] == "group", "lose its group")
    _give_back(shop, sale, group_failed=True)


def lose_lottery(shop: Shop, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["held"] and sale.doc["hold"] == "lottery", "lose a lottery")
    _give_back(shop, sale)


def review(shop: Shop, sale: Sale, body: Body) -> None:
    """The platform takes a paid order under review; `release` lets it go."""
    _expect(sale, sale.doc["status"] == "open" and not sale.doc["held"], "be taken under review")
    sale.doc["held"], sale.doc["hold"] = True, "risk"
    shop.market.changed(sale, "risk")


def pay_deposit(shop: Shop, sale: Sale, body: Body) -> None:
    _expect(sale, sale.doc["is_presale"] and not sale.doc["deposit_paid"], "have a deposit paid")
    sale.doc["deposit_paid"] = True
    shop.market.changed(sale, "deposit")


def urge(shop: Shop, sale: Sale, body: Body) -> None:
    sale.doc["urged_ms"] = shop.market.now_ms()
    shop.market.changed(sale, "urged")


def stock_out(shop: Shop, sale: Sale, body: Body) -> None:
    sale.doc["stock_out"] = 1
    shop.market.changed(sale, "stock_out")


def ship_from_depot(shop: Shop, sale: Sale, body: Body) -> None:
    """The subscribed depot ships an order by itself."""
    _expect(sale, sale.doc["by_platform"], "be shipped from a depot of the platform")
    number = shop.market.storage.next_number("depot_waybill", 77_500_000_000_001)
    ship(shop.market, sale.number, "ZTO", str(number), kind="platform")


def _ask(shop: Shop, sale: Sale, body: Body, kind: int) -> Result:
    asked = act(shop.market, sale.number, "refund", {"amount": 0, **body, "exchange": True})
    for number in asked["cases"]:
        case = shop.market.find_case(number)
        case.doc["pdd_type"] = kind
        shop.market.shelves.save_case(case)
    return {"cases": asked["cases"]}


def _end(shop: Shop, case: Case, state: str) -> None:
    """End a case; an exchange that went well pays nothing back, so its lines are as they were."""
    end_case(shop.market, case, state)
    if type_of(case) < EXCHANGE or state != "succeeded":
        return
    sale = shop.market.find_sale(case.doc["order"])
    sale.doc["refunded"] -= case.doc["amount"]
    for line in sale.lines:
        if line["case"] == case.number and line["shipped_num"]:
            line["refund"] = "none"
    shop.market.shelves.save(sale)


def _give_back(shop: Shop, sale: Sale, **more: Any) -> None:
    sale.doc |= {"held": False, "group_buy": False, **more}
    shop.market.shelves.save(sale)
    stop(shop.market, sale.number, "platform")


def _case(shop: Shop, sale: Sale, body: Body) -> Case:
    """The case that the body names, or the latest one."""
    cases = shop.market.shelves.cases_of(sale.number)
    wanted = str(body.get("case", ""))
    found = [case for case in cases if not wanted or case.number == wanted]
    _expect(sale, bool(found), "be ruled on: it has no such case")
    return found[-1]


def _expect(sale: Sale, holds: bool, what: str) -> None:
    if not holds:
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot {what}")


VERBS: dict[str, Callable[[Shop, Sale, Body], Result | None]] = {
    "after_sales": after_sales, "pay_out": paid_out, "refuse": refuse, "ask_reship": ask_reship,
    "ask_repair": ask_repair, "confirm_exchange": confirm_exchange, "fail_group": fail_group,
    "lose_lottery": lose_lottery, "review": review, "pay_deposit": pay_deposit, "urge": urge,
    "stock_out": stock_out, "ship_from_depot": ship_from_depot,
}  # fmt: skip
