"""Shipping calls: what the platform takes, what it refuses, and that the ledger keeps both."""

import threading

import pytest

from .caller import Caller

OFFLINE = "isv.logistics-offline-service-error:"
RESEND = "isv.logistics-update-company-or-mailno-error:"


def oids(shop: Caller, tid: str) -> list[str]:
    return [line["oid_str"] for line in shop.lines(tid)]


def test_shipping_whole_marks_every_line_and_fills_the_ledger(shop: Caller) -> None:
    tid = shop.one("split")
    assert shop.ship(tid, "SF1234567890")["shipping"] == {"is_success": True}
    for line in shop.lines(tid):
        assert (line["status"], line["invoice_no"]) == ("WAIT_BUYER_CONFIRM_GOODS", "SF1234567890")
        assert line["consign_time"]
    (entry,) = shop.entry(tid)["shipments"]
    assert (entry["kind"], entry["company_code"], entry["out_sid"]) == ("offline", "SF", "SF1234567890")
    assert entry["oids"] == oids(shop, tid)


def test_a_second_ship_call_is_refused_as_already_shipped(shop: Caller) -> None:
    tid = shop.one()
    shop.ship(tid)
    error = shop.error("taobao.logistics.offline.send", tid=tid, out_sid="SF1234567", company_code="SF")
    assert (error["code"], error["sub_code"]) == (15, OFFLINE + "B04")
    assert len(shop.entry(tid)["shipments"]) == 1
    refused = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert [(row["tid"], row["reason"]) for row in refused] == [(tid, OFFLINE + "B04")]


@pytest.mark.parametrize("verb", ["close", "finish"])
def test_a_closed_or_finished_trade_cannot_ship(shop: Caller, verb: str) -> None:
    tid = shop.one()
    if verb == "finish":
        shop.ship(tid)
    shop.act(tid, verb)
    assert shop.ship_error(tid) == OFFLINE + "B04"


@pytest.mark.parametrize("kind", ["unpaid", "presale_unpaid", "held", "group_buy", "pre_auth"])
def test_what_is_unpaid_or_held_cannot_ship(shop: Caller, kind: str) -> None:
    assert shop.ship_error(shop.one(kind)) == OFFLINE + "B02"


def test_a_released_hold_may_ship(shop: Caller) -> None:
    tid = shop.one("group_buy")
    shop.advance(300)
    shop.ship(tid)
    assert shop.entry(tid)["payable"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"company_code": "PIGEON"}, "B56"),
        ({"out_sid": "单号"}, "B60"),
        ({"is_split": "1"}, "CD26"),
        ({"sub_tid": "1"}, "CD25"),
        ({"is_split": "1", "sub_tid": "1"}, "P38"),
    ],
)
def test_bad_arguments_are_refused(shop: Caller, change: dict[str, str], code: str) -> None:
    tid = shop.one("split")
    assert shop.ship_error(tid, **change) == OFFLINE + code
    assert shop.trade(tid)["status"] == "WAIT_SELLER_SEND_GOODS"


def test_an_unknown_trade_is_refused_and_recorded(shop: Caller) -> None:
    assert shop.ship_error("123") == OFFLINE + "B01"


