"""Vendure keeps every promise of a marketplace connector that receives pushes."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import ChangeHint, PushRequest
from connectors.marketplaces.vendure import Vendure
from connectors.marketplaces.vendure.documents import CANCEL
from connectors.marketplaces.vendure.pushes import sign
from tests.connectors.contract_kit import CANARY, EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.vendure.papers import (
    NAME,
    ORDER,
    PHONE,
    REFUND,
    STREET,
    a_line,
    a_list,
    a_parcel,
    a_payment,
    a_refund,
    a_way,
    an_order,
    case_body,
    complaint,
    error_body,
    notes,
    order_body,
)

EMPTY = orjson.dumps({"data": {"orders": a_list()}})
WORDS = "out of stock"
RICH = an_order(
    a_line(1, proratedLinePrice=5760, proratedLinePriceWithTax=7200),
    a_line(2, quantity=1, orderPlacedQuantity=2),
    ways=(a_way(600, priceWithTax=900),),
    state="PartiallyShipped",
    discounts=[{"adjustmentSource": "PROMOTION:3", "type": "PROMOTION", "description": "10%", "amountWithTax": -800}],
    surcharges=[{"id": "5", "description": "Wrap", "priceWithTax": 250, "price": 200}],
    payments=[a_payment(16050, a_refund((1, 1))), a_payment(0, id="82", state="Declined")],
    fulfillments=[a_parcel((1, 1))],
    history=notes("wrap it", "flag:red"),
)


def a_push(body: object) -> PushRequest:
    raw = orjson.dumps(body)
    return PushRequest("POST", "/push", {}, {"X-OMS-Signature": sign(f"{CANARY}relay_secret", raw)}, raw, NOW)


CHANGED = {"event": "OrderStateTransitionEvent", "at": "2026-03-02T03:59:58.000Z", "data": {"orderId": ORDER}}


class TestContract(MarketplaceSuite, PushSuite):
    """The suites of every marketplace and of every receiver of pushes."""

    connector = Vendure
    kit = Kit(
        read=lambda vendure: vendure.get_order(ORDER),
        write=lambda vendure: vendure.admin.write(CANCEL, "cancelOrder", input={"orderId": ORDER, "reason": WORDS}),
        settings=(("since", "2026-03-02T10:00:00+08:00"),),
        refusals=(
            Refusal(error_body("FORBIDDEN", "You are not currently authorized"), AuthFailed),
            Refusal(error_body("FORBIDDEN", "You are not currently authorized"), AuthFailed, writing=True),
            Refusal(error_body("UNAUTHORIZED", "The credentials did not match"), AuthFailed, status=401),
            Refusal(error_body("CHANNEL_NOT_FOUND", "No channel with the token exists"), Refused),
            Refusal(error_body("GRAPHQL_VALIDATION_FAILED", "Cannot query field"), Refused, status=400),
            Refusal(b'{"errors":"odd"}', Refused),
            Refusal(error_body("INTERNAL_SERVER_ERROR", "the database is away"), Retryable),
            Refusal(error_body("INTERNAL_SERVER_ERROR", "it is away"), OutcomeUnknown, writing=True, status=500),
            Refusal(b'{"data":{"order":null}}', Refused),
            Refusal(complaint("cancelOrder", "too great", "QUANTITY_TOO_GREAT_ERROR"), Refused, writing=True),
            Refusal(b'{"data":{"cancelOrder":null}}', OutcomeUnknown, writing=True),
        ),
        private=(NAME, PHONE, STREET),
        sent=(WORDS,),
        orders=(order_body(an_order()), order_body(RICH), orjson.dumps({"order": an_order(ways=(a_way(),))})),
        cases=(case_body(REFUND, RICH), case_body(REFUND, an_order(payments=[a_payment(16000, a_refund())]))),
        bad_orders=(
            BadDocument(order_body(an_order(total=1)), "totalWithTax"),
            BadDocument(order_body(an_order() | {"totalWithTax": "160.00"}), "totalWithTax"),
            BadDocument(order_body(an_order(currencyCode="euro")), "currencyCode"),
            BadDocument(order_body(an_order(updatedAt="2026-03-02 10:00:00")), "updatedAt"),
            BadDocument(order_body(an_order(state=None)), "state"),
            BadDocument(order_body(an_order(id=None)), "id"),
            BadDocument(order_body(an_order(lines=[])), "lines"),
            BadDocument(order_body(an_order(lines="many")), "lines"),
            BadDocument(order_body(an_order(a_line(1, quantity=0))), "quantity"),
            BadDocument(order_body(an_order(shippingAddress=[NAME])), "shippingAddress"),
        ),
        bad_cases=(
            BadDocument(case_body("", RICH), "case"),
            BadDocument(case_body("99", RICH), "case"),
            BadDocument(case_body(REFUND, an_order(payments=[a_payment(1, a_refund(total=-1))])), "total"),
            BadDocument(case_body(REFUND, an_order(payments=[a_payment(1, a_refund(state=""))])), "state"),
        ),
        empty_list=EMPTY,
        pushes=(
            a_push(CHANGED),
            a_push(CHANGED | {"event": "OrderPlacedEvent"}),
            a_push({"event": "RefundEvent", "data": {"orderId": 501, "refundId": 91}}),
            a_push({"event": "ProductEvent", "data": {"id": "1"}}),
        ),
        stale_pushes=(
            a_push(CHANGED | {"at": (NOW - timedelta(hours=2)).isoformat()}),
            a_push(CHANGED | {"at": (NOW + timedelta(hours=2)).isoformat()}),
            a_push(CHANGED | {"at": "yesterday"}),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: Vendure, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    def test_a_key_nobody_knows_fails_the_check(self, vendor: Vendure, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body("FORBIDDEN"))
        assert not vendor.check().ok

    def test_a_key_that_lacks_a_permission_does_not_pause_the_account(
        self, vendor: Vendure, platform: responses.RequestsMock
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body("FORBIDDEN"))
        platform.add(responses.POST, EVERYWHERE, json={"data": {"activeChannel": {"id": "1"}}})
        with pytest.raises(Refused, match="permission"):
            vendor.get_order(ORDER)

    def test_a_push_hints_at_its_order_and_its_refund(self, vendor: Vendure) -> None:
        found = vendor.parse_push_reports(self.kit.pushes[2])
        assert found == (ChangeHint("order", "501"), ChangeHint("case", "501:91"))
        assert vendor.parse_push(self.kit.pushes[3]) is None
        first = vendor.parse_push(self.kit.pushes[0])
        assert isinstance(first, ChangeHint)
        assert first.changed_at is not None
