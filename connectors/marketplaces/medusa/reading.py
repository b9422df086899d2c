"""Reads single values of Medusa's JSON: texts, amounts, quantities, times, lists. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from connectors.contract.errors import BadRecord
from connectors.contract.reading import Json as Json
from connectors.contract.reading import inner
from connectors.contract.reading import required as required
from connectors.contract.reading import rows as rows
from connectors.contract.reading import text as text
from connectors.contract.reading import tree as tree

ZERO = Decimal(0)
ONE = Decimal(1)
#: Larger amounts do not fit a database's bigint.
_MOST = Decimal(10) ** 14
_MOST_UNITS = 10**9

part = inner


def amount(record: Json, field: str) -> Decimal:
    """An amount in major units, unrounded as Medusa keeps it; missing is 0."""
    value = record.get(field)
    if value is None:
        return ZERO
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        found = _number(str(value))
        if found is not None and -_MOST < found < _MOST:
            return found
    raise BadRecord("this is not an amount", field=field)


@lru_cache(maxsize=16384)
def _number(value: str) -> Decimal | None:
    try:
        found = Decimal(value)
    except ArithmeticError:
        return None
    return found if found.is_finite() else None


def units(record: Json, field: str) -> int:
    """A whole number of units; missing is 0."""
    value = record.get(field)
    if value is None:
        return 0
    if type(value) is int and -1 < value < _MOST_UNITS:
        return value
    whole = amount(record, field)
    if whole != int(whole) or not 0 <= whole < _MOST_UNITS:
        raise BadRecord("this is not a whole number of units", field=field)
    return int(whole)


def moment(record: Json, field: str) -> datetime | None:
    """A time with its offset, as aware UTC; missing is None."""
    value = record.get(field)
    if not value:
        return None
    try:
        return _moment_of(value)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15T09:40:01.000Z", field=field) from None


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def needed(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


def rounded(value: Decimal) -> int:
    """Half up, away from zero, as amounts of money are rounded."""
    return int(value.quantize(ONE, ROUND_HALF_UP))


def spread(exact: list[Decimal], total: int) -> list[int]:
    """Whole parts that add up to `total`, each next to its exact value, by largest remainder."""
    parts = [int(value // 1) for value in exact]
    lacking = total - sum(parts)
    order = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in order[: max(lacking, 0)]:
        parts[index] += 1
    return parts
