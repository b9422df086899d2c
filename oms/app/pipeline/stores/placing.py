"""Gives orders their store 定门店: by location, by delivery list, or by a person; writes why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.contract.errors import Retryable
from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import sellable
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.deliveries import NO_STORE, OWN_GOODS
from oms.app.pipeline.stores.places import Located, locate
from oms.app.pipeline.stores.refused import barred_stores, full_stores, refused_stores
from oms.app.rulebook.decide import record
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.store_choice import Choice, Store, choose_listed, choose_nearest, is_open_at

CLAIM: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(minutes=5)
AT_ONCE: Final = 20
#: A geocoder that does not answer is asked so often; then the middle of the city serves.
TRIES: Final = 2
NO_ANSWER: Final = "the geocoder does not answer now; it is asked again in a few minutes"
READY: Final = "exists (select from order_delivery where next_at <= now())"
CLAIMED: Final = """
update order_delivery d set next_at = %s from (select order_id from order_delivery where next_at <= %s
  order by next_at, order_id limit %s for update skip locked) due where d.order_id = due.order_id
returning d.order_id, d.shop_id, d.attempts"""
DELIVERY: Final = """select mode, leg, stock_point_id, promise_at, attempts from order_delivery
where order_id = %s for update"""
STORES: Final = """
select p.id, p.latitude, p.longitude, p.delivery_radius_m, coalesce(f.divisions, '{}'), coalesce(f.hands_out, true),
       coalesce(f.delivers, false), p.hours, m.rank, p.timezone,
       array(select c.closed_on from stock_closure c where c.stock_point_id = p.id)
from pool_member m join stock_point p on p.id = m.stock_point_id left join store_profile f on f.stock_point_id = p.id
where m.pool_id = %s and p.kind = 'store' and p.state = 'open' order by m.rank, p.id"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The row of an order's delivery, locked."""

    mode: str
    leg: str
    stock_point_id: int | None
    promise_at: datetime | None
    attempts: int


def place_batch(hub: Hub) -> int:
    """Find stores for orders that wait for one; answers how many were looked at."""
    with hub.begin() as connection:
        due = fetch(connection, CLAIMED, (hub.clock() + CLAIM, hub.clock(), AT_ONCE))
    for order_id, shop_id, attempts in due:
        _place_one(hub, order_id, shop_id, attempts)
    return len(due)


def _place_one(hub: Hub, order_id: int, shop_id: int, attempts: int) -> None:
    card = hub.masters.get(hub.engine, hub.clock()).stores.get(shop_id)
    located: Located | None = None
    if card is None or card.finds_by == "hand":
        _wait(hub, order_id, None, "people choose the stores of this shop's orders", attempts)
        return
    if card.finds_by == "location":
        try:
            located = locate(hub, order_id, card.geocoder_account_id, waits=attempts < TRIES)
        except Retryable:
            _wait(hub, order_id, hub.clock() + AGAIN, NO_ANSWER, attempts + 1)
            return
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [order_id])
        order = batch.orders[order_id]
        wanted = Wanted(*fetch(connection, DELIVERY, (order_id,))[0])
        if wanted.stock_point_id is None and order.status in ("open", "unpaid"):
            _choose(batch, order, wanted, located)
        close_batch(batch)
    batch.tell()
    hub.poke("advance")


def _choose(batch: Batch, order: OrderWork, wanted: Wanted, located: Located | None) -> None:
    stores = _stores(batch, order, wanted, located.place if located is not None else None)
    card = batch.masters.stores[order.shop_id]
    if card.finds_by == "list":
        choice, by = choose_listed(stores, order.division_code), "list"
    elif located is not None:
        choice, by = choose_nearest(stores, located.place, is_delivered=wanted.leg == "delivery"), "location"
    else:
        choice, by = Choice(), "location"
    found_with, words = (located.found_with, located.warning) if located is not None else ("", "")
    record(batch, order, "store", "chosen" if choice.store_id else "none", choices={
        "by": by, "found_with": found_with, "warning": words, "stores": choice.looked_at,
    })  # fmt: skip
    if choice.store_id is None:
        why = "no store may serve it" if stores else "no store is open in the shop's stock pool"
        _keep_waiting(batch, order.id, wanted.attempts + 1, words or why)
        return
    set_store(batch, order, choice.store_id, by, found_with=found_with, words=words)


