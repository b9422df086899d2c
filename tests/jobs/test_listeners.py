"""Messages over a connection that we open: taken like pushes, kept before they are acknowledged, by one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.contract.notices import Delivery
from connectors.marketplaces.pinduoduo import Pinduoduo
from oms.app.capture import message_lines
from oms.app.capture.message_lines import Line, hold, keep, lines_wanted
from oms.app.kernel.connectors import connector_of, seal_secrets
from oms.app.kernel.hub import utc_now
from oms.app.kernel.push_subscriptions import ensure_due
from oms.domain.errors import LostLease
from oms.jobs.crew import Crew
from oms.jobs.listeners import Listeners
from oms.jobs.pumps import PUMPS
from tests.factories import World, a_world
from tests.jobs.toy import eventually
from tests.journeys.stage import Stage, staged
from tests.journeys.travellers import TRAVELLERS

PINDUODUO = next(each for each in TRAVELLERS if each.vendor == "pinduoduo")
KEPT = "select count(*) from push_message"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(PINDUODUO, tmp_path) as found:
        found.shop.ensure_pushes("")
        yield found


@pytest.fixture
def world(make_database: Callable[[], str], stage: Stage) -> Iterator[World]:
    """A hub with one shop on the platform and no schedule: nothing is ever pulled."""
    world = a_world(make_database())
    world.hub.clock = utc_now
    world.hub.vendors["pinduoduo"] = Pinduoduo
    world.run("update channel set vendor = 'pinduoduo' where id = 1")
    connect(world, stage, 1)
    yield world
    world.hub.engine.dispose()


def connect(world: World, stage: Stage, account_id: int, **settings: str) -> None:
    """Make an account the platform's, with the address of its messages."""
    told = {**stage.account.settings, "message_gateway": stage.url, **settings}
    with world.hub.begin() as connection:
        seal_secrets(world.hub, connection, account_id, dict(stage.account.secrets))
    world.run(
        "update account set vendor = 'pinduoduo', gateway = :gateway, settings = cast(:settings as jsonb) where id = :id",
        gateway=stage.account.gateway,
        settings=orjson.dumps(told).decode(),
        id=account_id,
    )


def state(world: World) -> Any:
    return world.rows("select * from stream_cursor where stream = 'messages' order by shop_id")[0]


def backlog(stage: Stage) -> int:
    """Messages that the platform has not had acknowledged."""
    return sum(push["state"] in ("waiting", "ready", "sent") for push in stage.call("pushes")["pushes"])


def buy(stage: Stage) -> str:
    (number,) = stage.buy("plain")
    stage.pass_time()
    return number


@contextmanager
def listening(world: World) -> Iterator[Listeners]:
    listeners = Listeners(world.hub, look_every_s=0.05, first_pause_s=0.05)
    listeners.start()
    try:
        yield listeners
    finally:
        listeners.stop()
        assert listeners.join(2.0)


@contextmanager
def reading(world: World) -> Iterator[None]:
    """The inbox and the fetching of documents run, and no other pump."""
    crew = Crew(world.hub, [pump for pump in PUMPS if pump.name in ("messages", "details")], threads=2)
    world.hub.poke = crew.poke
    crew.start()
    try:
        yield
    finally:
        crew.stop()
        assert crew.join(10.0)


def mall_of(stage: Stage) -> str:
    assert isinstance(stage.shop, Pinduoduo)
    return str(stage.shop.pop.read("pdd.pmc.user.get", "pmc_user_get_response")["pmc_user"]["owner_id"])


def only_line(world: World) -> Line:
    (line,) = lines_wanted(world.hub)
    return line


def received(world: World) -> tuple[Delivery, ...]:
    """What the platform sends over a connection that is cut before anything is acknowledged."""
    messages = connector_of(world.hub, account_id=1).open_messages()
    try:
        return messages.receive(5.0)
    finally:
        messages.close()


def test_an_order_is_taken_in_while_nothing_is_pulled(world: World, stage: Stage) -> None:
    with reading(world), listening(world):
        number = buy(stage)
        eventually(lambda: world.rows("select 1 from orders where external_no = :no", no=number), "the order is here")
        eventually(lambda: backlog(stage) == 0, "its messages are acknowledged")
    assert world.one("select count(*) from sync_schedule") == 0
    assert state(world).documents >= 1
    assert state(world).last_success_at is not None


