"""Reads single values of Taobao's JSON: amounts, times, numbers, wrapped lists. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import to_minor

Json = Mapping[str, Any]

_OBJECTS = frozenset({dict})
_CHINA_OFFSET = timedelta(hours=8)
#: Larger amounts do not fit a database's bigint.
_MOST_FEN = 10**15


def document(body: bytes, name: str) -> Json:
    """The object called `name` in an answer's body, or in `{name: …}` as pushes carry it."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field=name) from None
    if isinstance(tree, dict):
        found = tree.get(name)
        if found is None:
            inner = next((value for key, value in tree.items() if key.endswith("_response")), None)
            found = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(found, dict):
            return found
    raise BadRecord(f"there is no {name} object in the document", field=name)


def rows(value: Any, field: str) -> list[Json]:
    """A list of objects that may stand under its wrapper, `{"order": […]}`, or be missing."""
    found = unwrapped(value)
    if not _OBJECTS.issuperset(map(type, found)):
        raise BadRecord("this is not a list of objects", field=field)
    return found


def unwrapped(value: Any) -> list[Any]:
    """A list, plain or under the one key TOP wraps it with; anything else is no list."""
    if isinstance(value, dict):
        value = next((inner for inner in value.values() if isinstance(inner, list)), None)
    return value if isinstance(value, list) else []


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty. Numbers of 18 digits stay exact."""
    value = record.get(field)
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def number_text(record: Json, field: str) -> str:
    """An id: `<field>_str` where there is one, else the number as text."""
    return text(record, field + "_str") or text(record, field)


def required(record: Json, field: str) -> str:
    """An id that must be there."""
    value = number_text(record, field)
    if not value:
        raise BadRecord("this is missing", field=field)
    return value


def fen(record: Json, field: str) -> int:
    """An amount written in yuan, as fen; missing is 0."""
    value = record.get(field)
    if not value and (value is None or value == ""):
        return 0
    try:
        return _fen_of(value)
    except (ValueError, TypeError):
        return _checked(to_minor(value, field), field)


@lru_cache(maxsize=16384)
def _fen_of(value: str) -> int:
    """`"210.30"` → 21030; ValueError for any other form, which the slow way then judges."""
    if value[-3:-2] != "." or not (value[:-3].isdigit() and value[-2:].isdigit() and len(value) < 16):
        raise ValueError(value)
    return int(value[:-3]) * 100 + int(value[-2:])


def whole(record: Json, field: str) -> int:
    """A whole number, given as number or text; missing is 0. Fields in fen are such."""
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
    if not -_MOST_FEN < amount < _MOST_FEN:
        raise BadRecord("this number is too large", field=field)
    return amount


def moment(record: Json, field: str) -> datetime | None:
    """A naive time of China's clock, as aware UTC; missing is None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15 09:40:01", field=field) from None


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime:
    if len(value) != 19 or value[10] != " ":
        raise ValueError(value)
    return (datetime.fromisoformat(value) - _CHINA_OFFSET).replace(tzinfo=UTC)


def soft_moment(record: Json, field: str) -> datetime | None:
    """A promise time that may also be words ("付款后2天内") or a bare day; what is no time is None."""
    value = record.get(field)
    if not isinstance(value, str) or len(value) != 19:
        return None
    try:
        return _moment_of(value)
    except (ValueError, OverflowError):
        return None


def truthy(record: Json, field: str) -> bool:
    """A mark, given as true, 1, "1" or "true"."""
    return record.get(field) in (True, 1, "1", "true", "TRUE", "True")
