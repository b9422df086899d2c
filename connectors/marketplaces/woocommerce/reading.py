"""Reads single values of WooCommerce's JSON: amounts, times, ids, texts with entities. Fast, since every order passes."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from connectors.contract.errors import BadRecord
from connectors.contract.reading import Json as Json
from connectors.contract.reading import rows as rows
from connectors.contract.reading import tree

document = tree
#: Larger amounts do not fit a database's bigint.
_MOST_MINOR = 10**15
_ONE = Decimal(1)


def part(record: Json, field: str) -> Json:
    """An inner object; PHP writes an empty one as []."""
    value = record.get(field)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise BadRecord("this is not an object", field=field)
    return value


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if type(value) in (int, float):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def plain(record: Json, field: str) -> str:
    """A text for people, its HTML entities resolved."""
    value = text(record, field)
    return html.unescape(value) if "&" in value else value


def number_text(record: Json, field: str) -> str:
    """An id as text; 0 and missing are empty, WooCommerce writes "none" as 0."""
    value = record.get(field)
    if type(value) is int:
        return str(value) if value > 0 else ""
    found = text(record, field)
    return "" if found == "0" else found


def required(record: Json, field: str) -> str:
    """An id that must be there: digits, since it becomes part of an address."""
    value = number_text(record, field)
    if not value.isdigit():
        raise BadRecord("this is missing or no number", field=field)
    return value


def amount(record: Json, field: str, digits: int, where: str = "") -> int:
    """Minor units of a decimal text; missing and empty are 0.

    A shop may write more decimals than its currency has, so this rounds, half up as WooCommerce does.
    """
    value = record.get(field)
    if value is None or value == "":
        return 0
    try:
        return _minor_of(value, digits)
    except (InvalidOperation, ValueError, TypeError, OverflowError):
        raise BadRecord("this is not an amount", field=where + field) from None


@lru_cache(maxsize=16384)
def _minor_of(value: Any, digits: int) -> int:
    if type(value) is bool:
        raise ValueError(value)
    if digits == 2 and type(value) is str and value[-3:-2] == "." and value[:-3].isdigit() and value[-2:].isdigit():
        minor = int(value[:-3]) * 100 + int(value[-2:])
    else:
        minor = int(Decimal(str(value)).scaleb(digits).quantize(_ONE, ROUND_HALF_UP))
    if not -_MOST_MINOR < minor < _MOST_MINOR:
        raise ValueError(value)
    return minor


def whole(record: Json, field: str, where: str = "") -> int:
    """A whole number; plugins for weighed goods write fractions, which the hub cannot ship."""
    value = record.get(field)
    if type(value) is int:
        return value
    try:
        number = Decimal(str(value))
        if number == int(number) and type(value) is not bool and abs(number) < _MOST_MINOR:
            return int(number)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise BadRecord("this is not a whole number", field=where + field)


def moment(record: Json, field: str) -> datetime | None:
    """A `…_gmt` time, which is UTC although it does not say so; missing is None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15T09:40:01", field=field) from None


@lru_cache(maxsize=16384)
def moment_of(value: str) -> datetime:
    """`"2026-01-15T09:40:01"`, with or without a Z, as aware UTC."""
    if len(value) not in (19, 20) or value[10] != "T":
        raise ValueError(value)
    return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)


def meta(record: Json, key: str) -> Any:
    """The value of the last entry under `key` in an object's meta_data; None when there is none."""
    found = None
    entries = record.get("meta_data")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("key") == key:
            found = entry.get("value")
    return found
