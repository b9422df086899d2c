"""What no policy can avoid: the best way to serve a small network's orders as they come, by dynamic programming.

Hindsight knows which orders come, and nobody who serves them one after the other does. What the best policy pays beyond
the clairvoyant is the price of not knowing; only what another policy pays beyond the best one is its own loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bench.sourcing_network import PLENTY, Network
from oms.domain.sourcing.plan import Key

#: So many numbers are kept at most: states of stock times arrivals.
MOST_NUMBERS: Final = 10_000_000
#: Units of each level that a way takes → the least that it costs.
Uses = dict[tuple[int, ...], int]


@dataclass(slots=True)
class Best:
    """The best policy: what all orders from each arrival on cost at least, on average, in every state of stock."""

    there: tuple[int, ...]
    menu: dict[Key, Uses]
    later: list[Any]

    @property
    def expected(self) -> float:
        """What the whole sequence costs on average."""
        return float(self.later[0][self.there])

    def play(self, orders: list[Key | None]) -> int:
        """What one sequence costs that is served in the best way."""
        state, paid = self.there, 0
        for number, key in enumerate(orders, 1):
            if key is not None:
                after = self.later[number]
                left = {uses: tuple(map(int.__sub__, state, uses)) for uses in self.menu[key]}
                open_ways = [uses for uses, rest in left.items() if min(rest) >= 0]
                uses = min(open_ways, key=lambda uses: self.menu[key][uses] + after[left[uses]])
                state, paid = left[uses], paid + self.menu[key][uses]
        return paid


def best_policy(network: Network) -> Best:
    """The policy that nobody beats who knows the mix, but not what comes.

    ValueError when the network is too large to be reckoned: take fewer arrivals, items or centres.
    """
    levels = [level for level, units in sorted(network.stock.items()) if 0 < units < PLENTY]
    there = tuple([network.stock[level] for level in levels])
    if math.prod(units + 1 for units in there) * network.shape.arrivals > MOST_NUMBERS:
        raise ValueError("too many states of stock: take fewer arrivals, items or centres")
    rates = network.expected()
    menu = {key: _uses(network, key, levels) for key in rates}
    idle = 1.0 - sum(rates.values())
    later = [np.zeros([units + 1 for units in there])]
    for _ in range(network.shape.arrivals):
        served = [rate * _least(later[-1], menu[key]) for key, rate in rates.items()]
        later.append(idle * later[-1] + sum(served))
    return Best(there, menu, later[::-1])


def _uses(network: Network, key: Key, levels: list[tuple[int, int]]) -> Uses:
    found: Uses = {}
    for way in network.ways_for(key):
        taken = {(point, item): units for point, goods in way.parts for item, units in goods}
        if all(network.stock.get(level, 0) >= units for level, units in taken.items()):
            uses = tuple([taken.get(level, 0) for level in levels])
            found[uses] = min(way.cost, found.get(uses, way.cost))
    return found


def _least(later: Any, ways: Uses) -> Any:
    """The least that an order and all behind it cost, in every state of stock."""
    best = np.full_like(later, np.inf)
    for uses, cost in ways.items():
        enough = tuple([slice(units, None) for units in uses])
        rest = tuple([slice(None, size - units) for units, size in zip(uses, later.shape, strict=True)])
        best[enough] = np.minimum(best[enough], cost + later[rest])
    return best
