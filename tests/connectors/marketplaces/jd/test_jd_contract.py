"""JD keeps every promise of a marketplace connector."""

from __future__ import annotations

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.jd import Jd
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.jd.papers import (
    EASY_INVOICE,
    NAME,
    ORDER_NO,
    PHONE,
    STREET,
    a_coupon,
    a_service,
    an_apply,
    an_item,
    an_order,
    answer_body,
    case_body,
    detail_answer,
    error_body,
    list_answer,
    order_body,
    plain_person,
)

PARCEL = ShipmentNotice(ORDER_NO, "ZTO", "7560001", whole=True, shipped_at=NOW)
EMPTY = orjson.dumps(
    {
        "jingdong_pop_order_enSearch_responce": list_answer(0),
        "jingdong_pop_afs_soa_refundapply_queryPageList_responce": {
            "code": "0",
            "queryResult": {"success": True, "totalCount": 0, "result": []},
        },
        "jingdong_asc_query_list_responce": {"code": "0", "pageResult": {"totalCount": 0, "data": []}},
    }
)
SHIP = "jingdong.pop.order.shipment"
REFUSED_SHIPMENT = {"sopjosshipment_result": {"success": False, "numberCode": 10300, "chineseErrCode": "订单已锁定"}}
REFUSED_READ = {"orderDetailInfo": {"apiResult": {"success": "false", "numberCode": 900, "chineseErrCode": "系统忙"}}}
NOT_OPENED = {
    "orderDetailInfo": {"apiResult": {"success": False, "numberCode": 11100006, "chineseErrCode": "店铺未开通"}}
}


class TestContract(MarketplaceSuite):
    """The suite of every marketplace."""

    connector = Jd
    kit = Kit(
        read=lambda jd: jd.get_order(ORDER_NO),
        write=lambda jd: jd.push_shipment(PARCEL),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("vender_id", "7001")),
        refusals=(
            Refusal(error_body("2", "App Call Limited"), RateLimited, retry_after=3600),
            Refusal(error_body("2", "App Call Limited"), RateLimited, writing=True),
            Refusal(error_body("19", "无效的access_token"), AuthFailed),
            Refusal(error_body("21", "无效的app_key"), AuthFailed),
            Refusal(error_body("12", "无效签名"), AuthFailed, writing=True),
            Refusal(error_body("8", "无效时间戳"), Refused),
            Refusal(error_body("24", "没有权限"), Refused),
            Refusal(error_body("14", "缺少方法名"), Refused),
            Refusal(error_body("33", "上游超时"), Retryable),
            Refusal(error_body("65", "上游超时"), OutcomeUnknown, writing=True),
            Refusal(error_body("4711", "没见过"), Retryable),
            Refusal(answer_body("jingdong.pop.order.enGet", {"code": "0", **REFUSED_READ}), Retryable),
            Refusal(answer_body("jingdong.pop.order.enGet", {"code": "0", **NOT_OPENED}), Refused),
            Refusal(b'{"error_response":{"code":19,"zh_desc":"code as a number"}}', AuthFailed),
            Refusal(b'{"error_response":{}}', Retryable),
        ),
        private=(NAME, PHONE, STREET),
        orders=(
            order_body(an_order(freightPrice="8.00", invoiceEasyInfo=EASY_INVOICE)),
            order_body(
                an_order(
                    an_item(1, jdPrice="33.33", itemTotal="1"),
                    an_item(2, jdPrice="66.67", itemTotal="1"),
                    an_item(2, jdPrice="0.00", itemTotal="1"),
                    coupons=(
                        a_coupon("100-店铺优惠", "9.99"),
                        a_coupon("30-单品促销优惠", "5.00", "55002"),
                        a_coupon("39-京豆优惠", "1.01"),
                        a_coupon("41-京东券优惠", "10.00"),
                    ),
                    sellerDiscount="14.99",
                )
            ),
            order_body(an_order(payType="1-货到付款", paymentConfirmTime="0001-01-01 00:00:00", actualPay="0.00")),
            order_body(an_order(consigneeInfo=plain_person(), orderState="LOCKED"), encrypted=False),
            order_body(an_order(taxFee="10.00", serviceFee="2.00", shouldPay="132.00")),
            order_body(an_order(balanceUsed="20.00", shouldPay="100.00")),
            order_body(an_order(returnOrder="2")),
            answer_body("jingdong.pop.order.enGet", detail_answer(an_order())),
        ),
        cases=(case_body(an_apply()), case_body(a_service()), case_body(an_apply(checkTime="2026-03-02 10:30:00"))),
        bad_orders=(
            BadDocument(order_body(an_order(orderTotalPrice="999.00")), "orderTotalPrice"),
            BadDocument(order_body(an_order(shouldPay="121.00")), "shouldPay"),
            BadDocument(order_body(an_order(shouldPay="1.001")), "shouldPay"),
            BadDocument(order_body(an_order(shouldPay="")), "shouldPay"),
            BadDocument(order_body(an_order(shouldPay="-1.00")), "shouldPay"),
            BadDocument(order_body(an_order(sellerDiscount="5.00")), "sellerDiscount"),
            BadDocument(order_body(an_order(modified="yesterday")), "modified"),
            BadDocument(order_body(an_order(modified="0001-01-01 00:00:00")), "modified"),
            BadDocument(order_body(an_order(orderStartTime=None)), "orderStartTime"),
            BadDocument(order_body(an_order(orderId="")), "orderId"),
            BadDocument(order_body(an_order(itemInfoList=[])), "itemInfoList"),
            BadDocument(order_body(an_order(an_item(itemTotal="0"))), "itemTotal"),
            BadDocument(order_body(an_order(an_item(skuId=None))), "skuId"),
            BadDocument(order_body(an_order(consigneeInfo="吴小舟")), "consigneeInfo"),
        ),
        bad_cases=(
            BadDocument(case_body(an_apply(applyRefundSum="ten")), "applyRefundSum"),
            BadDocument(case_body(an_apply(status="")), "status"),
            BadDocument(case_body(an_apply(applyTime=None)), "applyTime"),
            BadDocument(case_body(an_apply(id="")), "id"),
            BadDocument(case_body(a_service(actualPayPrice="many")), "actualPayPrice"),
            BadDocument(case_body(a_service(orderId=None)), "orderId"),
        ),
        empty_list=EMPTY,
    )

    def test_a_good_account_passes_the_check(self, vendor: Jd, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize(("code", "remedy"), [("19", "authorise the shop again"), ("21", "check the app key")])
    def test_refused_credentials_fail_the_check_with_the_remedy(
        self, vendor: Jd, platform: responses.RequestsMock, code: str, remedy: str
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body(code))
        report = vendor.check()
        assert not report.ok
        assert remedy in report.words

    def test_a_refused_shipment_carries_the_platform_s_words(self, vendor: Jd, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=answer_body(SHIP, {"code": "0", **REFUSED_SHIPMENT}))
        platform.add(responses.POST, EVERYWHERE, body=answer_body("jingdong.pop.order.enGet", detail_answer(an_order())))
        with pytest.raises(Refused, match="订单已锁定"):
            vendor.push_shipment(PARCEL)
