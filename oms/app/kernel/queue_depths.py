"""How much waits in each queue and since when: one statement over partial indexes, for monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

#: Counting stops here; more is no better news.
MOST = 100_000

#: Queue → its table, the column that tells its age, and which rows wait in it.
QUEUES = {
    "references": ("pending_reference", "noted_at", "true"),
    "pushes": ("push_message", "received_at", "state = 'new'"),
    "pushes_failed": ("push_message", "received_at", "state = 'failed'"),
    "parked": ("parked_record", "first_at", "state = 'parked'"),
    "orders_ready": ("orders", "ready_at", "ready_at is not null and ready_at <= :now"),
    "review": ("orders", "ordered_at", "status in ('unpaid', 'open') and phase = 'review'"),
    "merge_groups": ("merge_group", "due_at", "due_at <= :now"),
    "outbound_waiting": ("outbound", "created_at", "state not in ('done', 'void') and state in ('waiting', 'sending')"),
    "outbound_unknown": ("outbound", "created_at", "state not in ('done', 'void') and state = 'unknown'"),
    "outbound_stuck": ("outbound", "created_at", "state not in ('done', 'void') and state in ('refused', 'stuck')"),
    "interceptions": ("interception", "asked_at", "ended_at is null"),
}
_DEPTHS = text(
    " union all ".join(
        f"select '{name}' as queue, count(*) as depth, min(at) as oldest_at "
        f"from (select {column} as at from {table} where {condition} limit {MOST}) q"
        for name, (table, column, condition) in QUEUES.items()
    )
)
_REFUSED = text("select reason, sum(count)::bigint as pushes from refused_push group by reason order by reason")


@dataclass(frozen=True, slots=True)
class Depth:
    """Rows in a queue and the age of the oldest in seconds."""

    queue: str
    rows: int
    oldest_s: float


def queue_depths(connection: Connection, now: datetime) -> list[Depth]:
    """All queues."""
    found = connection.execute(_DEPTHS, {"now": now})
    return [Depth(queue, rows, _age(oldest, now)) for queue, rows, oldest in found]


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def refused_pushes(connection: Connection) -> dict[str, int]:
    """Pushes refused so far, by reason."""
    return {reason: int(pushes) for reason, pushes in connection.execute(_REFUSED)}
