"""Shares against exact fractions: they add up, nobody is a unit away from his due, and no other parts are nearer."""

from __future__ import annotations

import random
from fractions import Fraction

from oms.domain.shares import split

ROUNDS = 50


def run(seed: int) -> None:
    """Fifty random amounts, weights of very different sizes and many zeros among them."""
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        weights = draw_weights(chance)
        check(chance.choice((0, 1, -1, 2, 7, 100, 9_999)) or chance.randint(-(10**9), 10**9), weights)


def draw_weights(chance: random.Random) -> list[int]:
    """Weights of one kind: equal, tiny, huge, sparse."""
    count = chance.randint(1, 12)
    top = chance.choice((1, 2, 10, 1_000, 10**9, 10**15))
    zeros = chance.choice((0.0, 0.3, 0.9, 1.0))
    return [0 if chance.random() < zeros else chance.randint(0, top) for _ in range(count)]


def check(amount: int, weights: list[int]) -> None:
    """The laws of largest remainder for one amount."""
    parts = split(amount, weights)
    effective = weights if any(weights) else [1] * len(weights)
    due = [Fraction(amount * weight, sum(effective)) for weight in effective]
    assert len(parts) == len(weights)
    assert sum(parts) == amount
    for part, exact in zip(parts, due, strict=True):
        assert abs(part - exact) < 1, (part, exact)
        assert part * amount >= 0
    assert split(-amount, weights) == [-part for part in parts]
    for high in range(len(parts)):
        for low in range(len(parts)):
            # Moving one unit never brings the worst of the two nearer to its due.
            moved = abs(parts[high] - 1 - due[high]) + abs(parts[low] + 1 - due[low])
            here = abs(parts[high] - due[high]) + abs(parts[low] - due[low])
            assert high == low or moved >= here
    for left, right in zip(range(len(parts)), range(1, len(parts)), strict=False):
        if effective[left] == effective[right]:
            assert abs(parts[left]) >= abs(parts[right]), "a tie goes to the first"
