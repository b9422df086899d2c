"""Stock points that would not ship an order are not asked again for it; after some of them people are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.sourcing_rules import MOST_REFUSALS
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.rulebook.facts.binding import kept
from oms.db.bulk import array_of, psycopg_connection

#: Under what a batch keeps them.
REFUSALS: Final = "refusals"
QUESTION: Final = "select order_id, stock_point_id from sourcing_refusal where order_id = any(%s)"
NOBODY: Final[frozenset[int]] = frozenset()


def load_refusals(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Which points refused these orders before; only orders that have been worked on before are asked about."""
    known = kept(batch, REFUSALS)
    asked = [order.id for order in orders if order.version > 1 and order.id not in known]
    if not asked:
        return
    known.update(dict.fromkeys(asked, NOBODY))
    for order_id, point_id in fetch(batch.connection, QUESTION, (array_of(asked),)):
        known[order_id] |= {point_id}


def refused_by(batch: Batch, order: OrderWork) -> frozenset[int]:
    """The points that refused an order; none once a person has lifted that nobody would ship it."""
    if order.version <= 1 or "pipeline_failed" in order.lifted:
        return NOBODY
    known = kept(batch, REFUSALS)
    if order.id not in known:
        load_refusals(batch, [order, *batch.orders.values()])
    found: frozenset[int] = known[order.id]
    return found


def note_refusal(batch: Batch, order: OrderWork, work: FulfilmentWork, words: str) -> None:
    """Remember that a point refused; when all of the pool's did, or enough, the order waits for people."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into sourcing_refusal (order_id, stock_point_id, fulfilment_id, at, words)
               values (%s, %s, %s, %s, %s)""",
            (order.id, work.stock_point_id, work.id, batch.now, words[:200]),
        )
    rows = fetch(batch.connection, QUESTION, (array_of([order.id]),))
    points = frozenset(point_id for _, point_id in rows)
    kept(batch, REFUSALS)[order.id] = points
    masters = batch.masters
    shop = masters.shops[order.shop_id]
    card = masters.sourcing.card(shop.id, shop.channel_id, shop.pool_id)
    out = points | card.barred if card else points
    left = [point.id for _, point in masters.open_points(shop.pool_id) if point.id not in out]
    if not left or len(rows) >= (card.most_refusals if card else MOST_REFUSALS):
        codes = [masters.points[id_].code for id_ in sorted(points) if id_ in masters.points]
        batch.place_hold(order, "pipeline_failed", {"words": words[:200], "refused_by": codes})
