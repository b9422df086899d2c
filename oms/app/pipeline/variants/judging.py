"""How orders would leave on each side of a trial, one after the other as they came, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import STEP_G, Masters
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing.rules import kinds_of
from oms.app.pipeline.routing.seen import Drafts, see_wishes
from oms.app.pipeline.routing.terms import bind_needs, follow_plan
from oms.app.pipeline.routing.ways import Asked, Sellable, find_way
from oms.app.pipeline.routing.wishes import Wishes
from oms.app.pipeline.stores.deliveries import store_way
from oms.app.pipeline.variants.ground import Page, Stock
from oms.app.pipeline.variants.lateness import Leaving
from oms.domain.sourcing import Need, Part

#: Why an order is not served whose rules could not decide.
PEOPLE: Final = "people"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of a way: minor units of freight and handling; late when it leaves after the order must be out.

    Its freight is 0 where its carrier has no price.
    """

    point: int
    carrier: int
    units: int
    freight: int
    handling: int
    is_late: bool
    is_unpriced: bool = False

    @property
    def cost(self) -> int:
        """What it costs."""
        return self.freight + self.handling


@dataclass(frozen=True, slots=True)
class Left:
    """How one order would leave; without parcels `failure` says why not."""

    parcels: tuple[Parcel, ...]
    failure: str = ""

    @property
    def cost(self) -> int:
        """What all of it costs, minor units."""
        return sum([parcel.cost for parcel in self.parcels])

    @property
    def places(self) -> list[tuple[int, int, int]]:
        """(point, carrier, units) of its parcels: by which two ways are the same or not."""
        return sorted((parcel.point, parcel.carrier, parcel.units) for parcel in self.parcels)


@dataclass(slots=True)
class Side:
    """What is in force, or a variant: its master rows and rules, the stock it has left, and what came out so far."""

    masters: Masters
    drafts: Drafts
    stock: Stock = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def judge_page(batch: Batch, page: Page, side: Side, held: Mapping[tuple[int, int], int], leaving: Leaving,
               *, is_past: bool) -> dict[int, Left]:  # fmt: skip
    """How the orders of a page would leave on one side; its stock is what the pages before have left."""
    mine = replace(batch, masters=side.masters)
    for key, units in page.stock.items():
        if key not in side.stock:
            side.stock[key] = units + held.get(key, 0)
    seen = see_wishes(mine, page.orders, side.drafts)
    split = [page.needs[id_] for id_, wishes in seen.wishes.items() if wishes.parts_goods]
    kinds = kinds_of(mine, [need.sku_id for needs in split for need in needs])
    found = {}
    for order in page.orders:
        needs = page.needs[order.id]
        asked = Asked(needs, Sellable(side.stock, {}), page.goods, kinds)
        if order.id in seen.undecided:
            left = Left((), PEOPLE)
        else:
            at = (order.paid_at or order.ordered_at) if is_past else batch.now
            left = _leave(mine, order, asked, seen.wishes.get(order.id), page, leaving, at)
        found[order.id] = left
        _count(side.figures, needs, left)
    return found


def _leave(
    batch: Batch, order: OrderWork, asked: Asked, wishes: Wishes | None, page: Page, leaving: Leaving, at: Any
) -> Left:
    delivery = page.deliveries.get(order.id)
    asked = replace(asked, needs=bind_needs(batch, order, list(asked.needs)))
    way = store_way(batch, order, asked, delivery) if delivery else find_way(batch, order, asked, wishes)
    if way.found.failure or not way.found.parts:
        return Left((), way.found.failure or "short_of_stock")
    needs = {need.demand_id: need for need in asked.needs}
    follow_plan(batch, order, way.found, {id_: need.sku_id for id_, need in needs.items()})
    parcels = []
    for part in way.found.parts:
        for demand_id, units in part.units.items():
            asked.stock.units[part.point_id, needs[demand_id].sku_id] -= units
        is_late = order.ship_by is not None and leaving.leaves_at(part.point_id, at) > order.ship_by
        parcels.append(_parcel(batch, order, part, needs, asked.weights(), is_late=is_late))
    return Left(tuple(parcels))


def _parcel(
    batch: Batch, order: OrderWork, part: Part, needs: Mapping[int, Need], weights: Mapping[int, int], *, is_late: bool
) -> Parcel:
    grams = sum([weights[needs[id_].sku_id] * units for id_, units in part.units.items()])
    place = order.division_code[: batch.masters.prefix_length]
    freight = batch.masters.carriers[part.carrier_id].cost(part.point_id, place, -(-grams // STEP_G) * STEP_G)
    handling = batch.masters.points[part.point_id].handling
    units = sum(part.units.values())
    return Parcel(part.point_id, part.carrier_id, units, freight or 0, handling, is_late, is_unpriced=freight is None)


def _count(figures: dict[str, Any], needs: Sequence[Need], left: Left) -> None:
    """Add one order to the numbers of a side."""
    wanted = sum([need.units for need in needs])
    _add(figures, "orders", 1)
    _add(figures, "units", wanted)
    if not left.parcels:
        _add(figures.setdefault("unserved", {}), left.failure, 1)
        return
    _add(figures, "served", 1)
    _add(figures, "units_served", wanted)
    _add(figures, "parcels", len(left.parcels))
    _add(figures.setdefault("by_parcels", {}), str(len(left.parcels)), 1)
    _add(figures, "late", int(any(parcel.is_late for parcel in left.parcels)))
    for parcel in left.parcels:
        _add(figures, "freight", parcel.freight)
        _add(figures, "handling", parcel.handling)
        if parcel.is_unpriced:
            _add(figures, "unpriced", 1)
        _add(figures.setdefault("points", {}), str(parcel.point), 1)
        _add(figures.setdefault("carriers", {}), str(parcel.carrier), 1)


def _add(counts: dict[str, Any], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more


def tell_way(left: Left, masters: Masters) -> dict[str, Any]:
    """A way as it is kept: codes of points and carriers, units, cost, whether it is late."""
    told = [
        {
            "point": masters.points[one.point].code, "carrier": masters.carriers[one.carrier].code, "units": one.units,
            "cost": one.cost, "late": one.is_late,
        }
        for one in left.parcels
    ]  # fmt: skip
    return {"parcels": told, "failure": left.failure}
