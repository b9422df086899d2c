"""Convergence through the twins: whatever way changes reach the hub, after one reconciliation it holds what they hold.

A seed is one platform and a few orders whose lives go on at once. Pushes come twice, late, in another order, or not at
all; pulls run in between while rows move, come twice or come late; the pipeline plans and ships what it sees.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine

from oms.app.capture import references
from oms.embedded import EmbeddedPostgres
from tests.app.invariants import check_invariants
from tests.journeys.receiver import SHOPIFY_TOPICS, WOO_TOPICS
from tests.journeys.travellers import TRAVELLERS, Traveller
from tests.long.intake import fresh_database
from tests.long.lives import Life
from tests.long.one_hub import SAID, OneHub, door_open
from tests.long.platforms import START, Platform, now, widths
from tests.long.proofs import Run
from tests.long.truth import differences

ORDERS_A_SEED = 4
#: How long the last push may be under way, and how long a list may hide a row.
LATEST_PUSH = timedelta(minutes=20)
LATEST_ROW_MS = 4_000
PUSH_FAULTS = (
    {"kind": "lost_push", "rate": 0.05}, {"kind": "duplicate_push", "rate": 0.2},
    {"kind": "late_push", "rate": 0.2, "seconds": 600}, {"kind": "shuffled_push", "rate": 0.3, "seconds": 300},
)  # fmt: skip


#: Authorisations that people renew do not end while the proof runs, and what platforms do by themselves is soon done.
SETTINGS = {"expires_in": 10**9, "finance_after": 60, "intercept_after": 60, "refund_after": 60,
            "authorise_after": 60}  # fmt: skip


@contextmanager
def opened(travellers: Sequence[Traveller] = TRAVELLERS) -> Iterator[Run]:
    """A hub on a database of its own and every platform, for all seeds; the PostgreSQL goes away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="oms-long-"))
    server = EmbeddedPostgres(folder / "postgres", shared_buffers_mb=64, durable=False, throw_away=True)
    try:
        with staged(fresh_database(server.start(), "converging"), folder, travellers) as run:
            yield run
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def staged(url: str, folder: Path, travellers: Sequence[Traveller] = TRAVELLERS) -> Iterator[Run]:
    """The same on a given database; the clock stands at the proofs' start and goes on with the seeds."""
    with time_machine.travel(START, tick=False) as clock, mock.patch.object(references, "THREADS", 1):
        hub = OneHub(url)
        platforms = [_platform(hub, traveller, folder) for traveller in travellers]
        try:
            yield lambda seed: Batch(hub, platforms[seed % len(platforms)], clock, seed).run()
            check_invariants(hub.world)
        finally:
            for platform in platforms:
                platform.close()
            hub.world.hub.engine.dispose()


def _platform(hub: OneHub, traveller: Traveller, folder: Path) -> Platform:
    url = f"{SAID}{traveller.vendor}"
    told = {"push_url": url, "webhooks": {"uri": url, "topics": SHOPIFY_TOPICS}, **SETTINGS}
    platform = Platform(traveller, folder, **told)
    hub.add(platform)
    with door_open(hub, traveller.vendor):
        for topic in WOO_TOPICS if "webhook_secret" in platform.account.secrets else ():
            platform.subscribe(topic, url)
    return platform


class Batch:
    """What one seed does to one platform and to the hub."""

    def __init__(self, hub: OneHub, platform: Platform, clock: Any, seed: int) -> None:
        self.hub, self.platform, self.clock = hub, platform, clock
        self.chance = random.Random(seed)
        self.lives = [Life(platform, self.chance) for _ in range(ORDERS_A_SEED)]

    def run(self) -> None:
        """Let everything happen, reconcile, compare; nothing comes afterwards that changes it again."""
        self._begin()
        with door_open(self.hub, self.platform.vendor):
            while any(life.steps for life in self.lives):
                self.chance.choice([life for life in self.lives if life.steps]).go_on()
                self._pass(timedelta(seconds=self.chance.choice((0, 1, 5, 30, 300))))
                self.chance.choice(MEANWHILE)(self)
            self.platform.wire.after = lambda: None
            self._reconcile()
        found = differences(self.hub, self.platform, [life.number for life in self.lives], self.began)
        if found:
            stories = {life.number: " ".join(life.story) for life in self.lives}
            raise AssertionError(f"{self.platform.vendor}: {found} after {stories}")

    def _begin(self) -> None:
        """Nothing of the batch before is left to be listed; the streams go on where they are."""
        self.platform.begin_anew()
        self.clock.shift(timedelta(hours=1))
        self.began = now() - timedelta(minutes=10)
        self.hub.begin_at(self.platform, self.began)
        rates = {"moving_rows": 0.5, "duplicate_rows": 0.3, "late_rows": 0.3}
        faults = [
            {"kind": kind, "rate": rate, "ms": self.chance.randint(1, LATEST_ROW_MS)}
            for kind, rate in rates.items() if self.chance.random() < 0.5
        ]  # fmt: skip
        self.platform.misbehave([*faults, *PUSH_FAULTS])
        self.platform.wire.after = self._meanwhile

    def _meanwhile(self) -> None:
        """Time passes with every call, and now and then somebody does something before its answer is here."""
        self.clock.shift(widths(self.chance))

    def _pass(self, span: timedelta) -> None:
        self.clock.shift(span)
        self.platform.run_due()

    def nothing(self) -> None:
        """Nobody looks."""

    def pull_orders(self) -> None:
        self.hub.pull(self.platform, "orders")

    def pull_cases(self) -> None:
        self.hub.pull(self.platform, "cases")

    def read(self) -> None:
        self.hub.read()

    def settle(self) -> None:
        self.hub.settle()

    def ship(self) -> None:
        """Our warehouse sends what it has, and the platform is told."""
        for life in self.lives:
            self.hub.ship(life.number)
        self.hub.settle()

    def _rest(self) -> None:
        """The hub goes on as always until it has nothing to do."""
        for stream in ("orders", "cases"):
            self.hub.pull(self.platform, stream)
        self.hub.read()
        self.hub.settle()
        self._pass(timedelta(minutes=10))

    def _walk(self, stream: str) -> None:
        """A stream from its beginning to its end: a report that is ordered only, and not read, has told nothing yet."""
        pulls = self.platform.traveller.case_pulls if stream == "cases" else 1
        for pull in range(pulls):
            self.hub.pull(self.platform, stream, anew=not pull)
            self._pass(timedelta(minutes=1))

    def _reconcile(self) -> None:
        """The whole span once more, what the certificate brings, and every push that was still under way."""
        platform = self.platform
        platform.misbehave([])
        for _ in range(3):
            self._rest()
        for stream in ("orders", "cases", "cases"):
            self._walk(stream)
        self.hub.read()
        self.hub.certify(platform, self.began)
        self._pass(LATEST_PUSH)
        self.hub.read()
        self.hub.settle()


MEANWHILE = (
    Batch.nothing, Batch.nothing, Batch.pull_orders, Batch.pull_orders, Batch.pull_cases, Batch.read, Batch.settle,
    Batch.ship,
)  # fmt: skip
