"""A refund races everything that ships; hand-overs whose answers are lost: nothing leaves that nobody knows of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from tests.app.invariants import check_invariants
from tests.factories import START, World, a_document, a_line, raw, take
from tests.long import stopping
from tests.long.stopping import RACES, Book, a_stage, enter, pumps, race, unresolved, wrong


@pytest.fixture(scope="module")
def stage(make_database: Callable[[], str]) -> Iterator[World]:
    """One hub for all races; what the database promises is checked at the end."""
    world = a_stage(make_database())
    yield world
    check_invariants(world)
    world.hub.engine.dispose()


def races(stage: World, seeds: range) -> None:
    """No race is lost unnoticed, and at most one stop in a hundred stays open, and is seen."""
    found, left, asked = [], 0, 0
    for seed in seeds:
        found += wrong(stage, race(stage, seed, silent=0.002), seed)
        more, of = unresolved(stage, seed)
        left, asked = left + more, asked + of
    assert found == []
    assert asked > len(seeds)
    assert left <= max(1, asked // 100), (left, asked)


def test_a_few_races_are_never_lost_unnoticed(stage: World) -> None:
    races(stage, range(2))


@pytest.mark.full
def test_a_thousand_races_at_every_point_are_never_lost_unnoticed(stage: World) -> None:
    races(stage, range(100, 100 + 1_000 // RACES))


def dispatches(stage: World, count: int, name: str) -> None:
    """Orders whose hand-over is lost, slow or confirmed twice: the warehouse has each once, and each leaves once."""
    book = Book(random.Random(7), tells_all=False)
    enter(stage, book)
    stage.clock.now = START
    for begin in range(0, count, 250):
        numbers = range(begin, min(count, begin + 250))
        take(stage, *[raw(a_document(f"{name}{no}", [a_line()], buyer={"external_id": f"{name}{no}"})) for no in numbers])
        for _ in range(40):
            for pump in pumps(stage, book):
                pump()
            stage.clock.forward(15)
    rows = stage.rows(
        """select f.id, f.status, count(distinct p.id) from fulfilment f join orders o on o.id = f.lead_order_id
           left join parcel p on p.fulfilment_id = f.id where o.external_no like :name group by 1, 2""",
        name=f"{name}%",
    )
    assert ({(row.status, row[2]) for row in rows}, len(rows)) == ({("shipped", 1)}, count)
    assert (len(book.papers), {paper.step for paper in book.papers.values()}) == (count, {"shipped"})
    assert sum(paper.calls for paper in book.papers.values()) <= count * 1.15  # Only what was slow is sent again.


def test_the_warehouse_has_each_of_some_dispatches_once(stage: World) -> None:
    dispatches(stage, 40, "few")


@pytest.mark.full
def test_the_warehouse_has_each_of_ten_thousand_dispatches_once(stage: World) -> None:
    dispatches(stage, 10_000, "many")


def test_a_hub_that_never_flags_what_left_after_it_was_cancelled_is_noticed(
    stage: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "MOODS", ("yes but ships",))
    stage_hold = "update hold set cleared_at = now(), cleared_by = 'test' where kind = 'already_shipped'"
    book = race(stage, 50)
    stage.run(stage_hold)
    assert any("nobody is told" in words for words in wrong(stage, book, 50))
