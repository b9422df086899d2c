"""日产能: fulfilments planned a day are counted at stock points that have a daily capacity, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import StockGone
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection

ROOM: Final = """
select p.id, p.daily_capacity - coalesce(c.used, 0)
from unnest(%s::bigint[], %s::date[]) as v(point, day) join stock_point p on p.id = v.point
left join stock_capacity c on c.stock_point_id = p.id and c.day = v.day where p.daily_capacity is not null"""
MAKE: Final = b"""
insert into stock_capacity (stock_point_id, day) select * from unnest(%s::bigint[], %s::date[]) as v(point, day)
order by 1, 2 on conflict (stock_point_id, day) do nothing"""
LOCK: Final = b"""
select 1 from stock_capacity c join unnest(%s::bigint[], %s::date[]) as v(point, day)
  on c.stock_point_id = v.point and c.day = v.day order by c.stock_point_id, c.day for update of c"""
#: The rows are locked by now, so that what is compared is what is written.
COUNT: Final = b"""
update stock_capacity c set used = greatest(0, c.used + v.units)
from unnest(%s::bigint[], %s::date[], %s::bigint[]) as v(point, day, units) join stock_point p on p.id = v.point
where c.stock_point_id = v.point and c.day = v.day
  and (v.units <= 0 or v.point <> all(%s::bigint[])
       or c.used + v.units <= coalesce(p.daily_capacity, c.used + v.units))"""
#: A fulfilment in one of these does not use capacity any more.
GIVEN_BACK = ("cancelled", "merged")


class CapacityGone(StockGone):
    """The last of a day's capacity was taken by others meanwhile: do the batch again, locking first."""


def capacity_left(connection: Connection, point_ids: Collection[int], day: date) -> dict[int, int | None]:
    """Stock point → fulfilments it can still do on a day of its own; None where it has no limit."""
    rows = fetch(
        connection,
        """select p.id, case when p.daily_capacity is not null
             then greatest(0, p.daily_capacity - coalesce(c.used, 0)) end
           from stock_point p
           left join stock_capacity c on c.stock_point_id = p.id and c.day = %s where p.id = any(%s)""",
        (day, array_of(sorted(point_ids))),
    )
    return dict(rows)


def read_room(batch: Batch, point_ids: Iterable[int]) -> None:
    """See what points with a capacity can still do today: `batch.room`, which flush then holds the batch to.

    Without `locks_late` their rows are locked until commit: before any stock, after everything else.
    """
    zones = batch.masters.rules.zones
    if not zones or batch.room is not None:
        return
    wanted = sorted(id_ for id_ in set(point_ids) if id_ in zones)
    if not wanted:
        return
    days = [_day(batch.now, zones[id_]) for id_ in wanted]
    if not batch.locks_late:
        _lock(batch, sorted({*zip(wanted, days, strict=True), *_sums(batch)}))
    rows = fetch(batch.connection, ROOM, (array_of(wanted), array_of(days)))
    sums = _sums(batch)
    room = {id_: left for id_, left in rows if left is not None}
    batch.room = {id_: room[id_] - sums[id_, day] for id_, day in zip(wanted, days, strict=True) if id_ in room}


def count_planned(batch: Batch) -> None:
    """Add the batch's new fulfilments to the day's count, and give back those that it cancelled or merged.

    What was planned by `batch.room` never goes beyond the capacity: CapacityGone when others took it meanwhile. What
    people plan by hand is counted all the same.
    """
    if not batch.masters.rules.zones:
        return
    rows = sorted((*key, units) for key, units in _sums(batch).items() if units)
    if not rows:
        return
    _lock(batch, [row[:2] for row in rows])
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(COUNT, (*columns, array_of(batch.room or ())))
        if cursor.rowcount < len(rows):
            raise CapacityGone


def _lock(batch: Batch, keys: Sequence[tuple[int, date]]) -> None:
    columns = [array_of(column) for column in zip(*keys, strict=True)]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(MAKE, columns)
        cursor.execute(LOCK, columns)


def _sums(batch: Batch) -> Counter[tuple[int, date]]:
    """(point, day) → fulfilments that this batch plans there, less those that it takes back."""
    zones = batch.masters.rules.zones
    sums: Counter[tuple[int, date]] = Counter()
    for work in batch.new_fulfilments:
        if work.stock_point_id in zones and work.status not in GIVEN_BACK:
            sums[work.stock_point_id, _day(work.planned_at, zones[work.stock_point_id])] += 1
    for work in batch.touched_fulfilments.values():
        if work.stock_point_id in zones and work.status in GIVEN_BACK and work.closed_at == batch.now:
            sums[work.stock_point_id, _day(work.planned_at, zones[work.stock_point_id])] -= 1
    return sums


def next_day(batch: Batch, point_ids: Iterable[int]) -> datetime:
    """When the first of these points has a new day, a minute past midnight of its own."""
    zones = [ZoneInfo(batch.masters.rules.zones[id_]) for id_ in point_ids]
    days = [datetime.combine(batch.now.astimezone(zone).date() + timedelta(days=1), time(0, 1), zone) for zone in zones]
    return min(days).astimezone(UTC)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
