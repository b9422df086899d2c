"""What the stock pages list: levels, the ledger behind them, who holds their units; for the API the ledger in order."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.domain.errors import Invalid

SIZE: Final = 50
#: What a list of levels may be narrowed to.
STATES: Final = ("oversold", "low", "owed", "none")
_WHERE: Final = {
    "": "true",
    "oversold": "s.reserved > s.on_hand",
    "low": "s.on_hand - s.reserved <= s.safety",
    "owed": "s.owed > 0",
    "none": "s.on_hand = 0",
}
_LEVELS: Final = """
select s.stock_point_id, s.sku_id, s.kind, k.code as sku, k.name, p.code as point, p.name as point_name,
       s.on_hand, s.reserved, s.safety, greatest(0, s.on_hand - s.reserved - s.safety) as sellable, s.owed, s.counted_at
from stock_level s join sku k on k.id = s.sku_id join stock_point p on p.id = s.stock_point_id
where (:words = '' or k.code ilike :like or k.name ilike :like) and (cast(:point as bigint) is null or p.id = :point)
  and (:kind = '' or s.kind = :kind) and {state} and (k.code, p.code, s.kind) > (:sku, :place, :after)
order by k.code, p.code, s.kind limit :size"""
LEDGER: Final = text("""
select m.id, m.month, m.at, m.as_of, m.stock_point_id, m.sku_id, m.kind, m.on_hand, m.reserved, m.reason,
       m.document_kind, m.document_id, k.code as sku, p.code as point
from stock_movement m join sku k on k.id = m.sku_id join stock_point p on p.id = m.stock_point_id
where m.stock_point_id = :point and m.sku_id = :sku and (:kind = '' or m.kind = :kind)
  and (not :moved or m.on_hand <> 0) and (m.at, m.id) < (:at, :id)
order by m.at desc, m.id desc limit :size""")
SUMS: Final = text("""
select s.kind, sum(s.on_hand)::bigint as on_hand, sum(s.reserved)::bigint as reserved,
  count(*) filter (where s.kind = 'good' and s.reserved > s.on_hand) as oversold
from stock_level s where s.sku_id = :sku group by s.kind""")


@dataclass(frozen=True, slots=True)
class Levels:
    """One page of levels; `after` goes on with the next one."""

    rows: Sequence[AnyRow]
    after: str


def list_levels(
    connection: Connection, *, words: str = "", point: int | None = None, kind: str = "", state: str = "",
    after: str = "", size: int = SIZE,
) -> Levels:  # fmt: skip
    """Levels by SKU, stock point and kind that meet the filters."""
    sku, place, last = [*after.split("\x1f"), "", "", ""][:3]
    given = {
        "words": words, "like": f"%{words}%", "point": point, "kind": kind, "sku": sku, "place": place, "after": last,
        "size": size + 1,
    }  # fmt: skip
    rows = connection.execute(text(_LEVELS.format(state=_WHERE.get(state, "true"))), given).all()
    following = rows[size - 1] if len(rows) > size else None
    return Levels(rows[:size], "\x1f".join((following.sku, following.point, following.kind)) if following else "")


def level_rows(connection: Connection, point_id: int, sku_id: int) -> Sequence[AnyRow]:
    """All kinds of a SKU at a stock point."""
    statement = text("""select s.*, k.code as sku, k.name, p.code as point, p.name as point_name,
        greatest(0, s.on_hand - s.reserved - s.safety) as sellable from stock_level s join sku k on k.id = s.sku_id
        join stock_point p on p.id = s.stock_point_id where s.stock_point_id = :point and s.sku_id = :sku
        order by s.kind""")
    return connection.execute(statement, {"point": point_id, "sku": sku_id}).all()


def ledger_of(
    connection: Connection, point_id: int, sku_id: int, *, kind: str = "", moved: bool = False, after: str = ""
) -> Levels:
    """The ledger of a SKU at a stock point, newest first; with `moved` without what only promised units."""
    place = _read(after) or (datetime(9999, 1, 1, tzinfo=UTC), 0)
    given = {"point": point_id, "sku": sku_id, "kind": kind, "moved": moved, "at": place[0], "id": place[1],
             "size": SIZE + 1}  # fmt: skip
    rows = connection.execute(LEDGER, given).all()
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    return Levels(rows[:SIZE], _written(last.at, last.id) if last else "")


#: A movement is told once nothing older can come any more: no transaction of any process is as old.
_SETTLED: Final = text("""
select least(now(), min(a.xact_start)) - interval '10 seconds' from pg_stat_activity a
where a.datname = current_database() and a.xact_start is not null and a.pid <> pg_backend_pid()""")
_FEED: Final = text("""
select m.id, m.at, m.as_of, m.kind, m.on_hand, m.reserved, m.reason, m.document_kind, m.document_id,
       k.code as sku, p.code as stock_point
from stock_movement m join sku k on k.id = m.sku_id join stock_point p on p.id = m.stock_point_id
where m.month >= cast(:month as date) and m.at >= :at and m.at < :until and (m.at, m.id) > (:at, :id)
order by m.at, m.id limit :size""")
_FIRST: Final = text("select min(at) from stock_movement where at >= :since")
#: The first stretch of time that is read; twice as long as long as too little was found.
STRETCH: Final = timedelta(minutes=1)


def movements_since(connection: Connection, cursor: str, size: int = 200) -> tuple[list[Any], str, bool]:
    """The ledger in the order of booking since a cursor: (rows, the cursor to go on with, whether more is there).

    What was booked within the last ten seconds, or while an older transaction runs, is told by the next read.
    """
    settled: datetime = connection.execute(_SETTLED).scalar_one()
    place = _read(cursor)
    if cursor and place is None:
        raise Invalid("cursor", "this is no cursor of the ledger", "leave it out to read from the beginning")
    if place is None:
        first = connection.execute(_FIRST, {"since": datetime(2000, 1, 1, tzinfo=UTC)}).scalar()
        place = (first or settled, 0)
    at, id_ = place
    stretch, until = STRETCH, at
    rows: list[Any] = []
    while len(rows) <= size and until < settled:
        until = min(settled, at + stretch)
        stretch *= 4
        given = {"month": (at - timedelta(days=1)).date().replace(day=1), "at": at, "until": until, "id": id_}
        rows = list(connection.execute(_FEED, given | {"size": size + 1}))
    more, rows = len(rows) > size, rows[:size]
    end = (rows[-1].at, rows[-1].id) if rows else (at, id_)
    return rows, _written(*end), more


def _written(at: datetime, id_: int) -> str:
    plain = f"{int(at.timestamp() * 1_000_000)}.{id_}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int] | None:
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
        micros, _, id_ = plain.partition(".")
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros)), int(id_)
    except (ValueError, binascii.Error, OverflowError):
        return None
