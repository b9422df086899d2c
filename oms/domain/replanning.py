"""Plans looked at again together: split orders joined by free stock and by exchanging allocations with other orders.

1. orders with most parcels come first; each is taken out of its plan and sourced anew from what is free by now;
2. else it is put where one parcel less would do, and whoever holds the goods that lack there gives way: to what is
   free elsewhere, above all to what the order itself has just left, at most `DEEPEST` orders in a row;
3. it is done only when no order gets more parcels and all of it together saves a parcel, or the set amount;
4. what was changed is told by groups of orders that only make sense together.

After Xu, Allgor, Graves (2009), who look at the orders of one SKU at a time; here one order with all its goods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from oms.domain.sourcing import PARCEL_PENALTY, RANK_PENALTY, WHOLE_FIRST, Need, Part, Point, Policy, source

#: How many others may give way one behind the other, and how many are asked of those that hold the same goods.
DEEPEST: Final = 1
MOST_ASKED: Final = 12
#: Sourcings that one split order may cost.
MOST_TRIES: Final = 60
ROUNDS: Final = 3

#: How orders are sourced of which no line may be parted.
WHOLE_LINES: Final = Policy(splits_units=False)

#: Point → demand → units.
Plan = dict[int, dict[int, int]]
Key = tuple[int, int]


@dataclass(slots=True)
class Held:
    """An order whose plan may change: what it needs, where that is planned, and which points may serve it."""

    id: int
    needs: Sequence[Need]
    plan: Plan
    points: Sequence[Point]
    most_parcels: int
    together: bool = False
    bonus: Mapping[int, int] = field(default_factory=dict)
    #: Whether units of one line may leave from two points.
    splits_units: bool = True
    #: One that must stay where it is unless that saves something for itself.
    gives_way: bool = True


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one order; `parcels` and `amount` are what that saves, negative of one that gave way at a price.

    `kind`: moved to free stock, exchanged with others, gave_way to another.
    """

    order_id: int
    kind: str
    before: Plan
    after: Sequence[Part]
    parcels: int
    amount: int
    others: tuple[int, ...] = ()


@dataclass(slots=True)
class _Search:
    """The plans as they are by now, with what is free beside them, and how to go back."""

    orders: Mapping[int, Held]
    free: dict[Key, int]
    weights: Mapping[int, int]
    plans: dict[int, Plan] = field(default_factory=dict)
    holders: dict[Key, set[int]] = field(default_factory=dict)
    trail: list[tuple[int, Plan]] = field(default_factory=list)
    tries: int = 0

    def put(self, order: Held, plan: Plan) -> None:
        """Plan an order otherwise; what it leaves is free, what it takes may be missing."""
        skus = {need.demand_id: need.sku_id for need in order.needs}
        was = self.plans.get(order.id, {})
        for sign, one in ((1, was), (-1, plan)):
            for point_id, units in one.items():
                for demand_id, count in units.items():
                    key = (point_id, skus[demand_id])
                    self.free[key] = self.free.get(key, 0) + sign * count
                    here = self.holders.setdefault(key, set())
                    (here.discard if sign > 0 else here.add)(order.id)
        self.trail.append((order.id, was))
        self.plans[order.id] = plan

    def back_to(self, mark: int) -> None:
        """Undo everything since a mark of the trail."""
        while len(self.trail) > mark:
            order_id, was = self.trail[-1]
            self.put(self.orders[order_id], was)
            del self.trail[-2:]

    def source(self, order: Held, most: int) -> Plan | None:
        """The plan that sourcing finds for an order in what is free, None when it finds none."""
        self.tries += 1
        found = source(
            order.needs, order.points, self.free, self.weights, max_parcels=most, keep_together=order.together,
            bonus=order.bonus, policy=WHOLE_FIRST if order.splits_units else WHOLE_LINES,
        )  # fmt: skip
        return {part.point_id: part.units for part in found.parts} or None


def replan(
    orders: Sequence[Held], free: Mapping[Key, int], weights: Mapping[int, int], *, least_amount: int = 0
) -> list[tuple[Move, ...]]:
    """Moves, in groups that are done whole or not at all; what one group leaves another may take.

    `free` are units that may be promised beside these plans, by point and SKU. With `least_amount` (minor units) what
    saves so much is done too, though it saves no parcel; without it nothing is done for money alone.
    """
    search = _Search({order.id: order for order in orders}, dict(free), weights)
    for order in orders:
        _enter(search, order)
    groups = _Groups()
    drivers = sorted((o for o in orders if len(o.plan) > 1), key=lambda o: (-len(o.plan), o.id))
    for _ in range(ROUNDS):
        before = len(groups.found)
        for order in drivers:
            if len(search.plans[order.id]) > 1 and (done := _improve(search, order, least_amount)):
                groups.add(done, order.id)
        if len(groups.found) == before:
            break
    return [moves for ids, led in groups.sets() if (moves := _tell(search, ids, led))]


