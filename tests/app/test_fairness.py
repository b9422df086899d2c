"""Accounts that fail or are rate-limited take little from the others: 500 of them, five minutes, in virtual time."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from connectors.contract import records as r
from connectors.contract.errors import RateLimited, Retryable
from oms.app.capture.sync import sync_next
from tests.factories import World
from tests.fakes import PlainMarket

SHOPS, LANES = 500, 4
MINUTES = 5
FIRST = 1000
USUAL_S, TIMEOUT_S = 0.2, 30.0


class Crowd(PlainMarket):
    """Empty pages that take their time; who fails is told by the account's settings."""

    fetched: ClassVar[Counter[str]] = Counter()
    took: ClassVar[list[float]] = [0.0]

    def pull_orders(self, cursor: str) -> r.Page:
        name, fate = self.account.settings["name"], self.account.settings.get("fate", "")
        Crowd.took[0] = TIMEOUT_S if fate == "down" else USUAL_S
        if fate == "down":
            raise Retryable("no answer came back")
        if fate == "limited":
            raise RateLimited("too many calls", retry_after=2.0)
        Crowd.fetched[name] += 1
        return r.Page(f"{cursor}.", more=False)


def a_crowd(world: World) -> None:
    world.hub.vendors["plain"] = Crowd
    world.run("delete from sync_schedule")
    world.run(
        """insert into account (id, family, vendor, name, settings)
           select :first + n, 'marketplace', 'plain', 'a' || n, jsonb_build_object('name', 'a' || n)
           from generate_series(1, :shops) n""",
        first=FIRST, shops=SHOPS,
    )  # fmt: skip
    world.run(
        """insert into shop (id, code, name, channel_id, account_id)
           select :first + n, 'crowd' || n, 's' || n, 1, :first + n from generate_series(1, :shops) n""",
        first=FIRST, shops=SHOPS,
    )  # fmt: skip
    world.run(
        """insert into sync_schedule (shop_id, stream, every_s)
           select :first + n, 'orders', 60 from generate_series(1, :shops) n""",
        first=FIRST, shops=SHOPS,
    )  # fmt: skip


def play(world: World, until: datetime) -> None:
    """Some lanes pull whatever is due; the clock is that of the lane whose turn it is."""
    lanes = [(world.clock(), lane) for lane in range(LANES)]
    while lanes[0][0] < until:
        now, lane = heapq.heappop(lanes)
        world.clock.now = now
        Crowd.took[0] = 0.0
        busy = sync_next(world.hub)
        heapq.heappush(lanes, (now + timedelta(seconds=Crowd.took[0] + 0.01 if busy else 1.0), lane))


@pytest.mark.full
def test_one_account_in_a_hundred_that_fails_takes_little_from_the_others(world: World) -> None:
    a_crowd(world)
    Crowd.fetched.clear()
    begin = world.clock()
    play(world, begin + timedelta(minutes=MINUTES))
    calm = dict(Crowd.fetched)
    assert min(calm.values()) >= MINUTES - 1
    fate = """update account set settings = settings || jsonb_build_object('fate', cast(:fate as text))
              where id = any(:ids)"""
    world.run(fate, fate="down", ids=[FIRST + 100 * n for n in range(1, 6)])
    world.run(fate, fate="limited", ids=[FIRST + 7])
    world.run("update stream_cursor set last_started_at = null, paused_until = null")
    Crowd.fetched.clear()
    begin = world.clock()
    play(world, begin + timedelta(minutes=MINUTES))
    healthy = {name: count for name, count in calm.items() if name not in {"a7", *(f"a{n}00" for n in range(1, 6))}}
    total, with_trouble = sum(healthy.values()), sum(Crowd.fetched[name] for name in healthy)
    assert with_trouble >= 0.9 * total
    assert min(Crowd.fetched[name] for name in healthy) >= MINUTES - 1
