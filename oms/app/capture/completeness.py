"""完整性证书: proves for a shop and a window that every order of the platform is here, by another list than capture uses.

A check lists the platform's orders page by page, reads again what changed meanwhile, then compares set-wise, also with
what its bills name. Missing and differing orders are read anew on request, or at once for the nightly check; what was
found stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited
from connectors.contract.families import Marketplace
from connectors.contract.records import CreatedPage
from oms.app.capture.billed import add_billed
from oms.app.capture.completeness_looks import JUDGED, SETTLE, is_listed, look_again, mark_doubts, told_of
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of, raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.rereading import ask_again
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Invalid, LostLease, NotFound

NIGHTLY: Final = "nightly"
MOST_PAGES = 8
CLAIM = timedelta(minutes=2)
WIDEST = timedelta(days=100)
LOG = structlog.get_logger("completeness")

COMPARE: Final = f"""{JUDGED}
insert into completeness_row (check_id, external_no, kind, seen)
select %(id)s, external_no, case when kind <> 'matched' and is_moving then 'listed' else kind end, (seen - 'doubt') || our
from judged
on conflict (check_id, external_no) do update set kind = excluded.kind, seen = excluded.seen"""

FINISH: Final = """
with counted as (
  select count(*) filter (where kind <> 'extra' and not (kind = 'listed' and seen ? 'extra')) as listed,
    count(*) filter (where kind = 'matched') as matched, count(*) filter (where kind = 'missing') as missing,
    count(*) filter (where kind = 'extra') as extra, count(*) filter (where kind = 'differing') as differing
  from completeness_row where check_id = %(id)s),
gone as (delete from completeness_row where check_id = %(id)s and kind = 'matched')
update completeness_check c set state = 'done', due_at = null, ended_at = %(now)s, error = '', listed = n.listed,
  method = %(method)s, matched = n.matched, missing = n.missing, extra = n.extra, differing = n.differing
from counted n where c.id = %(id)s and c.fence = %(fence)s returning c.missing + c.extra + c.differing"""
#: What a finished check still calls listed has moved while it was looked at.
TO_PULL: Final = """
select external_no from completeness_row where check_id = %s and kind in ('missing', 'differing', 'listed')"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A check to go on with; `fence` is checked by every write."""

    id: int
    shop_id: int
    since_at: datetime
    until_at: datetime
    cursor: str
    asked_by: str
    fence: int


def ask_check(hub: Hub, shop_id: int, since: datetime, until: datetime, actor: str) -> int:
    """Have a window certified; answers the check's id. The last ten minutes are left out: they are still arriving."""
    now = hub.clock()
    until = min(until, now - SETTLE)
    if not since < until:
        raise Invalid("until", "the window ends before it begins", "choose an end after the beginning, not in the future")
    if until - since > WIDEST:
        raise Invalid("since", f"a window of more than {WIDEST.days} days", "split it")
    with hub.begin() as connection:
        check_id = _add(connection, shop_id, since, until, actor, now)
    hub.poke("completeness")
    return check_id


def check_next(hub: Hub) -> int:
    """Work on the check that waits longest; answers 1, or 0 when none is due."""
    with hub.begin() as connection:
        claimed = _claim(connection, hub.clock())
    if claimed is None:
        return 0
    try:
        _go_on(hub, claimed)
    except LostLease:
        LOG.warning("check taken over", id=claimed.id)
    except (ConnectorError, HubError) as error:
        _note_failure(hub, claimed, error)
    return 1


def pull_missing(hub: Hub, check_id: int) -> int:
    """Read anew what a check found missing, differing or moving; answers how many orders that are."""
    with hub.begin() as connection:
        rows = fetch(connection, "select shop_id from completeness_check where id = %s and state = 'done'", (check_id,))
        if not rows:
            raise NotFound("there is no finished check of this number", "wait until it is done")
        count = _pull(hub, connection, check_id, rows[0][0])
    hub.poke("details")
    return count


def settle_rows(hub: Hub, check_id: int) -> int:
    """Mark as solved what has arrived since; answers how many rows that changed."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update completeness_row r set kind = 'solved' from completeness_check c, orders o
               where c.id = %s and r.check_id = c.id and o.shop_id = c.shop_id and o.origin = 'platform'
                 and o.external_no = r.external_no and (r.kind = 'missing' or ((r.kind = 'differing'
                     or (r.kind = 'listed' and c.state = 'done' and not r.seen ? 'extra'))
                   and coalesce(r.seen ->> 'state' = o.platform_state, true)
                   and coalesce((r.seen ->> 'paid_total')::bigint = o.paid_total, true)
                   and coalesce((r.seen ->> 'changed_at')::timestamptz <= o.changed_at, true)))""",
            (check_id,),
        )
        return cursor.rowcount


