"""Applications to cancel before shipping: lists, answers, interception, what JD's finance and the buyer do."""

from __future__ import annotations

import time

import pytest

from .caller import ROOT, Caller, text_of


def test_a_cancellation_asks_for_the_whole_order_in_fen(shop: Caller) -> None:
    number = shop.make("split")
    shop.verb(number, "refund", line=shop.trade(number)["lines"][0]["oid"], reason="不想要了")
    row = shop.cancellation(number)
    assert (row["status"], row["reason"], row["checkTime"]) == (0, "不想要了", "")
    assert row["applyRefundSum"] == shop.trade(number)["payment"]
    assert isinstance(row["id"], int)
    assert {line["refund_status"] for line in shop.trade(number)["lines"]} == {"asked"}


def test_agreeing_cancels_the_order_and_finance_pays_later(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    assert shop.reply(shop.cancellation(number), 1)["success"] is True
    row = shop.cancellation(number)
    assert (row["status"], row["checkUserName"], row["checkRemark"]) == (1, "客服", "已核实")
    assert shop.order(number)["orderState"] == "TRADE_CANCELED"
    shop.advance(60)
    assert shop.cancellation(number)["status"] == 3
    refund = shop.trade(number)["refunds"][0]
    assert (refund["status"], [report["what"] for report in refund["reports"]]) == ("succeeded", ["agree"])


def test_refusing_brings_the_order_back(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    shop.reply(shop.cancellation(number), 2, rejectType=1, outWareStatus=1)
    assert shop.cancellation(number)["status"] == 2
    assert shop.order(number)["orderState"] == "WAIT_SELLER_STOCK_OUT"
    assert shop.ship(number)["success"] == "true"


def test_an_application_is_answered_once(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    row = shop.cancellation(number)
    shop.reply(row, 2)
    told = shop.reply(row, 1)
    assert (told["success"], told["englishErrCode"]) == (False, "STATUS_ERROR")
    assert shop.reply({"id": 1}, 1)["englishErrCode"] == "NOT_EXIST"


@pytest.mark.parametrize(("fails", "status", "state"), [(0, 7, "TRADE_CANCELED"), (1, 8, "WAIT_SELLER_STOCK_OUT")])
def test_jd_tells_later_whether_it_could_stop_the_parcel(shop: Caller, fails: int, status: int, state: str) -> None:
    shop.twin.options.settings["intercept_fails"] = fails
    number = shop.make()
    shop.verb(number, "refund")
    shop.reply(shop.cancellation(number), 6)
    assert (shop.cancellation(number)["status"], shop.order(number)["orderState"]) == (6, "LOCKED")
    shop.advance(120)
    assert (shop.cancellation(number)["status"], shop.order(number)["orderState"]) == (status, state)


def test_a_parcel_may_be_followed_before_deciding_and_an_order_closed_by_force(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    shop.reply(shop.cancellation(number), 10)
    assert (shop.cancellation(number)["status"], shop.order(number)["orderState"]) == (10, "LOCKED")
    shop.reply(shop.cancellation(number), 9, remark="")
    assert (shop.cancellation(number)["status"], shop.order(number)["orderState"]) == (9, "TRADE_CANCELED")


def test_the_buyer_may_withdraw_and_jd_may_cancel_itself(shop: Caller) -> None:
    kept, gone = shop.make(), shop.make()
    for number in (kept, gone):
        shop.verb(number, "refund")
    shop.verb(kept, "withdraw_refund")
    shop.verb(gone, "cancel")
    assert (shop.cancellation(kept)["status"], shop.cancellation(gone)["status"]) == (11, 5)
    shop.verb(kept, "refund")
    assert shop.order(kept)["orderState"] == "LOCKED"


def test_finance_may_refuse(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    shop.reply(shop.cancellation(number), 1)
    shop.verb(number, "finance", passes=False)
    assert shop.cancellation(number)["status"] == 4


def test_any_status_can_be_shown_on_demand(shop: Caller) -> None:
    number = shop.make()
    shop.verb(number, "refund")
    for status in range(12):
        shop.verb(number, "set_status", status=status)
        assert shop.cancellation(number)["status"] == status
    answer = shop.client.post(f"/_twin/trades/{number}/set_status", json={"status": 12})
    assert answer.status_code == 409


def test_applications_are_listed_by_asking_and_by_checking(shop: Caller) -> None:
    made = [shop.make() for _ in range(3)]
    for number in made:
        shop.verb(number, "refund")
    shop.reply(shop.cancellation(made[1]), 2)
    day = {"Start": text_of(time.time() - 3600), "End": text_of(time.time() + 60)}

    def listed(**business: object) -> list[str]:
        return [row["orderId"] for row in shop.ok(f"{ROOT}.queryPageList", **business)["queryResult"]["result"]]

    assert listed(**{f"applyTime{end}": moment for end, moment in day.items()}) == made
    assert listed(**{f"checkTime{end}": moment for end, moment in day.items()}) == [made[1]]
    assert listed(status=0) == [made[0], made[2]]
    assert listed(pageIndex=2, pageSize=2) == made[2:]
    assert listed(ids=[shop.cancellation(made[2])["id"]]) == made[2:]
    assert shop.ok(f"{ROOT}.getWaitRefundNum")["queryResult"]["totalCount"] == 2
    one = shop.ok(f"{ROOT}.queryById", id=shop.cancellation(made[0])["id"])["queryResult"]["result"]
    assert [row["orderId"] for row in one] == [made[0]]


@pytest.mark.parametrize(
    ("method", "business", "code"),
    [
        ("queryPageList", {"pageSize": 51}, "10100002"),
        ("queryPageList", {"pageIndex": 101}, "10100002"),
        ("queryPageList", {"applyTimeStart": "heute"}, "10100002"),
        ("replyRefund", {"id": 1, "status": 1, "remark": "x"}, "10100001"),
        ("replyRefund", {"id": 1, "status": 1, "checkUserName": "x"}, "10100001"),
        ("replyRefund", {"id": 1, "status": 3, "checkUserName": "x", "remark": "x"}, "10100002"),
        ("replyRefund", {"id": 1, "status": 2, "checkUserName": "x", "remark": "x", "rejectType": 7}, "10100002"),
        ("queryById", {}, "10100001"),
    ],
)
def test_malformed_calls_are_refused(shop: Caller, method: str, business: dict[str, object], code: str) -> None:
    assert shop.call(f"{ROOT}.{method}", **business)["error_response"]["code"] == code
