"""What sourcing speaks of: needs, stock points, the parts that leave, what was looked at. No decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

#: Two parcels where one would do must save this much, in minor units.
PARCEL_PENALTY: Final = 300
RANK_PENALTY = 1
#: What has no price is compared as if it cost this much: more than any parcel.
UNPRICED: Final = 10**8
#: And every day that a point leaves too late counts as so much.
LATE_DAY: Final = 10**9
#: So many candidate points are looked at.
MOST_POINTS = 10
NO_BONUS: Mapping[int, int] = MappingProxyType({})
#: (point, SKU) → sellable units.
Stock = Mapping[tuple[int, int], int]
#: (SKU, units), sorted.
Goods = tuple[tuple[int, int], ...]
#: (freight, handling, rank, pressure, lateness, scarce stock, further parcels) of a way, zeros at the end left out.
Costs = tuple[int, ...]
COST_PARTS: Final = ("freight", "handling", "rank", "pressure", "lateness", "scarcity", "parcels")
#: (points, cost or None, reason, parts of the cost) of one way.
Choice = tuple[tuple[int, ...], int | None, str, Costs]


@dataclass(slots=True)
class Need:
    """Units of a SKU for one demand; demands with the same non-empty group leave together."""

    demand_id: int
    sku_id: int
    units: int
    group: str = ""


@dataclass(slots=True)
class Point:
    """A stock point that may serve the order; `best_carrier` answers (carrier, freight) for a weight, None if none.

    Minor units a parcel: `handling`, `pressure` for a day that is nearly full, `lateness` for `hours` of transit.
    Its freight is 0 where no carrier `is_priced`.
    """

    id: int
    rank: int
    handling: int
    best_carrier: Callable[[int], tuple[int, int] | None]
    pressure: int = 0
    lateness: int = 0
    hours: int = 0
    is_priced: bool = True

    @property
    def fixed(self) -> int:
        """What any parcel from here costs besides its freight."""
        return self.handling + RANK_PENALTY * self.rank + self.pressure + self.lateness

    def costs(self, freight: int) -> Costs:
        """The parts of what a parcel from here costs, without scarce stock and further parcels."""
        return freight, self.handling, RANK_PENALTY * self.rank, self.pressure, self.lateness


def trimmed(costs: Costs) -> Costs:
    """Costs without the zeros at their end."""
    end = len(costs)
    while end > 1 and not costs[end - 1]:
        end -= 1
    return costs[:end]


@dataclass(slots=True)
class Part:
    """What one point sends: demand → units, with the carrier and the cost of the parcel."""

    point_id: int
    carrier_id: int
    cost: int
    units: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Method:
    """A way that orders of a kind are meant to leave: what each point sends, and the share of them that takes it.

    `rated` is what the plan reckons it costs with the scarce stock that it uses up, in minor units.
    """

    parts: tuple[tuple[int, Goods], ...]
    share: float
    used: int = 0
    rated: int = 0


@dataclass(slots=True)
class Sourced:
    """The outcome: parts when served, else `failure` (short_of_stock, out_of_zone, no_stock_point, too_many_parcels).

    `choices` are the ways looked at, for the explanation. `guide` is `planned` when the shares of a plan chose
    (`method`), `priced` when its prices of scarce stock did. `is_exact` unless the order was too large to be searched.
    """

    parts: list[Part]
    failure: str = ""
    choices: list[Choice] = field(default_factory=list)
    guide: str = ""
    is_exact: bool = True
    method: Method | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides between ways; amounts are minor units.

    `rule`: whole_first (fewest parcels, then cheapest), cheapest (each further parcel weighs `parcel`, and a split must
    save more than `gain`), main_first (whole from the first point of `order` that has all, else as whole_first),
    fastest (the fewest hours; a split must gain more than `gain_hours`). Without `splits_units` a line leaves whole.
    `scarcity` is how many percent of a plan's price of scarce stock count.
    """

    rule: str = "whole_first"
    parcel: int = PARCEL_PENALTY
    gain: int = 0
    gain_hours: int = 0
    splits_units: bool = True
    order: tuple[int, ...] = ()
    scarcity: int = 100


WHOLE_FIRST: Final = Policy()


def sum_by_sku(needs: Iterable[Need]) -> dict[int, int]:
    """SKU → units over all needs."""
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    return wanted
