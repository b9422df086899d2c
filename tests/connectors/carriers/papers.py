"""A package for the tests of those who give out waybill numbers; all values invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.contract import notices as n
from connectors.contract.records import ReceiverRecord

SENDER = n.Sender("示例仓", "13000000001", "浙江省", "杭州市", "余杭区", "五常街道", "示例路一号")
RECEIVER = ReceiverRecord(
    name="测试人甲", phone="13000000002", state="上海市", city="上海市", district="徐汇区", town="", address="示例弄三号"
)
NOTICE = n.LabelNotice(
    "F1234-2_1", "ZTO", SENDER, RECEIVER, ("900000000000000001",), (n.LabelItem("示例T恤", 3),), platform="TB",
    token_order_no="900000000000000001", weight_g=420, template_url="http://print.example.invalid/t/1",
)  # fmt: skip
#: What may not come back in an exception.
PEOPLE = (RECEIVER.name, RECEIVER.phone, RECEIVER.address, SENDER.name, SENDER.phone, SENDER.street)


def a_notice(**changes: Any) -> n.LabelNotice:
    return replace(NOTICE, **changes)


def masked(**tokens: str) -> ReceiverRecord:
    return replace(RECEIVER, name="测**", phone="*******0002", address="****", masked=True, tokens=tokens)
