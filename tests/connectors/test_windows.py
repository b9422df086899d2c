"""The shared walker: whatever moves while a list is read, every row is learnt as it is in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.manifest import Manifest
from connectors.contract.places import SECOND, closed_window
from connectors.contract.windows import Bounds, Listing, Step, Walk, bounds_of

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOUNDS = Bounds(size=5, widest=10 * MINUTE, overlap=MINUTE, lag=10 * SECOND)

Row = tuple[str, datetime]


@dataclass
class Bazaar:
    """A platform's list of rows with a time of change each; its clock goes on a second per call."""

    rows: dict[str, datetime]
    now: datetime = START + timedelta(minutes=25)
    order: str = "newest"
    ends_inside: bool = False
    deepest: int = 0
    calls: list[tuple[datetime, datetime, int]] = field(default_factory=list)
    after_call: Callable[[int], None] = lambda count: None

    def ask(self, start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Row]]:
        if self.deepest and page * size > self.deepest + size - 1 and end - start > SECOND:
            raise Refused("pages so deep are not given")
        self.calls.append((start, end, page))
        found = [(no, at) for no, at in self.rows.items() if start <= at < end or (self.ends_inside and at == end)]
        found.sort(key=lambda row: row if self.order == "id" else (row[1], row[0]), reverse=self.order == "newest")
        answer = len(found), found[(page - 1) * size : page * size]
        self.after_call(len(self.calls))
        self.now += SECOND
        return answer

    def turn(self, start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Row]]:
        """A page that is told without a count, but with whether others follow."""
        total, found = self.ask(start, end, page, size)
        return page * size + int(total > page * size), found


def walked(bazaar: Bazaar, cursor: str = "", bounds: Bounds = BOUNDS, counting: bool = True) -> list[Step[Row]]:
    """Step until the walk says that it is at its end."""
    listing = Listing(bazaar.ask, bazaar.deepest, None if counting else bazaar.turn)
    steps: list[Step[Row]] = []
    while not steps or steps[-1].more:
        edge = bazaar.now - bounds.lag
        step = Walk([listing], bounds, bazaar.now).step(cursor, START.isoformat())
        assert not (step.more and step.cursor == cursor), "the cursor stands still"
        assert step.window is None or step.window[0] < step.window[1] <= edge
        assert len(steps) < 2_000
        cursor = step.cursor
        steps.append(step)
    return steps


def learnt(steps: list[Step[Row]]) -> set[Row]:
    return {row for step in steps for row in step.rows}


def spread(count: int, apart: float = 20.0) -> dict[str, datetime]:
    return {f"{number:03}": START + timedelta(seconds=int(number * apart)) for number in range(count)}


@settings(max_examples=150, deadline=None)
@given(
    times=st.lists(st.integers(0, 1_400), max_size=60),
    moves=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 59)), max_size=15),
    order=st.sampled_from(["newest", "oldest", "id"]),
    ends_inside=st.booleans(),
    counting=st.booleans(),
    deepest=st.sampled_from([0, 10, 12]),
)
def test_no_row_is_missed_whatever_moves_between_pages(
    times: list[int], moves: list[tuple[int, int]], order: str, ends_inside: bool, counting: bool, deepest: int
) -> None:
    rows = {f"{number:03}": START + timedelta(seconds=at) for number, at in enumerate(times)}
    bazaar = Bazaar(rows, order=order, ends_inside=ends_inside, deepest=deepest)

    def move(call: int) -> None:
        for when, which in moves:
            if when == call and f"{which:03}" in rows:
                rows[f"{which:03}"] = bazaar.now

    bazaar.after_call = move
    first = walked(bazaar, counting=counting)
    bazaar.after_call = lambda count: None
    bazaar.now += MINUTE
    later = walked(bazaar, first[-1].cursor, counting=counting)
    assert set(rows.items()) <= learnt(first + later)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 599), max_size=80), st.sampled_from([5, 7, 10]), st.booleans())
def test_a_past_window_gives_its_rows_and_ends_there(times: list[int], deepest: int, ends_inside: bool) -> None:
    rows = {f"{number:03}": START + timedelta(seconds=at) for number, at in enumerate(times)}
    rows |= {"before": START - SECOND, "after": START + 11 * MINUTE}
    bazaar = Bazaar(rows, deepest=deepest, ends_inside=ends_inside)
    steps = walked(bazaar, closed_window(START, START + 10 * MINUTE))
    assert learnt(steps) == {row for row in rows.items() if row[0] not in ("before", "after")}
    assert max(end for _, end, _ in bazaar.calls) == START + 10 * MINUTE


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 59), st.integers(0, 40), st.integers(1, 5))
def test_rows_that_come_late_into_a_window_being_read_are_read_too(at: int, late: int, call: int) -> None:
    bazaar = Bazaar(spread(30), now=START + 11 * MINUTE)

    def arrive(count: int) -> None:
        if count == call:
            bazaar.rows |= {f"late-{number}": START + timedelta(seconds=at) for number in range(late)}

    bazaar.after_call = arrive
    steps = walked(bazaar, bounds=replace(BOUNDS, overlap=timedelta(minutes=9, seconds=50)))
    bazaar.now += MINUTE
    later = walked(bazaar, steps[-1].cursor, bounds=replace(BOUNDS, overlap=timedelta(minutes=9, seconds=50)))
    told = {row for row in bazaar.rows.items() if row[1] >= START + timedelta(seconds=60)}
    assert told <= learnt(steps + later)


