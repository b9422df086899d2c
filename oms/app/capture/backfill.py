"""补抓: walks one past window of a shop beside the live stream, page by page, and can be stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited
from connectors.contract.families import Marketplace
from connectors.contract.records import Page
from oms.app.capture.intake import take_in_safely
from oms.app.capture.references import note_references
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Invalid, LostLease, NotFound

MOST_PAGES = 4
CLAIM = timedelta(minutes=2)
WIDEST = timedelta(days=400)
MOST_FAILURES = 12
LOG = structlog.get_logger("backfill")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A backfill to go on with; `fence` is checked by every write."""

    id: int
    shop_id: int
    since_at: datetime
    until_at: datetime
    cursor: str
    fence: int


def ask_backfill(hub: Hub, shop_id: int, since: datetime, until: datetime, actor: str) -> int:
    """Have a past window read again; answers the backfill's id. Orders we hold in the same version stay as they are."""
    now = hub.clock()
    until = min(until, now)
    if not since < until:
        raise Invalid("until", "the window ends before it begins", "choose an end after the beginning")
    if until - since > WIDEST:
        raise Invalid("since", f"a window of more than {WIDEST.days} days", "split it")
    connector = _marketplace(hub, shop_id)
    if "between" not in connector.capabilities():
        raise Invalid("shop", "this platform cannot list a past window", "read its orders one by one")
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into backfill (shop_id, since_at, until_at, due_at, asked_by) values (%s, %s, %s, %s, %s)
               returning id""",
            (shop_id, since, until, now, actor),
        )
        row = cursor.fetchone()
    hub.poke("backfill")
    return int(row[0]) if row else 0


def stop_backfill(hub: Hub, backfill_id: int) -> None:
    """Stop a backfill; what it brought stays. NotFound when it is over already."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update backfill set state = 'stopped', due_at = null, fence = fence + 1, ended_at = %s
               where id = %s and state in ('waiting', 'running')""",
            (hub.clock(), backfill_id),
        )
        if not cursor.rowcount:
            raise NotFound("this backfill is over", "ask for another one")


def backfill_next(hub: Hub) -> int:
    """Walk some pages of the backfill that waits longest; answers 1, or 0 when none is due."""
    with hub.begin() as connection:
        claimed = _claim(connection, hub.clock())
    if claimed is None:
        return 0
    try:
        _walk(hub, claimed)
    except LostLease:
        LOG.warning("backfill taken over or stopped", id=claimed.id)
    except (ConnectorError, HubError) as error:
        _note_failure(hub, claimed, error)
    return 1


def _claim(connection: Connection, now: datetime) -> Claimed | None:
    rows = fetch(
        connection,
        """with due as (
             select b.id from backfill b join shop s on s.id = b.shop_id
             join account a on a.id = s.account_id and a.state = 'active'
             where b.state in ('waiting', 'running') and b.due_at <= %s
             order by b.due_at limit 1 for update of b skip locked)
           update backfill b set state = 'running', fence = fence + 1, due_at = %s from due where b.id = due.id
           returning b.id, b.shop_id, b.since_at, b.until_at, b.cursor, b.fence""",
        (now, now + CLAIM),
    )
    return Claimed(*rows[0]) if rows else None


def _walk(hub: Hub, claimed: Claimed) -> None:
    connector = _marketplace(hub, claimed.shop_id)
    at = claimed.cursor or _begin(hub, claimed, connector)
    for _ in range(MOST_PAGES):
        page = connector.pull_orders(at)
        if page.more and page.cursor == at:
            raise HubError("the platform gave the same cursor twice with more to come", "tell the connector's author")
        _store(hub, claimed, page)
        at = page.cursor
        if not page.more:
            return
    with hub.begin() as connection:
        _advance(connection, claimed, at, 0, hub.clock(), more=True, rests=True)
    hub.poke("backfill")


def _begin(hub: Hub, claimed: Claimed, connector: Marketplace) -> str:
    """The first cursor; how many orders to expect is only a help, so a platform that cannot count does no harm."""
    if "count_orders" in connector.capabilities():
        try:
            estimate = connector.count_orders(claimed.since_at, claimed.until_at)
        except ConnectorError as error:
            LOG.warning("no estimate", id=claimed.id, error=type(error).__name__)
        else:
            with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
                cursor.execute("update backfill set estimate = %s where id = %s", (estimate, claimed.id))
    return connector.between(claimed.since_at, claimed.until_at)


def _store(hub: Hub, claimed: Claimed, page: Page) -> None:
    shop = hub.masters.get(hub.engine, hub.clock()).shops[claimed.shop_id]
    count = len(page.documents) + len(page.references)

    def advance(connection: Connection) -> None:
        _advance(connection, claimed, page.cursor, count, hub.clock(), more=page.more)
        note_references(connection, shop.id, "order", page.references)

    take_in_safely(hub, shop, page.documents, advance)
    if page.references:
        hub.poke("details")


def _advance(
    connection: Connection, claimed: Claimed, at: str, count: int, now: datetime, *, more: bool, rests: bool = False
) -> None:
    """Move on in the transaction that stores the page; LostLease when stopped or taken over."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update backfill set cursor = %s, documents = documents + %s, failures = 0, error = '',
                 state = case when %s then 'running' else 'done' end, due_at = case when %s then %s end,
                 ended_at = case when %s then null else %s end
               where id = %s and fence = %s and state = 'running'""",
            (at, count, more, more, now if rests else now + CLAIM, more, now, claimed.id, claimed.fence),
        )
        if not cursor.rowcount:
            raise LostLease("this backfill was stopped or goes on elsewhere", "write nothing")


def _note_failure(hub: Hub, claimed: Claimed, error: ConnectorError | HubError) -> None:
    wait = error.retry_after if isinstance(error, RateLimited) else None
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update backfill set failures = failures + %(counts)s, error = %(words)s,
                 state = case when failures + %(counts)s >= %(most)s then 'failed' else state end,
                 ended_at = case when failures + %(counts)s >= %(most)s then %(now)s end,
                 due_at = %(now)s + make_interval(secs => coalesce(%(wait)s, 2 ^ least(failures + 1, 9)))
               where id = %(id)s and fence = %(fence)s""",
            {"counts": int(not isinstance(error, RateLimited)), "words": error.words[:500], "most": MOST_FAILURES,
             "now": hub.clock(), "wait": wait, "id": claimed.id, "fence": claimed.fence},
        )  # fmt: skip
        rows = fetch(connection, "select account_id from shop where id = %s", (claimed.shop_id,))
    if isinstance(error, AuthFailed) and rows[0][0] is not None:
        refused(hub, rows[0][0], error.words)
    LOG.warning("backfill failed", id=claimed.id, error=type(error).__name__)


def _marketplace(hub: Hub, shop_id: int) -> Marketplace:
    connector = connector_of(hub, shop_id=shop_id)
    if not isinstance(connector, Marketplace):
        raise HubError("this shop's account is not a marketplace's", "choose another account for the shop")
    return connector
