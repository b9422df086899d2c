"""Taobao keeps every promise of a marketplace connector."""

from __future__ import annotations

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.taobao import Taobao
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.taobao.papers import (
    NAME,
    PHONE,
    STREET,
    TID,
    a_line,
    a_refund,
    a_trade,
    case_body,
    error_body,
    order_body,
)

PARCEL = ShipmentNotice(TID, "ZTO", "75500001", whole=True, shipped_at=NOW)
EMPTY = orjson.dumps(
    {
        "trades_sold_increment_get_response": {"total_results": 0, "request_id": "e1"},
        "trades_sold_get_response": {"total_results": 0, "request_id": "e2"},
        "refunds_receive_get_response": {"total_results": 0, "request_id": "e3"},
    }
)
BAN = "This ban will last for 3 more seconds"


class TestContract(MarketplaceSuite):
    """The suite of every marketplace."""

    connector = Taobao
    kit = Kit(
        read=lambda taobao: taobao.get_order(TID),
        write=lambda taobao: taobao.push_shipment(PARCEL),
        settings=(("since", "2026-03-02T10:00:00+08:00"), ("sign_method", "md5"), ("app_key", "23000001")),
        refusals=(
            Refusal(error_body(7, "accesscontrol.limited-by-app-api-access-count", BAN), RateLimited, retry_after=3),
            Refusal(error_body(7, "accesscontrol.limited-by-api-access-count"), RateLimited, retry_after=1800),
            Refusal(error_body(15, "isp.call-limited", "slow down"), RateLimited, retry_after=1800),
            Refusal(error_body(7, "accesscontrol.limited-by-dynamic-access-count", BAN), RateLimited, 3, writing=True),
            Refusal(error_body(26, msg="Missing session"), AuthFailed),
            Refusal(error_body(27, "invalid-sessionkey", msg="Invalid session"), AuthFailed),
            Refusal(error_body(25, msg="Invalid signature"), AuthFailed),
            Refusal(error_body(31, msg="Invalid timestamp"), Refused),
            Refusal(error_body(11, "isv.permission-api-package-limit", "not in your package"), Refused),
            Refusal(error_body(41, "isv.invalid-parameter", "tid"), Refused),
            Refusal(error_body(15, "isv.trade-not-exist", "no such trade"), Refused),
            Refusal(error_body(15, "isp.top-remote-connection-timeout", "remote"), Retryable),
            Refusal(error_body(15, "isp.remote-service-timeout", "remote"), OutcomeUnknown, writing=True),
            Refusal(error_body(10, msg="Service currently unavailable"), Retryable),
            Refusal(error_body(520, msg="remote"), OutcomeUnknown, writing=True),
            Refusal(b'{"error_response":{"code":"27","msg":"old body, code as text"}}', AuthFailed),
            Refusal(b'{"error_response":{"code":"odd","msg":"?"}}', Refused),
        ),
        private=(NAME, PHONE, STREET),
        orders=(
            order_body(a_trade()),
            order_body(a_trade(a_line(num=1, payment="46.00", divide_order_fee="40.00"), post_fee="6.00")),
            order_body(
                a_trade(
                    a_line(1, divide_order_fee="70.00", part_mjz_discount="10.00", bind_oids=str(int(TID) + 2)),
                    a_line(2, divide_order_fee="60.00", discount_fee="15.00", part_mjz_discount="5.00"),
                    promotion_details={
                        "promotion_detail": [
                            {
                                "id": TID,
                                "promotion_name": "平台补贴",
                                "discount_fee": "15.00",
                                "promotion_id": "p-1_1",
                                "kd_child_discount_fee": f"{int(TID) + 1}:10.00;{int(TID) + 2}:5.00",
                            }
                        ]
                    },
                    logistics_infos={"logistics_info": [{"sub_trade_id": int(TID) + 1, "consign_type": "CN"}]},
                )
            ),
            orjson.dumps({"trade": a_trade(type="cod", pay_time=None)}),
        ),
        cases=(
            case_body(a_refund(refund_remind_timeout={"exist_timeout": True, "timeout": "2026-03-05 10:00:00"})),
            orjson.dumps({"refund": a_refund()}),
        ),
        bad_orders=(
            BadDocument(order_body(a_trade(payment="1.00")), "payment"),
            BadDocument(order_body(a_trade(payment="160.001")), "payment"),
            BadDocument(order_body(a_trade(payment=None)), "payment"),
            BadDocument(order_body(a_trade(modified="yesterday")), "modified"),
            BadDocument(order_body(a_trade(created=None)), "created"),
            BadDocument(order_body(a_trade(tid=None, tid_str=None)), "tid"),
            BadDocument(order_body(a_trade(orders=None)), "orders"),
            BadDocument(order_body(a_trade(a_line(1, num=0), a_line(2))), "num"),
            BadDocument(order_body(a_trade(a_line(1, price=None), a_line(2))), "price"),
            BadDocument(order_body(a_trade(a_line(1, divide_order_fee="81.00"), a_line(2))), "divide_order_fee"),
            BadDocument(order_body(a_trade(a_line(1, divide_order_fee="79.00"), a_line(2))), "divide_order_fee"),
        ),
        bad_cases=(
            BadDocument(case_body(a_refund(refund_fee="ten")), "refund_fee"),
            BadDocument(case_body(a_refund(status="")), "status"),
            BadDocument(case_body(a_refund(modified=None)), "modified"),
            BadDocument(case_body(a_refund(refund_id="")), "refund_id"),
        ),
        empty_list=EMPTY,
    )

    def test_a_good_account_passes_the_check(self, vendor: Taobao, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize("code", [25, 27, 28])
    def test_refused_credentials_fail_the_check_with_the_remedy(
        self, vendor: Taobao, platform: responses.RequestsMock, code: int
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=error_body(code))
        report = vendor.check()
        assert not report.ok
        assert "authorise the shop again" in report.words

    def test_an_unreachable_platform_fails_the_check(self, vendor: Taobao, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, status=503)
        assert not vendor.check().ok
