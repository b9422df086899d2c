"""When a store's own day began, by its clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from oms.app.kernel.load import fetch


def begin_of_day(connection: Connection, point_id: int, now: datetime) -> datetime:
    """The last midnight where a stock point stands."""
    zone = fetch(connection, "select timezone from stock_point where id = %s", (point_id,))[0][0]
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
