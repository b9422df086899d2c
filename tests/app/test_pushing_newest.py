"""Whatever happens while stock is pushed: each call tells what may be sold at that moment, and in the end all know it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, Retryable
from connectors.contract.notices import StockAnswer, StockLevel
from oms.app.stock.pushing import push_next
from oms.app.stock.quotas import QuotaForm, set_quota
from oms.app.stock.telling import units_told
from oms.app.stock.waking import wake_short
from tests.app.test_pushing_stock import Shelves, a_listing, a_round, switch_on
from tests.app.test_reserving import arrive
from tests.factories import World, a_line, advance, an_order, drain

SKUS = ("A", "B", "C")


def said(levels: Sequence[StockLevel]) -> list[tuple[str, int]]:
    return [(one.listing_no, one.units) for one in levels]


def sku_of(listing_no: str) -> str:
    """Listings are called as their SKU; those that orders make have an L before it."""
    return listing_no[-1]


def is_known(market: type[Market]) -> bool:
    now = told_now(market.world)
    return set(SKUS) <= set(market.shelf) and all(units == now[sku_of(no)] for no, units in market.shelf.items())


class Market(Shelves):
    """A platform that keeps what it was told last; `meanwhile` happens while it is asked, before it answers."""

    shelf: dict[str, int]
    stale: list[tuple[str, int, int]]
    world: World
    meanwhile: list[Callable[[], Any]]
    answers: list[Exception]

    def push_stock(self, levels: Sequence[StockLevel]) -> StockAnswer:
        now = told_now(self.world)
        self.stale.extend((no, units, now[sku_of(no)]) for no, units in said(levels) if units != now[sku_of(no)])
        while self.meanwhile:
            self.meanwhile.pop()()
        self.shelf.update(said(levels))
        if self.answers:
            raise self.answers.pop()
        return StockAnswer(len(levels))


def told_now(world: World) -> dict[str, int]:
    with world.hub.engine.connect() as connection:
        masters = world.hub.masters.get(connection, world.clock())
        told = units_told(connection, masters, masters.shops[1], [world.skus[code] for code in SKUS])
    return {code: told[world.skus[code]] for code in SKUS}


@pytest.fixture
def market(make_world: Any) -> type[Market]:
    world: World = make_world(stock=6)
    here = type("MarketHere", (Market,), {"script": world.script, "shelf": {}, "stale": [], "world": world,
                                         "meanwhile": [], "answers": []})  # fmt: skip
    world.hub.vendors["plain"] = here
    for code in SKUS:
        a_listing(world, code, code)
    switch_on(world)
    return here


def sell(world: World, code: str, units: int) -> None:
    an_order(world, [a_line(code=code, units=units)])
    advance(world)
    drain(wake_short, world)
    advance(world)


def test_a_call_tells_what_changed_while_the_one_before_it_took_its_time(market: type[Market]) -> None:
    market.meanwhile.append(lambda: sell(market.world, "C", 5))
    push_next(market.world.hub)
    assert market.stale == []
    assert [market.shelf[code] for code in SKUS] == [12, 12, 7]


def test_whoever_was_overtaken_has_its_levels_told_again(market: type[Market]) -> None:
    def overtake() -> None:
        sell(market.world, "A", 5)
        market.world.clock.forward(16 * 60)
        push_next(market.world.hub)

    market.meanwhile.append(overtake)
    push_next(market.world.hub)
    assert market.shelf["A"] == 12  # The older call came in last.
    a_round(market.world)
    assert market.shelf["A"] == 7
    assert is_known(market)


@pytest.mark.parametrize("seed", [1, 2])
def test_platforms_know_quotas_less_reservations_after_any_changes_and_failures(market: type[Market], seed: int) -> None:
    chance, world = Random(seed), market.world
    changes: list[Callable[[], Any]] = [
        lambda: sell(world, chance.choice(SKUS), chance.choice((1, 2, 5, 900))),
        lambda: arrive(world, chance.choice(SKUS), chance.randint(1, 4)),
        lambda: set_quota(world.hub, "shop", 1, "A", QuotaForm(exclusive=chance.randint(0, 5)), "ann"),
        lambda: set_quota(world.hub, "global", 0, "", QuotaForm(ratio_bp=chance.choice((5_000, 10_000))), "ann"),
    ]
    for _ in range(12):
        chance.choice(changes)()
        if chance.random() < 0.5:
            market.meanwhile.append(chance.choice(changes))
        if chance.random() < 0.3:
            market.answers.append(chance.choice([Retryable("busy"), OutcomeUnknown("no answer")]))
        world.clock.forward(1900)
        push_next(world.hub)
    market.meanwhile.clear()
    market.answers.clear()
    world.clock.forward(1900)
    push_next(world.hub)
    assert market.stale == []
    assert is_known(market)
