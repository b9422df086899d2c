"""Operations that a platform limits by themselves: each has a bucket beside the account's, one for all processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import responses

from connectors.contract.errors import RateLimited
from connectors.contract.families import Marketplace
from connectors.contract.manifest import OperationRate
from connectors.marketplaces.amazon import Amazon
from oms.app.kernel.budget import REST_S, Budget
from oms.app.kernel.connectors import connector_of, seal_secrets
from oms.db.session import make_engine
from tests.factories import World
from tests.fakes import PlainMarket

DECLARED = {"search": OperationRate(0.01, 3), "read": OperationRate(5.0, 30), "file": OperationRate(0.1, 1)}
MakeBudget = Callable[..., Budget]


class Ticking:
    """A clock that moves by what is slept."""

    def __init__(self, now: datetime) -> None:
        self.now, self.slept = now, 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.slept += seconds


@pytest.fixture
def ticking(world: World) -> Ticking:
    return Ticking(world.clock())


@pytest.fixture
def process(world: World, ticking: Ticking) -> Iterator[MakeBudget]:
    """Makes the gate of another process: its own engine, the same account and the same clock."""
    url, engines = world.hub.engine.url.render_as_string(hide_password=False), []

    def make(rate: float = 1000.0) -> Budget:
        engines.append(make_engine(url, name="operation budgets", pool_size=4))
        return Budget(engines[-1], 1, rate, ticking, ticking.sleep, DECLARED)

    yield make
    for engine in engines:
        engine.dispose()


def passed(budget: Budget, operation: str, calls: int = 1) -> int:
    """How many of so many calls were let through."""
    done = 0
    for _ in range(calls):
        try:
            budget.before(operation)
        except RateLimited:
            continue
        done += 1
    return done


def refusal(budget: Budget, operation: str) -> RateLimited:
    with pytest.raises(RateLimited) as told:
        budget.before(operation)
    return told.value


def test_a_used_up_operation_slows_no_other(process: MakeBudget, ticking: Ticking) -> None:
    budget = process()
    assert passed(budget, "search", 5) == 3
    assert passed(budget, "read", 30) == 30
    assert passed(budget, "", 100) == 100
    assert ticking.slept == 0


def test_a_burst_goes_at_once_and_a_rest_brings_no_more_than_one(process: MakeBudget, ticking: Ticking) -> None:
    budget = process()
    assert passed(budget, "search", 10) == 3
    told = refusal(budget, "search")
    assert (told.code, told.retry_after) == ("own-limit search", pytest.approx(100))
    ticking.now += timedelta(seconds=100)
    assert passed(budget, "search", 10) == 1
    ticking.now += timedelta(days=1)
    assert passed(budget, "search", 10) == 3


def test_a_short_wait_for_an_operation_is_waited(process: MakeBudget, ticking: Ticking) -> None:
    budget = process()
    assert passed(budget, "read", 40) == 40
    assert 1.0 <= ticking.slept <= 2.0  # Ten more than the burst at five a second.


def test_processes_share_an_operation_s_calls(process: MakeBudget) -> None:
    ours, theirs = process(), process()
    assert passed(ours, "search", 2) + passed(theirs, "search", 5) == 3
    assert refusal(ours, "search").retry_after == pytest.approx(100)


def test_many_callers_at_once_never_get_more_than_the_burst(process: MakeBudget) -> None:
    budgets = [process(), process()]
    with ThreadPoolExecutor(8) as pool:
        calls = pool.map(lambda turn: passed(budgets[turn % 2], "search"), range(24))
        others = pool.map(lambda turn: passed(budgets[turn % 2], "read"), range(24))
        assert (sum(calls), sum(others)) == (3, 24)


def test_a_refused_operation_rests_in_all_processes_and_the_others_go_on(process: MakeBudget, ticking: Ticking) -> None:
    ours, theirs = process(), process()
    assert passed(theirs, "read", 2) == 2
    ours.limited(30, "search")
    for budget in (ours, theirs):
        assert refusal(budget, "search").retry_after == pytest.approx(100)
        assert passed(budget, "read", 5) == 5
        assert passed(budget, "") == 1
    ticking.now += timedelta(seconds=101)
    assert passed(theirs, "search") == 1


def test_a_refused_operation_that_told_no_time_rests_until_it_has_a_call_again(process: MakeBudget) -> None:
    budget = process()
    budget.limited(None, "search")
    assert refusal(budget, "search").retry_after == pytest.approx(100)
    budget.limited(None, "read")
    assert refusal(budget, "read").retry_after == pytest.approx(REST_S)


def test_a_refusal_of_an_undeclared_operation_rests_the_account(process: MakeBudget) -> None:
    ours, theirs = process(), process()
    assert passed(ours, "unheard of", 50) == 50
    ours.limited(30, "unheard of")
    for operation in ("unheard of", "", "search", "read"):
        told = refusal(theirs, operation)
        assert (told.code, told.retry_after) == ("own-limit", pytest.approx(30))


def test_a_declared_operation_keeps_to_the_account_s_limit_too(process: MakeBudget, ticking: Ticking) -> None:
    budget = process(rate=2.0)
    assert passed(budget, "read", 10) == 10
    assert 3.5 <= ticking.slept <= 4.5  # Ten calls at two a second, the first second for free.


def test_who_must_wait_for_one_bucket_takes_from_neither(world: World, process: MakeBudget) -> None:
    budget = process(rate=0.2)
    assert passed(budget, "file") == 1
    assert refusal(budget, "file").code == "own-limit file"
    assert refusal(budget, "read").code == "own-limit"
    assert world.rows("select tokens from call_budget") == [(0.0,)]
    assert world.rows("select operation, tokens from operation_budget") == [("file", 0.0)]


def test_a_rate_that_the_platform_told_holds_in_all_processes(
    world: World, process: MakeBudget, ticking: Ticking
) -> None:
    ours, theirs = process(), process()
    assert passed(theirs, "search", 5) == 3
    ours.told("search", 0.5)
    ours.told("read", 5.0)  # As declared, so nothing is written.
    ours.told("unheard of", 9.0)
    assert world.rows("select operation, rate from operation_budget") == [("search", 0.5)]
    ticking.now += timedelta(seconds=6)
    assert passed(theirs, "search", 4) == 4
    assert ticking.slept == pytest.approx(2.0)  # Three came back in six seconds, the fourth comes after two more.


def test_a_slower_rate_is_kept_to_as_well(process: MakeBudget, ticking: Ticking) -> None:
    budget = process()
    assert passed(budget, "read", 30) == 30
    budget.told("read", 0.05)
    assert refusal(budget, "read").retry_after == pytest.approx(20)
    ticking.now += timedelta(seconds=20)
    assert passed(budget, "read", 2) == 1


def test_a_connector_s_calls_pass_the_gate_of_the_operation_they_name(world: World) -> None:
    manifest = replace(PlainMarket.manifest, operations={"search": OperationRate(0.01, 1)})
    world.hub.vendors["plain"] = type("Counted", (PlainMarket,), {"script": world.script, "manifest": manifest})
    connector = connector_of(world.hub, account_id=1)
    with responses.RequestsMock() as platform:
        platform.add(responses.GET, "https://plain.example.invalid/", body=b"{}")
        connector.http.get("https://plain.example.invalid/", operation="search")
        with pytest.raises(RateLimited):
            connector.http.get("https://plain.example.invalid/", operation="search")
        connector.http.get("https://plain.example.invalid/")
        assert len(platform.calls) == 2


AMAZON = "https://amazon.example.invalid"
SEARCHED, READ = f"{AMAZON}/orders/2026-01-01/orders", f"{AMAZON}/orders/2026-01-01/orders/902-1"


def amazon_of(world: World) -> Marketplace:
    """The world's shop as one on Amazon, as a process that just started sees it."""
    world.hub.vendors["plain"] = Amazon
    world.run("update account set gateway = :gateway where id = 1", gateway=AMAZON)
    with world.hub.begin() as connection:
        seal_secrets(world.hub, connection, 1, {"access_token": "Atza|operations"})
    world.hub.kept_connectors.clear()
    connector = connector_of(world.hub, account_id=1)
    assert isinstance(connector, Marketplace)
    return connector


def test_an_amazon_search_that_was_refused_rests_everywhere_and_orders_are_read_on(world: World) -> None:
    with responses.RequestsMock() as platform:
        platform.add(responses.GET, SEARCHED, status=429, json={"errors": [{"code": "QuotaExceeded"}]})
        platform.add(responses.GET, READ, json={"order": {"orderId": "902-1"}}, headers={"x-amzn-RateLimit-Limit": "2.5"})
        for connector in (amazon_of(world), amazon_of(world)):
            with pytest.raises(RateLimited) as told:
                connector.pull_orders('["2026-03-01T00:00:00Z","","","",""]')
            assert 60 < (told.value.retry_after or 0) < 179
            assert connector.get_order("902-1").external_no == "902-1"
        assert [call.request.url.partition("?")[0] for call in platform.calls] == [SEARCHED, READ, READ]
    rates = dict(world.rows("select operation, rate from operation_budget"))
    assert rates == {"searchOrders": None, "getOrder": 2.5}