def test_one_page_costs_one_call_and_several_are_walked_from_the_last() -> None:
    few, many = Bazaar(spread(5), now=START + 5 * MINUTE), Bazaar(spread(12), now=START + 5 * MINUTE)
    assert [step.more for step in walked(few)] == [False]
    assert [page for _, _, page in few.calls] == [1]
    steps = walked(many)
    assert [page for _, _, page in many.calls] == [1, 3, 2, 1]
    assert [step.more for step in steps] == [True, True, False]
    assert [step.opens for step in steps] == [True, False, False]


def test_a_list_that_grew_since_it_was_counted_is_read_to_its_new_end() -> None:
    bazaar = Bazaar(spread(12), now=START + 5 * MINUTE)
    bazaar.after_call = lambda count: bazaar.rows.update(
        {f"late-{number}": START + SECOND for number in range(4)} if count == 1 else {}
    )
    assert learnt(walked(bazaar)) == set(bazaar.rows.items())
    assert [page for _, _, page in bazaar.calls] == [1, 3, 4, 3, 2, 1]


def test_windows_are_at_most_the_widest_overlap_and_end_before_now() -> None:
    bazaar = Bazaar({})
    edge = bazaar.now - BOUNDS.lag
    steps = walked(bazaar)
    windows = [(start, end) for start, end, _ in bazaar.calls]
    assert windows[:2] == [(START, START + 10 * MINUTE), (START + 9 * MINUTE, START + 19 * MINUTE)]
    assert windows[2][0] == START + 18 * MINUTE
    assert edge <= windows[2][1] <= edge + 3 * SECOND
    assert [step.window for step in steps] == windows


def test_what_cannot_be_paged_is_cut_until_it_can_and_one_second_is_read_however_full() -> None:
    dense = {f"{number:03}": START + timedelta(seconds=100) for number in range(40)}
    bazaar = Bazaar(spread(40, 15) | {f"x{no}": at for no, at in dense.items()}, deepest=10)
    assert learnt(walked(bazaar)) == set(bazaar.rows.items())
    widths = {end - start for start, end, page in bazaar.calls if page > 2}
    assert widths == {SECOND}


def test_several_lists_are_read_over_the_same_windows_one_after_another() -> None:
    one, two = Bazaar(spread(7)), Bazaar(spread(12, 3))
    cursor, steps = "", list[Step[Row]]()
    while not steps or steps[-1].more:
        steps.append(
            Walk([Listing(one.ask), Listing(two.ask)], BOUNDS, START + 5 * MINUTE).step(cursor, "2026-03-01 08:00")
        )
        cursor = steps[-1].cursor
    assert {row for step in steps if step.part == 0 for row in step.rows} == set(one.rows.items())
    assert {row for step in steps if step.part == 1 for row in step.rows} == set(two.rows.items())
    assert {call[:2] for call in one.calls} == {call[:2] for call in two.calls}


def test_a_past_window_that_is_not_past_yet_is_read_as_far_as_now_and_does_not_chase_the_clock() -> None:
    bazaar = Bazaar(spread(30), now=START + 5 * MINUTE)
    cursor, steps = closed_window(START, START + 8 * MINUTE), list[Step[Row]]()
    while not steps or steps[-1].more:
        steps.append(Walk([Listing(bazaar.ask)] * 2, BOUNDS, bazaar.now).step(cursor, ""))
        cursor = steps[-1].cursor
        assert len(steps) < 20
    bazaar.now += 5 * MINUTE
    later = walked(bazaar, cursor)
    assert {row for step in steps + later for row in step.rows} == {
        row for row in bazaar.rows.items() if row[1] < START + 8 * MINUTE
    }
    assert max(end for _, end, _ in bazaar.calls) == START + 8 * MINUTE


def test_a_part_that_is_no_more_starts_the_window_anew() -> None:
    one, two = Bazaar(spread(7)), Bazaar({})
    first = Walk([Listing(two.ask), Listing(one.ask)], BOUNDS, START + 5 * MINUTE).step("", "2026-03-01 08:00")
    assert orjson.loads(first.cursor)["part"] == 1
    again = Walk([Listing(one.ask)], BOUNDS, START + 5 * MINUTE).step(first.cursor, "")
    assert (again.part, again.window) == (0, first.window)


