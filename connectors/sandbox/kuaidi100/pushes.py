"""Pushes to subscribers: signed when a salt was registered, repeated a few times, never longer."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.kit import Scheduler, Storage, post
from connectors.sandbox.kuaidi100.settings import Settings
from connectors.sandbox.kuaidi100.signing import push_signature

BATCH = 64
REPEAT_AFTER = 300.0
SHORTEST_REAL_PAUSE = 0.5


class Pushes:
    """The outgoing side of one twin."""

    def __init__(self, storage: Storage, scheduler: Scheduler, settings: Settings) -> None:
        self._storage = storage
        self._scheduler = scheduler
        self._settings = settings
        scheduler.on("ready", self._ready)
        scheduler.on("flush", lambda _: self.flush())

    def send(self, subscription: int, param: str, sends: int) -> None:
        """Queue a push; a repeat sends the very same text, even when the trail has grown since."""
        with self._storage.write() as tx:
            done = tx.execute(
                "insert into push (subscription, param, sends_left) values (?, ?, ?)", (subscription, param, sends)
            )
            self._scheduler.after(0, "ready", {"id": done.lastrowid})

    def flush(self) -> None:
        """Send what is ready, several at a time."""
        rows = self._storage.rows(
            "select p.*, s.callback, s.salt from push p join subscription s on s.id = p.subscription"
            " where p.state = 'ready' order by p.id limit ?",
            (BATCH,),
        )
        for row, is_answered in zip(rows, self._send_all(rows), strict=True):
            self._settle(row, is_answered)
        if len(rows) == BATCH:
            self._scheduler.after(0, "flush")

    def _ready(self, payload: dict[str, Any]) -> None:
        self._storage.execute("update push set state = 'ready' where id = ? and state = 'waiting'", (payload["id"],))
        self._scheduler.after(0, "flush")

    def _send_all(self, rows: list[Row]) -> list[bool]:
        if self._settings.senders <= 1 or len(rows) <= 1:
            return [_send_one(row) for row in rows]
        with ThreadPoolExecutor(self._settings.senders) as pool:
            return list(pool.map(_send_one, rows))

    def _settle(self, row: Row, is_answered: bool) -> None:
        tries = row["tries"] + 1
        sends_left = row["sends_left"] - is_answered
        state, pause = "waiting", REPEAT_AFTER
        if is_answered and sends_left <= 0:
            state = "answered"
        elif not is_answered:
            pause = self._settings.retry_minutes * 60
            state = "given_up" if tries > self._settings.push_retries else "waiting"
        with self._storage.write() as tx:
            tx.execute(
                "update push set state = ?, tries = ?, sends_left = ? where id = ?",
                (state, tries, sends_left, row["id"]),
            )
            self._storage.count("push", "ok" if is_answered else "no success")
            if state == "waiting":
                pause = max(pause, SHORTEST_REAL_PAUSE * self._scheduler.speed)
                self._scheduler.after(pause, "ready", {"id": row["id"]})


def _send_one(row: Row) -> bool:
    fields = {"param": row["param"]}
    if row["salt"] is not None:
        fields["sign"] = push_signature(row["param"], row["salt"])
    body = urlencode(fields).encode()
    try:
        answer = post(row["callback"], body, "application/x-www-form-urlencoded;charset=utf-8")
        said = json.loads(answer.body)
    except (OSError, HTTPException, ValueError):
        return False
    return answer.status == 200 and isinstance(said, dict) and said.get("result") in (True, "true")
