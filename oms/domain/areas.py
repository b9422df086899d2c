"""Where a stock point delivers: division codes, a delivery list, a radius, a polygon; distances on the globe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Final

from oms.domain.polygons import Place, is_inside

__all__ = ["Area", "Coverage", "Place", "distance_m", "is_inside"]

EARTH_M: Final = 6_371_008.8
#: Metres of a degree of latitude, a little less than anywhere.
DEGREE_M: Final = 111_000


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places along a great circle (haversine; a sphere of the mean radius)."""
    lat, lat_other = radians(one[0]), radians(other[0])
    half = sin((lat_other - lat) / 2) ** 2
    half += cos(lat) * cos(lat_other) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


@dataclass(frozen=True, slots=True)
class Area:
    """One area: a division (its code's beginning), a text of the delivery list, a radius or a polygon."""

    kind: str
    value: str = ""
    division_code: str = ""
    shape: tuple[Place, ...] = ()
    metres: int = 0
    is_excluded: bool = False
    holes: tuple[tuple[Place, ...], ...] = ()

    def holds(self, division: str, place: Place | None, address: str, centre: Place | None) -> bool | None:
        """Whether it holds the receiver; None when that cannot be told without a place or an address."""
        if self.kind == "division":
            return division.startswith(self.division_code or self.value)
        if self.kind == "list":
            if self.division_code:
                return division.startswith(self.division_code)
            return self.value in address if address else None
        if self.kind == "polygon":
            return is_inside(place, self.shape, self.holes) if place is not None else None
        if place is None or centre is None:
            return None
        if abs(place[0] - centre[0]) * DEGREE_M > self.metres:
            return False  # Most stores are far away; this is told without their distance.
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
