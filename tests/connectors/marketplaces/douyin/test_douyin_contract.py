"""Douyin keeps every promise of a marketplace connector that receives pushes."""

from __future__ import annotations

import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import PushRequest, ShipmentNotice
from connectors.marketplaces.douyin import Douyin
from connectors.marketplaces.douyin.pushes import event_sign
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.douyin.papers import (
    NAME,
    ORDER_NO,
    PHONE,
    STREET,
    a_case,
    a_line,
    a_parcel,
    a_phase,
    an_order,
    envelope,
    error_body,
    order_body,
)

PARCEL = ShipmentNotice(ORDER_NO, "ZTO", "75500001", whole=True, shipped_at=NOW)
EMPTY = envelope({"page": 0, "size": 100, "total": 0, "shop_order_list": [], "items": [], "has_more": False})
APP_KEY = "7000000000000000001"


def a_push(body: str) -> PushRequest:
    """A message signed with the kit's canary secret."""
    headers = {"Event-Sign": event_sign(APP_KEY, body.encode(), "canary-secret-app_secret"), "app-id": APP_KEY}
    return PushRequest("POST", "/push", {}, headers, body.encode(), NOW)


class TestContract(PushSuite, MarketplaceSuite):
    """The suites of every marketplace and of every receiver of pushes."""

    connector = Douyin
    kit = Kit(
        read=lambda douyin: douyin.get_order(ORDER_NO),
        write=lambda douyin: douyin.push_shipment(PARCEL),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("app_key", APP_KEY), ("carriers", "")),
        refusals=(
            Refusal(error_body(60000, "isv.rate-limited", "slow down"), RateLimited),
            Refusal(error_body(60000, "", "slow down"), RateLimited, writing=True),
            Refusal(error_body(20000, "isp.service-error", "busy"), Retryable),
            Refusal(error_body(20001, "isp.timeout", "busy"), OutcomeUnknown, writing=True),
            Refusal(error_body(40003, "isv.access-token-expired", "ran out"), AuthFailed),
            Refusal(error_body(40003, "isv.access-token-invalid", "bad"), AuthFailed),
            Refusal(error_body(40003, "isv.signature-invalid", "bad sign"), AuthFailed),
            Refusal(error_body(40003, "isv.timestamp-invalid", "clock"), Refused),
            Refusal(error_body(30001, "dop.authorization-closed", "closed"), AuthFailed),
            Refusal(error_body(30001, "isv.app-permissions-insufficient", "no"), Refused),
            Refusal(error_body(30002, "isv.ip-white", "not on the list"), Refused),
            Refusal(error_body(40004, "isv.parameter-invalid:1", "order_id"), Refused),
            Refusal(error_body(50001, "dop.token-generate-failed:x", "token"), AuthFailed),
            Refusal(error_body(50002, "isv.business-failed:11001", "manual"), Refused),
            Refusal(error_body(70000), Refused),
            Refusal(error_body(80000), Refused),
            Refusal(error_body(90000), Refused),
            Refusal(b'{"code":"odd","msg":"?"}', Refused),
        ),
        private=(NAME, PHONE, STREET),
        orders=(
            order_body(an_order(post_amount=600)),
            order_body(
                an_order(
                    a_line(
                        1,
                        sum_amount=8000,
                        pay_amount=6500,
                        promotion_amount=1500,
                        promotion_shop_amount=1000,
                        promotion_platform_amount=500,
                        bundle_sku_info=[{"sku_id": "9", "code": "PART-1", "item_num": 2}],
                    ),
                    a_line(2, given_product_type="FREE", sum_amount=0, origin_amount=0, pay_amount=0),
                    logistics_info=[a_parcel("75500001", 1)],
                    promotion_detail={
                        "shop_discount_detail": {"coupon_info": [{"coupon_id": 7, "coupon_amount": 1000}]},
                    },
                )
            ),
            order_body(an_order(pay_type=0, pay_time=0)),
            order_body(
                an_order(a_line(trade_type=2), order_status=1, main_status=103, order_phase_list=[a_phase(1, True, 500)])
            ),
        ),
        cases=(envelope(a_case()), envelope(a_case(11, 0, lines=2))),
        bad_orders=(
            BadDocument(order_body(an_order(pay_amount=100)), "pay_amount"),
            BadDocument(order_body(an_order(pay_amount="ten")), "pay_amount"),
            BadDocument(order_body(an_order(update_time="yesterday")), "update_time"),
            BadDocument(order_body(an_order(create_time=0)), "create_time"),
            BadDocument(order_body(an_order(order_id="")), "order_id"),
            BadDocument(order_body(an_order(order_status=None)), "order_status"),
            BadDocument(order_body(an_order(sku_order_list=[])), "sku_order_list"),
            BadDocument(order_body(an_order(a_line(item_num=0))), "item_num"),
            BadDocument(order_body(an_order(a_line(sum_amount=7000, origin_amount=3500))), "pay_amount"),
            BadDocument(order_body(an_order(a_line(pay_amount=-1), pay_amount=0)), "pay_amount"),
        ),
        bad_cases=(
            BadDocument(envelope(a_case(refund_total_amount="ten")), "refund_total_amount"),
            BadDocument(envelope(a_case(refund_total_amount=-1)), "refund_total_amount"),
            BadDocument(envelope(a_case(update_time=0)), "update_time"),
            BadDocument(envelope(a_case(after_sale_id=0)), "after_sale_id"),
            BadDocument(envelope(a_case(after_sale_status=None)), "after_sale_status"),
            BadDocument(envelope(a_case(after_sale_type=None)), "after_sale_type"),
        ),
        empty_list=EMPTY,
        pushes=(
            a_push(
                '[{"tag":"101","msg_id":"m1","data":"{\\"p_id\\":6930000000000000100,\\"update_time\\":1772415000}"}]'
            ),
            a_push('[{"tag":"206","msg_id":"m2","data":"{\\"aftersale_id\\":7130000000000000001}"}]'),
            a_push('[{"tag":"0","data":"{}"}]'),
        ),
    )

    def test_a_good_account_passes_the_check(self, vendor: Douyin, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize("sub_code", ["isv.signature-invalid", "isv.access-token-invalid"])
    def test_refused_credentials_fail_the_check_with_the_remedy(
        self, vendor: Douyin, platform: responses.RequestsMock, sub_code: str
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body(40003, sub_code))
        report = vendor.check()
        assert not report.ok
        assert "authorise the shop again" in report.words
