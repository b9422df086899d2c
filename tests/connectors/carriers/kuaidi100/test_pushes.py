"""Which pushes are believed, and how they are answered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.carriers.kuaidi100 import Kuaidi100
from connectors.carriers.kuaidi100.pushes import MAX_BYTES
from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.manifest import Account
from tests.connectors.carriers.kuaidi100.factories import a_param, a_push, a_tracker, a_trail


def test_a_genuine_push_is_named_and_answered_to_the_byte(push_param: str) -> None:
    envelope = a_tracker().verify_push(a_push(push_param))
    assert (envelope.topic, envelope.number) == ("track", "75000000000001")
    assert envelope.answer.body.decode() == '{"result":true,"returnCode":"200","message":"成功"}'
    assert (envelope.answer.status, envelope.answer.content_type) == (200, "application/json; charset=utf-8")


def test_the_known_signature_of_the_known_document_is_genuine(push_param: str) -> None:
    push = a_push(push_param, sign="7E4C9B21D8F524F1DBD2E6D0B539D29E")
    assert a_tracker().verify_push(push).key


def test_a_replay_has_the_same_key_and_news_another() -> None:
    vendor = a_tracker()
    first, replay, news = (
        vendor.verify_push(a_push(param)).key for param in (a_param(), a_param(), a_param(a_trail("5")))
    )
    assert first == replay != news


def test_the_text_is_verified_as_it_was_sent() -> None:
    param = a_param()
    respaced = json.dumps(json.loads(param), ensure_ascii=False, indent=1)
    sign = a_push(param).body.rpartition(b"sign=")[2].decode()
    with pytest.raises(BadSignature):
        a_tracker().verify_push(a_push(respaced, sign=sign))


@pytest.mark.parametrize("changes", [{"sign": ""}, {"sign": "签名"}, {"sign": "0" * 32}])
def test_a_wrong_signature_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        a_tracker().verify_push(a_push(a_param(), **changes))


@pytest.mark.parametrize(
    "body",
    [b"", b"param=x", b"sign=x", b"param=a&param=b&sign=x", b"{}", b"\xff\xfe", b"a=1&" * 50, b"param=%ff&sign=x"],
)
def test_what_is_not_the_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        a_tracker().verify_push(replace(a_push(a_param()), body=body))


def test_a_huge_push_is_refused() -> None:
    with pytest.raises(BadSignature, match="2 MB"):
        a_tracker().verify_push(a_push("x" * MAX_BYTES))


def test_without_a_salt_anybody_could_sign_so_nothing_is_believed() -> None:
    vendor = Kuaidi100(Account(settings={"customer": "CUST"}, secrets={"key": "kdkey"}))
    with pytest.raises(BadSignature, match="set one"):
        vendor.verify_push(a_push(a_param(), salt=""))


def test_a_genuine_push_with_unreadable_text_is_kept_for_parking() -> None:
    push = a_push("no json")
    assert a_tracker().verify_push(push).number == ""
    with pytest.raises(BadRecord):
        a_tracker().parse_push(push)


def test_a_verified_push_is_read(push_param: str) -> None:
    assert a_tracker().parse_push(a_push(push_param)).waybill_no == "75000000000001"


def test_carriers_added_by_the_account_are_known_in_pushes() -> None:
    push = a_push(a_param(a_trail(com="guotongkuaidi")))
    assert a_tracker(companies="UC=youshuwuliu, GTO=guotongkuaidi").parse_push(push).carrier_code == "GTO"


def test_a_refusal_makes_the_vendor_push_again() -> None:
    answer = json.loads(a_tracker().refuse_push('not "genuine"').body)
    assert (answer["result"], answer["message"]) == (False, 'not "genuine"')
