"""Facts as a decision keeps them: compressed JSON without anything personal, and read back to the same values."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
import zstandard

from oms.app.rulebook.facts.dictionary import DICTIONARIES, NEWEST
from rules.facts import UNKNOWN
from rules.model import FactSpec, ValueType

#: What a kept fact says instead of a value that is not known, and beside the keyed hash of one that is personal.
NOT_KNOWN: Final = {"unknown": True}
SEALED: Final = "sealed"
#: The cheapest level that still follows the dictionary closely; the next ones cost four times as much.
LEVEL: Final = 3
_MARK: Final = bytes([NEWEST])


class _Packers(threading.local):
    """A compressor and decompressors a thread: making them costs far more than using them."""

    def __init__(self) -> None:
        kept = {number: zstandard.ZstdCompressionDict(words, zstandard.DICT_TYPE_RAWCONTENT)
                for number, words in DICTIONARIES.items()}  # fmt: skip
        kept[NEWEST].precompute_compress(level=LEVEL)
        self.pack = zstandard.ZstdCompressor(level=LEVEL, dict_data=kept[NEWEST]).compress
        self.unpack = {number: zstandard.ZstdDecompressor(dict_data=one).decompress for number, one in kept.items()}


_PACKERS = _Packers()


def write_facts(facts: Mapping[str, object]) -> bytes:
    """Facts as compressed JSON, keys sorted; what is sealed must have been replaced by its hash already."""
    return _MARK + _PACKERS.pack(orjson.dumps(facts, default=_written, option=orjson.OPT_SORT_KEYS))


def read_facts(kept: bytes, specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    """Facts that a decision kept; those that the vocabulary knows no more come back as JSON types.

    A sealed one comes back as `{"sealed": hash}`: ask the receiver for its value and compare.
    """
    return {name: _read(value, specs.get(name)) for name, value in orjson.loads(plain_facts(kept)).items()}


def plain_facts(kept: bytes) -> bytes:
    """The JSON of kept facts, also of those that were kept before there were dictionaries."""
    return kept if kept[:1] == b"{" else _PACKERS.unpack[kept[0]](kept[1:])


def _written(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is UNKNOWN:
        return NOT_KNOWN
    raise TypeError(f"{type(value).__name__} is not a fact")


def _read(value: Any, spec: FactSpec | None) -> Any:
    """The value as its type in Python; one that was of another type when it was kept stays as JSON has it."""
    if value == NOT_KNOWN:
        return UNKNOWN
    if spec is None or value is None or isinstance(value, dict):
        return value
    try:
        if spec.type is ValueType.SET:
            return frozenset(value)
        if spec.type is ValueType.DATETIME:
            return datetime.fromisoformat(value)
        return Decimal(value) if spec.type is ValueType.DECIMAL else value
    except (TypeError, ValueError, ArithmeticError):
        return value
