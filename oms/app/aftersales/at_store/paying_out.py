"""Money of a return over the store's counter, and goods of a refused return back to their buyer."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from oms.app.aftersales.at_store.own_cases import require_agreed
from oms.app.aftersales.stored import StoredCase, lock_case
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.outbound.decisions import leave_step
from oms.app.pipeline.outbound.repayments import close_own_case
from oms.app.pipeline.stores.acting import Doing, note_act
from oms.app.pipeline.stores.goods_back import give_goods_back
from oms.app.pipeline.stores.money import METHODS, Taken
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.errors import Invalid, NotFound, NotPossible

RETURN: Final = "select order_id, case_id from store_return where id = %s and stock_point_id = %s"
DUE: Final = """select id, amount, currency from refund where case_id = %s and state = 'due' and not paid_by_platform
order by id for update"""


def pay_out(hub: Hub, doing: Doing, return_id: int, given: Taken) -> None:
    """The clerk gives the store's part of an agreed return back; exactly what is due, once."""
    with hub.begin() as connection:
        order_id, case = _locked(hub, connection, doing, return_id)
        if not note_act(connection, hub, doing, "order", order_id, "pay_out", amount=given.amount, method=given.method):
            return
        require_agreed(case)
        rows = fetch(connection, DUE, (case.id,))
        if not rows:
            raise NotPossible("the store has nothing to give back for this", "look at how it was paid")
        refund_id, amount, currency = rows[0]
        if given.amount != amount:
            raise Invalid("amount", "this is not what the buyer gets back", "give back what is due and record how")
        if given.method not in METHODS:
            raise Invalid("method", "this is no way to pay", "choose one of the list")
        _write(hub, connection, doing, (refund_id, order_id, amount, currency), given)
        told = {"amount": amount, "currency": currency, "method": given.method}
        leave_step(connection, case.id, "merchant", doing.actor, "store_paid_back", "", told, hub.clock())
        close_own_case(connection, case.id, hub.clock())
        batch = open_batch(hub, connection, [order_id])
        batch.actor = doing.actor
        batch.note(batch.orders[order_id], "store_paid_back", told)
        close_batch(batch)
    batch.tell()


def _locked(hub: Hub, connection: Connection, doing: Doing, return_id: int) -> tuple[int, StoredCase]:
    """The return's order, locked first, and its case."""
    rows = fetch(connection, RETURN, (return_id, doing.point_id))
    if not rows:
        raise NotFound("there is no such return here", "look whether you work at the right store")
    order_id, case_id = rows[0]
    open_batch(hub, connection, [order_id])
    return order_id, lock_case(connection, case_id)


def _write(
    hub: Hub, connection: Connection, doing: Doing, due: tuple[int, int, int, str], given: Taken
) -> None:  # fmt: skip
    refund_id, order_id, amount, currency = due
    reference = given.reference[:100]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into store_payout (id, stock_point_id, key, order_id, refund_id, amount, currency, method,
                 reference, at, by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (hub.ids.take(connection, 1)[0], doing.point_id, doing.key, order_id, refund_id, amount, currency,
             given.method, reference, hub.clock(), doing.actor),
        )  # fmt: skip
        cursor.execute(
            "update refund set state = 'paid', paid_at = %s, reference = left(%s, 200) where id = %s",
            (hub.clock(), f"store: {given.method} {reference}".strip(), refund_id),
        )


def give_back(hub: Hub, doing: Doing, return_id: int) -> None:
    """The case was refused: the buyer takes the goods home again, and they are in no stock and on no transfer."""
    with hub.begin() as connection:
        order_id, case = _locked(hub, connection, doing, return_id)
        if not note_act(connection, hub, doing, "order", order_id, "give_back"):
            return
        if case.review != "refused":
            raise NotPossible("nobody has refused this", "the goods stay here until the case is answered")
        goods = fetch(connection, "select goods from cases where id = %s", (case.id,))[0][0]
        after = lifecycle.CASE_GOODS.target(goods, "send_back")
        batch = open_batch(hub, connection, [order_id])
        batch.actor = doing.actor
        back = give_goods_back(batch, return_id)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("update cases set goods = %s where id = %s", (after, case.id))
            cursor.executemany(
                "update order_line set returned = returned - %s where id = %s",
                [(n, id_) for id_, n in sorted(back.items())],
            )
        leave_step(connection, case.id, "merchant", doing.actor, "goods_given_back", "", {}, hub.clock())
        batch.note(batch.orders[order_id], "goods_given_back", {"case": case.external_no})
        close_batch(batch)
    batch.tell()
