"""Refunds of Vendure: what they become, how money goes back once, cancelling."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import RefundNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.vendure.cases import parse_case
from tests.connectors.marketplaces.vendure.papers import (
    ORDER,
    PAYMENT,
    REFUND,
    a_parcel,
    a_payment,
    a_refund,
    an_order,
    case_body,
    complaint,
)
from tests.connectors.marketplaces.vendure.stage import Stage

MADE = {"refundOrder": {"__typename": "Refund", "id": "92", "state": "Pending"}}


def case(refund: dict[str, Any], **changes: Any) -> CaseRecord:
    return parse_case(case_body(REFUND, an_order(payments=[a_payment(16000, refund)], **changes)), 2)


def paid(*payments: dict[str, Any]) -> dict[str, Any]:
    return {"order": an_order(payments=list(payments))}


def a_notice(amount: int = 4000, **changes: Any) -> RefundNotice:
    return RefundNotice(**({"order_no": ORDER, "amount": amount, "currency": "EUR", "key": "rf-1"} | changes))


@pytest.mark.parametrize(
    ("word", "state", "allows"),
    [
        ("Pending", RefundState.AGREED, ()),
        ("Settled", RefundState.SUCCEEDED, ()),
        ("Failed", RefundState.AGREED, ("refund",)),
        ("Odd", RefundState.AGREED, ()),
    ],
)
def test_every_state_of_a_refund(word: str, state: RefundState, allows: tuple[str, ...]):
    found = case(a_refund(state=word))
    assert (found.kind, found.state, found.allows, found.phase) == ("refund", state, allows, "onsale")
    assert (found.external_no, found.order_no, found.amount, found.reason) == (
        f"{ORDER}:{REFUND}",
        ORDER,
        4000,
        "Damaged",
    )
    assert bool(found.alerts) == (word == "Odd")


def test_a_refund_of_lines_names_them():
    found = case(a_refund((1, 1), (2, 2), total=12000), fulfillments=[a_parcel((1, 2))])
    assert [(line.line_no, line.units, line.amount) for line in found.lines] == [("901", 1, 4000), ("902", 2, 8000)]
    assert (found.units, found.line_no, found.phase) == (3, "", "aftersale")
    assert case(a_refund((1, 1))).line_no == "901"


def test_money_goes_back_with_the_key_in_its_reason(stage: Stage):
    stage.answers(paid(a_payment(16000)), MADE)
    assert stage.vendure.refund_case(a_notice(words="broken")).reference == "92"
    sent = stage.writes[0][1]["input"]
    assert (sent["paymentId"], sent["amount"], sent["reason"]) == (PAYMENT, 4000, "broken [rf-1]")
    assert (sent["lines"], sent["shipping"], sent["adjustment"]) == ([], 0, 0)


def test_money_of_two_payments_goes_back_to_both(stage: Stage):
    other = a_payment(3000, a_refund(total=500), id="82")
    stage.answers(paid(a_payment(2000), other, a_payment(9000, id="83", state="Authorized")), MADE, MADE)
    stage.vendure.refund_case(a_notice())
    assert [(sent["input"]["paymentId"], sent["input"]["amount"]) for _, sent in stage.writes] == [
        ("82", 2500),
        (PAYMENT, 1500),
    ]


def test_a_refund_cut_short_is_paid_to_its_end_and_not_twice(stage: Stage):
    part = a_payment(16000, a_refund(total=2500, reason="[rf-1]", state="Pending"))
    whole = a_payment(16000, a_refund(reason="broken [rf-1]"))
    stage.answers(paid(part), MADE, paid(whole), paid(part), paid(whole))
    stage.vendure.refund_case(a_notice())
    assert stage.writes[0][1]["input"]["amount"] == 1500
    assert "already" in stage.vendure.refund_case(a_notice()).words
    assert stage.vendure.find_refund(a_notice()) is None
    assert stage.vendure.find_refund(a_notice()) is not None
    assert len(stage.writes) == 1


def test_a_failed_refund_is_paid_anew(stage: Stage):
    failed = paid(a_payment(16000, a_refund(reason="[rf-1]", state="Failed")))
    stage.answers(failed, failed, MADE)
    notice = a_notice(case_no=f"{ORDER}:{REFUND}")
    assert stage.vendure.find_refund(notice) is None
    assert stage.vendure.refund_case(notice).reference == "92"


def test_a_case_that_is_paid_is_found_by_its_number(stage: Stage):
    stage.answers(paid(a_payment(16000, a_refund())))
    assert stage.vendure.find_refund(a_notice(case_no=f"{ORDER}:{REFUND}")) is not None


def test_what_cannot_be_paid_back_is_refused(stage: Stage):
    failed = {"refundOrder": {"__typename": "Refund", "id": "92", "state": "Failed"}}
    stage.answers(paid(a_payment(1000)), paid(), paid(a_payment(16000)), failed)
    with pytest.raises(Refused, match="3000 minor units too little"):
        stage.vendure.refund_case(a_notice())
    with pytest.raises(Refused, match="pays back in EUR"):
        stage.vendure.refund_case(a_notice(currency="USD"))
    with pytest.raises(Refused, match="provider refused"):
        stage.vendure.refund_case(a_notice())


def test_yen_are_paid_back_as_the_platform_counts_them(stage: Stage):
    stage.answers({"order": an_order(currencyCode="JPY")}, MADE)
    stage.vendure.refund_case(a_notice(40, currency="JPY"))
    assert stage.writes[0][1]["input"]["amount"] == 4000


def test_a_case_is_read_through_its_order(stage: Stage):
    stage.answers(paid(a_payment(16000, a_refund())))
    document = stage.vendure.get_case(f"{ORDER}:{REFUND}")
    assert stage.sent == [("CaseDetail", {"id": ORDER})]
    assert stage.vendure.parse_case(document.body).external_no == document.external_no
    with pytest.raises(Refused, match="not a case"):
        stage.vendure.get_case(ORDER)


def test_an_order_is_cancelled_once(stage: Stage):
    stage.answers({"order": an_order()}, {"cancelOrder": {"__typename": "Order", "id": ORDER, "state": "Cancelled"}})
    stage.answers({"order": an_order(state="Cancelled")})
    stage.answers({"order": an_order()}, complaint("cancelOrder", "not from Modifying", "ORDER_STATE_TRANSITION_ERROR"))
    assert stage.vendure.cancel_order(ORDER, "no stock").reference == ORDER
    assert stage.writes[0][1]["input"] == {"orderId": ORDER, "cancelShipping": True, "reason": "no stock"}
    assert "already" in stage.vendure.cancel_order(ORDER, "no stock").words
    with pytest.raises(Refused, match="not from Modifying"):
        stage.vendure.cancel_order(ORDER, "no stock")


def test_what_has_left_is_not_cancelled(stage: Stage):
    stage.answers({"order": an_order(fulfillments=[a_parcel((1, 2)), a_parcel((2, 1), id="62", state="Cancelled")])})
    stage.answers({"cancelOrder": {"__typename": "Order", "id": ORDER, "state": "PartiallyShipped"}})
    stage.answers({"order": an_order(fulfillments=[a_parcel((1, 2), (2, 2))])})
    stage.vendure.cancel_order(ORDER, "no stock")
    sent = stage.writes[0][1]["input"]
    assert (sent["lines"], sent["cancelShipping"]) == ([{"orderLineId": "902", "quantity": 2}], False)
    with pytest.raises(Refused, match="all of this order has left"):
        stage.vendure.cancel_order(ORDER, "no stock")
    assert len(stage.writes) == 1
