"""Numbers after their fulfilment: used when its parcel left under them, else given back; and how many are left."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError
from connectors.contract.families import Carrier
from connectors.contract.labels import NumbersLeft, NumbersUsedUp
from oms.app.kernel.authorisation import refused
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import connector_of, raise_alert
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.labels.acknowledged import settle_relabellings
from oms.app.pipeline.labels.numbers import ASKING, give_numbers_back
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import ConfigError

LIMIT: Final = 200
#: What is left is asked this often, and sooner where little was left.
OFTEN, SOON = timedelta(minutes=30), timedelta(minutes=5)
LOG = structlog.get_logger("labels")

USED: Final = """
with left_now as (
  select w.id from e_waybill w join parcel p on p.waybill_no = w.waybill_no and p.fulfilment_id = w.fulfilment_id
  where w.state = 'got' limit %s)
update e_waybill w set state = 'used', ended_at = %s from left_now where w.id = left_now.id"""
#: Numbers of which nothing will leave any more: theirs was cancelled, joined, renewed, or left under another number.
UNUSED: Final = f"""
select w.id, w.key, w.account_id, w.fulfilment_id, w.order_id, w.stock_point_id, w.carrier_id, w.state
from e_waybill w join fulfilment f on f.id = w.fulfilment_id
where w.state in ('got', 'asked')
  and not exists (select from parcel p where p.waybill_no = w.waybill_no and p.fulfilment_id = w.fulfilment_id)
  and (f.status in ('cancelled', 'merged', 'closed_short', 'refused', 'shipped') or f.version <> w.version)
  and not (w.state = 'asked' and {ASKING})
order by w.id limit %s for update of w skip locked"""


#: Numbers whose cancelling people have given up, or that was never called: paid for and lost.
LOST: Final = """
update e_waybill w set state = 'wasted', ended_at = %s where w.state = 'cancelling' and not exists (
  select from outbound o where o.fulfilment_id = w.fulfilment_id and o.kind = 'cancel_waybill'
    and o.state not in ('done', 'void'))"""


def settle_numbers(hub: Hub) -> int:
    """Write down which numbers were used, give back those that never will be, and end changes nobody can answer.

    Answers how many.
    """
    with hub.begin() as connection:
        now = hub.clock()
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(USED, (LIMIT, now))
            used = cursor.rowcount
            cursor.execute(LOST, (now,))
        rows = fetch(connection, UNUSED, (LIMIT,))
        if rows:
            batch = Batch(hub, connection, hub.masters.get(connection, now), now)
            give_numbers_back(batch, rows)
            flush(batch)
    if rows:
        hub.poke("outbound")
    return used + len(rows) + settle_relabellings(hub)


#: An account is asked as long as one of its settings is on.
READY: Final = """exists (select from e_waybill_setting s join account a on a.id = s.account_id and a.state = 'active'
  left join e_waybill_stock k on k.account_id = s.account_id and k.carrier_id = s.carrier_id
  where s.is_on and (k.due_at is null or k.due_at <= now()))"""
CLAIM: Final = """
insert into e_waybill_stock (account_id, carrier_id, due_at)
select distinct s.account_id, s.carrier_id, %s::timestamptz from e_waybill_setting s
where s.is_on and s.account_id = (
  select s.account_id from e_waybill_setting s join account a on a.id = s.account_id and a.state = 'active'
  left join e_waybill_stock k on k.account_id = s.account_id and k.carrier_id = s.carrier_id
  where s.is_on and (k.due_at is null or k.due_at <= %s) order by k.due_at nulls first, s.account_id limit 1)
on conflict (account_id, carrier_id) do update set due_at = excluded.due_at returning account_id, carrier_id"""


def look_at_balance(hub: Hub) -> int:
    """Ask one account how many numbers it has left, and tell people of those that run out; 0 when none is due."""
    now = hub.clock()
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(CLAIM, (now + OFTEN, now))
        claimed = cursor.fetchall()
    if not claimed:
        return 0
    account_id = int(claimed[0][0])
    left, words = _ask(hub, account_id)
    with hub.begin() as connection:
        _keep(hub, connection, account_id, left, words)
    there = [row.carrier_code for row in left if row.numbers is None or row.numbers > 0]
    while there and free_waiting(hub, there) == LIMIT:
        pass
    return 1


def free_waiting(hub: Hub, codes: list[str]) -> int:
    """Numbers of these carriers are there again: orders that were held for want of them go on. Answers how many."""
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """select order_id from hold where kind = 'label_refused' and cleared_at is null
               and seen ->> 'reason' = %s and seen ->> 'carrier' = any(%s) order by order_id limit %s""",
            (NumbersUsedUp.reason, codes, LIMIT),
        )
        if not rows:
            return 0
        batch = open_batch(hub, connection, [row[0] for row in rows])
        for row in rows:
            order = batch.orders[row[0]]
            batch.clear_hold(order, "label_refused", "numbers are there again")
            order.ready_at = batch.now
        close_batch(batch)
    hub.poke("advance")
    return len(rows)


def _ask(hub: Hub, account_id: int) -> tuple[tuple[NumbersLeft, ...], str]:
    try:
        connector = connector_of(hub, account_id=account_id)
        if not isinstance(connector, Carrier) or "balance" not in connector.capabilities():
            return (), ""
        return connector.balance(), ""
    except ConfigError as error:
        return (), error.words
    except AuthFailed as error:
        refused(hub, account_id, error.words)
        return (), error.words
    except ConnectorError as error:
        LOG.warning("numbers left are not told", account=account_id, code=error.code)
        return (), error.words


def _keep(hub: Hub, connection: Connection, account_id: int, left: tuple[NumbersLeft, ...], words: str) -> None:
    now = hub.clock()
    told = {row.carrier_code: row.numbers for row in left}
    rows = fetch(
        connection,
        """select c.id, c.code, max(s.low_at), a.name from e_waybill_setting s join carrier c on c.id = s.carrier_id
           join account a on a.id = s.account_id where s.account_id = %s and s.is_on group by c.id, a.id""",
        (account_id,),
    )
    for carrier_id, code, low_at, name in rows:
        numbers = told.get(code)
        is_low = numbers is not None and numbers < low_at
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update e_waybill_stock set numbers = %s, words = %s, looked_at = %s,
                     due_at = case when %s then %s else due_at end where account_id = %s and carrier_id = %s""",
                (numbers, words[:500], now, is_low, now + SOON, account_id, carrier_id),
            )
            if is_low:
                said = f"{numbers} waybill numbers are left, fewer than {low_at}"
                raise_alert(connection, "waybills_low", f"{name} · {code}", said)
            elif numbers is not None:
                cursor.execute(
                    "update alert set state = 'closed' where kind = 'waybills_low' and subject = %s and state = 'open'",
                    (f"{name} · {code}",),
                )
