"""The linear programme: how often each kind of order leaves which way, so that stock suffices and all costs least.

Only ways that may pay are given to the solver (column generation): after each solution every way is priced with what
scarce stock is worth, and the best of each kind that would save something is added, until none is left.
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


class Programme:
    """One menu's programme; solved again for other counts and stock it goes on from where it was."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self.columns: list[int] = []
        self.prices = np.zeros(len(menu.levels))
        self.shares: Any = np.zeros(0)
        self._counts: Any = np.zeros(len(menu.keys))
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
        there = np.array([max(0.0, float(stock.get(level, 0))) for level in menu.levels])
        lower = np.concatenate([self._counts, np.full(len(there), -highspy.kHighsInf)])
        upper = np.concatenate([self._counts, there])
        self._model.changeRowsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)
        while True:
            self._model.run()
            duals = np.array(self._model.getSolution().row_dual)
            self.prices = np.maximum(0.0, -duals[len(menu.keys) :])
            priced = menu.priced(self.prices)
            best = menu.cheapest(priced)
            worth = duals[: len(menu.keys)]
            if not self._add(best[priced[best] < worth - EPSILON * np.maximum(1.0, np.abs(worth))]):
                break
        self.shares = np.array(self._model.getSolution().col_value)[len(menu.keys) :]
        return float(self._model.getInfo().objective_function_value)

    def plan(self) -> Plan:
        """What the last solution comes to: shares of ways for each kind, prices of what is scarce."""
        menu, plan = self.menu, Plan(prices=self._prices())
        for way, share in zip(self.columns, self.shares, strict=True):
            kind = menu.kind_of[way]
            count = self._counts[kind]
            if count > 0 and share / count >= LEAST_SHARE:
                known = plan.kinds.setdefault(menu.keys[kind], Kind([], expected=float(count)))
                known.methods.append(Method(menu.ways[way].parts, float(share / count)))
        return plan

    def _prices(self) -> dict[tuple[int, int], int]:
        return {level: round(price) for level, price in zip(self.menu.levels, self.prices, strict=True) if price >= 0.5}
