"""Amazon keeps every promise of a marketplace connector and of one that receives pushes."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, BadSignature, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.amazon import Amazon, shipments
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.amazon.papers import (
    NAME,
    NO,
    PHONE,
    STREET,
    a_notification,
    a_package,
    a_part,
    a_push,
    a_return,
    an_item,
    an_order,
    body,
    case_body,
    error_body,
    usd,
)

HOOK = "canary-secret-push_secret"
PARCEL = ShipmentNotice(NO, "UPS", "1Z001", whole=True, shipped_at=NOW)
TAXED = [a_part("ITEM", "20.00"), a_part("SHIPPING", "4.00"), a_part("TAX", "2.40", item="2.00", shipping="0.40")]


def write(amazon: Amazon) -> None:
    shipments.confirm(amazon.selling, an_order(), PARCEL, "1", {"90001": 2})


class TestContract(MarketplaceSuite, PushSuite):
    """The suite of every marketplace with pushes."""

    connector = Amazon
    kit = Kit(
        read=lambda amazon: amazon.get_order(NO),
        write=write,
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("seller_id", "A1SELLER"), ("auth_url", ""), ("currency", "")),
        refusals=(
            Refusal(
                error_body("Unauthorized", details="The access token you provided has expired."), AuthFailed, status=403
            ),
            Refusal(error_body("Unauthorized", "Access to requested resource is denied."), AuthFailed, status=403),
            Refusal(error_body("MissingToken"), AuthFailed, status=401),
            Refusal(error_body("QuotaExceeded", "slow"), RateLimited, status=429, retry_after=2.0),
            Refusal(error_body("QuotaExceeded", "slow"), RateLimited, writing=True, status=429, retry_after=1.0),
            Refusal(error_body("InvalidInput"), Refused, status=400),
            Refusal(error_body("InvalidInput"), Refused, writing=True, status=400),
            Refusal(error_body("NotFound"), Refused, status=404),
            Refusal(error_body("InternalFailure"), Retryable, status=500),
            Refusal(error_body("InternalFailure"), OutcomeUnknown, writing=True, status=503),
            Refusal(b"<html>moved", Refused, status=301, content_type="text/html"),
            Refusal(b"{}", Refused),
        ),
        private=(NAME, STREET, PHONE),
        orders=(
            body(),
            body(an_item(total="26.40", parts=TAXED), an_item(2)),
            body(an_item(total="24.00", parts=TAXED)),
            body(an_item(total="15.00", parts=[a_part("ITEM", "20.00"), a_part("DISCOUNT", "-5.00", item="-5.00")])),
            body(an_item(total="21.00"), proceeds={"grandTotal": usd("26.00")}),
            body(status="PENDING", proceeds=None, recipient=None),
            body(an_item(), status="SHIPPED", packages=[a_package("1", "1Z", "DELIVERED", _90001=2)]),
            body(payment={"paymentExecutions": [{"paymentMethod": "CashOnDelivery", "paymentAmount": usd("20.00")}]}),
        ),
        cases=(case_body(), case_body(a_return(), a_return(Merchant_SKU="MUG-2", Refunded_Amount="3.00"))),
        bad_orders=(
            BadDocument(body(orderId=None), "orderId"),
            BadDocument(body(createdTime=None), "createdTime"),
            BadDocument(body(lastUpdatedTime="yesterday"), "lastUpdatedTime"),
            BadDocument(body(orderItems=None), "orderItems"),
            BadDocument(body(an_item(orderItemId=None)), "orderItemId"),
            BadDocument(body(an_item(quantityOrdered="two")), "quantityOrdered"),
            BadDocument(body(proceeds={"grandTotal": usd("x")}), "grandTotal"),
            BadDocument(body(proceeds={"grandTotal": usd("20.00", "EUR")}), "subtotal"),
            BadDocument(body(an_item(parts=[a_part("ITEM", "20.001")])), "subtotal"),
            BadDocument(body(an_item(total="-1.00", parts=[])), "breakdowns"),
        ),
        bad_cases=(
            BadDocument(case_body(a_return(Order_ID=None)), "Order ID"),
            BadDocument(case_body(a_return(Return_request_date="soon")), "Return request date"),
            BadDocument(case_body(a_return(Return_quantity="one")), "Return quantity"),
            BadDocument(case_body(a_return(Currency_code=None)), "Currency code"),
        ),
        empty_list=orjson.dumps({"orders": [], "reportId": "R1", "lastUpdatedBefore": "2026-03-02T03:58:00Z"}),
        pushes=(
            a_push(a_notification(), HOOK),
            a_push(a_notification("note-2", "999-1111111-2222222"), HOOK),
            a_push(a_notification("note-3", kind="REPORT_PROCESSING_FINISHED"), HOOK),
        ),
        stale_pushes=(
            a_push(a_notification(), HOOK, str(int(NOW.timestamp()) - 3600)),
            a_push(a_notification(), HOOK, str(int(NOW.timestamp()) + 3600)),
            a_push(a_notification(), HOOK, "yesterday"),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: Amazon, platform: responses.RequestsMock) -> None:
        platform.add(responses.GET, EVERYWHERE, body=self.kit.empty_list)
        assert vendor.check().ok

    def test_a_refused_token_fails_the_check_with_the_remedy(
        self, vendor: Amazon, platform: responses.RequestsMock
    ) -> None:
        platform.add(responses.GET, EVERYWHERE, body=error_body("Unauthorized", "denied"), status=403)
        report = vendor.check()
        assert not report.ok
        assert "lacks the role" in report.words

    def test_a_push_without_its_signature_or_secret_is_refused(self, vendor: Amazon) -> None:
        push = self.kit.pushes[0]
        with pytest.raises(BadSignature, match="not signed"):
            vendor.verify_push(replace(push, headers={}))
        vendor.account = replace(vendor.account, secrets={})
        with pytest.raises(BadSignature, match="forwarder secret"):
            vendor.verify_push(push)
