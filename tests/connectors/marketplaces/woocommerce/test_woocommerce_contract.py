"""WooCommerce keeps every promise of a marketplace connector and of one that receives pushes."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, BadSignature, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.contract.notices import StockLevel
from connectors.marketplaces.woocommerce import WooCommerce
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.woocommerce.papers import (
    FIRST,
    LAST,
    MAIL,
    NO,
    PHONE,
    STREET,
    a_push,
    a_refund,
    an_item,
    an_order,
    case_body,
    error_body,
    freight,
)

HOOK = "canary-secret-webhook_secret"
LEVELS = (StockLevel("71", "", 5),)


def body(**changes: object) -> bytes:
    return orjson.dumps(an_order(**changes))


class TestContract(MarketplaceSuite, PushSuite):
    """The suite of every marketplace with pushes."""

    connector = WooCommerce
    kit = Kit(
        read=lambda woo: woo.get_order(NO),
        write=lambda woo: woo.push_stock(LEVELS),
        settings=(
            ("site", "https://shop.example.invalid"),
            ("since", "2026-03-02T10:00:00+08:00"),
            ("statuses", "packed=open"),
        ),
        refusals=(
            Refusal(error_body("woocommerce_rest_authentication_error", "bad", {"status": 401}), AuthFailed, status=401),
            Refusal(error_body("woocommerce_rest_cannot_view", "no", {"status": 403}), AuthFailed, status=403),
            Refusal(error_body("woocommerce_rest_shop_order_invalid_id", "?", {"status": 404}), Refused, status=404),
            Refusal(error_body("rest_no_route", "?", {"status": 404}), Refused, status=404),
            Refusal(error_body("rest_invalid_param", "x", {"params": {"page": "not 0"}}), Refused, status=400),
            Refusal(error_body("woocommerce_rest_invalid_order_id", "?", 404), Refused, status=500),
            Refusal(error_body("internal_server_error", "critical", {"status": 500}), Retryable, status=500),
            Refusal(error_body("internal_server_error", "x"), OutcomeUnknown, writing=True, status=500),
            Refusal(error_body("too_many_requests", "slow"), RateLimited, status=429),
            Refusal(b"<html>blocked", Retryable, content_type="text/html", status=403),
            Refusal(b"<html>blocked", Retryable, writing=False, content_type="text/html", status=503),
            Refusal(b"<html>not found", Refused, content_type="text/html", status=404),
            Refusal(b"", Refused, status=301),
            Refusal(b"Warning: x\n{}", Retryable),
        ),
        private=(FIRST, LAST, STREET, PHONE, MAIL),
        orders=(
            body(),
            body(shipping_lines=[freight()], coupon_lines=[{"id": 960, "code": "spring", "discount": "4"}]),
            orjson.dumps(
                an_order(
                    an_item(1, total="26.00", total_tax="5.46"),
                    an_item(2, total="10.00", subtotal="10.00", total_tax="0.00"),
                    fee_lines=[{"id": 970, "name": "Wallet", "total": "-5.00", "total_tax": "-1.05"}],
                )
            ),
            body(payment_method="cod", date_paid_gmt=None),
            body(total="36.31", gift_cards=[]),
            body(total="16.30", gift_cards=[{"id": 1, "code": "x", "amount": 20}]),
        ),
        cases=(case_body(a_refund()), case_body(a_refund(line_items=[]))),
        bad_orders=(
            BadDocument(body(total="1.00"), "total"),
            BadDocument(body(total=None), "total"),
            BadDocument(body(currency=""), "currency"),
            BadDocument(body(status=""), "status"),
            BadDocument(body(id="x"), "id"),
            BadDocument(body(line_items=[], total="36.30"), "total"),
            BadDocument(body(line_items=[], total="0.00"), "line_items"),
            BadDocument(body(date_created_gmt=None), "date_created_gmt"),
            BadDocument(body(date_modified_gmt="yesterday"), "date_modified_gmt"),
            BadDocument(body(line_items=[an_item(quantity=0)]), "line_items.quantity"),
            BadDocument(body(line_items=[an_item(quantity=1.5)]), "line_items.quantity"),
            BadDocument(body(line_items=[an_item(id=None)]), "line_items.id"),
            BadDocument(body(line_items=[an_item(total_tax="six")], total="36.30"), "line_items.total_tax"),
        ),
        bad_cases=(
            BadDocument(case_body(a_refund(amount="-1.00")), "amount"),
            BadDocument(case_body(a_refund(amount=None)), "amount"),
            BadDocument(case_body(a_refund(), currency=""), "order.currency"),
            BadDocument(case_body(a_refund(date_created_gmt=None)), "date_created_gmt"),
        ),
        empty_list=b"[]",
        pushes=(
            a_push(body(), HOOK),
            a_push(body(status="completed"), HOOK, "order.created"),
            a_push(b'{"id":4711}', HOOK, "order.deleted"),
            a_push(b'{"action":"woocommerce_order_refunded","arg":4711}', HOOK, "action.woocommerce_order_refunded"),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: WooCommerce, platform: responses.RequestsMock) -> None:
        platform.add(responses.GET, EVERYWHERE, body=b"[]")
        assert vendor.check().ok

    def test_a_refused_key_fails_the_check_with_the_remedy(
        self, vendor: WooCommerce, platform: responses.RequestsMock
    ) -> None:
        platform.add(responses.GET, EVERYWHERE, body=error_body("woocommerce_rest_authentication_error"), status=401)
        report = vendor.check()
        assert not report.ok
        assert "make a REST key" in report.words

    def test_a_status_that_is_mapped_to_no_word_of_ours_fails_the_check(self) -> None:
        report = WooCommerce(Account({"statuses": "packed=open, sent=gone"}, {})).check()
        assert not report.ok
        assert "sent" in report.words

    def test_a_busy_site_says_when_to_come_back(self, vendor: WooCommerce, platform: responses.RequestsMock) -> None:
        platform.add(responses.GET, EVERYWHERE, status=429, headers={"Retry-After": "7"})
        with pytest.raises(RateLimited) as caught:
            vendor.get_order(NO)
        assert caught.value.retry_after == 7

    def test_an_unsigned_delivery_is_refused(self, vendor: WooCommerce) -> None:
        push = self.kit.pushes[0]
        with pytest.raises(BadSignature):
            vendor.verify_push(replace(push, headers={}))
