"""The coordinator: claims orders that are ready and walks them through every step that does not block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from oms.app.intercept.enforce import enforce
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub, Pace
from oms.app.kernel.levels import StockGone
from oms.app.kernel.lifted import load_lifted
from oms.app.kernel.load import claim_ready, fill, lock_orders, sibling_ids
from oms.app.kernel.masters import Masters
from oms.app.kernel.transition import clear_closed, is_closed, move_order
from oms.app.kernel.work import OrderWork
from oms.app.pipeline import asked, dispatch, merge, preprocess, review, route
from oms.app.pipeline.detecting.findings import settle_findings
from oms.app.pipeline.gifts import demands as gifts
from oms.app.pipeline.gifts import leaving as gifts_leaving
from oms.app.pipeline.partners import settling
from oms.app.pipeline.partners.deciding import attach
from oms.app.pipeline.promising import settle_promises
from oms.app.stock.oversold import release_arrived
from oms.app.stock.reserving import look
from oms.db.trouble import PASSING
from oms.domain.errors import Busy, ConfigError, LostLease

#: What no order is at fault for: the same batch may go through later.
NOBODYS_FAULT: Final = (*PASSING, Busy, ConfigError, LostLease)
LOG = structlog.get_logger("advance")


def advance_batch(hub: Hub, limit: int | None = None) -> int:
    """Take one batch of ready orders as far as it goes; answers how many orders it took.

    A batch that fails for another reason than the database's load is taken order by order, and the order at
    fault is held for people, so that it never keeps the others back.
    """
    with hub.turn("advance") as pace:
        return _advance_or_isolate(hub, limit or pace.limit, pace)


def _advance_or_isolate(hub: Hub, limit: int, pace: Pace) -> int:
    try:
        with pace.keep():
            return _advance(hub, limit, [])
    except NOBODYS_FAULT:
        raise
    except Exception as error:
        LOG.error("batch failed", error=type(error).__name__, exc_info=True)
        return _advance_singly(hub, limit)


def _advance(hub: Hub, limit: int, ids: list[int]) -> int:
    """Answers how many orders it took; `ids` is filled with the orders, also when it fails."""
    try:
        return _advance_once(hub, limit, ids, locks_late=True)
    except StockGone:
        ids.clear()
        return _advance_once(hub, limit, ids, locks_late=False)


def _advance_once(hub: Hub, limit: int, ids: list[int], *, locks_late: bool) -> int:
    with hub.begin() as connection:
        now = hub.clock()
        claimed = claim_ready(connection, now, limit)
        batch = Batch(hub, connection, _masters_of(hub, connection, now, claimed), now, locks_late=locks_late)
        ids.extend([order.id for order in claimed])
        if claimed:
            fill(batch, _with_siblings(batch, claimed))
            walk(batch, [order for order in claimed if order.id in batch.orders])
            flush(batch)
    batch.tell()
    return len(claimed)


def _masters_of(hub: Hub, connection: Connection, now: datetime, claimed: Sequence[OrderWork]) -> Masters:
    """The snapshot; a new one when an order's shop was connected after it was taken."""
    masters = hub.masters.get(connection, now)
    if masters.shops.keys() >= {order.shop_id for order in claimed}:
        return masters
    hub.masters.forget()
    return hub.masters.get(connection, now)


def _advance_singly(hub: Hub, limit: int) -> int:
    """Each order in a transaction of its own; one that fails is held with the error's kind and not taken again."""
    taken = 0
    while taken < limit:
        ids: list[int] = []
        try:
            count = _advance(hub, 1, ids)
        except NOBODYS_FAULT:
            raise
        except Exception as error:
            if not ids:
                raise
            LOG.error("order failed", error=type(error).__name__, exc_info=True)
            _hold_failed(hub, ids, type(error).__name__)
            count = 1
        if not count:
            break
        taken += count
    return taken


def _hold_failed(hub: Hub, ids: Sequence[int], error: str) -> None:
    """Hold the order that just failed; another worker may have taken it up meanwhile, and fails likewise."""
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        failed = lock_orders(connection, ids)
        fill(batch, failed)
        for order in failed:
            order.ready_at = None
            batch.place_hold(order, "pipeline_failed", {"error": error})
        flush(batch)


def _with_siblings(batch: Batch, claimed: list[OrderWork]) -> list[OrderWork]:
    """Stopping a merged fulfilment concerns all its orders; without their locks an order waits for the next round."""
    seen_before = [order.id for order in claimed if order.version > 1]
    if not seen_before:
        return claimed
    mine = {order.id for order in claimed}
    missing = sibling_ids(batch.connection, seen_before) - mine
    if not missing:
        return claimed
    others = lock_orders(batch.connection, missing, skip_locked=True)
    locked = mine | {order.id for order in others}
    kept = []
    for order in claimed:
        together = sibling_ids(batch.connection, [order.id]) if order.version > 1 else set()
        if together <= locked:
            kept.append(order)
    return kept + others


def walk(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """All steps for orders that are locked and loaded."""
    for order in orders:
        order.ready_at = None
        batch.touched.add(order.id)
    load_lifted(batch, orders)
    asked.intercept(batch, orders)
    enforce(batch, orders)
    _close_emptied(batch, orders)
    for order in orders:
        if is_closed(order):
            clear_closed(batch, order)
    partnered = attach(batch, orders)
    asked.take_up(batch, orders)
    ours = [order for order in orders if order.status == "open" and order.fulfiller == "us"]
    goods = preprocess.preprocess(batch, ours)
    if partnered:
        settling.settle_lines(batch, partnered)
    asked.prepare(batch, ours)
    gifts.give(batch, orders, goods)
    asked.set_times(batch, ours)
    look(batch, ours)
    release_arrived(batch, ours)
    route.route(batch, ours, goods)
    gifts_leaving.leave_out(batch, ours, goods)
    settle_findings(batch, ours, goods)
    review.review(batch, ours)
    dispatch.dispatch(batch, merge.gather(batch, ours))
    settle_promises(batch, orders)
    for order in batch.orders.values():
        if order.id in batch.touched:
            recount(batch, order)


def _close_emptied(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """An order whose lines are all refunded or gone before anything left has nothing to do: it closes."""
    for order in orders:
        goods = [line for line in order.lines if line.kind == "goods"]
        if order.status != "open" or order.fulfiller != "us" or order.fulfilments:
            continue
        if not any(line.is_void for line in goods) or any(demand.shipped for demand in order.demands):
            continue
        recount(batch, order)
        if all(line.cancelled >= line.ordered for line in goods):
            move_order(batch, order, "cancel", by="refunded")
