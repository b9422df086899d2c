"""Parcels, notes, goods and stock as the seller's system tells them."""

from __future__ import annotations

import pytest

from tests.sandbox.pinduoduo.caller import Caller

SEND = "pdd.logistics.online.send"


def told(number: str, **more: object) -> dict[str, object]:
    return {"order_sn": number, "logistics_id": 115, "tracking_number": "73100000000001", **more}


def test_one_parcel_ships_the_whole_order(shop: Caller) -> None:
    number = shop.one("split")
    assert shop.send(number)["is_success"] is True
    order = shop.order(number)
    assert (order["order_status"], order["logistics_id"], order["tracking_number"]) == (2, 115, "73100000000001")
    assert order["shipping_time"] != ""
    found = shop.ledger(number)
    assert [line["status"] for line in found["lines"]] == ["shipped", "shipped"]
    assert [(sent["company_code"], sent["kind"]) for sent in found["shipments"]] == [("ZTO", "online")]


def test_a_second_first_parcel_is_refused_and_kept(shop: Caller) -> None:
    number = shop.one()
    shop.send(number)
    assert shop.refused(SEND, **told(number)) == (50001, "订单已发货，请勿重复发货")
    refused = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert [(row["tid"], row["reason"]) for row in refused] == [(number, "订单已发货，请勿重复发货")]


def test_a_waybill_is_put_in_the_place_of_the_first(shop: Caller) -> None:
    number = shop.one()
    assert shop.refused(SEND, **told(number, redelivery_type=2))[0] == 50001
    shop.send(number)
    shop.call(SEND, **told(number, redelivery_type=2, logistics_id=44, tracking_number="SF0000000001"))
    order = shop.order(number)
    assert (order["logistics_id"], order["tracking_number"]) == (44, "SF0000000001")
    assert [sent["kind"] for sent in shop.ledger(number)["shipments"]] == ["online", "resend"]
    assert shop.ledger(number)["lines"][0]["waybills"] == ["SF0000000001"]


def test_further_parcels_are_added_to_a_shipped_order(shop: Caller) -> None:
    number = shop.one("split")
    extra = {"order_sn": number, "extra_track_list": [{"shipping_id": 85, "tracking_number": "YT00000001"}]}
    assert shop.refused("pdd.order.upload.extra.logistics", **extra)[0] == 50001
    shop.send(number)
    for kind in (1, 2, 3):
        assert shop.call("pdd.order.upload.extra.logistics", **extra, extra_track_type=kind)["success"] is True
    order = shop.order(number)
    parcel = [{"logistics_id": 85, "tracking_number": "YT00000001"}]
    lists = ("extra_delivery_list", "resend_delivery_list", "gift_delivery_list")
    assert [order[name] for name in lists] == [parcel] * 3
    assert order["tracking_number"] == "73100000000001"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("group_buy", "未成团"), ("risk", "审核中"), ("held", "暂停"), ("lottery", "未开奖"), ("presale_paid", "尾款"),
     ("depot", "订阅仓")],
)  # fmt: skip
def test_what_is_not_to_be_shipped_is_refused_with_its_reason(shop: Caller, kind: str, words: str) -> None:
    code, why = shop.refused(SEND, **told(shop.one(kind)))
    assert code == 50001
    assert words in why


def test_unknown_carriers_waybills_and_orders_are_refused(shop: Caller) -> None:
    number = shop.one()
    for wrong in ({"logistics_id": 3}, {"logistics_id": 999}, {"tracking_number": "x!"}, {"order_sn": "nothing"}):
        assert shop.refused(SEND, **{**told(number), **wrong})[0] == 50001
    assert shop.refused(SEND, **told(number, logistics_id="ZTO"))[0] == 21002
    assert shop.ledger(number)["shipments"] == []


def test_a_parcel_sent_although_a_refund_was_asked_is_marked(shop: Caller) -> None:
    number = shop.one()
    shop.ask(number)
    shop.send(number)
    assert shop.ledger(number)["shipments"][0]["refund_open"] is True
    other = shop.one()
    case = shop.ask(other)
    shop.call("pdd.refund.agree", request={"order_sn": other, "after_sales_id": case})
    assert "退款" in shop.refused(SEND, **told(other))[1]


def test_the_subscribed_depot_ships_by_itself(shop: Caller) -> None:
    number = shop.one("depot")
    assert shop.ledger(number)["payable"] is False
    shop.advance(700)
    order = shop.order(number)
    assert (order["order_status"], order["tracking_number"] != "") == (2, True)


def test_carriers_are_listed_and_prints_are_noted(shop: Caller) -> None:
    found = shop.call("pdd.logistics.companies.get", access_token=None)["logistics_companies"]
    assert {row["id"]: row["available"] for row in found}[3] == 0
    number = shop.one()
    stamp = shop.order(number)["updated_at"]
    sync = {"order_sn": number, "order_state": 1, "logistics_id": 115, "waybill_no": "7310"}
    assert shop.call("pdd.erp.order.sync", **sync)["success"] is True
    assert shop.client.get("/_twin/ledger").get_json()["printed"] == {number: "7310"}
    assert shop.order(number)["updated_at"] == stamp
    assert shop.refused("pdd.erp.order.sync", **{**sync, "order_state": 2})[0] == 21002


def test_a_note_overwrites_the_last_with_its_flag(shop: Caller) -> None:
    number = shop.one()
    shop.call("pdd.order.note.update", order_sn=number, note="已联系", tag=5, tag_name="加急")
    order = shop.order(number)
    assert (order["remark"], order["remark_tag"], order["remark_tag_name"]) == ("已联系", 5, "加急")
    shop.call("pdd.order.note.update", order_sn=number, note="再次")
    assert [shop.order(number)[name] for name in ("remark", "remark_tag", "remark_tag_name")] == ["再次", None, ""]
    assert shop.refused("pdd.order.note.update", order_sn=number, note="x", tag=6)[0] == 21002
    assert shop.refused("pdd.order.note.update", order_sn=number, note="x", tag=1, tag_name="太长的名")[0] == 21002


def test_stock_is_set_by_either_code_as_a_whole_or_by_difference(shop: Caller) -> None:
    listed = shop.call("pdd.goods.list.get", page=1, page_size=2)
    assert (len(listed["goods_list"]), listed["total_count"] > 2) == (2, True)
    goods = listed["goods_list"][0]
    sku = goods["sku_list"][0]
    update = "pdd.goods.quantity.update"
    assert shop.call(update, goods_id=goods["goods_id"], sku_id=sku["sku_id"], quantity=0)["is_success"] is True
    shop.call(update, goods_id=goods["goods_id"], outer_id=sku["outer_id"], quantity=7, update_type=2)
    assert shop.client.get("/_twin/stock").get_json()["stock"][sku["outer_id"]] == 7
    seen = shop.call("pdd.goods.list.get", outer_id=sku["outer_id"])["goods_list"][0]["sku_list"]
    assert [(row["outer_id"], row["sku_quantity"]) for row in seen] == [(sku["outer_id"], 7)]
    wrong = {"goods_id": goods["goods_id"], "sku_id": sku["sku_id"]}
    assert shop.refused(update, **wrong, quantity=-1)[0] == 21002
    assert shop.refused(update, **wrong, quantity=-8, update_type=2)[0] == 50001
    assert shop.refused(update, goods_id=goods["goods_id"], quantity=1)[0] == 21002
    assert shop.refused(update, goods_id=1, sku_id=1, quantity=1)[0] == 50001
