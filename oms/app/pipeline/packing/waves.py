"""Waves of fulfilments picked together, and units scanned into a parcel; neither changes what is promised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.intercept.emergency import stop_keeping_until_then
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.transition import move_fulfilment
from oms.app.pipeline.outbound.consequences import close_batch, find_work, open_batch
from oms.app.pipeline.packing.desk import AT_WORK
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

MOST: Final = 50
#: Open work of a point that is in no wave, the most urgent first.
FREE: Final = """
select f.id from fulfilment f where f.stock_point_id = %s and f.status in ('sending', 'sent', 'accepted')
and f.stop <> 'asked' and not exists (select from pick_wave_fulfilment w where w.fulfilment_id = f.id)
order by f.ship_by nulls last, f.id limit %s"""
OF_ORDERS: Final = "select distinct order_id from fulfilment_line where fulfilment_id = any(%s) order by 1"
FIND_SKU: Final = """
select k.id, k.code, sum(l.planned - l.shipped - l.short - l.cancelled)::int from fulfilment_line l
join sku k on k.id = l.sku_id where l.fulfilment_id = %s and (k.barcode = %s or lower(k.code) = lower(%s))
group by 1, 2 order by 3 desc"""
COUNT: Final = """
insert into packed_units as u (fulfilment_id, sku_id, units, checked_by, checked_at) values (%s, %s, %s, %s, %s)
on conflict (fulfilment_id, sku_id) do update set units = u.units + excluded.units, checked_by = excluded.checked_by,
  checked_at = excluded.checked_at where u.units + excluded.units <= %s
returning units"""


@dataclass(frozen=True, slots=True)
class Checked:
    """A scanned unit: how many of the SKU's open units are in the parcel by now."""

    sku_code: str
    units: int
    of: int


def make_wave(hub: Hub, point_id: int, actor: str, points: Collection[int], chosen: Sequence[int] = (),
              count: int = 20) -> int:  # fmt: skip
    """波次: pick these fulfilments together, or the most urgent that are in no wave; what joins is accepted.

    Answers the wave. Those that ended, are being stopped or are in a wave already are left out.
    """
    if point_id not in points:
        raise NotFound("there is no such stock point among yours", "reload the page")
    with hub.begin() as connection:
        ids = list(chosen)[:MOST] or [row[0] for row in fetch(connection, FREE, (point_id, min(count, MOST)))]
        batch = open_batch(hub, connection, [row[0] for row in fetch(connection, OF_ORDERS, (ids,))])
        batch.actor = actor
        taken = {
            row[0]
            for row in fetch(
                connection, "select fulfilment_id from pick_wave_fulfilment where fulfilment_id = any(%s)", (ids,)
            )
        }
        works = [work for id_ in ids if id_ not in taken and (work := find_work(batch, id_)) is not None]
        works = [work for work in works if work.stock_point_id == point_id and work.status in AT_WORK[:3]]
        works = [work for work in works if work.stop != "asked" and stop_keeping_until_then(connection, work.id) is None]
        if not works:
            raise NotPossible("nothing of it can be picked together", "choose fulfilments that are in no wave yet")
        wave_id = batch.new_id()
        copy_rows(connection, "pick_wave", ("id", "stock_point_id", "created_by", "created_at"),
                  [(wave_id, point_id, actor, batch.now)])  # fmt: skip
        copy_rows(connection, "pick_wave_fulfilment", ("fulfilment_id", "wave_id"), [(w.id, wave_id) for w in works])
        for work in works:
            if work.status != "accepted":
                move_fulfilment(batch, work, "warehouse_accepted")
        close_batch(batch)
    batch.tell()
    return wave_id


def leave_wave(hub: Hub, fulfilment_id: int, points: Collection[int]) -> None:
    """Take a fulfilment out of its wave."""
    with hub.begin() as connection:
        _require_own(hub, connection, fulfilment_id, points)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("delete from pick_wave_fulfilment where fulfilment_id = %s", (fulfilment_id,))


def check_unit(hub: Hub, fulfilment_id: int, code: str, actor: str, points: Collection[int], units: int = 1) -> Checked:
    """复核: count scanned units of the SKU with this barcode or code; refused when it is no part or is complete."""
    code = code.strip()
    with hub.begin() as connection:
        _require_own(hub, connection, fulfilment_id, points)
        if stop_keeping_until_then(connection, fulfilment_id) is not None:
            raise NotPossible("an emergency stop is in force", "pack and send nothing until it has ended")
        found = fetch(connection, FIND_SKU, (fulfilment_id, code, code)) if code else []
        if not found:
            raise Invalid("code", "these goods do not belong here", "put them aside and scan the next")
        sku_id, sku_code, there = found[0]
        with psycopg_connection(connection).cursor() as cursor:
            values = (fulfilment_id, sku_id, units, actor, hub.clock(), there)
            row = cursor.execute(COUNT, values).fetchone() if 0 < units <= there else None
        if row is None:
            raise Invalid("code", "all units of these goods are in already", "put this one back")
    return Checked(sku_code, row[0], there)


def check_again(hub: Hub, fulfilment_id: int, points: Collection[int]) -> None:
    """Forget what was scanned into the parcel."""
    with hub.begin() as connection:
        _require_own(hub, connection, fulfilment_id, points)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("delete from packed_units where fulfilment_id = %s", (fulfilment_id,))


def _require_own(hub: Hub, connection: Connection, fulfilment_id: int, points: Collection[int]) -> None:
    question = "select stock_point_id from fulfilment where id = %s"
    rows = fetch(connection, question, (fulfilment_id,))
    card = hub.masters.get(connection, hub.clock()).points.get(rows[0][0]) if rows else None
    if card is None or card.id not in points or card.account_id is not None:
        raise NotFound("there is no such fulfilment at your stock points", "reload the page")
