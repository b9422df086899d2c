"""After-sale: every type and status, decisions, reports of goods, and what is refused."""

import time
from typing import Any

import pytest

from .caller import Caller

STATE = (50002, "isv.business-failed:20309541")
REFUSAL = {"reason": "协商一致", "remark": "已与买家沟通", "reject_reason_code": 2}
AGAIN = {"logistics": {"company_code": "shunfeng", "logistics_code": "SF0000000777"}}


def state(shop: Caller, case: str) -> tuple[int, int, int]:
    info = shop.case(case)
    return info["aftersale_type"], info["aftersale_status"], info["refund_status"]


def test_a_refund_before_shipping_is_agreed_and_paid(shop: Caller) -> None:
    number = shop.one("split")
    case = shop.ask(number)
    assert state(shop, case) == (2, 6, 1)
    shop.decide(401, case)
    assert state(shop, case) == (2, 12, 3)
    line = shop.lines(number)[0]
    assert (line["order_status"], line["main_status"], line["after_sale_info"]["after_sale_status"]) == (4, 21, 12)
    assert shop.decide_error(401, case) == STATE


def test_a_withdrawn_request_is_closed_with_its_refund_still_waiting(shop: Caller) -> None:
    number = shop.one()
    case = shop.ask(number)
    shop.act(number, "withdraw_refund")
    assert state(shop, case) == (2, 28, 1)
    told = shop.lines(number)[0]["after_sale_info"]
    assert (told["after_sale_status"], told["refund_status"]) == (28, 1)


def test_a_refund_after_shipping_is_agreed_or_refused(shop: Caller) -> None:
    first, second = shop.ask(shop.shipped()), shop.ask(shop.shipped())
    assert state(shop, first) == (1, 6, 1)
    shop.decide(201, first)
    shop.decide(202, second, **REFUSAL)
    assert (state(shop, first), state(shop, second)) == ((1, 12, 3), (1, 27, 4))


def test_a_return_goes_its_whole_way(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number, **{"return": True})
    assert shop.decide_error(111, case) == STATE
    shop.decide(101, case, logistics={"receiver_address_id": 2002})
    assert state(shop, case) == (0, 7, 1)
    shop.act(number, "return_goods", waybill="78900000000003")
    assert (state(shop, case), shop.case(case)["return_logistics_code"]) == ((0, 11, 1), "78900000000003")
    detail = shop.call("afterSale/Detail", after_sale_id=case)
    info = detail["process_info"]["after_sale_info"]
    assert (info["after_sale_id"], info["return_address_id"]) == (int(case), 2002)
    assert detail["process_info"]["logistics_info"]["return"]["tracking_no"] == "78900000000003"
    shop.decide(111, case)
    assert state(shop, case) == (0, 12, 3)
    assert shop.lines(number)[0]["main_status"] == 22


def test_a_return_is_refused_at_first_or_after_it_came(shop: Caller) -> None:
    first = shop.ask(shop.shipped(), **{"return": True})
    shop.decide(102, first, **REFUSAL)
    number = shop.shipped()
    second = shop.ask(number, **{"return": True})
    shop.decide(101, second)
    shop.act(number, "return_goods")
    shop.decide(112, second, **{**REFUSAL, "reject_reason_code": 3, "evidence": [{"type": 1, "url": "https://x"}]})
    assert (state(shop, first)[1], state(shop, second)[1]) == (27, 29)
    only = shop.call("afterSale/List", page=0, size=10, standard_aftersale_status=[29])
    assert [item["aftersale_info"]["aftersale_id"] for item in only["items"]] == [second]


def test_a_return_becomes_a_refund_alone(shop: Caller) -> None:
    case = shop.ask(shop.shipped(), **{"return": True})
    shop.decide(121, case)
    assert state(shop, case) == (1, 12, 3)


def test_an_exchange_is_sent_again_and_done(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number, exchange=True)
    info = shop.case(case)
    wanted = info["exchange_sku_info"]
    assert (info["refund_amount"], wanted["code"]) == (0, shop.lines(number)[0]["code"])
    assert isinstance(wanted["price"], str)
    shop.decide(301, case)
    shop.act(number, "return_goods")
    assert shop.decide_error(311, case) == (40002, "isv.parameter-missing:company_code")
    shop.decide(311, case, **AGAIN)
    assert state(shop, case)[:2] == (3, 13)
    shop.advance(86_400)
    assert state(shop, case)[:2] == (3, 14)
    assert shop.lines(number)[0]["main_status"] == 3


