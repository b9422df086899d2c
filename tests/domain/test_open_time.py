"""Minutes of open time: over lunch, night, closed days and midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from oms.domain.open_time import done_after

ZONE = "Asia/Shanghai"
WEEK = {day: ["09:00", "21:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
LATE = {day: ["18:00", "02:00"] for day in WEEK}


def at(told: str) -> datetime:
    """A moment in Shanghai, as UTC."""
    return datetime.fromisoformat(f"{told}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "minutes", "hours", "closed", "then"),
    [
        ("2026-11-23 10:00", 60, WEEK, (), "2026-11-23 11:00"),
        ("2026-11-23 20:30", 60, WEEK, (), "2026-11-24 09:30"),
        ("2026-11-23 20:00", 60, WEEK, (), "2026-11-23 21:00"),
        ("2026-11-23 07:00", 60, WEEK, (), "2026-11-23 10:00"),
        ("2026-11-23 20:30", 60, WEEK, (date(2026, 11, 24),), "2026-11-25 09:30"),
        ("2026-11-23 23:30", 60, {}, (), "2026-11-24 00:30"),
        ("2026-11-23 01:30", 60, LATE, (), "2026-11-23 18:30"),
        ("2026-11-23 23:30", 60, LATE, (), "2026-11-24 00:30"),
        ("2026-11-23 10:00", 1500, WEEK, (), "2026-11-25 11:00"),
    ],
)
def test_only_open_minutes_count(
    now: str, minutes: int, hours: dict[str, list[str]], closed: tuple[date, ...], then: str
) -> None:
    assert done_after(at(now), minutes, ZONE, hours, closed) == at(then)


def test_a_store_that_never_opens_promises_nothing() -> None:
    assert done_after(at("2026-11-23 10:00"), 60, ZONE, {"mon": []}) is None
