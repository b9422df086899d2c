"""What clerks do is done once: a click has a key, and a repeated key changes nothing; everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.parcels import StoreParcelWork as StoreParcelWork
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.errors import HubError, NotFound

PARCEL: Final = """
select p.id, p.fulfilment_id, p.waybill_no, p.state, s.order_id, s.shop_id, s.stock_point_id, s.from_point_id, s.leg,
       s.code_no, s.code_hash, s.tries, s.ready_at, s.overdue_at, s.ended_at
from store_parcel s join parcel p on p.id = s.parcel_id where s.parcel_id = %s for update of p, s"""
#: Orders with goods in a parcel.
INSIDE: Final = "select distinct order_id from parcel_item where parcel_id = %s order by 1"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something at which stock point; `key` is the click's own."""

    point_id: int
    actor: str
    key: str


def note_act(
    connection: Connection, hub: Hub, doing: Doing, document: str, document_id: int, verb: str, **detail: Any
) -> bool:
    """Write what is done; False when this click has been worked on before, and then nothing is to be done."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into store_act (stock_point_id, key, document, document_id, verb, actor, at, detail)
               values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb) on conflict (stock_point_id, key) do nothing""",
            (doing.point_id, doing.key, document, document_id, verb, doing.actor, hub.clock(),
             orjson.dumps(detail).decode()),
        )  # fmt: skip
        return cursor.rowcount > 0


def on_parcel(
    hub: Hub,
    doing: Doing,
    parcel_id: int,
    verb: str,
    apply: Callable[[Batch, StoreParcelWork], HubError | None],
    **detail: Any,
) -> None:
    """Do something to a parcel of this store, once; an error that `apply` answers is raised after it is written."""
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "parcel", parcel_id, verb, **detail):
            return
        batch = open_batch(hub, connection, [row[0] for row in fetch(connection, INSIDE, (parcel_id,))])
        batch.actor = doing.actor
        refusal = apply(batch, _parcel_here(batch, parcel_id, doing.point_id))
        close_batch(batch)
        if refusal is not None:
            _forget_click(connection, doing)
    batch.tell()
    hub.poke("advance")
    if refusal is not None:
        raise refusal


def _forget_click(connection: Connection, doing: Doing) -> None:
    """What was refused stays in the record, and the same click may be tried again."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update store_act set key = key || ':' || id, verb = verb || '_refused'
               where stock_point_id = %s and key = %s""",
            (doing.point_id, doing.key),
        )


def _parcel_here(batch: Batch, parcel_id: int, point_id: int) -> StoreParcelWork:
    """A parcel of this store; its warehouse sends it and takes it back, but has nothing to do with its buyer."""
    parcel = locked_parcel(batch, parcel_id, point_id)
    if parcel.point_id != point_id:
        raise NotFound("there is no such parcel here", "look whether you work at the right store")
    return parcel


def locked_parcel(batch: Batch, parcel_id: int, point_id: int) -> StoreParcelWork:
    """A parcel of this store, or of this warehouse when it comes back there; NotFound for one of another point."""
    rows = fetch(batch.connection, PARCEL, (parcel_id,))
    parcel = StoreParcelWork(*rows[0]) if rows else None
    if parcel is None or point_id not in (parcel.point_id, parcel.from_point_id):
        raise NotFound("there is no such parcel here", "look whether you work at the right store")
    return parcel


def move_parcel(batch: Batch, parcel: StoreParcelWork, action: str, **detail: Any) -> None:
    """Change a parcel's state by the table, and tell its orders; WrongState when the table has no such row."""
    parcel.state = lifecycle.PARCEL.target(parcel.state, action)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update parcel set state = %s, last_event_at = %s,
                 delivered_at = case when %s = 'delivered' then coalesce(delivered_at, %s) else delivered_at end
               where id = %s""",
            (parcel.state, batch.now, parcel.state, batch.now, parcel.id),
        )
    told = {"waybill": parcel.waybill_no, **detail}
    for order_id in sorted(batch.orders):
        order = batch.orders[order_id]
        if any(work.id == parcel.fulfilment_id for work in order.fulfilments) or order_id == parcel.order_id:
            batch.note(order, f"parcel_{parcel.state}", told, fulfilment_id=parcel.fulfilment_id)


def set_parcel(batch: Batch, parcel: StoreParcelWork, **changes: Any) -> None:
    """Write what the store keeps of a parcel."""
    names = ", ".join(f"{name} = %s" for name in changes)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(f"update store_parcel set {names} where parcel_id = %s".encode(), [*changes.values(), parcel.id])


def end_parcel(batch: Batch, parcel: StoreParcelWork) -> None:
    """The store has nothing more to do with it."""
    parcel.ended_at = batch.now
    set_parcel(batch, parcel, ended_at=batch.now, ended_by=batch.actor)