def ask_nightly(hub: Hub) -> int:
    """Certify yesterday for every shop that has no such certificate yet; the clock calls it every hour.

    A shop's day ends at midnight of its own time zone; the check begins from three o'clock on.
    """
    now = hub.clock()
    with hub.begin() as connection:
        due = fetch(
            connection,
            """select s.id, (day - interval '1 day') at time zone s.timezone, day at time zone s.timezone from shop s
               cross join lateral (select date_trunc('day', %s at time zone s.timezone)) d(day)
               join account a on a.id = s.account_id and a.state = 'active'
               where s.mode <> 'closed' and %s at time zone s.timezone >= day + interval '3 hours'
                 and exists (select from sync_schedule y where y.shop_id = s.id and y.stream = 'orders' and y.is_enabled)
                 and not exists (select from completeness_check c where c.shop_id = s.id and c.asked_by = %s
                   and c.until_at = day at time zone s.timezone)""",
            (now, now, NIGHTLY),
        )
        for shop_id, since, until in due:
            _add(connection, shop_id, since, until, NIGHTLY, now)
    if due:
        hub.poke("completeness")
    return len(due)


def _add(connection: Connection, shop_id: int, since: datetime, until: datetime, actor: str, now: datetime) -> int:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into completeness_check (shop_id, since_at, until_at, due_at, asked_by, created_at)
               values (%s, %s, %s, %s, %s, %s) returning id""",
            (shop_id, since, until, now, actor, now),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _claim(connection: Connection, now: datetime) -> Claimed | None:
    rows = fetch(
        connection,
        """with due as (
             select c.id from completeness_check c join shop s on s.id = c.shop_id
             join account a on a.id = s.account_id and a.state = 'active'
             where c.state in ('waiting', 'running') and c.due_at <= %s
             order by c.due_at limit 1 for update of c skip locked)
           update completeness_check c set state = 'running', fence = fence + 1, due_at = %s from due where c.id = due.id
           returning c.id, c.shop_id, c.since_at, c.until_at, c.cursor, c.asked_by, c.fence""",
        (now, now + CLAIM),
    )
    return Claimed(*rows[0]) if rows else None


def _go_on(hub: Hub, claimed: Claimed) -> None:
    connector = connector_of(hub, shop_id=claimed.shop_id)
    able = connector.capabilities()
    if not isinstance(connector, Marketplace) or not {"list_created", "count_orders", "pull_statements"} & able:
        raise Invalid("shop", "this platform has no second list of orders", "compare with its own export by hand")
    if "list_created" not in able:
        if "count_orders" in able:
            _certify_count(hub, claimed, connector)
        else:
            _certify_list(hub, claimed, "")
        return
    if _list(hub, claimed, connector) and look_again(hub, connector, claimed.id, claimed.fence):
        _certify_list(hub, claimed, "list")
        return
    _yield(hub, claimed)


def _list(hub: Hub, claimed: Claimed, connector: Marketplace) -> bool:
    """Fetch some pages of the platform's list; answers whether it is here whole."""
    with hub.begin() as connection:
        if is_listed(connection, claimed.id):
            return True
    at = claimed.cursor
    for _ in range(MOST_PAGES):
        page = connector.list_created(claimed.since_at, claimed.until_at, at)
        if page.more and page.cursor == at:
            raise HubError("the platform gave the same cursor twice with more to come", "tell the connector's author")
        _keep(hub, claimed, page)
        at = page.cursor
        if not page.more:
            return True
    return False


def _yield(hub: Hub, claimed: Claimed) -> None:
    """Let other checks have their turn before this one goes on."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        now = hub.clock()
        cursor.execute(
            "update completeness_check set due_at = %s where id = %s and fence = %s", (now, claimed.id, claimed.fence)
        )
    hub.poke("completeness")


def _keep(hub: Hub, claimed: Claimed, page: CreatedPage) -> None:
    """Keep a page's orders and the cursor behind it, in one transaction."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        due_at = hub.clock() if page.more else hub.clock() + CLAIM
        cursor.execute(
            """update completeness_check set cursor = %s, method = 'list', listed = listed + %s, due_at = %s
               where id = %s and fence = %s""",
            (page.cursor, len(page.orders), due_at, claimed.id, claimed.fence),
        )
        if not cursor.rowcount:
            raise LostLease("this check goes on elsewhere", "write nothing")
        seen = {order.external_no: orjson.dumps(told_of(order)).decode() for order in page.orders}
        cursor.execute(
            """insert into completeness_row (check_id, external_no, seen)
               select %s, v.no, v.seen from unnest(%s::text[], %s::jsonb[]) as v(no, seen)
               on conflict (check_id, external_no) do update set seen = excluded.seen""",
            (claimed.id, list(seen), list(seen.values())),
        )
        if not page.more:
            mark_doubts(connection, claimed.id, claimed.shop_id, claimed.since_at, claimed.until_at)


