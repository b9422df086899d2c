"""Reads single values of Pinduoduo's JSON: yuan and fen, three kinds of times, ids. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from connectors.contract.errors import BadRecord
from connectors.contract.money import to_minor
from connectors.contract.reading import Json as Json
from connectors.contract.reading import tree as tree

_CHINA_OFFSET = timedelta(hours=8)
#: Larger amounts do not fit a database's bigint.
_MOST_FEN = 10**15


def rows(record: Json, field: str) -> list[Json]:
    """A list of objects, empty when it is missing."""
    value = record.get(field)
    if not value:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadRecord("this is not a list of objects", field=field)
    return value


def part(record: Json, field: str) -> Json:
    """An object inside, empty when it is missing."""
    value = record.get(field)
    return value if isinstance(value, dict) else {}


def text(record: Json, field: str) -> str:
    """A value as text; missing is empty. Ids come as numbers or texts."""
    value = record.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("this is not a text", field=field)


def number_text(record: Json, field: str) -> str:
    """An id, where 0 means that there is none."""
    value = text(record, field)
    return "" if value == "0" else value


def required(record: Json, field: str, where: str = "") -> str:
    """An id that must be there; `where` names the list it stands in."""
    value = number_text(record, field)
    if not value:
        raise BadRecord("this is missing", field=f"{where}.{field}" if where else field)
    return value


def fen(record: Json, field: str) -> int:
    """An amount in yuan, given as a JSON double or a text, as fen; missing is 0."""
    value = record.get(field)
    if value is None or value == "":
        return 0
    if type(value) is float and -1e12 < value < 1e12:
        amount = round(value * 100)
        # The double nearest to a whole number of fen is that amount; any other has more decimals than money has.
        if amount / 100 == value:
            return amount
    return _checked(to_minor(value, field), field)


def whole(record: Json, field: str) -> int:
    """A whole number, given as number or text; missing is 0."""
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


def needed_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    at = moment(record, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


@lru_cache(maxsize=16384)
def _moment_of(value: str) -> datetime:
    if len(value) != 19 or value[10] != " ":
        raise ValueError(value)
    return (datetime.fromisoformat(value) - _CHINA_OFFSET).replace(tzinfo=UTC)


def soft_moment(record: Json, field: str) -> datetime | None:
    """A time we can do without; what is no time is None."""
    try:
        return moment(record, field)
    except BadRecord:
        return None


def moment_of_ms(record: Json, field: str) -> datetime | None:
    """A time in milliseconds since 1970; missing or 0 is None."""
    value = whole(record, field)
    if not value:
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadRecord("this is not a time in milliseconds", field=field) from None


def truthy(record: Json, field: str) -> bool:
    """A mark, given as true, 1, "1" or "true"."""
    return record.get(field) in (True, 1, "1", "true")
