"""Master rows from a file: every row is read, good ones are written in one transaction, the others come back to correct.

The same file twice changes nothing. What a blacklist names is kept as a keyed hash alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.capture import masters_import_settling as settling
from oms.app.capture import masters_import_transit as transit
from oms.app.capture.entered.columns import TEMPLATE, MissingColumns
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import_kinds import KINDS
from oms.app.capture.masters_import_writing import WRITERS
from oms.app.capture.masters_kind import Books, Kind
from oms.app.capture.sheets import read_table
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid, NotFound

TWICE: Final = "another row of this file says otherwise; keep one of them"
NO_MEMBER: Final = "no customer of this channel has this member number"
NAMES: Final = {
    "skus": "select code, id from sku where not is_archived",
    "shops": "select name, id from shop union all select code, id from shop",
    "channels": "select label_zh, id from channel union all select label_en, id from channel"
    " union all select code, id from channel",
    "carriers": "select name, id from carrier union all select code, id from carrier",
    "levels": "select code, code from member_level",
    "points": "select code, id from stock_point where state <> 'closed'",
    **settling.NAMES,
    **transit.NAMES,
}
#: Which names a table's rows are read with.
NEEDED: Final = {
    "cost": ("skus",), "floor": ("skus", "shops"), "sku": ("skus",), "coverage": ("carriers",),
    "tariff": ("carriers", "points"),
    "member": ("channels", "levels"),
    **settling.NEEDED,
    **transit.NEEDED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file came to: its rows, how many of them changed something or were kept so already, and those refused."""

    rows: int
    changed: int
    refused: tuple[Row, ...]

    @property
    def same(self) -> int:
        """Rows that said what was kept already."""
        return self.rows - self.changed - len(self.refused)


def kind_of(code: str) -> Kind:
    """A table of master rows; NotFound when there is none of this code."""
    if code not in KINDS:
        raise NotFound("there is no such table of master rows", f"use one of {', '.join(KINDS)}")
    return KINDS[code]


def import_masters(hub: Hub, code: str, body: bytes, actor: str) -> Imported:
    """Bring a file's rows into a table; Invalid when it is no such table."""
    kind = kind_of(code)
    return put_masters(hub, code, rows_of(kind, read_table(body)), actor)


def put_masters(hub: Hub, code: str, rows: Sequence[Row], actor: str) -> Imported:
    """Write the rows that can be read, set-wise; the others have their problems noted."""
    kind = kind_of(code)
    with hub.begin() as connection:
        # Two files of one table wait for each other, so that neither overwrites what it has not seen.
        fetch(connection, "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text", (f"masters {code}",))
        books = _books(hub, connection, code)
        good = _read(kind, rows, books)
        changed, unknown = (WRITERS | settling.WRITERS | transit.WRITERS)[code](hub, connection, list(good), actor)
        for at in unknown:
            good[at].refuse("", NO_MEMBER)
        refused = tuple(row for row in rows if row.problems)
        if changed:
            leave_trail(hub, connection, "masters_changed", actor, {"table": code, "rows": changed})
    hub.masters.forget()
    return Imported(len(rows), changed, refused)


def rows_of(kind: Kind, table: Sequence[Sequence[str]]) -> list[Row]:
    """The rows of a file under its headings, in any order of columns."""
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", TEMPLATE)
    written = [" ".join(text.replace("*", " ").lower().split()) for text in table[0]]
    places: dict[str, int] = {}
    for column in kind.columns:
        found = [at for at, text in enumerate(written) if text in (column.zh, column.en)]
        if len(found) > 1:
            raise Invalid("file", "two columns have the same heading", "keep one of them")
        if found:
            places[column.key] = found[0]
    missing = [column for column in kind.columns if column.needed and column.key not in places]
    if missing:
        raise MissingColumns(missing)
    return [Row({key: cells[at] if at < len(cells) else "" for key, at in places.items()}) for cells in table[1:]]


def _books(hub: Hub, connection: Connection, code: str) -> Books:
    found = {
        name: {str(word).casefold(): value for word, value in fetch(connection, NAMES[name])}
        for name in NEEDED.get(code, ())
    }
    return Books(hub.keys, hub.clock(), **found)


def _read(kind: Kind, rows: Sequence[Row], books: Books) -> dict[tuple[Any, ...], Row]:
    """Values by row that can be read; of rows about the same thing the first counts, and others must say the same."""
    by_key: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    good: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        values = kind.read(row, books)
        if row.problems:
            continue
        key = values[: kind.key]
        if by_key.setdefault(key, values) != values:
            row.refuse("", TWICE)
        else:
            good.setdefault(values, row)
    return good
