"""Takes in how an order goes through a store, new or changed; the store itself is found in pipeline.stores."""

from __future__ import annotations

from typing import Any, Final

import orjson

from connectors.contract.records import DeliveryRecord, OrderRecord, PaymentKind
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.stores.deliveries import NO_STORE
from oms.db.bulk import psycopg_connection
from oms.db.sealed import DataKey

DELIVERY: Final = ("order_id", "shop_id", "mode", "leg", "stock_point_id", "wanted_code", "chosen_by", "promise_at",
                   "wanted_from", "due_amount", "sealed", "next_at")  # fmt: skip
#: Parts of the money that are collected with the goods.
AT_STORE: Final = (PaymentKind.STORE, PaymentKind.BALANCE, PaymentKind.COD)


def delivery_row(batch: Batch, order: OrderWork, record: OrderRecord, key: DataKey) -> tuple[Any, ...]:
    """The row of DELIVERY for an order that goes through a store; it is held until it has one."""
    told = record.delivery
    if told is None:
        raise ValueError("the order goes by courier")
    point_id = _named_store(batch, order, told)
    if point_id is None and order.status in ("open", "unpaid"):
        seen = {} if order.shop_id in batch.masters.stores else {"why": "the shop's orders do not go through stores yet"}
        batch.place_hold(order, NO_STORE, seen)
    kept = {"person": told.person, "phone": told.phone, "latitude": told.latitude, "longitude": told.longitude}
    due = sum(payment.amount for payment in record.payments if payment.paid_at is None and payment.kind in AT_STORE)
    waits = batch.now if point_id is None and order.shop_id in batch.masters.stores else None
    return (order.id, order.shop_id, told.mode.value, told.leg.value, point_id, told.store_code,
            "platform" if point_id else "", told.promise_at, told.wanted_from, due, key.seal(orjson.dumps(kept)),
            waits)  # fmt: skip


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
    """Bring the way of a known order to what the platform says now; goods under way are asked back when it is another.

    A store that people or the hub have chosen stays while the platform names none.
    """
    told = record.delivery
    if told is None:
        return
    question = "select mode, leg, wanted_code, promise_at, wanted_from from order_delivery where order_id = %s for update"
    held = fetch(batch.connection, question, (order.id,))
    wanted = (told.mode.value, told.leg.value, told.store_code, told.promise_at, told.wanted_from)
    if held and held[0] == wanted:
        return
    row = delivery_row(batch, order, record, key)
    same_place = bool(held) and (held[0][0], held[0][2]) == (wanted[0], wanted[2])
    batch.note(order, "delivery_changed", {"mode": wanted[0], "leg": wanted[1]})
    if same_place:
        batch.clear_hold(order, NO_STORE, "only the day or the last leg changed")
    elif order.fulfilments:
        batch.place_hold(order, "address_changed")
    _write(batch, row, same_place=same_place)


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
