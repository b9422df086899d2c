"""Goods that come back: announced once, received whole, damaged, short or unplanned."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from .documents import PERSON, a_cancel, a_line, a_return
from .harness import Caller, Hub, verdict

HEADER = ("warehouseCode", "preDeliveryOrderCode", "logisticsCode")


def kinds(confirm: Element, line: int = 0) -> dict[str | None, str | None]:
    node = confirm.findall("orderLines/orderLine")[line]
    return {b.findtext("inventoryType"): b.findtext("actualQty") for b in node.findall("batchs/batch")}


def announce(caller: Caller) -> None:
    assert verdict(caller.send("returnorder.create", a_return()))[0] == "success"


def test_every_missing_field_is_named(caller: Caller) -> None:
    assert verdict(caller.send("returnorder.create", a_return(None)))[1] == "returnOrderCode不能为空"
    for name in HEADER:
        assert verdict(caller.send("returnorder.create", a_return(**{name: None})))[1] == f"{name}不能为空"
    for name in ("name", "mobile", "province", "city", "detailAddress"):
        body = a_return(senderInfo={**PERSON, name: None})
        assert verdict(caller.send("returnorder.create", body))[1] == f"senderInfo.{name}不能为空"
    for name in ("ownerCode", "itemCode", "planQty"):
        body = a_return(lines=[a_line(**{name: None})])
        assert verdict(caller.send("returnorder.create", body))[1] == f"{name}不能为空"
    assert verdict(caller.send("returnorder.create", a_return(lines=[])))[1] == "orderLines不能为空"
    assert verdict(caller.send("returnorder.create", a_return(orderType="JYCK")))[1] == "orderType不合法"


def test_a_return_is_announced_once_and_received_after_a_while(caller: Caller, hub: Hub) -> None:
    ids = {caller.send("returnorder.create", a_return()).findtext("returnOrderId") for _ in range(2)}
    assert ids == {"WMSRO-900"}
    caller.pass_time(90)
    (confirm,) = hub.documents("returnorder.confirm")
    assert confirm.findtext("returnOrder/returnOrderCode") == "RO1"
    assert confirm.findtext("orderLines/orderLine/actualQty") == "2"
    assert kinds(confirm) == {"ZP": "2"}


def test_shares_of_returns_are_damaged_or_short(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(shares={"return_defect": 1.0, "return_short": 1.0})
    announce(caller)
    caller.pass_time(90)
    (confirm,) = hub.documents("returnorder.confirm")
    assert confirm.findtext("orderLines/orderLine/actualQty") == "1"
    assert kinds(confirm) == {"CC": "1"}


def test_a_return_is_received_by_hand_with_unplanned_goods(caller: Caller, hub: Hub) -> None:
    announce(caller)
    lines: list[dict[str, Any]] = [
        {"line_no": "1", "good": 1, "defective": 1},
        {"owner": "OWNER01", "item": "SKU-X", "good": 1},
    ]
    caller.control("returns/RO1/receive", lines=lines)
    caller.pass_time(90)
    (confirm,) = hub.documents("returnorder.confirm")
    assert kinds(confirm) == {"ZP": "1", "CC": "1"}
    extra = confirm.findall("orderLines/orderLine")[1]
    assert (extra.findtext("itemCode"), extra.findtext("planQty"), extra.findtext("actualQty")) == ("SKU-X", "0", "1")


def test_a_return_is_received_once(caller: Caller) -> None:
    announce(caller)
    caller.control("returns/RO1/receive", lines=[{"line_no": "1", "good": 2}])
    assert "only a NEW one" in caller.control("returns/RO1/receive", status=409, lines=[])["error"]
    assert "no return RO9" in caller.control("returns/RO9/receive", status=409, lines=[])["error"]


def test_a_wrong_line_receives_nothing(caller: Caller) -> None:
    announce(caller)
    caller.control("returns/RO1/receive", status=409, lines=[{"line_no": "1", "good": 1}, {"line_no": "7", "good": 1}])
    (known,) = caller.client.get("/_twin/ledger").get_json()["returns"]
    assert (known["status"], known["lines"][0]["good"]) == ("NEW", 0)


def test_returned_goods_are_in_stock_again(caller: Caller) -> None:
    announce(caller)
    caller.control("returns/RO1/receive", lines=[{"line_no": "1", "good": 1, "defective": 1}])
    rows = caller.twin.storage.rows("select inventory_type, on_hand from stock order by inventory_type")
    assert [tuple(row) for row in rows] == [("CC", 1), ("ZP", 1_000_001)]


def test_a_return_can_be_cancelled_until_it_is_received(caller: Caller, hub: Hub) -> None:
    announce(caller)
    assert verdict(caller.send("order.cancel", a_cancel("RO1")))[0] == "success"
    caller.pass_time(90)
    assert "returnorder.confirm" not in hub.methods()


def test_a_received_return_cannot_be_cancelled(caller: Caller) -> None:
    announce(caller)
    caller.pass_time(90)
    assert verdict(caller.send("order.cancel", a_cancel("RO1"))) == ("failure", "当前状态不允许取消")


@pytest.mark.parametrize("customer", ["c2"])
def test_another_customer_cannot_take_a_return_code(caller: Caller, customer: str) -> None:
    announce(caller)
    body = a_return(warehouseCode="WH-GZ-01")
    assert verdict(caller.send("returnorder.create", body, customerId=customer)) == (
        "failure",
        "退货单号已被其他货主占用",
    )
