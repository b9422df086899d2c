"""Pinduoduo keeps every promise of a marketplace connector."""

from __future__ import annotations

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.pinduoduo import Pinduoduo
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.pinduoduo.papers import (
    CIPHERS,
    NAME,
    PHONE,
    SN,
    STREET,
    a_case,
    a_row,
    an_item,
    an_order,
    error_body,
    order_body,
)

PARCEL = ShipmentNotice(SN, "ZTO", "75500001", whole=True, shipped_at=NOW)
EMPTY = orjson.dumps(
    {
        "order_sn_increment_get_response": {"total_count": 0, "order_sn_list": [], "request_id": "e1"},
        "refund_increment_get_response": {"total_count": 0, "refund_list": [], "request_id": "e2"},
    }
)
RICH = an_order(
    an_item(1),
    an_item(2, goods_price=9.9, goods_count=3),
    platform_discount=6.55,
    seller_discount=10.01,
    postage=6.0,
    gift_list=[an_item(3, goods_price=0.0, goods_count=1)],
    service_fee_detail=[{"service_name": "sf_express_fee", "service_fee": 0.0}],
    promotion_detail_list=[{"promotion_type": 30, "discount_amount": 2.5}],
    order_tag_list=[{"name": "ship_hold", "value": 1}, {"name": "free_sf", "value": 0}],
    order_depot_info={"depot_type": 1, "ware_type": 0, "ware_sub_info_list": []},
)
STEP = an_order(
    trade_type=1,
    step_order_info={"step_trade_status": 1, "advanced_paid_fee": 10.0, "step_discount_amount": 0.0},
)


class TestContract(MarketplaceSuite):
    """The suite of every marketplace."""

    connector = Pinduoduo
    kit = Kit(
        read=lambda vendor: vendor.get_order(SN),
        write=lambda vendor: vendor.push_shipment(PARCEL),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("carriers", ""), ("trade_types", "0,1")),
        refusals=(
            Refusal(error_body(10019, "access_token已过期"), AuthFailed),
            Refusal(error_body(10035), AuthFailed),
            Refusal(error_body(10016), AuthFailed),
            Refusal(error_body(20004, "签名错误"), AuthFailed),
            Refusal(error_body(20005), AuthFailed),
            Refusal(error_body(20032), AuthFailed),
            Refusal(error_body(10001), Refused),
            Refusal(error_body(10017), Refused),
            Refusal(error_body(20031), Refused),
            Refusal(error_body(50001, sub_words="订单状态异常"), Refused),
            Refusal(error_body(50012), Refused),
            Refusal(error_body(70032), Refused),
            Refusal(error_body(70034), Refused),
            Refusal(error_body(70031, sub_words="调用过于频繁"), RateLimited, retry_after=10),
            Refusal(error_body(52101), RateLimited, retry_after=10, writing=True),
            Refusal(error_body(70036), RateLimited, retry_after=1800),
            Refusal(error_body(52102), Retryable),
            Refusal(error_body(70033), Retryable, writing=True),
            Refusal(error_body(20034), Retryable),
            Refusal(error_body(20035), OutcomeUnknown, writing=True),
            Refusal(error_body(50000), Retryable),
            Refusal(error_body(52001), OutcomeUnknown, writing=True),
            Refusal(error_body(50000, sub_words="订单不存在"), Refused),
            Refusal(b'{"error_response":{"error_code":"odd","error_msg":"?"}}', Refused),
        ),
        private=(NAME, PHONE, STREET, *CIPHERS.values()),
        orders=(
            order_body(an_order()),
            order_body(RICH),
            order_body(STEP),
            orjson.dumps({"order_info": an_order(order_status=2, refund_status=2, after_sales_status=7)}),
        ),
        cases=(
            orjson.dumps(a_case()),
            orjson.dumps(a_row(after_sales_type=2, after_sales_status=7)),
            orjson.dumps(a_case(after_sales_type=3, exchange_shipping_detail={"sku_id_exchange": 9900002})),
        ),
        bad_orders=(
            BadDocument(order_body(an_order(pay_amount=1.0)), "pay_amount"),
            BadDocument(order_body(an_order(pay_amount=90.0)), "pay_amount"),
            BadDocument(order_body(an_order(pay_amount=80.001)), "pay_amount"),
            BadDocument(order_body(an_order(pay_amount=None)), "pay_amount"),
            BadDocument(order_body(an_order(discount_amount=1.0, seller_discount=2.0)), "discount_amount"),
            BadDocument(order_body(an_order(goods_amount=99.0)), "goods_amount"),
            BadDocument(order_body(an_order(seller_discount=90.0)), "pay_amount"),
            BadDocument(
                order_body(
                    an_order(
                        seller_discount=81.0,
                        pay_amount=1.0,
                        service_fee_detail=[{"service_name": "install_fee", "service_fee": 2.0}],
                    )
                ),
                "discount_amount",
            ),
            BadDocument(order_body(an_order(postage=-1.0)), "postage"),
            BadDocument(order_body(an_order(updated_at="yesterday")), "updated_at"),
            BadDocument(order_body(an_order(created_time=None)), "created_time"),
            BadDocument(order_body(an_order(order_sn="")), "order_sn"),
            BadDocument(order_body(an_order(order_status=None)), "order_status"),
            BadDocument(order_body(an_order() | {"item_list": []}), "item_list"),
            BadDocument(order_body(an_order(an_item(goods_count=0))), "goods_count"),
            BadDocument(order_body(an_order(gift_list=[an_item(goods_count=0)])), "gift_list.goods_count"),
            BadDocument(order_body(an_order() | {"item_list": [an_item(goods_price=None)]}), "goods_price"),
            BadDocument(order_body(an_order(an_item(sku_id=0, goods_id=0))), "item_list.goods_id"),
        ),
        bad_cases=(
            BadDocument(orjson.dumps(a_case(refund_amount="ten")), "refund_amount"),
            BadDocument(orjson.dumps(a_case(refund_amount=-5)), "refund_amount"),
            BadDocument(orjson.dumps(a_case(after_sales_status="")), "after_sales_status"),
            BadDocument(orjson.dumps(a_case(updated_time=None)), "updated_time"),
            BadDocument(orjson.dumps(a_case(id=0)), "id"),
            BadDocument(orjson.dumps(a_case(order_sn="")), "order_sn"),
        ),
        empty_list=EMPTY,
    )

    def test_a_good_account_passes_the_check(self, vendor: Pinduoduo, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize(
        ("code", "remedy"),
        [(10019, "authorise the shop again"), (20004, "client secret"), (20005, "whitelist")],
    )
    def test_refused_credentials_fail_the_check_with_the_remedy(
        self, vendor: Pinduoduo, platform: responses.RequestsMock, code: int, remedy: str
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body(code))
        report = vendor.check()
        assert not report.ok
        assert remedy in report.words

    def test_an_unreachable_platform_fails_the_check(self, vendor: Pinduoduo, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, status=503)
        assert not vendor.check().ok
