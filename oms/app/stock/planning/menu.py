"""The ways of all kinds of orders laid out in arrays, so that all of them are priced at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from oms.domain.sourcing.methods import Way
from oms.domain.sourcing.plan import Key

#: What an order that cannot be served weighs, in times its dearest way.
UNSERVED: Final = 3


class Menu:
    """Ways of kinds of orders; those of kind `k` are numbered from `starts[k]` on.

    `levels` are the (point, SKU) that any way takes from, in the order of the programme's constraints.
    """

    def __init__(self, ways: Mapping[Key, Sequence[Way]]) -> None:
        self.keys = [key for key, found in ways.items() if found]
        self.ways = list(chain.from_iterable([ways[key] for key in self.keys]))
        counts = [len(ways[key]) for key in self.keys]
        self.starts = np.cumsum([0, *counts[:-1]], dtype=np.int64)
        self.kind_of = np.repeat(np.arange(len(counts)), counts)
        self.costs = np.array([way.cost for way in self.ways], dtype=float)
        self.unserved = np.maximum.reduceat(self.costs, self.starts) * UNSERVED if counts else self.costs
        taken = [[((at, sku), units) for at, goods in way.parts for sku, units in goods] for way in self.ways]
        self.levels = sorted({level for way in taken for level, _ in way})
        rows = {level: number for number, level in enumerate(self.levels)}
        self.rows = np.array([rows[level] for way in taken for level, _ in way], dtype=np.int32)
        self.units = np.array([units for way in taken for _, units in way], dtype=float)
        self.ends = np.cumsum([len(way) for way in taken], dtype=np.int64)
        self.firsts = np.concatenate([[0], self.ends[:-1]]).astype(np.int64) if taken else self.ends

    def priced(self, prices: Any) -> Any:
        """What every way costs when a unit of each level has a price, too."""
        return self.costs + np.add.reduceat(prices[self.rows] * self.units, self.firsts)

    def cheapest(self, priced: Any) -> Any:
        """The number of the cheapest way of every kind."""
        least = np.repeat(np.minimum.reduceat(priced, self.starts), np.diff(np.append(self.starts, len(priced))))
        hits = np.flatnonzero(priced <= least)
        _, first = np.unique(self.kind_of[hits], return_index=True)
        return hits[first]

    def takes(self, way: int) -> tuple[Any, Any]:
        """(rows, units) of what a way takes."""
        part = slice(self.firsts[way], self.ends[way])
        return self.rows[part], self.units[part]
