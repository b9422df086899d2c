"""Finds the code of a receiver's division from the names a platform gave, however they are shortened.

The rows come from outside; where there are none, a province is still known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from oms.domain.divisions import FORMER_NAMES, is_pseudo_name, plain_name, province_code, stem, tidy


class Division(NamedTuple):
    """A row of the division table; level 1 province, 2 city, 3 district, 4 town directly under a city."""

    code: str
    parent_code: str
    name: str
    level: int
    is_pseudo: bool = False


def _unique(found: dict[str, set[str]]) -> dict[str, str]:
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


class Names:
    """Codes by name in one scope: a full name that is unique wins, then a stem that is unique."""

    def __init__(self, rows: Iterable[Division]) -> None:
        full: dict[str, set[str]] = defaultdict(set)
        short: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            full[tidy(row.name)].add(row.code)
            short[stem(row.name)].add(row.code)
        self._full = _unique(full)
        self._short = _unique(short)

    def full(self, name: str) -> str:
        """The code of exactly this name, empty when there is none or more than one."""
        return self._full.get(name, "")

    def find(self, name: str) -> str:
        """The code of this name or of its stem; empty when it could be several."""
        return self._full.get(name) or self._short.get(name) or self._short.get(stem(name), "")


NOBODY = Names(())


class Gazetteer:
    """All divisions of the country, indexed for `code`."""

    def __init__(self, rows: Iterable[Division]) -> None:
        rows = list(rows)
        self._by_code = {row.code: row for row in rows}
        cities: dict[str, list[Division]] = defaultdict(list)
        places: dict[str, list[Division]] = defaultdict(list)
        under: dict[str, list[Division]] = defaultdict(list)
        for row in rows:
            province = row.code[:2]
            if row.level == 2:
                cities[province].append(row)
            elif row.level > 2:
                places[province].append(row)
                under[row.parent_code].append(row)
        self._cities = {province: Names(found) for province, found in cities.items()}
        self._places = {province: Names(found) for province, found in places.items()}
        self._under = {city: Names(found) for city, found in under.items()}

    def code(self, state: str, city: str, district: str) -> str:
        """The most exact code known for the names, empty when not even the province is known."""
        province = province_code(state)
        if not province or not self._by_code:
            return province
        city, district = tidy(city), tidy(district)
        at = self._city(state, province, city)
        if not district:
            return at or self._place(province, city) or province
        return (
            self._inside(at, district)
            or self._elsewhere(province, at, city, district)
            or self._former(state, district)
            or at
            or self._place(province, city)
            or province
        )

    def _city(self, state: str, province: str, city: str) -> str:
        found = self._cities.get(province[:2], NOBODY).find(city) if city else ""
        return found or self._former(state, city)

    def _inside(self, city_code: str, district: str) -> str:
        """A district of the city; the city's own name without its kind says nothing: 南昌 is not 南昌县."""
        under = self._under.get(city_code, NOBODY)
        found = under.full(district)
        if found or not city_code or stem(district) == stem(self._by_code[city_code].name):
            return found
        return under.find(district)

    def _elsewhere(self, province: str, city_code: str, city: str, district: str) -> str:
        """A district by its name in the whole province: shortened only when no real city was named.

        Districts move between cities, and some stand directly under the province.
        """
        places = self._places.get(province[:2], NOBODY)
        found = places.full(district)
        if found:
            return found
        row = self._by_code.get(city_code)
        unnamed = row.is_pseudo if row else (not city or is_pseudo_name(city))
        same = row is not None and stem(district) == stem(row.name)
        return places.find(district) if unnamed and not same else ""

    def _place(self, province: str, name: str) -> str:
        """A county-level city that the platform put where a city stands: 仙桃市, 昆山市."""
        return self._places.get(province[:2], NOBODY).find(name) if name and not is_pseudo_name(name) else ""

    def _former(self, state: str, name: str) -> str:
        today = FORMER_NAMES.get((plain_name(state), name))
        return self.code(state, *today) if today else ""