def test_an_exchange_becomes_a_refund(shop: Caller) -> None:
    case = shop.ask(shop.shipped(), exchange=True)
    shop.decide(321, case)
    info = shop.case(case)
    assert (info["aftersale_status"], info["refund_amount"] > 0) == (12, True)


def test_price_protection_pays_a_part(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number, kind="price")
    assert state(shop, case) == (6, 6, 1)
    shop.decide(201, case)
    line = shop.lines(number)[0]
    assert (line["after_sale_info"]["after_sale_status"], line["order_status"], line["main_status"]) == (53, 3, 3)


def test_goods_are_sent_after_or_repaired(shop: Caller) -> None:
    first = shop.ask(shop.shipped(), kind="resend")
    shop.decide(301, first)
    assert state(shop, first)[:2] == (7, 8)
    way = {"company_code": "shunfeng", "tracking_no": "SF0000000555"}
    assert shop.error("afterSale/fillLogistics", aftersale_id=int(first), send_type=4, **way) == STATE
    shop.call("afterSale/fillLogistics", aftersale_id=int(first), send_type=1, **way)
    assert state(shop, first)[:2] == (7, 12)
    second = shop.ask(shop.shipped(), kind="repair")
    shop.decide(301, second)
    shop.call("afterSale/fillLogistics", aftersale_id=int(second), send_type=4, **way)
    assert state(shop, second)[:2] == (8, 11)
    shop.decide(311, second, **AGAIN)
    assert state(shop, second)[:2] == (8, 13)


def test_an_unpaid_cash_order_is_called_off_without_money(shop: Caller) -> None:
    case = shop.ask(shop.one("cod"))
    shop.decide(401, case)
    info = shop.case(case)
    assert (info["aftersale_status"], info["refund_amount"], info["aftersale_refund_type"]) == (51, 0, 4)


def test_gifts_go_back_with_their_master(shop: Caller) -> None:
    number = shop.one("gift")
    gift = shop.lines(number)[-1]["order_id"]
    case = shop.ask(number)
    item = shop.call("afterSale/List", page=0, size=10, aftersale_id=case)["items"][0]
    related = item["order_info"]["related_order_info"]
    assert (related[0]["given_sku_order_ids"], related[1]["sku_order_id"]) == ([gift], gift)
    shop.decide(401, case)
    assert shop.lines(number)[-1]["main_status"] == 21


@pytest.mark.parametrize("name", ["reject_reason_code", "reason", "remark"])
def test_a_refusal_needs_its_reasons(shop: Caller, name: str) -> None:
    case = shop.ask(shop.shipped())
    given = {key: value for key, value in REFUSAL.items() if key != name}
    assert shop.decide_error(202, case, **given) == (40002, f"isv.parameter-missing:{name}")


def test_some_reasons_need_evidence(shop: Caller) -> None:
    case = shop.ask(shop.shipped())
    reasons = shop.call("afterSale/rejectReasonCodeList")["items"]
    code = next(reason["reject_reason_code"] for reason in reasons if reason["evidence_need"] == "Y")
    refused = shop.decide_error(202, case, **{**REFUSAL, "reject_reason_code": code})
    assert refused == (40002, "isv.parameter-missing:evidence")
    assert shop.decide_error(202, case, **{**REFUSAL, "reject_reason_code": 99})[0] == 40004


def test_a_stale_version_is_refused(shop: Caller) -> None:
    case = shop.ask(shop.shipped())
    assert shop.decide_error(201, case, update_time=1)[0] == 50002
    shop.decide(201, case, update_time=shop.case(case)["update_time"])


def test_one_case_that_cannot_be_decided_undoes_all(shop: Caller) -> None:
    good, done = shop.ask(shop.shipped()), shop.ask(shop.shipped())
    shop.decide(201, done)
    body = shop.send("afterSale/operate", {"type": 201, "items": [{"aftersale_id": good}, {"aftersale_id": done}]})
    assert (body["code"], body["data"]["items"][0]["aftersale_id"]) == (50002, int(done))
    assert state(shop, good)[1] == 6
    items = [{"aftersale_id": good}] * 21
    assert shop.error("afterSale/operate", type=201, items=items)[0] == 40004
    assert shop.error("afterSale/operate", type=999, items=items[:1])[0] == 40004


