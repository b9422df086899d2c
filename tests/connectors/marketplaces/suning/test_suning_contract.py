"""Suning keeps every promise of a marketplace connector."""

from __future__ import annotations

import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import StockLevel
from connectors.marketplaces.suning import Suning
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.suning.papers import (
    NAME,
    ORDER,
    PHONE,
    STREET,
    a_line,
    a_return,
    an_order,
    answer,
    case_body,
    error_body,
    order_body,
)

LEVEL = StockLevel("180000001", "180000001", 5)
EMPTY = error_body("biz.handler.data-get:no-result", "没有符合条件的数据")
OVERDUE = error_body("sys.oauth.check.access_token:overdue", "access_token过期")
DISCOUNTED = a_line(
    1,
    payAmount="50.00",
    coupontotalMoney="30.00",
    transportFee="6.00",
    paymentList=[
        {"paycode": "6901", "banktypecode": "10004", "payamount": "20.00"},
        {"paycode": "6901", "banktypecode": "10006", "payamount": "10.00"},
        {"banktypecode": "7901", "payamount": "56.00"},
    ],
)


class TestContract(MarketplaceSuite):
    """The suite of every marketplace."""

    connector = Suning
    kit = Kit(
        read=lambda suning: suning.get_order(ORDER),
        write=lambda suning: suning.push_stock([LEVEL]),
        settings=(("since", "2026-03-01T20:00:00+08:00"), ("line_statuses", ""), ("cod_codes", "8801")),
        refusals=(
            Refusal(OVERDUE, AuthFailed),
            Refusal(error_body("sys.oauth.check.access_token:inexistence"), AuthFailed),
            Refusal(error_body("sys.check.oauth-permission:authority"), AuthFailed),
            Refusal(error_body("sys.check.api-permission:authority"), AuthFailed),
            Refusal(error_body("sys.check.method-permission:authority"), AuthFailed, writing=True),
            Refusal(error_body("sys.check.header-param:forbidden"), AuthFailed),
            Refusal(error_body("sys.check.request-apprequesttime:error"), Refused),
            Refusal(error_body("sys.check.page-param:error"), Refused),
            Refusal(error_body("sys.check.api-flow:overrun"), RateLimited),
            Refusal(error_body("sys.service:timeout"), Retryable),
            Refusal(error_body("sys.service:timeout"), OutcomeUnknown, writing=True),
            Refusal(error_body("biz.custom.inventory.invalid-biz:operate failed,retry later"), Retryable, writing=True),
            Refusal(error_body("biz.orderget.ordercode-format:error"), Refused),
            Refusal(EMPTY, Refused),
        ),
        private=(NAME, PHONE, STREET),
        orders=(
            order_body(an_order()),
            order_body(an_order(DISCOUNTED, a_line(2, payAmount="86.00", transportFee="6.00"))),
            order_body(an_order(a_line(1, paymentList={"banktypecode": "8801", "payamount": "80.00"}), a_line(2))),
            answer("orderGet", an_order(invoiceHead="个人", invoiceType="05")),
        ),
        cases=(case_body(a_return()), answer("batchQueryRejected", [a_return(statusDesc="4", expressNo="77001")])),
        bad_orders=(
            BadDocument(order_body(an_order(orderCode="")), "orderCode"),
            BadDocument(order_body(an_order(orderTotalStatus=None)), "orderTotalStatus"),
            BadDocument(order_body(an_order(orderSaleTime="yesterday")), "orderSaleTime"),
            BadDocument(order_body(an_order(orderDetail=[])), "orderDetail"),
            BadDocument(order_body(an_order(orderDetail=["x"])), "orderDetail"),
            BadDocument(order_body(an_order(a_line(saleNum="0"))), "saleNum"),
            BadDocument(order_body(an_order(a_line(saleNum="1.5"))), "saleNum"),
            BadDocument(order_body(an_order(a_line(unitPrice="dear"))), "unitPrice"),
            BadDocument(order_body(an_order(a_line(unitPrice=""))), "unitPrice"),
            BadDocument(order_body(an_order(a_line(payAmount=""))), "payAmount"),
            BadDocument(order_body(an_order(a_line(payAmount="81.00"))), "payAmount"),
        ),
        bad_cases=(
            BadDocument(case_body(a_return(orderCode="")), "orderCode"),
            BadDocument(case_body(a_return(applyTime="")), "applyTime"),
            BadDocument(case_body(a_return(returnMoney="ten")), "returnMoney"),
            BadDocument(case_body(a_return(returnMoney="", dealMoney="")), "returnMoney"),
        ),
        empty_list=EMPTY,
    )

    def test_a_good_account_passes_the_check(self, vendor: Suning, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=EMPTY)
        assert vendor.check().ok

    @pytest.mark.parametrize("body", [OVERDUE, error_body("sys.check.signInfo:error")])
    def test_refused_credentials_fail_the_check_with_the_remedy(
        self, vendor: Suning, platform: responses.RequestsMock, body: bytes
    ) -> None:
        platform.add(responses.POST, EVERYWHERE, body=body)
        report = vendor.check()
        assert not report.ok
        assert "authorise the shop again" in report.words
