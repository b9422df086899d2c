"""Which pushes are believed, and how they are named and answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract.errors import BadRecord, BadSignature, NotSupported
from connectors.contract.notices import ShipmentReport
from connectors.warehouses.qimen.xml import MAX_BYTES, parse
from tests.connectors.warehouses.qimen.factories import NOW, a_confirm, a_push, a_warehouse

CONFIRM = "deliveryorder.confirm"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><request><x>&c;</x></request>'
)
OUTSIDE = b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><request><x>&f;</x></request>'


@pytest.mark.parametrize("method", [CONFIRM, "taobao.qimen.deliveryorder.confirm"])
@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
def test_a_genuine_push_is_named_and_answered(method: str, sign_method: str) -> None:
    envelope = a_warehouse().verify_push(a_push(method, a_confirm(), sign_method=sign_method))
    assert (envelope.topic, envelope.number) == (CONFIRM, "DO202611210001")
    assert envelope.key == "deliveryorder.confirm|c1|MSG-1"
    answer = parse(envelope.answer.body)
    assert [answer.findtext(name) for name in ("flag", "code", "message")] == ["success", "0", "success"]
    assert (envelope.answer.status, envelope.answer.content_type) == (200, "text/xml; charset=utf-8")


def test_a_replay_with_a_new_signature_has_the_same_key() -> None:
    vendor = a_warehouse()
    first = vendor.verify_push(a_push(CONFIRM, a_confirm()))
    later = vendor.verify_push(a_push(CONFIRM, a_confirm(), timestamp="2026-11-21 10:06:00"))
    assert first.key == later.key


def test_pushes_without_message_code_are_known_by_their_body() -> None:
    vendor = a_warehouse()
    keys = {
        vendor.verify_push(a_push(CONFIRM, a_confirm(out_biz_code="", status=s))).key for s in ("NEW", "NEW", "ACCEPT")
    }
    assert len(keys) == 2


@pytest.mark.parametrize(("seconds", "fresh"), [(599, True), (-599, True), (601, False), (-601, False)])
def test_the_window_is_ten_minutes_either_way(seconds: int, fresh: bool) -> None:
    push = a_push(CONFIRM, a_confirm(), at=NOW + timedelta(seconds=seconds))
    if fresh:
        assert a_warehouse().verify_push(push).key
    else:
        with pytest.raises(BadSignature, match="too old"):
            a_warehouse().verify_push(push)


def test_the_window_is_the_account_s() -> None:
    push = a_push(CONFIRM, a_confirm(), at=NOW + timedelta(seconds=61))
    with pytest.raises(BadSignature):
        a_warehouse(push_window_seconds="60").verify_push(push)


def test_a_window_that_is_no_number_falls_back_to_ten_minutes() -> None:
    assert a_warehouse(push_window_seconds="soon").verify_push(a_push(CONFIRM, a_confirm())).key


@pytest.mark.parametrize("timestamp", ["", "now", "2026-13-40 00:00:00", "0001-01-01 00:00:00"])
def test_a_push_without_readable_time_is_refused(timestamp: str) -> None:
    with pytest.raises(BadSignature):
        a_warehouse().verify_push(a_push(CONFIRM, a_confirm(), timestamp=timestamp))


def test_a_push_for_another_customer_is_refused() -> None:
    with pytest.raises(BadSignature, match="another customer"):
        a_warehouse().verify_push(a_push(CONFIRM, a_confirm(), customerId="c2"))


def test_a_push_without_signature_is_refused() -> None:
    push = a_push(CONFIRM, a_confirm())
    query = {name: value for name, value in push.query.items() if name != "sign"}
    with pytest.raises(BadSignature, match="signature"):
        a_warehouse().verify_push(replace(push, query=query))


def test_the_raw_body_is_what_is_signed() -> None:
    push = a_push(CONFIRM, a_confirm())
    with pytest.raises(BadSignature):
        a_warehouse().verify_push(replace(push, body=push.body.replace(b"UTF-8", b"utf-8")))


def test_an_unknown_method_is_refused_only_when_genuine() -> None:
    with pytest.raises(NotSupported):
        a_warehouse().verify_push(a_push("coffee.brew", "<x/>"))
    with pytest.raises(BadSignature):
        a_warehouse().verify_push(a_push("coffee.brew", "<x/>", secret="guess"))


def test_a_refusal_is_a_failure_envelope_that_is_still_xml() -> None:
    answer = a_warehouse().refuse_push("not <genuine> & old")
    root = parse(answer.body)
    assert (root.findtext("flag"), root.findtext("message")) == ("failure", "not <genuine> & old")
    assert answer.status == 200


def test_a_huge_push_is_refused_before_anything_else() -> None:
    push = replace(a_push(CONFIRM, a_confirm()), body=b"<request>" + b" " * MAX_BYTES + b"</request>")
    with pytest.raises(BadSignature, match="2 MB"):
        a_warehouse().verify_push(push)
    with pytest.raises(BadRecord, match="2 MB"):
        a_warehouse().parse_push(push)


@pytest.mark.parametrize(
    "body", [BOMB, OUTSIDE, b"", b"<request>", b"\xff\xfe", b"no xml", b'<?xml version="1.0" encoding="x"?><r/>']
)
def test_entities_and_broken_xml_are_a_bad_record(body: bytes) -> None:
    with pytest.raises(BadRecord) as caught:
        a_warehouse().parse_push(replace(a_push(CONFIRM, ""), body=body))
    assert caught.value.field == "body"


def test_deeply_nested_xml_does_no_harm() -> None:
    body = b"<request>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</request>"
    with pytest.raises(BadRecord):
        a_warehouse().parse_push(replace(a_push(CONFIRM, ""), body=body))


def test_a_genuine_push_with_unreadable_body_is_kept_for_parking() -> None:
    push = a_push(CONFIRM, "<open>")
    assert a_warehouse().verify_push(push).key.startswith("deliveryorder.confirm|c1|")
    with pytest.raises(BadRecord):
        a_warehouse().parse_push(push)


def test_a_verified_confirm_is_read() -> None:
    report = a_warehouse().parse_push(a_push(CONFIRM, a_confirm()))
    assert isinstance(report, ShipmentReport)


@pytest.mark.parametrize("method", ["returnorder.confirm", "sn.report"])
def test_reports_the_hub_cannot_read_yet_only_hint(method: str) -> None:
    push = a_push(method, "<returnOrder><returnOrderCode>RO1</returnOrderCode></returnOrder>")
    assert a_warehouse().verify_push(push).number == "RO1"
    assert a_warehouse().parse_push(push) is None
