"""When an order must have left, and what being late costs: the platform's own deadline first, else hours of running time.

Times in which no clock runs, such as holidays, put off our own deadlines and never those a platform names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: From when to when no clock runs, ordered by their beginning.
Pauses = Sequence[tuple[datetime, datetime]]


def ship_deadline(
    *,
    platform: datetime | None,
    ordered_at: datetime,
    paid_at: datetime | None,
    is_cod: bool,
    hours_paid: int,
    hours_cod: int,
    pauses: Pauses = (),
) -> datetime | None:
    """The moment by which it must have been shipped; None while it is unpaid and not cash on delivery."""
    if platform is not None:
        return platform
    if is_cod:
        return run_on(ordered_at, timedelta(hours=hours_cod), pauses)
    return run_on(paid_at, timedelta(hours=hours_paid), pauses) if paid_at else None


def run_on(start: datetime, span: timedelta, pauses: Pauses) -> datetime:
    """The moment at which a clock that rests in the pauses has run for a span; pauses may overlap."""
    end = start + span
    for begins, ends in pauses:
        if ends <= start:
            continue
        if begins >= end:
            break
        end += ends - max(begins, start)
        start = ends
    return end


@dataclass(frozen=True, slots=True)
class Fine:
    """What being late costs: an amount plus `bp` hundredths of a percent of what was paid, within bounds; minor units."""

    amount: int = 0
    bp: int = 0
    least: int = 0
    most: int | None = None

    def of(self, paid: int) -> int:
        """The fine of an order of which so much was paid; rounded half up."""
        if not (self.amount or self.bp):
            return 0
        fine = max(self.least, self.amount + (max(0, paid) * self.bp + 5_000) // 10_000)
        return fine if self.most is None else min(fine, self.most)


def expected_fine(fine: int, left: timedelta, usual: timedelta) -> int:
    """The fine times the chance of it: all of it without time enough for what usually lies ahead, less with more time.

    With twice the usual time left a quarter, with three times a ninth: rough, and in the order that matters.
    """
    if left <= usual or left <= timedelta():
        return fine
    share = usual / left
    return round(fine * share * share)
