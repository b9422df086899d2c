"""Pulls a stream page by page; a page and its cursor are stored in one transaction, calls happen outside of any.

The last page of a turn gives the stream free in its transaction, too.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError, NotSupported, RateLimited
from connectors.contract.families import Marketplace
from connectors.contract.records import Page
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import Taken, take_in_safely
from oms.app.capture.references import note_references
from oms.app.capture.statements import take_statements
from oms.app.capture.streams import (
    Stream,
    advance_cursor,
    claim_stream,
    count_documents,
    fail_stream,
    finish_stream,
)
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Busy, HubError, LostLease, NotFound

#: Pages a turn, so that other streams, lanes and processes get theirs.
MOST_PAGES = 2
LOG = structlog.get_logger("sync")
STREAMS = {"orders": "order", "cases": "case", "statements": "statement"}
#: Takes a page of documents in, by their kind; orders have a way of their own.
TAKE: Final = {"case": take_cases, "statement": take_statements}


def sync_next(hub: Hub) -> int:
    """Pull some pages of the stream that waits longest; answers 1, or 0 when none is due."""
    with hub.begin() as connection:
        stream = claim_stream(connection, hub.clock())
    if stream is None:
        return 0
    try:
        _pull(hub, stream)
    except LostLease:
        LOG.warning("stream taken over", shop=stream.shop_id, stream=stream.name)
    except (ConnectorError, HubError) as error:
        _note_failure(hub, stream, error)
    return 1


def _pull(hub: Hub, stream: Stream) -> None:
    connector = connector_of(hub, shop_id=stream.shop_id)
    if not isinstance(connector, Marketplace):
        raise HubError("this shop's account is not a marketplace's", "choose another account for the shop")
    at = stream.cursor
    for turn in range(1, MOST_PAGES + 1):
        page = _page(connector, stream.name, at)
        if page.more and page.cursor == at:
            raise HubError("the platform gave the same cursor twice with more to come", "tell the connector's author")
        is_last = not page.more or turn == MOST_PAGES
        _store(hub, stream, connector, page, is_last=is_last)
        at = page.cursor
        if is_last:
            break


def _page(connector: Marketplace, stream: str, at: str) -> Page:
    if stream == "orders":
        return connector.pull_orders(at)
    return connector.pull_cases(at) if stream == "cases" else connector.pull_statements(at)


def _store(hub: Hub, stream: Stream, connector: Marketplace, page: Page, *, is_last: bool) -> None:
    kind, now = STREAMS[stream.name], hub.clock()
    shop = hub.masters.get(hub.engine, now).shops[stream.shop_id]
    fresh = 0

    def advance(connection: Connection) -> None:
        nonlocal fresh
        advance_cursor(connection, stream, page.cursor, now)
        fresh = note_references(connection, shop.id, kind, page.references)
        count_documents(connection, stream, fresh)
        if is_last:
            finish_stream(connection, stream, hub.clock(), has_more=page.more)

    def count(connection: Connection, taken: Taken) -> None:
        count_documents(connection, stream, taken.new + taken.newer)

    if kind == "order":
        take_in_safely(hub, shop, page.documents, advance, count)
    else:
        with hub.begin() as connection:
            advance(connection)
            count_documents(connection, stream, TAKE[kind](hub, connection, shop, connector, page.documents))
        if page.documents:
            hub.poke("advance")
    if fresh:
        hub.poke("details")


def _note_failure(hub: Hub, stream: Stream, error: ConnectorError | HubError) -> None:
    wait = error.retry_after if isinstance(error, RateLimited) else None
    with hub.begin() as connection:
        fail_stream(connection, stream, error.words, hub.clock(), wait)
        rows = fetch(connection, "select account_id from shop where id = %s", (stream.shop_id,))
    if isinstance(error, AuthFailed) and rows[0][0] is not None:
        refused(hub, rows[0][0], error.words)
    LOG.warning("pull failed", shop=stream.shop_id, stream=stream.name, error=type(error).__name__)


def pull_now(hub: Hub, shop_id: int, stream: str = "orders") -> None:
    """Pull a stream at once instead of at its time; Busy when somebody is pulling it, NotFound when there is none."""
    if stream not in STREAMS:
        raise NotSupported(f"there is no stream {stream!r:.40}")
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stream_cursor set last_started_at = null, paused_until = null
               where shop_id = %s and stream = %s and (paused_until is null or failures > 0 or paused_until < %s)""",
            (shop_id, stream, hub.clock()),
        )
        if cursor.rowcount == 0:
            rows = fetch(connection, "select 1 from sync_schedule where shop_id = %s and stream = %s", (shop_id, stream))
            if not rows:
                raise NotFound("this shop has no such stream", "switch its schedule on first")
            if fetch(connection, "select 1 from stream_cursor where shop_id = %s and stream = %s", (shop_id, stream)):
                raise Busy("it is being pulled right now", "look again in a moment")
    hub.poke("sync")
