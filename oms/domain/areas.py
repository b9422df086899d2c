"""Where a stock point delivers: division codes, a delivery list, a radius, a polygon; distances on the globe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_M: Final = 6_371_008.8
#: (latitude, longitude) in degrees.
Place = tuple[float, float]


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places along a great circle (haversine; a sphere of the mean radius)."""
    lat, lat_other = radians(one[0]), radians(other[0])
    half = sin((lat_other - lat) / 2) ** 2
    half += cos(lat) * cos(lat_other) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def is_inside(place: Place, corners: Sequence[Place]) -> bool:
    """Whether a place lies in a polygon; its edge belongs to it. Areas across the date line are cut in two by people."""
    inside = False
    for (lat, lon), (lat_next, lon_next) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if _is_on_edge(place, (lat, lon), (lat_next, lon_next)):
            return True
        crosses = (lat > place[0]) != (lat_next > place[0])
        if crosses and place[1] < (lon_next - lon) * (place[0] - lat) / (lat_next - lat) + lon:
            inside = not inside
    return inside


def _is_on_edge(place: Place, one: Place, other: Place) -> bool:
    cross = (other[0] - one[0]) * (place[1] - one[1]) - (other[1] - one[1]) * (place[0] - one[0])
    if abs(cross) > 1e-12:
        return False
    return min(one[0], other[0]) <= place[0] <= max(one[0], other[0]) and (
        min(one[1], other[1]) <= place[1] <= max(one[1], other[1])
    )


@dataclass(frozen=True, slots=True)
class Area:
    """One area: a division (its code's beginning), a text of the delivery list, a radius or a polygon."""

    kind: str
    value: str = ""
    division_code: str = ""
    shape: tuple[Place, ...] = ()
    metres: int = 0
    is_excluded: bool = False

    def holds(self, division: str, place: Place | None, address: str, centre: Place | None) -> bool | None:
        """Whether it holds the receiver; None when that cannot be told without a place or an address."""
        if self.kind == "division":
            return division.startswith(self.division_code or self.value)
        if self.kind == "list":
            if self.division_code:
                return division.startswith(self.division_code)
            return self.value in address if address else None
        if self.kind == "polygon":
            return is_inside(place, self.shape) if place is not None else None
        if place is None or centre is None:
            return None
        return distance_m(place, centre) <= self.metres


@dataclass(frozen=True)
class Coverage:
    """All areas of a stock point, which lies at `centre`."""

    areas: tuple[Area, ...]
    centre: Place | None = None

    @cached_property
    def needs_place(self) -> bool:
        """Whether a receiver's division does not always tell."""
        return any(area.kind in ("radius", "polygon") or not self._by_division(area) for area in self.areas)

    @cached_property
    def longest_code(self) -> int:
        """How many figures of a division code its areas look at."""
        codes = [area.division_code or area.value for area in self.areas if self._by_division(area)]
        return max(map(len, codes), default=0)

    @staticmethod
    def _by_division(area: Area) -> bool:
        return area.kind == "division" or (area.kind == "list" and bool(area.division_code))

    def covers(self, division: str, place: Place | None = None, address: str = "") -> bool | None:
        """Whether it delivers there; None when that cannot be told. Exclusions go first; none but those: everywhere."""
        out = [area.holds(division, place, address, self.centre) for area in self.areas if area.is_excluded]
        if any(out):
            return False
        wanted = [area for area in self.areas if not area.is_excluded]
        found = [area.holds(division, place, address, self.centre) for area in wanted]
        if any(found) and None not in out:
            return True
        if None in found or None in out:
            return None
        return not wanted
