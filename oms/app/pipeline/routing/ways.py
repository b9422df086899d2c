"""The way out of one order: sourced over the points and carriers that rules leave, each group of goods by itself."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import STEP_G, Masters, Served
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.placing.places import out_of_area
from oms.app.pipeline.refusals import NOBODY_SHIPS, refused_by, vouched_for
from oms.app.pipeline.routing.behind import are_cut, in_front, points_behind, tell_behind, with_behind
from oms.app.pipeline.routing.rules import SkuKinds
from oms.app.pipeline.routing.terms import RoutingTerms, terms_of, weighed
from oms.app.pipeline.routing.wishes import Wishes
from oms.app.pipeline.splitting.by_rule import part_goods
from oms.domain.shaping import Shape, pick
from oms.domain.sourcing import Choice, Need, Point, Quotes, Sourced, source
from oms.domain.sourcing.allocating import PLANNED

PLAIN: Final = Shape()
#: What the choices say of a way that rules forbid, and of the one taken where rules have a say.
FORBIDDEN, CHOSEN = "forbidden", "chosen"


@dataclass(slots=True)
class Sellable:
    """(point, SKU) → units that may be promised, and what each of the points has of a SKU at least."""

    units: dict[tuple[int, int], int]
    lows: dict[int, int]

    def take(self, point_id: int, sku_id: int, units: int) -> None:
        """Promise units of a point to an order."""
        left = self.units[point_id, sku_id] - units
        self.units[point_id, sku_id] = left
        if left < self.lows[sku_id]:
            self.lows[sku_id] = left


@dataclass(slots=True)
class Way:
    """How an order is served; `points` are those that might have served it.

    `is_apart` when its goods leave in groups that are never joined again; `rules` of `stage` led to the failure.
    """

    found: Sourced
    points: Sequence[Point]
    is_apart: bool = False
    stage: str = ""
    rules: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sourced for an order: what it needs, from what, and the goods' weights and kinds."""

    needs: Sequence[Need]
    stock: Sellable
    goods: Goods
    kinds: SkuKinds

    def weights(self) -> dict[int, int]:
        """Grams of a unit by SKU."""
        return {need.sku_id: self.goods.skus[need.sku_id].weight_g for need in self.needs}


def find_way(batch: Batch, order: OrderWork, asked: Asked, wishes: Wishes | None) -> Way:
    """Source an order; when that fails, say whether points that refused it, or rules, make it fail."""
    way = _way(batch, order, asked, wishes)
    if way.found.failure and refused_by(batch, order):
        with vouched_for(batch, order):
            way.found.failure = _way(batch, order, asked, wishes).found.failure or NOBODY_SHIPS
    return way


def _way(batch: Batch, order: OrderWork, asked: Asked, wishes: Wishes | None) -> Way:
    """Source an order as rules want it; when that fails, say whether it is the rules that make it fail."""
    if wishes is None:
        terms = terms_of(batch, order)
        points, quoted = _points(batch, order, terms.narrow(PLAIN))
        points, quoted = weighed(batch, order, points, quoted, terms)
        behind = points_behind(batch, order, points)
        if are_cut(points, behind):
            points, quoted = in_front(points, behind), None
        together = order.keeps_together or order.is_sealed or terms.ships_whole
        found = source(
            asked.needs, points, asked.stock.units, asked.weights(), max_parcels=_most(batch, order, points, terms),
            keep_together=together, quoted=quoted, lows=asked.stock.lows, bonus=behind, policy=terms.policy,
            plan=terms.plan, place=terms.place,
        )  # fmt: skip
        tell_behind(found, behind)
        if terms.out:
            found.choices.extend(terms.told())
        return Way(found, points)
    way = _shaped(batch, order, asked, wishes)
    way.gone = wishes.gone
    if way.found.failure and _way(batch, order, asked, None).found.failure != way.found.failure:
        way.stage, way.rules = wishes.blamed_for(way.found.failure)
    return way


