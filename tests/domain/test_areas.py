"""Where points deliver and when they work: distances, polygons, lists, hours and cut-offs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.domain.areas import Area, Coverage, distance_m, is_inside
from oms.domain.opening_hours import leaves_on

HANGZHOU, SHANGHAI = (30.2741, 120.1551), (31.2304, 121.4737)
SQUARE = ((30.0, 120.0), (30.0, 121.0), (31.0, 121.0), (31.0, 120.0))
#: An L: the square without its north-east quarter.
CORNER = ((0.0, 0.0), (0.0, 2.0), (1.0, 2.0), (1.0, 1.0), (2.0, 1.0), (2.0, 0.0))
DEGREES = st.tuples(st.floats(-89, 89), st.floats(-179, 179))


def test_known_distances() -> None:
    assert distance_m(HANGZHOU, SHANGHAI) == pytest.approx(164_500, rel=0.01)
    assert distance_m((0, 0), (0, 180)) == pytest.approx(20_015_114, rel=1e-4)


@given(DEGREES, DEGREES)
def test_a_distance_is_the_same_both_ways_and_none_to_itself(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert distance_m(one, other) == pytest.approx(distance_m(other, one))
    assert distance_m(one, one) == 0


@pytest.mark.parametrize(
    ("place", "inside"),
    [((0.5, 0.5), True), ((0.5, 1.5), True), ((1.5, 0.5), True), ((1.5, 1.5), False), ((-0.1, 0.5), False),
     ((0.0, 0.0), True), ((1.0, 1.5), True), ((2.0, 0.5), True), ((1.5, 1.0), True), ((0.5, 2.1), False)],
)  # fmt: skip
def test_a_polygon_holds_its_inside_and_its_edge(place: tuple[float, float], inside: bool) -> None:
    assert is_inside(place, CORNER) is inside
    assert is_inside(place, CORNER[::-1]) is inside


CITY = Area("division", division_code="3301")
LISTED = Area("list", "西湖区", division_code="330106")
STREET = Area("list", "文三路")
NEAR = Area("radius", metres=3000)
FIELD = Area("polygon", shape=SQUARE)
NOT_THERE = Area("division", division_code="330106", is_excluded=True)


@pytest.mark.parametrize(
    ("areas", "division", "place", "address", "covers"),
    [
        ((), "330106", None, "", True),
        ((CITY,), "330106", None, "", True),
        ((CITY,), "330206", None, "", False),
        ((CITY, NOT_THERE), "330106", None, "", False),
        ((CITY, NOT_THERE), "330102", None, "", True),
        ((NOT_THERE,), "330102", None, "", True),
        ((LISTED,), "330106", None, "", True),
        ((STREET,), "330106", None, "", None),
        ((STREET,), "330106", None, "文三路 1 号", True),
        ((STREET,), "330106", None, "武林路 1 号", False),
        ((NEAR,), "330106", None, "", None),
        ((NEAR,), "330106", (30.28, 120.16), "", True),
        ((NEAR,), "330106", SHANGHAI, "", False),
        ((FIELD,), "", HANGZHOU, "", True),
        ((FIELD, CITY), "330106", None, "", True),
        ((FIELD, CITY), "310101", None, "", None),
    ],
)
def test_coverage(
    areas: tuple[Area, ...], division: str, place: tuple[float, float] | None, address: str, covers: bool | None
) -> None:
    assert Coverage(areas, HANGZHOU).covers(division, place, address) is covers


def test_only_some_areas_need_a_place() -> None:
    assert not Coverage((CITY, LISTED)).needs_place
    assert Coverage((CITY, NEAR)).needs_place
    assert Coverage((STREET,)).needs_place
    assert Coverage((CITY, LISTED, NEAR)).longest_code == 6


WEEK = {day: ["09:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": ["10:00", "12:00"]}


@pytest.mark.parametrize(
    ("hour", "day", "cut_off", "closed", "leaves"),
    [
        (10, 20, "16:00", (), 20),  # Friday morning
        (16, 20, "16:00", (), 20),
        (17, 20, "16:00", (), 21),  # after the cut-off: Saturday
        (11, 21, "16:00", (), 21),
        (13, 21, "16:00", (), 23),  # Saturday afternoon: Monday
        (10, 22, "", (), 23),
        (10, 20, "", (20, 21), 23),
        (19, 20, "", (21, 23, 24), 25),
    ],
)
def test_goods_leave_on_the_next_day_that_is_open(
    hour: int, day: int, cut_off: str, closed: tuple[int, ...], leaves: int
) -> None:
    now = datetime(2026, 11, day, hour - 8, tzinfo=UTC)
    closed_on = {date(2026, 11, number) for number in closed}
    assert leaves_on(now, "Asia/Shanghai", WEEK, cut_off, closed_on) == date(2026, 11, leaves)


def test_without_hours_goods_leave_any_day_and_a_point_never_open_sends_nothing() -> None:
    now = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    assert leaves_on(now, "Asia/Shanghai", {}) == date(2026, 11, 22)
    assert leaves_on(now, "Asia/Shanghai", {"mon": []}) is None
