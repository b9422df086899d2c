"""When an order must have left: the platform's own deadline first, else hours by channel or shop."""

from __future__ import annotations

from datetime import datetime, timedelta


def ship_deadline(
    *,
    platform: datetime | None,
    ordered_at: datetime,
    paid_at: datetime | None,
    is_cod: bool,
    hours_paid: int,
    hours_cod: int,
) -> datetime | None:
    """The moment by which it must have been shipped; None while it is unpaid and not cash on delivery."""
    if platform is not None:
        return platform
    if is_cod:
        return ordered_at + timedelta(hours=hours_cod)
    return paid_at + timedelta(hours=hours_paid) if paid_at else None