def _stores(batch: Batch, order: OrderWork, wanted: Wanted, place: tuple[float, float] | None) -> list[Store]:
    shop = batch.masters.shops[order.shop_id]
    moment = wanted.promise_at or batch.now
    rows = fetch(batch.connection, STORES, (shop.pool_id,))
    lacking = _lacking(batch, order, [row[0] for row in rows]) if wanted.mode in OWN_GOODS else set()
    now_or_never = wanted.mode == "store_delivery"
    refused = refused_stores(batch.connection, [order.id])[order.id]
    barred = barred_stores(batch.masters, order.shop_id)
    full = full_stores(batch, [row[0] for row in rows if row[0] not in refused | barred])
    return [
        Store(
            id_, (latitude, longitude) if latitude is not None and longitude is not None else None, radius,
            tuple(divisions), delivers if wanted.leg == "delivery" else hands_out,
            not now_or_never or is_open_at(hours, moment.astimezone(ZoneInfo(zone)), closed), id_ not in lacking,
            id_ in refused, rank,
            wanted.leg != "delivery" or batch.masters.rules.covers(id_, order.division_code, place),
            id_ not in barred, id_ in full,
        )
        for id_, latitude, longitude, radius, divisions, hands_out, delivers, hours, rank, zone, closed in rows
    ]  # fmt: skip


def _lacking(batch: Batch, order: OrderWork, point_ids: list[int]) -> set[int]:
    """Stores that lack something of the order; before its goods are known by SKU none lacks anything."""
    units: dict[int, int] = {}
    for demand in order.demands:
        if demand.open_units > 0:
            units[demand.sku_id] = units.get(demand.sku_id, 0) + demand.open_units
    there = sellable(batch, point_ids, list(units))
    return {id_ for id_ in point_ids if any(there.get((id_, sku), 0) < count for sku, count in units.items())}


def set_store(batch: Batch, order: OrderWork, point_id: int, by: str, *, found_with: str = "", words: str = "") -> None:
    """Give an order its store; it goes on, and the store is told."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update order_delivery set stock_point_id = %s, chosen_by = %s, found_with = %s, words = %s, next_at = null,
                 attempts = 0, ready_by = null, ready_clock_at = null where order_id = %s""",
            (point_id, by, found_with, words, order.id),
        )
    detail = {"point": point_id, "by": by, **({"with": found_with} if found_with else {})}
    batch.note(order, "store_chosen", detail)
    _free(batch, order)
    order.ready_at = batch.now
    batch.pokes.add("advance")


def _free(batch: Batch, order: OrderWork) -> None:
    """The hold clears by itself, whoever chose the store: it is not one that people lift or place again."""
    hold = order.hold(NO_STORE)
    if hold is None:
        return
    batch.clear_hold(order, NO_STORE, "a store was chosen")
    if (hold.id, "a store was chosen") in batch.cleared_holds:
        batch.cleared_holds.remove((hold.id, "a store was chosen"))
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """update hold set cleared_at = %s, cleared_by = 'system', clear_reason = 'a store was chosen'
                   where id = %s""",
                (batch.now, hold.id),
            )


def _keep_waiting(batch: Batch, order_id: int, attempts: int, words: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "update order_delivery set next_at = %s, attempts = %s, words = %s where order_id = %s",
            (batch.now + AGAIN * min(attempts, 12), attempts, words, order_id),
        )


