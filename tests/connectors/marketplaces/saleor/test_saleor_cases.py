"""Granted refunds and booked returns of Saleor: what they become, how money goes back, cancelling."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import RefundNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.saleor.cases import parse_case
from tests.connectors.marketplaces.saleor.papers import (
    GRANT,
    LINES,
    ORDER,
    PAYMENT,
    RETURN,
    a_grant,
    a_line,
    a_parcel,
    a_payment,
    an_order,
    case_body,
    coin,
    complaint,
    gid,
)
from tests.connectors.marketplaces.saleor.stage import Stage

OTHER = gid("TransactionItem", "tx-2")
GRANTED = {"orderGrantRefundCreate": {"grantedRefund": {"id": GRANT, "status": "NONE"}, "errors": []}}
PAID = {"transactionRequestRefundForGrantedRefund": {"transaction": {"id": PAYMENT}, "errors": []}}


def case(part: str, **changes: Any) -> CaseRecord:
    return parse_case(case_body(part, an_order(**changes)))


def a_notice(amount: int = 4000, **changes: Any) -> RefundNotice:
    return RefundNotice(**({"order_no": ORDER, "amount": amount, "currency": "EUR", "key": "rf-1"} | changes))


@pytest.mark.parametrize(
    ("status", "state", "allows"),
    [
        ("NONE", RefundState.AGREED, ("refund",)),
        ("PENDING", RefundState.AGREED, ()),
        ("SUCCESS", RefundState.SUCCEEDED, ()),
        ("FAILURE", RefundState.AGREED, ("refund",)),
        ("ODD", RefundState.AGREED, ("refund",)),
    ],
)
def test_every_status_of_a_granted_refund(status: str, state: RefundState, allows: tuple[str, ...]):
    found = case(GRANT, grantedRefunds=[a_grant((1, 1), status=status)])
    assert (found.kind, found.state, found.allows, found.phase) == ("refund", state, allows, "onsale")
    assert (found.external_no, found.order_no, found.line_no) == (f"{ORDER}:{GRANT}", ORDER, LINES[1])
    assert (found.amount, found.units, found.reason) == (4000, 1, "Damaged")
    assert bool(found.alerts) == (status == "ODD")


def test_a_refund_of_goods_that_came_back_is_a_return():
    back = a_parcel((1, 1), id=RETURN, status="RETURNED", waybill="")
    found = case(GRANT, grantedRefunds=[a_grant((1, 1))], fulfillments=[back])
    assert (found.kind, found.state, found.phase) == ("return", RefundState.RETURNED, "aftersale")


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [
        ("RETURNED", "return", RefundState.RETURNED),
        ("REFUNDED", "refund", RefundState.SUCCEEDED),
        ("REFUNDED_AND_RETURNED", "return", RefundState.SUCCEEDED),
        ("REPLACED", "exchange", RefundState.SUCCEEDED),
    ],
)
def test_every_fulfilment_that_is_after_sales(status: str, kind: str, state: RefundState):
    found = case(RETURN, fulfillments=[a_parcel((1, 1), (2, 2), id=RETURN, status=status)])
    assert (found.kind, found.state, found.amount, found.units) == (kind, state, 12000, 3)
    assert [(line.line_no, line.amount) for line in found.lines] == [(LINES[1], 4000), (LINES[2], 8000)]
    assert found.allows == (("refund",) if status == "RETURNED" else ())


def test_the_platform_s_own_sum_of_a_return_counts():
    back = a_parcel((1, 1), id=RETURN, status="REFUNDED_AND_RETURNED", totalRefundedAmount=coin(35.5))
    assert case(RETURN, fulfillments=[back]).amount == 3550


@pytest.mark.parametrize(("status", "state"), [("SUCCESS", RefundState.SUCCEEDED), ("NONE", RefundState.RETURNED)])
def test_money_of_a_return_is_told_by_its_granted_refund_alone(status: str, state: RefundState):
    back = a_parcel((1, 1), id=RETURN, status="RETURNED")
    found = case(RETURN, fulfillments=[back], grantedRefunds=[a_grant((1, 1), status=status)])
    assert (found.amount, found.state, found.allows) == (0, state, ())


def test_a_granted_refund_is_paid_from_its_transaction(stage: Stage):
    stage.answers({"order": an_order(grantedRefunds=[a_grant((1, 1))])}, PAID)
    assert stage.saleor.refund_case(a_notice(case_no=f"{ORDER}:{GRANT}")).reference == GRANT
    assert stage.writes == [("PayBack", {"granted": GRANT, "id": PAYMENT})]


def test_a_granted_refund_on_its_way_is_not_asked_for_again(stage: Stage):
    order = {"order": an_order(grantedRefunds=[a_grant((1, 1), status="PENDING")])}
    stage.answers(order, order)
    notice = a_notice(case_no=f"{ORDER}:{GRANT}")
    assert "already" in stage.saleor.refund_case(notice).words
    assert stage.saleor.find_refund(notice) is not None
    assert not stage.writes


def test_another_amount_than_was_granted_is_refused(stage: Stage):
    stage.answers({"order": an_order(grantedRefunds=[a_grant((1, 1))])})
    with pytest.raises(Refused, match="granted 4000"):
        stage.saleor.refund_case(a_notice(3000, case_no=f"{ORDER}:{GRANT}"))


def test_money_without_a_grant_is_granted_with_the_key_and_paid(stage: Stage):
    stage.answers({"order": an_order()}, GRANTED, PAID)
    notice = a_notice(words="broken", lines=((LINES[1], 1), ("freight", 1)))
    assert stage.saleor.refund_case(notice).reference == GRANT
    (_, grant), (_, paid) = stage.writes
    assert grant["input"] == {
        "amount": "40.00",
        "reason": "broken [rf-1]",
        "transactionId": PAYMENT,
        "lines": [{"id": LINES[1], "quantity": 1}],
    }
    assert paid == {"granted": GRANT, "id": PAYMENT}


def test_a_grant_made_before_an_answer_was_lost_is_paid_and_not_made_again(stage: Stage):
    made = {"order": an_order(grantedRefunds=[a_grant(reason="broken [rf-1]")])}
    stage.answers(made, made, PAID)
    assert stage.saleor.find_refund(a_notice()) is None
    stage.saleor.refund_case(a_notice())
    assert stage.writes == [("PayBack", {"granted": GRANT, "id": PAYMENT})]


def test_money_of_two_payments_goes_back_to_both(stage: Stage):
    payments = [a_payment(10.0), a_payment(35.0, id=OTHER), a_payment(99.0, id="x", actions=[])]
    stage.answers({"order": an_order(transactions=payments)}, GRANTED, PAID, GRANTED, PAID)
    stage.saleor.refund_case(a_notice(lines=((LINES[1], 1),)))
    grants = [sent["input"] for name, sent in stage.writes if name == "Grant"]
    assert [(grant["transactionId"], grant["amount"]) for grant in grants] == [(OTHER, "35.00"), (PAYMENT, "5.00")]
    assert [grant["reason"] for grant in grants] == ["[rf-1]", "[rf-1/1]"]
    assert ["lines" in grant for grant in grants] == [True, False]


def test_the_rest_of_a_refund_cut_short_is_paid(stage: Stage):
    part = a_grant(amount=35.0, reason="[rf-1]", status="PENDING")
    order = {"order": an_order(grantedRefunds=[part], transactions=[a_payment(10.0)])}
    stage.answers(order, order, GRANTED, PAID)
    stage.saleor.refund_case(a_notice())
    assert stage.writes[0][1]["input"]["amount"] == "5.00"


def test_a_refund_is_found_only_when_all_of_it_moves(stage: Stage):
    whole = an_order(grantedRefunds=[a_grant(reason="[rf-1]", status="SUCCESS")])
    part = an_order(grantedRefunds=[a_grant(amount=5.0, reason="[rf-1]", status="SUCCESS")])
    strange = an_order(grantedRefunds=[a_grant(reason="[rf-10]", status="SUCCESS")])
    stage.answers({"order": whole}, {"order": part}, {"order": strange})
    assert stage.saleor.find_refund(a_notice()) is not None
    assert stage.saleor.find_refund(a_notice()) is None
    assert stage.saleor.find_refund(a_notice()) is None


def test_more_than_the_transactions_hold_is_refused(stage: Stage):
    stage.answers({"order": an_order(transactions=[a_payment(10.0)])})
    with pytest.raises(Refused, match="3000 minor units too little"):
        stage.saleor.refund_case(a_notice())


def test_another_currency_is_refused(stage: Stage):
    stage.answers({"order": an_order()})
    with pytest.raises(Refused, match="pays back in EUR"):
        stage.saleor.refund_case(a_notice(currency="USD"))


def test_goods_of_a_granted_refund_are_booked_once(stage: Stage):
    sent, back = a_parcel((1, 2)), a_parcel((1, 1), id=RETURN, status="RETURNED")
    order = an_order(grantedRefunds=[a_grant((1, 2))], fulfillments=[sent, back])
    done = an_order(grantedRefunds=[a_grant((1, 1))], fulfillments=[sent, back])
    stage.answers(
        {"order": order},
        {"orderFulfillmentReturnProducts": {"returnFulfillment": {"id": RETURN}, "errors": []}},
        {"order": done},
    )
    assert stage.saleor.goods_received(f"{ORDER}:{GRANT}", {}).reference == RETURN
    assert stage.writes[0][1]["input"] == {
        "fulfillmentLines": [{"fulfillmentLineId": gid("FulfillmentLine", 1), "quantity": 1}],
        "refund": False,
    }
    assert "already" in stage.saleor.goods_received(f"{ORDER}:{GRANT}", {}).words


def test_a_case_is_read_through_its_order(stage: Stage):
    stage.answers({"order": an_order(a_line(1), grantedRefunds=[a_grant((1, 1))])})
    document = stage.saleor.get_case(f"{ORDER}:{GRANT}")
    assert stage.sent == [("CaseDetail", {"id": ORDER})]
    assert stage.saleor.parse_case(document.body).external_no == document.external_no
    with pytest.raises(Refused, match="not a case"):
        stage.saleor.get_case(ORDER)


def test_an_order_is_cancelled_once(stage: Stage):
    refusal = complaint("orderCancel", "This order can't be canceled.", "CANNOT_CANCEL_ORDER")
    stage.answers({"orderCancel": {"order": {"id": ORDER}, "errors": []}})
    stage.answers(refusal, {"order": {"id": ORDER, "status": "CANCELED"}})
    stage.answers(refusal, {"order": {"id": ORDER, "status": "FULFILLED"}})
    assert stage.saleor.cancel_order(ORDER, "").reference == ORDER
    assert "already" in stage.saleor.cancel_order(ORDER, "").words
    with pytest.raises(Refused, match="can't be canceled"):
        stage.saleor.cancel_order(ORDER, "")
