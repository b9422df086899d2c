"""Reads single values of Doudian's JSON: fen, unix seconds, ids, lists. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord

Json = Mapping[str, Any]

#: Larger amounts do not fit a database's bigint.
_MOST = 10**15
NOTHING: Json = {}


def document(body: bytes, name: str) -> Json:
    """The object called `name` in a body, bare or under `data` as calls answer it."""
    return part(around(body, name), name)


def around(body: bytes, name: str) -> Json:
    """The object of a body in which the object called `name` stands."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field=name) from None
    if isinstance(tree, dict):
        for holder in (tree, tree.get("data")):
            if isinstance(holder, dict) and isinstance(holder.get(name), dict):
                return holder
    raise BadRecord(f"there is no {name} object in the document", field=name)


def rows(record: Json, field: str) -> list[Json]:
    """A list of objects; missing is empty."""
    found = record.get(field)
    if not found:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadRecord("this is not a list of objects", field=field)
    return found


def part(record: Json, field: str) -> Json:
    """An object inside an object; missing is empty."""
    found = record.get(field)
    if not found:
        return NOTHING
    if not isinstance(found, dict):
        raise BadRecord("this is not an object", field=field)
    return found


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty. Numbers of 19 digits stay exact."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def number_text(record: Json, field: str) -> str:
    """An id: `<field>_str` where there is one, else the number as text; 0 is none. Old ids end in "A"."""
    told = text(record, field + "_str") or text(record, field)
    return "" if told == "0" else told.removesuffix("A")


def required(record: Json, field: str) -> str:
    """An id that must be there."""
    value = number_text(record, field)
    if not value:
        raise BadRecord("this is missing", field=field)
    return value


def whole(record: Json, field: str) -> int:
    """A whole number, given as number or text; missing is 0. All amounts are such, in fen."""
    value = record.get(field)
    if value is None or value == "":
        return 0
    if type(value) is not int:
        try:
            value = int(str(value))
        except ValueError:
            raise BadRecord("this is not a whole number", field=field) from None
    if not -_MOST < value < _MOST:
        raise BadRecord("this number is too large", field=field)
    return int(value)


def moment(record: Json, field: str) -> datetime | None:
    """Unix seconds as aware UTC; 0 and missing are None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return _moment_of(int(value))
    except (ValueError, TypeError, OverflowError, OSError):
        raise BadRecord("this is not a time in unix seconds", field=field) from None


@lru_cache(maxsize=16384)
def _moment_of(value: int) -> datetime:
    if value < 0:
        raise ValueError(value)
    return datetime.fromtimestamp(value, UTC)


def needed_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


def soft_moment(record: Json, field: str) -> datetime | None:
    """A time that may also be something else; what is no time is None."""
    try:
        return moment(record, field)
    except BadRecord:
        return None