def test_what_was_kept_but_not_acknowledged_comes_again_and_changes_nothing(world: World, stage: Stage) -> None:
    buy(stage)
    line = only_line(world)
    fence = hold(world.hub, line, "one that is killed")
    assert fence is not None
    keep(world.hub, line, fence, received(world))
    before = world.one(KEPT)
    assert before == backlog(stage) > 0
    world.run("update lease set expires_at = now()")
    with listening(world):
        eventually(lambda: backlog(stage) == 0, "the next holder acknowledges")
    assert world.one(KEPT) == before


def test_who_lost_the_lease_keeps_nothing(world: World, stage: Stage) -> None:
    buy(stage)
    line = only_line(world)
    fence = hold(world.hub, line, "slow")
    assert fence is not None
    assert hold(world.hub, line, "another") is None
    world.run("update lease set expires_at = now()")
    assert hold(world.hub, line, "another") == fence + 1
    with pytest.raises(LostLease):
        keep(world.hub, line, fence, received(world))
    assert world.one(KEPT) == 0


def test_it_hangs_up_at_the_end_and_another_may_begin_at_once(world: World) -> None:
    with listening(world):
        eventually(lambda: world.rows("select 1 from stream_cursor where last_started_at is not null"), "it is open")
        assert hold(world.hub, only_line(world), "another") is None
    assert state(world).last_started_at is None
    assert hold(world.hub, only_line(world), "another") is not None


def test_a_platform_that_is_away_is_tried_again_and_the_words_are_kept(world: World, stage: Stage) -> None:
    connect(world, stage, 1, message_gateway="http://127.0.0.1:9")
    with listening(world):
        eventually(lambda: world.rows("select 1 from stream_cursor where failures >= 2"), "it was tried twice")
        told = state(world)
        assert (told.last_error, told.last_started_at) == ("could not connect", None)
        assert told.paused_until is not None
        connect(world, stage, 1)
        eventually(lambda: state(world).last_started_at is not None, "the mended address is used")
    assert (state(world).failures, state(world).last_error) == (0, "")


def test_refused_keys_neither_pause_the_account_nor_tell_a_secret(world: World, stage: Stage) -> None:
    connect(world, stage, 1, client_id="another")
    with listening(world):
        eventually(lambda: world.rows("select 1 from stream_cursor where failures > 0"), "it was refused")
    assert "check the application's keys" in state(world).last_error
    assert world.one("select state from account where id = 1") == "active"


def test_a_paused_account_and_a_closed_shop_want_no_connection(world: World) -> None:
    world.run("update account set state = 'paused' where id = 1")
    assert lines_wanted(world.hub) == []
    world.run("update account set state = 'active' where id = 1")
    world.run("update shop set mode = 'closed'")
    assert lines_wanted(world.hub) == []


def test_shops_of_one_application_share_a_connection_and_each_gets_its_own(world: World, stage: Stage) -> None:
    owner = mall_of(stage)
    world.run(
        """insert into account (id, family, vendor, name, push_token) values (9, 'marketplace', 'pinduoduo', 'b', 'tb')"""
    )
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
           values (9, 's9', '店九', 1, 9, 1, 0)"""
    )
    connect(world, stage, 1, owner_id="1")
    connect(world, stage, 9, owner_id=owner)
    assert only_line(world).accounts == ((1, "1"), (9, owner))
    with listening(world):
        buy(stage)
        eventually(lambda: backlog(stage) == 0, "all is acknowledged")
    assert {row[0] for row in world.rows("select account_id from push_message")} == {9}


def test_a_message_for_nobody_here_is_counted_and_not_kept(world: World, stage: Stage) -> None:
    connect(world, stage, 1, owner_id="1")
    with listening(world):
        buy(stage)
        eventually(lambda: backlog(stage) == 0, "it is acknowledged all the same")
    assert world.one(KEPT) == 0
    assert world.one("select sum(count) from refused_push where reason = :r", r=message_lines.ELSEWHERE) > 0


def test_messages_are_permitted_without_an_address_of_ours(world: World, stage: Stage) -> None:
    world.hub.public_url = ""
    assert ensure_due(world.hub) == 1
    assert "pdd_trade_TradeConfirmed" in world.one("select settings ->> 'pushes_on' from account where id = 1")