def _certify_list(hub: Hub, claimed: Claimed, method: str) -> None:
    """Compare what a list named, if there is one, and what bills name; the method says which were used."""
    values = {"id": claimed.id, "shop": claimed.shop_id, "since": claimed.since_at, "until": claimed.until_at,
              "fence": claimed.fence, "now": hub.clock(), "settle": SETTLE}  # fmt: skip
    with hub.begin() as connection:
        with psycopg_connection(connection).cursor() as cursor:
            if method:
                cursor.execute(COMPARE, values)
            since, until, is_asked = claimed.since_at, claimed.until_at, claimed.asked_by != NIGHTLY
            billed = add_billed(connection, claimed.id, claimed.shop_id, since, until, is_asked=is_asked)
            both = "list+bill" if billed else "list"
            cursor.execute(FINISH, values | {"method": both if method else "bill"})
            row = cursor.fetchone()
        if row is None:
            raise LostLease("this check goes on elsewhere", "write nothing")
        count = _pull(hub, connection, claimed.id, claimed.shop_id) if claimed.asked_by == NIGHTLY else 0
        if row[0] and claimed.asked_by == NIGHTLY:
            words = f"{row[0]} orders differ from the platform's list, {count} are read anew"
            raise_alert(connection, "incomplete", str(claimed.shop_id), words)
    hub.poke("details")


def _certify_count(hub: Hub, claimed: Claimed, connector: Marketplace) -> None:
    """Only a number to compare with: says how many are missing, not which.

    Ours are counted before and after the platform's, so that what arrives meanwhile is neither missing nor extra.
    """
    before = _count_ours(hub, claimed)
    listed = connector.count_orders(claimed.since_at, claimed.until_at)
    after = max(before, _count_ours(hub, claimed))
    missing, extra = max(0, listed - after), max(0, before - listed)
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update completeness_check set state = 'done', method = 'count', due_at = null, ended_at = %s, listed = %s,
                 matched = %s, missing = %s, extra = %s where id = %s and fence = %s""",
            (hub.clock(), listed, listed - missing, missing, extra, claimed.id, claimed.fence),
        )


def _count_ours(hub: Hub, claimed: Claimed) -> int:
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """select count(*) from orders where shop_id = %s and origin = 'platform' and ordered_at >= %s
                 and ordered_at < %s""",
            (claimed.shop_id, claimed.since_at, claimed.until_at),
        )
    return int(rows[0][0])


def _pull(hub: Hub, connection: Connection, check_id: int, shop_id: int) -> int:
    rows = fetch(connection, TO_PULL, (check_id,))
    numbers = [row[0] for row in rows]
    if numbers:
        ask_again(connection, shop_id, "order", numbers, hub.clock())
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("update completeness_check set pulled_again = %s where id = %s", (len(numbers), check_id))
    return len(numbers)


def _note_failure(hub: Hub, claimed: Claimed, error: ConnectorError | HubError) -> None:
    is_final = isinstance(error, Invalid)
    wait = error.retry_after if isinstance(error, RateLimited) else None
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update completeness_check set error = %s, due_at = %s + make_interval(secs => coalesce(%s, 60)),
                 state = case when %s or created_at < %s then 'failed' else 'running' end,
                 ended_at = case when %s or created_at < %s then %s end
               where id = %s and fence = %s""",
            (error.words[:500], hub.clock(), wait, is_final, hub.clock() - timedelta(hours=12), is_final,
             hub.clock() - timedelta(hours=12), hub.clock(), claimed.id, claimed.fence),
        )  # fmt: skip
        rows = fetch(connection, "select account_id from shop where id = %s", (claimed.shop_id,))
    if isinstance(error, AuthFailed) and rows[0][0] is not None:
        refused(hub, rows[0][0], error.words)
    LOG.warning("check failed", id=claimed.id, error=type(error).__name__)
