"""What is set about sourcing an order: its policy, a plan to follow, points that refused it; nothing where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import Masters, Served
from oms.app.kernel.sourcing_plans import place_key
from oms.app.kernel.sourcing_rules import SourcingCard
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.refusals import refused_by
from oms.domain.shaping import Shape
from oms.domain.sourcing import MOST_POINTS, Choice, Need, Plan, Point, Policy, Quotes, Sourced
from oms.domain.sourcing.binding import bind
from oms.domain.sourcing.plan import goods_of
from oms.domain.sourcing.terms import WHOLE_FIRST

#: What the choices say of a point that refused the order before.
REFUSED: Final = "refused"
#: And of one that the setting of its place leaves out.
BARRED: Final = "not_listed"
Quoting = Callable[[int], Quotes] | None


@dataclass(frozen=True, slots=True)
class RoutingTerms:
    """What is set for one order."""

    card: SourcingCard | None = None
    plan: Plan | None = None
    place: str = ""
    refused: frozenset[int] = frozenset()

    @property
    def policy(self) -> Policy:
        """What decides between ways."""
        return self.card.policy if self.card else WHOLE_FIRST

    @property
    def ships_whole(self) -> bool:
        """Whether it leaves in one parcel or not at all."""
        return self.card is not None and self.card.ships_whole

    @property
    def out(self) -> frozenset[int]:
        """Points that do not serve it: they refused, or the setting leaves them out."""
        return self.refused | self.card.barred if self.card is not None and self.card.barred else self.refused

    def narrow(self, shape: Shape) -> Shape:
        """What rules leave, without the points that do not serve the order."""
        return replace(shape, points_out=shape.points_out | self.out) if self.out else shape

    def most_parcels(self, of_shop: int) -> int:
        """How many parcels it may make, where its shop allows so many."""
        return of_shop if self.card is None else self.card.parcels(of_shop)

    def told(self) -> list[Choice]:
        """What is written down of the points that are not asked."""
        return [((id_,), None, REFUSED if id_ in self.refused else BARRED, ()) for id_ in sorted(self.out)]


NOTHING_SET: Final = RoutingTerms()


def terms_of(batch: Batch, order: OrderWork) -> RoutingTerms:
    """What is set for an order; the same object for all orders that nothing is set for."""
    masters = batch.masters
    refused = refused_by(batch, order)
    if not (masters.plans or masters.sourcing.cards or refused):
        return NOTHING_SET
    shop = masters.shops[order.shop_id]
    _, plan = masters.plans.get(shop.pool_id or 0, (0, None))
    place = place_key(order.division_code[: masters.prefix_length], order.is_cod) if plan else ""
    return RoutingTerms(masters.sourcing.card(shop.id, shop.channel_id, shop.pool_id), plan, place, refused)


def follow_plan(batch: Batch, order: OrderWork, found: Sourced, skus: dict[int, int]) -> None:
    """Tell the plan, if there is one, which way an order has left; SKU by demand."""
    if not batch.masters.plans or not found.parts:
        return
    terms = terms_of(batch, order)
    if terms.plan is not None:
        wanted: dict[int, int] = {}
        for part in found.parts:
            for demand_id, units in part.units.items():
                wanted[skus[demand_id]] = wanted.get(skus[demand_id], 0) + units
        terms.plan.note((terms.place, goods_of(wanted)), found.method)


#: Weighed points of one snapshot of the masters, for each database; the points they were made of are kept with them.
Key = tuple[int, str, SourcingCard]
_KEPT: WeakKeyDictionary[Engine, tuple[Masters, dict[Key, tuple[list[Point], Served]]]] = WeakKeyDictionary()


def weighed(
    batch: Batch, order: OrderWork, points: list[Point], quoted: Quoting, terms: RoutingTerms
) -> tuple[list[Point], Quoting]:
    """The points with what their transit and their load weigh, where a setting asks for that.

    Of more points than are looked at those that the setting names come first.
    """
    card = terms.card
    if card is None:
        return points, quoted
    if card.points and len(points) > MOST_POINTS:
        places = {id_: place for place, id_ in enumerate(card.points)}
        points = sorted(points, key=lambda point: places.get(point.id, len(places)))
        weigh = batch.masters.sourcing.weigh
        return [weigh(card, point, order.division_code) if card.weighs_points else point for point in points], None
    if not card.weighs_points:
        return points, quoted
    masters = batch.masters
    known, kept = _KEPT.get(batch.hub.engine, (None, {}))
    if known is not masters:
        kept = {}
        _KEPT[batch.hub.engine] = (masters, kept)
    key = (id(points), order.division_code, card)
    found = kept.get(key)
    if found is None or found[0] is not points:
        found = kept[key] = points, Served([masters.sourcing.weigh(card, point, order.division_code) for point in points])
    return found[1].points, found[1].quotes if quoted else None


def bind_needs(batch: Batch, order: OrderWork, needs: list[Need]) -> list[Need]:
    """The needs with what the order's setting has leave together."""
    cards = batch.masters.sourcing
    if not cards.cards or not needs:
        return needs
    shop = batch.masters.shops[order.shop_id]
    card = cards.card(shop.id, shop.channel_id, shop.pool_id)
    if card is None or not card.binds:
        return needs
    lines = {demand.id: demand.line_id for demand in order.demands}
    return bind(needs, lines, card.together, whole_lines=card.whole_lines)


def say_terms(batch: Batch, order: OrderWork, found: Sourced) -> dict[str, Any]:
    """What a decision keeps of the setting and the plan that counted: (scope, id, revision) and (pool, version)."""
    if not (batch.masters.sourcing.cards or batch.masters.plans):
        return {}
    terms = terms_of(batch, order)
    said: dict[str, Any] = {}
    if terms.card is not None and terms.card.place[0]:
        said["set"] = terms.card.place
    if found.guide and terms.plan is not None:
        pool_id = batch.masters.shops[order.shop_id].pool_id or 0
        said["plan"] = (pool_id, batch.masters.plans[pool_id][0])
    return said
