"""A person takes note of an interception that did not stop the goods."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from oms.db.fulfilments import Interception
from oms.domain.errors import NotFound, WrongState


def acknowledge(connection: Connection, interception_id: int, actor: str, reason: str, now: datetime) -> None:
    """Close a failed or expired interception; it stays in the order's history with who took note and why."""
    statement = select(Interception.state, Interception.acknowledged_by).where(Interception.id == interception_id)
    row = connection.execute(statement.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no interception {interception_id}")
    if row.state not in ("failed", "expired") or row.acknowledged_by:
        raise WrongState("interception", row.state, "acknowledge")
    connection.execute(
        update(Interception)
        .where(Interception.id == interception_id)
        .values(
            acknowledged_by=actor,
            ended_at=func.coalesce(Interception.ended_at, now),
            detail=Interception.detail.op("||")(func.jsonb_build_object("acknowledged", reason)),
        )
    )