def test_a_list_whose_rows_change_unseen_is_read_again_every_half_hour() -> None:
    bazaar, cursor = Bazaar({}), ""
    listing = Listing(bazaar.ask, looks_back=timedelta(days=15))
    for minutes in (5, 20, 40, 45, 80):
        cursor = (
            Walk([listing], replace(BOUNDS, widest=timedelta(hours=1)), START + minutes * MINUTE)
            .step(cursor, START.isoformat())
            .cursor
        )
    assert [start < START for start, _, _ in bazaar.calls] == [False, False, True, False, True]


def test_a_start_behind_the_platform_s_reach_is_brought_within_it_but_not_a_past_window() -> None:
    bazaar = Bazaar({}, now=START + timedelta(days=100))
    bounds = replace(BOUNDS, reaches_back=timedelta(days=30))
    Walk([Listing(bazaar.ask)], bounds, bazaar.now).step("", START.isoformat())
    Walk([Listing(bazaar.ask)], bounds, bazaar.now).step(closed_window(START, START + MINUTE), "")
    assert [start for start, _, _ in bazaar.calls] == [START + timedelta(days=70), START]


def test_counting_asks_for_the_smallest_pages_in_windows_that_are_allowed() -> None:
    bazaar = Bazaar(spread(60), ends_inside=True)
    walk = Walk([Listing(bazaar.ask)], BOUNDS, bazaar.now)
    assert walk.count(START, START + 20 * MINUTE - SECOND, pieces=True, apart=True) == 60
    assert max(end - start for start, end, _ in bazaar.calls) <= BOUNDS.widest
    assert walk.count(START, START + 20 * MINUTE - SECOND) == 60
    assert bazaar.calls[-1][:2] == (START, START + 20 * MINUTE - SECOND)


def test_nothing_is_asked_for_while_a_window_would_be_empty() -> None:
    bazaar = Bazaar({}, now=START)
    steps = walked(bazaar)
    assert (bazaar.calls, [step.more for step in steps]) == ([], [False])
    assert walked(bazaar, steps[-1].cursor)[-1].cursor == steps[-1].cursor


FORMER = ("start", "end", "page", "top", "limit", "width")


@pytest.mark.parametrize(
    "cursor",
    [
        "[1772352000,1772352300,2,3,0,0]",
        '["2026-03-01T16:00:00","2026-03-01 16:05:00",2,3,""]',
        '{"start":"2026-03-01T08:00:00Z","end":"2026-03-01T08:05:00Z","page":2,"top":3}',
    ],
)
def test_cursors_of_old_are_read_on(cursor: str) -> None:
    bazaar = Bazaar(spread(12), now=START + 6 * MINUTE)
    bounds = replace(BOUNDS, zone="Asia/Shanghai", former=FORMER)
    step = Walk([Listing(bazaar.ask)], bounds, bazaar.now).step(cursor, "")
    assert bazaar.calls == [(START, START + 5 * MINUTE, 2)]
    assert (len(step.rows), step.more, orjson.loads(step.cursor)["page"]) == (5, True, 1)


@pytest.mark.parametrize(
    "cursor",
    ["x", "7", "{}", "[]", '"x"', "[1]", '["a",0,0,0,0]', "[1,0,0,0,true]", '{"start":"2026-03-01","page":-1}',
     '{"start":"2026-03-01","page":1}', "[1,1,0.5,0,0]"],
)  # fmt: skip
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadRecord, match="cursor"):
        Walk([Listing(Bazaar({}).ask)], replace(BOUNDS, former=FORMER), START).step(cursor, "")


def test_a_start_is_on_the_account_s_clock_unless_it_says_otherwise() -> None:
    bazaar = Bazaar({})
    for since, zone in (("2026-03-01T16:00", "Asia/Shanghai"), ("2026-03-01T10:00:00+02:00", "Asia/Shanghai")):
        Walk([Listing(bazaar.ask)], replace(BOUNDS, zone=zone), bazaar.now).step("", since)
    edge = bazaar.now - BOUNDS.lag
    Walk([Listing(bazaar.ask)], BOUNDS, bazaar.now).step("", "")
    assert [start for start, _, _ in bazaar.calls] == [START, START, edge - BOUNDS.widest]
    with pytest.raises(BadRecord, match="since"):
        Walk([Listing(bazaar.ask)], BOUNDS, bazaar.now).step("", "yesterday")


def test_the_manifest_states_the_bounds() -> None:
    manifest = Manifest("x", "marketplace", "", "", "", "", page_size=7, widest_window=MINUTE, lag=SECOND)
    told = bounds_of(manifest)
    assert (told.size, told.widest, told.overlap, told.lag) == (7, MINUTE, manifest.overlap, SECOND)
