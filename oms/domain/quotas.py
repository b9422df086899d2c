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
    """What a shop sold of a SKU lately: units, what was paid for them, orders, and those of them that were short.

    Money is in the shop's currency.
    """

    shop_id: int
    units: int
    income: int
    orders: int
    short_orders: int
    late_fine: int
    currency: str = "CNY"


def rank_sellers(sellers: Sequence[Seller], cost: tuple[int, str] | None) -> list[tuple[int, int | None]]:
    """(shop, worth of one more sale there in minor units of its currency), best first; `cost` with its currency.

    Worth is the margin of a unit less the fine for lateness times how often orders there were short of stock; before a
    shop's first twenty orders it counts as if one of twenty more had been. What was sold in another currency than the
    cost's cannot be compared: such shops come after, best sellers first, without a worth. Shops that sold none come last.
    """
    sold = [seller for seller in sellers if seller.units]
    if cost is None or all(seller.currency != cost[1] for seller in sold):
        cost = (0, _usual_currency(sold))  # One currency's shops still compare, as the cost is the same for all.
    amount, currency = cost
    alike = [(seller.shop_id, _worth(seller, amount)) for seller in sold if seller.currency == currency]
    alike.sort(key=lambda one: (-one[1], one[0]))
    others = [(-seller.units, seller.shop_id) for seller in sold if seller.currency != currency]
    idle = [(seller.shop_id, _worth(seller, amount)) for seller in sellers if not seller.units]
    idle.sort(key=lambda one: (-one[1], one[0]))
    return [*alike, *[(shop_id, None) for _, shop_id in sorted(others)], *idle]


def _usual_currency(sold: Iterable[Seller]) -> str:
    """The currency in which most units were sold."""
    units: dict[str, int] = {}
    for seller in sold:
        units[seller.currency] = units.get(seller.currency, 0) + seller.units
    return min(units, key=lambda currency: (-units[currency], currency), default="")


def _worth(seller: Seller, cost: int) -> int:
    margin = seller.income // seller.units - cost if seller.units else 0
    return margin - seller.late_fine * (seller.short_orders + 1) // (seller.orders + 20)
