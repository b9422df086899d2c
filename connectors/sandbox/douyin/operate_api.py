"""Decisions on after-sale cases: `afterSale/operate`, all items of a call or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.douyin.cases_api import REASONS
from connectors.sandbox.douyin.errors import STALE, STATE, ApiError, business, invalid, missing
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.parcels import carrier_of
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.douyin.states import case_type
from connectors.sandbox.kit.market import Case, decide, goods_are_back
from connectors.sandbox.kit.market.selling import end_case, move_case

Doc = dict[str, Any]
Act = Callable[[Shop, Case, Params], None]
MOST_ITEMS = 20
STANDING = frozenset({"asked", "agreed", "returned"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One operation: the types and states of case it may be done to, and whether it needs a reason."""

    types: frozenset[int]
    states: frozenset[str]
    act: Act
    needs_reason: bool = False


def operate(shop: Shop, params: Params) -> Doc:
    """Decide up to 20 cases; the first that cannot be decided undoes all."""
    number = params.number("type")
    decision = DECISIONS.get(number)
    if decision is None:
        raise invalid("type", f"操作类型{number}不支持")
    items = params.items("items", MOST_ITEMS)
    told: list[Doc] = []
    with shop.market.storage.write():
        for item in items:
            item.require("aftersale_id")
            told.append(_decide_one(shop, decision, item))
    return {"items": told}


def _decide_one(shop: Shop, decision: Decision, item: Params) -> Doc:
    case = shop.case(item.text("aftersale_id"))
    refusal = _why_not(shop, decision, case, item)
    if refusal is not None:
        told = {"aftersale_id": int(case.number), "status_code": STATE, "status_msg": refusal.sub_msg}
        refusal.content = {"items": [told]}
        raise refusal
    with shop.received_stays(case.doc["order"]):
        decision.act(shop, case, item)
    return {"aftersale_id": int(case.number), "status_code": 0, "status_msg": ""}


def _why_not(shop: Shop, decision: Decision, case: Case, item: Params) -> ApiError | None:
    if decision.needs_reason:
        _check_reason(item)
    if item.has("update_time") and item.number("update_time") != case.doc["changed_ms"] // 1000:
        return business(STALE, "售后单已变更，请刷新后重试")
    if case_type(case) not in decision.types or case.doc["state"] not in decision.states:
        return business(STATE, "售后单当前状态不允许该操作")
    return None


def _check_reason(item: Params) -> None:
    item.require("reject_reason_code", "reason", "remark")
    code = item.number("reject_reason_code")
    if code not in REASONS:
        raise invalid("reject_reason_code", "拒绝原因码不存在")
    if REASONS[code][1] == "Y" and not item.has("evidence"):
        raise missing("evidence")


def agree(shop: Shop, case: Case, item: Params) -> None:
    logistics = item.inner("logistics")
    if logistics.has("receiver_address_id"):
        case.doc["return_address"] = logistics.number("receiver_address_id")
        shop.market.shelves.save_case(case)
    if case.doc["kind"] == "price":
        return pay(shop, case, item)
    decide(shop.market, case.number, True, item.text("remark"))
    return None


def refuse(shop: Shop, case: Case, item: Params) -> None:
    decide(shop.market, case.number, False, item.text("reason"))


def receive(shop: Shop, case: Case, item: Params) -> None:
    goods_are_back(shop.market, case.number)


def refuse_again(shop: Shop, case: Case, item: Params) -> None:
    case.doc |= {"received": True, "refused_after_return": True}
    _report(shop, case, "refuse_after_return", item)
    end_case(shop.market, case, "refused")


def pay(shop: Shop, case: Case, item: Params) -> None:
    _report(shop, case, "refund", item)
    end_case(shop.market, case, "succeeded")


def refund_instead(shop: Shop, case: Case, item: Params) -> None:
    """An exchange or a return becomes a refund of money alone."""
    sale = shop.sale(case.doc["order"])
    for part in case.doc["lines"]:
        line = next(line for line in sale.lines if line["no"] == part["no"])
        part["amount"] = part["amount"] or (line["total"] - line["share"]) * part["num"] // line["num"]
        line["case_kind"] = "refund"
    shop.market.shelves.save(sale)
    case.doc |= {"kind": "refund", "amount": sum(part["amount"] for part in case.doc["lines"])}
    pay(shop, case, item)


def send_again(shop: Shop, case: Case, item: Params) -> None:
    company, waybill = carrier_of(item.inner("logistics"))
    case.doc |= {"sent_company": company, "sent_waybill": waybill, "received": True}
    _report(shop, case, "sent", item)
    move_case(shop.market, case, "sent")
    shop.market.scheduler.after(shop.delay("exchange_done_after"), "douyin_case_done", {"case": case.number})


def _report(shop: Shop, case: Case, what: str, item: Params) -> None:
    case.doc["reports"].append({"what": what, "words": item.text("reason"), "at_ms": shop.market.now_ms()})


def _decision(types: set[int], states: set[str] | frozenset[str], act: Act, needs_reason: bool = False) -> Decision:
    return Decision(frozenset(types), frozenset(states), act, needs_reason)


DECISIONS = {
    101: _decision({0}, {"asked"}, agree),
    102: _decision({0}, {"asked"}, refuse, True),
    111: _decision({0}, {"returned"}, receive),
    112: _decision({0}, {"returned"}, refuse_again, True),
    121: _decision({0}, STANDING, refund_instead),
    201: _decision({1, 6}, {"asked"}, agree),
    202: _decision({1, 6}, {"asked"}, refuse, True),
    203: _decision({1}, {"asked"}, agree),
    301: _decision({3, 7, 8}, {"asked"}, agree),
    302: _decision({3, 7, 8}, {"asked"}, refuse, True),
    311: _decision({3, 8}, {"returned"}, send_again),
    312: _decision({3, 8}, {"returned"}, refuse_again, True),
    321: _decision({3}, STANDING, refund_instead),
    401: _decision({2}, {"asked"}, agree),
}
METHODS = {"afterSale/operate": Method(operate, ("type", "items"))}
