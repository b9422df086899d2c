"""The months that append-only tables are kept under, as UTC has them."""

from __future__ import annotations

from datetime import UTC, date, datetime


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from one day or moment to another, both included; partitions are found by them."""
    begin, end = (_number(at) for at in (first, last))
    return [date(month // 12, month % 12 + 1, 1) for month in range(begin, end + 1)]


def _number(at: date) -> int:
    day = at.astimezone(UTC) if isinstance(at, datetime) else at
    return day.year * 12 + day.month - 1
