"""Refunds: asked, reported cancelled, agreed, refused, withdrawn, goods sent back."""

import json
from typing import Any

import pytest

from .caller import Caller

FIELDS = "refund_id,tid,oid,status,modified,refund_fee,refund_version,has_good_return,dispute_type,good_status,sid"
CANCEL = "taobao.rdc.aligenius.sendgoods.cancel"


def refund_of(shop: Caller, refund_id: str) -> dict[str, Any]:
    return shop.call("taobao.refund.get", refund_id=refund_id, fields=FIELDS)["refund"]


def ask(shop: Caller, tid: str, **body: Any) -> str:
    return shop.act(tid, "refund", **body)["refund_ids"][0]


def report(shop: Caller, tid: str, refund_id: str, status: str) -> dict[str, Any]:
    param = json.dumps({"refund_id": int(refund_id), "tid": int(tid), "status": status})
    return shop.call(CANCEL, param=param)["result"]


def test_a_refund_before_shipment_shows_on_the_line_and_in_the_list(shop: Caller) -> None:
    tid = shop.one()
    refund_ids = shop.act(tid, "refund")["refund_ids"]
    assert {line["refund_status"] for line in shop.lines(tid)} == {"WAIT_SELLER_AGREE"}
    listed = shop.call("taobao.refunds.receive.get", fields=FIELDS, use_has_next="true")
    assert {row["refund_id"] for row in listed["refunds"]["refund"]} == set(refund_ids)
    refund = refund_of(shop, refund_ids[0])
    assert (refund["dispute_type"], refund["good_status"]) == ("REFUND", "BUYER_NOT_RECEIVED")


def test_refunds_of_cod_and_presale_are_listed_only_when_their_type_is_asked(shop: Caller) -> None:
    ask(shop, shop.one("cod"))
    assert "refunds" not in shop.call("taobao.refunds.receive.get", fields="refund_id")
    asked = shop.call("taobao.refunds.receive.get", fields="refund_id", type="cod")
    assert asked["total_results"] >= 1


def test_the_refund_reaches_the_trades_modified_late(shop: Caller) -> None:
    tid = shop.one()
    trade = shop.twin.market.trade(tid)
    shop.twin.storage.execute("update trade set modified = '2026-01-01 00:00:00' where tid = ?", (tid,))
    ask(shop, tid)
    modified = "select modified from trade where tid = ?"
    assert shop.twin.storage.scalar(modified, (tid,)) == "2026-01-01 00:00:00"
    shop.advance(120)
    assert shop.twin.storage.scalar(modified, (tid,)) >= trade.doc["created"]


def test_a_cancelled_shipment_refunds_at_once_and_closes(shop: Caller) -> None:
    tid = shop.one("presale_paid")
    shop.act(tid, "pay_balance")
    refund_id = ask(shop, tid)
    assert report(shop, tid, refund_id, "SUCCESS")["success"] is True
    assert refund_of(shop, refund_id)["status"] == "SUCCESS"
    assert shop.trade(tid)["status"] == "TRADE_CLOSED"
    assert shop.lines(tid)[0]["refund_status"] == "SUCCESS"
    assert shop.entry(tid)["refunds"][0]["reports"][0]["status"] == "SUCCESS"
    again = report(shop, tid, refund_id, "SUCCESS")
    assert (again["success"], again["error_code"]) == (False, "REFUND_STATUS_ERROR")


def test_a_failed_cancellation_leaves_the_refund_open(shop: Caller) -> None:
    tid = shop.one()
    refund_id = ask(shop, tid)
    assert report(shop, tid, refund_id, "FAIL")["success"] is True
    assert refund_of(shop, refund_id)["status"] == "WAIT_SELLER_AGREE"


@pytest.mark.parametrize("param", ["x", "{}", '{"refund_id":1,"tid":1}', '{"refund_id":1,"tid":1,"status":"OK"}'])
def test_a_malformed_report_is_refused(shop: Caller, param: str) -> None:
    assert shop.error(CANCEL, param=param)["code"] == 41


