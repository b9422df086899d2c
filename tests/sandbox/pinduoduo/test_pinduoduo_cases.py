"""Cases: list and detail in their own units, decisions, interception, returns, exchanges, every status."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.sandbox.pinduoduo.states import ALL_STATUSES
from tests.sandbox.pinduoduo.caller import Caller
from tests.sandbox.pinduoduo.conftest import MakeCaller

LIST = "pdd.refund.list.increment.get"
AGREE, AGREE_RETURN = "pdd.refund.agree", "pdd.refund.returngoods.agree"
STOPPED, WAREHOUSED = "pdd.rdc.pddgenius.sendgoods.cancel", "pdd.nextone.logistics.warehouse.update"


def named(number: str, case: str, **more: object) -> dict[str, object]:
    return {"order_sn": number, "after_sales_id": int(case), **more}


def of_return(number: str, case: str) -> dict[str, object]:
    return named(number, case, return_address_id="A1001", operate_desc="请寄回")


def shipped(shop: Caller) -> str:
    number = shop.one()
    shop.send(number)
    return number


def status(shop: Caller, number: str, case: str) -> int:
    found: int = shop.case(number, case)["after_sales_status"]
    return found


def test_the_list_tells_yuan_and_the_detail_fen(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number, reason="拍错了", words="颜色不合适")
    row = shop.cases()["refund_list"][0]
    answer = shop.raw(shop.signed("pdd.refund.information.get", order_sn=number, after_sales_id=int(case)))
    paid = shop.ledger(number)["refunds"][0]["amount"]
    assert (row["id"], row["order_sn"], row["after_sales_type"], row["after_sales_status"]) == (int(case), number, 1, 2)
    assert row["refund_amount"] == f"{paid // 100}.{paid % 100:02d}"
    assert answer["refund_amount"] == paid
    assert isinstance(row["goods_number"], str)
    assert (answer["after_sales_reason"], answer["remark"], answer["express_no"]) == ("拍错了", "颜色不合适", "")
    assert answer["recreated_at"] > 1_700_000_000_000
    assert shop.order(number)["after_sales_status"] == 2


def test_an_agreed_refund_is_under_way_before_it_is_paid(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number)
    told = shop.call(AGREE, request=named(number, case, operate_desc="同意"))["result"]
    assert (told["succ"], told["after_sales_id"]) == (True, int(case))
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (4, 3)
    assert shop.refused(AGREE, request=named(number, case))[0] == 50001
    shop.advance(100)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (10, 4)
    ledger = shop.ledger(number)
    assert (ledger["status"], [told["what"] for told in ledger["refunds"][0]["reports"]]) == ("cancelled", ["agree"])


def test_a_return_is_agreed_sent_back_taken_in_and_paid(shop: Caller) -> None:
    number = shipped(shop)
    case = shop.ask(number, **{"return": True})
    assert (status(shop, number, case), shop.case(number, case)["after_sales_type"]) == (3, 2)
    address = shop.call("pdd.refund.address.list.get")["refund_address_list"][0]["refund_address_id"]
    wrong = {**of_return(number, case), "return_address_id": "A9"}
    assert shop.refused(AGREE_RETURN, request=wrong) == (50001, "退货地址不存在")
    assert shop.call(AGREE_RETURN, request={**of_return(number, case), "return_address_id": address})["success"] is True
    assert status(shop, number, case) == 7
    assert shop.refused(AGREE_RETURN, request=of_return(number, case))[0] == 50001
    shop.act(number, "return_goods", waybill="78900001")
    detail = shop.case(number, case)
    assert (detail["express_no"], detail["shipping_status"], detail["shipping_name"]) == ("78900001", 1, "中通快递")
    taken = named(number, case, operate_time=1, reverse_logistics_id=115, reverse_tracking_number="78900001")
    shop.call(WAREHOUSED, request={**taken, "warehouse_status": 1})
    assert status(shop, number, case) == 4
    shop.advance(100)
    assert status(shop, number, case) == 10
    assert shop.ledger(number)["refunds"][0]["received"] is True
    assert shop.refused(WAREHOUSED, request={**taken, "warehouse_status": 1})[0] == 50001


def test_a_parcel_that_was_not_taken_in_is_noted_alone(shop: Caller) -> None:
    number = shipped(shop)
    case = shop.ask(number, **{"return": True})
    taken = named(number, case, operate_time=1, reverse_logistics_id=115, reverse_tracking_number="7", warehouse_status=2)
    assert shop.refused(WAREHOUSED, request=taken)[0] == 50001
    shop.call(AGREE_RETURN, request=of_return(number, case))
    shop.call(WAREHOUSED, request=taken)
    assert status(shop, number, case) == 7
    assert shop.refused(WAREHOUSED, request={**taken, "warehouse_status": 3})[0] == 21002


def test_a_stopped_parcel_is_refunded_by_the_platform(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number)
    row = shop.cases()["refund_list"][0]
    assert (row["speed_refund_flag"], row["speed_refund_status"]) == (1, "1")
    fee = shop.ledger(number)["refunds"][0]["amount"]
    param = {"refund_id": int(case), "tid": number, "status": "SUCCESS", "refund_fee": fee, "operate_time": 1}
    assert shop.refused(STOPPED, param={**param, "refund_fee": fee + 1})[0] == 50001
    assert shop.refused(STOPPED, param={**param, "status": "YES"})[0] == 21002
    assert shop.call(STOPPED, param=param)["result"]["result_data"] == {"refund_id": int(case)}
    shop.advance(100)
    assert shop.cases()["refund_list"][0]["speed_refund_status"] == "3"


def test_a_parcel_that_left_is_told_with_its_reason(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number)
    shop.send(number)
    param = {"refund_id": int(case), "tid": number, "status": "SUCCESS"}
    assert shop.refused(STOPPED, param=param) == (50001, "订单已发货，无法取消发货")
    assert shop.refused(STOPPED, param={**param, "status": "FAIL"})[0] == 21001
    shop.call(STOPPED, param={**param, "status": "FAIL", "fail_reason_code": 1002})
    row = shop.cases()["refund_list"][0]
    assert (row["after_sales_status"], row["speed_refund_status"]) == (2, "2")
    assert shop.ledger(number)["refunds"][0]["reports"][0]["what"] == "not_stopped"


def test_an_exchange_ends_when_the_buyer_has_the_other_goods(shop: Caller) -> None:
    number = shipped(shop)
    case = shop.ask(number, exchange=True)
    goods = named(number, case, shipping_id=85, shipping_name="圆通快递", tracking_number="YT0001")
    assert status(shop, number, case) == 14
    assert shop.refused("pdd.refund.exchange.shipping", request=goods)[0] == 50001
    shop.call(AGREE_RETURN, request=of_return(number, case))
    assert status(shop, number, case) == 15
    shop.act(number, "return_goods")
    assert shop.call("pdd.refund.exchange.shipping", request=goods)["result"]["succ"] is True
    sent = shop.case(number, case)["exchange_shipping_detail"]
    assert (status(shop, number, case), sent["merchant_exchange_trunk_number"]) == (18, "YT0001")
    assert sent["customer_send_back_trunk_number"] != ""
    shop.advance(4_000)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (16, 1)


@pytest.mark.parametrize(
    ("verb", "kind", "agreed", "sent", "ended"), [("ask_reship", 4, 32, 18, 16), ("ask_repair", 5, 22, 27, 25)]
)
def test_reshipping_and_repair_have_their_own_statuses(
    shop: Caller, verb: str, kind: int, agreed: int, sent: int, ended: int
) -> None:
    number = shipped(shop)
    case = shop.act(number, verb)["cases"][0]
    assert shop.case(number, case)["after_sales_type"] == kind
    shop.call(AGREE_RETURN, request=of_return(number, case))
    assert status(shop, number, case) == agreed
    goods = named(number, case, shipping_id=85, shipping_name="圆通快递", tracking_number="YT0001")
    shop.call("pdd.refund.exchange.shipping", request=goods)
    assert status(shop, number, case) == sent
    shop.act(number, "confirm_exchange")
    assert status(shop, number, case) == ended


def test_requests_count_types_from_one_more_than_answers(shop: Caller) -> None:
    asked, back = shop.one(), shipped(shop)
    refund, returned = shop.ask(asked), shop.ask(back, **{"return": True})

    def ids(**more: object) -> list[int]:
        return [row["id"] for row in shop.cases(**more)["refund_list"]]

    assert set(ids()) == {int(refund), int(returned)}
    assert (ids(after_sales_type=2), ids(after_sales_type=3), ids(after_sales_type=4)) == (
        [int(refund)], [int(returned)], [],
    )  # fmt: skip
    assert (ids(after_sales_status=2), ids(after_sales_status=3)) == ([int(refund)], [int(returned)])
    assert ids(order_sn=asked, start_updated_at=None, end_updated_at=None) == [int(refund)]
    paged = shop.cases(page=2, page_size=1)
    assert (len(paged["refund_list"]), paged["total_count"]) == (1, 2)
    assert shop.cases(page=2, page_size=1, after_sales_type=2)["refund_list"] == []


def test_bad_lists_of_cases_are_refused(start: MakeCaller) -> None:
    shop, now = start(strict_after_sales_status=True), int(time.time())
    whole: dict[str, Any] = {"start_updated_at": now - 60, "end_updated_at": now, "after_sales_type": 1}
    assert shop.refused(LIST, **whole) == (21001, "缺少必填参数:after_sales_status")
    assert shop.refused(LIST, **whole, after_sales_status=1)[0] == 21002
    assert shop.call(LIST, **whole, after_sales_status=2)["refund_list"] == []
    assert shop.refused(LIST, **{**whole, "after_sales_type": 7}, after_sales_status=2)[0] == 21002
    assert shop.refused(LIST, **{**whole, "start_updated_at": now - 1_900}, after_sales_status=2)[0] == 21002
    assert shop.refused(LIST, after_sales_type=1, after_sales_status=2)[0] == 21001


def test_every_status_of_a_case_can_be_seen(shop: Caller) -> None:
    for wanted in (found for found in ALL_STATUSES if found):
        number = shop.one()
        case = shop.ask(number)
        shop.act(number, "after_sales", case=case, status=wanted)
        assert (status(shop, number, case), shop.order(number)["after_sales_status"]) == (wanted, wanted)
        assert shop.cases(after_sales_status=wanted)["refund_list"][0]["id"] == int(case)


def test_the_platform_pays_in_the_sellers_place(shop: Caller) -> None:
    number = shipped(shop)
    case = shop.ask(number)
    shop.act(number, "after_sales", status=5)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (5, 3)
    shop.advance(100)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (10, 4)


def test_a_refund_withdrawn_while_it_is_paid_is_over(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number)
    shop.call(AGREE, request=named(number, case))
    shop.act(number, "withdraw_refund")
    shop.advance(100)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (11, 1)


def test_a_ruling_of_the_platform_ends_a_case(shop: Caller) -> None:
    number = shop.one()
    shop.ask(number)
    shop.act(number, "after_sales", status=9)
    assert (shop.order(number)["refund_status"], shop.ledger(number)["refunds"][0]["status"]) == (1, "refused")
    assert shop.ledger(number)["payable"] is True
    assert shop.client.post(f"/_twin/trades/{number}/after_sales", json={"status": 20}).status_code == 409
    assert shop.client.post("/_twin/trades/nothing/review", json={}).status_code == 404


def test_cases_are_withdrawn_by_buyers_and_refused_by_hand(shop: Caller) -> None:
    withdrawn, refused = shop.make("plain", 2)
    first, second = shop.ask(withdrawn), shop.ask(refused)
    shop.act(withdrawn, "withdraw_refund")
    shop.act(refused, "refuse", words="已发货")
    assert (status(shop, withdrawn, first), status(shop, refused, second)) == (11, 6)


def test_a_case_is_found_with_its_own_order_alone(shop: Caller) -> None:
    number, other = shop.make("plain", 2)
    case = shop.ask(number)
    assert shop.refused("pdd.refund.information.get", order_sn=other, after_sales_id=int(case)) == (50001, "售后单不存在")
    assert shop.refused(AGREE, request={"order_sn": number})[0] == 21001
    assert shop.refused(AGREE, request="[]")[0] == 21002
    assert shop.refused(AGREE, request="no json")[0] == 21002


def test_half_of_an_order_paid_back_is_no_refunded_order(shop: Caller) -> None:
    number = shop.one("split")
    line = shop.ledger(number)["lines"][0]["oid"]
    case = shop.ask(number, line=line)
    shop.call(AGREE, request=named(number, case))
    shop.advance(100)
    assert (status(shop, number, case), shop.order(number)["refund_status"]) == (10, 1)
    shop.send(number)
    assert [row["status"] for row in shop.ledger(number)["lines"]] == ["cancelled", "shipped"]
