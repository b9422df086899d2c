"""Refunds and returns from the buyer's request to their end, as far as each platform lets a seller's system go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import ConnectorError, Permanent
from tests.journeys.stage import Stage

OVER = (r.RefundState.SUCCEEDED, r.RefundState.CLOSED)


def asked(stage: Stage, number: str, *, back: bool = False) -> r.CaseRecord:
    """The case of an order whose buyer asks for all of it, or to send its first line back."""
    line = stage.trade(number)["lines"][0]["oid"]
    stage.act(number, "refund", **({"return": True, "line": line} if back else {}))
    stage.pass_time()
    found = stage.cases(number)
    assert found, "the case was asked for and is not in the list"
    return found[0]


def shipped(stage: Stage, kind: str = "plain") -> str:
    (number,) = stage.buy(kind)
    stage.shop.push_shipment(stage.parcel(number, f"ZT{number[-9:]}"))
    return number


def again(stage: Stage, case: r.CaseRecord) -> r.CaseRecord:
    return stage.case(case)


def refund_of(stage: Stage, number: str) -> dict[str, object]:
    found: dict[str, object] = stage.trade(number)["refunds"][-1]
    return found


def test_a_refund_before_shipment_comes_in_with_lines_and_amount(stage: Stage) -> None:
    if stage.traveller.asks_on_order:
        return
    (number,) = stage.buy("plain")
    order = stage.order(number)
    case = asked(stage, number)
    assert case.kind == "refund"
    assert case.state is (r.RefundState.SUCCEEDED if stage.traveller.pays_by_itself else r.RefundState.ASKED)
    assert 0 < sum(found.amount for found in stage.cases(number)) <= order.paid_total
    assert case.currency == order.currency
    lines = {line.line_no for line in case.lines} | {case.line_no} - {""}
    assert lines <= {line.external_no for line in order.lines}
    assert case.alerts == ()
    assert not stage.traveller.pays_by_itself or case.allows == ()


def test_an_order_under_refund_says_so(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    stage.act(number, "refund")
    stage.pass_time(600)
    order = stage.captured()[number]
    told = {line.refund for line in order.lines if line.kind == "goods"}
    assert told & {r.RefundState.ASKED, r.RefundState.SUCCEEDED}
    ledger = {line["refund_status"] for line in stage.trade(number)["lines"]}
    assert ledger & {"asked", "succeeded", "WAIT_SELLER_AGREE"}


def test_an_agreed_refund_is_paid(stage: Stage) -> None:
    if "decide_case" not in stage.able or stage.traveller.pays_by_itself:
        return
    (number,) = stage.buy("plain")
    for case in [asked(stage, number), *stage.cases(number)[1:]]:
        assert "agree" in case.allows or case.allows == ()
        stage.shop.decide_case(case.external_no, True, "同意退款", stage.facts(case))
    stage.pass_time(4000)
    assert {case.state for case in stage.cases(number)} <= {r.RefundState.SUCCEEDED}
    assert {refund["status"] for refund in stage.trade(number)["refunds"]} <= {"succeeded", "SUCCESS"}
    assert stage.captured()[number].state is r.OrderState.CANCELLED


def test_a_refused_refund_is_over_or_is_said_to_be_impossible(stage: Stage) -> None:
    if "decide_case" not in stage.able or stage.traveller.pays_by_itself:
        return
    number = shipped(stage)
    case = asked(stage, number, back=True)
    try:
        stage.shop.decide_case(case.external_no, False, "商品已经发出", stage.facts(case))
    except Permanent:
        assert "refuse" not in case.allows
        assert again(stage, case).state is r.RefundState.ASKED
        return
    assert again(stage, case).state in (r.RefundState.REFUSED, r.RefundState.CLOSED)
    assert refund_of(stage, number)["status"] in ("refused", "SELLER_REFUSE_BUYER")


def test_a_return_goes_its_whole_way(stage: Stage) -> None:
    if "decide_case" not in stage.able:
        return
    number = shipped(stage)
    order = stage.order(number)
    case = asked(stage, number, back=True)
    assert (case.kind, case.state) == ("return", first_state(stage))
    assert 0 < case.amount <= order.paid_total
    stage.shop.decide_case(case.external_no, True, "请退回", stage.facts(case))
    agreed = again(stage, case)
    assert agreed.state is r.RefundState.AGREED
    stage.return_goods(number)
    returned = again(stage, case)
    assert returned.state in (r.RefundState.RETURNED, r.RefundState.AGREED)
    assert returned.return_waybill == "" or returned.return_waybill.isalnum()
    settle(stage, returned)
    stage.pass_time(4000)
    assert again(stage, case).state in OVER
    assert refund_of(stage, number)["status"] in ("succeeded", "SUCCESS")


def first_state(stage: Stage) -> r.RefundState:
    return r.RefundState.AGREED if stage.traveller.agrees_by_itself else r.RefundState.ASKED


def settle(stage: Stage, case: r.CaseRecord) -> None:
    """Take the goods and pay, by whichever of its calls this platform wants.

    Where the seller pays, the money goes with the taking; what only its own console can end, is ended there.
    """
    if stage.traveller.takes_then_pays:
        stage.shop.goods_received(case.external_no, stage.facts(case))
    if "refund_case" in stage.able:
        stage.shop.refund_case(notice_of(stage, case))
    elif "goods_received" in stage.able:
        stage.shop.goods_received(case.external_no, stage.facts(case))
    if stage.traveller.ends_a_return:
        stage.act(case.order_no, stage.traveller.ends_a_return)
    if again(stage, case).state not in OVER and stage.traveller.pays_by_agreeing:
        now = again(stage, case)
        stage.shop.decide_case(now.external_no, True, "已收到退货", stage.facts(now))


def notice_of(stage: Stage, case: r.CaseRecord, key: str = "refund-1") -> n.RefundNotice:
    lines = tuple((line.line_no, line.units) for line in case.lines if line.line_no)
    return n.RefundNotice(case.order_no, case.amount, case.currency, key, case.external_no, lines, "退款")


def test_the_same_key_pays_once(stage: Stage) -> None:
    if "refund_case" not in stage.able:
        return
    number = shipped(stage)
    order = stage.order(number)
    (line, *_) = [line for line in order.lines if line.kind == "goods"]
    notice = n.RefundNotice(
        number, line.paid_amount, order.currency, "key-1", "", ((line.external_no, line.units),), "退款"
    )
    assert stage.shop.find_refund(notice) is None
    first = stage.shop.refund_case(notice)
    second = stage.shop.refund_case(notice)
    stage.pass_time()
    found = stage.shop.find_refund(notice)
    assert found is not None
    if stage.traveller.pays_by_file:
        assert [refund["paid_back"] for refund in stage.trade(number)["refunds"]] == [line.paid_amount]
        return
    assert found.reference == first.reference == second.reference
    assert stage.shop.find_refund(replace(notice, key="key-2")) is None
    if stage.traveller.asks_on_order:
        return
    cases = stage.cases(number)
    assert [case.amount for case in cases] == [line.paid_amount]
    assert cases[0].state is r.RefundState.SUCCEEDED


@pytest.mark.parametrize("stopped", [True, False])
def test_the_platform_hears_whether_a_shipment_was_stopped(stage: Stage, stopped: bool) -> None:
    if "confirm_interception" not in stage.able:
        return
    (number,) = stage.buy("plain")
    for case in [asked(stage, number), *stage.cases(number)[1:]]:
        notice = n.InterceptionNotice(
            number, case.external_no, stopped, datetime.now(UTC), case.line_no, case.amount, "仓库已处理"
        )
        stage.shop.confirm_interception(notice)
    stage.pass_time(4000)
    states = {case.state for case in stage.cases(number)}
    if stopped:
        assert states == {r.RefundState.SUCCEEDED}
        assert stage.captured()[number].state is r.OrderState.CANCELLED
    else:
        assert r.RefundState.SUCCEEDED not in states


def test_an_exchange_is_told_as_one(stage: Stage) -> None:
    if not stage.traveller.exchanges:
        return
    number = shipped(stage)
    stage.act(number, "refund", exchange=True)
    stage.pass_time()
    case = stage.cases(number)[0]
    assert case.kind in ("exchange", "return")
    assert case.state is first_state(stage)


def test_the_goods_of_an_exchange_leave_and_the_case_says_so(stage: Stage) -> None:
    if not stage.traveller.exchanges or "ship_exchange" not in stage.able:
        return
    number = shipped(stage)
    stage.act(number, "refund", exchange=True)
    stage.pass_time()
    case = stage.cases(number)[0]
    if case.kind != "exchange" or "agree" not in case.allows:
        return
    stage.shop.decide_case(case.external_no, True, "请退回", stage.facts(case))
    stage.return_goods(number)
    back = again(stage, case)
    if "ship_exchange" not in back.allows:
        stage.shop.goods_received(back.external_no, stage.facts(back))
        back = again(stage, case)
    assert "ship_exchange" in back.allows
    stage.shop.ship_exchange(back.external_no, stage.parcel(number, "ZT900000000077"))
    assert "ship_exchange" not in again(stage, case).allows


def test_a_withdrawn_request_is_closed_and_the_line_may_ship(stage: Stage) -> None:
    if stage.traveller.pays_by_itself:
        return
    (number,) = stage.buy("plain")
    case = None
    if stage.traveller.asks_on_order:
        stage.act(number, "refund")
    else:
        case = asked(stage, number)
    stage.act(number, "withdraw_refund")
    stage.pass_time(600)
    assert case is None or again(stage, case).state is r.RefundState.CLOSED
    assert stage.captured()[number].state is r.OrderState.OPEN
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000051"))
    assert set(stage.shop.find_shipment(number).waybills.values()) == {"ZT900000000051"}


def test_an_unknown_case_is_refused(stage: Stage) -> None:
    number = shipped(stage)
    known = asked(stage, number) if not stage.traveller.pays_by_itself else None
    strange = known.external_no[:-4] + "9999" if known else f"{number}-999"
    with pytest.raises(ConnectorError):
        stage.shop.get_case(strange)
