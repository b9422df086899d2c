"""Webhooks: what the platform sends is taken as genuine and hints at the right order; a forged copy is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import registry
from connectors.contract import notices as n
from connectors.contract.errors import BadSignature
from tests.journeys.receiver import Receiver, receiving, subscribe
from tests.journeys.stage import Stage, staged
from tests.journeys.travellers import TRAVELLERS, Traveller

PUSHING = [each for each in TRAVELLERS if "verify_push" in registry.find(each.vendor).capabilities()]


@pytest.fixture(params=PUSHING, ids=lambda traveller: traveller.vendor)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Stage, Receiver]]:
    traveller: Traveller = request.param
    with receiving() as receiver, staged(traveller, tmp_path, **receiver.settings()) as stage:
        receiver.shop = stage.shop
        subscribe(stage, receiver)
        yield stage, receiver


def hints(stage: Stage, receiver: Receiver) -> list[n.ChangeHint]:
    reports = [report for push, _ in receiver.taken for report in stage.shop.parse_push_reports(push)]
    return [report for report in reports if isinstance(report, n.ChangeHint)]


def test_what_happens_to_an_order_is_pushed_and_taken(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    (number,) = stage.buy("plain")
    stage.pass_time()
    stage.act(number, "edit_address")
    stage.act(number, "cancel")
    stage.pass_time()
    assert receiver.refused == []
    found = hints(stage, receiver)
    assert {hint.external_no for hint in found if hint.kind == "order"} == {number}
    assert {push["state"] for push in stage.call("pushes")["pushes"]} == {"done"}
    hint = found[-1]
    assert stage.shop.get_order(hint.external_no).external_no == number


def test_a_case_is_hinted_at_by_a_number_that_can_be_read(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    (number,) = stage.buy("plain")
    stage.shop.push_shipment(stage.parcel(number, "ZT900000000071"))
    stage.act(number, "refund", line=stage.trade(number)["lines"][0]["oid"], **{"return": True})
    stage.pass_time()
    for hint in hints(stage, receiver):
        if hint.kind == "case":
            case = stage.shop.parse_case(stage.shop.get_case(hint.external_no).body)
            assert case.order_no == number
        else:
            assert hint.external_no == number
    assert receiver.taken
    assert receiver.refused == []


def test_a_forged_copy_is_refused(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    (_number,) = stage.buy("plain")
    stage.pass_time()
    push = next(push for push, _ in receiver.taken if push.body.startswith((b"{", b"[")))
    changed = replace(push, body=push.body.replace(b"1", b"2", 1))
    unsigned = {
        name: "" if "sign" in name.lower() or "hmac" in name.lower() else value for name, value in push.headers.items()
    }
    for forged in (changed, replace(push, headers=unsigned), replace(push, body=push.body + b" ")):
        with pytest.raises(BadSignature):
            stage.shop.verify_push(forged)
        assert receiver.take(forged).status >= 400
    assert stage.shop.verify_push(push)


def test_the_same_push_has_the_same_key_and_another_has_another(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    stage.buy("plain", 2)
    stage.pass_time()
    first = {envelope.key for _, envelope in receiver.taken}
    assert first == {stage.shop.verify_push(push).key for push, _ in receiver.taken}
    assert len(first) == len(receiver.taken)


def test_a_push_that_comes_twice_is_known_by_its_key(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    stage.fault("duplicate_push")
    stage.buy("plain")
    stage.pass_time()
    sent = [envelope.key for push, envelope in receiver.taken if push.body.startswith((b"{", b"["))]
    assert len(sent) == 2 * len(set(sent)) > 0
