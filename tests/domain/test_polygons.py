"""Polygons and radii at random: sides, the date line, poles, holes, and shapes that are refused."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, nan, pi, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oms.domain.areas import EARTH_M, Area, distance_m
from oms.domain.polygons import Place, from_json, is_inside, sides, to_json, trouble_of

SQUARE: tuple[Place, ...] = ((30.0, 120.0), (30.0, 121.0), (31.0, 121.0), (31.0, 120.0))
SHARES = st.floats(0, 1)


def wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


@st.composite
def stars(draw: st.DrawFn) -> tuple[Place, list[float], list[float]]:
    """A shape around a middle by angles and radii: anything that its middle sees all of."""
    count = draw(st.integers(3, 9))
    parts = draw(st.lists(st.floats(0.4, 1.0), min_size=count, max_size=count))
    turns, at = [], 0.0
    for part in parts:
        turns.append(at)
        at += part / sum(parts) * 2 * pi
    assume(max(b - a for a, b in zip(turns, [*turns[1:], 2 * pi], strict=True)) < 0.9 * pi)
    radii = draw(st.lists(st.floats(0.5, 8), min_size=count, max_size=count))
    return (draw(st.floats(-70, 70)), draw(st.floats(-180, 179))), turns, radii


def at(middle: Place, turn: float, radius: float) -> Place:
    return middle[0] + radius * sin(turn), wrapped(middle[1] + radius * cos(turn))


@given(stars(), st.floats(0, 2 * pi), st.floats(0, 12), st.booleans())
def test_a_place_is_inside_as_far_as_the_side_that_its_middle_sees(
    star: tuple[Place, list[float], list[float]], turn: float, radius: float, backwards: bool
) -> None:
    middle, turns, radii = star
    ring = [at(middle, *one) for one in zip(turns, radii, strict=True)]
    number = max(n for n, one in enumerate(turns) if one <= turn)
    one, two = turns[number], turns[(number + 1) % len(turns)]
    a, b = radii[number], radii[(number + 1) % len(radii)]
    side = a * b * sin(two - one) / (a * sin(turn - one) + b * sin(two - turn))
    assume(abs(side - radius) > 1e-6)
    assert is_inside(at(middle, turn, radius), ring[::-1] if backwards else ring) is (radius < side)
    assert trouble_of(ring) == ""


@given(stars(), SHARES, st.integers(0, 8))
def test_corners_and_sides_belong_to_it(star: tuple[Place, list[float], list[float]], share: float, side: int) -> None:
    middle, turns, radii = star
    flat = [(radius * sin(turn), radius * cos(turn)) for turn, radius in zip(turns, radii, strict=True)]
    one, two = list(sides(flat))[side % len(flat)]
    lat, lon = (one[n] + share * (two[n] - one[n]) for n in (0, 1))
    ring = [(middle[0] + y, wrapped(middle[1] + x)) for y, x in flat]
    assert is_inside((middle[0] + lat, wrapped(middle[1] + lon)), ring)


@given(stars(), st.floats(-80, 80), st.floats(-180, 180), st.floats(-360, 360))
def test_turning_the_globe_changes_nothing(
    star: tuple[Place, list[float], list[float]], lat: float, lon: float, turn: float
) -> None:
    middle, turns, radii = star
    ring = [at(middle, *one) for one in zip(turns, radii, strict=True)]
    turned = [(corner[0], wrapped(corner[1] + turn)) for corner in ring]
    near = [(lat, wrapped(lon + d)) for d in (-1e-6, 0, 1e-6)]
    assume(len({is_inside(place, ring) for place in near}) == 1)
    assert is_inside((lat, wrapped(lon + turn)), turned) is is_inside((lat, lon), ring)


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([-1, 1]))
def test_a_ring_around_a_pole_holds_all_that_is_nearer_to_it(lat: float, lon: float, pole: int) -> None:
    ring = [(pole * 60.0, float(east)) for east in (-170, -80, 10, 100, 150)]
    assume(abs(lat - pole * 60) > 1e-6)
    assert is_inside((lat, lon), ring) is (lat * pole > 60)
    assert is_inside((lat, lon), ring[::-1]) is (lat * pole > 60)
    assert is_inside((pole * 90.0, lon), [(pole * 90.0, 0.0), (pole * 80.0, 5.0), (pole * 80.0, 350.0 - 360)])


@given(st.floats(30, 31), st.floats(120, 121))
def test_what_lies_in_a_hole_is_out_and_the_rim_of_the_hole_is_in(lat: float, lon: float) -> None:
    hole = ((30.4, 120.4), (30.4, 120.6), (30.6, 120.6), (30.6, 120.4))
    in_hole = 30.4 + 1e-6 < lat < 30.6 - 1e-6 and 120.4 + 1e-6 < lon < 120.6 - 1e-6
    assume(in_hole or not (30.4 - 1e-6 < lat < 30.6 + 1e-6 and 120.4 - 1e-6 < lon < 120.6 + 1e-6))
    assert is_inside((lat, lon), SQUARE, [hole]) is not in_hole
    assert is_inside((30.4, 120.5), SQUARE, [hole])
    assert Area("polygon", shape=SQUARE, holes=(hole,)).holds("", (30.5, 120.5), "", None) is False
    assert from_json(to_json(SQUARE, [hole])) == (SQUARE, (hole,))
    assert from_json(to_json(SQUARE, [])) == (SQUARE, ())


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 2 * pi), st.integers(10, 3_000_000), st.floats(0, 2))
def test_a_radius_holds_what_is_so_far_away_in_any_direction(
    lat: float, lon: float, bearing: float, metres: int, share: float
) -> None:
    assume(abs(share - 1) * metres > 1)
    arc, here = metres * share / EARTH_M, radians(lat)
    there = asin(max(-1.0, min(1.0, sin(here) * cos(arc) + cos(here) * sin(arc) * cos(bearing))))
    east = atan2(sin(bearing) * sin(arc) * cos(here), cos(arc) - sin(here) * sin(there))
    place = (degrees(there), wrapped(lon + degrees(east)))
    assume(abs(distance_m((lat, lon), place) - metres * share) < 0.5)  # The formula itself is weak beside a pole.
    assert Area("radius", metres=metres).holds("", place, "", (lat, lon)) is (share < 1)


@pytest.mark.parametrize(
    ("corners", "trouble"),
    [
        (SQUARE, ""),
        (((30.0, 179.5), (30.0, -179.5), (31.0, -179.5), (31.0, 179.5)), ""),
        (((30.0, 120.0), (31.0, 121.0)), "corners"),
        (((30.0, 120.0), (31.0, 121.0), (30.0, 120.0)), "corners"),
        (((30.0, 120.0), (31.0, 121.0), (31.0, 120.0), (30.0, 121.0)), "crossing"),
        (((30.0, 120.0), (30.0, 122.0), (31.0, 122.0), (30.0, 121.0), (31.0, 120.0)), "crossing"),
        (((30.0, 120.0), (30.5, 120.5), (31.0, 121.0)), "crossing"),
        (((nan, 120.0), (30.0, 121.0), (31.0, 121.0)), "number"),
        (((30.0, float("inf")), (30.0, 121.0), (31.0, 121.0)), "number"),
        (tuple((lon, lat) for lat, lon in SQUARE), "swapped"),
        (((95.0, 195.0), (96.0, 195.0), (96.0, 196.0)), "off_earth"),
        (tuple((30 + n / 1000, 120 + n * n / 1e6) for n in range(501)), "too_many"),
    ],
)
def test_a_polygon_that_cannot_be_is_refused(corners: tuple[Place, ...], trouble: str) -> None:
    assert trouble_of(corners) == trouble


def test_an_exchanged_polygon_is_known_by_where_it_should_be() -> None:
    urumqi = (43.83, 87.62)
    square = ((43.7, 87.5), (43.7, 87.7), (43.9, 87.7), (43.9, 87.5))
    assert trouble_of(square, urumqi) == ""
    assert trouble_of([(lon, lat) for lat, lon in square], urumqi) == "swapped"
