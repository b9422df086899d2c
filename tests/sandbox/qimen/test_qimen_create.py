"""deliveryorder.create: what is required, which amounts must agree, and that a repeat ships nothing twice."""

from collections.abc import Callable
from typing import Any

import pytest

from .documents import LINE, PERSON, a_cancel, a_delivery, a_line, an_item
from .harness import Caller, Hub, verdict

HEADER = (
    "orderType", "warehouseCode", "createTime", "placeOrderTime", "operateTime", "shopNick", "logisticsCode",
)  # fmt: skip
PARTY = ("name", "mobile", "province", "city", "detailAddress")
MONEY = {
    "totalAmount": "212.00", "itemAmount": "220.00", "discountAmount": "20.00", "freight": "12.00",
    "arAmount": "0.00", "gotAmount": "212.00",
}  # fmt: skip


def create(caller: Caller, body: str) -> tuple[str | None, str | None]:
    return verdict(caller.send("deliveryorder.create", body))


def test_an_accepted_order_gets_an_id_and_a_time(caller: Caller) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(**MONEY))
    assert verdict(answer) == ("success", "ok")
    assert answer.findtext("deliveryOrderId") == "WMSDO-55001"
    assert len(answer.findtext("createTime") or "") == 19


def test_every_missing_header_field_is_named(caller: Caller) -> None:
    assert create(caller, a_delivery(None)) == ("failure", "deliveryOrderCode不能为空")
    for name in HEADER:
        assert create(caller, a_delivery(**{name: None})) == ("failure", f"{name}不能为空")


@pytest.mark.parametrize("party", ["senderInfo", "receiverInfo"])
def test_every_missing_part_of_an_address_is_named(caller: Caller, party: str) -> None:
    for name in PARTY:
        body = a_delivery(**{party: {**PERSON, name: " "}})
        assert create(caller, body) == ("failure", f"{party}.{name}不能为空")


def test_every_missing_line_field_is_named(caller: Caller) -> None:
    assert create(caller, a_delivery(lines=[])) == ("failure", "orderLines不能为空")
    for name in ("ownerCode", "itemCode", "planQty", "actualPrice"):
        assert create(caller, a_delivery(lines=[{**LINE, name: None}])) == ("failure", f"{name}不能为空")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"totalAmount": "213.00"}, "totalAmount不等于arAmount加gotAmount"),
        ({"gotAmount": "211.00"}, "totalAmount不等于arAmount加gotAmount"),
        ({"itemAmount": "221.00"}, "totalAmount不等于itemAmount减discountAmount加freight"),
        ({"freight": None}, "totalAmount不等于itemAmount减discountAmount加freight"),
        ({"arAmount": "12.00", "gotAmount": "200.00"}, "COD标记与arAmount不一致"),
        ({"orderFlag": "PRESELL^COD"}, "COD标记与arAmount不一致"),
        ({"totalAmount": "二百"}, "totalAmount不合法"),
        ({"freight": "12.001"}, "freight不合法"),
        ({"freight": "NaN"}, "freight不合法"),
    ],
)
def test_amounts_that_do_not_agree_are_refused(caller: Caller, changes: dict[str, Any], message: str) -> None:
    assert create(caller, a_delivery(**{**MONEY, **changes})) == ("failure", message)


def test_cash_on_delivery_names_the_amount_to_collect(caller: Caller) -> None:
    money = {**MONEY, "arAmount": "212.00", "gotAmount": "0.00"}
    assert create(caller, a_delivery(orderFlag="COD^LIMIT", **money))[0] == "success"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"planQty": "0"}, "planQty不合法"),
        ({"planQty": "-1"}, "planQty不合法"),
        ({"planQty": "1.5"}, "planQty不合法"),
        ({"inventoryType": "XX"}, "inventoryType不合法"),
        ({"itemCode": "S" * 51}, "itemCode长度超过50"),
        ({"retailPrice": "100.00"}, "retailPrice不等于actualPrice加discountAmount"),
        ({"retailPrice": "100.00", "discountAmount": "9.00"}, "retailPrice不等于actualPrice加discountAmount"),
    ],
)
def test_a_wrong_line_is_refused(caller: Caller, changes: dict[str, Any], message: str) -> None:
    assert create(caller, a_delivery(lines=[a_line(**changes)])) == ("failure", message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"orderType": "THRK"}, "orderType不合法"),
        ({"createTime": "2026/11/21"}, "createTime格式应为yyyy-MM-dd HH:mm:ss"),
        ({"warehouseCode": "WH-NONE"}, "仓库不存在:WH-NONE"),
        ({"warehouseCode": "WH-GZ-01"}, "仓库不存在:WH-GZ-01"),
        ({"code": "D" * 51}, "deliveryOrderCode长度超过50"),
        ({"lines": [a_line(1), a_line(1)]}, "orderLineNo重复"),
    ],
)
def test_a_wrong_header_is_refused(caller: Caller, changes: dict[str, Any], message: str) -> None:
    assert create(caller, a_delivery(**changes)) == ("failure", message)


