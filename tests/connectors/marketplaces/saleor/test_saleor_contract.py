"""Saleor keeps every promise of a marketplace connector that receives pushes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import PushRequest
from connectors.marketplaces.saleor import Saleor
from tests.connectors.contract_kit import CANARY, EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.saleor.papers import (
    GRANT,
    NAME,
    ORDER,
    PARCEL,
    PHONE,
    RETURN,
    STREET,
    a_grant,
    a_line,
    a_parcel,
    a_payment,
    an_order,
    case_body,
    coin,
    complaint,
    edges,
    error_body,
    gid,
    order_body,
    taxed,
)

EMPTY = orjson.dumps({"data": {"orders": edges()}})
RICH = an_order(
    a_line(1, totalPrice=taxed(72.0, 14.4)),
    a_line(2, isGift=True, totalPrice=taxed(0.0), variant=None),
    shipping=9.0,
    status="PARTIALLY_FULFILLED",
    undiscountedShippingPrice=coin(12.0),
    discounts=[{"id": gid("OrderDiscount", 1), "type": "VOUCHER", "name": "SPRING", "total": coin(8.0)}],
    transactions=[a_payment(41.0, refundedAmount=coin(40.0)), a_payment(0.0, events=[])],
    fulfillments=[a_parcel((1, 1)), a_parcel((1, 1), id=RETURN, status="RETURNED", waybill="")],
    grantedRefunds=[a_grant((1, 1), status="SUCCESS")],
    events=[{"id": gid("OrderEvent", 1), "date": "2026-03-02T01:10:00+00:00", "type": "NOTE_ADDED", "message": "wrap"}],
)


def a_push(event: str, body: object) -> PushRequest:
    raw = orjson.dumps(body)
    signature = hmac.new(f"{CANARY}webhook_secret".encode(), raw, hashlib.sha256).hexdigest()
    headers = {"Saleor-Event": event, "Saleor-Signature": signature, "Saleor-Api-Url": "https://x/graphql/"}
    return PushRequest("POST", "/push", {}, headers, raw, NOW)


CHANGED = {"issuedAt": "2026-03-02T03:59:58+00:00", "order": {"id": ORDER, "updatedAt": "2026-03-02T03:59:00+00:00"}}


class TestContract(MarketplaceSuite, PushSuite):
    """The suites of every marketplace and of every receiver of pushes."""

    connector = Saleor
    kit = Kit(
        read=lambda saleor: saleor.get_order(ORDER),
        write=lambda saleor: saleor.cancel_order(ORDER, "no stock"),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("our_warehouses", ""), ("channel", "")),
        refusals=(
            Refusal(error_body("PermissionDenied", "you need MANAGE_ORDERS"), AuthFailed),
            Refusal(error_body("PermissionDenied", "you need MANAGE_ORDERS"), AuthFailed, writing=True),
            Refusal(error_body("ExpiredSignatureError", "Signature has expired"), AuthFailed),
            Refusal(error_body("InvalidTokenError", "Invalid token", data={"order": None}), AuthFailed),
            Refusal(error_body("GraphQLError", "Cannot query field", data=None), Refused, status=400),
            Refusal(error_body("QueryCostError", "The query exceeds the maximum cost"), Refused, status=400),
            Refusal(b'{"errors":"odd"}', Refused),
            Refusal(error_body("OperationalError", "the database is away"), Retryable),
            Refusal(error_body("OperationalError", "the database is away"), OutcomeUnknown, writing=True, status=400),
            Refusal(b'{"data":{"order":null}}', Refused),
            Refusal(complaint("orderCancel", "Cannot cancel", "CANNOT_CANCEL_ORDER"), Refused, writing=True),
            Refusal(b'{"data":{"orderCancel":null}}', OutcomeUnknown, writing=True),
        ),
        private=(NAME, PHONE, STREET),
        orders=(order_body(an_order()), order_body(RICH), orjson.dumps({"order": an_order(shipping=9.0)})),
        cases=(
            case_body(GRANT, RICH),
            case_body(RETURN, RICH),
            case_body(GRANT, an_order(grantedRefunds=[a_grant((1, 1), (2, 1))])),
        ),
        bad_orders=(
            BadDocument(order_body(an_order(total=1.0)), "total"),
            BadDocument(order_body(an_order(total=160.001)), "total"),
            BadDocument(order_body(an_order() | {"total": None}), "total"),
            BadDocument(order_body(an_order(updatedAt="2026-03-02 10:00:00")), "updatedAt"),
            BadDocument(order_body(an_order(created=None)), "created"),
            BadDocument(order_body(an_order(id=None)), "id"),
            BadDocument(order_body(an_order(lines=[])), "lines"),
            BadDocument(order_body(an_order(lines="many")), "lines"),
            BadDocument(order_body(an_order(a_line(1, quantity=0))), "quantity"),
            BadDocument(order_body(an_order(totalCharged=coin(1.0, "USD"))), "totalCharged"),
            BadDocument(order_body(an_order(shippingAddress=[NAME])), "shippingAddress"),
        ),
        bad_cases=(
            BadDocument(case_body("", RICH), "case"),
            BadDocument(case_body(gid("OrderGrantedRefund", 99), RICH), "case"),
            BadDocument(case_body(PARCEL, RICH), "case"),
            BadDocument(case_body(GRANT, an_order(grantedRefunds=[a_grant(status="")])), "status"),
            BadDocument(case_body(GRANT, an_order(grantedRefunds=[a_grant(amount=-1.0)])), "amount"),
        ),
        empty_list=EMPTY,
        pushes=(
            a_push("order_updated", CHANGED),
            a_push("order_updated", CHANGED | {"version": "3.23.1"}),
            a_push("order_created", [{"type": "Order", "id": ORDER}]),
            a_push("product_updated", {"product": {"id": "x"}}),
        ),
        stale_pushes=(
            a_push("order_updated", CHANGED | {"issuedAt": (NOW - timedelta(days=2)).isoformat()}),
            a_push("order_updated", CHANGED | {"issuedAt": "yesterday"}),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: Saleor, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize("body", [error_body("PermissionDenied"), error_body("ExpiredSignatureError")])
    def test_a_shop_that_shows_no_orders_fails_the_check(
        self, vendor: Saleor, platform: responses.RequestsMock, body: bytes
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=body)
        assert not vendor.check().ok

    def test_calls_carry_the_app_s_token(self, vendor: Saleor, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=order_body(an_order()))
        assert vendor.get_order(ORDER).external_no == ORDER
        request = platform.calls[0].request
        assert request.url == "https://saleor.example.invalid/graphql/"
        assert request.headers["Authorization"] == f"Bearer {CANARY}app_token"
        sent = orjson.loads(request.body)
        assert (sent["operationName"], sent["variables"]) == ("OrderDetail", {"id": ORDER})

    def test_a_token_that_is_known_but_lacks_a_permission_does_not_pause_the_account(
        self, vendor: Saleor, platform: responses.RequestsMock
    ) -> None:
        denied = error_body("PermissionDenied", "you need HANDLE_PAYMENTS")
        platform.add(responses.POST, EVERYWHERE, body=denied)
        platform.add(responses.POST, EVERYWHERE, json={"data": {"app": {"id": "QXBwOjE="}}})
        with pytest.raises(Refused, match="HANDLE_PAYMENTS"):
            vendor.get_order(ORDER)

    def test_what_an_app_may_not_see_is_missing_while_the_rest_is_read(
        self, vendor: Saleor, platform: responses.RequestsMock
    ) -> None:
        seen = {"data": {"order": an_order() | {"events": None}}}
        errors = orjson.loads(error_body("PermissionDenied"))
        platform.add(responses.POST, EVERYWHERE, json=seen | errors)
        assert vendor.parse_order(vendor.get_order(ORDER).body).seller_memo == ""
