"""Erases buyers: what sealed their details is deleted, so that nobody can read them any more, in old copies either."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.app.kernel.trail import leave_trail
from oms.app.kernel.transition import is_closed
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound, NotPossible

#: A case told of before its order has a key of its own, and may still wait to be linked.
CASES: Final = """
select c.id from cases c join orders o on o.id = any(%s) and o.shop_id = c.shop_id
where c.order_id = o.id or (c.order_id is null and c.order_no = o.external_no)"""
BLIND: Final = """
update receiver set phone_blind = null, phone_tail_blind = null, name_blind = null, address_blind = null
where order_id = any(%s)"""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many keys of orders and of cases are gone; 0 when they were erased before."""

    orders: int
    cases: int


def erase_orders(hub: Hub, order_ids: Collection[int], actor: str) -> Erased:
    """Delete the data keys of these orders and of their cases, and what finds their receivers; repeatable.

    Receivers, documents and memos that they sealed cannot be opened by anybody afterwards. NotPossible, with nothing
    erased, while one of the orders is not over.
    """
    with hub.begin() as connection:
        _must_be_over(lock_orders(connection, set(order_ids)))
        wanted = sorted(order_ids)
        cases = [row[0] for row in fetch(connection, CASES, (wanted,))]
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("delete from data_key where id = any(%s)", (wanted,))
            orders = cursor.rowcount
            cursor.execute("delete from data_key where id = any(%s)", (cases,))
            erased = Erased(orders, cursor.rowcount)
            cursor.execute(BLIND, (wanted,))
        leave_trail(hub, connection, "buyer_erased", actor, {"orders": wanted[:500]})
    return erased


def _must_be_over(orders: Collection[OrderWork]) -> None:
    """Goods of an order that goes on could not be sent to anybody once its receiver is gone."""
    for order in orders:
        if not is_closed(order):
            words = f"order {order.external_no} goes on, and its goods could not be sent without its receiver"
            raise NotPossible(words, "cancel it, or wait until it is completed, and erase it then")


def erase_numbers(hub: Hub, shop_code: str, numbers: Collection[str], actor: str) -> Erased:
    """The same by the platform's numbers; NotFound, with nothing erased, when one of them is no order of the shop."""
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            """select o.id, o.external_no from orders o join shop s on s.id = o.shop_id
               where s.code = %s and o.external_no = any(%s)""",
            (shop_code, list(numbers)),
        )
    unknown = sorted(set(numbers) - {number for _, number in rows})
    if unknown:
        raise NotFound(f"the shop has no order {unknown[0]}", "write the shop's code and the platform's numbers")
    return erase_orders(hub, [order_id for order_id, _ in rows], actor)
