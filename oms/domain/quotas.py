"""How many units a shop is told: what a pool has, less what is promised, shared by quotas; never more than is there.

Exclusive units and what all share add up to what is available; who is told what of the shared part is a policy, since
several shops may be told the same units and the first order takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WHOLE_BP: Final = 10_000
#: A more exact place counts before a wider one, and there a row of the SKU before one of all SKUs.
EXACTNESS: Final = {"global": 0, "channel": 1, "shop": 2}


@dataclass(frozen=True, slots=True)
class Quota:
    """A row of quotas; `left` are exclusive units not drawn yet, None where none are set. `sku_id` 0 is every SKU."""

    id: int
    scope: str
    scope_id: int
    sku_id: int
    left: int | None = None
    ratio_bp: int | None = None
    threshold: int | None = None
    threshold_units: int | None = None

    def is_for(self, shop_id: int, channel_id: int, sku_id: int) -> bool:
        """Whether it holds for a shop and SKU."""
        place = {"global": 0, "channel": channel_id, "shop": shop_id}[self.scope]
        return self.scope_id == place and self.sku_id in (0, sku_id)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a shop is told of the shared part: a ratio, and what it is told instead when less than a threshold is left."""

    ratio_bp: int = WHOLE_BP
    threshold: int = 0
    threshold_units: int = 0


def terms_of(quotas: Iterable[Quota], shop_id: int, channel_id: int, sku_id: int) -> Terms:
    """The terms in force, field by field from the most exact row that sets it; the threshold's two fields go together."""
    mine = [quota for quota in quotas if quota.is_for(shop_id, channel_id, sku_id)]
    mine.sort(key=lambda quota: (EXACTNESS[quota.scope], quota.sku_id != 0), reverse=True)
    ratio = next((quota.ratio_bp for quota in mine if quota.ratio_bp is not None), WHOLE_BP)
    edge = next((quota for quota in mine if quota.threshold is not None), None)
    if edge is None or edge.threshold is None:
        return Terms(ratio)
    return Terms(ratio, edge.threshold, edge.threshold_units or 0)


def allot(available: int, exclusive: Sequence[int]) -> tuple[list[int], int]:
    """(units of each exclusive quota, what all share): they add up to `available`; scarce units go to earlier quotas."""
    rest = max(0, available)
    allotted = []
    for units in exclusive:
        mine = min(rest, max(0, units))
        allotted.append(mine)
        rest -= mine
    return allotted, rest


@dataclass(frozen=True, slots=True)
class Supply:
    """Units of a SKU in a pool: sellable at its open points, kept for those who wait, and what all who wait want."""

    there: int
    promised: int = 0
    owed: int = 0

    @property
    def available(self) -> int:
        """What is kept for nobody."""
        return max(0, self.there - self.promised)

    def free(self, exclusive: int) -> int:
        """Units that shops may be told: promises to others never touch what is exclusive for a place."""
        return max(self.available, min(max(0, self.there), exclusive))

    @property
    def backlog(self) -> int:
        """Units that are waited for beyond what is there."""
        return max(0, max(self.promised, self.owed) - self.there)


@dataclass(frozen=True, slots=True)
class Told:
    """Units a shop is told, with the steps that led to them: (code of the step, units after it)."""

    units: int
    steps: tuple[tuple[str, int], ...] = ()


def tell(
    supply: Supply,
    terms: Terms,
    *,
    own: int,
    shared: int,
    kept_back: int = 0,
    backorder: int = 0,
    is_for_better: bool = False,
) -> Told:
    """What one shop is told. `own` and `shared` are its part of `allot`; `is_for_better`: the last units go to others."""
    steps = [("there", supply.there), ("promised", supply.available), ("exclusive", own + shared)]
    units = own + shared * terms.ratio_bp // WHOLE_BP
    if terms.ratio_bp != WHOLE_BP:
        steps.append(("ratio", units))
    if is_for_better:
        units = own
        steps.append(("last_units", units))
    if kept_back:
        units = max(0, units - kept_back)
        steps.append(("kept_back", units))
    if units < terms.threshold:
        units = min(units, terms.threshold_units)
        steps.append(("threshold", units))
    beyond = max(0, backorder - supply.backlog)
    if beyond:
        units += beyond
        steps.append(("backorder", units))
    return Told(units, tuple(steps))


@dataclass(frozen=True, slots=True)
class Seller:
    """What a shop sold of a SKU lately: units, what was paid for them, orders, and those of them that were short."""

    shop_id: int
    units: int
    income: int
    orders: int
    short_orders: int
    late_fine: int


def rank_sellers(sellers: Iterable[Seller], cost: int | None) -> list[tuple[int, int]]:
    """(shop, worth of one more sale there in minor units), best first.

    Worth is the margin of a unit less the fine for lateness times how often orders there were short of stock; before a
    shop's first twenty orders it counts as if one of twenty more had been. Shops that sold none come last.
    """
    rated = []
    for seller in sellers:
        margin = seller.income // seller.units - (cost or 0) if seller.units else 0
        risk_of_fine = seller.late_fine * (seller.short_orders + 1) // (seller.orders + 20)
        rated.append((seller.units > 0, margin - risk_of_fine, seller.shop_id))
    rated.sort(key=lambda one: (not one[0], -one[1], one[2]))
    return [(shop_id, worth) for _, worth, shop_id in rated]
