"""Leases: the right to do something alone until it expires, with a fencing number that every write checks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from oms.domain.errors import LostLease

_HELD = text("select 1 from lease where name = :name and expires_at > :now")
_TAKE = text(
    """
    insert into lease as l (name, holder, fence, expires_at) values (:name, :holder, 1, :until)
    on conflict (name) do update set holder = :holder, fence = l.fence + 1, expires_at = :until
    where l.expires_at <= :now
    returning fence
    """
)
_RENEW = text("update lease set expires_at = :until where name = :name and fence = :fence")
_RELEASE = text(
    "update lease set expires_at = '-infinity', fence = fence + 1, holder = '' where name = :name and fence = :fence"
)
_CHECK = text("select fence from lease where name = :name for share")


def acquire(connection: Connection, name: str, holder: str, seconds: float, now: datetime) -> int | None:
    """Take the lease if it is free or has expired; answers its fence, or None while another one holds it.

    Commit soon: until then whoever tries the same name waits. Looking first costs a refusal no transaction id.
    Also the present holder is refused, since two threads of one process may go by the same name.
    """
    if connection.execute(_HELD, {"name": name, "now": now}).first() is not None:
        return None
    values = {"name": name, "holder": holder, "now": now, "until": now + timedelta(seconds=seconds)}
    return connection.execute(_TAKE, values).scalar()


def renew(connection: Connection, name: str, fence: int, seconds: float, now: datetime) -> None:
    """Hold on for `seconds` from now; LostLease when the lease was released or taken.

    A lease that has expired but that nobody took may be renewed: the fence proves that nobody else has written.
    """
    values = {"name": name, "fence": fence, "until": now + timedelta(seconds=seconds)}
    if connection.execute(_RENEW, values).rowcount != 1:
        raise _lost(name)


def release(connection: Connection, name: str, fence: int) -> bool:
    """Give the lease back, so that its fence opens nothing any more; false when it was lost already."""
    return connection.execute(_RELEASE, {"name": name, "fence": fence}).rowcount == 1


def check(connection: Connection, name: str, fence: int) -> None:
    """LostLease unless this fence is still the newest; call it in the transaction that writes.

    The row stays locked for sharing until the commit: a successor can only begin after this write or before it,
    never in between.
    """
    if connection.execute(_CHECK, {"name": name}).scalar() != fence:
        raise _lost(name)


def _lost(name: str) -> LostLease:
    return LostLease(f"the lease {name} has passed to another worker", "write nothing; the new holder goes on")
