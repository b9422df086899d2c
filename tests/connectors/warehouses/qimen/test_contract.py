"""Qimen keeps the promises of every warehouse."""

from __future__ import annotations

from typing import ClassVar

from connectors.contract import errors as e
from connectors.warehouses.qimen import QimenWarehouse
from tests.connectors.contract_kit import NOW
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import Kit, Refusal, WarehouseSuite
from tests.connectors.warehouses.qimen.factories import (
    RECEIVER,
    REF,
    SECRET,
    a_confirm,
    a_notice,
    a_push,
    envelope,
    failure,
)

XML = "text/xml"


class TestContract(PushSuite, WarehouseSuite):
    connector: ClassVar = QimenWarehouse
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.find_fulfilment(REF),
        write=lambda vendor: vendor.create_fulfilment(a_notice()),
        settings=(("customer_id", "c1"), ("secret", SECRET)),
        refusals=(
            Refusal(failure("货主未开通"), e.Refused, content_type=XML),
            Refusal(failure("收件地址超区"), e.Refused, content_type=XML, writing=True),
            Refusal(
                envelope("<success>false</success><errorCode>sign-check-failure</errorCode><errorMsg>no</errorMsg>"),
                e.AuthFailed,
                content_type=XML,
            ),
            Refusal(failure("slow down", "app-call-limited"), e.RateLimited, content_type=XML, writing=True),
            Refusal(failure("later", "isp.remote-service-error"), e.OutcomeUnknown, content_type=XML, writing=True),
            Refusal(failure("later", "isp.remote-service-error"), e.Retryable, content_type=XML),
        ),
        sent=(RECEIVER.name, RECEIVER.phone, RECEIVER.address),
        pushes=(
            a_push("deliveryorder.confirm", a_confirm(), at=NOW, timestamp="2026-03-02 12:00:00"),
            a_push(
                "taobao.qimen.deliveryorder.confirm",
                a_confirm(out_biz_code="MSG-2"),
                at=NOW,
                timestamp="2026-03-02 12:00:30",
                sign_method="hmac-sha256",
            ),
        ),
        stale_pushes=(a_push("deliveryorder.confirm", a_confirm(), at=NOW, timestamp="2026-03-02 11:49:59"),),
    )
