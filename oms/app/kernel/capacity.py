"""日产能: fulfilments planned a day are counted at stock points that have a daily capacity, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection

#: A fulfilment in one of these does not use capacity any more.
GIVEN_BACK = ("cancelled", "merged")


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


def count_planned(batch: Batch) -> None:
    """Add the batch's new fulfilments to the day's count, and give back those that it cancelled or merged."""
    zones = batch.masters.rules.zones
    if not zones:
        return
    sums: Counter[tuple[int, date]] = Counter()
    for work in batch.new_fulfilments:
        if work.stock_point_id in zones and work.status not in GIVEN_BACK:
            sums[work.stock_point_id, _day(work.planned_at, zones[work.stock_point_id])] += 1
    for work in batch.touched_fulfilments.values():
        if work.stock_point_id in zones and work.status in GIVEN_BACK and work.closed_at == batch.now:
            sums[work.stock_point_id, _day(work.planned_at, zones[work.stock_point_id])] -= 1
    rows = sorted((*key, units) for key, units in sums.items() if units)
    if rows:
        columns = [array_of(column) for column in zip(*rows, strict=True)]
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """insert into stock_capacity (stock_point_id, day)
                   select * from unnest(%s::bigint[], %s::date[]) on conflict (stock_point_id, day) do nothing""",
                columns[:2],
            )
            cursor.execute(
                """update stock_capacity c set used = greatest(0, c.used + v.units)
                   from unnest(%s::bigint[], %s::date[], %s::bigint[]) as v(point, day, units)
                   where c.stock_point_id = v.point and c.day = v.day""",
                columns,
            )


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
