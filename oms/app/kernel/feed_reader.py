"""Reading the change feed since a cursor: nothing is lost or told out of order, however transactions commit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from oms.domain.errors import Invalid

#: A transaction that began before midnight may write under the month before; one month back covers it.
_MONTHS = text(
    """
    select month::date from generate_series(
        coalesce(cast(:since as date), (select min(month) from change_feed)) - interval '1 month',
        current_date + interval '1 month', interval '1 month') month
    """
)
# Each month is its own partition, whose key serves this order; the window ends below every running transaction.
_READ = text(
    """
    select f.month, f.xid::text as xid, f.id, f.kind, f.document_id, f.shop_id
    from unnest(cast(:months as date[])) m(month) cross join lateral (
        select c.month, c.xid, c.id, c.kind, c.document_id, c.shop_id from change_feed c
        where c.month = m.month and (c.xid, c.id) > (cast(cast(:xid as text) as xid8), :id)
          and c.xid < pg_snapshot_xmin(pg_current_snapshot())
          and (c.shop_id is null or c.shop_id = any(:shops))
          and (cast(:kind as text) is null or c.kind = :kind)
        order by c.xid, c.id limit :limit) f
    order by f.xid, f.id limit :limit
    """
)
_NOW = text("select pg_snapshot_xmin(pg_current_snapshot())::text, date_trunc('month', current_date)::date")
#: No feed is older or younger; the database cannot go a month further back than its first day.
FIRST_YEAR, LAST_YEAR = 2000, 9000
REMEDY = "leave the cursor out to read from the beginning, or send `now` to start with what comes next"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed: everything up to and with (xid, id) has been read."""

    month: date | None = None
    xid: int = 0
    id: int = 0

    def written(self) -> str:
        """The opaque cursor."""
        month = f"{self.month:%Y%m}" if self.month else ""
        return base64.urlsafe_b64encode(f"1.{month}.{self.xid}.{self.id}".encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Change:
    """A document that changed."""

    kind: str
    document_id: int
    shop_id: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """One read: the changes and the cursor to go on with; `more` when another read would find something at once."""

    rows: list[Change]
    cursor: str
    more: bool


def read_changes(
    connection: Connection, shop_ids: Sequence[int], cursor: str = "", *, kind: str | None = None, limit: int = 200
) -> Changes:
    """What changed since a cursor, oldest first; a document that changed twice is told twice.

    `cursor` empty reads from the beginning, `now` answers only a cursor for what comes next.
    """
    if cursor == "now":
        return Changes([], _end(connection).written(), False)
    place = read_cursor(cursor)
    months = list(connection.execute(_MONTHS, {"since": place.month and place.month.replace(day=1)}).scalars())
    given = {"months": months, "xid": str(place.xid), "id": place.id, "shops": list(shop_ids), "kind": kind}
    rows = list(connection.execute(_READ, given | {"limit": limit + 1}))
    more, rows = len(rows) > limit, rows[:limit]
    end = Place(rows[-1].month, int(rows[-1].xid), rows[-1].id) if rows else place
    return Changes([Change(row.kind, row.document_id, row.shop_id) for row in rows], end.written(), more)


def read_cursor(cursor: str) -> Place:
    """The place a cursor names, or Invalid."""
    if not cursor:
        return Place()
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
        version, month, xid, id_ = plain.split(".")
        place = Place(date(int(month[:4]), int(month[4:]), 1) if month else None, int(xid), int(id_))
    except (ValueError, binascii.Error):
        raise Invalid("cursor", "this is no cursor of the change feed", REMEDY) from None
    is_told = place.month is None or FIRST_YEAR <= place.month.year <= LAST_YEAR
    if version != "1" or not is_told or not 0 <= place.xid < 2**63 or not 0 <= place.id < 2**63:
        raise Invalid("cursor", "this is no cursor of the change feed", REMEDY)
    return place


def _end(connection: Connection) -> Place:
    """Just below the oldest running transaction: whatever it or a later one writes is still to come."""
    xmin, month = connection.execute(_NOW).one()
    return Place(month, int(xmin) - 1, 2**63 - 1)
