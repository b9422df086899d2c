"""Reports on stock hold as of their own time: nothing counts twice, whatever comes late, twice or in disorder."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.stocking import StockChange, StockReport
from oms.app.stock.arriving import take_pushed
from oms.app.stock.deciding import book_differences
from oms.app.stock.told import Told, ToldLine
from oms.domain.errors import HubError
from oms.domain.numbers import document_no
from tests.app.stocking import changed, counted, ledger, moved, on_hand, told
from tests.factories import START, World, add_sku, advance, an_order

MINUTE = timedelta(minutes=1)


def test_what_moved_after_a_count_is_kept_on_top_of_it(world: World) -> None:
    world.clock.forward(3600)
    moved(world, -10, START + 20 * MINUTE)
    (line,) = counted(world, {"A": 95}, START + 10 * MINUTE)
    assert (line.state, line.expected, line.difference) == ("booked", 100, -5)
    assert on_hand(world) == 85
    assert ledger(world) == [("test", -10), ("count", -5)]


def test_what_happened_before_a_count_and_is_told_later_is_in_it_already(world: World) -> None:
    world.clock.forward(3600)
    counted(world, {"A": 95}, START + 10 * MINUTE)
    moved(world, -5, START + 9 * MINUTE)
    assert on_hand(world) == 95
    assert ledger(world) == [("count", -5), ("test", -5), ("counted", 5)]
    line = world.rows("select difference, explained from stock_report_line")[0]
    assert tuple(line) == (-5, -5), "the confirmation explains what was missing"


def test_an_older_report_and_a_repeated_one_change_nothing(world: World) -> None:
    world.clock.forward(3600)
    counted(world, {"A": 90}, START + 20 * MINUTE, "new")
    (old,) = counted(world, {"A": 50}, START + 10 * MINUTE, "old")
    assert old.state == "older"
    assert counted(world, {"A": 90}, START + 20 * MINUTE, "new") == []
    assert on_hand(world) == 90


def test_units_that_left_beyond_the_ledger_are_made_up_for_by_what_arrives(world: World) -> None:
    world.clock.forward(3600)
    moved(world, -130, START + MINUTE)
    assert on_hand(world) == 0
    assert ledger(world) == [("test", -130), ("beyond", 30)]
    moved(world, 50, START)
    assert on_hand(world) == 20


def test_a_large_difference_waits_until_a_newer_report_makes_it_void(world: World) -> None:
    world.clock.forward(3600)
    world.run("update stock_point set difference_limit = 10 where id = 1")
    (line,) = counted(world, {"A": 50}, START + MINUTE, "first")
    assert (line.state, on_hand(world)) == ("waiting", 100)
    (line,) = counted(world, {"A": 97}, START + 2 * MINUTE, "second")
    assert (line.state, on_hand(world)) == ("booked", 97)
    assert world.one("select state from stock_report_line where key like 'first%'") == "older"


@pytest.mark.parametrize(
    ("off", "is_taken"),
    [(5 * MINUTE, True), (6 * MINUTE, False), (-timedelta(days=31), True), (-timedelta(days=32), False),
     (timedelta(days=365 * 7000), False)],
)  # fmt: skip
@pytest.mark.parametrize("is_change", [True, False])
def test_what_a_warehouse_sends_has_a_moment_that_can_be(
    world: World, off: timedelta, is_taken: bool, is_change: bool
) -> None:
    now = world.clock()
    change = StockChange("A", "good", -5, "c1", now + off if is_change else now)
    report = StockReport("W1", "k1", now if is_change else now + off, (), True, (change,))
    refusal = "no stock point has" if is_taken else "^at: this is not within the last 31 days"
    with world.hub.begin() as connection, pytest.raises(HubError, match=refusal):
        take_pushed(world.hub, connection, 2, report)


@pytest.mark.parametrize(("limit", "kept"), [(None, -101), (0, -1), (150, -151)])
def test_a_change_that_takes_more_than_there_is_waits_for_people(world: World, limit: int | None, kept: int) -> None:
    world.clock.forward(3600)
    world.run("update stock_point set difference_limit = :limit where id = 1", limit=limit)
    (line,) = changed(world, "A", kept, START + MINUTE, "much")
    assert (line.state, on_hand(world), ledger(world)) == ("waiting", 100, [])
    (line,) = changed(world, "B", -100 if limit is None else -limit, START + MINUTE, "all")
    assert line.state == ("booked" if limit != 0 else "same")
    ids = [row[0] for row in world.rows("select id from stock_report_line where state = 'waiting'")]
    assert book_differences(world.hub, ids, "loss", "", "user:1") == (1, 0)
    assert on_hand(world) == max(0, 100 + kept)


def test_what_a_report_takes_in_parts_counts_together(world: World) -> None:
    world.clock.forward(3600)
    parts = [ToldLine("A", "good", -60, f"part {n}", START + MINUTE, is_delta=True) for n in range(2)]
    lines = told(world, Told(1, "push", "parts", START + MINUTE, parts))
    assert [(line.state, line.expected) for line in lines] == [("booked", None), ("waiting", 40)]
    assert on_hand(world) == 40


def test_a_change_that_one_of_our_documents_books_is_not_booked_twice(world: World) -> None:
    world.clock.forward(3600)
    an_order(world)
    advance(world)
    number = world.rows("select id from fulfilment")[0][0]
    (ours,) = changed(world, "A", -1, START + MINUTE, "k1", document_no=document_no("fulfilment", number))
    (theirs,) = changed(world, "A", -2, START + MINUTE, "k2", document_no="ADJ-9")
    assert (ours.state, theirs.state, on_hand(world)) == ("told", "booked", 98)


def test_less_than_promised_takes_nothing_from_orders_and_tells_people(world: World) -> None:
    world.clock.forward(3600)
    an_order(world, [{"external_no": "1", "listing_no": "LA", "variant_no": "", "seller_code": "A", "title": "A",
                      "units": 5, "list_amount": 500, "paid_amount": 500, "discount_merchant": 0}])  # fmt: skip
    advance(world)
    counted(world, {"A": 3}, world.clock())
    assert world.rows("select on_hand, reserved from stock_level where stock_point_id = 1 and sku_id = 100") == [(3, 5)]
    assert world.one("select words from alert where kind = 'oversold_point'") == "1 SKUs: A: 3 there, 5 promised"


def test_unknown_goods_are_kept_and_named(world: World) -> None:
    (line,) = counted(world, {"NOWHERE": 3}, START)
    assert line.state == "unknown"
    assert world.one("select sku_code from stock_report_line where state = 'unknown'") == "NOWHERE"


EVENT = st.tuples(st.sampled_from(["move", "report", "change"]), st.integers(0, 12), st.integers(-9, 30))


def replayed(events: list[tuple[str, int, int]]) -> int:
    """The level after all happened in true order: a report is the level of its moment, the greater key wins."""
    level = 0
    order = {"move": 0, "change": 0, "report": 1}
    for _, (kind, _, units) in sorted(enumerate(events), key=lambda e: (e[1][1], order[e[1][0]], e[0])):
        level = max(0, units) if kind == "report" else level + units
    return max(0, level)


def test_any_order_and_repetition_ends_like_the_replay_in_true_order(world: World) -> None:
    numbers = itertools.count(500)
    world.clock.forward(3600)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(EVENT, min_size=1, max_size=7), st.randoms(use_true_random=False))
    def run(events: list[tuple[str, int, int]], chance: object) -> None:
        sku = next(numbers)
        code = f"P{sku}"
        with world.hub.begin() as connection:
            add_sku(connection, code, 0, weight_g=1, id_=sku)
        told = list(enumerate(events)) + [event for event in enumerate(events) if event[1][0] != "move"][:3]
        chance.shuffle(told)  # type: ignore[attr-defined]
        for number, (kind, minute, units) in told:
            world.clock.forward(1)
            at, key = START + minute * MINUTE, f"{code}-{number}"
            if kind == "move":
                moved(world, units, at, sku=sku)
            elif kind == "change":
                changed(world, code, units, at, key)
            else:
                counted(world, {code: max(0, units)}, at, key)
        waiting = [row[0] for row in world.rows("select id from stock_report_line where state = 'waiting'")]
        if waiting:  # What took more than there was when it was told is left to people.
            book_differences(world.hub, waiting, "mistake", "", "user:1")
        assert on_hand(world, sku) == replayed(events)

    run()
