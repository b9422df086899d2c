"""Reads single values of the platform's JSON: texts, amounts, units, times. BadRecord names the field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from connectors.contract.errors import BadRecord
from connectors.contract.reading import Json as Json
from connectors.contract.reading import rows as rows
from connectors.contract.reading import tree as tree

#: Times without an offset are China's, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))
#: Larger amounts do not fit a database's bigint.
_MOST_FEN = 10**15


def document(body: bytes, name: str) -> Json:
    """The object under `name` in a stored document."""
    return part(tree(body, name), name)


def part(record: Json, field: str) -> Json:
    """An object inside an object."""
    value = record.get(field)
    if not isinstance(value, dict):
        raise BadRecord("this is not an object", field=field)
    return value


def optional(record: Json, field: str) -> Json:
    """An object that may be missing, which is an empty one."""
    return part(record, field) if record.get(field) is not None else {}


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty. Numbers are ids in some answers and texts in others."""
    value = record.get(field)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def number_of(value: object, field: str) -> str:
    """An id inside a list: bare, or as an object that names it by the field's last word."""
    if isinstance(value, dict):
        return text(value, field.rpartition(".")[2])
    return text({field: value}, field)


def required(record: Json, field: str) -> str:
    """A text that must be there."""
    value = text(record, field)
    if not value:
        raise BadRecord("this is missing", field=field)
    return value


def number(record: Json, field: str) -> int | None:
    """A whole number or None, for the platform's enumerations."""
    value = text(record, field)
    return int(value) if value.isdecimal() and len(value) < 10 else None


def fen(record: Json, field: str) -> int:
    """An amount written in yuan, as fen; missing is 0."""
    value = text(record, field)
    try:
        scaled = Decimal(value or "0") * 100
        amount = int(scaled)
    except (ArithmeticError, ValueError):
        raise BadRecord("this is not an amount", field=field) from None
    if amount != scaled or not 0 <= amount < _MOST_FEN:
        raise BadRecord("an amount has two decimals and is not negative", field=field)
    return amount


def units_of(record: Json, field: str) -> int:
    """A whole number of units, at least one."""
    value = text(record, field)
    if not (value.isdecimal() and int(value[:9]) > 0 and len(value) < 8):
        raise BadRecord("a line needs a whole number of units, at least one", field=field)
    return int(value)


def moment(record: Json, field: str) -> datetime | None:
    """A time as aware UTC; missing is None."""
    value = text(record, field)
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15 09:40:01", field=field) from None


def needed(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at
