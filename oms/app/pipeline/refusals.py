"""Stock points that would not ship an order are not asked again for it; after some of them people are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.sourcing_rules import MOST_REFUSALS
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.rulebook.facts.binding import kept
from oms.db.bulk import array_of, psycopg_connection

#: Under what a batch keeps them.
REFUSALS: Final = "refusals"
#: A refusal is over when goods that the order needs have come in at the point since.
QUESTION: Final = """
select r.order_id, r.stock_point_id from sourcing_refusal r where r.order_id = any(%s) and not exists (
  select from demand d join stock_movement m on m.month >= (r.at - interval '31 days')::date
    and m.stock_point_id = r.stock_point_id and m.sku_id = d.sku_id and m.kind = 'good' and m.on_hand > 0 and m.at > r.at
  where d.order_id = r.order_id)"""
LAST: Final = "select stock_point_id, words from sourcing_refusal where order_id = %s order by at, id"
NOBODY: Final[frozenset[int]] = frozenset()
#: The hold of an order that would be served but for the points that refused it.
NOBODY_SHIPS: Final = "pipeline_failed"


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
    if order.version <= 1 or NOBODY_SHIPS in order.lifted:
        return NOBODY
    known = kept(batch, REFUSALS)
    if order.id not in known:
        load_refusals(batch, [order, *batch.orders.values()])
    found: frozenset[int] = known[order.id]
    return found


@contextmanager
def vouched_for(batch: Batch, order: OrderWork) -> Iterator[None]:
    """Inside, the order is sourced as if no point had refused it; afterwards it stands as it did.

    What refused it is read first, so that nobody who asks inside is answered as if it had been.
    """
    load_refusals(batch, [order])
    known = kept(batch, REFUSALS)
    refused = known.get(order.id)
    known[order.id] = NOBODY
    try:
        yield
    finally:
        if refused is None:
            del known[order.id]
        else:
            known[order.id] = refused


def note_refusal(batch: Batch, order: OrderWork, work: FulfilmentWork, words: str, *, lacks_goods: bool = False) -> None:
    """Remember that a point refused; when all of the pool's did, or enough, the order waits for people.

    Refusals that are over do not count. One that only lacks the goods does not make people wait: the order is short of
    stock where nobody else has them.
    """
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
    if (not left and not lacks_goods) or len(rows) >= (card.most_refusals if card else MOST_REFUSALS):
        batch.place_hold(order, NOBODY_SHIPS, seen_of(batch, order))


def seen_of(batch: Batch, order: OrderWork) -> dict[str, Any]:
    """What people are told of an order that nobody ships: the last words, and who refused."""
    rows = fetch(batch.connection, LAST, (order.id,))
    masters = batch.masters
    codes = [masters.points[id_].code for id_ in sorted({row[0] for row in rows}) if id_ in masters.points]
    return {"words": rows[-1][1] if rows else "", "refused_by": codes}