def _wait(hub: Hub, order_id: int, until: datetime | None, words: str, attempts: int) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update order_delivery set next_at = %s, words = %s, attempts = %s
               where order_id = %s and stock_point_id is null""",
            (until, words, attempts, order_id),
        )


def choose_store(
    hub: Hub, order_id: int, point_id: int, actor: str, *, mode: str = "", leg: str = "", reason: str = ""
) -> None:
    """A person gives an order a store, or another one; what is planned or at a store is taken back first.

    With a mode and a leg an order that went by courier goes through the store from now on.
    """
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [order_id])
        batch.actor = actor
        if order_id not in batch.orders:
            raise NotFound("there is no such order")
        order = batch.orders[order_id]
        if order.status not in ("open", "unpaid"):
            raise NotPossible("the order is closed", "reload it and look at what changed")
        if order.shop_id not in batch.masters.stores:
            raise NotPossible("this shop's orders do not go through stores", "switch that on under Settings first")
        _require_store(connection, batch.masters.shops[order.shop_id].pool_id, point_id)
        _require_willing(batch, order, point_id)
        _take_back(batch, order)
        _make_delivery(batch, order, mode, leg)
        set_store(batch, order, point_id, "hand", words=reason[:200])
        close_batch(batch)
    batch.tell()
    hub.poke("advance")


def _require_store(connection: Connection, pool_id: int | None, point_id: int) -> None:
    question = """select 1 from pool_member m join stock_point p on p.id = m.stock_point_id
                  where m.pool_id = %s and p.id = %s and p.kind = 'store' and p.state = 'open'"""
    if not fetch(connection, question, (pool_id, point_id)):
        raise Invalid("store", "this is no open store of the shop's stock pool", "choose another one")


def _require_willing(batch: Batch, order: OrderWork, point_id: int) -> None:
    if point_id in refused_stores(batch.connection, [order.id])[order.id]:
        raise Invalid("store", "this store has refused this order before", "choose another one")
    if point_id in barred_stores(batch.masters, order.shop_id):
        words = "the shop's sourcing settings leave this store out"
        raise Invalid("store", words, "choose another one, or allow it under Settings, Sourcing")


def _take_back(batch: Batch, order: OrderWork) -> None:
    """Free what is not under way; goods a warehouse has, or that have left, keep the order where it is."""
    for work in list(order.fulfilments):
        if work.status in ("shipped", "part_shipped", "closed_short"):
            raise NotPossible("some of its goods have left already", "send them on from where they are")
        if work.status in ("cancelled", "merged"):
            continue
        is_begun = batch.masters.points[work.stock_point_id].account_id is not None
        if work.status not in ("planned", "on_hold", "refused") and (is_begun or work.status not in ("sending", "sent")):
            raise NotPossible("somebody is working on it already", "have them refuse it, or stop it first")
        take_back(batch, work, "store_changed")


def _make_delivery(batch: Batch, order: OrderWork, mode: str, leg: str) -> None:
    held = fetch(batch.connection, DELIVERY, (order.id,))
    if held and not mode:
        return
    if not mode or not leg:
        raise Invalid("mode", "this order goes by courier", "say how it goes through the store")
    usual = {"store_pickup": "pickup", "store_delivery": "delivery"}.get(mode, leg)
    if leg != usual:
        raise Invalid("leg", "this does not go with the mode", "choose the other one")
    values: list[Any] = [order.id, order.shop_id, mode, leg]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into order_delivery (order_id, shop_id, mode, leg) values (%s, %s, %s, %s)
               on conflict (order_id) do update set mode = excluded.mode, leg = excluded.leg""",
            values,
        )


def switch_on(hub: Hub, shop_id: int) -> int:
    """Look for stores for the orders of a shop that waited until its orders go through stores."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update order_delivery set next_at = %s
               where shop_id = %s and stock_point_id is null and next_at is null""",
            (hub.clock(), shop_id),
        )
        count = cursor.rowcount
    hub.masters.forget()
    hub.poke("stores")
    return count
