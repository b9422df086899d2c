"""Reads single values of Vendure's JSON: amounts, times, objects, lists. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent

Json = Mapping[str, Any]
EMPTY: Json = {}

#: Larger amounts do not fit a database's bigint.
_MOST = 10**15


def document(body: bytes) -> tuple[Json, Json]:
    """The order in an answer's `data`, or in a bare `{"order": …}`, behind the document that holds it."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field="order") from None
    if isinstance(tree, dict):
        content = tree.get("data", tree)
        order = content.get("order") if isinstance(content, dict) else None
        if isinstance(order, dict):
            return tree, order
    raise BadRecord("the document holds no such object", field="order")


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
    if type(value) is int and 0 <= value < _MOST:
        return value
    raise BadRecord("this is not a whole number", field=field)


class Coins:
    """Amounts of one order: Vendure counts all currencies in the same digits, the hub each in its own."""

    __slots__ = ("currency", "shift")

    def __init__(self, record: Json, digits: int) -> None:
        value = record.get("currencyCode")
        if not (isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper()):
            raise BadRecord("this is not a currency", field="currencyCode")
        self.currency = value
        self.shift = exponent(value) - digits

    def of(self, record: Json, field: str) -> int:
        """Minor units of an amount; BadRecord when it is missing."""
        value = record.get(field)
        if type(value) is not int or not -_MOST < value < _MOST:
            raise BadRecord("this is not an amount in minor units", field=field)
        return self.minor(value)

    def minor(self, value: int) -> int:
        """Minor units of the currency, rounded half up where Vendure has more digits."""
        if not self.shift:
            return value
        if self.shift > 0:
            return value * int(10**self.shift)
        scale = int(10**-self.shift)
        return (value + scale // 2) // scale

    def theirs(self, minor: int) -> int:
        """The amount as Vendure counts it."""
        scale = int(10 ** abs(self.shift))
        return minor // scale if self.shift > 0 else minor * scale


def moment(record: Json, field: str) -> datetime | None:
    """A time with its offset, as aware UTC; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-10-01T14:03:11.000Z", field=field) from None


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


def time_text(at: datetime) -> str:
    """A moment as Vendure's filters want it, to the millisecond, so that texts sort as times do."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
