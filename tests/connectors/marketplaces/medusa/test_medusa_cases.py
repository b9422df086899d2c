"""Returns, exchanges and claims: what they become, and what is decided, received, paid and sent for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import RefundNotice, ShipmentNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.medusa.cases import parse_case
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.medusa.papers import (
    LAMP,
    ORDER,
    RETURN,
    SHADE,
    a_claim,
    a_fulfilment,
    a_method,
    a_payment,
    a_refund,
    a_return,
    an_item,
    an_order,
    case_body,
    error_body,
)
from tests.connectors.marketplaces.medusa.stage import Stage

MONEY = RefundNotice(ORDER, 2400, "EUR", "K-1", RETURN, words="sorry")
EXCHANGE = {"id": "oexc_1", "additional_items": [{"item_id": SHADE, "quantity": 2}]}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def case_of(case: dict[str, Any], order: dict[str, Any] | None = None, **more: dict[str, Any]) -> CaseRecord:
    return parse_case(case_body(case, order, **more))


def refunded(*refunds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return an_order(payments=[a_payment(refunds=list(refunds))], **changes)


def test_a_return_is_read_whole():
    case = case_of(a_return())
    assert (case.external_no, case.order_no, case.line_no) == (RETURN, ORDER, LAMP)
    assert (case.kind, case.state, case.platform_status) == ("return", RefundState.AGREED, "requested")
    assert (case.amount, case.currency, case.units) == (2400, "EUR", 1)
    assert (case.reason, case.words) == ("Wrong item", "too bright")
    assert case.changed_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert case.allows == ("refuse", "goods_received")


@pytest.mark.parametrize(
    ("status", "state", "allows"),
    [
        ("open", RefundState.ASKED, ("agree", "refuse")),
        ("requested", RefundState.AGREED, ("refuse", "goods_received")),
        ("partially_received", RefundState.RETURNED, ("goods_received",)),
        ("received", RefundState.RETURNED, ("refund",)),
    ],
)
def test_every_status_of_a_return_has_its_state(status: str, state: RefundState, allows: tuple[str, ...]):
    case = case_of(a_return(status=status))
    assert (case.state, case.allows, case.alerts) == (state, allows, ())


def test_a_cancelled_return_is_closed_and_an_unknown_status_raises_an_alert():
    assert case_of(a_return(status="canceled", canceled_at="2026-03-02T02:00:00Z")).state is RefundState.CLOSED
    strange = case_of(a_return(status="lost"))
    assert (strange.state, strange.alerts) == (RefundState.AGREED, ("status=lost",))


@pytest.mark.parametrize(
    ("refund", "state"),
    [
        (a_refund(24), RefundState.SUCCEEDED),
        (a_refund(23.99), RefundState.SUCCEEDED),
        (a_refund(3), RefundState.RETURNED),
        (a_refund(3, f"K-1 {RETURN} less a fee"), RefundState.SUCCEEDED),
        (a_refund(24, at="2026-03-01T23:00:00Z"), RefundState.RETURNED),
    ],
)
def test_a_received_return_has_succeeded_once_its_money_is_back(refund: dict[str, Any], state: RefundState):
    assert case_of(a_return(status="received"), refunded(refund)).state is state


def test_the_store_s_own_amount_counts_before_ours():
    assert case_of(a_return(refund_amount=21.6)).amount == 2160


def test_the_way_back_is_kept_off_the_refund_and_its_waybill_is_told():
    mine = a_method(id="ordsm_02", amount=3, tax_lines=[], detail={"return_id": RETURN})
    other = a_method(id="ordsm_03", detail={"return_id": "return_other"})
    back = [{"id": "ful_9", "labels": [{"tracking_number": "BACK1"}]}]
    case = case_of(a_return(fulfillments=back), an_order(shipping_methods=[a_method(), mine, other]))
    assert (case.amount, case.lines[0].amount, case.return_waybill) == (2100, 2400, "BACK1")


def test_an_exchange_names_what_is_wanted_and_ends_when_that_has_left():
    waiting = case_of(
        a_return(exchange_id="oexc_1", status="received"), an_order(an_item(), an_item(SHADE)), exchange=EXCHANGE
    )
    assert (waiting.kind, waiting.state, waiting.allows) == ("exchange", RefundState.RETURNED, ("ship_exchange",))
    assert (waiting.wanted_variant_no, waiting.wanted_seller_code, waiting.amount) == ("variant_2", "SKU-2", 0)
    gone = an_item(SHADE, detail={"shipped_quantity": 2})
    done = case_of(a_return(exchange_id="oexc_1", status="received"), an_order(an_item(), gone), exchange=EXCHANGE)
    assert (done.state, done.allows) == (RefundState.SUCCEEDED, ())
    assert done.changed_at == datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "kind", "state"),
    [
        ({}, "refund", RefundState.AGREED),
        ({"type": "replace"}, "reship", RefundState.SUCCEEDED),
        ({"canceled_at": "2026-03-02T02:00:00Z"}, "refund", RefundState.CLOSED),
    ],
)
def test_a_claim_without_goods_coming_back_is_a_case_too(changes: dict[str, Any], kind: str, state: RefundState):
    case = case_of(a_claim(**changes))
    assert (case.kind, case.state, case.reason, case.amount) == (kind, state, "missing_item", 2400)


def test_a_case_is_read_with_its_order_and_its_exchange(stage: Stage):
    stage.answers({"return": a_return(exchange_id="oexc_1")}, {"order": an_order()}, {"exchange": EXCHANGE})
    document = stage.medusa.get_case(RETURN)
    assert [sent.path for sent in stage.sent] == [f"returns/{RETURN}", f"orders/{ORDER}", "exchanges/oexc_1"]
    assert "shipping_address" not in stage.sent[1].params["fields"][0]
    assert (document.kind, parse_case(document.body).kind) == ("case", "exchange")
    assert document.changed_at == parse_case(document.body).changed_at


def test_a_claim_is_read_from_its_own_list(stage: Stage):
    stage.answers({"claim": a_claim()}, {"order": an_order()})
    assert parse_case(stage.medusa.get_case("claim_01TESTC").body).kind == "refund"
    assert stage.sent[0].path == "claims/claim_01TESTC"


def test_a_draft_is_confirmed_and_a_return_is_cancelled(stage: Stage):
    back = a_return(fulfillments=[{"id": "ful_8", "canceled_at": NOW.isoformat()}, {"id": "ful_9"}])
    stage.answers({"return": a_return(status="open")}, {}, {"return": a_return()}, {"return": back}, {}, {})
    stage.medusa.decide_case(RETURN, True, "", {})
    stage.medusa.decide_case(RETURN, False, "too late", {})
    paths = [f"returns/{RETURN}/request", "fulfillments/ful_9/cancel", f"returns/{RETURN}/cancel"]
    assert [sent.path for sent in stage.writes] == paths


def test_what_is_decided_already_is_not_decided_again(stage: Stage):
    stage.answers({"return": a_return()}, {"return": a_return(status="canceled")})
    assert "already" in stage.medusa.decide_case(RETURN, True, "", {}).words
    assert "already" in stage.medusa.decide_case(RETURN, False, "", {}).words
    with pytest.raises(Refused, match="made by the seller"):
        stage.medusa.decide_case("claim_1", True, "", {})
    assert not stage.writes


def test_all_goods_still_out_are_received(stage: Stage):
    stage.answers({"return": a_return()}, {}, {}, {})
    stage.medusa.goods_received(RETURN, {})
    assert [sent.path.removeprefix(f"returns/{RETURN}/") for sent in stage.writes] == [
        "receive",
        "receive-items",
        "receive/confirm",
    ]
    assert stage.writes[1].body == {"items": [{"id": LAMP, "quantity": 1}]}


def test_damaged_goods_are_dismissed(stage: Stage):
    stage.answers({"return": a_return()}, {}, {}, {})
    stage.medusa.goods_received(RETURN, {"damaged": f"{LAMP}:1"})
    assert [(sent.path.rpartition("/")[2], sent.body.get("items")) for sent in stage.writes][1] == (
        "dismiss-items",
        [{"id": LAMP, "quantity": 1}],
    )


def test_a_receipt_that_was_begun_before_is_dropped_and_begun_anew(stage: Stage):
    busy = (400, error_body("invalid_data", "already has an existing active order change"))
    stage.answers({"return": a_return()}, busy, {"deleted": True}, {}, {}, {})
    stage.medusa.goods_received(RETURN, {})
    assert [sent.verb for sent in stage.sent] == ["GET", "POST", "DELETE", "POST", "POST", "POST"]


def test_another_change_of_the_order_in_the_way_is_a_refusal(stage: Stage):
    busy = (400, error_body("invalid_data", "already has an existing active order change"))
    stage.answers({"return": a_return()}, busy, (404, error_body("not_found", "no such change")))
    with pytest.raises(Refused, match="existing active order change"):
        stage.medusa.goods_received(RETURN, {})


def test_goods_that_are_there_already_are_a_success_and_a_strange_list_is_refused(stage: Stage):
    stage.answers({"return": a_return(status="received")}, {"return": a_return()})
    assert "already" in stage.medusa.goods_received(RETURN, {}).words
    with pytest.raises(Refused, match="line:units"):
        stage.medusa.goods_received(RETURN, {"received": "two lamps"})
    assert not stage.writes


def paid_back(note: str) -> dict[str, Any]:
    return {"payment": {"id": "pay_01", "refunds": [{"id": "ref_9", "note": note}]}}


def test_money_goes_back_in_major_units_with_our_key_in_its_note(stage: Stage):
    note = f"K-1 {RETURN} sorry"
    stage.answers({"order": an_order()}, paid_back(note))
    assert stage.medusa.refund_case(MONEY).reference == "ref_9"
    sent = stage.writes[0]
    assert (sent.path, sent.body) == ("payments/pay_01/refund", {"amount": 24.0, "note": note})


def test_a_refund_paid_under_our_key_is_found_and_not_paid_twice(stage: Stage):
    paid = {"order": refunded(a_refund(24, "K-1 return_x"))}
    stage.answers(paid, paid, {"order": refunded(a_refund(24, "K-12 return_x"))})
    assert "already" in stage.medusa.refund_case(MONEY).words
    found = stage.medusa.find_refund(MONEY)
    assert found is not None
    assert found.reference == "ref_01"
    assert stage.medusa.find_refund(MONEY) is None, "a key that only begins alike is another"
    assert not stage.writes


def test_several_payments_pay_one_refund_and_the_last_fraction_goes_along(stage: Stage):
    first = a_payment(captures=[{"amount": 10.0049}])
    second = a_payment(id="pay_02", captures=[{"amount": 44}])
    stage.answers({"order": an_order(payments=[first, second])}, paid_back("K-1"), paid_back("K-1"))
    stage.medusa.refund_case(replace(MONEY, case_no="", words=""))
    assert [(sent.path, sent.body["amount"]) for sent in stage.writes] == [
        ("payments/pay_01/refund", 10.0049),
        ("payments/pay_02/refund", 14.0),
    ]


def test_more_than_was_taken_is_refused_before_any_write(stage: Stage):
    stage.answers({"order": an_order(payments=[a_payment(captures=[], captured_at=None)])})
    with pytest.raises(Refused, match="capture them first"):
        stage.medusa.refund_case(MONEY)
    assert not stage.writes


def test_a_refund_the_answer_does_not_show_leaves_the_outcome_open(stage: Stage):
    stage.answers({"order": an_order()}, {"payment": {"id": "pay_01", "refunds": []}})
    with pytest.raises(OutcomeUnknown):
        stage.medusa.refund_case(MONEY)


def test_exchange_goods_are_the_lines_the_store_added(stage: Stage):
    order = an_order(an_item(), an_item(SHADE))
    made = a_fulfilment("ful_1", {SHADE: 2})
    stage.answers(
        {"return": a_return(exchange_id="oexc_1")},
        {"order": order},
        {"exchange": EXCHANGE},
        {"order": order},
        {"order": order | {"fulfillments": [made]}},
        {},
    )
    stage.medusa.ship_exchange(RETURN, ShipmentNotice("ours", "DHL", "T9", whole=True, shipped_at=NOW))
    assert stage.writes[0].body["items"] == [{"id": SHADE, "quantity": 2}]
    assert stage.writes[1].path == f"orders/{ORDER}/fulfillments/ful_1/shipments"


def test_a_return_is_no_exchange(stage: Stage):
    stage.answers({"return": a_return()}, {"order": an_order()})
    with pytest.raises(Refused, match="no goods to send"):
        stage.medusa.ship_exchange(RETURN, ShipmentNotice("ours", "DHL", "T9", whole=True, shipped_at=NOW))
