"""What every connector promises, promised by Medusa's."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, Refused, Retryable
from connectors.contract.notices import PushRequest, ShipmentNotice
from connectors.marketplaces.medusa import Medusa
from tests.connectors.contract_kit import CANARY, EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.medusa.papers import (
    NAME,
    ORDER,
    PHONE,
    SHADE,
    STREET,
    a_claim,
    a_discount,
    a_fulfilment,
    a_method,
    a_payment,
    a_refund,
    a_return,
    an_item,
    an_order,
    body,
    case_body,
    error_body,
)

PARCEL = ShipmentNotice(ORDER, "DHL", "75500001", whole=True, shipped_at=NOW)
EMPTY = orjson.dumps({"orders": [], "payments": [], "returns": [], "claims": [], "count": 0, "offset": 0, "limit": 50})
RELAY = f"{CANARY}relay_secret"


def push(event: str, secret: str = RELAY, at: str = "", **told: str) -> PushRequest:
    """A relayed event, signed."""
    tree: dict[str, Any] = {"event": event, "data": told} | ({"at": at} if at else {})
    raw = orjson.dumps(tree)
    signature = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-OMS-Signature": signature, "X-OMS-Event-Id": f"evt-{event}"}
    return PushRequest("POST", "/hooks/medusa/1", {}, headers, raw, NOW)


def failing(vendor: Medusa) -> object:
    """A write that begins with no read."""
    return vendor.admin.write(f"orders/{ORDER}/fulfillments", {"items": []})


class TestContract(MarketplaceSuite, PushSuite):
    """The suites of every marketplace and of every receiver of pushes."""

    connector = Medusa
    kit = Kit(
        read=lambda medusa: medusa.get_order(ORDER),
        write=failing,
        settings=(("since", "2026-02-27T00:00:00Z"), ("ship_on", "authorized")),
        refusals=(
            Refusal(b'{"message":"Unauthorized"}', AuthFailed, status=401),
            Refusal(error_body("forbidden"), AuthFailed, status=403),
            Refusal(error_body("not_found", "Order id not found"), Refused, status=404),
            Refusal(error_body("invalid_data", "Expected number"), Refused, status=400),
            Refusal(error_body("not_allowed", "Shipment has already been created"), Refused, status=400, writing=True),
            Refusal(error_body("duplicate_error", code="invalid_request_error"), Refused, status=422, writing=True),
            Refusal(error_body("payment_authorization_error"), Refused, status=422, writing=True),
            Refusal(error_body("conflict", code="invalid_state_error"), Retryable, status=409),
            Refusal(error_body("conflict", code="invalid_state_error"), Retryable, status=409, writing=True),
            Refusal(error_body("unknown_error", "An unknown error occurred."), Retryable, status=500),
            Refusal(error_body("unknown_error"), OutcomeUnknown, status=500, writing=True),
            Refusal(b"<html>proxy", Refused, status=400),
        ),
        private=(NAME.split()[1], PHONE, STREET),
        orders=(
            body(an_order()),
            body({"order": an_order(payment_status="authorized", payments=[a_payment(captured_at=None, captures=[])])}),
            body(
                an_order(
                    an_item(adjustments=[a_discount(4.4444)], unit_price=19.99, quantity=3),
                    an_item(SHADE, is_tax_inclusive=True, adjustments=[a_discount(1.681), a_discount(2, code="B")]),
                    shipping_methods=[a_method(adjustments=[a_discount(2.475)], amount=4.95)],
                    fulfillments=[a_fulfilment("ful_1", {SHADE: 2}, "T1")],
                    credit_lines=[
                        {"id": "cl_1", "amount": 5, "reference": "gift-card", "created_at": "2026-03-01T08:00:00Z"},
                        {"id": "cl_2", "amount": 9, "reference": "payment_collection"},
                    ],
                )
            ),
            body(an_order(currency_code="jpy", payments=[a_payment(amount=54, refunds=[a_refund(10)])])),
        ),
        cases=(
            case_body(),
            case_body(a_return(status="received"), an_order(payments=[a_payment(refunds=[a_refund(24)])])),
            case_body(a_claim()),
            case_body(a_return(exchange_id="oexc_1"), exchange={"additional_items": [{"item_id": SHADE}]}),
        ),
        bad_orders=(
            BadDocument(body(an_order(currency_code=None)), "currency_code"),
            BadDocument(body(an_order(id="")), "id"),
            BadDocument(body(an_order(status=None)), "status"),
            BadDocument(body(an_order(updated_at="yesterday")), "updated_at"),
            BadDocument(body(an_order(created_at=None)), "created_at"),
            BadDocument(body(an_order(items=[])), "items"),
            BadDocument(body(an_order(an_item(quantity=1.5))), "quantity"),
            BadDocument(body(an_order(an_item(quantity=-2))), "quantity"),
            BadDocument(body(an_order(an_item(unit_price="dear"))), "unit_price"),
            BadDocument(body(an_order(an_item(unit_price=-3))), "unit_price"),
            BadDocument(body(an_order(an_item(adjustments=[a_discount(41)]))), "adjustments"),
            BadDocument(body(an_order(an_item(tax_lines=[{"rate": "much"}]))), "rate"),
        ),
        bad_cases=(
            BadDocument(case_body(a_return(items=[])), "items"),
            BadDocument(case_body(a_return(order_id=None)), "order_id"),
            BadDocument(case_body(a_return(updated_at=None)), "updated_at"),
            BadDocument(case_body(a_return(), {}), "return"),
        ),
        empty_list=EMPTY,
        pushes=(
            push("order.placed", id=ORDER),
            push("order.return_requested", at="2026-03-02T03:59:00Z", order_id=ORDER, return_id="return_01"),
        ),
        stale_pushes=(push("order.placed", at="2026-03-02T03:40:00Z", id=ORDER),),
    )

    def test_a_good_account_passes_the_check(self, vendor: Medusa, platform: responses.RequestsMock) -> None:
        platform.add(responses.GET, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    def test_a_refused_key_fails_the_check_with_the_remedy(
        self, vendor: Medusa, platform: responses.RequestsMock
    ) -> None:
        platform.add(responses.GET, EVERYWHERE, status=401, body=b'{"message":"Unauthorized"}')
        report = vendor.check()
        assert not report.ok
        assert "secret API key" in report.words

    @pytest.mark.parametrize(
        ("event", "told", "hints"),
        [
            ("order.placed", {"id": ORDER}, [("order", ORDER)]),
            ("order.fulfillment_created", {"order_id": ORDER, "fulfillment_id": "ful_1"}, [("order", ORDER)]),
            (
                "order.return_received",
                {"order_id": ORDER, "return_id": "return_1"},
                [("order", ORDER), ("case", "return_1")],
            ),
            ("payment.captured", {"id": "pay_1"}, []),
            ("product.updated", {"id": "prod_1"}, []),
        ],
    )
    def test_events_hint_at_orders_and_returns(
        self, vendor: Medusa, event: str, told: dict[str, str], hints: list[tuple[str, str]]
    ) -> None:
        found = vendor.parse_push_reports(push(event, **told))
        assert [(hint.kind, hint.external_no) for hint in found] == hints  # type: ignore[union-attr]

    def test_a_redelivery_with_another_body_has_another_key(self, vendor: Medusa) -> None:
        first = vendor.verify_push(push("order.placed", id=ORDER))
        second = vendor.verify_push(push("order.placed", id="order_other"))
        assert first.key != second.key
        assert first.number == ORDER
