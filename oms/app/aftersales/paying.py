"""A case's money is promised to its buyer, once for each case, in the transaction that writes the outbound row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from oms.app.aftersales.stored import StoredCase
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotPossible


def owe(hub: Hub, connection: Connection, case: StoredCase, amount: int) -> dict[str, Any]:
    """Write the refund 退款单 of this amount down; answers what the outbound row keeps of it.

    NotPossible when the case has a refund already, Invalid when the amount is more than was asked or paid.
    """
    if case.order_id is None:
        raise NotPossible("the order of this case has not come in yet", "pay it when the order is here")
    if case.money in ("submitted", "paid"):
        raise NotPossible("this case is paid back already, or that is on its way")
    _check_amount(connection, case, amount)
    refund_id = hub.ids.take(connection, 1)[0]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into refund (id, case_id, order_id, state, amount, currency, paid_by_platform, created_at)
               values (%s, %s, %s, 'submitted', %s, %s, true, %s)""",
            (refund_id, case.id, case.order_id, amount, case.currency, hub.clock()),
        )
        cursor.execute(
            """update cases set money = 'submitted',
                 agreed_amount = case when origin = 'store' then agreed_amount else %s end where id = %s""",
            (amount, case.id),
        )
    was_given_up = _was_given_up(connection, case)
    return {"refund_id": refund_id, "amount": amount, "currency": case.currency, "look_first": was_given_up}


def _check_amount(connection: Connection, case: StoredCase, amount: int) -> None:
    if amount <= 0:
        raise Invalid("amount", "must be more than nothing", "type what the buyer gets back")
    if case.amount and amount > case.amount:
        raise Invalid("amount", "is more than the buyer asks for", "pay back at most the amount of the case")
    ((paid, currency, back),) = fetch(
        connection,
        """select paid_total, currency, (select coalesce(sum(amount), 0) from refund r where r.order_id = o.id
             and r.currency = o.currency and r.state in ('due', 'submitted', 'paid'))
           from orders o where id = %s""",
        (case.order_id,),
    )
    if currency == case.currency and amount > paid - back:
        raise Invalid("amount", "is more than is left of what was paid", "look at the order's other refunds")


def _was_given_up(connection: Connection, case: StoredCase) -> bool:
    """Whether a person gave up a refund of this case that may have been paid: the platform is asked before another."""
    rows = fetch(
        connection,
        """select 1 from outbound o join outbound_attempt a on a.outbound_id = o.id and a.outcome = 'unknown'
           where o.order_id = %s and o.kind = 'decide_case' and o.state = 'void' and o.detail ->> 'verb' = 'refund'
             and (o.detail ->> 'case_id')::bigint = %s limit 1""",
        (case.order_id, case.id),
    )
    return bool(rows)
