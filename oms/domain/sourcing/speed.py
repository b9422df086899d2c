"""How many hours a parcel is on its way: as people wrote it, else told from how near two divisions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Figures of a division code that two places share, and the hours between such places.
BY_SHARED: Final = ((4, 24), (2, 36), (1, 48))
FAR_HOURS: Final = 72


def transit_hours(here: str, there: str) -> int:
    """Hours from one division to another: the same city, province, part of the country, or farther; far when unknown."""
    for figures, hours in BY_SHARED:
        if len(here) >= figures and here[:figures] == there[:figures]:
            return hours
    return FAR_HOURS


@dataclass(slots=True)
class TransitTable:
    """Hours by (origin, destination), both beginnings of division codes, an empty one for everywhere.

    The row with the longest destination speaks, of these the one with the longest origin; else `transit_hours`.
    """

    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    _known: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    def hours(self, here: str, there: str) -> int:
        """Hours from one division to another."""
        if not self.rows:
            return transit_hours(here, there)
        found = self._known.get((here, there))
        if found is None:
            found = self._known[here, there] = self._look_up(here, there)
        return found

    def tells(self, here: str, there: str) -> tuple[str, str] | None:
        """The row that speaks for a way; None where none does."""
        for to in range(len(there), -1, -1):
            for from_ in range(len(here), -1, -1):
                if (here[:from_], there[:to]) in self.rows:
                    return here[:from_], there[:to]
        return None

    def _look_up(self, here: str, there: str) -> int:
        row = self.tells(here, there)
        return transit_hours(here, there) if row is None else self.rows[row]
