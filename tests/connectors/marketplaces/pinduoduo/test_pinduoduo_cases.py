"""Cases: parsing lists and details, deciding, stopping shipments, goods that come back, exchanges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, NotSupported, Refused, Retryable
from connectors.contract.notices import InterceptionNotice, ShipmentNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.pinduoduo.cases import parse_case
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.pinduoduo.papers import CASE, CASE_NO, SN, a_case, a_row
from tests.connectors.marketplaces.pinduoduo.stage import Stage, staged

R = RefundState
NOW_MS = int(NOW.timestamp() * 1000)
ACCEPTED = {"response": {"result": {"order_sn": SN, "after_sales_id": CASE, "succ": True, "message": ""}}}


def parsed(**changes: Any) -> CaseRecord:
    """The case in a detail with these changes."""
    return parse_case(orjson.dumps(a_case(**changes)))


def test_a_detail_tells_all_there_is():
    case = parsed()
    assert (case.external_no, case.order_no, case.line_no) == (CASE_NO, SN, "9900001")
    assert (case.kind, case.state, case.amount, case.units) == ("refund", R.ASKED, 8000, 2)
    assert (case.reason, case.words, case.phase) == ("拍错了", "多拍了一件", "onsale")
    assert case.created_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert case.changed_at == datetime(2026, 3, 2, 2, 5, tzinfo=UTC)
    assert case.respond_by == datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    assert case.goods_received_by_buyer is False
    assert case.evidence == ("https://img.example.invalid/1.jpg",)
    assert case.allows == ("agree",)
    assert [(line.line_no, line.units, line.amount) for line in case.lines] == [("9900001", 2, 8000)]


def test_a_row_of_the_list_is_the_same_case_in_yuan():
    row, detail = parse_case(orjson.dumps(a_row())), parsed()
    assert (row.external_no, row.amount, row.units, row.reason) == (CASE_NO, 8000, 2, "拍错了")
    assert (row.created_at, row.changed_at, row.state) == (detail.created_at, detail.changed_at, detail.state)


@pytest.mark.parametrize(
    ("amount", "in_fen", "fen"),
    [(8910, True, 8910), (8910, False, 891000), (89.1, True, 8910), ("89.10", True, 8910), (None, True, 0)],
)
def test_whole_numbers_are_fen_or_yuan_as_set_and_fractions_always_yuan(amount: Any, in_fen: bool, fen: int):
    assert parse_case(orjson.dumps(a_case(refund_amount=amount)), in_fen=in_fen).amount == fen


def test_the_unit_of_amounts_is_a_setting():
    body = orjson.dumps(a_case(refund_amount=80))
    assert Stage(case_amounts="yuan").vendor.parse_case(body).amount == 8000
    assert Stage().vendor.parse_case(body).amount == 80


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, R.NONE),
        (2, R.ASKED),
        (3, R.ASKED),
        (4, R.AGREED),
        (5, R.AGREED),
        (6, R.REFUSED),
        (7, R.AGREED),
        (8, R.ASKED),
        (9, R.CLOSED),
        (10, R.SUCCEEDED),
        (11, R.CLOSED),
        (12, R.CLOSED),
        (13, R.CLOSED),
        (14, R.ASKED),
        (15, R.AGREED),
        (16, R.SUCCEEDED),
        (17, R.CLOSED),
        (18, R.RETURNED),
        (21, R.ASKED),
        (22, R.AGREED),
        (24, R.CLOSED),
        (25, R.SUCCEEDED),
        (27, R.RETURNED),
        (31, R.AGREED),
        (32, R.AGREED),
        (33, R.AGREED),
    ],
)
def test_every_status_has_its_state(status: int, state: RefundState):
    case = parsed(after_sales_status=status)
    assert (case.state, case.alerts) == (state, ())


def test_an_unknown_status_or_kind_counts_as_asked_and_raises_an_alert():
    case = parsed(after_sales_status=99, after_sales_type=8)
    assert (case.state, case.kind) == (R.ASKED, "other")
    assert case.alerts == ("after_sales_type=8", "after_sales_status=99")


@pytest.mark.parametrize(("told", "kind"), [(1, "refund"), (2, "return"), (3, "exchange"), (4, "reship"), (5, "repair")])
def test_kinds_in_answers_are_one_less_than_in_questions(told: int, kind: str):
    assert parsed(after_sales_type=told).kind == kind


def test_goods_with_a_waybill_are_on_their_way_back():
    sent = {"express_no": "YT100", "shipping_name": "圆通快递", "after_sales_status": 7}
    case = parsed(after_sales_type=2, **sent)
    assert (case.state, case.return_carrier, case.return_waybill) == (R.RETURNED, "YTO", "YT100")
    assert case.allows == ("agree", "goods_received")
    assert parsed(after_sales_type=1, **sent).state is R.AGREED
    assert parsed(after_sales_type=2, express_no="Z", shipping_name="小镇快递").return_carrier == "小镇快递"


def test_an_exchange_tells_what_is_wanted_and_when_goods_may_leave():
    asked = parsed(after_sales_type=3, after_sales_status=14, exchange_shipping_detail={"sku_id_exchange": 9900002})
    assert (asked.wanted_variant_no, asked.allows) == ("9900002", ("ship_exchange",))
    assert parsed(after_sales_type=3, after_sales_status=18).allows == ()
    assert parsed(after_sales_type=4, after_sales_status=32).allows == ("ship_exchange",)


def test_a_time_that_cannot_be_is_a_bad_record():
    with pytest.raises(BadRecord, match="milliseconds"):
        parsed(expire_time=10**14 * 9)


def test_a_case_is_read_by_its_order_and_its_answer_kept_as_it_came():
    with Stage() as stage:
        stage.answers(a_case())
        document = stage.vendor.get_case(CASE_NO)
    assert (stage.sent[0]["order_sn"], stage.sent[0]["after_sales_id"]) == (SN, str(CASE))
    assert (document.external_no, document.kind) == (CASE_NO, "case")
    assert stage.vendor.parse_case(document.body).external_no == CASE_NO


@pytest.mark.parametrize("answer", [a_case(id=5), a_case(id=[]), {"request_id": "r"}])
def test_another_case_than_asked_for_is_not_taken(answer: dict[str, Any]):
    with staged(answer) as stage, pytest.raises(Retryable):
        stage.vendor.get_case(CASE_NO)


@pytest.mark.parametrize("number", ["77000000001", "case@260302-1", ""])
def test_a_case_without_its_order_is_refused_with_the_remedy(number: str):
    with pytest.raises(Refused, match="by its order"):
        Stage().vendor.get_case(number)


# ---- deciding -------------------------------------------------------------------------------------


def test_agreeing_to_a_refund_pays_it():
    with Stage() as stage:
        stage.answers(ACCEPTED)
        receipt = stage.vendor.decide_case(CASE_NO, True, "好的", {"kind": "refund", "state": "asked"})
    assert receipt.reference == CASE_NO
    assert stage.methods == ["pdd.refund.agree"]
    assert stage.sent[0]["request"] == {"order_sn": SN, "after_sales_id": CASE, "operate_desc": "好的"}


def test_agreeing_to_a_return_names_an_address_and_paying_comes_when_the_goods_are_back():
    addresses = {
        "refund_address_list_get_response": {
            "refund_address_list": [
                {"refund_address_id": "5", "is_default": "N"},
                {"refund_address_id": "6", "is_default": "Y"},
            ]
        }
    }
    with Stage() as stage:
        stage.answers(addresses, ACCEPTED, ACCEPTED, ACCEPTED)
        stage.vendor.decide_case(CASE_NO, True, "", {"kind": "return", "state": "asked"})
        stage.vendor.decide_case(CASE_NO, True, "", {"kind": "return", "state": "asked", "address_no": "9"})
        stage.vendor.decide_case(str(CASE), True, "", {"kind": "return", "state": "returned", "order_no": SN})
    assert stage.methods == [
        "pdd.refund.address.list.get",
        "pdd.refund.returngoods.agree",
        "pdd.refund.returngoods.agree",
        "pdd.refund.agree",
    ]
    assert [call["request"].get("return_address_id") for call in stage.sent[1:]] == ["6", "9", None]


def test_a_seller_without_an_address_for_returns_is_told_to_write_one():
    with (
        staged({"refund_address_list_get_response": {"refund_address_list": [], "request_id": "r"}}) as stage,
        pytest.raises(Refused, match="address for returns"),
    ):
        stage.vendor.decide_case(CASE_NO, True, "", {"kind": "return", "state": "asked"})


@pytest.mark.parametrize(("agree", "kind"), [(False, "refund"), (True, "exchange"), (True, "repair")])
def test_what_the_platform_has_no_call_for_is_not_supported(agree: bool, kind: str):
    with pytest.raises(NotSupported, match="console"):
        Stage().vendor.decide_case(CASE_NO, agree, "", {"kind": kind})


@pytest.mark.parametrize(
    "answer",
    [
        {"response": {"result": {"succ": False, "message": "余额不足"}}},
        {"response": {"success": False, "error_msg": "余额不足", "error_code": 7}},
        {"response": {"success": True, "result": {"success": False, "message": "余额不足"}}},
    ],
)
def test_a_no_inside_an_answer_is_a_refusal_in_the_platform_s_words(answer: dict[str, Any]):
    with staged(answer) as stage, pytest.raises(Refused, match="余额不足"):
        stage.vendor.decide_case(CASE_NO, True, "", {"kind": "refund"})


@pytest.mark.parametrize("stopped", [True, False])
def test_the_platform_is_told_whether_a_shipment_was_stopped(stopped: bool):
    notice = InterceptionNotice(SN, CASE_NO, stopped, NOW, amount=8000, words="已拦截")
    with Stage() as stage:
        stage.answers({"rdc_pddgenius_sendgoods_cancel_response": {"result": {"result_data": {"refund_id": CASE}}}})
        stage.vendor.confirm_interception(notice)
    told = stage.sent[0]["param"]
    assert told.pop("fail_reason_code", None) == (None if stopped else 1002)
    assert told == {
        "refund_id": CASE,
        "tid": SN,
        "status": "SUCCESS" if stopped else "FAIL",
        "refund_fee": 8000,
        "operate_time": NOW_MS,
        "msg": "已拦截",
    }


@pytest.mark.parametrize(("facts", "status"), [({}, 1), ({"accepted": "no"}, 2)])
def test_the_platform_is_told_of_goods_that_came_back(facts: dict[str, str], status: int):
    with Stage() as stage:
        stage.answers({"response": {"result": {"after_sales_id": CASE, "order_sn": SN}}})
        stage.vendor.goods_received(CASE_NO, {**facts, "carrier_code": "YTO", "waybill_no": "YT100"})
    assert stage.methods == ["pdd.nextone.logistics.warehouse.update"]
    assert stage.sent[0]["request"] == {
        "order_sn": SN,
        "after_sales_id": CASE,
        "operate_time": NOW_MS,
        "warehouse_status": status,
        "reverse_tracking_number": "YT100",
        "reverse_logistics_id": 85,
    }


def test_exchange_goods_leave_with_carrier_and_waybill():
    with Stage() as stage:
        stage.answers(ACCEPTED)
        stage.vendor.ship_exchange(CASE_NO, ShipmentNotice(SN, "SF", "SF100", whole=True, shipped_at=NOW))
    assert stage.methods == ["pdd.refund.exchange.shipping"]
    assert stage.sent[0]["request"] == {
        "order_sn": SN,
        "after_sales_id": CASE,
        "shipping_id": 44,
        "shipping_name": "顺丰",
        "tracking_number": "SF100",
    }


def test_the_parcel_that_came_back_is_read_from_the_case_where_nobody_names_it():
    with Stage() as stage:
        stage.answers(a_case(express_no="YT100", shipping_name="圆通快递"))
        stage.answers({"response": {"result": {"after_sales_id": CASE, "order_sn": SN}}})
        stage.vendor.goods_received(CASE_NO, {})
    assert stage.methods == ["pdd.refund.information.get", "pdd.nextone.logistics.warehouse.update"]
    told = stage.sent[1]["request"]
    assert (told["reverse_tracking_number"], told["reverse_logistics_id"]) == ("YT100", 85)
