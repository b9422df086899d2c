"""After-sales on Douyin: what they become, and what is answered to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.errors import NotSupported, Refused
from connectors.contract.notices import InterceptionNotice, ShipmentNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.douyin.cases import parse_case
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.papers import (
    CASE_NO,
    CHANGED,
    ORDER_NO,
    a_case,
    envelope,
    error_body,
    line_no,
)
from tests.connectors.marketplaces.douyin.stage import Stage

TAKEN = {"items": [{"aftersale_id": int(CASE_NO), "status_code": 0, "status_msg": "ok"}]}
PARCEL = ShipmentNotice(ORDER_NO, "ZTO", "755", whole=True, shipped_at=NOW)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(return_address_no="55") as stage:
        yield stage


def parsed(*args: Any, **changes: Any) -> CaseRecord:
    """The record of an after-sale."""
    return parse_case(envelope(a_case(*args, **changes)))


def test_a_refund_before_shipment_names_its_line_money_and_times():
    case = parsed()
    assert (case.external_no, case.order_no, case.line_no) == (CASE_NO, ORDER_NO, line_no(1))
    assert (case.kind, case.phase, case.state, case.allows) == ("refund", "onsale", RefundState.ASKED, ("agree",))
    assert (case.amount, case.units, case.reason, case.words) == (8000, 2, "拍错了", "多拍了一件")
    assert (case.version, case.goods_received_by_buyer) == (str(CHANGED), False)
    assert case.respond_by == datetime.fromtimestamp(CHANGED + 86400, UTC)
    assert case.evidence == ("https://pictures.example.invalid/1.jpg",)


def test_a_case_over_several_lines_divides_the_goods_money():
    case = parsed(6, 1, 2, refund_total_amount=10001, refund_post_amount=1000)
    assert case.line_no == ""
    assert [(line.line_no, line.units, line.amount) for line in case.lines] == [
        (line_no(1), 2, 4501),
        (line_no(2), 2, 4500),
    ]


def test_returned_goods_name_their_parcel():
    case = parsed(11, 0, got_pkg=1)
    assert (case.kind, case.state, case.phase) == ("return", RefundState.RETURNED, "aftersale")
    assert (case.return_carrier, case.return_waybill, case.goods_received_by_buyer) == ("ZTO", "789", True)
    assert case.allows == ("agree", "refuse", "goods_received")


def test_an_exchange_names_what_is_wanted():
    case = parsed(6, 3, exchange_sku_info={"sku_id": "175", "code": "CUP-BLUE", "num": 1, "price": "4000"})
    assert (case.kind, case.wanted_variant_no, case.wanted_seller_code) == ("exchange", "175", "CUP-BLUE")


@pytest.mark.parametrize(
    ("kind", "name"),
    list(enumerate(["return", "refund", "refund", "exchange", "refund", "refund", "other", "reship", "repair"])),
)
def test_every_type_has_its_kind(kind: int, name: str):
    assert (parsed(6, kind).kind, parsed(6, kind).alerts) == (name, ())


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (3, RefundState.RETURNED),
        (7, RefundState.AGREED),
        (8, RefundState.RETURNED),
        (12, RefundState.SUCCEEDED),
        (13, RefundState.RETURNED),
        (14, RefundState.SUCCEEDED),
        (27, RefundState.REFUSED),
        (28, RefundState.CLOSED),
        (29, RefundState.REFUSED),
        (51, RefundState.SUCCEEDED),
        (53, RefundState.SUCCEEDED),
    ],
)
def test_every_status_has_its_state_and_only_ours_a_deadline(status: int, state: RefundState):
    case = parsed(status, 0)
    assert case.state is state
    assert (case.respond_by is not None) == (status == 8)


def test_unknown_words_alert_and_count_as_asked():
    case = parsed(99, 77)
    assert (case.state, case.kind, case.allows) == (RefundState.ASKED, "other", ())
    assert case.alerts == ("after_sale_type=77", "after_sale_status=99")


@pytest.mark.parametrize(
    ("facts", "agree", "number"),
    [
        ({"kind": "refund", "state": "asked", "phase": "onsale"}, True, 401),
        ({"kind": "refund", "state": "asked", "phase": "aftersale"}, True, 201),
        ({"kind": "refund", "state": "asked", "phase": "aftersale", "refused_delivery": "yes"}, True, 203),
        ({"kind": "refund", "state": "asked", "phase": "aftersale"}, False, 202),
        ({"kind": "return", "state": "asked"}, True, 101),
        ({"kind": "return", "state": "asked"}, False, 102),
        ({"kind": "return", "state": "returned"}, True, 111),
        ({"kind": "return", "state": "returned"}, False, 112),
        ({"kind": "exchange", "state": "asked"}, True, 301),
        ({"kind": "exchange", "state": "asked"}, False, 302),
        ({"kind": "exchange", "state": "returned"}, False, 312),
    ],
)
def test_every_decision_has_its_number(stage: Stage, facts: dict[str, str], agree: bool, number: int):
    stage.answers(TAKEN)
    stage.douyin.decide_case(CASE_NO, agree, "看过了", {**facts, "version": str(CHANGED), "reason_no": "101"})
    path, sent = stage.sent[0]
    assert (path, sent["type"]) == ("afterSale/operate", number)
    (item,) = sent["items"]
    assert (item["aftersale_id"], item["update_time"], item["remark"]) == (CASE_NO, CHANGED, "看过了")
    assert item.get("logistics") == ({"receiver_address_id": 55} if number in (101, 301) else None)
    assert item.get("reject_reason_code") == (None if agree else 101)


def test_a_decision_without_facts_reads_the_case_first(stage: Stage):
    stage.answers(a_case(11, 0), TAKEN)
    stage.douyin.decide_case(CASE_NO, True, "", {})
    assert stage.paths == ["afterSale/Detail", "afterSale/operate"]
    assert stage.sent[1][1]["type"] == 111


def test_a_refusal_wants_reason_and_words_and_may_show_pictures(stage: Stage):
    facts = {"kind": "return", "state": "asked"}
    for words, more in (("", {"reason_no": "1"}), ("no", {}), ("no", {"reason_no": "x"})):
        with pytest.raises(Refused, match="reason number"):
            stage.douyin.decide_case(CASE_NO, False, words, {**facts, **more})
    stage.answers(TAKEN)
    stage.douyin.decide_case(CASE_NO, False, "破损", {**facts, "reason_no": "1", "evidence": "https://a, https://b"})
    assert [e["url"] for e in stage.sent[0][1]["items"][0]["evidence"]] == ["https://a", "https://b"]


def test_decisions_the_platform_has_no_call_for_are_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="together with a parcel"):
        stage.douyin.decide_case(CASE_NO, False, "no", {"kind": "refund", "state": "asked", "phase": "onsale"})
    with pytest.raises(NotSupported, match="repair"):
        stage.douyin.decide_case(CASE_NO, True, "", {"kind": "repair", "state": "asked"})
    with Stage() as homeless, pytest.raises(Refused, match="return_address_no"):
        homeless.douyin.decide_case(CASE_NO, True, "", {"kind": "return", "state": "asked"})
    assert not stage.sent


def test_a_decision_that_was_not_taken_is_a_refusal(stage: Stage):
    stage.answers({"items": [{"aftersale_id": int(CASE_NO), "status_code": 7, "status_msg": "已更新"}]})
    with pytest.raises(Refused, match="已更新"):
        stage.douyin.decide_case(CASE_NO, True, "", {"kind": "return", "state": "returned"})


def test_goods_that_came_back_are_told_with_their_parcel(stage: Stage):
    stage.answers({}, a_case(11, 0), {})
    stage.douyin.goods_received(CASE_NO, {"carrier_code": "YTO", "waybill_no": "1"})
    stage.douyin.goods_received(CASE_NO, {})
    told = [sent for path, sent in stage.sent if path == "afterSale/returnGoodsToWareHouseSuccess"]
    assert [(t["logistics_company_code"], t["tracking_no"]) for t in told] == [("yuantong", "1"), ("zhongtong", "789")]
    assert {t["op_time"] for t in told} == {int(NOW.timestamp())}


def test_a_stopped_shipment_is_told_and_one_not_stopped_is_not(stage: Stage):
    stage.answers({})
    notice = InterceptionNotice(ORDER_NO, CASE_NO, stopped=True, at=NOW)
    stage.douyin.confirm_interception(notice)
    assert stage.sent == [
        ("afterSale/CancelSendGoodsSuccess", {"aftersale_id": CASE_NO, "op_time": int(NOW.timestamp())})
    ]
    assert "no word" in stage.douyin.confirm_interception(replace(notice, stopped=False)).words
    assert len(stage.sent) == 1


def test_a_refund_the_platform_made_by_itself_needs_no_word_and_a_missing_assistant_is_told(stage: Stage):
    notice = InterceptionNotice(ORDER_NO, CASE_NO, stopped=True, at=NOW)
    stage.answers(
        error_body(50002, "isv.business-failed:12001", "met already"),
        error_body(50002, "isv.business-failed:11002", "set up the assistant"),
    )
    assert "faster" in stage.douyin.confirm_interception(notice).words
    with pytest.raises(Refused, match="set up the assistant"):
        stage.douyin.confirm_interception(notice)


def test_exchange_and_reship_parcels_leave_by_calls_of_their_own(stage: Stage):
    stage.answers(a_case(11, 3), TAKEN, a_case(8, 7), {})
    stage.douyin.ship_exchange(CASE_NO, PARCEL)
    stage.douyin.ship_exchange(CASE_NO, PARCEL)
    operate, fill = stage.sent[1], stage.sent[3]
    assert operate[1]["type"] == 311
    assert operate[1]["items"][0]["logistics"] == {"company_code": "zhongtong", "logistics_code": "755"}
    assert fill == (
        "afterSale/fillLogistics",
        {"aftersale_id": int(CASE_NO), "send_type": 1, "company_code": "zhongtong", "tracking_no": "755"},
    )


def test_a_return_takes_no_parcel_from_the_seller(stage: Stage):
    stage.answers(a_case(11, 0))
    with pytest.raises(NotSupported, match="return"):
        stage.douyin.ship_exchange(CASE_NO, PARCEL)


def test_a_case_is_read_byte_for_byte(stage: Stage):
    body = envelope(a_case())
    stage.answers(body, error_body(50002, "isv.business-failed:1"))
    document = stage.douyin.get_case(CASE_NO)
    assert (document.body, document.kind, document.external_no) == (body, "case", CASE_NO)
    with pytest.raises(Refused):
        stage.douyin.get_case(CASE_NO)
