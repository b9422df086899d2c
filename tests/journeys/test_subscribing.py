"""A shop's pushes are asked for by call, found again, and asked for anew when they are gone or switched off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import registry
from connectors.contract import notices as n
from tests.journeys.receiver import Receiver, receiving
from tests.journeys.stage import Stage, staged
from tests.journeys.travellers import TRAVELLERS, Traveller

SUBSCRIBING = [each for each in TRAVELLERS if "ensure_pushes" in registry.find(each.vendor).capabilities()]
#: Who calls no address of ours: Amazon fills the seller's own queue, Pinduoduo sends over a connection of ours.
ELSEWHERE = ("amazon", "pinduoduo")
ABLE = [each for each in SUBSCRIBING if each.vendor not in ELSEWHERE]
QUEUE = {"queue_arn": "arn:aws:sqs:us-east-1:000000000000:orders"}


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


@pytest.fixture(params=[each for each in SUBSCRIBING if each.vendor in ELSEWHERE], ids=lambda traveller: traveller.vendor)
def quiet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    traveller: Traveller = request.param
    with staged(traveller, tmp_path) as stage:
        settings = {**stage.account.settings, **QUEUE, "message_gateway": stage.url}
        stage.shop = stage.connector(replace(stage.account, settings=settings))
        yield stage


def test_who_calls_no_address_is_asked_once_too(quiet: Stage) -> None:
    first = quiet.shop.ensure_pushes("")
    assert (first.kept, first.refused) == ((), {})
    assert first.made
    again = quiet.shop.ensure_pushes("")
    assert (again.kept, again.made, again.refused) == (first.made, (), {})


def test_an_account_without_a_queue_asks_for_nothing(tmp_path: Path) -> None:
    amazon = next(each for each in TRAVELLERS if each.vendor == "amazon")
    with staged(amazon, tmp_path) as stage:
        assert stage.shop.ensure_pushes("") == n.Subscribed()


def test_another_queue_of_the_same_app_is_told(tmp_path: Path) -> None:
    amazon = next(each for each in TRAVELLERS if each.vendor == "amazon")
    with staged(amazon, tmp_path) as stage:
        ours, other = (
            stage.connector(replace(stage.account, settings={**stage.account.settings, "queue_arn": queue}))
            for queue in (QUEUE["queue_arn"], f"{QUEUE['queue_arn']}-other")
        )
        assert ours.ensure_pushes("").made == ("ORDER_CHANGE",)
        assert "another queue" in other.ensure_pushes("").refused["ORDER_CHANGE"]


def test_webhooks_of_others_stay(door: tuple[Stage, Receiver]) -> None:
    stage, receiver = door
    stage.shop.ensure_pushes(f"{receiver.url}&other=1")
    stage.shop.ensure_pushes(receiver.url)
    again = stage.shop.ensure_pushes(f"{receiver.url}&other=1")
    assert (again.made, again.refused) == ((), {})
