"""A person who clicks: takes the lock of an order that is being worked on, again and again, and notes the wait."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import Connection

from oms.config import Settings, plain_url
from oms.db.session import CLICK_LOCK_TIMEOUT_MS

EVERY_S = 0.05
LOOK_EVERY_S = 0.25
#: Half are the orders whose turn is now, half the ones captured last.
CANDIDATES = """(select id from orders where ready_at is not null and id >= %(first)s order by ready_at, id limit 800)
    union all (select id from orders where id >= %(first)s order by id desc limit 800)"""


@dataclass(frozen=True, slots=True)
class Probes:
    """Waits in milliseconds, how many gave up at the limit, and how many transaction ids the clicks took."""

    waits_ms: list[float]
    given_up: int
    xids: int


def probe(connection: Connection[Any], order_id: int) -> tuple[float, bool, int]:
    """(milliseconds waited, whether the lock came, transaction ids taken) of one click on an order."""
    began, got, xids = time.perf_counter(), True, 0
    try:
        connection.execute("select 1 from orders where id = %s for update", (order_id,))
        waited = time.perf_counter() - began
        row = connection.execute("select pg_current_xact_id_if_assigned() is not null").fetchone()
        xids = int(bool(row and row[0]))
    except psycopg.errors.LockNotAvailable:
        waited, got = time.perf_counter() - began, False
    connection.rollback()
    return waited * 1000, got, xids


def click_until(connection: Connection[Any], first_id: int, stop: threading.Event, seed: int = 1) -> Probes:
    """Click every 50 ms on orders from `first_id` on until `stop` is set."""
    rng, waits, given_up, xids = random.Random(seed), [], 0, 0
    candidates: list[int] = []
    looked_at = float("-inf")
    while not stop.wait(EVERY_S):
        if time.monotonic() - looked_at > LOOK_EVERY_S:
            candidates = [row[0] for row in connection.execute(CANDIDATES, {"first": first_id})]
            connection.rollback()
            looked_at = time.monotonic()
        if candidates:
            waited, got, taken = probe(connection, rng.choice(candidates))
            waits.append(waited)
            given_up += not got
            xids += taken
    return Probes(waits, given_up, xids)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the others lies; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _stop_at_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def main() -> None:
    """Say ready, wait for the first id on standard input, click until it ends, print the probes as JSON."""
    url = Settings.from_env(os.environ).database_url
    options = f"-c lock_timeout={CLICK_LOCK_TIMEOUT_MS} -c timezone=UTC"
    with psycopg.connect(plain_url(str(url)), options=options, application_name="oms bench prober") as connection:
        print("ready", flush=True)
        first_id = int(sys.stdin.readline())
        stop = threading.Event()
        threading.Thread(target=_stop_at_end, args=(stop,), daemon=True).start()
        print(json.dumps(asdict(click_until(connection, first_id, stop))), flush=True)


if __name__ == "__main__":
    main()
