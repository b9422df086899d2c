"""Attempts to stop that nobody answered in time: work with an owner, looked up again and never ended by time alone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from oms.app.intercept.enforce import send_stop
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound, WrongState

LIMIT: Final = 200
DUE: Final = """
select id, order_id, fulfilment_id from interception where ended_at is null and state in ('asked', 'received')
and coalesce(due_at, asked_at + interval '30 minutes') <= %s order by asked_at, id limit %s"""
#: Another look after a quarter of an hour, as long as the last one has ended.
AGAIN: Final = """
select i.id, i.order_id, i.fulfilment_id from interception i
where i.ended_at is null and i.state = 'expired' and i.asked_of = 'warehouse'
and not exists (select from outbound o where o.fulfilment_id = i.fulfilment_id and o.kind = 'check_stop'
  and (o.state not in ('done', 'void') or o.created_at > %s - interval '15 minutes'))
order by i.asked_at, i.id limit %s"""
EXPIRE: Final = """
update interception set state = 'expired', expired_at = %s where id = any(%s) and ended_at is null
and state in ('asked', 'received') returning id, order_id, fulfilment_id, asked_of"""


def expire_due(hub: Hub) -> int:
    """Mark what was not answered in time, and ask the warehouses what became of it; answers how many it marked."""
    with hub.begin() as connection:
        due = fetch(connection, DUE, (hub.clock(), LIMIT))
        batch = _batch(hub, connection, [row[1] for row in due])
        expired = fetch(connection, EXPIRE, (batch.now, [row[0] for row in due])) if due else []
        for _, order_id, fulfilment_id, _ in expired:
            if order_id in batch.orders:
                batch.note(batch.orders[order_id], "interception_expired", None, fulfilment_id=fulfilment_id)
        _look(batch, [row[2] for row in expired if row[3] == "warehouse"])
        flush(batch)
    batch.tell()
    return len(expired)


def look_again(hub: Hub) -> int:
    """Ask again about what is still unresolved; answers how many fulfilments."""
    with hub.begin() as connection:
        rows = fetch(connection, AGAIN, (hub.clock(), LIMIT))
        batch = _batch(hub, connection, [row[1] for row in rows])
        count = _look(batch, [row[2] for row in rows])
        flush(batch)
    batch.tell()
    return count


def take_over(hub: Hub, interception_id: int, user_id: int) -> None:
    """A person takes an unresolved stop as theirs."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select state, ended_at from interception where id = %s for update", (interception_id,))
        row = cursor.fetchone()
        if row is None:
            raise NotFound("there is no such interception", "reload the page")
        if row[1] is not None and row[0] != "failed":
            raise WrongState("interception", row[0], "take over")
        cursor.execute("update interception set owner_id = %s where id = %s", (user_id, interception_id))


def _batch(hub: Hub, connection: Connection, order_ids: list[int]) -> Batch:
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
    if order_ids:
        fill(batch, lock_with_siblings(connection, order_ids), all_fulfilments=True)
    return batch


def _look(batch: Batch, fulfilment_ids: list[int]) -> int:
    """A look-up for each fulfilment that is still asked for at a warehouse with a system."""
    works = {work.id: work for order in batch.orders.values() for work in order.fulfilments}
    count = 0
    for id_ in sorted(set(fulfilment_ids)):
        work = works.get(id_)
        account_id = batch.masters.points[work.stock_point_id].account_id if work is not None else None
        if work is not None and account_id is not None and work.stop == "asked":
            send_stop(batch, work, account_id, "check_stop", {"reason": "expired", "was": work.status})
            count += 1
    return count
