"""Second looks of a certificate: orders that changed while the platform's list was fetched are read again once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract.errors import BadRecord, NotSupported, Refused
from connectors.contract.families import Marketplace
from connectors.contract.records import ListedOrder
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import LostLease

#: Orders younger than this, and changes younger than this, may still be on their way through capture.
SETTLE: Final = timedelta(minutes=10)
#: Orders read again in one turn, and in one certificate: more than these are told to be moving without a reading.
MOST_A_TURN: Final = 20
MOST: Final = 500

#: Each order of the list or of ours, how they compare, and whether it moved since the side that is older was looked at:
#: since the list was asked for, or, once read again, so shortly before the reading that capture may not have it yet.
JUDGED: Final = """
with ours as (
  select o.external_no, o.platform_state, o.paid_total, o.changed_at, o.fetched_at, o.ordered_at from orders o
  where o.shop_id = %(shop)s and o.origin = 'platform'
    and (o.external_no in (select external_no from completeness_row where check_id = %(id)s)
         or (o.ordered_at >= %(since)s and o.ordered_at < %(until)s))),
parked as (select external_no from parked_record where shop_id = %(shop)s and kind = 'order' and state = 'parked'),
judged as (
  select coalesce(r.external_no, o.external_no) as external_no,
    case when r.external_no is null or r.seen ? 'extra' then 'extra'
         when o.external_no is null and k.external_no is null then 'missing'
         when o.external_no is null then 'differing'
         when r.seen ->> 'state' <> o.platform_state or (r.seen ->> 'paid_total')::bigint <> o.paid_total
           or (r.seen ->> 'changed_at')::timestamptz > o.changed_at then 'differing'
         else 'matched' end as kind,
    k.external_no is null and coalesce(greatest((r.seen ->> 'changed_at')::timestamptz, o.changed_at, o.fetched_at)
      > coalesce((r.seen ->> 'read_at')::timestamptz - %(settle)s, c.created_at), false) as is_moving,
    coalesce(r.seen, '{"extra": true}') as seen,
    case when o.external_no is null then jsonb_build_object('parked', k.external_no is not null)
      else jsonb_build_object('our_state', o.platform_state, 'our_paid_total', o.paid_total) end as our
  from (select external_no, seen from completeness_row where check_id = %(id)s) r
  full join ours o on o.external_no = r.external_no
  left join parked k on k.external_no = r.external_no
  cross join (select created_at from completeness_check where id = %(id)s) c)
"""
DOUBT: Final = f"""{JUDGED}
insert into completeness_row (check_id, external_no, seen)
select %(id)s, external_no, seen || '{{"doubt": true}}' from judged
where kind <> 'matched' and is_moving and not seen ? 'read_at' limit %(most)s
on conflict (check_id, external_no) do update set seen = excluded.seen"""
NEXT: Final = """
select external_no from completeness_row where check_id = %s and seen ? 'doubt' order by external_no limit %s"""
IN_DOUBT: Final = (
    "select exists (select from completeness_row where check_id = %s and seen ?| array['doubt', 'read_at', 'unread'])"
)
KEEP: Final = """
update completeness_row r set seen = (r.seen - %(gone)s::text[]) || %(told)s::jsonb
from completeness_check c
where r.check_id = %(id)s and r.external_no = %(no)s and c.id = r.check_id and c.fence = %(fence)s"""


def is_listed(connection: Connection, check_id: int) -> bool:
    """Whether the platform's list is here whole and what moved meanwhile is being read again."""
    return bool(fetch(connection, IN_DOUBT, (check_id,))[0][0])


def mark_doubts(connection: Connection, check_id: int, shop_id: int, since: datetime, until: datetime) -> None:
    """Mark what would be told to be wrong though it moved since the list was asked for; it is read again first."""
    with psycopg_connection(connection).cursor() as cursor:
        values = {"id": check_id, "shop": shop_id, "since": since, "until": until, "settle": SETTLE, "most": MOST}
        cursor.execute(DOUBT, values)


def look_again(hub: Hub, connector: Marketplace, check_id: int, fence: int) -> bool:
    """Read again some of what is in doubt, each once; answers whether nothing is left to read.

    LostLease when the check goes on elsewhere; what the platform cannot do now is raised and tried later.
    """
    with hub.begin() as connection:
        numbers = [no for (no,) in fetch(connection, NEXT, (check_id, MOST_A_TURN))]
    for no in numbers:
        read_at = hub.clock()
        told = _read(connector, no, read_at)
        gone = ["doubt", "extra"] if "state" in told else ["doubt"]
        values = {"id": check_id, "no": no, "fence": fence, "gone": gone, "told": orjson.dumps(told).decode()}
        with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            cursor.execute(KEEP, values)
            if not cursor.rowcount:
                raise LostLease("this check goes on elsewhere", "write nothing")
    return len(numbers) < MOST_A_TURN


def _read(connector: Marketplace, external_no: str, read_at: datetime) -> dict[str, Any]:
    """What the platform says of one order now; only the time when it knows no such order or nobody can read it.

    Where a platform cannot be asked for one order, what moved stays undecided.
    """
    try:
        record = connector.parse_order(connector.get_order(external_no).body)
    except NotSupported:
        return {"unread": True}
    except (Refused, BadRecord, ArithmeticError, LookupError, TypeError, ValueError):
        return {"read_at": read_at.isoformat()}
    listed = ListedOrder(external_no, record.created_at, record.changed_at, record.state, record.paid_total)
    return told_of(listed) | {"read_at": read_at.isoformat()}


def told_of(order: ListedOrder) -> dict[str, Any]:
    """What a list or a document says of an order, in the form in which a certificate keeps it."""
    told = {
        "state": order.state.value if order.state is not None else None,
        "paid_total": order.paid_total,
        "changed_at": order.changed_at.isoformat() if order.changed_at is not None else None,
        "created_at": order.created_at.isoformat() if order.created_at is not None else None,
    }
    return {name: value for name, value in told.items() if value is not None}
