"""A plan of the batch planner: how often each kind of order is meant to leave which way, and what scarce stock is worth.

Of the ways with a share that stock allows now the one is taken that costs least with what it uses up of scarce stock;
the further a way is behind its share the cheaper it counts. So few orders go by what they save, and of many each way
takes its share: by prices alone all of a kind would leave the same way, and leave many without goods. Where no share
can be followed, the prices alone count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from oms.domain.sourcing.terms import Goods, Method, Point, Stock

#: How much cheaper a way counts for each order that it is behind its share, in parts of what the cheapest costs.
PULL: Final = 0.02
#: What orders have in common that the plan speaks of alike: the place they go to, and their goods.
Key = tuple[str, Goods]


@dataclass(slots=True)
class Kind:
    """Orders of a kind since the plan was taken up, their methods, and how many orders it expects until its horizon."""

    methods: list[Method]
    seen: int = 0
    expected: float = 0.0


@dataclass(slots=True)
class Plan:
    """What is planned for the orders of a stock pool; prices are minor units a unit by (point, SKU)."""

    kinds: dict[Key, Kind] = field(default_factory=dict)
    prices: Mapping[tuple[int, int], int] = field(default_factory=dict)
    _scaled: dict[int, Mapping[tuple[int, int], int]] = field(default_factory=dict, compare=False, repr=False)

    def priced(self, percent: int) -> Mapping[tuple[int, int], int]:
        """The prices, so many percent of them."""
        if percent == 100:
            return self.prices
        if percent not in self._scaled:
            scaled = {level: (price * percent + 50) // 100 for level, price in self.prices.items()}
            self._scaled[percent] = {level: price for level, price in scaled.items() if price}
        return self._scaled[percent]

    def pick(self, key: Key, points: Mapping[int, Point], stock: Stock, most: int) -> Method | None:
        """The method to take of those that these points have stock for, in so many parcels; None if there is none."""
        kind = self.kinds.get(key)
        if kind is None:
            return None
        best: Method | None = None
        least = 0.0
        pull = max(1.0, PULL * min([method.rated for method in kind.methods]))
        for method in kind.methods:
            counts = method.rated - pull * (method.share * (kind.seen + 1) - method.used)
            if (best is None or counts < least) and len(method.parts) <= most and _is_there(method, points, stock):
                best, least = method, counts
        return best

    def note(self, key: Key, method: Method | None) -> None:
        """An order of this kind has left this way, or another one."""
        kind = self.kinds.get(key)
        if kind is not None:
            kind.seen += 1
            if method is not None:
                method.used += 1


def _is_there(method: Method, points: Mapping[int, Point], stock: Stock) -> bool:
    for point_id, goods in method.parts:
        if point_id not in points:
            return False
        for sku, units in goods:
            if stock.get((point_id, sku), 0) < units:
                return False
    return True


def goods_of(wanted: Mapping[int, int]) -> Goods:
    """SKU → units as a plan writes them."""
    return tuple(sorted(wanted.items()))
