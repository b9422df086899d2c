"""Transit hours by origin and destination from files: columns, reading, writing and listing of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.capture.entered.cells import Unreadable
from oms.app.capture.entered.columns import Column
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import_writing import Values, Written
from oms.app.capture.masters_kind import EVERYWHERE, Books, Kind, Listing
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch

NO_PLACE: Final = "there is no province or city of this name; look at its spelling, or write the digits of its code"
NO_HOURS: Final = "write whole hours from 1 to 2400"
#: A hundred days.
LONGEST: Final = 2_400
WRITE: Final = """
insert into transit_time as t (from_prefix, to_prefix, hours) select * from unnest(%s::text[], %s::text[], %s::int[])
on conflict (from_prefix, to_prefix) do update set hours = excluded.hours where t.hours <> excluded.hours returning 1"""


def _transit(row: Row, books: Books) -> tuple[Any, ...]:
    here, there = (row.read(key, _place(books), "", needed=False) for key in ("from_division", "to_division"))
    return here, there, row.read("hours", _hours, 0, needed=True)


def _place(books: Books) -> Callable[[str], str]:
    """The first digits of a division code: written so, or of a province or city by its name."""

    def read(text: str) -> str:
        word = text.casefold()
        if word in EVERYWHERE:
            return ""
        if text.isascii() and text.isdigit() and 2 <= len(text) <= 12:
            return text
        if word not in books.divisions:
            raise Unreadable(NO_PLACE)
        return books.divisions[word]

    return read


def _hours(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= LONGEST:
        raise Unreadable(NO_HOURS)
    return int(text)


TRANSIT: Final = Kind("transit", "在途时效", "Transit hours", (
    Column("from_division", "始发地区", "from"), Column("to_division", "到达地区", "to"),
    Column("hours", "小时", "hours", needed=True),
), _transit, 2)  # fmt: skip


def _write(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    if not rows:
        return 0, []
    return len(fetch(connection, WRITE, [list(column) for column in zip(*rows, strict=True)])), []


WRITERS: Final = {"transit": _write}
#: Provinces and cities by name, also without their last word where that names one alone.
NAMES: Final = {
    "divisions": """
      with known as (select name, left(code, case level when 1 then 2 else 4 end) as code from division
          where level in (1, 2) and not is_pseudo),
        words as (select name, code from known union select regexp_replace(name, '(省|市)$', ''), code from known)
      select name, min(code) from words group by name having count(distinct code) = 1""",
}
NEEDED: Final = {"transit": ("divisions",)}
LISTINGS: Final = {
    "transit": Listing(
        """select t.from_prefix, t.to_prefix, t.hours, coalesce(f.name, '') as from_name, coalesce(d.name, '') as to_name,
             t.from_prefix || '>' || t.to_prefix as key
           from transit_time t left join division f on t.from_prefix <> '' and f.code = rpad(t.from_prefix, 6, '0')
           left join division d on t.to_prefix <> '' and d.code = rpad(t.to_prefix, 6, '0')
           where :words = '' or :words in (t.from_prefix, t.to_prefix) or f.name ilike :like or d.name ilike :like""",
        "key", "key", "delete from transit_time where from_prefix || '>' || to_prefix = :key",
    ),
}  # fmt: skip
