"""Parsing both kinds of case, and answering them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.errors import BadRecord, NotSupported, Refused, Retryable
from connectors.contract.notices import InterceptionNotice
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.jd.cases import parse_case
from connectors.marketplaces.jd.codes import APPLIES, EXPECTS, SERVICE_STATES
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.jd.papers import ORDER_NO, a_service, an_apply, case_body
from tests.connectors.marketplaces.jd.stage import Stage

REPLY = "jingdong.pop.afs.soa.refundapply.replyRefund"
DONE: dict[str, Any] = {"code": "0", "replyResult": {"success": True}}


def applied(**changes: Any) -> CaseRecord:
    return parse_case(case_body(an_apply(**changes)))


def served(**changes: Any) -> CaseRecord:
    return parse_case(case_body(a_service(**changes)))


def found_refunds(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "queryResult": {"success": True, "totalCount": len(rows), "result": list(rows)}}


def found_services(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "pageResult": {"totalCount": len(rows), "data": list(rows)}}


# ---- parsing -------------------------------------------------------------------------------------


def test_a_refund_before_shipment_is_of_the_whole_order_and_in_fen():
    case = applied(checkTime="2026-03-02 10:30:00")
    assert (case.external_no, case.order_no, case.line_no, case.kind) == ("R8100001", ORDER_NO, "", "refund")
    assert (case.amount, case.phase, case.reason) == (12000, "onsale", "买多了")
    assert case.created_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert case.changed_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert case.allows == ("agree", "refuse")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, "asked"), (1, "agreed"), (2, "refused"), (3, "succeeded"), (4, "refused"), (5, "agreed"),
        (6, "agreed"), (7, "agreed"), (8, "refused"), (9, "succeeded"), (10, "asked"), (11, "closed"),
    ],
)  # fmt: skip
def test_every_status_of_a_refund_has_its_state(status: int, state: str):
    case = applied(status=status)
    assert (case.state.value, case.platform_status, case.alerts) == (state, str(status), ())
    assert ("agree" in case.allows) is (state == "asked")


def test_a_return_is_of_a_line_and_in_yuan():
    case = served()
    assert (case.external_no, case.order_no, case.line_no) == ("S9100001", ORDER_NO, f"{ORDER_NO}-55001")
    assert (case.kind, case.amount, case.units, case.phase) == ("return", 12050, 2, "aftersale")
    assert (case.reason, case.words, case.allows) == ("退货", "灯不亮", ("agree",))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (10000, "asked"), (10001, "asked"), (10002, "asked"), (10012, "asked"), (10013, "asked"),
        (10004, "refused"), (10005, "agreed"), (10006, "returned"), (10007, "returned"), (10009, "returned"),
        (10041, "returned"), (10010, "succeeded"), (10011, "closed"), (1100, "agreed"), (12000, "agreed"),
        (13000, "agreed"), (14000, "agreed"),
    ],
)  # fmt: skip
def test_every_status_of_a_service_order_has_its_state(status: int, state: str):
    case = served(serviceStatus=status)
    assert (case.state.value, case.alerts) == (state, ())
    assert ("goods_received" in case.allows) is (state == "agreed")


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        (1, "refund"), (10, "return"), (11, "refund"), (20, "exchange"), (30, "repair"), (40, "other"), (50, "other"),
        (60, "other"), (70, "repair"), (80, "reship"), (90, "refund"), (100, "return"),
    ],
)  # fmt: skip
def test_every_wish_has_its_kind(wish: int, kind: str):
    assert served(customerExpect=wish).kind == kind


def test_the_tables_hold_what_the_tests_name():
    assert (len(APPLIES), len(SERVICE_STATES), len(EXPECTS)) == (12, 17, 12)


@pytest.mark.parametrize(("answer", "kind"), [(91, "refund"), (87, "reship"), (106, "exchange"), (33, "return")])
def test_the_seller_s_answer_can_change_the_kind(answer: int, kind: str):
    assert served(approveResult=answer).kind == kind


def test_a_service_order_that_ended_by_cancelling_paid_nothing():
    assert served(serviceStatus=10010, processResult=6).state is RefundState.CLOSED


def test_unknown_words_are_told_and_stop_the_shipment():
    case = applied(status=99)
    assert (case.state, case.alerts) == (RefundState.ASKED, ("status=99",))
    case = served(serviceStatus=77, customerExpect=66)
    assert (case.state, case.kind) == (RefundState.ASKED, "other")
    assert case.alerts == ("serviceStatus=77", "customerExpect=66")


def test_a_document_of_neither_kind_is_a_bad_record():
    with pytest.raises(BadRecord, match="neither"):
        parse_case(b'{"refund":{}}')


# ---- reading one ---------------------------------------------------------------------------------


def test_one_refund_is_read_by_its_number():
    with Stage() as stage:
        stage.answers(found_refunds(an_apply()))
        document = stage.jd.get_case("R8100001")
    assert stage.sent == [("jingdong.pop.afs.soa.refundapply.queryById", {"id": "8100001"})]
    assert (document.kind, document.external_no) == ("case", "R8100001")
    assert stage.jd.parse_case(document.body) == applied()


def test_one_service_order_is_read_by_its_number():
    with Stage() as stage:
        stage.answers(found_services(a_service(serviceId=1), a_service()))
        document = stage.jd.get_case("S9100001")
    method, params = stage.sent[0]
    assert (method, params["serviceId"], params["buId"]) == ("jingdong.asc.query.list", "9100001", "7001")
    assert stage.jd.parse_case(document.body) == served()


def test_a_case_nobody_knows_is_refused():
    with Stage() as stage:
        stage.answers(found_refunds(), found_services(a_service(serviceId=1)))
        for number in ("R1", "S9"):
            with pytest.raises(Refused, match="knows no case"):
                stage.jd.get_case(number)
        with pytest.raises(Refused, match="R or S"):
            stage.jd.get_case("7")


# ---- answering -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agree", "facts", "expected"),
    [
        (True, {}, {"status": 1, "outWareStatus": 2}),
        (True, {"answer": "intercept", "shipped": "yes"}, {"status": 6, "outWareStatus": 1}),
        (True, {"answer": "force_close"}, {"status": 9, "outWareStatus": 2}),
        (True, {"answer": "follow_up"}, {"status": 10, "outWareStatus": 2}),
        (False, {"shipped": "yes"}, {"status": 2, "outWareStatus": 1, "rejectType": 1}),
        (False, {"reject_type": "4"}, {"status": 2, "outWareStatus": 2, "rejectType": 4}),
    ],
)
def test_a_refund_is_answered_with_its_number(agree: bool, facts: dict[str, str], expected: dict[str, int]):
    with Stage(operator="li") as stage:
        stage.answers(DONE)
        assert stage.jd.decide_case("R81", agree, "说明", facts).reference == "R81"
    assert stage.sent == [(REPLY, {"id": "81", "checkUserName": "li", "remark": "说明", **expected})]


def test_a_refusal_wants_a_reason_that_jd_has():
    with Stage() as stage, pytest.raises(Refused, match="1 to 6"):
        stage.jd.decide_case("R81", False, "说明", {"reject_type": "broken"})


def test_agreeing_to_a_return_lets_the_customer_send_it():
    facts = {"version": "3", "returnContactName": "收货组", "amount": "12050"}
    with Stage() as stage:
        stage.answers(found_services(a_service()), {"code": "0", "result": {"success": True}})
        stage.jd.decide_case("S9100001", True, "请寄回", facts)
    method, params = stage.sent[1]
    assert method == "jingdong.asc.audit.send"
    assert (params["serviceId"], params["orderId"], params["sysVersion"]) == ("9100001", ORDER_NO, "3")
    assert (params["approveNotes"], params["returnContactName"], params["buId"]) == ("请寄回", "收货组", "7001")
    assert "amount" not in params


def test_agreeing_to_a_reship_begins_it_and_other_kinds_are_for_jd_s_console():
    with Stage() as stage:
        stage.answers(found_services(a_service(customerExpect=80)), {"code": "0"})
        stage.jd.decide_case("S9100001", True, "补发", {})
        assert stage.sent[1][0] == "jingdong.asc.audit.reissue"
        stage.answers(found_services(a_service(customerExpect=30)))
        with pytest.raises(NotSupported, match="console"):
            stage.jd.decide_case("S9100001", True, "修", {})
        with pytest.raises(NotSupported, match="console"):
            stage.jd.decide_case("S9100001", False, "不", {})


@pytest.mark.parametrize(("stopped", "status", "out"), [(True, 1, 2), (False, 2, 1)])
def test_an_interception_answers_the_order_s_refund(stopped: bool, status: int, out: int):
    notice = InterceptionNotice(ORDER_NO, "R81", stopped, NOW, words="已截停")
    with Stage() as stage:
        stage.answers(DONE)
        stage.jd.confirm_interception(notice)
    method, params = stage.sent[0]
    assert (method, params["id"], params["status"], params["outWareStatus"]) == (REPLY, "81", status, out)


def test_an_interception_without_a_case_finds_the_one_that_waits():
    with Stage() as stage:
        stage.answers(found_refunds(an_apply(id=1, status=11), an_apply(id=2)), DONE)
        stage.jd.confirm_interception(InterceptionNotice(ORDER_NO, "", True, NOW))
        assert stage.sent[0][1]["orderId"] == ORDER_NO
        assert stage.sent[1][1]["id"] == "2"
        stage.answers(found_refunds(an_apply(status=11)))
        with pytest.raises(Refused, match="no refund that waits"):
            stage.jd.confirm_interception(InterceptionNotice(ORDER_NO, "", True, NOW))
        with pytest.raises(Refused, match="before shipment"):
            stage.jd.confirm_interception(InterceptionNotice(ORDER_NO, "S1", True, NOW))


def test_returned_goods_are_registered_with_their_number_and_condition():
    with Stage(quality_state="5") as stage:
        stage.answers(found_services(a_service(serviceStatus=10005)), {"code": "0", "result": {"success": True}})
        stage.jd.goods_received("S9100001", {"packingState": "7", "words": "完好"})
    method, params = stage.sent[1]
    assert method == "jingdong.asc.receive.register"
    assert (params["serviceId"], params["orderId"], params["wareNum"]) == ("9100001", ORDER_NO, "2")
    assert (params["packingState"], params["qualityState"], params["receiveRemark"]) == ("7", "5", "完好")
    assert (params["receivePin"], params["operateNick"]) == ("oms", "oms")


def test_a_refund_before_shipment_has_no_goods_to_receive():
    with Stage() as stage, pytest.raises(Refused):
        stage.jd.goods_received("R1", {})


def test_an_answer_that_was_lost_may_be_given_again():
    with Stage() as stage:
        stage.answers(b'{"error_response":{"code":"65"}}')
        with pytest.raises(Retryable):
            stage.jd.decide_case("R1", True, "好", {})
