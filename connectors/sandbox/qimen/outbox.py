"""Reports to the hub: signed like the platform does it, repeated with growing pauses until the hub says success."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPException
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.kit import post
from connectors.sandbox.qimen.gateway import stamp
from connectors.sandbox.qimen.signing import signature
from connectors.sandbox.qimen.site import Site
from connectors.sandbox.qimen.xmltext import BadXml, parse, text

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 4 * 3600.0
SHORTEST_REAL_PAUSE = 0.5
REPEAT_AFTER = 120.0
BATCH = 64
PATIENCE_SECONDS = 30.0


def bind(site: Site) -> None:
    """Tell the timer which functions the outbox's tasks are."""
    site.scheduler.on("ready", lambda payload: _ready(site, payload))
    site.scheduler.on("flush", lambda _: flush(site))


def send(site: Site, method: str, customer: str, about: str, body: bytes, sends: int = 1) -> None:
    """Queue a report; it goes out at least `sends` times and until each was answered with success."""
    with site.storage.write() as tx:
        done = tx.execute(
            "insert into outbox (method, customer, about, body, sends_left) values (?, ?, ?, ?, ?)",
            (method, customer, about, body, sends),
        )
        site.scheduler.after(0, "ready", {"id": done.lastrowid})


def flush(site: Site) -> None:
    """Send what is ready, several at a time, so that a slow hub does not stop the warehouse."""
    rows = site.storage.rows("select * from outbox where state = 'ready' order by id limit ?", (BATCH,))
    for row, is_answered in zip(rows, _send_all(site, rows), strict=True):
        _settle(site, row, is_answered)
    if len(rows) == BATCH:
        site.scheduler.after(0, "flush")


def signed_url(site: Site, method: str, customer: str, body: bytes) -> str:
    """The hub's address with the platform's parameters and signature; the platform drops the method's prefix."""
    params = {
        "method": method,
        "timestamp": stamp(datetime.now(UTC)),
        "format": "xml",
        "app_key": site.settings.app_key,
        "v": "2.0",
        "sign_method": site.settings.sign_method,
        "customerId": customer,
    }
    params["sign"] = signature(params, body, site.settings.secret)
    url = site.callback_url()
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"


def _ready(site: Site, payload: dict[str, Any]) -> None:
    site.storage.execute("update outbox set state = 'ready' where id = ? and state = 'waiting'", (payload["id"],))
    site.scheduler.after(0, "flush")


def _send_all(site: Site, rows: Sequence[Row]) -> list[bool]:
    if site.settings.senders <= 1 or len(rows) <= 1:
        return [_send_one(site, row) for row in rows]
    with ThreadPoolExecutor(site.settings.senders) as pool:
        return list(pool.map(lambda row: _send_one(site, row), rows))


def _send_one(site: Site, row: Row) -> bool:
    if not site.callback_url():
        return False
    url = signed_url(site, row["method"], row["customer"], row["body"])
    try:
        answer = post(url, row["body"], "text/xml;charset=utf-8", timeout=PATIENCE_SECONDS)
        return answer.status == 200 and text(parse(answer.body), "flag") == "success"
    except (OSError, HTTPException, BadXml):
        return False


def _settle(site: Site, row: Row, is_answered: bool) -> None:
    tries = row["tries"] + 1
    first_at = row["first_at"] or time.time()
    sends_left = row["sends_left"] - is_answered
    state, pause = "waiting", REPEAT_AFTER
    if is_answered and sends_left <= 0:
        state = "answered"
    elif not is_answered:
        pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
        if time.time() - first_at > site.settings.retry_days * 86400:
            state = "given_up"
    with site.storage.write() as tx:
        tx.execute(
            "update outbox set state = ?, tries = ?, sends_left = ?, first_at = ?, answered = answered + ? where id = ?",
            (state, tries, sends_left, first_at, int(is_answered), row["id"]),
        )
        site.storage.count(f"callback:{row['method']}", "ok" if is_answered else "no success")
        if state == "waiting":
            pause = max(pause, SHORTEST_REAL_PAUSE * site.scheduler.speed)
            site.scheduler.after(pause, "ready", {"id": row["id"]})