def _shaped(batch: Batch, order: OrderWork, asked: Asked, wishes: Wishes) -> Way:
    """Each group is served from what the others leave, or nothing is."""
    terms = terms_of(batch, order)
    points, quoted = _points(batch, order, terms.narrow(wishes.shape))
    points, quoted = weighed(batch, order, points, quoted, terms)
    behind = points_behind(batch, order, points)
    if are_cut(points, behind):
        points, quoted = in_front(points, behind), None
    together = order.keeps_together or order.is_sealed or bool(wishes.together) or terms.ships_whole
    groups = [list(asked.needs)]
    if wishes.parts_goods and not together:
        groups = part_goods(order, asked.needs, asked.goods, asked.kinds, wishes)
    most = _most(batch, order, points, terms)
    if "too_many_parcels" not in order.lifted:
        most = wishes.most_parcels(most)
    left = asked.stock.units if len(groups) == 1 else ChainMap({}, asked.stock.units)
    lows = asked.stock.lows if len(groups) == 1 else {}
    bonus = with_behind(wishes.points.liked, behind)
    outcome = Sourced([])
    for group in groups:
        found = source(
            group, points, left, asked.weights(), max_parcels=most, keep_together=together, quoted=quoted, lows=lows,
            bonus=bonus, policy=terms.policy, plan=terms.plan if len(groups) == 1 else None, place=terms.place,
        )  # fmt: skip
        tell_behind(found, behind)
        outcome.guide, outcome.method = found.guide, found.method
        outcome.choices.extend(_told(batch, order, found, group, asked, wishes))
        if found.failure:
            outcome.parts, outcome.failure = [], found.failure
            break
        outcome.parts.extend(found.parts)
        if isinstance(left, ChainMap):
            _take(left, found, group)
    outcome.choices.extend(((id_,), None, f"{FORBIDDEN}:{rule}", ()) for id_, rule in wishes.points_out.items())
    outcome.choices.extend(terms.told())
    return Way(outcome, points, is_apart=len(groups) > 1)


def _most(batch: Batch, order: OrderWork, points: Sequence[Point], terms: RoutingTerms) -> int:
    """How many parcels the shop allows; as many as there are points once a person has lifted that."""
    if "too_many_parcels" in order.lifted:
        return len(points)
    return terms.most_parcels(batch.masters.shops[order.shop_id].max_parcels)


def _take(left: ChainMap[tuple[int, int], int], found: Sourced, group: Sequence[Need]) -> None:
    skus = {need.demand_id: need.sku_id for need in group}
    for part in found.parts:
        for demand_id, units in part.units.items():
            left[part.point_id, skus[demand_id]] -= units


def _told(
    batch: Batch, order: OrderWork, found: Sourced, group: Sequence[Need], asked: Asked, wishes: Wishes
) -> list[Choice]:
    """The ways with the one taken marked, and those that only a rule about carriers keeps from going named so."""
    taken = tuple(part.point_id for part in found.parts)
    forbidden: dict[int, str] = {}
    rules = wishes.carriers.rules
    if rules and any(reason == "out_of_zone" for _, _, reason, _ in found.choices):
        weights = asked.weights()
        weight = sum(weights[need.sku_id] * need.units for need in group)
        points, _ = _points(batch, order, PLAIN)
        forbidden = {point.id: f"{FORBIDDEN}:{rules[0]}" for point in points if point.best_carrier(weight)}
    return [
        (ids, cost, _marked(reason) if cost is not None and ids == taken else forbidden.get(ids[0], reason)
         if reason == "out_of_zone" and len(ids) == 1 else reason, parts)
        for ids, cost, reason, parts in found.choices
    ]  # fmt: skip


def points_left(batch: Batch, order: OrderWork, wishes: Wishes | None) -> Sequence[Point]:
    """The points that may serve the order now, each with the carriers that rules leave and what the point weighs."""
    terms = terms_of(batch, order)
    points, quoted = _points(batch, order, terms.narrow(wishes.shape if wishes else PLAIN))
    return weighed(batch, order, points, quoted, terms)[0]


def _marked(reason: str) -> str:
    """The way taken says so, unless it says already that a plan's share chose it."""
    return reason if reason == PLANNED else CHOSEN


