"""Reads single values of the Selling Partner API's JSON: texts, amounts, times. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent
from connectors.contract.reading import Json as Json
from connectors.contract.reading import rows as rows
from connectors.contract.reading import tree as tree

#: Larger amounts do not fit a database's bigint.
_MOST_MINOR = 10**15
_MOST_UNITS = 10**9


def part(record: Json, field: str) -> Json:
    """An inner object; missing is empty."""
    value = record.get(field)
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise BadRecord("this is not an object", field=field)


def words(record: Json, field: str) -> list[str]:
    """A list of texts; missing is empty."""
    value = record.get(field)
    if value is None:
        return []
    if type(value) is not list or not all(type(each) is str for each in value):
        raise BadRecord("this is not a list of texts", field=field)
    return value


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty."""
    value = record.get(field)
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def required(record: Json, field: str) -> str:
    """An id that must be there."""
    value = text(record, field)
    if not value:
        raise BadRecord("this is missing", field=field)
    return value


def units(record: Json, field: str) -> int | None:
    """A whole number of units; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    if type(value) is int and -1 < value < _MOST_UNITS:
        return value
    raise BadRecord("this is not a number of units", field=field)


def money(record: Json, field: str, currency: str) -> int | None:
    """Minor units of {amount, currencyCode}; missing is None, another currency than the order's is at fault."""
    value = record.get(field)
    if value is None:
        return None
    try:
        if value["currencyCode"] == currency:
            return _minor(value["amount"], currency)
    except (KeyError, TypeError, ValueError, InvalidOperation, OverflowError):
        raise BadRecord("this is not an amount", field=field) from None
    raise BadRecord("this is in another currency than the order", field=field)


@lru_cache(maxsize=16384)
def _minor(value: Any, currency: str) -> int:
    if type(value) is bool:
        raise ValueError(value)
    scaled = Decimal(str(value)).scaleb(exponent(currency))
    minor = int(scaled)
    if minor != scaled or not -_MOST_MINOR < minor < _MOST_MINOR:
        raise ValueError(value)
    return minor


def moment(record: Json, field: str) -> datetime | None:
    """A time with its offset, as aware UTC; missing is None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15T09:40:01Z", field=field) from None


def needed_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


@lru_cache(maxsize=16384)
def moment_of(value: str) -> datetime:
    """ISO 8601 with an offset as aware UTC; ValueError for anything else."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at.astimezone(UTC)
