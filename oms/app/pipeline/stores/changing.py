"""What of an order's way may still be changed, until the buyer has the goods: last leg, promise, who collects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.acting import locked_parcel, set_parcel
from oms.app.pipeline.stores.handing import start_waiting
from oms.app.pipeline.stores.readiness import promise_anew
from oms.app.pipeline.stores.sending_back import leave_transfer
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

OTHER_MODE = {("store_pickup", "delivery"): "store_delivery", ("store_delivery", "pickup"): "store_pickup"}


def change_delivery(
    hub: Hub,
    order_id: int,
    actor: str,
    *,
    leg: str = "",
    promise_at: datetime | None = None,
    person: str = "",
    phone: str = "",
) -> None:
    """Change what is given; what is empty stays. Refused once the buyer has the goods."""  # fmt: skip
    if leg not in ("", "pickup", "delivery"):
        raise Invalid("leg", "this is no last leg", "choose collected or brought")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [order_id])
        batch.actor = actor
        question = "select mode, leg, sealed from order_delivery where order_id = %s for update"
        rows = fetch(connection, question, (order_id,))
        if not rows or order_id not in batch.orders:
            raise NotFound("this order goes by courier", "choose a store for it first")
        order = batch.orders[order_id]
        if order.status not in ("unpaid", "open"):
            raise NotPossible("the buyer has the goods already")
        mode, was, sealed = rows[0]
        _write(batch, order, {"leg": leg or was, "mode": OTHER_MODE.get((mode, leg), mode)}, promise_at)
        if promise_at is not None:
            promise_anew(batch, order)
        if person or phone:
            _seal(batch, order_id, sealed, person, phone)
        if leg and leg != was:
            _change_leg(batch, order, leg)
        told = {"leg": leg, "promise": bool(promise_at), "person": bool(person or phone)}
        batch.note(order, "delivery_changed", {name: value for name, value in told.items() if value})
        close_batch(batch)
    batch.tell()


def _write(batch: Batch, order: OrderWork, values: dict[str, Any], promise_at: datetime | None) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update order_delivery set leg = %s, mode = %s, promise_at = coalesce(%s, promise_at)
               where order_id = %s""",
            (values["leg"], values["mode"], promise_at, order.id),
        )


def _seal(batch: Batch, order_id: int, sealed: bytes | None, person: str, phone: str) -> None:
    key = open_key(batch.hub, batch.connection, order_id)
    kept: dict[str, Any] = orjson.loads(key.unseal(sealed)) if sealed else {}
    kept |= {name: value[:100] for name, value in (("person", person), ("phone", phone)) if value}
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "update order_delivery set sealed = %s where order_id = %s", (key.seal(orjson.dumps(kept)), order_id)
        )


def _change_leg(batch: Batch, order: OrderWork, leg: str) -> None:
    """Parcels that a store has go the other way from now on; one that is out with a clerk has to come back first."""
    question = "select parcel_id, stock_point_id from store_parcel where order_id = %s and ended_at is null order by 1"
    for parcel_id, point_id in fetch(batch.connection, question, (order.id,)):
        parcel = locked_parcel(batch, parcel_id, point_id)
        if parcel.state == "out_for_delivery":
            raise NotPossible("a clerk is out with it", "have it brought back first")
        set_parcel(batch, parcel, leg=leg)
        parcel.leg = leg
        if parcel.state == "ready":
            leave_transfer(batch, parcel)
            start_waiting(batch, parcel)
