"""Cash in a store's till: taken from buyers, less what went back to them and what was handed in."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.acting import Doing, note_act
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid

IN_TILL: Final = """
select currency, sum(amount)::bigint from (
  select currency, amount from store_receipt where stock_point_id = %s and method = 'cash'
  union all select currency, -amount from store_payout where stock_point_id = %s and method = 'cash'
  union all select currency, -amount from cash_hand_in where stock_point_id = %s) x
group by currency having sum(amount) <> 0 order by currency"""


def cash_in_till(connection: Connection, point_id: int) -> dict[str, int]:
    """Currency → minor units that are to be handed in; below zero when more went out than came in."""
    return dict(fetch(connection, IN_TILL, (point_id, point_id, point_id)))


def hand_in(hub: Hub, doing: Doing, amount: int, currency: str, reference: str) -> None:
    """Record cash that leaves the till; never more than there is."""
    with hub.begin() as connection:
        # One hand-in of a store at a time, so that two people do not hand in the same money.
        fetch(connection, "select id from stock_point where id = %s for update", (doing.point_id,))
        if not note_act(connection, hub, doing, "store", doing.point_id, "hand_in", amount=amount, currency=currency):
            return
        there = cash_in_till(connection, doing.point_id).get(currency, 0)
        if amount <= 0 or amount > there:
            raise Invalid(
                "amount", "there is not so much in the till", "count it again; look at what was handed in before"
            )
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into cash_hand_in (id, stock_point_id, key, amount, currency, reference, at, by)
                   values (%s, %s, %s, %s, %s, %s, %s, %s)""",
                (hub.ids.take(connection, 1)[0], doing.point_id, doing.key, amount, currency, reference.strip()[:100],
                 hub.clock(), doing.actor),
            )  # fmt: skip
