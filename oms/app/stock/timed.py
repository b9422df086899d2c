"""限时预占: units a distributor has kept for a time under a number of its own, until its order comes or time is up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.promised import FREED
from oms.app.stock.telling import units_told
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound

LONGEST: Final = timedelta(days=30)
MOST_UNITS: Final = 1_000_000
KNOWN: Final = """
select r.sku_id, r.units from demand_reservation r where r.order_id is null and r.holder = %s and r.reference = %s"""
KEEP: Final = """
insert into demand_reservation (pool_id, shop_id, holder, reference, sku_id, units, since, created_at, expires_at, kept)
select %s, %s, %s, %s, v.sku, v.units, %s, %s, %s, v.units from unnest(%s::bigint[], %s::bigint[]) as v(sku, units)
on conflict (holder, reference, sku_id) where order_id is null
do update set units = excluded.units, kept = excluded.kept, expires_at = excluded.expires_at"""
DROP: Final = """
delete from demand_reservation where order_id is null and holder = %s and reference = %s and sku_id <> all(%s::bigint[])
returning sku_id"""
#: A reference is never parted by the end of a page.
LISTED: Final = """
select * from (select r.reference, k.code, r.units, r.since, r.expires_at from demand_reservation r
  join sku k on k.id = r.sku_id where r.order_id is null and r.holder = %s and r.reference > %s
  order by r.reference fetch first (%s) rows with ties) page order by reference, code"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Units of a SKU kept under a reference until a moment."""

    reference: str
    sku: str
    units: int
    since: datetime
    expires_at: datetime | None


def keep_units(
    hub: Hub, shop: ShopCard, reference: str, wanted: Mapping[str, int], expires_at: datetime
) -> Sequence[Kept]:
    """Keep units by SKU code under the shop's reference, all or none; the same reference again replaces what it kept.

    The order of the shop that has the reference as its number takes them. Invalid for an unknown SKU, for more than
    the shop may sell now, and for a time that is over or longer than thirty days.
    """
    now = hub.clock()
    if not now < expires_at <= now + LONGEST:
        raise Invalid("expires_at", "this is not within the next 30 days", "send a moment within the next 30 days")
    if shop.pool_id is None:
        raise Invalid("shop", "the shop has no stock pool", "choose one on the shop's page")
    with hub.begin() as connection:
        skus = _skus(connection, wanted)
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        lock_skus(batch, skus)
        known = dict(fetch(connection, KNOWN, (shop.code, reference)))
        told = units_told(connection, batch.masters, shop, skus)
        for sku_id, code in skus.items():
            if wanted[code] > (there := told.get(sku_id, 0) + known.get(sku_id, 0)):
                raise Invalid("units", f"of {code} only {there} may be sold now", "ask for fewer")
        _write(connection, shop, reference, {id_: wanted[code] for id_, code in skus.items()}, (now, expires_at))
        kept = _kept(connection, shop, reference)
    hub.masters.forget()
    hub.poke("wake_short")
    return kept


def _skus(connection: Connection, wanted: Mapping[str, int]) -> dict[int, str]:
    found = fetch(
        connection,
        "select id, code from sku where code = any(%s::text[]) and not is_archived and not is_virtual order by id",
        (array_of(sorted(wanted)),),
    )
    missing = sorted(set(wanted) - {code for _, code in found})
    if missing:
        raise Invalid("sku", f"there is no SKU {missing[0]} in use", "look at its spelling")
    if not wanted or not all(0 < units <= MOST_UNITS for units in wanted.values()):
        raise Invalid("units", "this number is too small or too large", f"write 1 to {MOST_UNITS}")
    return dict(found)


def _write(
    connection: Connection, shop: ShopCard, reference: str, units: Mapping[int, int], times: tuple[datetime, datetime]
) -> None:
    now, until = times
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(DROP, (shop.code, reference, array_of(units)))
        _tell_freed(connection, [row[0] for row in cursor.fetchall()])
        values = (shop.pool_id, shop.id, shop.code, reference, now, now, until, array_of(units), array_of(units.values()))
        cursor.execute(KEEP, values)


def release_units(hub: Hub, shop: ShopCard, reference: str) -> None:
    """Let go of what is kept under a reference; NotFound when nothing is."""
    with hub.begin() as connection:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(DROP, (shop.code, reference, "{}"))
            gone = [row[0] for row in cursor.fetchall()]
        if not gone:
            raise NotFound("nothing is kept under this reference", "look at its spelling; its time may be over")
        _tell_freed(connection, gone)
    hub.poke("wake_short")


def _tell_freed(connection: Connection, sku_ids: Sequence[int]) -> None:
    if sku_ids:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(FREED.encode(), (array_of(sku_ids),))


def _kept(connection: Connection, shop: ShopCard, reference: str) -> list[Kept]:
    rows = fetch(connection, LISTED.replace("r.reference > %s", "r.reference = %s"), (shop.code, reference, MOST_UNITS))
    return [Kept(*row) for row in rows]


def list_kept(connection: Connection, shop: ShopCard, after: str = "", size: int = 200) -> list[Kept]:
    """What a shop has kept, in the order of its references, beginning after one: at least so many rows while more are."""
    return [Kept(*row) for row in fetch(connection, LISTED, (shop.code, after, size))]
