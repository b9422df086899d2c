"""Shipping as JD takes it: whole orders, several parcels in one call, waybills changed, states and carriers checked."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import Caller

UPDATE = "360buy.order.sop.waybill.update"


def update(shop: Caller, number: str, carrier: str = "463", waybill: str = "YT2000000002") -> dict[str, Any]:
    return shop.call(UPDATE, order_id=number, logistics_id=carrier, waybill=waybill, trade_no="1")


def test_an_order_ships_whole_and_only_once(shop: Caller) -> None:
    number = shop.make("split")
    done = shop.ship(number)
    assert (done["success"], done["chineseErrCode"]) == ("true", "SOP订单 订单出库成功")
    order = shop.order(number)
    assert (order["logisticsId"], order["waybill"]) == ("467", "SF1000000001")
    again = shop.ship(number)
    assert (again["success"], again["errorCode"]) == ("false", "10400014")
    trade = shop.trade(number)
    (shipment,) = trade["shipments"]
    assert shipment["oids"] == [line["oid"] for line in trade["lines"]]
    refused = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert [found["tid"] for found in refused] == [number]


def test_several_parcels_of_several_carriers_go_in_one_call(shop: Caller) -> None:
    number = shop.make()
    assert shop.ship(number, "467|463", "SF1000000001,SF1000000002|YT2000000001")["success"] == "true"
    order = shop.order(number)
    assert order["logisticsId"] == "467|463"
    assert order["waybill"] == "SF1000000001,SF1000000002|YT2000000001"


@pytest.mark.parametrize(
    ("carriers", "waybills", "word"),
    [
        ("99999", "SF1000000001", "LOGISTICS_COMPANY_ERROR"),
        ("467|463", "SF1000000001", "WAYBILL_ERROR"),
        ("467", "", "WAYBILL_ERROR"),
        ("467", "顺丰", "WAYBILL_ERROR"),
    ],
)
def test_parcels_that_jd_cannot_read_are_refused(shop: Caller, carriers: str, waybills: str, word: str) -> None:
    number = shop.make()
    assert shop.ship(number, carriers, waybills)["englishErrCode"] == word
    assert shop.order(number)["orderState"] == "WAIT_SELLER_STOCK_OUT"


def test_the_seller_may_deliver_without_a_number(shop: Caller) -> None:
    assert shop.ship(shop.make(), "1274", "")["success"] == "true"


@pytest.mark.parametrize("kind", ["warehouse", "held", "group_buy", "loc"])
def test_orders_that_are_not_the_sellers_to_ship_are_refused(shop: Caller, kind: str) -> None:
    number = shop.make(kind)
    assert shop.ship(number)["success"] == "false"
    assert not shop.trade(number)["payable"]


def test_locked_cancelled_and_unpaid_orders_cannot_be_shipped(shop: Caller) -> None:
    locked, gone, unpaid = shop.make(), shop.make(), shop.make("unpaid")
    shop.verb(locked, "refund")
    shop.verb(gone, "cancel")
    assert shop.ship(locked)["englishErrCode"] == "ORDER_LOCKED"
    assert shop.ship(gone)["englishErrCode"] == "ORDER_STATE_ERROR"
    assert shop.ship(unpaid)["englishErrCode"] == "ORDER_NOT_EXIST"


def test_a_waybill_can_be_changed_once_the_order_has_left(shop: Caller) -> None:
    number = shop.make()
    assert update(shop, number)["error_response"]["code"] == "10400014"
    shop.ship(number)
    assert update(shop, number)["order_sop_waybill_update_response"]["code"] == "0"
    assert shop.order(number)["waybill"] == "YT2000000002"
    trade = shop.trade(number)
    assert [found["kind"] for found in trade["shipments"]] == ["online", "resend"]
    assert trade["lines"][0]["waybills"] == ["YT2000000002"]


def test_the_old_call_ships_and_refuses_in_the_gateways_form(shop: Caller) -> None:
    number = shop.make()
    business = {"order_id": number, "logistics_id": "467", "waybill": "SF1000000001", "trade_no": "1"}
    assert shop.ok("360buy.order.sop.outstorage", **business)
    assert shop.call("360buy.order.sop.outstorage", **business)["error_response"]["code"] == "10400014"


@pytest.mark.parametrize("name", ["orderId", "logiCoprId"])
def test_a_missing_parameter_of_a_shipment_is_named(shop: Caller, name: str) -> None:
    whole = {"orderId": "1", "logiCoprId": "467", "logiNo": "SF1000000001"}
    answer = shop.call("jingdong.pop.order.shipment", **{key: whole[key] for key in whole if key != name})
    assert answer["error_response"]["en_desc"].endswith(name)


def test_a_dropped_answer_leaves_the_shipment_done(shop: Caller) -> None:
    number = shop.make()
    shop.faults({"kind": "timeout_after_accept", "match": "*shipment", "max_times": 1})
    with pytest.raises(ConnectionAbortedError):
        shop.ship(number)
    assert shop.order(number)["orderState"] == "WAIT_GOODS_RECEIVE_CONFIRM"


def test_a_remark_is_overwritten_with_its_flag_and_moves_the_order(shop: Caller) -> None:
    first, second = shop.make(), shop.make()
    write = {"order_id": first, "flag": 3, "remark": "已联系客户"}
    assert shop.ok("jingdong.pop.order.modifyVenderRemark", **write)["modifyvenderremark_result"]["success"]
    assert shop.order(first)["venderRemark"] == "已联系客户"
    read = shop.ok("jingdong.order.venderRemark.queryByOrderId", order_id=first)["venderRemarkQueryResult"]
    assert (read["vender_remark"]["remark"], read["vender_remark"]["flag"]) == ("已联系客户", "3")
    assert [order["orderId"] for order in shop.search()["orderInfoList"]] == [second, first]


def test_a_remark_too_long_or_with_a_strange_flag_is_refused(shop: Caller) -> None:
    number = shop.make()
    method = "jingdong.pop.order.modifyVenderRemark"
    told = shop.ok(method, order_id=number, flag=1, remark="长" * 501)["modifyvenderremark_result"]
    assert (told["success"], told["englishErrCode"]) == (False, "REMARK_TOO_LONG")
    assert shop.call(method, order_id=number, flag=6, remark="x")["error_response"]["code"] == "10100002"
    missing = shop.ok("jingdong.order.venderRemark.queryByOrderId", order_id="1")["venderRemarkQueryResult"]
    assert missing["api_jos_result"]["success"] is False
