"""Messages Doudian posts: proven, keyed, and read as hints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushRequest
from connectors.marketplaces.douyin import Douyin
from connectors.marketplaces.douyin.pushes import event_sign
from tests.connectors.contract_suite import NOW

APP, SECRET = "7000000000000000001", "ddsecret"
DOUYIN = Douyin(Account({"app_key": APP}, {"app_secret": SECRET}), clock=lambda: NOW)


def a_push(*messages: dict[str, object], body: bytes = b"") -> PushRequest:
    """Messages posted and signed as the platform does."""
    body = body or orjson.dumps(messages)
    return PushRequest("POST", "/push", {}, {"event-sign": event_sign(APP, body, SECRET)}, body, NOW)


def a_message(tag: str, number: str = "m1", **event: object) -> dict[str, object]:
    """One message; what happened is JSON inside JSON."""
    return {"tag": tag, "msg_id": number, "data": orjson.dumps(event).decode()}


def test_the_signature_equals_the_published_vector():
    body = b'[{"tag":"100","msg_id":"0:0:1:1","data":"{}"}]'
    assert event_sign(APP, body, SECRET) == "7d464c04388212814bf54099664a320e"
    assert DOUYIN.verify_push(a_push(body=body)).topic == "100"


def test_a_trade_message_hints_at_its_order():
    push = a_push(a_message("101", p_id=6930000000000000100, s_ids=[1], update_time=1772415000))
    envelope = DOUYIN.verify_push(push)
    assert (envelope.number, envelope.topic) == ("6930000000000000100", "101")
    assert (envelope.answer.status, orjson.loads(envelope.answer.body)) == (200, {"code": 0, "msg": "success"})
    changed_at = datetime.fromtimestamp(1772415000, UTC)
    assert DOUYIN.parse_push_reports(push) == (ChangeHint("order", "6930000000000000100", changed_at),)


def test_an_after_sale_message_hints_at_its_case():
    push = a_push(a_message("206", aftersale_id=7130000000000000001, p_id=1, update_time="2026-03-02T09:30:00+08:00"))
    expected = ChangeHint("case", "7130000000000000001", datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert DOUYIN.parse_push(push) == expected


def test_one_push_may_carry_several_messages():
    push = a_push(
        a_message("102", "a", p_id=1),
        a_message("400", "b", product_id=3),
        a_message("207", "c", aftersale_id="2A", update_time="soon"),
    )
    assert DOUYIN.parse_push_reports(push) == (ChangeHint("order", "1"), ChangeHint("case", "2"))


def test_the_check_of_the_address_is_answered_and_hints_at_nothing():
    push = a_push({"tag": "0", "data": ""} | {"data": "{}"})
    assert DOUYIN.verify_push(push).answer.status == 200
    assert DOUYIN.parse_push(push) is None
    assert DOUYIN.parse_push_reports(push) == ()


def test_a_replayed_message_has_the_key_of_the_first():
    first = a_push(a_message("101", "m7", p_id=1))
    again = a_push(a_message("101", "m7", p_id=1, attempt=2))
    other = a_push(a_message("101", "m8", p_id=1))
    keys = [DOUYIN.verify_push(push).key for push in (first, again, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("headers", [{}, {"event-sign": ""}, {"event-sign": "0" * 32}])
def test_a_forged_message_is_refused(headers: dict[str, str]):
    with pytest.raises(BadSignature):
        DOUYIN.verify_push(replace(a_push(a_message("101")), headers=headers))


def test_without_a_secret_nothing_is_genuine():
    body = b"[]"
    push = PushRequest("POST", "/", {}, {"event-sign": event_sign(APP, body, "")}, body, NOW)
    with pytest.raises(BadSignature):
        Douyin(Account({"app_key": APP}, {})).verify_push(push)


def test_a_message_too_large_is_refused_unread():
    with pytest.raises(BadSignature, match="2 MB"):
        DOUYIN.verify_push(a_push(body=b"[" + b" " * (2 * 1024 * 1024) + b"]"))


@pytest.mark.parametrize("body", [b"hello", b"[7]", b'[{"tag":"101","data":"{"}]'])
def test_a_genuine_message_of_no_form_is_a_bad_record(body: bytes):
    with pytest.raises(BadRecord):
        DOUYIN.parse_push(a_push(body=body))


def test_a_refusal_is_any_code_but_zero():
    answer = DOUYIN.refuse_push("not genuine")
    assert answer.status == 401
    assert orjson.loads(answer.body)["code"] != 0