def test_only_the_owners_of_a_warehouse_may_use_it(caller: Caller) -> None:
    body = a_delivery(warehouseCode="WH-GZ-01")
    assert verdict(caller.send("deliveryorder.create", body, customerId="c2")) == ("failure", "货主不存在:OWNER01")


def test_the_warehouse_chooses_when_the_hub_leaves_it_open(caller: Caller) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(warehouseCode="OTHER"))
    assert (answer.findtext("warehouseCode"), answer.findtext("logisticsCode")) == ("WH-HZ-01", "ZTO")


def test_the_same_code_again_is_answered_alike_and_ships_once(caller: Caller, hub: Hub) -> None:
    ids = {caller.send("deliveryorder.create", a_delivery()).findtext("deliveryOrderId") for _ in range(3)}
    caller.pass_time(40)
    assert ids == {"WMSDO-55001"}
    order = caller.ledger("DO1")
    assert (order["created_times"], len(order["parcels"]), order["lines"][0]["actual"]) == (3, 1, 1)
    assert hub.methods()["deliveryorder.confirm"] == 1


def test_the_same_code_after_shipping_does_not_ship_again(caller: Caller) -> None:
    create(caller, a_delivery())
    caller.advance("DO1", "DELIVERED")
    assert create(caller, a_delivery())[0] == "success"
    caller.pass_time(40)
    assert len(caller.ledger("DO1")["parcels"]) == 1


def test_duplicates_are_refused_when_so_configured(start: Callable[..., Caller]) -> None:
    caller = start(duplicate_answer="failure")
    assert create(caller, a_delivery())[0] == "success"
    assert create(caller, a_delivery()) == ("failure", "重复的出库单号")
    assert caller.ledger("DO1")["created_times"] == 2


def test_a_cancelled_code_cannot_come_back(caller: Caller) -> None:
    create(caller, a_delivery())
    caller.send("order.cancel", a_cancel())
    assert create(caller, a_delivery()) == ("failure", "单据已取消,不能再次创建")


def test_another_customer_cannot_take_a_code(caller: Caller) -> None:
    create(caller, a_delivery())
    body = a_delivery(warehouseCode="WH-GZ-01")
    answer = verdict(caller.send("deliveryorder.create", body, customerId="c2"))
    assert answer == ("failure", "出库单号已被其他货主占用")


def test_strict_items_must_have_been_synchronised(start: Callable[..., Caller]) -> None:
    caller = start(strict_items=True, strict_item_ids=True)
    assert create(caller, a_delivery()) == ("failure", "商品不存在:SKU-A")
    item_id = caller.send("singleitem.synchronize", an_item()).findtext("itemId")
    assert create(caller, a_delivery()) == ("failure", "itemId不能为空:SKU-A")
    assert create(caller, a_delivery(lines=[a_line(itemId="WMS-9")])) == ("failure", "itemId与商品不一致:SKU-A")
    assert create(caller, a_delivery(lines=[a_line(itemId=item_id)]))[0] == "success"


def test_a_share_of_orders_is_refused(caller: Caller) -> None:
    caller.control("share", refuse=1.0)
    assert create(caller, a_delivery()) == ("failure", "超出配送范围")
    caller.control("share", refuse=0.0)
    assert create(caller, a_delivery())[0] == "success"


def test_an_unknown_share_is_refused(caller: Caller) -> None:
    assert "unknown share" in caller.control("share", status=400, partially=0.5)["error"]
    assert "between 0 and 1" in caller.control("share", status=400, partial=1.5)["error"]