def test_goods_stopped_before_they_left_are_refunded_at_once(shop: Caller) -> None:
    case = shop.ask(shop.one())
    shop.call("afterSale/CancelSendGoodsSuccess", aftersale_id=case, op_time=int(time.time()))
    assert state(shop, case) == (2, 12, 3)
    late = shop.ask(shop.shipped())
    assert shop.error("afterSale/CancelSendGoodsSuccess", aftersale_id=late, op_time=int(time.time())) == STATE


def test_goods_back_in_the_warehouse_are_refunded_at_once(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number, **{"return": True})
    back = {"aftersale_id": case, "op_time": int(time.time()), "tracking_no": "78900000000003"}
    back["logistics_company_code"] = "zhongtong"
    assert shop.error("afterSale/returnGoodsToWareHouseSuccess", **back) == STATE
    shop.decide(101, case)
    shop.call("afterSale/returnGoodsToWareHouseSuccess", **back)
    assert state(shop, case) == (0, 12, 3)
    assert shop.entry(number)["refunds"][0]["reports"][-1]["what"] == "back_in_warehouse"


def test_a_parcel_on_its_way_can_be_called_back(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number)
    mine = {"company_code": "zhongtong", "tracking_no": f"ZT{number[-12:]}"}
    targets = [mine, {**mine, "tracking_no": "ZT9999999999"}]
    told = shop.call("afterSale/applyLogisticsIntercept", after_sale_id=int(case), op_from=1, intercept_targets=targets)
    assert (told["success_count"], told["failed_count"]) == (1, 1)
    assert [result["is_success"] for result in told["intercept_results"]] == [True, False]


def test_cases_are_listed_by_change_and_by_application(shop: Caller) -> None:
    first, second = shop.ask(shop.shipped()), shop.ask(shop.shipped())
    now = int(time.time())
    shop.fault(**shop.later())
    shop.call("afterSale/addOrderRemark", after_sale_id=first, remark="请跟进")

    def numbers(**params: Any) -> list[str]:
        found = shop.call("afterSale/List", **{"page": 0, "size": 10, **params})
        return [item["aftersale_info"]["aftersale_id"] for item in found["items"]]

    changed = {"update_start_time": now - 60, "update_end_time": now + 60}
    assert numbers(**changed, order_by=["update_time asc"]) == [second, first]
    assert numbers(start_time=now - 60, end_time=now + 60) == [second, first]
    assert numbers(**changed, order_by=["update_time desc"], size=1) == [first]
    assert numbers(update_start_time=now - 600, update_end_time=now - 300) == []
    assert numbers(aftersale_type=0) == []
    assert shop.call("afterSale/List", page=0, size=1)["has_more"]
    assert shop.error("afterSale/List", page=0, size=10, start_time=1) == (40002, "isv.parameter-missing:end_time")
    assert shop.error("afterSale/List", page=0, size=10, order_by=["price asc"])[0] == 40004


def test_the_buyer_gets_more_time_once(shop: Caller) -> None:
    case = shop.ask(shop.shipped(), **{"return": True})
    before = shop.case(case)["status_deadline"]
    shop.call("afterSale/timeExtend", after_sale_id=case)
    assert shop.case(case)["status_deadline"] == before + 72 * 3600
    assert shop.error("afterSale/timeExtend", after_sale_id=case) == STATE


def test_buyers_change_their_request_and_the_platform_steps_in(shop: Caller) -> None:
    number = shop.shipped()
    case = shop.ask(number)
    shop.act(number, "modify_case", amount=100)
    shop.act(number, "arbitrate", status=2)
    info = shop.case(case)
    assert (info["refund_amount"], info["arbitrate_status"]) == (100, 2)


def test_unshipped_goods_cannot_be_returned(shop: Caller) -> None:
    answer = shop.client.post(f"/_twin/trades/{shop.one()}/refund", json={"return": True})
    assert answer.status_code == 409
