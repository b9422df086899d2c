"""A world with two stores of a pool, and the shortest ways to have orders go through them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from connectors.contract.geocoding import GeoPoint, MessageFound
from connectors.contract.manifest import Manifest
from connectors.contract.notices import Receipt
from connectors.contract.telling import Geocoder, Notifier
from oms.app.pipeline.stores.acting import Doing
from oms.app.pipeline.stores.codes import new_code
from oms.domain.errors import HubError
from tests.app.shipping import ship_fulfilment
from tests.factories import START, World, a_document, order_id, raw, settle, take
from tests.fakes import Script

NEAR, FAR = 11, 12
#: The buyer, and two stores some 2 and 9 km away.
BUYER = (30.27, 120.15)
PLACES = {NEAR: (30.285, 120.15), FAR: (30.35, 120.15)}
KEYS = itertools.count(1)


class PlainGeocoder(Geocoder):
    """Says where addresses are as the script says."""

    manifest = Manifest("plaingeo", "geocoder", "平图", "Plain map", "图", "http://127.0.0.1:1")
    script: Script

    def geocode(self, address: str, city: str = "") -> GeoPoint | None:
        return self.script.play("geocode", (address, city), None)  # type: ignore[no-any-return]


class PlainNotifier(Notifier):
    """Sends whatever it is given, unless the script says otherwise."""

    manifest = Manifest("plainsms", "notifier", "平信", "Plain SMS", "信", "http://127.0.0.1:1")
    script: Script

    def notify(self, to: str, template: str, values: Mapping[str, str], key: str, *, words: str = "") -> Receipt:
        return self.script.play("notify", (to, template, dict(values), words), Receipt())  # type: ignore[no-any-return]

    def find_message(self, to: str, key: str, sent_at: datetime) -> MessageFound | None:
        return self.script.play("find_message", key, None)  # type: ignore[no-any-return]


class PlainMailer(PlainNotifier):
    """The same by mail."""

    writes_to = "email"
    manifest = Manifest("plainmail", "notifier", "平邮", "Plain mail", "邮", "http://127.0.0.1:1")


def with_stores(world: World, *, finds_by: str = "location", tells_at: str = "ready", stock: int = 10) -> World:
    """The world's shop works with two stores, which have so many of A and B."""
    for vendor in (PlainGeocoder, PlainNotifier, PlainMailer):
        bound = type(vendor.__name__, (vendor,), {"script": world.script})
        world.hub.vendors[vendor.manifest.vendor] = bound
    with world.hub.begin() as connection:
        for id_, (latitude, longitude) in PLACES.items():
            connection.execute(
                text("""insert into stock_point (id, code, name, kind, latitude, longitude, delivery_radius_m)
                        values (:id, 'S' || :id, 'store ' || :id, 'store', :lat, :lon, 5000)"""),
                {"id": id_, "lat": latitude, "lon": longitude},
            )
            for statement in (
                "insert into pool_member (pool_id, stock_point_id, rank) values (1, :id, :id)",
                """insert into store_profile (stock_point_id, address, phone, delivers, divisions)
                   values (:id, 'street 1', '0571-88886666', true, '{}')""",
            ):
                connection.execute(text(statement), {"id": id_})
            for code in "AB" if stock else "":
                _fill(connection, id_, world.skus[code], stock)
        connection.execute(
            text("insert into carrier (id, code, name, kind, is_suspended) values (9, 'STORE', 'store', 'clerk', true)")
        )
        connection.execute(
            text("insert into shop_stores (shop_id, finds_by, tells_at) values (1, :by, :at)"),
            {"by": finds_by, "at": tells_at},
        )
    world.hub.masters.forget()
    return world


def _fill(connection: Any, point: int, sku: int, units: int) -> None:
    values = {"point": point, "sku": sku, "units": units, "month": date(2026, 11, 1), "at": START}
    for statement in (
        "insert into stock_level (stock_point_id, sku_id, on_hand) values (:point, :sku, :units)",
        """insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
           values (:month, :point, :sku, nextval('id_seq'), :units, 'count', :at)""",
    ):
        connection.execute(text(statement), values)


def doing(point: int, actor: str = "user:7") -> Doing:
    """A click of a clerk."""
    return Doing(point, actor, f"click {next(KEYS)}")


def through_store(world: World, mode: str, leg: str, *, store: str = "S11", **changes: Any) -> int:
    """An order that goes through a store, walked as far as it goes."""
    no = f"W{next(world.numbers)}"
    delivery = {"mode": mode, "leg": leg, "store_code": store, **changes.pop("delivery", {})}
    take(world, raw(a_document(no, changes.pop("lines", None), delivery=delivery, **changes)))
    settle(world)
    return order_id(world, no)


def carried(world: World, leg: str = "pickup", **changes: Any) -> tuple[int, int, str]:
    """(order, parcel, waybill) of warehouse goods that have left for the store."""
    id_ = through_store(world, "unified", leg, **changes)
    waybill = f"YT{id_}"
    ship_fulfilment(world, world.fulfilments(id_)[-1].id, waybill)
    return id_, world.one("select id from parcel where waybill_no = :no", no=waybill), waybill


def note_of(world: World) -> int:
    """The newest delivery note."""
    return int(world.one("select max(id) from delivery_note"))


def parcel_state(world: World, parcel_id: int) -> str:
    return str(world.one("select state from parcel where id = :id", id=parcel_id))


def code_of(world: World, parcel_id: int) -> str:
    """The code that the buyer was told."""
    number = world.one("select code_no from store_parcel where parcel_id = :id", id=parcel_id)
    return new_code(world.hub.keys, parcel_id, number)


def on_hand(world: World, point: int, code: str = "A", kind: str = "good") -> int:
    """Units that are there."""
    return int(world.one(
        """select coalesce(sum(on_hand), 0) from stock_level
           where stock_point_id = :point and sku_id = :sku and kind = :kind""",
        point=point, sku=world.skus[code], kind=kind,
    ))  # fmt: skip


def at_once(world: World, *acts: Callable[[], Any]) -> list[str]:
    """Acts at the same moment, each in a thread of its own; answers how each ended."""

    def run(act: Callable[[], Any]) -> str:
        try:
            act()
        except HubError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))
