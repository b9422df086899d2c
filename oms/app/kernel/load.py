"""Loads locked orders with what hangs on them into plain objects, one statement a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import (
    DemandWork,
    FulfilmentLineWork,
    FulfilmentWork,
    HoldWork,
    LineWork,
    OrderWork,
)
from oms.db.bulk import array_of, psycopg_connection

ORDER = """id, shop_id, origin, external_no, customer_id, status, review, phase, platform_state, platform_holds,
currency, paid_total, is_cod, is_presale, is_sealed, keeps_together, owner, fulfiller, has_memo, has_message, flag,
priority, division_code, receiver_key, is_masked, ordered_at, paid_at, ship_by, captured_at, ready_at, attempts,
tiers_waiting, tiers_passed, version, closed_at, tiers_next"""
LINE = """id, order_id, external_no, kind, listing_no, variant_no, seller_code, title, variant, sku_id, bundle_id,
ordered, cancelled, planned, shipped, list_amount, discount_merchant, paid_amount, platform_state, refund_state,
case_no, is_gift, fulfiller, bound_group, is_gone"""
DEMAND = "id, order_id, order_line_id, sku_id, origin, units, planned, shipped, cancelled, share_amount, per_unit"
HOLD = "id, order_id, kind, blocks, clears, seen"
FULFILMENT = """id, status, stop, lead_order_id, shop_id, stock_point_id, carrier_id, version, merge_key, order_count,
goods_amount, freight_amount, collect_amount, currency, is_cod, is_split, is_sealed, warehouse_ref, warehouse_step,
ship_by, planned_at, sent_at, accepted_at, shipped_at, closed_at, merged_into_id, mode"""
FULFILMENT_LINE = """id, fulfilment_id, demand_id, order_id, order_line_id, sku_id, planned, shipped, short,
cancelled, share_amount"""


def fetch(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows as plain tuples, straight from the driver."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(statement.encode(), parameters)
        return cursor.fetchall()


def claim_ready(connection: Connection, now: Any, limit: int) -> list[OrderWork]:
    """Lock orders the pipeline has work with, skipping those that others hold."""
    rows = fetch(
        connection,
        f"select {ORDER} from orders where ready_at <= %s order by ready_at, id limit %s for update skip locked",
        (now, limit),
    )
    return [OrderWork(*row) for row in rows]


def lock_orders(connection: Connection, ids: Iterable[int], *, skip_locked: bool = False) -> list[OrderWork]:
    """Lock orders by id, in order of id; waits for others unless told to skip."""
    wait = "for update skip locked" if skip_locked else "for update"
    rows = fetch(
        connection, f"select {ORDER} from orders where id = any(%s) order by id {wait}", (array_of(sorted(ids)),)
    )
    return [OrderWork(*row) for row in rows]


def sibling_ids(connection: Connection, ids: Sequence[int]) -> set[int]:
    """The orders, and those that share a live fulfilment with them."""
    rows = fetch(
        connection,
        """select distinct l2.order_id from fulfilment_line l1
           join fulfilment f on f.id = l1.fulfilment_id
            and f.status not in ('shipped', 'cancelled', 'merged', 'closed_short') and f.order_count > 1
           join fulfilment_line l2 on l2.fulfilment_id = f.id
           where l1.order_id = any(%s)""",
        (array_of(ids),),
    )
    return set(ids) | {row[0] for row in rows}


def lock_with_siblings(connection: Connection, ids: Sequence[int]) -> list[OrderWork]:
    """Lock orders together with those that share a fulfilment, in order of id.

    Membership is read before locking and again after. When it changed meanwhile the locks are given back, so that
    the wider set is again taken in order of id: adding to locks that are held would deadlock with a neighbour.
    """
    wanted = sibling_ids(connection, ids)
    while True:
        attempt = connection.begin_nested()
        orders = lock_orders(connection, wanted)
        again = sibling_ids(connection, sorted(wanted))
        if again <= wanted:
            attempt.commit()
            return orders
        attempt.rollback()
        wanted |= again


def fill(batch: Batch, orders: Sequence[OrderWork], *, all_fulfilments: bool = False, locks: bool = True) -> None:
    """Load lines, demands, open holds and fulfilments (live ones, or all) of locked orders.

    Without `locks` fulfilments are only looked at, and nothing of the batch may be written.
    """
    if not orders:
        return
    batch.orders.update({order.id: order for order in orders})
    ids = [order.id for order in orders]
    wanted = array_of(ids)
    connection, by_id = batch.connection, batch.orders
    for row in fetch(connection, f"select {LINE} from order_line where order_id = any(%s) order by id", (wanted,)):
        by_id[row[1]].lines.append(LineWork(*row))
    for row in fetch(connection, f"select {DEMAND} from demand where order_id = any(%s) order by id", (wanted,)):
        by_id[row[1]].demands.append(DemandWork(*row))
    for row in fetch(
        connection, f"select {HOLD} from hold where order_id = any(%s) and cleared_at is null order by id", (wanted,)
    ):
        by_id[row[1]].holds.append(HoldWork(*row))
    fill_fulfilments(batch, ids, all_fulfilments=all_fulfilments, locks=locks)


def fill_fulfilments(batch: Batch, ids: Sequence[int], *, all_fulfilments: bool, locks: bool = True) -> None:
    """Load and, if asked for, lock fulfilments of orders, each as one object shared by its orders."""
    live = "" if all_fulfilments else "and f.status not in ('shipped', 'cancelled', 'merged', 'closed_short')"
    columns = ", ".join("f." + column.strip() for column in FULFILMENT.split(","))
    found = fetch(
        batch.connection,
        f"""select {columns} from fulfilment f where f.id in
            (select fulfilment_id from fulfilment_line where order_id = any(%s)) {live}
            order by f.id {"for update" if locks else ""}""",
        (array_of(ids),),
    )
    if not found:
        return
    works = {row[0]: FulfilmentWork(*row) for row in found}
    for row in fetch(
        batch.connection,
        f"select {FULFILMENT_LINE} from fulfilment_line where fulfilment_id = any(%s) order by id",
        (array_of(works),),
    ):
        works[row[1]].lines.append(FulfilmentLineWork(*row))
    for work in works.values():
        for order_id in work.order_ids:
            if order_id in batch.orders:
                batch.orders[order_id].fulfilments.append(work)
