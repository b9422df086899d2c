"""Youzan keeps every promise of a marketplace connector."""

from __future__ import annotations

import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.youzan import Youzan
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, BadDocument, Kit, MarketplaceSuite, Refusal
from tests.connectors.marketplaces.youzan.papers import (
    CASE,
    CLIENT,
    NAME,
    ORDER,
    PHONE,
    STREET,
    a_case,
    a_line,
    a_parcel,
    a_push,
    an_order,
    answer,
    case_body,
    error_body,
    gateway_error,
    order_body,
)

PARCEL = ShipmentNotice(ORDER, "ZTO", "77001", True, NOW)
REFUND = {"refund_id": CASE, "refund_state": 10, "oids": [{"oid": "2600000000000000001"}]}
LEFT = an_order() | {"delivery_order": [a_parcel("77001", "2600000000000000001")], "refund_order": [REFUND]}
FREIGHT_INSIDE = an_order(a_line(1, payment="82.00"), a_line(2, payment="84.00"), express_type=9)


class TestContract(MarketplaceSuite, PushSuite):
    """The suites of every marketplace and of those that push."""

    connector = Youzan
    kit = Kit(
        read=lambda youzan: youzan.get_order(ORDER),
        write=lambda youzan: youzan.push_shipment(PARCEL),
        settings=(("since", "2026-03-01T20:00:00+08:00"), ("carriers", "ZTO=3"), ("client_id", CLIENT)),
        refusals=(
            Refusal(gateway_error(4202), AuthFailed),
            Refusal(gateway_error(4203, "Token 不存在"), AuthFailed),
            Refusal(gateway_error(4201), AuthFailed, writing=True),
            Refusal(gateway_error(4204), AuthFailed),
            Refusal(gateway_error(4101), RateLimited),
            Refusal(gateway_error(4005), Refused),
            Refusal(gateway_error(5001), Retryable),
            Refusal(gateway_error(5001), OutcomeUnknown, writing=True),
            Refusal(error_body(106100118), Retryable),
            Refusal(error_body(-100), OutcomeUnknown, writing=True),
            Refusal(error_body(5000, "trade not found"), Refused),
            Refusal(error_body(102570038), Refused, writing=True),
            Refusal(answer(is_success=False), OutcomeUnknown, writing=True),
        ),
        private=(NAME, PHONE, STREET),
        orders=(
            order_body(an_order()),
            order_body(LEFT),
            order_body(FREIGHT_INSIDE),
            order_body(an_order(a_line(1, payment="70.10"), pay={"payment": "70.10", "post_fee": "0.00"})),
        ),
        cases=(case_body(a_case()), case_body(a_case(demand=2, status="WAIT_SELLER_CONFIRM_GOODS"))),
        bad_orders=(
            BadDocument(order_body(an_order(tid="")), "tid"),
            BadDocument(order_body(an_order(status="")), "status"),
            BadDocument(order_body(an_order(update_time="yesterday")), "update_time"),
            BadDocument(order_body(an_order(pay={"payment": "166.01"})), "payment"),
            BadDocument(order_body(an_order(pay={"payment": ""})), "payment"),
            BadDocument(order_body(an_order(a_line(num=0), pay={"payment": "86.00"})), "num"),
            BadDocument(order_body(an_order(a_line(price="dear"), pay={"payment": "86.00"})), "price"),
            BadDocument(order_body(an_order(a_line(), a_line())), "oid"),
        ),
        bad_cases=(
            BadDocument(case_body(a_case(tid="")), "tid"),
            BadDocument(case_body(a_case(refund_fee="ten")), "refund_fee"),
            BadDocument(case_body(a_case(refund_id="R1", created="")), "created"),
        ),
        empty_list=answer(total_results=0, full_order_info_list=[], total=0, refunds=[]),
        pushes=(a_push(), a_push("youzan_trade_RefundCreated", refund_id=CASE, tid=ORDER)),
    )

    def test_a_good_account_passes_the_check(self, vendor: Youzan, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=self.kit.empty_list)
        assert vendor.check().ok

    def test_bad_credentials_fail_the_check(self, vendor: Youzan, platform: responses.RequestsMock) -> None:
        platform.add(responses.POST, EVERYWHERE, body=gateway_error(4201))
        assert not vendor.check().ok
