"""Reads single values of a JSON document; vendors add what only they have. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord

Json = Mapping[str, Any]
EMPTY: Json = {}

#: Larger amounts do not fit a database's bigint.
MOST = 10**15


def tree(body: bytes, field: str) -> Json:
    """The object a body holds; `field` is what it was to tell."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field=field) from None
    if not isinstance(found, dict):
        raise BadRecord("this is not an object", field=field)
    return found


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def required(record: Json, field: str, where: str = "") -> str:
    """A text that must be there."""
    value = text(record, field)
    if not value:
        raise BadRecord("this is missing", field=where or field)
    return value


def inner(record: Json, field: str) -> Json:
    """An object; missing is an empty one."""
    value = record.get(field)
    if value is None:
        return EMPTY
    if isinstance(value, dict):
        return value
    raise BadRecord("this is not an object", field=field)


def rows(record: Json, field: str) -> list[Json]:
    """The objects of a list; missing is none."""
    value = record.get(field)
    if value is None:
        return []
    if isinstance(value, list):
        for row in value:
            if not isinstance(row, dict):
                break
        else:
            return value
    raise BadRecord("this is not a list of objects", field=field)


def whole(record: Json, field: str) -> int:
    """A whole number from zero on; missing is 0."""
    value = record.get(field)
    if value is None:
        return 0
    if type(value) is int and 0 <= value < MOST:
        return value
    raise BadRecord("this is not a whole number", field=field)


def moment(record: Json, field: str) -> datetime | None:
    """A time with its offset, as aware UTC; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-10-01T14:03:11Z", field=field) from None


def needed_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at.astimezone(UTC)
