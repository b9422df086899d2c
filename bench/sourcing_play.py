"""Plays one sequence of orders through the production call of sourcing: greedy, with a plan, with a plan that learns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

from bench.sourcing_network import POLICY, Network
from oms.app.stock.planning.mix import smoothed
from oms.app.stock.planning.solving import Programme
from oms.domain.sourcing import Plan, Quotes, quote, source
from oms.domain.sourcing.plan import Key

#: Decisions are counted by the started two microseconds they took.
TICK_NS = 2_000
LONGEST = 5_000


@dataclass(slots=True)
class Played:
    """What a sequence cost, how long its decisions took, and how many were guided by shares and by prices."""

    cost: int = 0
    ticks: list[int] = field(default_factory=lambda: [0] * (LONGEST + 1))
    guided: Counter[str] = field(default_factory=Counter)


class Player:
    """A network with its programme, which is kept from one sequence to the next."""

    def __init__(self, network: Network, programme: Programme) -> None:
        self.network = network
        self.programme = programme
        self.places = {place: _Quoting(points) for place, points in network.points.items()}

    def clairvoyant(self, orders: list[Key | None]) -> float:
        """What these orders would have cost at least, had they been known."""
        return self.programme.solve(Counter([key for key in orders if key]), self.network.stock)

    def play(self, orders: list[Key | None], rates: dict[Key, float] | None, every: int, learns_from: int = 0) -> Played:
        """Serve the orders one after the other; `every` so many arrivals the plan is made anew from what is left.

        `rates` is the mix when it is known; None learns it from the orders so far, 0 for `every` plays without a plan.
        """
        played, stock, plan = Played(), dict(self.network.stock), None
        seen: Counter[Key] = Counter()
        for number, key in enumerate(orders):
            if every and number >= learns_from and (number % every == 0 or number == learns_from):
                left = (len(orders) - number) / (1 if rates else max(1, number))
                known = rates or smoothed(seen)
                self.programme.solve({kind: rate * left for kind, rate in known.items()}, stock)
                plan = self.programme.plan(0.0 if rates else 1 / left if left else 1.0)
            if key is not None:
                seen[key] += 1
                self._serve(key, stock, plan, played)
        return played

    def _serve(self, key: Key, stock: dict[tuple[int, int], int], plan: Plan | None, played: Played) -> None:
        place, goods = key
        network, quoting = self.network, self.places[place]
        begun = perf_counter_ns()
        found = source(
            network.needs[goods], quoting.points, stock, network.weights, max_parcels=len(quoting.points),
            quoted=quoting.quotes, policy=POLICY, plan=plan, place=place,
        )  # fmt: skip
        if plan is not None:
            plan.note(key, found.method)
        played.ticks[min(LONGEST, (perf_counter_ns() - begun) // TICK_NS)] += 1
        played.guided[found.guide] += 1
        for part in found.parts:
            played.cost += part.cost
            for item, units in part.units.items():
                stock[part.point_id, item] -= units


class _Quoting:
    """Quotes of a place's points by weight, as the hub keeps them."""

    def __init__(self, points: list[Any]) -> None:
        self.points = points
        self._known: dict[int, Quotes] = {}

    def quotes(self, weight: int) -> Quotes:
        found = self._known.get(weight)
        if found is None:
            found = self._known[weight] = quote(self.points, weight)
        return found
