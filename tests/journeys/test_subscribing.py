"""A shop's webhooks are made by call, found again, and made anew when they are gone or switched off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import registry
from connectors.contract import notices as n
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.stage import Stage, staged
from tests.journeys.travellers import TRAVELLERS, Traveller

ABLE = [each for each in TRAVELLERS if "ensure_pushes" in registry.find(each.vendor).capabilities()]


@pytest.fixture(params=ABLE, ids=lambda traveller: traveller.vendor)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Stage, Receiver]]:
    traveller: Traveller = request.param
    with receiving() as receiver, staged(traveller, tmp_path) as stage:
        receiver.shop = stage.shop
        yield stage, receiver


def test_what_is_missing_is_made_once_and_orders_are_pushed_from_then_on(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    first = stage.shop.ensure_pushes(receiver.url)
    assert (first.kept, first.refused) == ((), {})
    assert first.made
    again = stage.shop.ensure_pushes(receiver.url)
    assert (again.kept, again.made, again.refused) == (first.made, (), {})
    (number,) = stage.buy("plain")
    stage.pass_time()
    reports = [report for push, _ in receiver.taken for report in stage.shop.parse_push_reports(push)]
    assert number in {report.external_no for report in reports if isinstance(report, n.ChangeHint)}


def test_another_address_is_no_subscription_of_ours(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    made = stage.shop.ensure_pushes(f"{receiver.url}&other=1").made
    assert stage.shop.ensure_pushes(receiver.url).made == made
