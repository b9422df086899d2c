"""The facts of a past decision as far as they can still be told: sealed ones are asked of the receiver and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.receivers import Opened, open_receivers
from oms.app.rulebook.facts.keeping import SEALED, read_facts
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.facts import UNKNOWN
from rules.model import FactSpec, ValueType

#: Why the value of a fact is not shown, or not judged again.
HIDDEN: Final = "sealed"  # It is personal, and still what it was.
CHANGED: Final = "changed"  # It is personal, and another one now.
ERASED: Final = "erased"  # It is personal, and the order's key is gone.
NOT_KNOWN: Final = "unknown"  # It could not be told then.
NOT_KEPT: Final = "not_kept"  # The decision did not look at it.
RETYPED: Final = "retyped"  # It was of another type then.
_TYPES: Final = {
    ValueType.BOOL: bool, ValueType.DECIMAL: Decimal, ValueType.TEXT: str, ValueType.CODE: str,
    ValueType.SET: frozenset, ValueType.DATETIME: datetime,
}  # fmt: skip
#: Marks of facts that cannot be judged again.
GONE: Final = frozenset({CHANGED, ERASED, RETYPED})

PLAIN: Final[Mapping[str, Callable[[Opened], str]]] = {
    "receiver.name": lambda opened: opened[0].name,
    "receiver.phone": lambda opened: opened[0].phone if opened[0].phone.strip() else opened[0].telephone,
    "receiver.town": lambda opened: opened[0].town,
    "receiver.street": lambda opened: opened[0].address,
    "receiver.postcode": lambda opened: opened[0].postcode,
    "order.memo": lambda opened: opened[1]["memo"],
    "order.message": lambda opened: opened[1]["message"],
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Facts to judge by, and as they were kept; `marks` say of facts why their value is not shown.

    `unknown_names` are kept facts that the vocabulary knows no more, or knows as of another type.
    """

    facts: Mapping[str, Any]
    kept: Mapping[str, Any]
    marks: Mapping[str, str]
    unknown_names: tuple[str, ...] = ()

    @property
    def gone(self) -> frozenset[str]:
        """Facts that cannot be judged again."""
        return frozenset(name for name, mark in self.marks.items() if mark in GONE)


class Sealed:
    """The plain receiver of an order, opened when the first sealed fact asks for it."""

    def __init__(self, hub: Hub, connection: Connection, order_id: int) -> None:
        self._hub, self._connection, self._order_id = hub, connection, order_id

    @cached_property
    def _opened(self) -> Opened | None:
        return open_receivers(self._hub, self._connection, [self._order_id]).get(self._order_id)

    def look(self, name: str, kept: str) -> tuple[Any, str]:
        """(value, mark) of a sealed fact: its value only while it is the one whose hash was kept."""
        if self._opened is None:
            return UNKNOWN, ERASED
        value = PLAIN[name](self._opened) if name in PLAIN else ""
        is_same = bytes.fromhex(kept) in self._hub.keys.blinds(name, value)
        return (value, HIDDEN) if is_same else (UNKNOWN, CHANGED)


def see(kept: bytes | None, sealed: Sealed) -> Sight:
    """The facts that a decision kept, as far as they can still be told."""
    found = read_facts(kept, VOCABULARY.facts) if kept else {}
    facts: dict[str, Any] = dict(found)
    marks: dict[str, str] = {}
    for name, value in found.items():
        if value is UNKNOWN:
            marks[name] = NOT_KNOWN
        elif isinstance(value, dict) and isinstance(value.get(SEALED), str):
            facts[name], marks[name] = sealed.look(name, value[SEALED])
        elif not _fits(value, VOCABULARY.facts.get(name)):
            facts[name], marks[name] = UNKNOWN, RETYPED
    lost = (found.keys() - VOCABULARY.facts.keys()) | {name for name, mark in marks.items() if mark == RETYPED}
    return Sight(facts, found, marks, tuple(sorted(lost)))


def _fits(value: Any, spec: FactSpec | None) -> bool:
    """Whether a kept value is of the type that its fact has today."""
    return spec is None or value is None or isinstance(value, _TYPES.get(spec.type, int))
