"""Reads single values of JD's JSON: amounts, times, numbers, results in wrappers. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from connectors.contract.errors import BadRecord
from connectors.contract.money import to_minor
from connectors.contract.reading import Json as Json
from connectors.contract.reading import tree

tree_of = tree
_CHINA_OFFSET = timedelta(hours=8)
#: Larger amounts do not fit a database's bigint.
_MOST_FEN = 10**15
#: How the platform writes that there is no time.
_NO_TIMES = ("0001-01-01", "1970-01-01")
_DEEPEST = 4


def found_under(tree: Any, name: str, depth: int = _DEEPEST) -> Any:
    """The first value called `name`, however the platform wraps it this time; None when there is none."""
    if not isinstance(tree, dict) or not depth:
        return None
    if name in tree:
        return tree[name]
    return next((hit for inner in tree.values() if (hit := found_under(inner, name, depth - 1)) is not None), None)


def rows(value: Any, field: str) -> list[Json]:
    """A list of objects; missing is empty, a single object is a list of one."""
    if value is None or value == "":
        return []
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadRecord("this is not a list of objects", field=field)
    return found


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty. Whole numbers stay exact."""
    value = record.get(field)
    if value is None:
        return ""
    if type(value) is str:
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def code(record: Json, field: str) -> str:
    """The number of a value like "4-在线支付", "4" or 4."""
    return text(record, field).partition("-")[0].strip()


def required(record: Json, field: str) -> str:
    """An id that must be there."""
    value = text(record, field)
    if not value or value == "0":
        raise BadRecord("this is missing", field=field)
    return value


def fen(record: Json, field: str) -> int:
    """An amount written in yuan, as fen, never negative; missing is 0."""
    value = record.get(field)
    if value is None or value == "":
        return 0
    try:
        return _fen_of(value)
    except (ValueError, TypeError):
        # Numbers come as floats, and a float of whole fen may be a hair beside it.
        exact = f"{value:.2f}" if type(value) is float else value
        return _checked(to_minor(exact, field), field)


@lru_cache(maxsize=16384)
def _fen_of(value: str) -> int:
    """`"210.30"` → 21030; ValueError for any other form, which the slow way then judges."""
    if value[-3:-2] != "." or not (value[:-3].isdigit() and value[-2:].isdigit() and len(value) < 16):
        raise ValueError(value)
    return int(value[:-3]) * 100 + int(value[-2:])


def whole(record: Json, field: str) -> int:
    """A whole number, given as number or text, never negative; missing is 0. Fields in fen are such."""
    value = record.get(field)
    if value is None or value == "":
        return 0
    if type(value) is int:
        return _checked(value, field)
    try:
        return _checked(int(str(value)), field)
    except ValueError:
        raise BadRecord("this is not a whole number", field=field) from None


def _checked(amount: int, field: str) -> int:
    if not 0 <= amount < _MOST_FEN:
        raise BadRecord("this number is negative or too large", field=field)
    return amount


def moment(record: Json, field: str) -> datetime | None:
    """A naive time of China's clock, as aware UTC; missing and the platform's "none" are None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15 09:40:01", field=field) from None


def needed_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime | None:
    if value.startswith(_NO_TIMES):
        return None
    if len(value) != 19 or value[10] != " ":
        raise ValueError(value)
    return (datetime.fromisoformat(value) - _CHINA_OFFSET).replace(tzinfo=UTC)


def soft_moment(record: Json, field: str) -> datetime | None:
    """A promised time that may also be words or a bare day; what is no time is None."""
    value = record.get(field)
    if not isinstance(value, str) or len(value) != 19:
        return None
    try:
        return _moment_of(value)
    except (ValueError, OverflowError):
        return None
