"""A row people filled in, with what is wrong with it, and the cells that all rows of an order share. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from oms.app.capture.entered.cells import Unreadable
from oms.app.capture.entered.columns import BY_KEY, OF_ORDER

T = TypeVar("T")
MISSING = "must be filled in"
DIFFERS = "differs from another row of this order; write the same or leave it empty"


@dataclass(slots=True)
class Row:
    """Cells by column, and what is wrong with them: (column, words); the column "" is the row as a whole."""

    cells: dict[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, column: str, words: str) -> None:
        """Note a problem, once."""
        if (column, words) not in self.problems:
            self.problems.append((column, words))

    def read(self, key: str, reader: Callable[[str], T], default: T, *, needed: bool | None = None) -> T:
        """A cell read by `reader`; the default when it cannot be, with the problem noted."""
        text = self.cells.get(key, "").strip()
        if not text and (BY_KEY[key].needed if needed is None else needed):
            self.refuse(key, MISSING)
            return default
        try:
            return reader(text)
        except Unreadable as error:
            self.refuse(key, error.words)
            return default


class Head:
    """The cells all rows of an order share: stated once or the same in each."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._owner = {key: _owner(rows, key) for key in OF_ORDER}

    def read(self, key: str, reader: Callable[[str], T], default: T, *, needed: bool | None = None) -> T:
        """A cell read by `reader`; a problem is noted at the row that has it."""
        return self._owner[key].read(key, reader, default, needed=needed)

    def refuse(self, key: str, words: str) -> None:
        """Note a problem of a shared cell."""
        self._owner[key].refuse(key, words)


def _owner(rows: Sequence[Row], key: str) -> Row:
    """The first row with a value; another value in a later row is a problem of that row."""
    filled = [row for row in rows if row.cells.get(key, "").strip()]
    for row in filled[1:]:
        if row.cells[key].strip() != filled[0].cells[key].strip() and key != "shop":
            row.refuse(key, DIFFERS)
    return filled[0] if filled else rows[0]