def _enter(search: _Search, order: Held) -> None:
    """What is planned already is not free: only who holds it is noted."""
    skus = {need.demand_id: need.sku_id for need in order.needs}
    for point_id, units in order.plan.items():
        for demand_id in units:
            search.holders.setdefault((point_id, skus[demand_id]), set()).add(order.id)
    search.plans[order.id] = order.plan


@dataclass(slots=True)
class _Groups:
    """What was done together: orders, and which of them were led by their own saving."""

    found: list[tuple[frozenset[int], int]] = field(default_factory=list)

    def add(self, ids: frozenset[int], led_by: int) -> None:
        self.found.append((ids, led_by))

    def sets(self) -> list[tuple[set[int], set[int]]]:
        """(orders, leaders) of what shares an order, in the order in which it began."""
        joined: list[tuple[set[int], set[int]]] = []
        for ids, leader in self.found:
            mine, led, rest = set(ids), {leader}, []
            for others, leaders in joined:
                if others & mine:
                    mine |= others
                    led |= leaders
                else:
                    rest.append((others, leaders))
            joined = [*rest, (mine, led)]
        return joined


def _improve(search: _Search, order: Held, least_amount: int) -> frozenset[int]:
    """The orders that were planned otherwise so that this one is better off; none when nothing was worth it."""
    search.trail.clear()
    search.tries = 0
    was = search.plans[order.id]
    for plan in _ways(search, order, was):
        search.put(order, plan)
        if _cover(search, {order.id}, _keys(order, plan), DEEPEST) and _is_worth(search, least_amount):
            return frozenset(id_ for id_, _ in search.trail)
        search.back_to(0)
        if search.tries > MOST_TRIES:
            break
    return frozenset()


def _ways(search: _Search, order: Held, was: Plan) -> Iterator[Plan]:
    """Plans worth a try: from what is free, all at one point, each of the parcels spread over the others."""
    search.put(order, {})
    found = search.source(order, min(len(was), order.most_parcels))
    search.back_to(0)
    if found and found != was:
        yield found
    wanted = {need.demand_id: need.units for need in order.needs}
    lacking = {point.id: _lacking(search, order, was, point.id) for point in order.points}
    for point in sorted(order.points, key=lambda point: (lacking[point.id], point.rank, point.id)):
        yield {point.id: dict(wanted)}
    if len(was) > 2 and not order.together:
        for kept in combinations(was, len(was) - 1):
            yield from _spread(search, order, was, kept)


def _lacking(search: _Search, order: Held, was: Plan, point_id: int) -> int:
    """Units that are not there for an order, beside what it holds there itself."""
    mine = was.get(point_id, {})
    short = 0
    for need in order.needs:
        there = search.free.get((point_id, need.sku_id), 0) + mine.get(need.demand_id, 0)
        short += max(0, need.units - max(0, there))
    return short


def _spread(search: _Search, order: Held, was: Plan, kept: Sequence[int]) -> Iterator[Plan]:
    """The plan without one of its points: what was there goes where most of it is free; bound goods go together."""
    (gone,) = set(was) - set(kept)
    needs = {need.demand_id: need for need in order.needs}
    plan = {point_id: dict(was[point_id]) for point_id in kept}
    for demand_id, units in was[gone].items():
        need = needs[demand_id]
        if need.group:
            return
        home = max(kept, key=lambda point_id: search.free.get((point_id, need.sku_id), 0))
        plan[home][demand_id] = plan[home].get(demand_id, 0) + units
    yield plan


def _keys(order: Held, plan: Plan) -> list[Key]:
    skus = {need.demand_id: need.sku_id for need in order.needs}
    return [(point_id, skus[demand_id]) for point_id, units in plan.items() for demand_id in units]


def _cover(search: _Search, busy: set[int], keys: Sequence[Key], depth: int) -> bool:
    """Whether everything promised is there, once others have given way."""
    if any(_price(search.orders[id_], search.plans[id_], search.weights) is None for id_ in busy):
        return False
    for key in keys:
        while search.free.get(key, 0) < 0:
            if search.tries > MOST_TRIES or not _make_way(search, busy, key, depth):
                return False
    return True


