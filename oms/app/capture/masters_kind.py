"""What a table of master rows is made of: its columns, how a row is read, how its rows are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oms.app.capture.entered.cells import Unreadable, read_moment
from oms.app.capture.entered.columns import Column
from oms.app.capture.entered.rows import Row
from oms.db.sealed import KeyRing

#: Times without an offset are of this zone, as everywhere at the console.
ZONE: Final = "Asia/Shanghai"
EVERYWHERE: Final = frozenset({"", "*", "全部", "全部店铺", "所有", "all"})


@dataclass(slots=True)
class Books:
    """What names in a file stand for, folded to small letters; keys make blinds of what must not be kept."""

    keys: KeyRing
    now: datetime
    skus: Mapping[str, int] = field(default_factory=dict)
    shops: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    carriers: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, int] = field(default_factory=dict)
    bundles: Mapping[str, int] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)  # by name of a province or city, digits of its code
    partners: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # number, currency


@dataclass(frozen=True, slots=True)
class Kind:
    """A table: its columns, how a row becomes values, and how many of the first of these tell rows apart."""

    code: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    read: Callable[[Row, Books], tuple[Any, ...]]
    key: int


@dataclass(frozen=True, slots=True)
class Listing:
    """How a table is listed and a row of it removed; `key` is the text that names a row, and pages go by `sort`."""

    rows: str
    key: str
    sort: str
    remove: str


def read_known(book: Mapping[str, Any], words: str) -> Callable[[str], Any]:
    """A reader of names that are in a book; `words` say what to do about others."""

    def read(text: str) -> Any:
        found = book.get(text.casefold())
        if found is None:
            raise Unreadable(words)
        return found

    return read


def read_when(text: str) -> datetime | None:
    """A moment of the console's zone; nothing is None."""
    return read_moment(text, ZONE)
