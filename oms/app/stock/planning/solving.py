"""The linear programme: how often each kind of order leaves which way, so that stock suffices and all costs least.

Only ways that may pay are given to the solver (column generation): after each solution every way is priced with what
scarce stock is worth, and the best of each kind that would save something is added, until none is left.

What is expected is not what comes. Of few orders and few units the solution for what is expected keeps all for whoever
saves a little more by it, or nothing; so that there what may come is drawn some times, and shares and prices are the
means of all these solutions. Against the best policy there is (dynamic programming) that leaves next to no loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import highspy
import numpy as np

from oms.app.stock.planning.menu import Menu
from oms.domain.sourcing.plan import Key, Kind, Plan
from oms.domain.sourcing.terms import Method

#: A way that would save a smaller part of its cost is not added.
EPSILON: Final = 1e-7
#: A share below this is nothing.
LEAST_SHARE: Final = 1e-4
#: What may come is drawn where fewer units than these are expected to leave of a level on average: of more, chance evens
#: out. Drawn so often at most, and at least where so many ways in all have to be priced each time.
FEW: Final = 50
FUTURES: Final = 16
LEAST_FUTURES: Final = 6
MOST_PRICED: Final = 500_000
#: How often ways are added for a drawn future; what one lacks still the next may have.
ROUNDS: Final = 1
SEED: Final = 1


class Programme:
    """One menu's programme; solved again for other counts and stock it goes on from where it was."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self.columns: list[int] = []
        self.prices = np.zeros(len(menu.levels))
        self.shares: Any = np.zeros(0)
        self._counts: Any = np.zeros(len(menu.keys))
        self._there: Any = np.zeros(len(menu.levels))
        self._chance = np.random.default_rng(SEED)
        self._known: set[int] = set()
        self._model = self._build()
        self._add(menu.cheapest(menu.costs))

    def _build(self) -> Any:
        model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            model.setOptionValue(option, value)
        for _ in self.menu.keys:
            model.addRow(0.0, 0.0, 0, [], [])
        for _ in self.menu.levels:
            model.addRow(-highspy.kHighsInf, 0.0, 0, [], [])
        for number, cost in enumerate(self.menu.unserved):
            model.addCol(float(cost), 0.0, highspy.kHighsInf, 1, [number], [1.0])
        return model

    def _add(self, ways: Any) -> int:
        menu, kinds, added = self.menu, len(self.menu.keys), 0
        for way in [int(way) for way in ways if int(way) not in self._known]:
            rows, units = menu.takes(way)
            self._known.add(way)
            self.columns.append(way)
            self._model.addCol(
                float(menu.costs[way]), 0.0, highspy.kHighsInf, len(rows) + 1,
                np.concatenate([[menu.kind_of[way]], rows + kinds]).astype(np.int32), np.concatenate([[1.0], units]),
            )  # fmt: skip
            added += 1
        return added

    def solve(self, counts: Mapping[Key, float], stock: Mapping[tuple[int, int], float]) -> float:
        """The least cost of so many orders of each kind from this stock; orders that cannot be served count dear."""
        menu = self.menu
        self._counts = np.array([counts.get(key, 0.0) for key in menu.keys])
        self._there = np.array([max(0.0, float(stock.get(level, 0))) for level in menu.levels])
        self.prices, self.shares = self._solved(self._counts)
        return float(self._model.getInfo().objective_function_value)

    def _solved(self, counts: Any, rounds: int = 0) -> tuple[Any, Any]:
        """(prices, how many orders leave each way) of the least cost; ways are added so many times, 0 for all."""
        menu, kinds = self.menu, len(self.menu.keys)
        lower = np.concatenate([counts, np.full(len(self._there), -highspy.kHighsInf)])
        upper = np.concatenate([counts, self._there])
        self._model.changeRowsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)
        added = 0
        while True:
            self._model.run()
            solution = self._model.getSolution()
            duals = np.array(solution.row_dual)
            prices = np.maximum(0.0, -duals[kinds:])
            if rounds and added == rounds:
                break
            priced = menu.priced(prices)
            best = menu.cheapest(priced)
            worth = duals[:kinds]
            if not self._add(best[priced[best] < worth - EPSILON * np.maximum(1.0, np.abs(worth))]):
                break
            added += 1
        return prices, np.array(solution.col_value)[kinds:]

    def _is_little(self) -> bool:
        """Whether so few units are expected to leave that chance matters."""
        units: float = 0.0
        for count, (_, goods) in zip(self._counts, self.menu.keys, strict=True):
            units += float(count) * sum([n for _, n in goods])
        return 0 < units < FEW * int(np.count_nonzero(self._there))

    def _foresee(self, told_from: float) -> None:
        """Make prices and shares the means over what may come."""
        prices, shares, counts = [], [self.shares], [self._counts]
        for _ in range(max(LEAST_FUTURES, min(FUTURES, MOST_PRICED // len(self.menu.ways)))):
            expected = self._counts
            if told_from:
                expected = self._chance.gamma(np.maximum(EPSILON, expected * told_from)) / told_from
            counts.append(self._chance.poisson(expected).astype(float))
            found = self._solved(counts[-1], ROUNDS)
            prices.append(found[0])
            shares.append(found[1])
        # Ways that were added later were not taken before.
        most = len(self.columns)
        self.shares = np.mean([np.pad(one, (0, most - len(one))) for one in shares], axis=0)
        self.prices, self._counts = np.mean(prices, axis=0), np.mean(counts, axis=0)

    def plan(self, told_from: float = 1.0) -> Plan:
        """What the last solution comes to: shares of ways for each kind, prices of what is scarce.

        `told_from` is of how many past orders each expected one was told, 0 when the mix is known for certain.
        """
        expected = self._counts
        if self._is_little():
            self._foresee(told_from)
        menu, plan = self.menu, Plan(prices=self._prices())
        rated = menu.priced(self.prices) if self.columns else menu.costs
        least = self._least_rated(rated)
        for way, share in zip(self.columns, self.shares, strict=True):
            kind = menu.kind_of[way]
            count = self._counts[kind]
            if count > 0 and (share / count >= LEAST_SHARE or least.get(kind) == way):
                known = plan.kinds.setdefault(menu.keys[kind], Kind([], expected=float(expected[kind])))
                known.methods.append(Method(menu.ways[way].parts, float(share / count), rated=round(rated[way])))
        return plan

    def _least_rated(self, rated: Any) -> dict[int, int]:
        """The known way of each kind that costs least with what it uses up; nobody may have taken it so far."""
        found: dict[int, int] = {}
        for way in self.columns:
            kind = int(self.menu.kind_of[way])
            if kind not in found or rated[way] < rated[found[kind]]:
                found[kind] = way
        return found

    def _prices(self) -> dict[tuple[int, int], int]:
        return {level: round(price) for level, price in zip(self.menu.levels, self.prices, strict=True) if price >= 0.5}
