"""每日核账: the whole ledger is added up every night and compared with the levels; what differs is kept and told."""

from __future__ import annotations

from datetime import date, timedelta
from time import perf_counter
from typing import Final

from sqlalchemy import text

from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.db.bulk import copy_rows

#: The night of those who run the hub: the proof begins from three o'clock in China on.
AHEAD, FROM_HOUR = timedelta(hours=8), 3
MOST_KEPT: Final = 1000
#: One statement sees one moment, so that what is booked meanwhile makes no difference.
COMPARED: Final = text("""
with ledger as materialized (select stock_point_id, sku_id, kind, sum(on_hand) as on_hand, sum(reserved) as reserved,
    count(*) as rows from stock_movement group by 1, 2, 3),
compared as (select stock_point_id, sku_id, kind, coalesce(s.on_hand, 0) as on_hand, coalesce(l.on_hand, 0) as summed,
    coalesce(s.reserved, 0) as reserved, coalesce(l.reserved, 0) as held, coalesce(l.rows, 0) as rows
  from stock_level s full join ledger l using (stock_point_id, sku_id, kind))
select stock_point_id, sku_id, kind, on_hand, summed::bigint, reserved, held::bigint,
  (select count(*) from stock_level), (select coalesce(sum(rows), 0)::bigint from ledger), count(*) over ()
from compared where on_hand <> summed or reserved <> held order by abs(on_hand - summed) desc, 1, 2, 3 limit :most""")
COUNTED: Final = text("select (select count(*) from stock_level), (select count(*) from stock_movement)")
LINE: Final = ("day", "stock_point_id", "sku_id", "kind", "on_hand", "on_hand_ledger", "reserved", "reserved_ledger")
INSERT: Final = text("""
insert into stock_proof (day, made_at, levels, movements, differing, milliseconds)
values (:day, :at, :levels, :movements, :differing, :ms) on conflict (day) do update set made_at = excluded.made_at,
  levels = excluded.levels, movements = excluded.movements, differing = excluded.differing,
  milliseconds = excluded.milliseconds""")


def prove_nightly(hub: Hub) -> int:
    """Prove the ledger unless that was done tonight; the clock calls it every hour."""
    local = hub.clock() + AHEAD
    if local.hour < FROM_HOUR:
        return 0
    with hub.engine.connect() as connection:
        if connection.scalar(text("select 1 from stock_proof where day = :day"), {"day": local.date()}):
            return 0
    prove(hub, local.date())
    return 1


def prove(hub: Hub, day: date) -> int:
    """Add the ledger up and compare; answers how many levels differ. Proving a day again replaces its row."""
    began = perf_counter()
    with hub.begin() as connection:
        connection.execute(text("set local lock_timeout = 0"))
        rows = connection.execute(COMPARED, {"most": MOST_KEPT}).all()
        levels, movements = rows[0][7:9] if rows else connection.execute(COUNTED).one()
        differing = rows[0][9] if rows else 0
        spent = round((perf_counter() - began) * 1000)
        told = {"day": day, "at": hub.clock(), "levels": levels, "movements": movements, "differing": differing}
        connection.execute(INSERT, told | {"ms": spent})
        connection.execute(text("delete from stock_proof_line where day = :day"), {"day": day})
        copy_rows(connection, "stock_proof_line", LINE, [(day, *row[:7]) for row in rows])
        if differing:
            raise_alert(connection, "stock_proof", day.isoformat(), f"{differing} levels are not the sum of their ledger")
    return int(differing)
