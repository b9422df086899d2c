"""How shops use stores, what stores do, and which notices are sent; every change leaves a trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.stores.deliveries import CLERK
from oms.app.pipeline.stores.placing import switch_on
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound

FINDS_BY: Final = ("location", "list", "hand")
TELLS_AT: Final = ("ready", "handed_over")
SERVICES: Final = ("notifier", "geocoder")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept of a store beside its stock point."""

    address: str
    phone: str
    email: str
    hands_out: bool
    delivers: bool
    ready_min: int
    overdue_days: int
    divisions: Sequence[str]
    latitude: float | None
    longitude: float | None
    radius_m: int | None


def save_shop(
    hub: Hub, shop_id: int, actor: str, *, is_on: bool, finds_by: str, tells_at: str, geocoder_id: int | None
) -> None:
    """Have a shop's orders go through stores, or not any more; orders that waited look for a store at once."""
    if finds_by not in FINDS_BY or tells_at not in TELLS_AT:
        raise Invalid("finds_by", "this is none of the choices", "choose one of the list")
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        _check_family(connection, geocoder_id, "geocoder")
        cursor.execute(
            """insert into shop_stores (shop_id, is_on, finds_by, tells_at, geocoder_account_id)
               values (%s, %s, %s, %s, %s) on conflict (shop_id) do update set is_on = excluded.is_on,
                 finds_by = excluded.finds_by, tells_at = excluded.tells_at,
                 geocoder_account_id = excluded.geocoder_account_id""",
            (shop_id, is_on, finds_by, tells_at, geocoder_id),
        )
        cursor.execute(
            """insert into carrier (code, name, kind, is_suspended) values (%s, '门店', 'clerk', true)
               on conflict (code) do nothing""",
            (CLERK,),
        )
        leave_trail(hub, connection, "shop_stores_changed", actor, {"shop": shop_id, "on": is_on, "finds_by": finds_by})
    hub.masters.forget()
    if is_on:
        switch_on(hub, shop_id)


def add_service(hub: Hub, vendor: str, name: str, actor: str) -> int:
    """An account of a notifier or a geocoder, paused until its keys are filled in; answers its id."""
    connector = hub.vendors.get(vendor)
    if connector is None or connector.manifest.family not in SERVICES:
        raise Invalid("vendor", "there is no such service", "choose one of the list")
    if not 1 <= len(name) <= 80:
        raise Invalid("name", "a name of 1 to 80 characters is needed", "write what people will know it by")
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """insert into account (family, vendor, name, state, paused_reason) values (%s, %s, %s, 'paused', %s)
               on conflict (name) do nothing returning id""",
            (connector.manifest.family, vendor, name, "paused by hand"),
        )
        if not rows:
            raise Invalid("name", "there is an account of this name already", "choose another name")
        account_id = int(rows[0][0])
        leave_trail(hub, connection, "account_changed", actor, {"account": account_id, "field": ["vendor"]})
    return account_id


def _check_family(connection: Connection, account_id: int | None, family: str) -> None:
    question = "select 1 from account where id = %s and family = %s"
    if account_id is not None and not fetch(connection, question, (account_id, family)):
        raise Invalid("account", "this account is of another kind", "choose one of the list")


def save_profile(hub: Hub, point_id: int, actor: str, told: Profile) -> None:
    """Keep what a store does and where it is."""
    if (told.latitude is None) is not (told.longitude is None):
        raise Invalid("latitude", "latitude and longitude come together", "fill in both or neither")
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stock_point set latitude = %s, longitude = %s, delivery_radius_m = %s
               where id = %s and kind = 'store'""",
            (told.latitude, told.longitude, told.radius_m, point_id),
        )
        if not cursor.rowcount:
            raise NotFound("there is no such store", "look at the list again")
        cursor.execute(
            """insert into store_profile (stock_point_id, address, phone, email, hands_out, delivers, ready_min,
                 overdue_days, divisions) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (stock_point_id) do update set address = excluded.address, phone = excluded.phone,
                 email = excluded.email, hands_out = excluded.hands_out, delivers = excluded.delivers,
                 ready_min = excluded.ready_min, overdue_days = excluded.overdue_days, divisions = excluded.divisions""",
            (point_id, told.address, told.phone, told.email, told.hands_out, told.delivers, told.ready_min,
             told.overdue_days, list(told.divisions)),
        )  # fmt: skip
        leave_trail(hub, connection, "store_profile_changed", actor, {"point": point_id})
