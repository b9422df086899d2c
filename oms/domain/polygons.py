"""Polygons on the globe: whether a place lies in one, also across the date line and around a pole; what is wrong with it.

Sides are straight lines between degrees of latitude and longitude, as maps on a screen draw them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any, Final

#: (latitude, longitude) in degrees.
Place = tuple[float, float]
Ring = Sequence[Place]
#: So near to a side, in degrees, a place lies on it: a tenth of a millimetre.
NEAR: Final = 1e-9
MOST_CORNERS: Final = 500
POLE: Final = 90.0


def is_inside(place: Place, corners: Ring, holes: Iterable[Ring] = ()) -> bool:
    """Whether a place lies in a polygon and in none of its holes; sides belong to it, those of holes too."""
    return _side(place, corners) >= 0 and all(_side(place, hole) <= 0 for hole in holes)


def _side(place: Place, corners: Ring) -> int:
    """1 inside, 0 on a side, -1 outside."""
    ring, south, north, west, east = _drawn(tuple(corners))
    if not south - NEAR <= place[0] <= north + NEAR:
        return -1
    if abs(place[0]) == POLE:
        return 0  # All longitudes meet there.
    found = [_planar((place[0], lon), ring) for lon in _turns(place[1], west, east)]
    return max(found, default=-1)


@lru_cache(10_000)
def _drawn(corners: tuple[Place, ...]) -> tuple[list[Place], float, float, float, float]:
    """A ring without jumps, and how far it reaches south, north, west and east; the same polygons are asked often."""
    ring = _unrolled(corners)
    lats, lons = [lat for lat, _ in ring], [lon for _, lon in ring]
    return ring, min(lats), max(lats), min(lons), max(lons)


def _turns(longitude: float, west: float, east: float) -> list[float]:
    """The longitude by whole turns, as often as it falls between two."""
    first = longitude + 360.0 * -((longitude - west + NEAR) // 360.0)
    return [lon for lon in (first, first + 360.0) if west - NEAR <= lon <= east + NEAR]


def _unrolled(corners: Ring) -> list[Place]:
    """The corners with longitudes that never jump at the date line; a ring around a pole is closed over the pole."""
    ring = [corners[0]]
    for lat, lon in corners[1:]:
        ring.append((lat, ring[-1][1] + _turn(ring[-1][1], lon)))
    end = ring[-1][1] + _turn(ring[-1][1], corners[0][1])
    if abs(end - ring[0][1]) > 180.0:
        pole = POLE if sum(lat for lat, _ in corners) >= 0 else -POLE
        ring += [(corners[0][0], end), (pole, end), (pole, ring[0][1])]
    return ring


def _turn(here: float, there: float) -> float:
    """Degrees eastward by the shorter way."""
    turn = (there - here + 180.0) % 360.0 - 180.0
    return there - here if abs(there - here) <= 180.0 else turn


def _planar(place: Place, ring: Ring) -> int:
    inside = False
    for (lat, lon), (lat_next, lon_next) in sides(ring):
        if _is_on((lat, lon), (lat_next, lon_next), place):
            return 0
        crosses = (lat > place[0]) != (lat_next > place[0])
        if crosses and place[1] < (lon_next - lon) * (place[0] - lat) / (lat_next - lat) + lon:
            inside = not inside
    return 1 if inside else -1


def sides(ring: Ring) -> Iterable[tuple[Place, Place]]:
    """Each corner with the next one, the last with the first."""
    return pairwise([*ring, ring[0]])


def _is_on(one: Place, other: Place, place: Place) -> bool:
    height, width = other[0] - one[0], other[1] - one[1]
    length = max(abs(height), abs(width))
    off = height * (place[1] - one[1]) - width * (place[0] - one[0])
    if abs(off) > NEAR * length:
        return False
    return all(min(one[n], other[n]) - NEAR <= place[n] <= max(one[n], other[n]) + NEAR for n in (0, 1))


def trouble_of(corners: Ring, near: Place | None = None) -> str:
    """What is wrong with a polygon: a code, empty when nothing is.

    corners (fewer than three different ones), too_many, number, swapped, off_earth, crossing, flat. `near` is where it
    should be: one that lies across the world, and would not with latitude and longitude exchanged, is swapped.
    """
    if any(not (isfinite(lat) and isfinite(lon)) for lat, lon in corners):
        return "number"
    if any(abs(lat) > POLE or abs(lon) > 180.0 for lat, lon in corners):
        is_swapped = all(abs(lon) <= POLE and abs(lat) <= 180.0 for lat, lon in corners)
        return "swapped" if is_swapped else "off_earth"
    if len(set(corners)) < 3:
        return "corners"
    if len(corners) > MOST_CORNERS:
        return "too_many"
    if near is not None and all(looks_swapped(corner, near) for corner in corners):
        return "swapped"
    ring = _unrolled(corners)
    if _crosses(ring):
        return "crossing"
    return "" if abs(_area(ring)) > NEAR else "flat"


def looks_swapped(place: Place, near: Place) -> bool:
    """Whether a place is far from another, and near it with latitude and longitude exchanged."""
    turned = (place[1], place[0])
    return abs(turned[0]) <= POLE and _degrees(place, near) > 15.0 and _degrees(turned, near) < 5.0


def _degrees(one: Place, other: Place) -> float:
    return max(abs(one[0] - other[0]), abs(_turn(one[1], other[1])))


def _area(ring: Ring) -> float:
    return sum(lat * lon_next - lat_next * lon for (lat, lon), (lat_next, lon_next) in sides(ring)) / 2


def _crosses(ring: Ring) -> bool:
    """Whether two sides meet that are not neighbours, or neighbours lie on one another."""
    every = list(sides(ring))
    last = len(every) - 1
    for number, (one, two) in enumerate(every):
        low, high = sorted((one[0], two[0]))
        for other in range(number + 1, len(every)):
            three, four = every[other]
            if max(three[0], four[0]) < low or min(three[0], four[0]) > high:
                continue
            if other == number + 1 or (number == 0 and other == last):
                if _folds(one, two, three, four):
                    return True
            elif _meet(one, two, three, four):
                return True
    return False


def _folds(one: Place, two: Place, three: Place, four: Place) -> bool:
    """Neighbours share a corner; they fold when the far end of one lies on the other."""
    far = [(place, side) for place, side in ((one, (three, four)), (two, (three, four)), (three, (one, two)),
           (four, (one, two))) if place not in side]  # fmt: skip
    return any(_is_on(*side, place) for place, side in far)


def _meet(one: Place, two: Place, three: Place, four: Place) -> bool:
    if any((_is_on(one, two, three), _is_on(one, two, four), _is_on(three, four, one), _is_on(three, four, two))):
        return True
    return _left(one, two, three) != _left(one, two, four) and _left(three, four, one) != _left(three, four, two)


def _left(one: Place, two: Place, place: Place) -> bool:
    return (two[0] - one[0]) * (place[1] - one[1]) - (two[1] - one[1]) * (place[0] - one[0]) > 0


def to_json(corners: Ring, holes: Sequence[Ring]) -> list[Any]:
    """How a polygon is stored: its corners, or its rings when it has holes."""
    return [list(corners), *map(list, holes)] if holes else list(corners)


def from_json(kept: Sequence[Any]) -> tuple[tuple[Place, ...], tuple[tuple[Place, ...], ...]]:
    """(corners, holes) of what is stored."""
    if not kept:
        return (), ()
    rings = kept if isinstance(kept[0][0], list | tuple) else [kept]
    read = [tuple([(float(lat), float(lon)) for lat, lon in ring]) for ring in rings]
    return read[0], tuple(read[1:])
