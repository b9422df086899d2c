"""Reads single values of Saleor's JSON: amounts, times, objects, lists. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent, to_minor

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


def nodes(record: Json) -> list[Json]:
    """The objects behind a connection's edges."""
    return [inner(edge, "node") for edge in rows(record, "edges")]


def whole(record: Json, field: str) -> int:
    """A whole number from zero on; missing is 0."""
    value = record.get(field)
    if value is None:
        return 0
    if type(value) is int and 0 <= value < _MOST:
        return value
    raise BadRecord("this is not a whole number", field=field)


def currency_of(record: Json, field: str) -> str:
    """The three letters in an amount."""
    value = inner(record, field).get("currency")
    if isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper():
        return value
    raise BadRecord("this holds no currency", field=field)


def money(record: Json, field: str, currency: str) -> int:
    """Minor units of an amount; missing is 0. Saleor writes floats, whose shortest text is the exact amount."""
    held = record.get(field)
    if held is None:
        return 0
    try:
        if held.get("currency", currency) != currency:
            raise BadRecord(f"this is not in {currency}", field=field)
        return _minor_of(held["amount"], currency)
    except (AttributeError, TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount of money", field=field) from None


def gross(record: Json, field: str, currency: str) -> int:
    """Minor units of a taxed amount with its tax; BadRecord when it is missing."""
    try:
        return _minor_of(record[field]["gross"]["amount"], currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount with its tax", field=field) from None


def tax(record: Json, field: str, currency: str) -> int:
    """The tax in a taxed amount, rounded: it may be finer than the currency."""
    try:
        return _rounded(record[field]["tax"]["amount"], currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount with its tax", field=field) from None


@lru_cache(maxsize=16384)
def _minor_of(value: object, currency: str) -> int:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("not an amount")
    try:
        minor = to_minor(value, "amount", currency)
    except BadRecord:
        raise ValueError("not an amount") from None
    if not -_MOST < minor < _MOST:
        raise ValueError("too large")
    return minor


@lru_cache(maxsize=16384)
def _rounded(value: object, currency: str) -> int:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < _MOST:
        raise ValueError("not an amount")
    return int(Decimal(str(value)).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def moment(record: Json, field: str) -> datetime | None:
    """A time with its offset, as aware UTC; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-10-01T14:03:11+00:00", field=field) from None


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
    """A moment as Saleor's filters want it, to the microsecond and always as long, so that texts sort as times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
