"""Returns and refunds of Shopify: states, amounts, decisions, goods back, money back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract.errors import NotSupported, Refused
from connectors.contract.manifest import Account
from connectors.contract.notices import RefundNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.shopify import Shopify
from connectors.marketplaces.shopify.aftersales import ATTEMPTS
from tests.connectors.marketplaces.shopify.papers import (
    LINES,
    ORDER,
    REFUND,
    RETURN,
    SALE,
    a_payment,
    a_return,
    bag,
    complaint,
    fulfilled,
    nodes,
    refund_body,
    refunded,
    return_body,
    return_row,
)
from tests.connectors.marketplaces.shopify.stage import Stage

BACK = "gid://shopify/ReverseFulfillmentOrderLineItem/931"
KEY = "refund-77"
PAY_BACK = RefundNotice(ORDER, 4000, "EUR", KEY, lines=((LINES[1], 1),), words="one too many")
PAID = {"refundCreate": {"refund": {"id": REFUND}, "userErrors": []}}
PROCESSED = {"returnProcess": {"return": {"id": RETURN, "status": "OPEN"}, "userErrors": []}}


def parsed(**changes: Any) -> CaseRecord:
    return Shopify(Account({"shop": "lamps"}, {})).parse_case(return_body(a_return(**changes)))


def parsed_refund(**changes: Any) -> CaseRecord:
    return Shopify(Account({"shop": "lamps"}, {})).parse_case(refund_body(**changes))


def money(*payments: dict[str, Any], refunds: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    rows = list(payments) or [a_payment("160.00")]
    return {"order": {"id": ORDER, "currencyCode": "EUR", "transactions": rows, "refunds": list(refunds)}}


@pytest.mark.parametrize(
    ("changes", "state", "allows"),
    [
        ({"status": "REQUESTED"}, RefundState.ASKED, ("agree", "refuse")),
        ({"status": "OPEN"}, RefundState.AGREED, ("goods_received", "refund")),
        ({"status": "OPEN", "returnLineItems": return_row(processedQuantity=1)}, RefundState.RETURNED, ("refund",)),
        (
            {"status": "OPEN", "returnLineItems": return_row(processedQuantity=1, refundedQuantity=1)},
            RefundState.SUCCEEDED,
            (),
        ),
        ({"status": "CLOSED"}, RefundState.CLOSED, ()),
        ({"status": "CLOSED", "refunds": nodes({"id": REFUND})}, RefundState.SUCCEEDED, ()),
        ({"status": "DECLINED"}, RefundState.REFUSED, ()),
        ({"status": "CANCELED"}, RefundState.CLOSED, ()),
    ],
)
def test_a_return_s_state_and_what_may_be_done(changes: dict[str, Any], state: RefundState, allows: tuple[str, ...]):
    case = parsed(**changes)
    assert (case.state, case.allows, case.alerts) == (state, allows, ())


def test_an_unknown_status_alerts_and_counts_as_asked():
    case = parsed(status="PONDERED")
    assert (case.state, case.alerts) == (RefundState.ASKED, ("status=PONDERED",))


def test_a_return_names_line_reason_words_and_amount():
    case = parsed()
    assert (case.order_no, case.line_no, case.kind, case.units) == (ORDER, LINES[1], "return", 1)
    assert (case.amount, case.currency, case.reason, case.words) == (4000, "EUR", "Defective", "The shade is cracked")
    assert (case.changed_at.second, case.phase) == (2, "aftersale")


def test_a_restocking_fee_is_kept_back():
    fee = {"percentage": 10, "amountSet": bag("4.00")}
    assert parsed(returnLineItems=return_row(restockingFee=fee)).amount == 3600


def test_money_that_went_back_is_the_amount():
    assert parsed(status="CLOSED", refunds=nodes({"id": REFUND, "totalRefundedSet": bag("33.30")})).amount == 3330


def test_a_line_nobody_verified_has_its_own_price():
    row = {"quantity": 2, "unitPrice": {"amount": "12.50", "currencyCode": "EUR"}, "fulfillmentLineItem": None}
    case = parsed(returnLineItems=return_row(**row, withCodeDiscountedTotalPriceSet=None))
    assert (case.amount, case.line_no, case.units) == (2500, "", 2)


def test_goods_asked_for_in_exchange_make_it_an_exchange():
    assert parsed(exchangeLineItems=nodes({"id": "x", "quantity": 1})).kind == "exchange"


def test_the_parcel_back_is_named_by_the_hub_s_carrier():
    tracking = {"deliverable": {"tracking": {"carrierName": "SF Express", "number": "SF900"}}}
    case = parsed(reverseFulfillmentOrders=nodes({"lineItems": nodes(), "reverseDeliveries": nodes(tracking)}))
    assert (case.return_carrier, case.return_waybill) == ("SF", "SF900")


def test_a_document_without_a_currency_uses_the_account_s():
    bare = a_return(order={"id": ORDER}, returnLineItems=return_row(withCodeDiscountedTotalPriceSet=None))
    case = Shopify(Account({"shop": "lamps", "currency": "NOK"}, {})).parse_case(return_body(bare))
    assert (case.currency, case.amount) == ("NOK", 0)


@pytest.mark.parametrize(
    ("status", "state", "amount"),
    [("SUCCESS", RefundState.SUCCEEDED, 4000), ("PENDING", RefundState.AGREED, 0), ("FAILURE", RefundState.REFUSED, 0)],
)
def test_a_refund_is_what_its_transactions_say(status: str, state: RefundState, amount: int):
    case = parsed_refund(transactions=nodes(a_payment("40.00", kind="REFUND", status=status)))
    assert (case.external_no, case.kind, case.state, case.amount) == (REFUND, "refund", state, amount)
    assert (case.line_no, case.units, case.phase) == (LINES[1], 1, "onsale")


def test_a_refund_without_transactions_was_paid_elsewhere():
    case = parsed_refund(transactions=nodes())
    assert (case.state, case.amount, case.platform_status) == (RefundState.SUCCEEDED, 4000, "RECORDED")


def test_an_unknown_transaction_status_alerts():
    case = parsed_refund(transactions=nodes(a_payment("40.00", kind="REFUND", status="LIMBO")))
    assert case.alerts == ("transactions.status=LIMBO",)


def test_cases_are_fetched_by_their_kind(stage: Stage):
    stage.answers(return_body(a_return()), refund_body())
    assert stage.shopify.parse_case(stage.shopify.get_case(RETURN).body).external_no == RETURN
    assert stage.shopify.parse_case(stage.shopify.get_case(REFUND).body).external_no == REFUND
    assert [operation for operation, _ in stage.sent] == ["ReturnDetail", "RefundDetail"]


def test_a_return_is_approved(stage: Stage):
    stage.answers({"returnApproveRequest": {"return": {"id": RETURN}, "userErrors": []}})
    stage.shopify.decide_case(RETURN, True, "", {})
    assert stage.writes == [("ReturnApprove", {"input": {"id": RETURN}})]


def test_a_return_is_declined_with_a_reason(stage: Stage):
    stage.answers({"returnDeclineRequest": {"return": {"id": RETURN}, "userErrors": []}})
    stage.shopify.decide_case(RETURN, False, "final sale", {"reason_no": "FINAL_SALE"})
    declined = {"id": RETURN, "declineReason": "FINAL_SALE", "declineNote": "final sale"}
    assert stage.writes == [("ReturnDecline", {"input": declined})]


def test_a_reason_the_platform_does_not_have_is_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="FINAL_SALE"):
        stage.shopify.decide_case(RETURN, False, "", {"reason_no": "MOOD"})
    assert not stage.sent


def test_a_decision_that_stands_already_is_a_success(stage: Stage):
    refusal = complaint("returnApproveRequest", "not requested")
    stage.answers(refusal, {"return": a_return(status="OPEN")}, refusal, {"return": a_return(status="DECLINED")})
    assert "already" in stage.shopify.decide_case(RETURN, True, "", {}).words
    with pytest.raises(Refused, match="not requested"):
        stage.shopify.decide_case(RETURN, True, "", {})


def test_a_refund_that_is_over_cannot_be_decided(stage: Stage):
    with pytest.raises(NotSupported):
        stage.shopify.decide_case(REFUND, True, "", {})


@pytest.mark.parametrize(
    ("facts", "disposition"),
    [
        ({}, {"dispositionType": "NOT_RESTOCKED"}),
        (
            {"restock": "yes", "location": "31"},
            {"dispositionType": "RESTOCKED", "locationId": "gid://shopify/Location/31"},
        ),
    ],
)
def test_goods_back_are_processed_once(stage: Stage, facts: dict[str, str], disposition: dict[str, str]):
    stage.answers({"return": a_return(status="OPEN")}, PROCESSED)
    stage.shopify.goods_received(RETURN, facts)
    told = {"reverseFulfillmentOrderLineItemId": BACK, "quantity": 1, **disposition}
    row = {"id": "gid://shopify/ReturnLineItem/911", "quantity": 1, "dispositions": [told]}
    assert stage.writes == [("ReturnProcess", {"input": {"returnId": RETURN, "returnLineItems": [row]}})]


def test_goods_that_were_back_already_are_not_processed_again(stage: Stage):
    stage.answers({"return": a_return(status="OPEN", returnLineItems=return_row(processedQuantity=1))})
    assert "already" in stage.shopify.goods_received(RETURN, {}).words
    assert not stage.writes


def test_money_goes_back_to_its_payment_under_one_key(stage: Stage):
    stage.answers(money(), PAID, money(), PAID)
    assert stage.shopify.refund_case(PAY_BACK).reference == REFUND
    stage.shopify.refund_case(PAY_BACK)
    (_, first), (_, second) = stage.writes
    assert first == second
    assert len(first["key"]) == 36
    assert "@idempotent(key: $key)" in stage.texts[1]
    sent = first["input"]
    assert sent["note"] == "one too many [refund-77]"
    assert sent["refundLineItems"] == [{"lineItemId": LINES[1], "quantity": 1, "restockType": "NO_RESTOCK"}]
    paid = {"orderId": ORDER, "parentId": SALE, "kind": "REFUND", "gateway": "cards", "amount": "40.00"}
    assert sent["transactions"] == [paid]


def test_a_key_that_is_spent_gives_way_to_the_next_of_its_row(stage: Stage):
    spent = complaint("refundCreate", "the earlier attempt failed", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
    stage.answers(money(), spent, PAID, money(), *[spent] * ATTEMPTS)
    assert stage.shopify.refund_case(PAY_BACK).reference == REFUND
    first, second = (variables["key"] for _, variables in stage.writes)
    assert first != second
    with pytest.raises(Refused, match="earlier attempt"):
        stage.shopify.refund_case(PAY_BACK)


def test_money_goes_back_in_the_currency_the_buyer_paid_in(stage: Stage):
    paid = a_payment("160.00", amountSet=bag("160.00", shown="25601", shown_in="JPY"))
    stage.answers(money(paid), PAID)
    stage.shopify.refund_case(PAY_BACK)
    sent = stage.writes[0][1]["input"]
    assert ([row["amount"] for row in sent["transactions"]], sent["currency"]) == (["6400"], "JPY")


@pytest.mark.parametrize(
    ("sent", "kind"), [((), "CANCEL"), ((fulfilled((1, 2)),), "RETURN"), ((fulfilled((2, 2)),), "CANCEL")]
)
def test_units_go_back_to_the_shelf_they_left_or_never_left(sent: tuple[dict[str, Any], ...], kind: str):
    with Stage(location="31") as stage:
        answer = money()
        answer["order"]["fulfillments"] = list(sent)
        stage.answers(answer, PAID)
        stage.shopify.refund_case(replace(PAY_BACK, restock=True))
        (line,) = stage.writes[0][1]["input"]["refundLineItems"]
        assert (line["restockType"], line["locationId"]) == (kind, "gid://shopify/Location/31")


@pytest.mark.parametrize(("amount", "lines"), [(16000, [(LINES[1], 2)]), (15999, [])])
def test_all_of_the_money_takes_all_of_the_goods_with_it(stage: Stage, amount: int, lines: list[tuple[str, int]]):
    answer = money()
    rows = ({"id": LINES[1], "refundableQuantity": 2}, {"id": LINES[2], "refundableQuantity": 0})
    answer["order"]["lineItems"] = nodes(*rows)
    stage.answers(answer, PAID)
    stage.shopify.refund_case(RefundNotice(ORDER, amount, "EUR", KEY))
    sent = stage.writes[0][1]["input"]["refundLineItems"]
    assert [(row["lineItemId"], row["quantity"]) for row in sent] == lines


def test_several_payments_are_emptied_in_turn_and_no_further(stage: Stage):
    card = a_payment("30.00", id="gid://shopify/OrderTransaction/1", gateway="gift_card")
    back = a_payment("10.00", kind="REFUND", parentTransaction={"id": "gid://shopify/OrderTransaction/1"})
    stage.answers(money(card, a_payment("100.00"), back), PAID)
    stage.shopify.refund_case(PAY_BACK)
    rows = stage.writes[0][1]["input"]["transactions"]
    assert [(row["gateway"], row["amount"]) for row in rows] == [("gift_card", "20.00"), ("cards", "20.00")]


def test_more_than_was_paid_is_refused_before_any_write(stage: Stage):
    stage.answers(money(a_payment("10.00")))
    with pytest.raises(Refused, match="too little"):
        stage.shopify.refund_case(PAY_BACK)
    assert not stage.writes


def test_a_key_that_has_paid_pays_nothing_more(stage: Stage):
    answer = money(a_payment("10.00"))
    answer["order"]["refunds"] = [{"id": "gid://shopify/Refund/9", "note": f"damaged [{KEY}]"}]
    stage.answers(answer)
    assert stage.shopify.refund_case(PAY_BACK).reference == "gid://shopify/Refund/9"
    assert not stage.writes


def test_another_currency_than_the_shop_s_is_refused(stage: Stage):
    stage.answers(money())
    with pytest.raises(Refused, match="EUR"):
        stage.shopify.refund_case(RefundNotice(ORDER, 4000, "USD", KEY))


def test_a_return_s_money_goes_with_its_processing(stage: Stage):
    stage.answers(money(), {"return": a_return(status="OPEN")}, PROCESSED)
    stage.shopify.refund_case(RefundNotice(ORDER, 4000, "EUR", KEY, case_no=RETURN))
    ((operation, variables),) = stage.writes
    assert operation == "ReturnProcess"
    transfer = variables["input"]["financialTransfer"]["issueRefund"]["orderTransactions"]
    assert transfer == [{"parentId": SALE, "transactionAmount": {"amount": "40.00", "currencyCode": "EUR"}}]


def test_a_return_processed_before_is_paid_back_by_a_plain_refund(stage: Stage):
    done = a_return(status="OPEN", returnLineItems=return_row(processedQuantity=1))
    stage.answers(money(), {"return": done}, PAID)
    stage.shopify.refund_case(RefundNotice(ORDER, 4000, "EUR", KEY, case_no=RETURN, lines=((LINES[1], 1),)))
    ((operation, variables),) = stage.writes
    assert operation == "RefundCreate"
    assert "refundLineItems" not in variables["input"]


def test_a_refund_is_found_by_its_key_or_its_return(stage: Stage):
    keyed = refunded((1, 1, "CANCEL"), note=f"words [{KEY}]")
    of_return = refunded((1, 1, "RETURN"), **{"return": {"id": RETURN}})
    stage.answers(money(refunds=(keyed,)), money(refunds=(of_return,)), money(refunds=(of_return,)))
    assert stage.shopify.find_refund(PAY_BACK).reference == REFUND
    assert stage.shopify.find_refund(RefundNotice(ORDER, 4000, "EUR", "k2", case_no=RETURN)).reference == REFUND
    assert stage.shopify.find_refund(PAY_BACK) is None


def test_a_cancelled_order_keeps_its_money_unless_the_account_says_otherwise(stage: Stage):
    done = {"orderCancel": {"job": {"id": "gid://shopify/Job/1", "done": False}, "orderCancelUserErrors": []}}
    stage.answers(done)
    assert stage.shopify.cancel_order("5001", "FRAUD").reference == "gid://shopify/Job/1"
    sent = stage.writes[0][1]
    assert (sent["id"], sent["reason"], sent["refundMethod"]) == (ORDER, "FRAUD", {"originalPaymentMethodsRefund": False})
    with Stage(refund_on_cancel="yes") as paying:
        paying.answers(done)
        paying.shopify.cancel_order(ORDER, "sold out")
        sent = paying.writes[0][1]
        assert (sent["reason"], sent["note"], sent["refundMethod"]["originalPaymentMethodsRefund"]) == (
            "OTHER",
            "sold out",
            True,
        )


def test_an_order_that_was_cancelled_before_is_a_success(stage: Stage):
    refusal = complaint("orderCancel", "cannot be cancelled", "INVALID", "orderCancelUserErrors")
    stage.answers(refusal, {"order": {"id": ORDER, "cancelledAt": "2026-03-02T02:00:00Z"}})
    stage.answers(refusal, {"order": {"id": ORDER, "cancelledAt": None}})
    assert "already" in stage.shopify.cancel_order(ORDER, "OTHER").words
    with pytest.raises(Refused, match="cannot be cancelled"):
        stage.shopify.cancel_order(ORDER, "OTHER")
