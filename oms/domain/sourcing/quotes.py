"""What one parcel with everything costs from each point alone: worked out once for all orders that go to a place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from oms.domain.sourcing import terms
from oms.domain.sourcing.terms import NO_BONUS, Choice, Point, Policy, Stock, trimmed

#: (point, carrier, cost), nothing of the last two where no carrier goes.
Quoted = tuple[int, int | None, int | None]
#: (point, carrier, cost) of a point that serves.
Whole = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Quotes:
    """What a parcel of one weight costs from each point; the same for every order that goes to a place.

    Only stock is looked at for each order.
    """

    points: tuple[Quoted, ...]
    choices: tuple[Choice, ...]
    best: Whole | None


def quote(points: Sequence[Point], weight: int) -> Quotes:
    """Price one parcel of so many grams from each of the points, which are taken in their order."""
    quoted: list[Quoted] = []
    choices: list[Choice] = []
    for point in points[: terms.MOST_POINTS]:
        carrier = point.best_carrier(weight)
        if carrier is None:
            quoted.append((point.id, None, None))
            choices.append(((point.id,), None, "out_of_zone", ()))
        else:
            cost = carrier[1] + point.fixed
            quoted.append((point.id, carrier[0], cost))
            choices.append(((point.id,), cost, "", trimmed(point.costs(carrier[1]))))
    return Quotes(tuple(quoted), tuple(choices), cheapest(quoted))


def cheapest(quoted: Sequence[Quoted], bonus: Mapping[int, int] = NO_BONUS) -> Whole | None:
    """The first of the cheapest points that a carrier serves; a preferred one may be dearer by its bonus."""
    best: Whole | None = None
    least = 0
    for id_, carrier_id, cost in quoted:
        if carrier_id is None or cost is None:
            continue
        rated = cost - bonus.get(id_, 0)
        if best is None or rated < least:
            best, least = (id_, carrier_id, cost), rated
    return best


def first_of(quoted: Sequence[Quoted], policy: Policy, bonus: Mapping[int, int]) -> Whole | None:
    """The main point, else the first backup that serves; preferred ones go before, points out of the order last."""
    places = {id_: place for place, id_ in enumerate(policy.order)}
    served = [(id_, carrier, cost) for id_, carrier, cost in quoted if carrier is not None and cost is not None]
    return min(served, key=lambda one: (-bonus.get(one[0], 0), places.get(one[0], len(places))), default=None)


def short_points(quotes: Quotes, stock: Stock, lots: Sequence[tuple[int, int]]) -> set[int]:
    """The points that lack some of what is wanted."""
    return {id_ for id_, _, _ in quotes.points for sku_id, units in lots if stock.get((id_, sku_id), 0) < units}


def told(quotes: Quotes, short: Collection[int]) -> list[Choice]:
    """What is written down of the points alone."""
    if not short:
        return list(quotes.choices)
    return [(one[0], None, "short_of_stock", ()) if one[0][0] in short else one for one in quotes.choices]
