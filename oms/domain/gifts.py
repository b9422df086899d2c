"""What buyers earn: units of a gift, and what a discount takes off each line. Pure arithmetic in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from oms.domain.shares import split

HUNDRED_PERCENT: Final = 10_000


def earned(had: int, per: int, units: int, most: int | None = None) -> int:
    """Units for every full `per` of what was bought (units or minor units of money), at most `most`."""
    if per <= 0 or had <= 0:
        return 0
    found = had // per * max(0, units)
    return found if most is None else min(found, most)


def earned_by_tier(had: int, tiers: Sequence[tuple[int, int]]) -> int:
    """Units of the highest tier that was reached; tiers are (from this amount, units), in any order."""
    reached = [(amount, units) for amount, units in tiers if had >= amount]
    return max(0, max(reached)[1]) if reached else 0


def percent_of(amount: int, percent: Decimal) -> int:
    """So many percent of an amount in minor units, half up; never less than nothing nor more than the amount."""
    taken = (amount * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return max(0, min(amount, int(taken)))


def basis_points_of(amount: int, points: int) -> int:
    """So many hundredths of a percent of an amount, half up."""
    return percent_of(amount, Decimal(points * 100) / HUNDRED_PERCENT)


def take_off(amount: int, paid: Sequence[int]) -> list[int]:
    """What each line loses of a discount, by what is paid for it; no line goes below zero.

    The parts add up to the discount, or to all there is to pay when that is less.
    """
    there = [max(0, line) for line in paid]
    whole = min(max(0, amount), sum(there))
    if not whole:
        return [0] * len(there)
    return split(whole, there)
