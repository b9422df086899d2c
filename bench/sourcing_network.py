"""The multi-item network of Jasin and Sinha (2015): centres, regions, kinds of orders, stock; drawn from a seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from oms.domain.sourcing import Need, Point
from oms.domain.sourcing.methods import Way, ways_of
from oms.domain.sourcing.plan import Key
from oms.domain.sourcing.terms import Goods, Policy

#: Minor units of a dollar: fine enough for the cost of a mile.
DOLLAR = 10_000
#: A parcel; a unit, and a unit's mile.
PARCEL, UNIT, MILE = 8.759, 0.423, 0.000541
EARTH_MILES = 3_958.8
#: Latitude and longitude of the fulfilment centres OAK4, IND1, AVP3, CAE1, DFW7.
CENTRES = ((37.7448, -121.3985), (39.9797, -86.3833), (41.2776, -75.4973), (33.9114, -81.0501), (32.9709, -97.3348))
#: People, and the centre, of the ten largest metropolitan regions.
REGIONS = (
    (18_680_025, 40.7128, -74.0060),  # New York
    (12_531_334, 34.0522, -118.2437),  # Los Angeles
    (8_586_888, 41.8781, -87.6298),  # Chicago
    (6_076_316, 25.7617, -80.1918),  # Miami
    (5_910_669, 32.7767, -96.7970),  # Dallas
    (5_724_418, 29.7604, -95.3698),  # Houston
    (5_540_199, 39.9526, -75.1652),  # Philadelphia
    (5_151_496, 33.7490, -84.3880),  # Atlanta
    (5_066_973, 38.9072, -77.0369),  # Washington
    (4_465_966, 42.3601, -71.0589),  # Boston
)
#: The cheapest way counts; a parcel has its own cost, so that none is added.
POLICY = Policy("cheapest", parcel=0)
#: More than anybody orders.
PLENTY = 10**9


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is, and what is drawn: the paper's small form unless told otherwise.

    `alike` order types of each size from 1 to `largest` items, units of an item up to `units`; an item is `carried` at a
    centre with this probability; `safety` standard deviations are added to the mean demand that is nearest.
    """

    arrivals: int = 10_000
    items: int = 20
    centres: int = 5
    regions: int = 10
    largest: int = 5
    alike: int = 5
    units: int = 1
    carried: float = 0.75
    safety: float = 0.5


@dataclass(slots=True)
class Network:
    """One drawn instance; points are numbered from 1, with one more that sends from afar what nobody has."""

    shape: Shape
    types: list[Goods]
    mix: list[float]
    places: list[float]
    points: dict[str, list[Point]]
    stock: dict[tuple[int, int], int]
    weights: dict[int, int]
    needs: dict[Goods, list[Need]] = field(default_factory=dict)

    def arrivals(self, seed: int) -> list[Key | None]:
        """Orders as they come; None for one of no goods."""
        chance = random.Random(seed)
        count = self.shape.arrivals
        goods = chance.choices(self.types, self.mix, k=count)
        places = chance.choices(list(self.points), self.places, k=count)
        return [(place, wanted) if wanted else None for place, wanted in zip(places, goods, strict=True)]

    def expected(self) -> dict[Key, float]:
        """How much of an arrival is of each kind."""
        shares = zip(self.types, self.mix, strict=True)
        return {
            (place, goods): weight * share
            for goods, share in shares
            if goods
            for place, weight in zip(self.points, self.places, strict=True)
        }

    def ways(self) -> dict[Key, list[Way]]:
        """Every way that orders of each kind may leave."""
        return {key: self.ways_for(key) for key in self.expected()}

    def ways_for(self, key: Key) -> list[Way]:
        """Every way that orders of one kind may leave."""
        place, goods = key
        points = self.points[place]
        return ways_of(goods, points, self.stock, self.weights, POLICY, len(points))


def draw_network(seed: int, shape: Shape) -> Network:
    """An instance: who carries what, what orders ask for and how often, and the stock that follows from it."""
    chance = random.Random(seed)
    centres = [*CENTRES, *[_anywhere(chance) for _ in range(shape.centres)]][: shape.centres]
    drawn = [(chance.randint(1, 18) * 1_000_000, *_anywhere(chance)) for _ in range(shape.regions)]
    regions = [*REGIONS, *drawn][: shape.regions]
    miles = [[miles_between((lat, long), centre) for centre in centres] for _, lat, long in regions]
    types = _draw_types(chance, shape)
    mix = _shares([chance.expovariate(1.0) for _ in types])
    places = _shares([float(people) for people, _, _ in regions])
    stock = _draw_stock(chance, shape, types, mix, places, miles)
    points = {f"{number:02}": _points(row) for number, row in enumerate(miles)}
    network = Network(shape, types, mix, places, points, stock, dict.fromkeys(range(1, shape.items + 1), 1))
    stock.update({(len(centres) + 1, item): PLENTY for item in network.weights})
    network.needs = {goods: [Need(item, item, units) for item, units in goods] for goods in types}
    return network


def miles_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way over the earth, by the haversine formula."""
    (north, east), (south, west) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin((west - east) / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))


def _anywhere(chance: random.Random) -> tuple[float, float]:
    return chance.uniform(27.0, 47.0), chance.uniform(-121.0, -71.0)


def _shares(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]


def _draw_types(chance: random.Random, shape: Shape) -> list[Goods]:
    """The empty order, and different sets of items of each size."""
    found: list[Goods] = [()]
    for size in range(1, shape.largest + 1):
        alike: set[Goods] = set()
        while len(alike) < min(shape.alike, math.comb(shape.items, size)):
            items = sorted(chance.sample(range(1, shape.items + 1), size))
            if items not in [[item for item, _ in goods] for goods in alike]:
                alike.add(tuple([(item, chance.randint(1, shape.units)) for item in items]))
        found.extend(sorted(alike))
    return found


def _draw_stock(
    chance: random.Random, shape: Shape, types: list[Goods], mix: list[float], places: list[float],
    miles: list[list[float]],
) -> dict[tuple[int, int], int]:  # fmt: skip
    """The demand of a region goes to the nearest centre that carries the item: its mean and some of its deviation."""
    stock = {}
    for item in range(1, shape.items + 1):
        carrying = [centre for centre in range(shape.centres) if chance.random() < shape.carried]
        near = dict.fromkeys(carrying, 0.0)
        for place, row in zip(places, miles, strict=True) if carrying else ():
            near[min(carrying, key=row.__getitem__)] += place
        for centre, nearby in near.items():
            moments = [(share * nearby, dict(goods)[item]) for goods, share in zip(types, mix, strict=True)
                       if item in dict(goods)]  # fmt: skip
            mean = sum([share * units for share, units in moments])
            spread = sum([share * units * units for share, units in moments]) - mean * mean
            wanted = shape.arrivals * mean + shape.safety * math.sqrt(max(0.0, shape.arrivals * spread))
            stock[centre + 1, item] = max(0, round(wanted))
    return stock


def _points(miles: list[float]) -> list[Point]:
    """The centres as a region sees them: each parcel and each unit (a gram each) has its cost."""
    points = [_point(number, PARCEL, UNIT + MILE * far) for number, far in enumerate(miles, 1)]
    return [*points, _point(len(miles) + 1, 2 * PARCEL, 2 * (UNIT + MILE * max(miles)))]


def _point(number: int, parcel: float, unit: float) -> Point:
    first, each = round(parcel * DOLLAR), round(unit * DOLLAR)
    return Point(number, 0, 0, lambda grams: (1, first + each * grams))
