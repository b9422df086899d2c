"""How an order goes through a store, and which points may serve it: its store's own goods, or those of warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.routing.terms import terms_of
from oms.app.pipeline.routing.ways import Asked, Way
from oms.db.bulk import array_of
from oms.domain.sourcing import Point, source

#: The carrier of whatever a store hands out or brings; it is never chosen for a courier's parcel.
CLERK: Final = "STORE"
NO_STORE: Final = "no_store"
#: Modes in which a store sends its own goods.
OWN_GOODS: Final = ("store_pickup", "store_delivery")
#: A fulfilment that a store has before it: neither finished nor given back.
OPEN_TASK: Final = ("sending", "sent", "accepted")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The way of one order."""

    order_id: int
    mode: str
    leg: str
    stock_point_id: int | None


def deliveries_of(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Delivery]:
    """Order → its way, of those that go through stores; nothing is asked where no shop of the batch uses stores."""
    stores = batch.masters.stores
    ids = [order.id for order in orders if order.shop_id in stores] if stores else []
    if not ids:
        return {}
    question = "select order_id, mode, leg, stock_point_id from order_delivery where order_id = any(%s)"
    return {row[0]: Delivery(*row) for row in fetch(batch.connection, question, (array_of(ids),))}


def open_task(order: OrderWork) -> FulfilmentWork | None:
    """The task that a store has with an order of its own goods; None when it has none, or none any more."""
    tasks = [work for work in order.fulfilments if work.mode in OWN_GOODS and work.status in OPEN_TASK]
    return next((work for work in tasks if work.stop == "none"), None)


def store_way(batch: Batch, order: OrderWork, asked: Asked, delivery: Delivery) -> Way:
    """Source an order that goes through a store: whole from that store, or from warehouses as its setting wants it.

    The store itself was chosen before; of warehouses none serves that refused the order or that the setting leaves out.
    """
    terms = terms_of(batch, order)
    carrier = batch.masters.carrier_by_code(CLERK)
    way = (carrier.id, 0) if carrier is not None else None
    members = batch.masters.open_points(batch.masters.shops[order.shop_id].pool_id)
    if batch.room:
        members = [(rank, card) for rank, card in members if batch.room.get(card.id, 1) > 0]
    is_own = delivery.mode in OWN_GOODS
    if is_own:
        members = [(rank, card) for rank, card in members if card.id == delivery.stock_point_id]
    else:
        members = [(rank, card) for rank, card in members if card.kind == "warehouse" and card.id not in terms.out]
    points = [Point(card.id, rank, card.handling, lambda _weight: way) for rank, card in members]
    if terms.card is not None and terms.card.weighs_points:
        points = [batch.masters.sourcing.weigh(terms.card, point, order.division_code) for point in points]
    most = terms.most_parcels(batch.masters.shops[order.shop_id].max_parcels)
    found = source(
        asked.needs, points, asked.stock.units, asked.weights(), max_parcels=most,
        keep_together=is_own or order.keeps_together or terms.ships_whole, policy=terms.policy,
    )  # fmt: skip
    if not is_own:
        found.choices.extend(terms.told())
    return Way(found, points, is_apart=True)


def mark_mode(works: Sequence[FulfilmentWork], delivery: Delivery | None) -> None:
    """Say of planned fulfilments how they go; what goes through a store is never joined, whatever the settings say.

    A store's parcel has one order: its store, its leg, who collects, what is due.
    """
    if delivery is not None:
        for work in works:
            work.mode, work.is_sealed = delivery.mode, True
