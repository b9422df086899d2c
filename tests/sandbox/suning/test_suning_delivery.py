"""Shipping as Suning takes it: lines one by one, partial success, changed waybills, carriers, stock and listings."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import Caller, window

ADD, MODIFY = "orderdelivery.add", "orderdelivery.modify"
NOT_TO_SHIP = "biz.orderDelivery.order-status:error"


def refused(shop: Caller, number: str, **changed: Any) -> str:
    return shop.code(ADD, "orderDelivery", **{**shop.parcel(number), **changed})


def test_an_order_ships_whole_and_only_once(shop: Caller) -> None:
    number = shop.make("split")
    assert shop.ship(number) == ["Y", "Y"]
    line = shop.order(number)["orderDetail"][1]
    assert (line["expressno"], line["expresscompanycode"], line["orderLineStatus"]) == ("ZTO1000000001", "Z01", "20")
    assert refused(shop, number, expressNo="ZTO1000000002") == NOT_TO_SHIP
    assert len(shop.trade(number)["shipments"]) == 1
    kept = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert [found["tid"] for found in kept] == [number]


def test_lines_ship_in_parcels_of_their_own(shop: Caller) -> None:
    number = shop.make("split")
    assert shop.ship(number, f"{number}01") == ["Y"]
    assert shop.order(number)["orderTotalStatus"] == "21"
    assert shop.ship(number, waybill="ZTO1000000002") == ["N", "Y"]
    assert [line["expressno"] for line in shop.order(number)["orderDetail"]] == ["ZTO1000000001", "ZTO1000000002"]
    assert [found["oids"] for found in shop.trade(number)["shipments"]] == [[f"{number}01"], [f"{number}02"]]


def test_goods_name_lines_unless_they_stand_on_two(shop: Caller) -> None:
    number, twice = shop.make("split"), shop.make("repeated_goods")
    goods = [line["productCode"] for line in shop.order(number)["orderDetail"]]
    told = shop.parcel(number, orderLineNumbers={}, sendDetail={"productCode": goods[0]})
    (row,) = shop.ok(ADD, "orderDelivery", **told)["sendDetail"]
    assert row == {"productCode": goods[0], "orderLineNumber": f"{number}01", "sendresult": "Y"}
    repeated = shop.order(twice)["orderDetail"][-1]["productCode"]
    named = {"orderLineNumbers": {}, "sendDetail": {"productCode": [repeated]}}
    assert refused(shop, twice, **named) == "biz.orderDelivery.productcode-value:repeat"
    unknown = {"orderLineNumbers": {}, "sendDetail": {"productCode": ["1"]}}
    assert refused(shop, twice, **unknown) == "biz.orderDelivery.productcode-value:inexistence"
    assert set(shop.ship(twice, waybill="ZTO1000000003")) == {"Y"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"orderCode": ""}, "biz.orderDelivery.missing-parameter:orderCode"),
        ({"expressNo": ""}, "biz.orderDelivery.missing-parameter:expressNo"),
        ({"expressCompanyCode": ""}, "biz.orderDelivery.missing-parameter:expressCompanyCode"),
        ({"orderCode": "99"}, "biz.orderDelivery.ordercode-value:inexistence"),
        ({"expressCompanyCode": "X99"}, "biz.orderDelivery.expresscompanycode-value:inexistence"),
        ({"expressNo": "顺丰"}, "biz.orderDelivery.expressno-format:error"),
        ({"deliveryTime": "today"}, "biz.custom.orderDelivery.invalid-biz:deliveryTime"),
        ({"orderLineNumbers": {}}, "biz.custom.orderDelivery.invalid-biz:orderLineNumber"),
        ({"orderLineNumbers": {"orderLineNumber": ["1"]}}, "biz.custom.orderDelivery.invalid-biz:orderLineNumber"),
        ({"orderLineNumbers": ["1"]}, "sys.check.request-params:error"),
    ],
)
def test_a_parcel_that_cannot_be_taken_is_refused(shop: Caller, changed: dict[str, Any], code: str) -> None:
    assert refused(shop, shop.make(), **changed) == code


def test_orders_that_are_not_to_be_shipped_are_refused(shop: Caller) -> None:
    closed, unpaid, taken = shop.make(), shop.make("unpaid"), shop.make()
    shop.verb(closed, "cancel")
    shop.verb(taken, "take_over")
    assert refused(shop, closed) == "biz.shutdown.order.cannot.delivery"
    assert refused(shop, unpaid) == NOT_TO_SHIP
    assert refused(shop, taken) == NOT_TO_SHIP
    assert {line["invCode"] for line in shop.order(taken)["orderDetail"]} == {"SN01"}


def test_only_orders_of_one_buyer_share_a_waybill(shop: Caller) -> None:
    made = shop.client.post("/_twin/trades", json={"kinds": {"merge_pairs": 1, "plain": 1}}).get_json()["tids"]
    (pair,), (other,) = made["merge_pairs"], made["plain"]
    for number in pair:
        assert set(shop.ship(number)) == {"Y"}
    assert refused(shop, other) == "biz.orderDelivery.expressno-value:existence"


def test_a_waybill_is_changed_for_the_lines_on_their_way(shop: Caller) -> None:
    number = shop.make("split")
    change = {**shop.parcel(number, waybill="SF9000000001"), "expressCompanyCode": "S01"}
    assert shop.code(MODIFY, "orderDelivery", **change) == NOT_TO_SHIP
    shop.ship(number, f"{number}02")
    told = shop.ok(MODIFY, "orderDelivery", **change)["sendDetail"]
    assert [row["sendresult"] for row in told] == ["N", "Y"]
    line = shop.order(number)["orderDetail"][1]
    assert (line["expressno"], line["expresscompanycode"]) == ("SF9000000001", "S01")
    assert [found["kind"] for found in shop.trade(number)["shipments"]] == ["online", "resend"]
    wrong = {**change, "expressCompanyCode": "X99"}
    assert shop.code(MODIFY, "orderDelivery", **wrong) == "biz.orderDelivery.expresscompanycode-value:inexistence"


def test_a_line_under_refund_still_ships_and_the_ledger_notes_it(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    shop.ship(number)
    (shipment,) = shop.trade(number)["shipments"]
    assert shipment["refund_open"]


def test_cash_on_delivery_is_paid_when_the_buyer_signs(shop: Caller) -> None:
    number = shop.make("cod")
    shop.ship(number)
    shop.verb(number, "sign")
    assert shop.order(number)["payTime"]
    shop.verb(number, "finish")
    assert shop.order(number)["orderTotalStatus"] == "30"


def test_carriers_are_listed_in_pages(shop: Caller) -> None:
    answer = shop.call("logisticcompany.query", "logisticCompany", pageNo="2", pageSize="10")
    assert answer["sn_head"]["totalSize"] == str(10 + len(answer["sn_body"]["logisticCompany"]))
    found = shop.ok("logisticcompany.query", "logisticCompany", pageNo="1", pageSize="50")
    assert {"expressCompanyCode": "Z01", "expressCompanyName": "中通快递"} in found
    assert shop.code("logisticcompany.query", "logisticCompany", pageNo="9") == "biz.handler.data-get:no-result"


def test_stock_is_set_by_the_platforms_number_or_the_sellers_code(shop: Caller) -> None:
    first = shop.ok("item.query", "item", pageNo="1", pageSize="50")[0]
    product, code = first["productCode"], first["itemCode"]
    synced = {"productCode": product, "invCode": "WH1", "invType": "1", "invQty": "17"}
    assert shop.ok("syncinventory.modify", "modifySyncinventory", **synced)["result"] == "Y"
    assert shop.client.get("/_twin/stock").get_json()["stock"][code] == 17
    shop.ok("inventory.modify", "inventory", itemCode=code, destInvNum="9")
    assert shop.ok("inventory.get", "inventory", productCode=product)["invQty"] == "9"


@pytest.mark.parametrize(
    ("method", "biz", "told", "code"),
    [
        ("syncinventory.modify", "modifySyncinventory", {"invQty": "1", "invType": "1"}, "missing-parameter:invCode"),
        ("inventory.modify", "inventory", {"productCode": "1"}, "biz.inventory.missing-parameter:destInvNum"),
        ("inventory.modify", "inventory", {"destInvNum": "1"}, "biz.custom.inventory.invalid-biz:itemCode"),
        ("inventory.modify", "inventory", {"destInvNum": "-1", "productCode": "1"}, "invalid-biz:destInvNum"),
        ("inventory.get", "inventory", {"productCode": "1"}, "biz.custom.inventory.invalid-biz:productCode"),
        ("item.query", "item", {"pageNo": "99"}, "biz.handler.data-get:no-result"),
    ],
)
def test_stock_that_cannot_be_read_is_refused(
    shop: Caller, method: str, biz: str, told: dict[str, str], code: str
) -> None:
    assert shop.code(method, biz, **told).endswith(code)


def test_a_dropped_answer_leaves_the_parcel_shipped(shop: Caller) -> None:
    number = shop.make()
    shop.faults({"kind": "timeout_after_accept", "match": "suning.custom.orderdelivery.add", "max_times": 1})
    with pytest.raises(ConnectionAbortedError, match="dropped the connection"):
        shop.ship(number)
    assert shop.order(number)["orderTotalStatus"] == "20"
    assert shop.ok("order.query", "orderQuery", **window())[0]["orderCode"] == number
