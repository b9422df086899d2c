"""Facts as a decision keeps them: JSON without anything personal, and read back to the same values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from rules.facts import UNKNOWN
from rules.model import FactSpec, ValueType

#: What a kept fact says instead of a value that is not known, and beside the keyed hash of one that is personal.
NOT_KNOWN: Final = {"unknown": True}
SEALED: Final = "sealed"


def write_facts(facts: Mapping[str, object]) -> bytes:
    """Facts as JSON, keys sorted; what is sealed must have been replaced by its hash already."""
    return orjson.dumps(facts, default=_written, option=orjson.OPT_SORT_KEYS)


def read_facts(kept: bytes, specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    """Facts that a decision kept; those that the vocabulary knows no more come back as JSON types.

    A sealed one comes back as `{"sealed": hash}`: ask the receiver for its value and compare.
    """
    return {name: _read(value, specs.get(name)) for name, value in orjson.loads(kept).items()}


def _written(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is UNKNOWN:
        return NOT_KNOWN
    raise TypeError(f"{type(value).__name__} is not a fact")


def _read(value: Any, spec: FactSpec | None) -> Any:
    if value == NOT_KNOWN:
        return UNKNOWN
    if spec is None or value is None or isinstance(value, dict):
        return value
    if spec.type is ValueType.SET:
        return frozenset(value)
    if spec.type is ValueType.DATETIME:
        return datetime.fromisoformat(value)
    return Decimal(value) if spec.type is ValueType.DECIMAL else value