def test_parcels_of_a_split_trade_go_one_by_one(shop: Caller) -> None:
    tid = shop.one("split")
    first, second = oids(shop, tid)
    shop.ship(tid, "SF1000001", is_split=1, sub_tid=first)
    assert shop.trade(tid)["status"] == "SELLER_CONSIGNED_PART"
    assert shop.ship_error(tid) == OFFLINE + "CD23"
    assert shop.ship_error(tid, is_split=1, sub_tid=first) == OFFLINE + "B04"
    shop.ship(tid, "SF1000002", is_split=1, sub_tid=second)
    assert shop.trade(tid)["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert [line["invoice_no"] for line in shop.lines(tid)] == ["SF1000001", "SF1000002"]
    assert [row["oids"] for row in shop.entry(tid)["shipments"]] == [[first], [second]]


def test_one_waybill_may_serve_trades_of_one_buyer_but_not_of_two(shop: Caller) -> None:
    ((first, second),) = shop.create(merge_pairs=1)["merge_pairs"]
    shop.ship(first, "SF2000001")
    shop.ship(second, "SF2000001")
    assert shop.ship_error(shop.one(), out_sid="SF2000001") == OFFLINE + "F04"


def test_a_refunded_line_cannot_ship_but_the_rest_can(shop: Caller) -> None:
    tid = shop.one("split")
    gone, left = oids(shop, tid)
    (refund_id,) = shop.act(tid, "refund", oid=gone)["refund_ids"]
    report = f'{{"refund_id":{refund_id},"tid":{tid},"oid":{gone},"status":"SUCCESS"}}'
    shop.call("taobao.rdc.aligenius.sendgoods.cancel", param=report)
    assert shop.ship_error(tid, is_split=1, sub_tid=gone) == OFFLINE + "B04"
    shop.ship(tid)
    assert shop.entry(tid)["shipments"][0]["oids"] == [left]
    assert shop.trade(tid)["status"] == "WAIT_BUYER_CONFIRM_GOODS"


def test_shipping_over_an_open_refund_is_taken_and_flagged(shop: Caller) -> None:
    tid = shop.one()
    shop.act(tid, "refund")
    assert not shop.entry(tid)["payable"]
    shop.ship(tid)
    assert shop.entry(tid)["shipments"][0]["refund_open"] is True


def test_cod_ships_online_in_one_call_or_two(shop: Caller) -> None:
    one, two = shop.create(cod=2)["cod"]
    assert shop.ship_error(one) == OFFLINE + "B98"
    shop.call("taobao.logistics.online.send", tid=one, out_sid="SF3000001", company_code="SF")
    assert shop.trade(one)["cod_status"] == "TAKEN_IN_SUCCESS"
    shop.call("taobao.logistics.online.send", tid=two, company_code="SF")
    assert (shop.trade(two)["status"], shop.trade(two)["cod_status"]) == (
        "WAIT_SELLER_SEND_GOODS",
        "ACCEPTED_BY_COMPANY",
    )
    shop.call("taobao.logistics.online.confirm", tid=two, out_sid="SF3000002")
    assert shop.lines(two)[0]["logistics_company"] == "顺丰速运"
    shop.advance(86_400)
    assert shop.trade(two)["status"] == "TRADE_BUYER_SIGNED"
    shop.advance(3 * 86_400)
    assert shop.trade(two)["status"] == "TRADE_FINISHED"


def test_confirming_what_was_never_ordered_is_refused(shop: Caller) -> None:
    error = shop.error("taobao.logistics.online.confirm", tid=shop.one("cod"), out_sid="SF3000003")
    assert error["sub_code"] == "isv.logistics-confirm-service-error:CD16"


def test_shipping_without_logistics(shop: Caller) -> None:
    tid = shop.one()
    shop.call("taobao.logistics.dummy.send", tid=tid)
    assert shop.trade(tid)["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert shop.entry(tid)["shipments"][0]["kind"] == "dummy"


def resend_error(shop: Caller, tid: str, **more: str) -> str:
    arguments = {"out_sid": "ZT4000001", "company_code": "ZTO", **more}
    return shop.error("taobao.logistics.consign.resend", tid=tid, **arguments)["sub_code"]


def test_a_waybill_can_change_after_shipping_alone(shop: Caller) -> None:
    tid = shop.one()
    assert resend_error(shop, tid) == RESEND + "CD19"
    shop.ship(tid, "SF4000001")
    shop.call("taobao.logistics.consign.resend", tid=tid, out_sid="ZT4000001", company_code="ZTO")
    line = shop.lines(tid)[0]
    assert (line["invoice_no"], line["logistics_company"]) == ("ZT4000001", "中通快递")
    assert resend_error(shop, tid) == RESEND + "P07"
    assert resend_error(shop, tid, company_code="PIGEON") == RESEND + "P03"
    assert resend_error(shop, tid, out_sid="ZT4000002", sub_tid="1") == RESEND + "CD24"


def test_a_waybill_cannot_change_after_fifty_days(shop: Caller, twin: object) -> None:
    tid = shop.one()
    shop.ship(tid)
    trade = shop.twin.market.trade(tid)
    trade.doc["consign_time"] = "2025-01-01 00:00:00"
    shop.twin.market.trades.save(trade)
    assert resend_error(shop, tid) == RESEND + "P06"


def test_time_out_after_accepting_ships_once_and_can_be_looked_up(shop: Caller) -> None:
    tid = shop.one()
    fault = {"kind": "timeout_after_accept", "match": "taobao.logistics.*", "max_times": 1}
    shop.client.post("/_twin/faults", json={"faults": [fault]})
    with pytest.raises(ConnectionAbortedError):
        shop.ship(tid, "SF5000001")
    assert shop.lines(tid)[0]["invoice_no"] == "SF5000001"
    assert shop.ship_error(tid, out_sid="SF5000001") == OFFLINE + "B04"
    assert len(shop.entry(tid)["shipments"]) == 1


def test_of_many_ship_calls_at_once_one_is_taken(shop: Caller) -> None:
    tid = shop.one()
    answers: list[bool] = []

    def ship(number: int) -> None:
        params = shop.params("taobao.logistics.offline.send", tid=tid, out_sid=f"SF600000{number}", company_code="SF")
        answers.append("error_response" not in Caller(shop.twin).send(shop.signed(params)))

    threads = [threading.Thread(target=ship, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
    assert len(shop.entry(tid)["shipments"]) == 1
    refused = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert len(refused) == 7
