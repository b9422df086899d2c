"""What the script reads of the hub while it runs, straight from the rows; nothing here writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch

T = TypeVar("T")
PATIENCE_SECONDS = 90.0

SEEN: Final = """
select o.external_no, o.review, o.changed_at, w.statuses, w.steps,
       array(select distinct i.state from interception i where i.order_id = o.id),
       array(select distinct h.kind from hold h where h.order_id = o.id),
       array(select distinct h.kind from hold h where h.order_id = o.id and h.cleared_at is null),
       array(select distinct b.state from outbound b where b.kind = 'create_fulfilment' and b.fulfilment_id
               in (select x.fulfilment_id from fulfilment_line x where x.order_id = o.id))
from orders o, lateral (
    select coalesce(array_agg(distinct f.status), '{}') as statuses,
           coalesce(array_agg(distinct f.warehouse_step), '{}') as steps
    from fulfilment f where f.status not in ('cancelled', 'merged')
      and f.id in (select x.fulfilment_id from fulfilment_line x where x.order_id = o.id)) w
where o.external_no = any(%s)"""

#: What is still under way, by words for people; every number must come to nothing before a run has settled. What is
#: planned but held from dispatch waits for somebody else; a look-up that is not due yet only makes sure once more.
OPEN_WORK: Final = {
    "documents to fetch": "select count(*) from pending_reference",
    "orders to advance": "select count(*) from orders where ready_at is not null",
    "orders in review": "select count(*) from orders where review = 'waiting' and status = 'open'",
    "groups to merge": "select count(*) from merge_group",
    "fulfilments under way": """select count(*) from fulfilment f where status in
        ('sending', 'sent', 'accepted', 'part_shipped', 'stopping', 'refused') or status = 'planned' and not exists
        (select from hold h where h.order_id = f.lead_order_id and h.cleared_at is null and h.blocks & 2 > 0)""",
    "calls to make": """select count(*) from outbound where state in ('waiting', 'sending', 'unknown')
        and (state, kind, attempts = 0 and due_at > now()) is distinct from ('waiting', 'find_fulfilment', true)""",
    "messages to read": "select count(*) from push_message where state = 'new'",
}
#: Where each order that has not come to rest is, for the words at the end of a run that ran out of time.
LEFT_OVER: Final = """
select o.external_no, o.phase, coalesce((select string_agg(distinct h.kind, ',') from hold h
       where h.order_id = o.id and h.cleared_at is null), '') from orders o
where o.status = 'open' and (o.ready_at is not null or o.phase in
      ('captured', 'held', 'short', 'review', 'merging', 'to_dispatch', 'dispatching', 'stopping', 'at_warehouse',
       'part_shipped')) order by o.external_no"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order of the script as the hub has it: statuses and warehouse steps are of what is not cancelled.

    `hand_overs` are the states of the calls that hand it to a warehouse.
    """

    review: str
    changed_at: datetime
    statuses: frozenset[str]
    steps: frozenset[str]
    interceptions: frozenset[str]
    holds_ever: frozenset[str]
    holds: frozenset[str]
    hand_overs: frozenset[str]


def patiently(work: Callable[[], T], require_alive: Callable[[], None]) -> T:
    """Do work with the database again while the server is away: it may be killed under us on purpose.

    `require_alive` raises when the hub has ended and the server will not come back.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError):
            require_alive()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def look(hub: Hub, tids: Sequence[str], require_alive: Callable[[], None]) -> dict[str, Seen]:
    """The orders of these numbers that the hub has."""

    def read() -> dict[str, Seen]:
        with hub.engine.connect() as connection:
            rows = fetch(connection, SEEN, (list(tids),))
        return {tid: Seen(review, at, *[frozenset(words) for words in sets]) for tid, review, at, *sets in rows}

    return patiently(read, require_alive)


def open_work(connection: Connection) -> dict[str, int]:
    """What is still to be done, without what is nothing."""
    counts = {words: int(fetch(connection, query)[0][0]) for words, query in OPEN_WORK.items()}
    return {words: count for words, count in counts.items() if count}


def missing(connection: Connection, tids: Sequence[str]) -> list[str]:
    """Those of the platform's orders that the hub has neither taken in nor parked."""
    rows = fetch(
        connection,
        """select v.tid from unnest(%s::text[]) as v(tid)
           where v.tid not in (select regexp_replace(external_no, '^.*/', '') from orders)
             and v.tid not in (select regexp_replace(external_no, '^.*/', '') from parked_record where kind = 'order')""",
        (list(tids),),
    )
    return [tid for (tid,) in rows]


def left_over(connection: Connection) -> list[str]:
    """A line for each order that has not come to rest: its number, phase and open holds."""
    return [f"{tid} {phase} {holds}".rstrip() for tid, phase, holds in fetch(connection, LEFT_OVER)]
