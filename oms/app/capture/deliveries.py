"""Takes in how an order goes through a store, new or changed; the store itself is found in pipeline.stores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from connectors.contract.records import DeliveryRecord, OrderRecord, PaymentKind
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.stores.deliveries import NO_STORE
from oms.app.pipeline.stores.readiness import promise_anew
from oms.db.bulk import psycopg_connection
from oms.db.sealed import DataKey

DELIVERY: Final = ("order_id", "shop_id", "mode", "leg", "stock_point_id", "wanted_code", "chosen_by", "promise_at",
                   "wanted_from", "due_amount", "sealed", "next_at")  # fmt: skip
HELD: Final = """select mode, leg, wanted_code, promise_at, wanted_from, sealed from order_delivery
where order_id = %s for update"""
#: Who collects and where the buyer is, kept sealed.
KEPT: Final = ("person", "phone", "latitude", "longitude")
#: Mode, leg, store, when to look for one, promise.
Way = tuple[str, str, int | None, datetime | None, datetime | None]
#: Parts of the money that are collected with the goods.
AT_STORE: Final = (PaymentKind.STORE, PaymentKind.BALANCE, PaymentKind.COD)


def delivery_row(batch: Batch, order: OrderWork, record: OrderRecord, key: DataKey) -> tuple[Any, ...]:
    """The row of DELIVERY for an order that goes through a store; it is held until it has one."""
    told = record.delivery
    if told is None:
        raise ValueError("the order goes by courier")
    kept = {name: getattr(told, name) for name in KEPT} | {"told": _said(told)}
    way = (told.mode.value, told.leg.value, *_store_of(batch, order, told), told.promise_at)
    return _row(order, record, way, key.seal(orjson.dumps(kept)))


def _row(order: OrderWork, record: OrderRecord, way: Way, sealed: bytes) -> tuple[Any, ...]:
    """The row of DELIVERY of a way, with what the platform says beside it."""
    mode, leg, point_id, waits, promise_at = way
    told = record.delivery
    code, wanted_from = (told.store_code, told.wanted_from) if told is not None else ("", None)
    due = sum(payment.amount for payment in record.payments if payment.paid_at is None and payment.kind in AT_STORE)
    by = "platform" if point_id else ""
    return order.id, order.shop_id, mode, leg, point_id, code, by, promise_at, wanted_from, due, sealed, waits


def _store_of(batch: Batch, order: OrderWork, told: DeliveryRecord) -> tuple[int | None, datetime | None]:
    """The store that is named, else when to look for one; an order without one is held."""
    point_id = _named_store(batch, order, told)
    if point_id is None and order.status in ("open", "unpaid"):
        seen = {} if order.shop_id in batch.masters.stores else {"why": "the shop's orders do not go through stores yet"}
        batch.place_hold(order, NO_STORE, seen)
    return point_id, batch.now if point_id is None and order.shop_id in batch.masters.stores else None


def _said(told: DeliveryRecord) -> dict[str, Any]:
    """What the platform says of the way, by what it may change apart; kept sealed, to be compared with what it says next.

    What people have changed since then is not the platform's word and stays.
    """
    moments = [moment.isoformat() if moment is not None else None for moment in (told.promise_at, told.wanted_from)]
    said = {"way": [told.mode.value, told.leg.value], "code": told.store_code, "promise": moments[0], "from": moments[1]}
    return said | {name: getattr(told, name) for name in KEPT}


def _named_store(batch: Batch, order: OrderWork, told: DeliveryRecord) -> int | None:
    """The store the platform names, when the shop works with it."""
    if not told.store_code or order.shop_id not in batch.masters.stores:
        return None
    members = batch.masters.open_points(batch.masters.shops[order.shop_id].pool_id)
    stores = {card.code: card.id for _, card in members if card.kind == "store"}
    if told.store_code in stores or not stores:
        return stores.get(told.store_code)
    # A platform may know the store by its name alone.
    question = "select id from stock_point where name = %s and id = any(%s) limit 2"
    named = fetch(batch.connection, question, (told.store_code, list(stores.values())))
    return named[0][0] if len(named) == 1 else None


def follow_delivery(batch: Batch, order: OrderWork, record: OrderRecord, key: DataKey) -> None:
    """Bring the way of a known order to what the platform changes of it; goods under way are asked back for another one.

    What people changed stays until the platform says something else of the same; a store that people or the hub have
    chosen stays while the platform names none.
    """
    told = record.delivery
    if told is None:
        return
    rows = fetch(batch.connection, HELD, (order.id,))
    if not rows:
        _follow_new(batch, order, record, key)
        return
    mode, leg, code, promise_at, wanted_from, sealed = rows[0]
    kept: dict[str, Any] = orjson.loads(key.unseal(sealed)) if sealed else {}
    said = _said(told)
    moved = _moved(said, kept.get("told"), (mode, leg, code, promise_at, wanted_from), told)
    if not moved and "told" in kept:
        return
    kept |= {name: said[name] for name in moved & set(KEPT)} | {"told": said}
    way = (told.mode.value, told.leg.value) if "way" in moved else (mode, leg)
    same_place = mode == way[0] and "code" not in moved
    if moved:
        batch.note(order, "delivery_changed", {"mode": way[0], "leg": way[1]})
    if order.fulfilments and not same_place:
        batch.place_hold(order, "address_changed")
    store = (None, None) if same_place else _store_of(batch, order, told)
    promise = told.promise_at if "promise" in moved else promise_at
    _write(batch, _row(order, record, (*way, *store, promise), key.seal(orjson.dumps(kept))), same_place=same_place)
    if same_place and "promise" in moved:
        promise_anew(batch, order)


def _follow_new(batch: Batch, order: OrderWork, record: OrderRecord, key: DataKey) -> None:
    """An order that went by courier goes through a store from now on."""
    row = delivery_row(batch, order, record, key)
    batch.note(order, "delivery_changed", {"mode": row[2], "leg": row[3]})
    if order.fulfilments:
        batch.place_hold(order, "address_changed")
    _write(batch, row, same_place=False)


def _moved(
    said: Mapping[str, Any], before: Mapping[str, Any] | None, row: tuple[Any, ...], told: DeliveryRecord
) -> set[str]:
    """What the platform says otherwise than before; of rows older than what is kept of that, otherwise than the row."""
    if before is not None:
        return {name for name in said if said[name] != before.get(name)}
    wanted = (told.mode.value, told.leg.value, told.store_code, told.promise_at, told.wanted_from)
    return set() if row == wanted else set(said)


def _write(batch: Batch, row: tuple[Any, ...], *, same_place: bool) -> None:
    kept = ("order_id", *(("stock_point_id", "chosen_by", "next_at") if same_place else ()))
    changes = ", ".join(f"{name} = excluded.{name}" for name in DELIVERY if name not in kept)
    marks = ", ".join(["%s"] * len(DELIVERY))
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"""insert into order_delivery ({", ".join(DELIVERY)}) values ({marks})
                on conflict (order_id) do update set {changes}""".encode(),
            row,
        )
