"""The mix of recent orders, told from what was seen: how often orders of each kind come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from oms.domain.sourcing.plan import Key
from oms.domain.sourcing.terms import Goods

#: A kind that was never seen is planned for when so much of an order is expected among those seen.
LEAST_UNSEEN: Final = 0.05


def smoothed(seen: Mapping[Key, float]) -> dict[Key, float]:
    """As many orders in all, spread nearer to what places and goods would give if neither told of the other.

    How near is told by the counts themselves: where they stray from independence no more than chance makes them
    (chi-squared about its degrees of freedom) the product of the two shares is believed; where they stray more, the
    counts are.
    """
    places: dict[str, float] = defaultdict(float)
    goods: dict[Goods, float] = defaultdict(float)
    for (place, wanted), count in seen.items():
        places[place] += count
        goods[wanted] += count
    total = sum(places.values())
    if not total:
        return {}
    strayed = sum([count * count * total / (places[key[0]] * goods[key[1]]) for key, count in seen.items()]) - total
    freedom = (len(places) - 1) * (len(goods) - 1)
    trust = min(1.0, freedom / strayed) if strayed > 0 else 1.0
    found = {}
    for place, here in places.items():
        for wanted, alike in goods.items():
            expected = trust * here * alike / total + (1.0 - trust) * seen.get((place, wanted), 0.0)
            if expected >= LEAST_UNSEEN or (place, wanted) in seen:
                found[place, wanted] = expected
    return found
