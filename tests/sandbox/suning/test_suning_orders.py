"""Suning's order lists and documents: windows, pages, filters, states, amounts, kinds, notes, damage, faults."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from .caller import Caller, text_of, window
from .conftest import MakeCaller

NO_RESULT = "biz.handler.data-get:no-result"


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["orderCode"]) for row in rows]


def test_an_order_looks_like_the_platforms(start: MakeCaller) -> None:
    shop = start(masked=False)
    number = shop.make()
    order, doc = shop.order(number), shop.twin.market.find_sale(number).doc
    assert (order["orderCode"], order["orderTotalStatus"], len(number)) == (number, "10", 11)
    assert order["customerName"] == doc["receiver"]["name"]
    assert order["customerAddress"].startswith(order["provinceName"] + order["cityName"] + order["districtName"])
    for shown, line in zip(order["orderDetail"], doc["lines"], strict=True):
        assert shown["orderLineNumber"] == line["no"]
        assert line["no"].startswith(number)
        assert (shown["productCode"], shown["itemCode"]) == (line["sku"]["sku_id"], line["sku"]["code"])
        assert shown["saleNum"] == f"{line['num']}.0"
        assert "orderLineStatusChangeTime" not in shown


@pytest.mark.parametrize("kind", ["plain", "cod", "split", "bundle", "gift", "merge_pairs"])
def test_the_amounts_of_an_order_add_up(shop: Caller, kind: str) -> None:
    made = shop.client.post("/_twin/trades", json={"kinds": {kind: 8}}).get_json()["tids"][kind]
    for number in [one for found in made for one in (found if isinstance(found, list) else [found])]:
        lines = shop.order(number)["orderDetail"]
        for line in lines:
            taken_off = Decimal(line["vouchertotalMoney"]) + Decimal(line["coupontotalMoney"])
            full = Decimal(line["unitPrice"]) * Decimal(line["saleNum"])
            assert full - taken_off == Decimal(line["payAmount"])
            ways = [(way["banktypecode"], Decimal(way["payamount"])) for way in line["paymentList"]]
            coupons = sum(amount for code, amount in ways if code in ("5998", "9994"))
            assert coupons == Decimal(line["coupontotalMoney"])
            paid = Decimal(line["payAmount"]) + Decimal(line["transportFee"])
            assert sum(amount for _, amount in ways) - coupons == paid
        total = sum(Decimal(line["payAmount"]) + Decimal(line["transportFee"]) for line in lines)
        assert int(total * 100) == shop.trade(number)["payment"]


def test_receivers_are_masked_unless_the_shop_may_see_them(shop: Caller) -> None:
    order = shop.order(shop.make())
    assert order["customerName"].endswith("**")
    assert "****" in order["mobNum"]
    assert "***" in order["customerAddress"]


def test_what_the_settings_leave_out_is_missing(start: MakeCaller) -> None:
    assert "payTime" not in (shop := start(pay_time=False)).order(shop.make())
    shop = start(single_as_object=True)
    number = shop.make("presale_paid")
    shop.advance(600)
    order = shop.order(number)
    assert isinstance(order["orderDetail"], dict)
    assert isinstance(order["orderDetail"]["paymentList"], (dict, list))


def test_lists_go_from_the_oldest_in_pages(shop: Caller) -> None:
    made = [shop.make() for _ in range(3)]
    answer = shop.call("ord.query", "orderQuery", **window(), orderLineStatus="10", pageNo="2", pageSize="2")
    assert answer["sn_head"] == {
        "pageTotal": "2", "totalSize": "3", "pageNo": "2", "returnMessage": "biz.handler.data-get:success"
    }  # fmt: skip
    assert numbers(answer["sn_body"]["orderQuery"]) == [made[2]]
    shop.verb(made[0], "touch")
    assert numbers(shop.changed()) == [made[1], made[2], made[0]]
    assert numbers(shop.ok("order.query", "orderQuery", **window(), pageNo="1", pageSize="50")) == made
    assert shop.changed()[0]["orderDetail"][0]["orderLineStatusChangeTime"]
    assert shop.code("ord.query", "orderQuery", **window(), orderLineStatus="10", pageNo="3", pageSize="2") == NO_RESULT


@pytest.mark.parametrize(
    ("method", "changed", "code"),
    [
        ("order.query", {"startTime": ""}, "sys.check.starttime-value:null"),
        ("order.query", {"endTime": ""}, "sys.check.endtime-value:null"),
        ("order.query", {"startTime": "yesterday"}, "biz.orderquery.startTime-format:error"),
        ("order.query", {"endTime": "2012-06-20"}, "biz.orderquery.endTime-format:error"),
        ("order.query", {"startTime": text_of(time.time() + 9000)}, "sys.check.query-time:error"),
        ("order.query", {"startTime": text_of(time.time() - 31 * 86400)}, "sys.check.query-time:outofrange"),
        ("order.query", {"pageSize": "51"}, "sys.check.page-param:error"),
        ("order.query", {"pageNo": "0"}, "sys.check.page-param:error"),
        ("order.query", {"orderStatus": "11"}, "biz.custom.orderQuery.invalid-biz:orderStatus"),
        ("ord.query", {"orderLineStatus": "40"}, "biz.custom.orderQuery.invalid-biz:orderLineStatus"),
        ("ord.query", {"startTime": text_of(time.time() - 2 * 86400)}, "sys.check.query-time:outofrange"),
        ("ord.query", {"pageNo": ["1"]}, "biz.custom.orderQuery.invalid-biz:pageNo"),
    ],
)
def test_a_list_refuses_what_it_cannot_take(shop: Caller, method: str, changed: dict[str, Any], code: str) -> None:
    told = {**window(), "orderLineStatus": "10", "pageNo": "1", "pageSize": "50", **changed}
    assert shop.code(method, "orderQuery", **told) == code


def test_a_list_by_change_may_want_a_state(start: MakeCaller) -> None:
    shop = start(status_needed=True)
    number = shop.make()
    shop.verb(number, "cancel")
    assert shop.code("ord.query", "orderQuery", **window()) == "biz.orderQuery.missing-parameter:orderLineStatus"
    assert shop.code("ord.query", "orderQuery", **window(), orderLineStatus="10") == NO_RESULT
    shop = start()
    answer = shop.call("ord.query", "ordQuery", **window())
    assert numbers(answer["sn_body"]["orderQuery"]) == [number]


def test_what_lies_beyond_three_months_is_refused(shop: Caller) -> None:
    old = {"startTime": text_of(time.time() - 94 * 86400), "endTime": text_of(time.time() - 93 * 86400)}
    assert shop.code("order.query", "orderQuery", **old) == "biz.orderquery.time-value:outofrange"


def test_every_state_of_an_order_appears(shop: Caller) -> None:
    whole, parts, over, gone = shop.make(), shop.make("split"), shop.make(), shop.make()
    shop.ship(whole)
    shop.ship(parts, f"{parts}01", waybill="ZTO1000000008")
    shop.ship(over, waybill="ZTO1000000009")
    shop.verb(over, "finish")
    shop.verb(gone, "cancel")
    states = {number: shop.order(number)["orderTotalStatus"] for number in (whole, parts, over, gone)}
    assert states == {whole: "20", parts: "21", over: "30", gone: "40"}
    for number, state in states.items():
        assert numbers(shop.ok("order.query", "orderQuery", **window(), orderStatus=state)) == [number]
    assert {line["orderLineStatus"] for line in shop.order(parts)["orderDetail"]} == {"10", "20"}
    assert numbers(shop.changed("10")) == [parts]
    assert numbers(shop.changed("20")) == [whole, parts]
    assert numbers(shop.changed("30")) == [over]
    assert {line["orderLineStatus"] for line in shop.order(gone)["orderDetail"]} == {"40"}


def test_unpaid_orders_stand_in_their_own_list(shop: Caller) -> None:
    number, dropped = shop.make("unpaid"), shop.make("unpaid")
    shop.verb(dropped, "cancel")
    assert shop.code("order.query", "orderQuery", **window()) == NO_RESULT
    assert shop.code("order.get", "orderGet", orderCode=number) == NO_RESULT
    (row,) = shop.ok("unpaidorder.query", "unpaidOrder", **window())
    assert (row["orderCode"], row["orderTotalStatus"], row["payTime"]) == (number, "5", "")
    assert numbers(shop.ok("unpaidorder.query", "unpaidOrder", **window(), orderLineStatus="40")) == [dropped]
    shop.verb(number, "pay")
    assert numbers(shop.changed()) == [number]


def test_an_order_of_a_group_is_shown_once_the_group_is_formed(shop: Caller) -> None:
    number = shop.make("group_buy")
    assert shop.code("order.get", "orderGet", orderCode=number) == NO_RESULT
    shop.advance(300)
    assert numbers(shop.changed()) == [number]


def test_a_presale_is_shown_when_its_balance_is_paid(shop: Caller) -> None:
    number = shop.make("presale_paid")
    (row,) = shop.ok("unpaidorder.query", "unpaidOrder", **window())
    assert (row["orderDetail"][0]["activitytype"], row["orderDetail"][0]["reservestatus"]) == ("05", "0")
    shop.advance(600)
    (line,) = shop.order(number)["orderDetail"]
    deposit, balance = Decimal(line["reservedepositamount"]), Decimal(line["reservebalanceamount"])
    assert deposit + balance == Decimal(line["payAmount"]) + Decimal(line["transportFee"])


@pytest.mark.parametrize(
    ("kind", "told"),
    [("e_invoice", "05"), ("paper_invoice", "02"), ("vat_invoice", "01"), ("plain", "")],
)
def test_invoices_are_told_by_type(shop: Caller, kind: str, told: str) -> None:
    order = shop.order(shop.make(kind))
    assert (order["invoiceType"], bool(order["invoiceHead"])) == (told, bool(told))


def test_own_kinds_show_what_they_stand_for(start: MakeCaller) -> None:
    shop = start(cod_code="8888")
    order = shop.order(shop.make("cod"))
    assert {way["banktypecode"] for line in order["orderDetail"] for way in line["paymentList"]} - {"5998"} == {"8888"}
    assert order["payTime"] == ""
    assert {line["itemCode"] for line in shop.order(shop.make("missing_code"))["orderDetail"]} == {""}
    codes = [line["productCode"] for line in shop.order(shop.make("repeated_goods"))["orderDetail"]]
    assert len(set(codes)) == len(codes) - 1


def test_a_note_is_written_and_read_with_its_colour(shop: Caller) -> None:
    number = shop.make()
    note = {"orderCode": number, "noteContent": "老客户", "colorMarkFlag": "3"}
    assert shop.ok("ordernote.modify", "orderNote", **note)["result"] == "Y"
    order = shop.order(number)
    assert (order["sellerOrdRemark"], order["colorMarkFlags"]) == ("老客户", "3")
    assert shop.ok("ordernote.get", "orderNote", orderCode=number)["colorMarkFlag"] == "3"
    shop.ok("ordernote.modify", "orderNote", orderCode=number, noteContent="改")
    assert shop.trade(number)["flag"] == 3
    wrong = {**note, "colorMarkFlag": "6"}
    assert shop.code("ordernote.modify", "orderNote", **wrong) == "biz.custom.orderNote.invalid-biz:colorMarkFlag"
    assert shop.code("ordernote.modify", "orderNote", orderCode=number) == "biz.orderNote.missing-parameter:noteContent"
    gone = {**note, "orderCode": "1"}
    assert shop.code("ordernote.modify", "orderNote", **gone) == "biz.orderNote.ordercode-value:inexistence"
    assert shop.code("ordernote.get", "orderNote", orderCode="1") == NO_RESULT


def test_a_number_that_is_none_is_refused(shop: Caller) -> None:
    assert shop.code("order.get", "orderGet", orderCode="abc") == "biz.orderget.ordercode-format:error"
    assert shop.code("order.get", "orderGet") == "biz.orderGet.missing-parameter:orderCode"
    assert shop.code("order.get", "orderGet", orderCode="99") == NO_RESULT


def test_damaged_documents_are_shown_until_they_are_mended(shop: Caller) -> None:
    made = shop.client.post("/_twin/trades", json={"kinds": {"bad": 5}}).get_json()["tids"]["bad"]
    shown = {spoil: shop.order(found[0]) for spoil, found in made.items()}
    assert shown["amount_text"]["orderDetail"][0]["payAmount"] == "abc"
    assert "orderDetail" not in shown["missing_lines"]
    assert shown["unknown_status"]["orderTotalStatus"] == "97"
    assert shown["amounts_do_not_add_up"]["orderDetail"][0]["payAmount"] == "999999.99"
    assert shown["time_text"]["orderSaleTime"] == "昨天下午"
    number = made["missing_lines"][0]
    shop.verb(number, "mend")
    assert shop.order(number)["orderDetail"]


def test_lists_misbehave_on_demand(shop: Caller) -> None:
    made = [shop.make(), shop.make()]
    shop.faults({"kind": "duplicate_rows", "max_times": 1})
    assert numbers(shop.changed()) == [made[0], *made]
    shop.faults({"kind": "late_rows", "ms": 60_000, "max_times": 1})
    assert shop.code("ord.query", "orderQuery", **window(), orderLineStatus="10") == NO_RESULT
    shop.faults({"kind": "moving_rows", "max_times": 1})
    assert numbers(shop.changed()) == [made[1], made[0]]
    shop.faults({"kind": "outage", "seconds": 60})
    assert shop.client.post("/api/http/sopRequest").status_code == 503
    shop.faults({"kind": "clock_skew", "ms": 3_600_000})
    assert shop.code("order.get", "orderGet", orderCode=made[0]) == "sys.check.request-apprequesttime:error"


def test_a_restart_on_the_same_folder_goes_on(start: MakeCaller) -> None:
    first = start()
    number = first.make()
    first.verb(number, "edit_memo", memo="留着")
    again = start()
    assert again.order(number)["sellerOrdRemark"] == "留着"
    assert again.make() != number
