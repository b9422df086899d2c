"""Keyset pages: rows after or before a (time, id) place, never an offset and never a total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, tuple_

#: A row or a statement of whatever columns; what each has is told by the function that makes it.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the cursors of its neighbours; an empty cursor means there is none."""

    rows: list[AnyRow]
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list and the direction to read from it."""

    at: datetime
    id: int
    backwards: bool = False

    def written(self) -> str:
        """The cursor as it stands in an address."""
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{'b' if self.backwards else 'a'}{micros}.{self.id}"


def read_place(cursor: str) -> Place | None:
    """The place a cursor names; None for an empty or a broken one, which starts from the top."""
    micros, dot, id_ = cursor[1:].partition(".")
    if cursor[:1] not in ("a", "b") or not dot or not id_.isdecimal() or not micros.removeprefix("-").isdecimal():
        return None
    try:
        at = _EPOCH + timedelta(microseconds=int(micros))
    except (OverflowError, ValueError):
        return None
    return Place(at, int(id_), cursor[0] == "b") if len(id_) < 19 else None


def read_page(
    connection: Connection,
    statement: AnySelect,
    keys: tuple[ColumnElement[Any], ColumnElement[Any]],
    cursor: str,
    *,
    descending: bool = True,
    size: int = SIZE,
) -> Page:
    """One page of a statement ordered by `keys`; its rows must carry them as `sort_at` and `id`."""
    place = read_place(cursor)
    backwards = place is not None and place.backwards
    downwards = descending != backwards
    if place is not None:
        beyond = tuple_(place.at, place.id)
        statement = statement.where(tuple_(*keys) < beyond if downwards else tuple_(*keys) > beyond)
    order = [key.desc() if downwards else key.asc() for key in keys]
    rows = list(connection.execute(statement.order_by(*order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return _with_neighbours(rows, has_before=more if backwards else place is not None, has_after=backwards or more)


def _with_neighbours(rows: list[AnyRow], *, has_before: bool, has_after: bool) -> Page:
    if not rows:
        return Page(rows)
    first, last = rows[0], rows[-1]
    before = Place(first.sort_at, first.id, backwards=True).written() if has_before else ""
    after = Place(last.sort_at, last.id).written() if has_after else ""
    return Page(rows, before, after)
