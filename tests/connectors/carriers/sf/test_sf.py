"""SF: what is sent, both levels of its answers, every code of a route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import orjson
import pytest
import responses

from connectors.carriers.sf import Sf
from connectors.carriers.sf.signing import digest
from connectors.contract import errors as e
from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.manifest import Account
from connectors.contract.notices import ParcelState as State
from tests.connectors.carriers.papers import NOTICE, PEOPLE, RECEIVER, a_notice, masked
from tests.connectors.contract_suite import NOW, CarrierSuite, Kit, Refusal

GATEWAY = "https://sf.example.invalid/std/service"
NUMBER = "SF0000000000001"
REQUEST = n.TrackRequest("SF", NUMBER, "", "0002")


def answer(message: Any = None, code: str = "S0000", words: str = "", outer: str = "A1000") -> bytes:
    inner = {"success": code == "S0000", "errorCode": code, "errorMsg": words, "msgData": message}
    told = orjson.dumps(inner).decode()
    return orjson.dumps({"apiResponseID": "1", "apiErrorMsg": words, "apiResultCode": outer, "apiResultData": told})


def placed(**changes: Any) -> dict[str, Any]:
    return {"orderId": NOTICE.number, "filterResult": 2, "waybillNoInfoList": [
        {"waybillType": 2, "waybillNo": "SF9"}, {"waybillType": 1, "waybillNo": NUMBER}]} | changes  # fmt: skip


class TestContract(CarrierSuite):
    connector: ClassVar = Sf
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.track(REQUEST),
        write=lambda vendor: vendor.request_waybill(NOTICE),
        settings=(("pay_method", "1"), ("product", "1")),
        sent=PEOPLE,
        refusals=(
            Refusal(answer(outer="A1006", words="数字签名无效"), e.AuthFailed),
            Refusal(answer(outer="A1005", words="流量受控"), e.RateLimited),
            Refusal(answer(outer="A1099", words="系统异常"), e.OutcomeUnknown, writing=True),
            Refusal(answer(outer="A1009", words="目标服务不可达"), e.Retryable),
            Refusal(answer(outer="A1001", words="必传参数不可为空"), e.Refused),
            Refusal(answer(code="20001", words="收件地址超区"), lb.Unreachable, writing=True),
            Refusal(answer(code="20002", words="月结卡号不匹配"), lb.SenderUnknown, writing=True),
            Refusal(answer(placed(filterResult=3, waybillNoInfoList=[])), lb.Unreachable, writing=True),
            Refusal(answer(placed(filterResult=1, waybillNoInfoList=[])), e.OutcomeUnknown, writing=True),
        ),
    )


@pytest.fixture
def side() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def a_vendor() -> Sf:
    settings = {"partner_id": "P1", "monthly_card": "0000000000", "pay_method": "1", "product": "2"}
    return Sf(Account(settings, {"checkword": "cw-1"}, GATEWAY), clock=lambda: NOW)


def sent(side: responses.RequestsMock, at: int = -1) -> tuple[str, Any]:
    """(service, message) of a call, with its digest checked."""
    body = side.calls[at].request.body
    form = dict(parse_qsl(body if isinstance(body, str) else (body or b"").decode(), keep_blank_values=True))
    assert form["msgDigest"] == digest(form["msgData"], form["timestamp"], "cw-1")
    return form["serviceCode"], json.loads(form["msgData"])


def test_it_digests_as_the_worked_example_does() -> None:
    text = '{"language":"zh-CN","orderId":"DO1","remark":"a b~c*"}'
    assert digest(text, "1795255500000", "cw-1") == "oTRX+vWIZZPsZRUU9nTznw=="


def test_an_order_is_placed_under_our_number_and_answers_the_mother_waybill(side: responses.RequestsMock) -> None:
    side.post(GATEWAY, body=answer(placed()))
    assert a_vendor().request_waybill(NOTICE).waybill_no == NUMBER
    service, order = sent(side)
    assert (service, order["orderId"], order["monthlyCard"]) == ("EXP_RECE_CREATE_ORDER", NOTICE.number, "0000000000")
    assert [(who["contactType"], who["contact"]) for who in order["contactInfoList"]] == [(1, "示例仓"), (2, "测试人甲")]
    assert order["cargoDetails"] == [{"name": "示例T恤", "count": 3, "unit": "件", "weight": 0.42}]
    assert order["expressTypeId"] == 2


def test_stars_and_money_to_collect_are_refused_before_anything_is_sent(side: responses.RequestsMock) -> None:
    for notice, refusal in (
        (a_notice(receiver=masked(phone="~cipher~")), lb.ReceiverMasked),
        (a_notice(collect_amount=10000), lb.CannotCollect),
    ):
        with pytest.raises(refusal):
            a_vendor().request_waybill(notice)
    with pytest.raises(lb.ReceiverMasked):
        a_vendor().change_label(a_notice(receiver=masked(oaid="OAID-1"), waybill_no=NUMBER))
    assert len(side.calls) == 0


def test_an_order_placed_before_is_looked_up(side: responses.RequestsMock) -> None:
    side.post(GATEWAY, body=answer(code="8016", words="重复下单"))
    side.post(GATEWAY, body=answer(placed()))
    assert a_vendor().request_waybill(NOTICE).waybill_no == NUMBER
    assert sent(side)[0] == "EXP_RECE_SEARCH_ORDER_RESP"


def test_a_look_up_of_nothing_finds_nothing(side: responses.RequestsMock) -> None:
    side.post(GATEWAY, body=answer(code="8018", words="未获取到订单信息"))
    assert a_vendor().find_waybill(n.LabelRef("F1", "SF")) is None


def test_a_label_is_changed_and_cancelled_under_our_number(side: responses.RequestsMock) -> None:
    side.post(GATEWAY, body=answer({"orderId": NOTICE.number}))
    assert a_vendor().change_label(a_notice(waybill_no=NUMBER)).waybill_no == NUMBER
    assert sent(side)[1]["dealType"] == 1
    ref = n.LabelRef(NOTICE.number, "SF", NUMBER)
    side.post(GATEWAY, body=answer({}))
    a_vendor().cancel_waybill(ref)
    assert sent(side)[1] == {"orderId": NOTICE.number, "dealType": 2}
    side.post(GATEWAY, body=answer(code="8018", words="没有此订单"))
    a_vendor().cancel_waybill(ref)
    side.post(GATEWAY, body=answer(code="8019", words="已收件，不能取消"))
    with pytest.raises(lb.LabelInUse):
        a_vendor().cancel_waybill(ref)


@pytest.mark.parametrize(("verdict", "is_reachable"), [(1, True), ("2", True), (3, False)])
def test_the_filter_says_whether_it_goes_there(side: responses.RequestsMock, verdict: Any, is_reachable: bool) -> None:
    side.post(GATEWAY, body=answer([{"filterResult": verdict}]))
    assert a_vendor().reachable("SF", RECEIVER).is_reachable is is_reachable


STATES = {
    State.COLLECTED: ["50", "54"],
    State.ON_THE_WAY: ["30", "31", "36", "130"],
    State.DELIVERED: ["80", "8000"],
    State.RETURNING: ["648"],
    State.RETURNED: ["631"],
    State.UNKNOWN: ["99", "123", "407", "501", "607"],
}


def routes(*nodes: tuple[str, str, str]) -> bytes:
    rows = [{"acceptTime": at, "acceptAddress": "上海市", "remark": words, "opCode": code} for at, code, words in nodes]
    return answer({"routeResps": [{"mailNo": NUMBER, "routes": rows}]})


@pytest.mark.parametrize(("state", "code"), [(state, code) for state, codes in STATES.items() for code in codes])
def test_every_code_of_a_route_has_its_state(side: responses.RequestsMock, state: State, code: str) -> None:
    side.post(GATEWAY, body=routes(("2026-11-21 18:00:00", code, "快件")))
    report = a_vendor().track(REQUEST)
    assert (report.events[0].state, report.events[0].code, report.state) == (state, code, state)
    assert bool(report.alerts) is (code == "648")
    assert report.ended is (state in (State.DELIVERED, State.RETURNED))


def test_routes_are_told_newest_first_in_utc_and_unknown_codes_by_their_words(side: responses.RequestsMock) -> None:
    side.post(
        GATEWAY,
        body=routes(
            ("2026-11-21 18:00:00", "50", "已收取"),
            ("2026-11-22 09:00:00", "44", "快件正在派送中"),
            ("broken", "30", "?"),
            ("2026-11-22 09:30:00", "777", "新情况"),
        ),
    )
    report = a_vendor().track(REQUEST)
    assert [event.code for event in report.events] == ["777", "44", "50"]
    assert report.events[-1].at.isoformat() == "2026-11-21T10:00:00+00:00"
    assert report.state is State.OUT_FOR_DELIVERY
    assert report.alerts == ("a scan without a readable time was left out", "unknown state '777'")
    assert sent(side)[1]["checkPhoneNo"] == "0002"


def test_of_routes_of_one_second_the_one_told_last_is_the_newest(side: responses.RequestsMock) -> None:
    at = "2026-11-22 09:00:00"
    side.post(GATEWAY, body=routes((at, "30", "快件到达"), (at, "80", "已签收")))
    report = a_vendor().track(REQUEST)
    assert ([event.code for event in report.events], report.state) == (["80", "30"], State.DELIVERED)


def test_a_number_nobody_scanned_has_no_events(side: responses.RequestsMock) -> None:
    side.post(GATEWAY, body=answer({"routeResps": []}))
    report = a_vendor().track(REQUEST)
    assert (report.state, report.events, report.ended) == (State.UNKNOWN, (), False)