def test_a_withdrawn_refund_makes_the_trade_payable_again(shop: Caller) -> None:
    tid = shop.one()
    ask(shop, tid)
    assert shop.entry(tid)["payable"] is False
    shop.act(tid, "withdraw_refund")
    assert shop.entry(tid)["payable"] is True
    assert {refund["status"] for refund in shop.entry(tid)["refunds"]} == {"CLOSED"}


def test_asking_again_after_a_refusal_keeps_the_number_and_moves_the_version(shop: Caller) -> None:
    tid = shop.one("presale_paid")
    shop.act(tid, "pay_balance")
    first = ask(shop, tid)
    version = refund_of(shop, first)["refund_version"]
    shop.call("taobao.refund.refuse", refund_id=first, refuse_message="已经发出", refund_version=version)
    assert refund_of(shop, first)["status"] == "SELLER_REFUSE_BUYER"
    assert ask(shop, tid) == first
    assert refund_of(shop, first)["refund_version"] > version


def test_a_refusal_with_an_old_version_is_refused(shop: Caller) -> None:
    refund_id = ask(shop, shop.one())
    error = shop.error("taobao.refund.refuse", refund_id=refund_id, refuse_message="不同意", refund_version="1")
    assert error["sub_code"] == "isv.refund-version-error"


def test_agreeing_pays_what_matches_and_reports_the_rest(shop: Caller) -> None:
    good, stale = (refund_of(shop, ask(shop, tid)) for tid in shop.create(plain=2)["plain"])
    infos = ",".join(
        f"{row['refund_id']}|{row['refund_fee'].replace('.', '').lstrip('0')}|{version}|onsale"
        for row, version in ((good, good["refund_version"]), (stale, 1))
    )
    answer = shop.call("taobao.rp.refunds.agree", refund_infos=infos)
    assert answer["msg_code"] == "SOME_OP_SUCC"
    assert [row["succ"] for row in answer["results"]["refund_mapping_result"]] == [True, False]
    assert refund_of(shop, good["refund_id"])["status"] == "SUCCESS"
    assert refund_of(shop, stale["refund_id"])["status"] == "WAIT_SELLER_AGREE"


def test_goods_come_back_and_the_arrival_report_pays(shop: Caller) -> None:
    tid = shop.one()
    shop.ship(tid)
    refund_id = ask(shop, tid, **{"return": True})
    shop.call("taobao.rp.returngoods.agree", refund_id=refund_id)
    assert refund_of(shop, refund_id)["status"] == "WAIT_BUYER_RETURN_GOODS"
    shop.advance(86_400)
    refund = refund_of(shop, refund_id)
    assert refund["status"] == "WAIT_SELLER_CONFIRM_GOODS"
    assert refund["sid"]
    shop.call("taobao.nextone.logistics.warehouse.update", refund_id=refund_id, warehouse_status=1)
    assert refund_of(shop, refund_id)["status"] == "SUCCESS"
    assert shop.entry(tid)["lines"][0]["live"] is True


def test_a_second_open_refund_of_a_line_is_impossible(shop: Caller) -> None:
    tid = shop.one()
    ask(shop, tid)
    answer = shop.client.post(f"/_twin/trades/{tid}/refund", json={})
    assert answer.status_code == 409


def test_an_unknown_refund_is_refused(shop: Caller) -> None:
    error = shop.error("taobao.refund.get", refund_id="1", fields=FIELDS)
    assert error["sub_code"] == "isv.refund-not-exist"


def test_agreeing_to_an_unknown_refund_fails_that_one_alone(shop: Caller) -> None:
    answer = shop.call("taobao.rp.refunds.agree", refund_infos="1|100|1|onsale")
    assert (answer["msg_code"], answer["succ"]) == ("OP_FAILURE_UE", False)
    for infos in ("1|x|1", "1", ",".join(["1|1|1"] * 31), "1|1000001|1"):
        assert shop.error("taobao.rp.refunds.agree", refund_infos=infos)["code"] == 41
