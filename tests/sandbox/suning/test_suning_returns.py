"""Returns and refunds at Suning: lists, steps, the seller's word by call and by hand, money by and by."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .caller import Caller, text_of, window

NO_RESULT = "biz.handler.data-get:no-result"


def asked(shop: Caller, *, goods: bool = False, kind: str = "presale_paid") -> tuple[str, str, str]:
    """An order of one line with a case: its number, its line, its product."""
    number = shop.make(kind)
    shop.advance(600)
    if goods:
        shop.ship(number)
    shop.verb(number, "refund", **{"return": goods})
    (line,) = shop.order(number)["orderDetail"]
    return number, line["orderLineNumber"], line["productCode"]


def step(shop: Caller, number: str) -> str:
    return str(shop.returns(number)[-1]["orderLineStatus"])


def word(shop: Caller, method: str, biz: str, found: tuple[str, str, str], state: str, **more: Any) -> str:
    """Say something of a case; its error code, or nothing."""
    kind = "refund" if biz == "disAgreeRefund" else "rejected"
    head = {"orderCode": found[0], "address": "1", "name": "张三", "telephone": "13800000000"}
    detail = {"orderLineNumber": found[1], "productCode": found[2], "state": state, "reason": "核实", **more}
    answer = shop.call(method, biz, **{f"{kind}Head": head, f"{kind}Detail": [detail]})
    return str(answer.get("sn_error", {}).get("error_code", ""))


def money(shop: Caller, found: tuple[str, str, str], **changed: str) -> str:
    told = {"childAccountName": "店长", "code": "246810", "orderItemId": found[1], "returnType": "2",
            "returnMoney": shop.returns(found[0])[-1]["returnMoney"], "applyTime": text_of(time.time())}  # fmt: skip
    answer = shop.call("agreerefund.modify", "modifyAgreeRefund", **{**told, **changed})
    return str(answer.get("sn_error", {}).get("error_code", ""))


def test_a_refund_is_listed_with_what_the_buyer_asks(shop: Caller) -> None:
    number, line, product = asked(shop)
    (row,) = shop.ok("batchrejected.query", "batchQueryRejected", **window(), pageNo="1", pageSize="50")
    assert (row["orderCode"], row["orderLineNumber"], row["productCode"]) == (number, line, product)
    assert (row["statusDesc"], row["refundtype"], row["statusPassTime"]) == ("退款待处理", "1", "")
    assert shop.order(number)["orderDetail"][0]["returnOrderFlag"] == "1"
    assert shop.ok("returngoods.query", "queryReturngoods", **window()) == [row]
    assert shop.ok("rejectedord.query", "batchQueryRejected", **window(), orderLineStatus="C030") == [row]
    assert shop.code("rejectedord.query", "batchQueryRejected", **window(), orderLineStatus="C130") == NO_RESULT


@pytest.mark.parametrize(
    ("method", "told", "code"),
    [
        ("batchrejected.query", {"startTime": ""}, "sys.check.starttime-value:null"),
        ("batchrejected.query", {"startTime": text_of(time.time() - 31 * 86400)}, "sys.check.query-time:outofrange"),
        ("batchrejected.query", {}, NO_RESULT),
        ("rejectedord.query", {}, "biz.batchQueryRejected.missing-parameter:orderLineStatus"),
        ("rejectedord.query", {"orderLineStatus": "C999"}, "biz.custom.batchQueryRejected.invalid-biz:orderLineStatus"),
    ],
)
def test_a_list_refuses_what_it_cannot_take(shop: Caller, method: str, told: dict[str, str], code: str) -> None:
    assert shop.code(method, "batchQueryRejected", **{**window(), **told}) == code


def test_an_order_without_returns_has_none(shop: Caller) -> None:
    assert shop.code("singlerejected.get", "singleGetRejected", orderCode=shop.make()) == NO_RESULT
    assert shop.code("singlerejected.get", "singleGetRejected", orderCode="x") == "biz.rejected.ordercode-format:error"


def test_money_is_agreed_to_and_then_paid(shop: Caller) -> None:
    found = asked(shop)
    assert shop.ok("verifycode.get", "getVerifyCode", childAccountName="店长")["result"] == "Y"
    assert money(shop, found, code="0") == "biz.custom.modifyAgreeRefund.invalid-biz:code"
    assert money(shop, found, returnMoney="999999.00") == "biz.custom.modifyAgreeRefund.invalid-biz:orderItemId"
    assert money(shop, found, returnMoney="1e3") == "biz.custom.modifyAgreeRefund.invalid-biz:returnMoney"
    assert money(shop, found) == ""
    assert step(shop, found[0]) == "C050"
    assert money(shop, found) == "biz.custom.modifyAgreeRefund.invalid-biz:orderItemId"
    shop.advance(60)
    assert step(shop, found[0]) == "C130"
    assert shop.order(found[0])["orderTotalStatus"] == "40"
    assert money(shop, found) == "biz.custom.modifyAgreeRefund.invalid-biz:orderItemId"


def test_a_return_goes_all_its_steps(shop: Caller) -> None:
    found = asked(shop, goods=True)
    assert money(shop, found) == "biz.custom.modifyAgreeRefund.invalid-biz:orderItemId"
    assert word(shop, "agreerejected.modify", "agreeRejected", found, "C040") == ""
    assert step(shop, found[0]) == "C040"
    shop.verb(found[0], "return_goods")
    (row,) = shop.returns(found[0])
    assert (row["orderLineStatus"], row["expressCompanyCode"], bool(row["expressNo"])) == ("C060", "Z01", True)
    assert money(shop, found, returnType="4") == ""
    shop.advance(60)
    (row,) = shop.returns(found[0])
    assert (row["orderLineStatus"], row["statusDesc"], row["refundtype"]) == ("C130", "退款成功", "2")
    (refund,) = shop.trade(found[0])["refunds"]
    assert refund["received"]
    assert [report["what"] for report in refund["reports"]] == ["agree", "received", "refund"]


@pytest.mark.parametrize(
    ("goods", "method", "biz", "shown"),
    [
        (True, "disagreerejected.modify", "disAgreeRejected", "C041"),
        (False, "disagreerefund.modify", "disAgreeRefund", "C051"),
    ],
)
def test_what_is_refused_stays_refused(shop: Caller, goods: bool, method: str, biz: str, shown: str) -> None:
    found = asked(shop, goods=goods)
    assert word(shop, method, biz, found, "C051", reason="") == f"biz.{biz}.missing-parameter:reason"
    assert word(shop, method, biz, found, "C040") == f"biz.custom.{biz}.invalid-biz:state"
    assert word(shop, method, biz, found, "C051") == ""
    assert step(shop, found[0]) == shown
    assert word(shop, method, biz, found, "C051") == f"biz.custom.{biz}.invalid-biz:orderLineNumber"


def test_a_word_must_name_what_is_open(shop: Caller) -> None:
    found = asked(shop)
    agree = ("agreerejected.modify", "agreeRejected")
    assert word(shop, *agree, found, "C040") == "biz.custom.agreeRejected.invalid-biz:state"
    assert word(shop, *agree, ("99", *found[1:]), "C040") == "biz.agreeRejected.ordercode-value:inexistence"
    assert word(shop, *agree, (*found[:2], "1"), "C040") == "biz.custom.agreeRejected.invalid-biz:orderLineNumber"
    head = {"orderCode": found[0]}
    assert shop.code(*agree, rejectedHead=head, rejectedDetail=[{}]) == "biz.agreeRejected.missing-parameter:address"
    assert (
        shop.code("agreerefund.modify", "modifyAgreeRefund") == "biz.modifyAgreeRefund.missing-parameter:childAccountName"
    )


def test_the_seller_decides_by_hand_as_well(shop: Caller) -> None:
    found = asked(shop, goods=True)
    shop.verb(found[0], "agree")
    shop.verb(found[0], "return_goods")
    shop.verb(found[0], "agree")
    shop.advance(60)
    assert step(shop, found[0]) == "C130"
    other = asked(shop)
    shop.verb(other[0], "refuse", words="已发货")
    assert step(shop, other[0]) == "C051"


def test_every_step_of_a_return_appears(shop: Caller) -> None:
    found = asked(shop, goods=True)
    for code in ("C055", "C131", "C040", "C060"):
        shop.verb(found[0], "after_sales", status=code)
        assert step(shop, found[0]) == code
        (row,) = shop.ok("rejectedord.query", "batchQueryRejected", **window(), orderLineStatus=code)
        assert row["orderCode"] == found[0]
    for code in ("C110", "C075", "C080", "C070"):
        other = asked(shop)
        shop.verb(other[0], "after_sales", status=code)
        assert step(shop, other[0]) == code
    withdrawn = asked(shop)
    shop.verb(withdrawn[0], "withdraw_refund")
    assert step(shop, withdrawn[0]) == "C070"


def test_verbs_that_cannot_be_done_say_why(shop: Caller) -> None:
    number = shop.make()
    for verb, body, status in (
        ("refund", {"exchange": True}, 409),
        ("agree", {}, 409),
        ("unheard_of", {}, 404),
    ):
        answer = shop.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert (answer.status_code, bool(answer.get_json()["error"])) == (status, True)
    shop.verb(number, "refund")
    assert shop.client.post(f"/_twin/trades/{number}/after_sales", json={"status": "C999"}).status_code == 409


def test_a_row_of_one_comes_without_its_list_on_demand(start: Any) -> None:
    shop = start(single_as_object=True)
    number = shop.make("presale_paid")
    shop.advance(600)
    shop.verb(number, "refund")
    assert shop.ok("batchrejected.query", "batchQueryRejected", **window())["orderCode"] == number
