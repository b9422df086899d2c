"""Reads single values of Suning's JSON: amounts, times, numbers, rows. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord

Json = Mapping[str, Any]

_OBJECTS = frozenset({dict})
_CHINA_OFFSET = timedelta(hours=8)
#: Larger amounts do not fit a database's bigint.
_MOST_FEN = 10**15


def document(body: bytes, *names: str) -> Json:
    """The one object under the first of `names` in a stored document, or in a whole answer of the platform."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field=names[0]) from None
    if isinstance(tree, dict):
        content = tree.get("sn_responseContent")
        inner = content.get("sn_body") if isinstance(content, dict) else tree
        if isinstance(inner, dict):
            found = next((rows(inner[name], name) for name in names if name in inner), [])
            if len(found) == 1:
                return found[0]
    raise BadRecord(f"there is no single {names[0]} object in the document", field=names[0])


def rows(value: Any, field: str) -> list[Json]:
    """A list of objects; the gateway writes a single one without its list, and none as nothing."""
    if type(value) is dict:
        return [value]
    if not value:
        return []
    if type(value) is not list or not _OBJECTS.issuperset(map(type, value)):
        raise BadRecord("this is not a list of objects", field=field)
    return value


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty, and so is an empty object, the gateway's form of an empty element."""
    value = record.get(field)
    if type(value) is str:
        return value
    if value is None or value == {}:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def required(record: Json, field: str) -> str:
    """An id that must be there."""
    value = text(record, field)
    if not value:
        raise BadRecord("this is missing", field=field)
    return value


def fen(record: Json, field: str, units: int = 1) -> int:
    """An amount written in yuan with up to five decimals, times `units`, as fen; missing is 0."""
    value = text(record, field)
    if not value:
        return 0
    try:
        return _fen_of(value, units)
    except (ArithmeticError, ValueError):
        raise BadRecord("this is not an amount", field=field) from None


@lru_cache(maxsize=16384)
def _fen_of(value: str, units: int) -> int:
    try:
        scaled = Decimal(value) * 100 * units
        amount = int(scaled.quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        raise ValueError(value) from None
    if not -_MOST_FEN < amount < _MOST_FEN:
        raise ValueError(value)
    return amount


def units_of(record: Json, field: str) -> int:
    """A whole number of units, which comes as "2", "2.0" or "2.00000"."""
    try:
        number = Decimal(text(record, field) or "0")
        units = int(number)
    except (ArithmeticError, ValueError):
        raise BadRecord("this is not a number", field=field) from None
    if units != number or not 0 < units < 10**7:
        raise BadRecord("a line needs a whole number of units, at least one", field=field)
    return units


def count_of(record: Json, field: str) -> int:
    """A count in an answer's head; missing or unreadable is -1."""
    value = text(record, field)
    return int(value) if value.isdecimal() else -1


def moment(record: Json, field: str) -> datetime | None:
    """A naive time of China's clock, as aware UTC; missing is None."""
    value = text(record, field)
    if not value:
        return None
    try:
        return _moment_of(value)
    except (ValueError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15 09:40:01", field=field) from None


def needed(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


def soft_moment(record: Json, field: str) -> datetime | None:
    """A time that may be written in a form not published; what is no time is None."""
    try:
        return moment(record, field)
    except BadRecord:
        return None


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime:
    if len(value) != 19 or value[10] != " ":
        raise ValueError(value)
    return (datetime.fromisoformat(value) - _CHINA_OFFSET).replace(tzinfo=UTC)