def _points(batch: Batch, order: OrderWork, shape: Shape) -> tuple[list[Point], Callable[[int], Quotes] | None]:
    """The points that may serve the order, and their quotes, unless a person vouches for carriers of its own."""
    pool_id = batch.masters.shops[order.shop_id].pool_id
    if shape is PLAIN:
        served = batch.masters.points_for(pool_id, order.division_code, order.is_cod)
    else:
        served = _served(batch, pool_id, order, shape)
    points = served.points
    unsure = batch.masters.unsure_points(pool_id, order.division_code)
    if unsure:  # Only what is known of the receiver's place speaks for such a point.
        out = out_of_area(batch, order, unsure)
        points = [point for point in points if point.id not in out]
    if batch.room:
        points = [point for point in points if batch.room.get(point.id, 1) > 0]
    if "out_of_zone" in order.lifted:
        return [_vouched_for(batch, order, point, shape) for point in points], None
    return points, served.quotes if len(points) == len(served.points) else None


def _vouched_for(batch: Batch, order: OrderWork, point: Point, shape: Shape) -> Point:
    """The point with any carrier where none says it goes: a person who lifted "out of zone" vouches for it."""
    anywhere = _carrier_picker(batch.masters, point.id, order.division_code, order.is_cod, shape, reaches=False)
    return replace(point, best_carrier=lambda weight: point.best_carrier(weight) or anywhere(weight))


def _carrier_picker(
    masters: Masters, point_id: int, division: str, is_cod: bool, shape: Shape, *, reaches: bool = True
) -> Callable[[int], tuple[int, int] | None]:
    """From a weight to (carrier, freight) of the best carrier that rules leave."""
    liked = dict(shape.carriers_liked)
    cards = [
        card
        for card in masters.carriers.values()
        if card.id not in shape.carriers_out
        and not card.is_suspended
        and (card.allows_cod or not is_cod)
        and (not reaches or card.delivers_to(division))
    ]
    return lambda weight: pick([(card.cost(point_id, division, weight), card.rank, card.id) for card in cards], liked)


Key = tuple[int, str, bool, Shape]
#: Quotes of one snapshot of the masters by place and shape, for each database.
_KEPT: WeakKeyDictionary[Engine, tuple[Masters, dict[Key, Served]]] = WeakKeyDictionary()


def _served(batch: Batch, pool_id: int | None, order: OrderWork, shape: Shape) -> Served:
    """The points and quotes that rules leave, worked out once for all orders to a place that they say the same of."""
    masters = batch.masters
    known, kept = _KEPT.get(batch.hub.engine, (None, {}))
    if known is not masters:
        kept = {}
        _KEPT[batch.hub.engine] = (masters, kept)
    place = order.division_code[: masters.prefix_length]
    key = (pool_id or 0, place, order.is_cod, shape)
    if key not in kept:
        kept[key] = Served(_shaped_points(masters, pool_id, place, order.is_cod, shape))
    return kept[key]


def _shaped_points(masters: Masters, pool_id: int | None, place: str, is_cod: bool, shape: Shape) -> list[Point]:
    """Preferred points go first, so that they win ties and are never cut off."""
    liked: Mapping[int, int] = dict(shape.points_liked)
    members = [(rank, card) for rank, card in masters.serving_points(pool_id, place) if card.id not in shape.points_out]
    members.sort(key=lambda member: -liked.get(member[1].id, 0))
    plain = {point.id: point for point in masters.points_for(pool_id, place, is_cod).points}
    if not (shape.carriers_out or shape.carriers_liked):
        return [plain[card.id] for _, card in members]
    cards = [card for card in masters.carriers_to(place, is_cod) if card.id not in shape.carriers_out]
    return [
        replace(
            plain[card.id], best_carrier=_stepped(_carrier_picker(masters, card.id, place, is_cod, shape)),
            is_priced=masters.is_priced(card.id, place, cards),
        )
        for _, card in members
    ]  # fmt: skip


def _stepped(picker: Callable[[int], tuple[int, int] | None]) -> Callable[[int], tuple[int, int] | None]:
    """Freight is looked up by started step of weight, as everywhere."""
    return lambda weight: picker(-(-weight // STEP_G) * STEP_G)
