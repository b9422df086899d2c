"""JD's order lists and details: windows, paging, fields, states, money, receivers, damage."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.sandbox.jd.states import STATE_SQL, order_state

from .caller import EVERYTHING, Caller, text_of

Doc = dict[str, Any]
PLAIN = "jingdong.pop.order.search"


def fen(text: str) -> int:
    return round(float(text) * 100)


def numbers(found: Doc) -> list[str]:
    return [order["orderId"] for order in found["orderInfoList"]]


def refusal(shop: Caller, **business: Any) -> Doc:
    whole = {"start_date": text_of(time.time() - 60), "end_date": text_of(time.time()), "page": "1", "page_size": "10",
             "optional_fields": "orderState", **business}  # fmt: skip
    answer = shop.call("jingdong.pop.order.enSearch", **whole)
    error: Doc = answer["error_response"]
    return error


def test_a_list_is_paged_oldest_first_unless_told_otherwise(shop: Caller) -> None:
    made = [shop.make() for _ in range(5)]
    pages = [shop.search(page=str(page), page_size="2") for page in (1, 2, 3, 4)]
    assert [numbers(page) for page in pages] == [made[:2], made[2:4], made[4:], []]
    assert {page["orderTotal"] for page in pages} == {5}
    assert pages[0]["apiResult"] == {"success": True, "numberCode": 0, "englishErrCode": "", "chineseErrCode": ""}
    assert numbers(shop.search(sortType="1")) == made[::-1]


def test_a_change_moves_an_order_in_the_list_by_change_alone(shop: Caller) -> None:
    first, second = shop.make(), shop.make()
    # Twice, since a stamp of the same millisecond would leave them in the order of their numbers.
    shop.verb(first, "edit_memo", memo="改")
    shop.verb(first, "edit_memo", memo="再改")
    assert numbers(shop.search()) == numbers(shop.search(dateType="0")) == [second, first]
    assert numbers(shop.search(dateType="1")) == [first, second]


def test_a_window_has_both_ends_in_and_is_a_month_wide_at_most(shop: Caller) -> None:
    number = shop.make()
    moment = shop.order(number)["modified"]
    assert numbers(shop.search(start_date=moment, end_date=moment)) == [number]
    later = text_of(time.time() + 5)
    assert numbers(shop.search(start_date=later, end_date=later)) == []
    assert "month" in refusal(shop, start_date=text_of(time.time() - 40 * 86_400))["en_desc"]
    assert "after" in refusal(shop, start_date=text_of(time.time() + 60))["en_desc"]
    assert "yyyy" in refusal(shop, start_date="2026/01/15")["en_desc"]


def test_page_size_and_states_are_checked(shop: Caller) -> None:
    assert refusal(shop, page_size="101")["code"] == "10100002"
    assert refusal(shop, page="0")["code"] == "10100002"
    assert refusal(shop, order_state="SHIPPED")["code"] == "10100002"
    assert numbers(shop.search(order_state="RECEIPTS_CONFIRM")) == []


def test_orders_to_ship_may_be_asked_for_without_a_window(shop: Caller) -> None:
    number, gone = shop.make(), shop.make()
    shop.ship(gone)
    business = {"order_state": "WAIT_SELLER_STOCK_OUT", "page": "1", "page_size": "10", "optional_fields": "orderState"}
    found = shop.ok("jingdong.pop.order.enSearch", **business)["searchorderinfo_result"]
    assert found["orderInfoList"] == [{"orderId": number, "orderState": "WAIT_SELLER_STOCK_OUT"}]


def test_only_the_fields_asked_for_are_told(shop: Caller) -> None:
    shop.make()
    (order,) = shop.search(optional_fields="modified, payType")["orderInfoList"]
    assert set(order) == {"orderId", "modified", "payType"}


def test_unpaid_orders_are_not_shown_until_they_are_paid(shop: Caller) -> None:
    unpaid, presale = shop.make("unpaid"), shop.make("presale_paid")
    assert shop.search()["orderTotal"] == 0
    answer = shop.ok("jingdong.pop.order.enGet", order_id=unpaid, optional_fields=EVERYTHING)
    result = answer["orderDetailInfo"]["apiResult"]
    assert (result["success"], result["englishErrCode"]) == (False, "ORDER_NOT_EXIST")
    shop.verb(unpaid, "pay")
    shop.advance(600)
    assert set(numbers(shop.search())) == {unpaid, presale}


def test_one_order_may_be_asked_for_in_a_state(shop: Caller) -> None:
    number = shop.make()
    answer = shop.ok("jingdong.pop.order.enGet", order_id=number, optional_fields="orderState", order_state="LOCKED")
    assert answer["orderDetailInfo"]["apiResult"]["success"] is False


STATES = {
    "plain": "WAIT_SELLER_STOCK_OUT", "cod": "WAIT_SELLER_STOCK_OUT", "held": "POP_ORDER_PAUSE", "group_buy": "PAUSE",
    "overseas": "WAIT_SELLER_DELIVERY", "loc": "WAIT_SEND_CODE",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "state"), STATES.items())
def test_a_new_order_is_in_the_state_of_its_kind(shop: Caller, kind: str, state: str) -> None:
    number = shop.make(kind)
    assert shop.order(number)["orderState"] == state
    assert numbers(shop.search(order_state=state)) == [number]


def test_an_order_lives_through_jds_states(shop: Caller) -> None:
    number, gone = shop.make(), shop.make()
    shop.verb(number, "refund")
    assert shop.order(number)["orderState"] == "LOCKED"
    assert numbers(shop.search(order_state="LOCKED")) == [number]
    shop.verb(number, "withdraw_refund")
    assert shop.order(number)["orderState"] == "WAIT_SELLER_STOCK_OUT"
    shop.ship(number)
    assert shop.order(number)["orderState"] == "WAIT_GOODS_RECEIVE_CONFIRM"
    shop.verb(number, "finish")
    shop.verb(gone, "cancel")
    assert (shop.order(number)["orderState"], shop.order(gone)["orderState"]) == ("FINISHED_L", "TRADE_CANCELED")
    assert numbers(shop.search(order_state="FINISHED_L,TRADE_CANCELED")) == [number, gone]
    assert shop.order(number)["orderEndTime"] != "0001-01-01 00:00:00"


def test_the_filter_and_the_document_tell_the_same_state(shop: Caller) -> None:
    for kind in shop.twin.kinds:
        shop.twin.create({kind: 2})
    for sale in list(shop.twin.market.shelves.sales())[::2]:
        if sale.doc["status"] == "open":
            shop.verb(sale.number, "refund")
    rows = shop.twin.storage.rows(f"select number, {STATE_SQL} as state from sale")
    found = {row["number"]: row["state"] for row in rows}
    assert found == {sale.number: order_state(sale.doc) for sale in shop.twin.market.shelves.sales()}
    assert len(set(found.values())) >= 6


def test_money_adds_up_for_every_kind(shop: Caller) -> None:
    for kind in shop.twin.kinds:
        shop.twin.create({kind: 8})
    orders = shop.search("jingdong.pop.order.search")["orderInfoList"]
    assert len(orders) == 100
    for order in orders:
        goods = sum(fen(item["jdPrice"]) * int(item["itemTotal"]) for item in order["itemInfoList"])
        assert goods == fen(order["orderTotalPrice"])
        assert goods - fen(order["sellerDiscount"]) == fen(order["orderSellerPrice"])
        receivable = fen(order["orderSellerPrice"]) + fen(order["freightPrice"])
        assert receivable == fen(order["totalSellerReceivable"])
        by = dict.fromkeys(("seller", "jd"), 0)
        for coupon in order["couponDetailList"]:
            by["jd" if coupon["couponType"][:2] in ("41", "34", "39", "52") else "seller"] += fen(coupon["couponPrice"])
        assert by["seller"] == fen(order["sellerDiscount"])
        assert receivable - by["jd"] == fen(order["shouldPay"])
    assert len({coupon["couponType"] for order in orders for coupon in order["couponDetailList"]}) >= 6


def test_cash_on_delivery_is_paid_when_it_is_signed_for(shop: Caller) -> None:
    number = shop.make("cod")
    order = shop.order(number)
    assert (order["payType"], order["actualPay"]) == ("1-货到付款", "0.00")
    assert order["paymentConfirmTime"] == "0001-01-01 00:00:00"
    shop.ship(number)
    shop.verb(number, "sign")
    assert shop.order(number)["actualPay"] == order["shouldPay"]


MARKS = [
    ("warehouse", "storeOrder", {"京仓订单", "云仓订单"}), ("pickup", "idSopShipmenttype", {"69"}),
    ("jd_delivery", "idSopShipmenttype", {"68"}), ("loc", "orderType", {"75"}),
    ("exchange_order", "returnOrder", {"2"}), ("reissue_order", "returnOrder", {"1"}), ("plain", "returnOrder", {"0"}),
    ("transfer", "payType", {"5-公司转账", "6-银行转账", "2-邮局汇款"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "field", "values"), MARKS)
def test_a_kind_is_marked_as_jd_marks_it(shop: Caller, kind: str, field: str, values: set[str]) -> None:
    assert shop.order(shop.make(kind))[field] in values


def test_jd_may_split_an_order_into_children_that_carry_the_money(shop: Caller) -> None:
    parent = shop.make("split")
    before = shop.order(parent)
    children = [shop.order(child) for child in shop.verb(parent, "split_order")["children"]]
    assert shop.order(parent)["orderState"] == "TRADE_CANCELED"
    assert {child["parentOrderId"] for child in children} == {parent}
    for name in ("totalSellerReceivable", "shouldPay", "sellerDiscount", "freightPrice"):
        assert sum(fen(child[name]) for child in children) == fen(before[name])
    assert not shop.trade(parent)["payable"]
    assert all(shop.trade(child["orderId"])["payable"] for child in children)
    born = shop.make("parent_split")
    assert shop.order(born)["parentOrderId"] != "0"


def test_items_carry_the_catalogues_numbers(shop: Caller) -> None:
    number, uncoded = shop.make("gift"), shop.make("missing_code")
    items = shop.order(number)["itemInfoList"]
    lines = shop.trade(number)["lines"]
    assert [item["outerSkuId"] for item in items] == [line["outer_sku_id"] for line in lines]
    assert [f"{number}-{item['skuId']}" for item in items] == [line["oid"] for line in lines]
    assert items[-1]["jdPrice"] == "0.00"
    assert shop.order(uncoded)["itemInfoList"][0]["outerSkuId"] == ""


def test_the_encrypted_calls_hide_the_receiver_and_the_plain_ones_do_not(shop: Caller) -> None:
    number = shop.make()
    hidden, clear = (shop.order(number, f"jingdong.pop.order.{name}")["consigneeInfo"] for name in ("enGet", "get"))
    names = ("fullname", "telephone", "mobile", "fullAddress")
    assert all(hidden[name] != clear[name] for name in names)
    assert {name: hidden[name] for name in hidden if name not in names} == {
        name: clear[name] for name in clear if name not in names
    }
    assert clear["mobile"].isdigit()


def test_a_client_of_jds_keys_can_read_the_receiver(shop: Caller) -> None:
    number = shop.make()
    told = shop.ok("jingdong.jos.voucher.info.get", access_token=shop.access_token)["response"]["data"]["voucher"]
    voucher = json.loads(base64.b64decode(told))["data"]
    ts = int(time.time() * 1000)
    text = f'{{"sdk_ver":1,"ts":{ts},"tid":"{voucher["id"]}"}}'
    key = base64.b64decode(voucher["key"])
    sig = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
    asked = {"tid": voucher["id"], "ts": ts, "sdk_ver": 1}
    refused = shop.ok("jingdong.jos.master.key.get", **asked, sig="wrong")["response"]
    assert refused["status_code"] == 1
    given = shop.ok("jingdong.jos.master.key.get", **asked, sig=sig)["response"]["service_key_list"][0]["keys"][0]
    cipher = base64.b64decode(shop.order(number)["consigneeInfo"]["mobile"])
    assert (cipher[:2], cipher[2:18]) == (b"\x00\x04", base64.b64decode(given["id"]))
    aes = Cipher(algorithms.AES(base64.b64decode(given["key_string"])), modes.CBC(cipher[18:34])).decryptor()
    padded = aes.update(cipher[34:]) + aes.finalize()
    assert padded[: -padded[-1]].decode() == shop.order(number, "jingdong.pop.order.get")["consigneeInfo"]["mobile"]


def test_an_invoice_is_told_with_its_tax_number(shop: Caller) -> None:
    number, vat = shop.make(), shop.make("vat_invoice")
    assert shop.order(number)["invoiceInfo"] == "不需要开具发票"
    shop.verb(number, "ask_invoice", title="示例公司", kind="company", tax_no="91330100MA00000001")
    easy = shop.order(number)["invoiceEasyInfo"]
    assert (easy["invoiceType"], easy["invoiceTitle"], easy["invoiceCode"]) == ("3", "示例公司", "91330100MA00000001")
    order = shop.order(vat)
    assert (order["invoiceEasyInfo"]["invoiceType"], order["vatInfo"]["vatNo"]) == ("2", order["invoiceCode"])


def test_bad_orders_are_damaged_until_mended(shop: Caller) -> None:
    made = shop.client.post("/_twin/trades", json={"kinds": {"bad": 5}}).get_json()["tids"]["bad"]
    shown = {spoil: shop.order(found[0]) for spoil, found in made.items()}
    assert shown["amount_text"]["orderSellerPrice"] == "abc"
    assert "itemInfoList" not in shown["missing_lines"]
    assert shown["unknown_state"]["orderState"] == "WAIT_FOR_ALIGNMENT"
    assert shown["amounts_do_not_add_up"]["orderTotalPrice"] == "999999.99"
    assert shown["time_text"]["orderStartTime"] == "昨天下午"
    number = made["missing_lines"][0]
    assert not shop.trade(number)["payable"]
    shop.verb(number, "mend")
    assert shop.order(number)["itemInfoList"]


def test_faults_of_lists_disturb_the_order_lists(shop: Caller) -> None:
    made = [shop.make() for _ in range(3)]
    shop.faults({"kind": "duplicate_rows", "max_times": 1})
    assert numbers(shop.search(page_size="4")) == [made[0], made[0], made[1], made[2]]
    shop.faults({"kind": "late_rows", "ms": 60_000, "max_times": 1})
    assert numbers(shop.search()) == []
    shop.faults({"kind": "moving_rows", "max_times": 1})
    assert numbers(shop.search(page="2", page_size="2")) == [made[0]]
    assert numbers(shop.search()) == [made[1], made[2], made[0]]


def test_codes_may_come_without_words_and_plain_calls_without_permission(shop: Caller) -> None:
    number = shop.make("cod")
    shop.twin.options.settings.update({"plain_codes": True, "plain_access": False})
    order = shop.order(number)
    assert order["payType"] == "1"
    assert all(coupon["couponType"].isdigit() for coupon in order["couponDetailList"])
    assert shop.call(PLAIN)["error_response"]["code"] == "24"
