"""A platform's pushes to the hub: kept, signed by the twin, sent with retries, misbehaving on demand.

Faults: `lost_push` never arrives, `late_push` waits `seconds` twin-seconds, `shuffled_push` waits a random part of
them (so pushes overtake each other), `duplicate_push` arrives twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.faults import FaultPlan
from connectors.sandbox.kit.scheduler import Scheduler
from connectors.sandbox.kit.storage import Storage
from connectors.sandbox.kit.transport import post

RETRY_SECONDS = (10.0, 60.0, 600.0, 3600.0)


class Pushes:
    """Sends pushes; a 2xx answer ends one, anything else is tried again a few times.

    `delivered(body)` may be overridden where the platform also reads the answer's body.
    """

    def __init__(self, storage: Storage, scheduler: Scheduler, faults: FaultPlan, seed: int) -> None:
        self._storage = storage
        self._scheduler = scheduler
        self._faults = faults
        self._random = random.Random(f"pushes:{seed}")
        scheduler.on("push", lambda payload: self._send(int(payload["id"])))

    def send(self, url: str, topic: str, number: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Keep a push and send it soon; nothing happens without an address."""
        if not url:
            return
        state = "lost" if self._faults.draw("lost_push", topic) is not None else "waiting"
        with self._storage.write() as tx:
            done = tx.execute(
                "insert into push (topic, number, url, headers, body, state, at_ms)"
                " values (?, ?, ?, ?, ?, ?, cast(strftime('%s', 'now') as integer) * 1000)",
                (topic, number, url, json.dumps(dict(headers)), body, state),
            )
            id_ = int(done.lastrowid or 0)
        if state == "waiting":
            self._plan(id_, topic)

    def ledger(self) -> list[dict[str, Any]]:
        """Every push with its state (waiting, done, lost, given_up), tries and last answer."""
        rows = self._storage.rows("select id, topic, number, state, tries, answer from push order by id")
        return [dict(row) for row in rows]

    def delivered(self, status: int, body: bytes) -> bool:
        """Whether the platform takes this answer for a yes."""
        return 200 <= status < 300

    def _plan(self, id_: int, topic: str) -> None:
        delay = 0.0
        if (fault := self._faults.draw("late_push", topic)) is not None:
            delay = float(fault.seconds)
        if (fault := self._faults.draw("shuffled_push", topic)) is not None:
            delay += self._random.random() * fault.seconds
        self._scheduler.after(delay, "push", {"id": id_})
        if self._faults.draw("duplicate_push", topic) is not None:
            self._scheduler.after(delay, "push", {"id": id_})

    def _send(self, id_: int) -> None:
        row = self._storage.one("select * from push where id = ?", (id_,))
        if row is None:
            return
        try:
            answer = post(row["url"], row["body"], headers=json.loads(row["headers"]))
            done, words = self.delivered(answer.status, answer.body), f"{answer.status} {answer.body[:80]!r}"
        except OSError as error:
            done, words = False, type(error).__name__
        tries = row["tries"] + 1
        state = "done" if done or row["state"] == "done" else "given_up" if tries > len(RETRY_SECONDS) else "waiting"
        self._storage.execute("update push set state = ?, tries = ?, answer = ? where id = ?", (state, tries, words, id_))
        if state == "waiting":
            self._scheduler.after(RETRY_SECONDS[tries - 1], "push", {"id": id_})
