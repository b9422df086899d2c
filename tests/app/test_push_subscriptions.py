"""Subscriptions are made once a shop is connected, checked daily, and what went wrong is kept and told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract.errors import Refused
from connectors.contract.notices import Subscribed
from oms.app.kernel.push_subscriptions import EVERY, ensure_due, ensure_pushes, push_address
from oms.domain.errors import Invalid
from tests.factories import World
from tests.fakes import PlainMarket


class Pushing(PlainMarket):
    """A marketplace that is asked to push by a call."""

    def ensure_pushes(self, address: str) -> Subscribed:
        return self.script.play("ensure_pushes", address, Subscribed(("a",), ("b",)))  # type: ignore[no-any-return]


@pytest.fixture
def pushing(world: World) -> Iterator[World]:
    usual, address = world.hub.vendors["plain"], world.hub.public_url
    world.hub.vendors["plain"] = type("PushingHere", (Pushing,), {"script": world.script})
    world.hub.public_url = "https://hub.example/"
    world.run("update account set settings = settings - 'pushes_checked_at' where id = 1")
    yield world
    world.hub.vendors["plain"], world.hub.public_url = usual, address


def kept(world: World) -> dict[str, Any]:
    return dict(world.rows("select settings from account where id = 1")[0][0])


def test_a_new_account_is_subscribed_by_the_clock_and_again_a_day_later(pushing: World) -> None:
    assert ensure_due(pushing.hub) == 1
    (token,) = pushing.rows("select push_token from account where id = 1")[0]
    asked = f"https://hub.example/hooks/marketplaces/plain/{token}"
    assert pushing.script.asked("ensure_pushes") == [asked]
    assert kept(pushing)["pushes_on"] == "a,b"
    assert ensure_due(pushing.hub) == 0
    pushing.clock.forward(EVERY.total_seconds() + 1)
    assert ensure_due(pushing.hub) == 1


def test_a_refusal_is_kept_with_its_words_and_becomes_an_alert(pushing: World) -> None:
    pushing.script.outcomes["ensure_pushes"].append(Refused("not in your plan"))
    assert ensure_pushes(pushing.hub, 1).refused == {"*": "not in your plan"}
    assert kept(pushing)["pushes_trouble"] == "not in your plan"
    assert pushing.rows("select words from alert where kind = 'pushes_refused'")[0][0] == "not in your plan"
    ensure_pushes(pushing.hub, 1)
    assert kept(pushing)["pushes_trouble"] == ""


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8800", "http://intranet", "http://10.0.0.7"])
def test_a_hub_without_a_public_address_asks_nobody(
    pushing: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing.hub, "allow_private_addresses", False)
    pushing.hub.public_url = address
    assert ensure_due(pushing.hub) == 0
    with pytest.raises(Invalid, match="public address"):
        push_address(pushing.hub, 1)


def test_closed_shops_and_paused_accounts_are_left_alone(pushing: World) -> None:
    pushing.run("update account set state = 'paused' where id = 1")
    assert ensure_due(pushing.hub) == 0
    pushing.run("update account set state = 'active' where id = 1")
