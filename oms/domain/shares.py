"""Splitting amounts so that the parts always add up: largest remainder."""

from __future__ import annotations

from collections.abc import Sequence


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Shares of an amount (minor units, may be negative) in proportion to weights that are not negative.

    All weights zero means equal shares. The parts sum to the amount exactly; ties go to the first.
    """
    if len(weights) == 1:
        return [amount]
    if not weights:
        if amount:
            raise ValueError("an amount cannot be shared among nobody")
        return []
    if not any(weights):
        weights = [1] * len(weights)
    total = sum(weights)
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    floors = [size * weight // total for weight in weights]
    rest = size - sum(floors)
    if rest:
        order = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
        for index in order[:rest]:
            floors[index] += 1
    return [sign * share for share in floors]
