"""Money that a store takes with the goods: what is due, what was taken, and the payments it settles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid

METHODS: Final = ("cash", "card", "wechat", "alipay", "other")
RECEIPT: Final = ("id", "stock_point_id", "key", "order_id", "parcel_id", "amount", "currency", "method", "reference",
                  "at", "by")  # fmt: skip
DUE: Final = """select coalesce(sum(amount), 0)::bigint from payment
where order_id = %s and state = 'due' and kind in ('store', 'balance', 'cod')"""
#: Money due with the goods is paid by what stores took, oldest part first.
SETTLE: Final = """
with taken as (select sum(amount) as amount, max(at) as at, string_agg(method || ' ' || reference, ', ' order by id)
                 as reference from store_receipt where order_id = %(id)s),
  running as (select id, sum(amount) over (order by id) as upto from payment where order_id = %(id)s
                and kind in ('store', 'balance', 'cod') and (state = 'due' or reference like 'store: %%'))
update payment p set state = 'paid', paid_at = taken.at, reference = left('store: ' || taken.reference, 200)
from running, taken where p.id = running.id and running.upto <= taken.amount"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a clerk took from the buyer, in minor units of the order's currency."""

    amount: int
    method: str
    reference: str = ""


def amount_due(connection: Connection, order_id: int) -> int:
    """What the buyer still has to pay with the goods."""
    return int(fetch(connection, DUE, (order_id,))[0][0])


def record_receipt(batch: Batch, order_id: int, parcel_id: int, point_id: int, key: str, taken: Taken | None) -> None:
    """Record what was taken, which must be all that is due; refused when less or more was typed in."""
    due = amount_due(batch.connection, order_id)
    given = taken.amount if taken is not None else 0
    if given != due:
        raise Invalid("amount", "this is not what the buyer has to pay", "take what is due and record how it was paid")
    if taken is None or not due:
        return
    if taken.method not in METHODS:
        raise Invalid("method", "this is no way to pay", "choose one of the list")
    currency = batch.orders[order_id].currency
    row = (batch.new_id(), point_id, key, order_id, parcel_id, due, currency, taken.method, taken.reference[:100],
           batch.now, batch.actor)  # fmt: skip
    copy_rows(batch.connection, "store_receipt", RECEIPT, [row])
    keep_receipts(batch.connection, order_id)
    batch.note(batch.orders[order_id], "store_paid", {"amount": due, "method": taken.method})


def keep_receipts(connection: Connection, order_id: int) -> None:
    """Mark as paid what stores have taken money for, also after the platform told its own list anew."""
    if not fetch(connection, "select 1 from store_receipt where order_id = %s limit 1", (order_id,)):
        return
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(SETTLE, {"id": order_id})
