"""Money that goes back for a case, and goods sent in exchange: what is told, looked up, and written of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.notices import RefundNotice, ShipmentNotice
from oms.app.kernel.load import fetch
from oms.app.pipeline.repaid import count_repaid
from oms.db.bulk import psycopg_connection

#: How a refund's row and its case's money stand when its outbound row has ended.
ENDS: Final = {"done": ("paid", "paid"), "refused": ("failed", "failed"), "void": ("void", "none")}
Detail = Mapping[str, Any]


def refund_notice(connection: Connection, order_no: str, detail: Detail) -> RefundNotice:
    """The refund as it was promised.

    Its key is the case's own number: whatever becomes of our rows, one case is never paid twice.
    """
    case_no = detail["case_no"]
    is_restocked = detail["facts"].get("restock") == "yes"
    lines = _lines(connection, detail["case_id"])
    # A store's case has no number that its platform knows.
    told_no = "" if detail.get("origin") == "store" else case_no
    return RefundNotice(
        order_no, detail["amount"], detail["currency"], f"refund-{case_no}", told_no, lines, detail["words"], is_restocked
    )


def exchange_notice(order_no: str, detail: Detail, at: datetime) -> ShipmentNotice:
    """The parcel in which the goods of an exchange left."""
    key = f"exchange-{detail['case_no']}"
    return ShipmentNotice(order_no, detail["carrier"], detail["waybill"], True, at, idempotency_key=key)


def _lines(connection: Connection, case_id: int) -> tuple[tuple[str, int], ...]:
    """Lines with units of the case as it was told last; none when units are not known of each."""
    rows = fetch(
        connection,
        """select evidence -> 'lines' from case_step where case_id = %s and evidence ? 'lines'
           order by at desc, id desc limit 1""",
        (case_id,),
    )
    lines = [(str(line[0]), int(line[1])) for line in (rows[0][0] or ())] if rows else []
    return tuple(lines) if all(units > 0 for _, units in lines) else ()


def settle_refund(connection: Connection, detail: Detail, outcome: str, reference: str, now: datetime) -> None:
    """Write how a refund ended: paid, failed or given up."""
    state, money = ENDS[outcome]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update refund set state = %s, reference = %s, paid_at = case when %s = 'paid' then %s::timestamptz end
               where id = %s""",
            (state, reference, state, now, detail["refund_id"]),
        )
        cursor.execute(
            "update cases set money = %s where id = %s and origin <> 'store' and money in ('due', 'submitted', 'failed')",
            (money, detail["case_id"]),
        )
        # Of a store's case other parts may still be due; what was given up is due again.
        cursor.execute(
            """update cases c set money = case when %s = 'failed' then 'failed' else 'due' end
               where c.id = %s and c.origin = 'store' and c.money in ('due', 'submitted', 'failed')""",
            (money, detail["case_id"]),
        )
    close_own_case(connection, detail["case_id"], now)


def close_own_case(connection: Connection, case_id: int, now: datetime) -> None:
    """A store's case whose every part is paid has succeeded, and its order's lines count it."""
    rows = fetch(
        connection,
        """update cases c set money = case when c.asked_amount > 0 then 'paid' else c.money end, outcome = 'succeeded',
             closed_at = %s where c.id = %s and c.origin = 'store' and c.outcome = 'open' and c.review = 'agreed'
             and coalesce(c.agreed_amount, 0) <= (select coalesce(sum(r.amount), 0) from refund r
               where r.case_id = c.id and r.state = 'paid') returning c.order_id""",
        (now, case_id),
    )
    if rows:
        count_repaid(connection, [rows[0][0]])


def note_sent(connection: Connection, case_id: int) -> None:
    """The goods of an exchange have left, and the platform knows."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update cases set remedy = 'shipped' where id = %s", (case_id,))
