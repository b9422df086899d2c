"""The Taobao connector against its twin on a clock of our own: trades change between and during the calls of a walk."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import responses
import time_machine
from werkzeug.test import Client

from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.taobao import Taobao
from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.taobao.clock import moment_of
from connectors.sandbox.taobao.creation import create_trades
from connectors.sandbox.taobao.twin import TaobaoTwin
from tests.long.proofs import Run

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GATE = "https://gate.example.invalid/router/rest"
KINDS = ("plain", "cod", "unpaid", "split")
MOST_CALLS = 400
#: A list lags by less than the connector stays away from now; rows that enter a window later are outside its promise.
LATEST_ROW_MS = 4_000
Seen = set[tuple[str, datetime | None]]


@contextmanager
def opened() -> Iterator[Run]:
    """One twin for the whole run, emptied before each seed."""
    with tempfile.TemporaryDirectory(prefix="oms-long-") as folder:
        twin = TaobaoTwin(TwinOptions(Path(folder), seed=3))
        try:
            yield lambda seed: run(twin, seed)
        finally:
            twin.close()


def run(twin: TaobaoTwin, seed: int) -> None:
    """Pull several times while trades come and change; in the end each one's last state was seen."""
    chance = random.Random(seed)
    with time_machine.travel(START, tick=False) as clock:
        _prepare(twin, chance, clock)
        street = Street(twin, chance, clock)
        with street.open():
            for _ in range(chance.randint(1, 3)):
                street.pull()
                clock.shift(timedelta(seconds=chance.choice((0, 2, 30, 400, 2_000))))
            twin.faults.replace([])
            street.is_quiet = True
            clock.shift(timedelta(minutes=10))
            street.pull()
    last = {(row["tid"], moment_of(row["modified"])) for row in twin.storage.rows("select tid, modified from trade")}
    missed = last - street.seen
    assert not missed, f"{len(missed)} of {len(last)} trades were not seen in their last state"


def _prepare(twin: TaobaoTwin, chance: random.Random, clock: Any) -> None:
    twin.faults.replace([])
    twin.storage.empty()
    twin.after_reset()
    rates = {"moving_rows": 0.7, "duplicate_rows": 0.3, "late_rows": 0.3}
    for _ in range(chance.randint(0, 8)):
        create_trades(twin.market, {chance.choice(KINDS): chance.choice((1, 5, 20, 60))})
        clock.shift(timedelta(seconds=chance.choice((0, 1, 60, 900))))
    chosen = [kind for kind in rates if chance.random() < 0.6]
    twin.faults.replace([
        {"kind": kind, "rate": rates[kind], "match": "taobao.trades.*", "ms": chance.randint(1, LATEST_ROW_MS)}
        for kind in chosen
    ])  # fmt: skip


class Street:
    """The way between the connector and the twin, on which time passes and trades change."""

    def __init__(self, twin: TaobaoTwin, chance: random.Random, clock: Any) -> None:
        self._twin, self._chance, self._clock = twin, chance, clock
        self._client = Client(twin)
        self._cursor = ""
        self.seen: Seen = set()
        self.is_quiet = False
        secrets = {name: twin.keys[name] for name in ("app_secret", "session")}
        account = Account({"app_key": twin.keys["app_key"], "since": START.isoformat()}, secrets, gateway=GATE)
        self._taobao = Taobao(account, clock=lambda: datetime.now(UTC))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Carry the connector's calls to the twin."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
            platform.add_callback(responses.POST, GATE, callback=self._carry)
            yield

    def pull(self) -> None:
        """Pull until the stream is at its end; cursors never stand still."""
        for _ in range(MOST_CALLS):
            page: Page = self._taobao.pull_orders(self._cursor)
            assert not (page.more and page.cursor == self._cursor), "the cursor stands still"
            self.seen |= {(found.external_no, found.changed_at) for found in page.references}
            self._cursor = page.cursor
            if not page.more:
                return
        raise AssertionError(f"the walk did not end in {MOST_CALLS} pages")

    def _carry(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        answer = self._client.post("/router/rest", data=request.body,
                                   content_type="application/x-www-form-urlencoded")  # fmt: skip
        if not self.is_quiet:
            self._meanwhile()
        return answer.status_code, {}, answer.get_data()

    def _meanwhile(self) -> None:
        self._clock.shift(timedelta(seconds=self._chance.choice((0, 0, 1, 3, 20))))
        if self._chance.random() < 0.3:
            create_trades(self._twin.market, {self._chance.choice(KINDS): self._chance.randint(1, 4)})
        rows = self._twin.storage.rows("select tid from trade order by tid")
        for row in self._chance.sample(rows, min(len(rows), self._chance.choice((0, 0, 1, 3)))):
            self._twin.market.trades.save(self._twin.market.trade(row["tid"]))