def _make_way(search: _Search, busy: set[int], key: Key, depth: int) -> bool:
    """Have one of those that hold these goods at this point leave it, without more parcels."""
    for donor in _donors(search, busy, key):
        mark, was = len(search.trail), search.plans[donor.id]
        search.put(donor, {})
        plan = search.source(donor, len(was))
        if plan is not None:
            search.put(donor, plan)
            return True
        search.back_to(mark)
        if depth and _goes_on(search, busy, donor, key, depth):
            return True
        search.back_to(mark)
    return False


def _goes_on(search: _Search, busy: set[int], donor: Held, key: Key, depth: int) -> bool:
    """Whether the donor may go to another point whole, when others give way there in their turn."""
    wanted = {need.demand_id: need.units for need in donor.needs}
    for point in donor.points:
        if point.id == key[0]:
            continue
        mark = len(search.trail)
        plan = {point.id: dict(wanted)}
        search.put(donor, plan)
        if _cover(search, busy | {donor.id}, _keys(donor, plan), depth - 1):
            return True
        search.back_to(mark)
        if search.tries > MOST_TRIES:
            break
    return False


def _donors(search: _Search, busy: set[int], key: Key) -> list[Held]:
    """Who holds these goods there, those with least goods first; one that changes twice in a row is left alone."""
    moved = busy | {id_ for id_, _ in search.trail}
    ids = [id_ for id_ in search.holders.get(key, ()) if id_ not in moved and search.orders[id_].gives_way]
    ids.sort(key=lambda id_: (len(search.orders[id_].needs), len(search.plans[id_]), id_))
    return [search.orders[id_] for id_ in ids[:MOST_ASKED]]


def _is_worth(search: _Search, least_amount: int) -> bool:
    parcels, amount = _saved(search, {id_: was for id_, was in reversed(search.trail)})
    if parcels > 0 and amount + PARCEL_PENALTY * parcels > 0:
        return True
    return parcels >= 0 and 0 < least_amount <= amount


def _saved(search: _Search, before: Mapping[int, Plan]) -> tuple[int, int]:
    """(parcels, minor units) that all these orders save together against their plans before."""
    parcels = amount = 0
    for id_, was in before.items():
        order, plan = search.orders[id_], search.plans[id_]
        parcels += len(was) - len(plan)
        amount += _difference(order, was, plan, search.weights)
    return parcels, amount


def _difference(order: Held, was: Plan, plan: Plan, weights: Mapping[int, int]) -> int:
    """By how much a plan is cheaper; nothing where the old one goes by a way that has no price any more."""
    old, new = _price(order, was, weights), _price(order, plan, weights)
    return old - new if old is not None and new is not None else 0


def _price(order: Held, plan: Plan, weights: Mapping[int, int]) -> int | None:
    """Freight, handling and rank of a plan, None where a point does not serve the order."""
    parts = _parts(order, plan, weights)
    return None if parts is None else sum(part.cost for part in parts)


def _parts(order: Held, plan: Plan, weights: Mapping[int, int]) -> list[Part] | None:
    points = {point.id: point for point in order.points}
    grams = {need.demand_id: weights.get(need.sku_id, 0) for need in order.needs}
    parts = []
    for point_id, units in plan.items():
        point = points.get(point_id)
        carrier = point.best_carrier(sum(grams[id_] * count for id_, count in units.items())) if point else None
        if point is None or carrier is None:
            return None
        parts.append(Part(point_id, carrier[0], carrier[1] + point.handling + RANK_PENALTY * point.rank, units))
    return parts


def _tell(search: _Search, ids: set[int], led: set[int]) -> tuple[Move, ...]:
    """The moves of a group from the first plan to the last; an order that ended where it began is left out."""
    changed = [id_ for id_ in sorted(ids) if search.plans[id_] != search.orders[id_].plan]
    moves = []
    for id_ in changed:
        order, plan = search.orders[id_], search.plans[id_]
        others = tuple(other for other in changed if other != id_)
        kind = ("exchanged" if others else "moved") if id_ in led else "gave_way"
        saved = len(order.plan) - len(plan), _difference(order, order.plan, plan, search.weights)
        moves.append(Move(id_, kind, order.plan, _parts(order, plan, search.weights) or [], *saved, others))
    return tuple(moves)
