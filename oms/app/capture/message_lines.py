"""Connections over which platforms send messages: which there should be, who holds one, what it brought, how it does.

Keeping one open is the worker's (`oms.jobs.listeners`). What comes goes into the same inbox as pushes over HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.contract.errors import ConnectorError
from connectors.contract.families import Connector
from connectors.contract.notices import Delivery
from oms.app.capture.pushes import count_refused, store_push
from oms.app.kernel import leases
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError

#: A holder that was killed is followed by another after this long.
LEASE_S = 10.0
#: The row of a shop's streams that tells how its connection does: it is pulled by nobody, so it has no schedule.
STREAM = "messages"
ELSEWHERE = "a message about a shop that is not connected here"


@dataclass(frozen=True, slots=True)
class Line:
    """One connection and the accounts it serves: (account, the platform's number of its owner or nothing)."""

    lease: str
    accounts: tuple[tuple[int, str], ...]

    @property
    def ids(self) -> list[int]:
        return [account_id for account_id, _ in self.accounts]

    def account_for(self, owner: str) -> int | None:
        """Whom a message is for: the owner's account, else the only one whose owner is not known."""
        known = [account_id for account_id, name in self.accounts if name and name == owner]
        unknown = [account_id for account_id, name in self.accounts if not name or not owner]
        return known[0] if known else unknown[0] if len(unknown) == 1 else None


def lines_wanted(hub: Hub) -> list[Line]:
    """The connections there should be: those of active accounts with a shop that is not closed."""
    able = [name for name, vendor in hub.vendors.items() if vendor.open_messages is not Connector.open_messages]
    if not able:
        return []
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            """select a.id, a.vendor, coalesce(a.settings ->> 'owner_id', '') from account a
               where a.state = 'active' and a.vendor = any(%s)
                 and exists (select 1 from shop s where s.account_id = a.id and s.mode <> 'closed') order by a.id""",
            (able,),
        )
    found: dict[str, list[tuple[int, str]]] = {}
    for account_id, vendor, owner in rows:
        with suppress(ConnectorError, HubError):  # An account that cannot even be opened is told of by its pulls.
            line = connector_of(hub, account_id=account_id).message_line()
            name = f"messages:{vendor}:{hashlib.sha256(line.encode()).hexdigest()[:16]}"
            found.setdefault(name, []).append((account_id, owner))
    return [Line(name, tuple(accounts)) for name, accounts in found.items()]


def hold(hub: Hub, line: Line, holder: str) -> int | None:
    """The right to open a connection, with its fence; None while somebody else has it."""
    with hub.begin() as connection:
        return leases.acquire(connection, line.lease, holder, LEASE_S, hub.clock())


def hold_on(hub: Hub, line: Line, fence: int) -> None:
    """Keep the right; LostLease when it has passed to somebody else."""
    with hub.begin() as connection:
        leases.renew(connection, line.lease, fence, LEASE_S, hub.clock())


def let_go(hub: Hub, line: Line, fence: int) -> None:
    """Give the right back; the next holder may begin at once."""
    with hub.begin() as connection:
        if leases.release(connection, line.lease, fence):
            _note(connection, line.ids, "last_started_at = null")


def keep(hub: Hub, line: Line, fence: int, deliveries: Sequence[Delivery]) -> None:
    """Store messages in one transaction, repeats once; LostLease when the connection is somebody else's by now.

    Only when this has returned may they be acknowledged. What is for nobody here is counted and not kept.
    """
    now = hub.clock()
    with hub.begin() as connection:
        leases.check(connection, line.lease, fence)
        for delivery in deliveries:
            account_id = line.account_for(delivery.owner)
            if account_id is None:
                count_refused(connection, line.ids[0], ELSEWHERE, now.date())
                continue
            store_push(hub, connection, account_id, delivery.envelope, delivery.push)
            _note(connection, [account_id], "last_success_at = %s, documents = c.documents + 1", now)
    hub.poke("messages")


def note_open(hub: Hub, line: Line, fence: int) -> None:
    """The connection is open from now on."""
    with hub.begin() as connection:
        leases.check(connection, line.lease, fence)
        fields = "last_started_at = %s, cursor = %s, failures = 0, last_error = '', paused_until = null"
        _note(connection, line.ids, fields, hub.clock(), line.lease)


def note_trouble(hub: Hub, line: Line, fence: int, words: str, until: datetime) -> None:
    """The connection is gone or did not open, and is tried again at a moment; polling goes on meanwhile."""
    with hub.begin() as connection:
        leases.check(connection, line.lease, fence)
        fields = """last_started_at = null, cursor = %s, failures = least(c.failures + 1, 30000), last_error = %s,
            last_error_at = %s, paused_until = %s"""
        _note(connection, line.ids, fields, line.lease, words[:500], hub.clock(), until)


def _note(connection: Connection, account_ids: Sequence[int], fields: str, *values: object) -> None:
    """Write to the rows of the accounts' shops, which are made when they are missing."""
    shops = "select s.id from shop s where s.account_id = any(%s) and s.mode <> 'closed' order by s.id"
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            f"insert into stream_cursor (shop_id, stream) select id, %s from ({shops}) s on conflict do nothing".encode(),
            (STREAM, list(account_ids)),
        )
        cursor.execute(
            f"update stream_cursor c set {fields} where c.stream = %s and c.shop_id in ({shops})".encode(),
            (*values, STREAM, list(account_ids)),
        )
