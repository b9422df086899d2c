"""Tokens are renewed before they run out and once when refused; only then a person is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract.errors import AuthFailed, RateLimited, Retryable
from connectors.contract.manifest import Credentials
from oms.app.kernel.authorisation import refresh_account, refresh_due, refused
from oms.app.kernel.budget import LONGEST_WAIT_S, Budget
from oms.app.kernel.connectors import connector_of
from tests.factories import World
from tests.fakes import PlainMarket, Script


class Granted(PlainMarket):
    """A marketplace whose token is renewed as the script says."""

    def refresh(self) -> Credentials:
        ends = self.clock() + timedelta(days=30)
        fresh = Credentials({"token": "new"}, {"granted": "yes"}, self.clock() + timedelta(hours=1), ends)
        return self.script.play("refresh", dict(self.account.secrets), fresh)  # type: ignore[no-any-return]


@pytest.fixture
def granted(world: World) -> World:
    kind = type("GrantedHere", (Granted,), {"script": world.script})
    world.hub.vendors["plain"] = kind
    world.run("update account set token_expires_at = :at where id = 1", at=world.clock() + timedelta(minutes=5))
    return world


def state(world: World) -> tuple[str, str]:
    return tuple(world.rows("select state, paused_reason from account where id = 1")[0])


def test_a_token_is_renewed_before_it_runs_out(granted: World) -> None:
    assert refresh_due(granted.hub) == 1
    expires, ends, settings = granted.rows(
        "select token_expires_at, authorisation_ends_at, settings from account where id = 1"
    )[0]
    assert expires == granted.clock() + timedelta(hours=1)
    assert ends == granted.clock() + timedelta(days=30)
    assert settings["granted"] == "yes"
    assert connector_of(granted.hub, account_id=1).account.secrets["token"] == "new"
    assert refresh_due(granted.hub) == 0


def test_a_refused_token_is_renewed_once_and_the_account_goes_on(granted: World) -> None:
    refused(granted.hub, 1, "token expired")
    assert state(granted) == ("active", "")
    refused(granted.hub, 1, "token expired")  # Left with the old token, came back late.
    assert len(granted.script.asked("refresh")) == 1
    assert state(granted) == ("active", "")
    assert granted.one("select kind from alert") == "account_refused"


def test_an_owner_who_must_grant_again_is_asked(granted: World) -> None:
    granted.script.next("refresh", AuthFailed("the refresh token has ended"))
    refused(granted.hub, 1, "token expired")
    assert state(granted) == ("paused", "the refresh token has ended")
    assert granted.one("select kind from alert") == "account_paused"


def test_a_platform_that_does_not_answer_pauses_nobody(granted: World) -> None:
    granted.script.next("refresh", Retryable("down"))
    refused(granted.hub, 1, "token expired")
    assert state(granted) == ("active", "")


def test_keys_that_never_change_are_paused_at_once(world: World) -> None:
    refused(world.hub, 1, "wrong key")
    assert state(world) == ("paused", "wrong key")


def test_many_refusals_at_once_use_a_refresh_token_once(granted: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: refused(granted.hub, 1, "expired"), range(6)))
    assert len(granted.script.asked("refresh")) == 1
    assert state(granted) == ("active", "")


def test_the_end_of_an_authorisation_is_told_days_before(granted: World) -> None:
    granted.run("update account set authorisation_ends_at = :at where id = 1", at=granted.clock() + timedelta(days=3))
    granted.script.next("refresh", Retryable("down"))
    refresh_due(granted.hub)
    assert granted.rows("select kind, subject from alert") == [("authorisation_ends", "1")]


def test_a_refresh_is_left_to_whoever_is_at_it(granted: World) -> None:
    granted.run("insert into lease (name, holder, fence, expires_at) values ('refresh:1', 'other', 4, :at)",
                at=granted.clock() + timedelta(seconds=50))  # fmt: skip
    assert refresh_account(granted.hub, 1) is True
    assert granted.script.asked("refresh") == []
    refused(granted.hub, 1, "expired")
    assert state(granted) == ("active", "")


class Ticking:
    """A clock that moves by what is slept."""

    def __init__(self, now: datetime) -> None:
        self.now, self.slept = now, 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.slept += seconds


def test_processes_share_an_account_s_calls(world: World) -> None:
    ticking = Ticking(world.clock())
    ours, theirs = (Budget(world.hub.engine, 1, 10.0, ticking, ticking.sleep) for _ in range(2))
    for _ in range(50):
        ours.before()
        theirs.before()
    assert 8.0 <= ticking.slept <= 10.0  # A hundred calls at ten a second, the first second for free.


def test_who_would_wait_long_gives_up_its_place_and_pays_nothing(world: World) -> None:
    ticking = Ticking(world.clock())
    budget = Budget(world.hub.engine, 1, 0.2, ticking, ticking.sleep)
    budget.before()
    with pytest.raises(RateLimited) as told:
        budget.before()
    assert told.value.retry_after is not None
    assert told.value.retry_after > LONGEST_WAIT_S
    ticking.now += timedelta(seconds=5)
    budget.before()


def test_all_processes_leave_a_limited_account_alone(world: World) -> None:
    ticking = Ticking(world.clock())
    ours, theirs = (Budget(world.hub.engine, 1, 10.0, ticking, ticking.sleep) for _ in range(2))
    ours.limited(30)
    for budget in (ours, theirs):
        with pytest.raises(RateLimited) as told:
            budget.before()
        assert told.value.retry_after == pytest.approx(30)
    ticking.now += timedelta(seconds=31)
    theirs.before()
    ours.before()


def test_the_script_of_a_plain_market_is_its_own() -> None:
    first: Any = type("One", (Granted,), {"script": Script()})
    assert "refresh" in first.capabilities()
    assert "refresh" not in PlainMarket.capabilities()
