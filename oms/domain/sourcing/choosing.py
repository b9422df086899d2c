"""Chooses between serving an order whole and from several points, as its policy says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from oms.domain.sourcing import terms as words
from oms.domain.sourcing.filled import fill
from oms.domain.sourcing.lots import Lot, Packing, lots_of
from oms.domain.sourcing.quotes import Quoted, Quotes, Whole, cheapest, first_of
from oms.domain.sourcing.terms import Need, Point, Policy, Stock
from oms.domain.sourcing.ways import ENDLESS, MOST_STATES, Found, Terms, search

#: Weighs more than any freight, so that fewer parcels always win.
FEWEST: Final = 10**15


@dataclass(slots=True)
class Case:
    """One order before its points; `short` lack something, `most` is how many parcels it may make."""

    needs: Sequence[Need]
    wanted: Mapping[int, int]
    points: Sequence[Point]
    stock: Stock
    weights: Mapping[int, int]
    quotes: Quotes
    short: set[int]
    most: int
    policy: Policy
    bonus: Mapping[int, int]
    prices: Mapping[tuple[int, int], int] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)
    is_exact: bool = True

    def scarce(self, point_id: int) -> int:
        """What serving everything from a point uses up of scarce stock."""
        return sum([self.prices.get((point_id, sku), 0) * units for sku, units in self.wanted.items()])

    def whole(self, most_hours: int | None = None) -> Whole | None:
        """The point that serves everything by itself, as the policy says."""
        quoted = [one for one in self.quotes.points if one[0] not in self.short]
        if most_hours is not None:
            hours = {point.id: point.hours for point in self.points}
            quoted = [one for one in quoted if hours[one[0]] <= most_hours]
        if self.policy.rule == "main_first":
            return first_of(quoted, self.policy, self.bonus)
        return _cheapest_priced(self, quoted) if self.prices else cheapest(quoted, self.bonus)

    def split(self, points: Sequence[Point], terms: Terms, below: int = ENDLESS, most: int = 0) -> Found | None:
        """The best way over these points that rates less; exact unless the order is too large."""
        self.lots = self.lots or lots_of(self.needs, self.weights, splits_units=self.policy.splits_units)
        points, most = points[: words.MOST_POINTS], most or self.most
        is_limited = most < min(len(points), sum([lot.most for lot in self.lots]))
        packing = Packing(self.lots, most if is_limited else None)
        if packing.states > MOST_STATES:
            self.is_exact = False
            return fill(self.lots, points, self.stock, terms, most, below)
        return search(packing, points, self.stock, terms, below)

    def may_split(self) -> bool:
        """Whether it may leave in several parcels, and there is more than one thing to send."""
        return self.most > 1


def choose(case: Case) -> tuple[Whole | None, Found | None]:
    """The point that serves it whole, or else the way over several; neither when it cannot be served."""
    if case.policy.rule == "fastest":
        return _fastest(case)
    whole = case.whole()
    if not case.may_split():
        return whole, None
    if case.policy.rule == "cheapest":
        return _cheaper(case, whole)
    return (whole, None) if whole else (None, case.split(case.points, _terms(case, FEWEST, case.bonus)))


def _terms(case: Case, parcel: int, bonus: Mapping[int, int] = words.NO_BONUS) -> Terms:
    return Terms(parcel, case.prices, bonus)


def _cheaper(case: Case, whole: Whole | None) -> tuple[Whole | None, Found | None]:
    """A split where it saves more than the policy asks; a preference of rules never makes more parcels."""
    parcel = case.policy.parcel
    plain = cheapest([one for one in case.quotes.points if one[0] not in case.short]) if case.bonus else whole
    below = ENDLESS if plain is None else plain[2] + case.scarce(plain[0]) + parcel - case.policy.gain
    found = case.split(case.points, _terms(case, parcel), below)
    if found is None or len(found.parts) == 1:
        return whole, None
    if case.bonus:
        liked = case.split(case.points, _terms(case, parcel, case.bonus), most=len(found.parts))
        if whole is not None and liked is not None and len(liked.parts) == 1:
            return whole, None
        found = liked or found
    return None, found


def _fastest(case: Case) -> tuple[Whole | None, Found | None]:
    """The fewest hours until the last parcel is there; a split must gain more hours than the policy asks."""
    for hours in sorted({point.hours for point in case.points}):
        whole, found = case.whole(hours), None
        if whole is None and case.may_split():
            near = [point for point in case.points if point.hours <= hours]
            found = case.split(near, _terms(case, case.policy.parcel, case.bonus))
            whole = case.whole(hours + case.policy.gain_hours) if found else None
        if whole is not None:
            return whole, None
        if found is not None:
            return None, found
    return None, None


def _cheapest_priced(case: Case, quoted: Sequence[Quoted]) -> Whole | None:
    """The cheapest point where what is scarce there counts, too; the cost stays what people pay."""
    rated = [(id_, carrier, cost + case.scarce(id_)) for id_, carrier, cost in quoted if carrier and cost is not None]
    best = cheapest(rated, case.bonus)
    return best and (best[0], best[1], best[2] - case.scarce(best[0]))


def why_not(case: Case) -> str:
    """The one reason people are told: stock, else zones without which it would go, else the limit of parcels."""
    for sku_id, units in case.wanted.items():
        if sum([max(0, case.stock.get((point.id, sku_id), 0)) for point in case.points]) < units:
            return "short_of_stock"
    anywhere = [replace(point, best_carrier=lambda weight: (0, 0)) for point in case.points]
    if any(cost is None for _, _, cost in case.quotes.points) and case.split(anywhere, Terms(FEWEST)):
        fewest = case.split(anywhere, Terms(FEWEST))
        if fewest is not None and len(fewest.parts) <= case.most:
            return "out_of_zone"
    case.most = len(case.points)
    return "too_many_parcels" if case.split(anywhere, Terms()) else "short_of_stock"
