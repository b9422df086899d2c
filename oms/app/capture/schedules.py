"""How often a stream of a shop is pulled; the clock reads the change by its version."""

from __future__ import annotations

from sqlalchemy import Connection, update

from oms.db.channels import SyncSchedule
from oms.domain.errors import Invalid, NotFound

SHORTEST_S = 5
LONGEST_S = 86400


def set_schedule(connection: Connection, shop_id: int, stream: str, *, every_s: int, is_enabled: bool) -> None:
    """Pull this stream every so many seconds, or not at all; NotFound when the shop has no such stream."""
    if not SHORTEST_S <= every_s <= LONGEST_S:
        raise Invalid("every_s", f"{every_s} is not between {SHORTEST_S} and {LONGEST_S} seconds")
    statement = (
        update(SyncSchedule)
        .where(SyncSchedule.shop_id == shop_id, SyncSchedule.stream == stream)
        .values(every_s=every_s, is_enabled=is_enabled, version=SyncSchedule.version + 1)
    )
    if connection.execute(statement).rowcount == 0:
        raise NotFound(f"shop {shop_id} has no stream {stream!r}", "choose one of the streams its connector offers")
