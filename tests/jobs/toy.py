"""A toy pump over a table of its own, and worker and clock processes that run it; what the tests of jobs share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import NullPool, create_engine, text

from oms.app.kernel.hub import Hub
from oms.config import plain_url, sqlalchemy_url
from oms.db.sealed import KeyRing
from oms.jobs.listen import Pulse
from oms.jobs.pump import Pump
from oms.jobs.worker import Pace, serve

TABLES = """
create table if not exists toy_item (id bigserial primary key, worker int, done_at timestamptz);
create table if not exists toy_mark (id bigserial primary key, what text, worker int);
"""
CLAIM = text(
    """
    with claimed as (
        select id from toy_item where done_at is null order by id limit :size for update skip locked
    )
    update toy_item t set worker = :worker, done_at = clock_timestamp() from claimed where t.id = claimed.id
    """
)
READY = "select exists (select from toy_item where done_at is null)"
NEVER_READY = "select false"
GATE = 77
ROOT = Path(__file__).resolve().parents[2]


def a_hub(url: str) -> Hub:
    """A hub whose connections close when they are given back, also after the test has ended."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool, connect_args={"application_name": "oms test"})
    return Hub(engine, KeyRing("test", {"test": bytes(32)}), {})


def connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(plain_url(url), autocommit=True)


def add_items(url: str, count: int) -> None:
    with connect(url) as connection:
        connection.execute(
            "insert into toy_item (id) select nextval('toy_item_id_seq') from generate_series(1, %s)", (count,)
        )


def ask(url: str, question: str, *values: object) -> Any:
    with connect(url) as connection:
        row = connection.execute(question, values or None).fetchone()
        return None if row is None else row[0]


def open_items(url: str) -> int:
    return int(ask(url, "select count(*) from toy_item where done_at is null"))


def drain_items(size: int, *, pause_s: float = 0.0, is_gated: bool = False) -> Callable[[Hub], int]:
    """A drain that claims `size` rows, takes at least `pause_s` for them, and if gated ends only when GATE is free."""

    def drain(hub: Hub) -> int:
        with hub.begin() as connection:
            done = connection.execute(CLAIM, {"size": size, "worker": os.getpid()}).rowcount
            if done and pause_s:
                connection.execute(
                    text("insert into toy_mark (what, worker) values ('batch', :pid)"), {"pid": os.getpid()}
                )
                connection.execute(text("select pg_sleep(:pause)"), {"pause": pause_s})
        if is_gated:
            with hub.begin() as connection:
                connection.execute(text("select pg_advisory_xact_lock_shared(:gate)"), {"gate": GATE})
        return done

    return drain


def eventually(is_so: Callable[[], object], what: str, *, within_s: float = 20.0) -> None:
    """Wait for a condition; the limit is only there to fail at last, never to measure."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen: {what}")
        time.sleep(0.02)


@contextmanager
def a_process(kind: str, url: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A worker (below) or a clock (toy_clock.py) in a process of its own, killed at the end if it still runs."""
    module = {"worker": "tests.jobs.toy", "clock": "tests.jobs.toy_clock"}[kind]
    command = [sys.executable, "-m", module, url, json.dumps(options)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def main(url: str, options: dict[str, Any]) -> None:
    """One worker: batches of `size`, each at least `pause_s`; without `sweep_s` no sweep, with `poll_s` no NOTIFY."""
    drain = drain_items(options.get("size", 10), pause_s=options.get("pause_s", 0.0), is_gated="gated" in options)
    pump = Pump("toy", drain, READY if options.get("sweep_s") else NEVER_READY)
    poll_s = options.get("poll_s", 60.0)
    pulse = Pulse(heartbeat_s=0.2, stalled_s=2.0, poll_s=poll_s, is_listening=poll_s > 1)
    serve(url, a_hub(url), [pump], threads=2, pace=Pace(sweep_s=options.get("sweep_s"), pulse=pulse))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
