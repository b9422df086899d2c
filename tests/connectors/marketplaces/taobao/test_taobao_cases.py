"""A refund's words become a case; decisions call what the platform wants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import responses

from connectors.contract.errors import NotSupported, OutcomeUnknown, Refused
from connectors.contract.notices import InterceptionNotice, ShipmentNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.cases import parse_case
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.taobao.papers import TID, a_refund, case_body
from tests.connectors.marketplaces.taobao.stage import Stage

CASE = "5500000000000001"
FACTS = {"version": "1772416800000", "phase": "onsale", "amount": "8000"}


def parsed(**changes: Any) -> CaseRecord:
    return parse_case(case_body(a_refund(**changes)))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def test_a_case_names_order_line_amount_and_version():
    case = parsed()
    assert (case.external_no, case.order_no, case.line_no) == (CASE, TID, str(int(TID) + 1))
    assert (case.amount, case.units, case.version, case.phase) == (8000, 2, "1772416800000", "onsale")
    assert (case.reason, case.words) == ("拍错了", "多拍了一件")
    assert case.changed_at == datetime(2026, 3, 2, 2, 5, tzinfo=UTC)


def test_the_bare_refund_of_a_push_is_the_same_case():
    assert parse_case(orjson.dumps({"refund": a_refund()})) == parsed()


@pytest.mark.parametrize(("told", "kind"), codes.CASE_KINDS.items())
def test_each_kind_of_dispute(told: str, kind: str):
    assert parsed(dispute_type=told).kind == kind


@pytest.mark.parametrize(("returns", "kind"), [(True, "return"), (False, "refund"), (None, "refund")])
def test_without_a_dispute_type_returned_goods_tell(returns: bool | None, kind: str):
    assert parsed(dispute_type=None, has_good_return=returns).kind == kind


@pytest.mark.parametrize(("status", "state"), [item for item in codes.REFUNDS.items() if item[0]])
def test_each_status_has_its_state(status: str, state: RefundState):
    assert parsed(status=status).state is state


def test_unknown_words_are_kept_alert_and_stop_the_shipment():
    case = parsed(status="ODD", dispute_type="ODDER")
    assert (case.state, case.kind, case.platform_status) == (RefundState.ASKED, "other", "ODD")
    assert case.alerts == ("dispute_type=ODDER", "status=ODD")


def test_the_buyer_s_return_parcel_has_the_hub_s_carrier_code():
    case = parsed(company_name="中通快递", sid="789")
    assert (case.return_carrier, case.return_waybill) == ("ZTO", "789")
    assert parsed(company_name="村口老王").return_carrier == "村口老王"


@pytest.mark.parametrize(
    ("told", "has_goods"), [("BUYER_NOT_RECEIVED", False), ("BUYER_RECEIVED", True), ("BUYER_RETURNED_GOODS", True)]
)
def test_whether_the_buyer_has_the_goods(told: str, has_goods: bool):
    assert parsed(good_status=told).goods_received_by_buyer is has_goods


def test_the_deadline_is_told_when_there_is_one():
    limit = {"exist_timeout": True, "timeout": "2026-03-05 10:00:00"}
    assert parsed(refund_remind_timeout=limit).respond_by == datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    assert parsed(refund_remind_timeout={**limit, "exist_timeout": False}).respond_by is None


def test_cases_are_pulled_as_references_of_all_types(stage: Stage):
    rows = {"refund": [{"refund_id": CASE, "tid": 1, "modified": "2026-03-02 10:05:00"}]}
    stage.answers({"total_results": 1, "refunds": rows})
    page = stage.taobao.pull_cases("")
    assert [(ref.external_no, ref.changed_at) for ref in page.references] == [
        (CASE, datetime(2026, 3, 2, 2, 5, tzinfo=UTC))
    ]
    assert "cod" in stage.sent[0]["type"].split(",")


def test_a_case_document_is_kept_as_it_came(stage: Stage):
    stage.answers({"refund": a_refund()})
    document = stage.taobao.get_case(CASE)
    assert document.kind == "case"
    assert parse_case(document.body).external_no == CASE
    assert stage.sent[0]["refund_id"] == CASE


@pytest.mark.parametrize(("stopped", "word"), [(True, "SUCCESS"), (False, "FAIL")])
def test_a_stopped_shipment_is_confirmed_in_fen_and_china_s_time(stage: Stage, stopped: bool, word: str):
    stage.answers({"result": {"success": True}})
    stage.taobao.confirm_interception(InterceptionNotice(TID, CASE, stopped, NOW, line_no="8", amount=8000))
    told = orjson.loads(stage.sent[0]["param"])
    assert stage.sent[0]["method"] == "taobao.rdc.aligenius.sendgoods.cancel"
    assert (told["refund_id"], told["tid"], told["oid"]) == (CASE, TID, "8")
    assert (told["status"], told["refund_fee"]) == (word, 8000)
    assert told["operate_time"] == "2026-03-02 12:00:00"


def test_a_refusal_inside_a_good_answer_is_a_refusal(stage: Stage):
    stage.answers({"result": {"success": False, "error_code": "R-1", "error_info": "already refunded"}})
    with pytest.raises(Refused, match="already refunded") as caught:
        stage.taobao.confirm_interception(InterceptionNotice(TID, CASE, True, NOW))
    assert caught.value.code == "R-1"


def test_agreeing_a_refund_sends_amount_version_and_phase(stage: Stage):
    stage.answers({"msg_code": "OP_SUCC"})
    stage.taobao.decide_case(CASE, True, "", FACTS | {"code": "1234"})
    assert stage.sent[0]["method"] == "taobao.rp.refunds.agree"
    assert stage.sent[0]["refund_infos"] == f"{CASE}|8000|1772416800000|onsale"
    assert stage.sent[0]["code"] == "1234"


def test_a_refund_the_platform_did_not_pay_is_a_refusal(stage: Stage):
    stage.answers({"msg_code": "OP_FAILURE_UE", "message": "amount over the limit"})
    with pytest.raises(Refused, match="amount over the limit"):
        stage.taobao.decide_case(CASE, True, "", FACTS)


def test_agreeing_without_a_version_is_refused_before_any_call(stage: Stage):
    with pytest.raises(Refused, match="version"):
        stage.taobao.decide_case(CASE, True, "", {"amount": "1", "phase": "onsale"})
    assert not stage.sent


def test_agreeing_a_return_gives_the_address(stage: Stage):
    stage.answers({"result": True})
    facts = FACTS | {"kind": "return", "state": "asked", "address_no": "66"}
    stage.taobao.decide_case(CASE, True, "请寄回", facts)
    assert stage.sent[0]["method"] == "taobao.rp.returngoods.agree"
    assert stage.sent[0]["seller_address_id"] == "66"


def test_a_refusal_needs_words(stage: Stage):
    with pytest.raises(Refused, match="2 to 200"):
        stage.taobao.decide_case(CASE, False, "", FACTS)
    stage.answers({"refund": {"refund_id": CASE}})
    stage.taobao.decide_case(CASE, False, "已经发货", FACTS | {"reason_no": "7"})
    sent = stage.sent[0]
    assert (sent["method"], sent["refuse_message"]) == ("taobao.refund.refuse", "已经发货")
    assert (sent["refund_version"], sent["refund_phase"], sent["refuse_reason_id"]) == (
        "1772416800000",
        "onsale",
        "7",
    )


def test_refusing_returned_goods_is_another_call(stage: Stage):
    stage.answers({"result": True})
    stage.taobao.decide_case(CASE, False, "", FACTS | {"state": "returned"})
    assert stage.sent[0]["method"] == "taobao.rp.returngoods.refuse"


@pytest.mark.parametrize(
    ("state", "method"), [("asked", "tmall.exchange.agree"), ("returned", "tmall.exchange.returngoods.agree")]
)
def test_agreeing_an_exchange_pays_nothing(stage: Stage, state: str, method: str):
    stage.answers({"result": {"success": True}})
    stage.taobao.decide_case(CASE, True, "", FACTS | {"kind": "exchange", "state": state, "address_no": "66"})
    assert (stage.sent[0]["method"], stage.sent[0]["dispute_id"]) == (method, CASE)


def test_refusing_an_exchange_is_left_to_people(stage: Stage):
    with pytest.raises(NotSupported, match="own console"):
        stage.taobao.decide_case(CASE, False, "不换", FACTS | {"kind": "exchange"})
    assert not stage.sent


def test_returned_goods_are_reported(stage: Stage):
    stage.answers({"succeed": True})
    stage.taobao.goods_received(CASE, {})
    assert stage.sent[0]["method"] == "taobao.nextone.logistics.warehouse.update"
    assert (stage.sent[0]["refund_id"], stage.sent[0]["warehouse_status"]) == (CASE, "1")


def test_exchange_goods_are_reported_with_the_carrier_s_name(stage: Stage):
    stage.answers({"result": {"success": True}})
    stage.taobao.ship_exchange(CASE, ShipmentNotice("", "ZTO", "789", whole=True, shipped_at=NOW))
    sent = stage.sent[0]
    assert sent["method"] == "tmall.exchange.consigngoods"
    assert (sent["dispute_id"], sent["logistics_no"], sent["logistics_company_name"]) == (CASE, "789", "中通快递")


def test_a_timeout_of_a_decision_leaves_the_outcome_open(stage: Stage):
    stage.platform.reset()
    stage.platform.add(responses.POST, stage.address, status=504)
    with pytest.raises(OutcomeUnknown):
        stage.taobao.goods_received(CASE, {})
