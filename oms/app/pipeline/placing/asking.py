"""Asks geocoders where receivers are, outside of any transaction, and has the orders that waited go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.contract.errors import Retryable
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.places import locate
from oms.db.bulk import psycopg_connection

CLAIM: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(seconds=15)
#: After so many calls in vain, some four minutes, the middle of the city has to do.
MOST_ATTEMPTS: Final = 5
AT_ONCE: Final = 20
#: How a place that is good enough was found.
EXACT: Final = ("platform", "cache", "geocoder")
READY: Final = "exists (select from order_place where next_at <= now())"
CLAIMED: Final = """
update order_place p set next_at = %s, attempts = attempts + 1
from (select order_id from order_place where next_at <= %s order by next_at, order_id limit %s
      for update skip locked) due where p.order_id = due.order_id
returning p.order_id, p.account_id, p.attempts"""


def locate_batch(hub: Hub) -> int:
    """Find out where orders go that wait for it; answers how many were looked at."""
    with hub.begin() as connection:
        due = fetch(connection, CLAIMED, (hub.clock() + CLAIM, hub.clock(), AT_ONCE))
    for order_id, account_id, attempts in due:
        _locate(hub, order_id, account_id, attempts)
    if due:
        hub.poke("advance")
    return len(due)


def _locate(hub: Hub, order_id: int, account_id: int, attempts: int) -> None:
    try:
        found = locate(hub, order_id, account_id)
    except Retryable as error:
        if attempts < MOST_ATTEMPTS:
            _wait(hub, order_id, attempts, error.words)
        else:
            _settle(hub, order_id, "unknown", error.words)
        return
    is_exact = found is not None and found.found_with in EXACT
    _settle(hub, order_id, "found" if is_exact else "unknown", "" if is_exact else "the map knows no such address")


def _wait(hub: Hub, order_id: int, attempts: int, words: str) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update order_place set next_at = %s, words = %s where order_id = %s",
            (hub.clock() + AGAIN * 2 ** (attempts - 1), words[:200], order_id),
        )


def _settle(hub: Hub, order_id: int, state: str, words: str) -> None:
    """The order goes first, as everywhere; it is looked at again though it was busy just now."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update orders set ready_at = %s where id = %s and status = 'open'", (hub.clock(), order_id))
        cursor.execute(
            "update order_place set next_at = null, state = %s, words = %s where order_id = %s",
            (state, words[:200], order_id),
        )
