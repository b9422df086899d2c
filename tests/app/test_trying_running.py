"""The job behind backtests: a killed worker's goes on where it was, two do not disturb each other, one can be stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from oms.app.rulebook.trying import running
from oms.app.rulebook.trying.backtests import ask_backtest, remaining, stop_backtest
from oms.app.rulebook.trying.running import CLAIM, backtest_next
from oms.db.bulk import copy_rows
from oms.domain.errors import HubError, NotFound
from oms.jobs.upkeep import forget_backtests
from tests.app.rule_sets import a_rule, another_process, in_force
from tests.app.trying import COD, MANY, PAID, PERIOD, another_draft, backtest, changed, found, some_orders
from tests.factories import World, drain


class Killed(BaseException):
    """The end of a worker in the middle of its work."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PAGE", 2)
    monkeypatch.setattr(running, "AHEAD", 6)


def ask(world: World, *rules: dict[str, Any]) -> int:
    """A backtest that waits, of a draft beside cash on delivery to finance; ten orders."""
    version = in_force(world, a_rule("cod", "finance", when=COD))
    some_orders(world, 10)
    draft = another_draft(world, version, *(rules or (a_rule("paid", "service", when=PAID),)))
    world.clock.forward(1)
    return ask_backtest(world.hub, draft, PERIOD, (1,), "user:1")


def kill_at(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """Let the worker end in the middle of writing a page."""
    pages = iter(range(1, 100))

    def killed(*args: Any) -> int:
        if next(pages) == page:
            raise Killed
        return copy_rows(*args)

    monkeypatch.setattr(running, "copy_rows", killed)


def test_a_killed_workers_backtest_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = ask(world)
    with monkeypatch.context() as patch:
        kill_at(patch, 3)
        with pytest.raises(Killed):
            backtest_next(world.hub)
    assert (found(world, id_).done, found(world, id_).state) == (4, "running")
    before = changed(world, id_)
    assert backtest_next(world.hub) == 0, "its claim has not run out"
    world.clock.forward(CLAIM.total_seconds() + 1)
    drain(backtest_next, world)
    run = found(world, id_)
    assert (run.state, run.done, sum(run.counts["kinds"].values())) == ("done", 10, 10)
    assert changed(world, id_).items() >= before.items()
    assert run.counts["kinds"] == {"same": 2, "newly_passed": 2, "newly_held": 4, "other_tier": 2}


def test_a_worker_that_was_overtaken_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = ask(world)
    compare = running.compare_page
    other = another_process(world)

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(running, "compare_page", compare)
        world.clock.forward(CLAIM.total_seconds() + 1)
        drain(backtest_next, other)
        return compare(*args)

    monkeypatch.setattr(running, "compare_page", overtaken)
    assert backtest_next(world.hub) == 1
    run = found(world, id_)
    assert (run.state, run.done, sum(run.counts["kinds"].values())) == ("done", 10, 10)
    other.hub.engine.dispose()


def test_two_backtests_at_once_each_find_their_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_S", -1.0)  # After each page it is another one's turn.
    one = ask(world)
    many = another_draft(world, in_force(world, a_rule("cod", "finance", when=COD), scope="channel", scope_id=1),
                         a_rule("cod", "finance", when=COD), a_rule("many", "courier", when=MANY))  # fmt: skip
    other = ask_backtest(world.hub, many, PERIOD, (1,), "user:2")
    states = []
    while backtest_next(world.hub):
        world.clock.forward(1)
        states.append((found(world, one).done, found(world, other).done))
    assert any(0 < first < 10 and 0 < second < 10 for first, second in states)
    assert found(world, one).counts["kinds"] == {"same": 2, "newly_passed": 2, "newly_held": 4, "other_tier": 2}
    assert found(world, other).counts["kinds"] == {"same": 6, "newly_held": 2, "other_tier": 2}


def test_workers_side_by_side_do_each_backtest_once(world: World) -> None:
    asked = [ask(world)]
    draft = found(world, asked[0]).version_id
    asked += [ask_backtest(world.hub, draft, PERIOD, (1,), "user:1") for _ in range(3)]
    other = another_process(world)
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(drain, backtest_next, each) for each in (world, other)]
        assert sum(each.result() for each in done) == 4
    other.hub.engine.dispose()
    for id_ in asked:
        run = found(world, id_)
        assert (run.state, run.done) == ("done", 10)
        assert run.counts["kinds"] == {"same": 2, "newly_passed": 2, "newly_held": 4, "other_tier": 2}


def test_a_stopped_backtest_keeps_what_it_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_S", -1.0)
    id_ = ask(world)
    backtest_next(world.hub)
    stop_backtest(world.hub, id_)
    assert backtest_next(world.hub) == 0
    assert (found(world, id_).state, found(world, id_).done) == ("stopped", 2)
    with pytest.raises(NotFound):
        stop_backtest(world.hub, id_)


def test_a_stop_while_a_page_is_compared_is_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = ask(world)
    compare = running.compare_page

    def stopping(*args: Any) -> Any:
        if found(world, id_).state == "running":
            stop_backtest(world.hub, id_)
        return compare(*args)

    monkeypatch.setattr(running, "compare_page", stopping)
    assert backtest_next(world.hub) == 1
    assert (found(world, id_).state, found(world, id_).done) == ("stopped", 0)
    assert changed(world, id_) == {}


def test_a_backtest_that_makes_no_progress_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = ask(world)
    monkeypatch.setattr(running, "compare_page", lambda *_: 1 / 0)
    for _ in range(running.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            backtest_next(world.hub)
        world.clock.forward(CLAIM.total_seconds() + 1)
    backtest_next(world.hub)
    assert (found(world, id_).state, found(world, id_).error) == ("failed", running.GAVE_UP)


def test_a_backtest_is_forgotten_ninety_days_after_its_end(world: World) -> None:
    id_ = ask(world)
    drain(backtest_next, world)
    world.run("update backtest set ended_at = now() - interval '89 days' where id = :id", id=id_)
    assert forget_backtests(world.hub) == 0
    world.run("update backtest set ended_at = now() - interval '91 days' where id = :id", id=id_)
    assert forget_backtests(world.hub) == 1
    assert changed(world, id_) == {}


def test_a_refusal_ends_a_backtest_with_its_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = ask(world)

    def refuse(*_: Any) -> Any:
        raise HubError("the archive is away", "bring it back")

    monkeypatch.setattr(running, "compare_page", refuse)
    backtest_next(world.hub)
    assert (found(world, id_).state, found(world, id_).error) == ("failed", "the archive is away")


def test_the_time_that_is_left_is_told_by_the_speed_so_far(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_S", -1.0)
    id_ = ask(world)
    assert remaining(found(world, id_), world.clock()) is None
    backtest_next(world.hub)
    world.clock.forward(10)
    assert remaining(found(world, id_), world.clock()) == timedelta(seconds=40)


def test_what_a_draft_says_later_does_not_change_what_is_tried(world: World) -> None:
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 3)
    draft = another_draft(world, version)
    world.clock.forward(1)
    id_ = ask_backtest(world.hub, draft, PERIOD, (1,), "user:1")
    world.run("delete from rule_set_version where id = :id", id=draft)
    drain(backtest_next, world)
    assert changed(world, id_) == {ids[0]: "newly_passed"}
    assert backtest(world, version).counts["kinds"] == {"same": 3}
