"""Every connector against its twin while rows move between pages: nothing of what was bought or changed is missed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine

from connectors.contract.errors import RateLimited
from connectors.contract.records import RawDocument, Reference
from tests.journeys.travellers import TRAVELLERS
from tests.long.platforms import START, Platform, now, widths
from tests.long.proofs import Run

MOST_CALLS = 400
#: The connectors keep further away from now than a list lags.
LATEST_ROW_MS = 4_000
SETTINGS = {"expires_in": 10**9}
CHANGES = ("edit_memo", "edit_address", "touch")


@contextmanager
def opened() -> Iterator[Run]:
    """Every platform for the whole run; a seed is about one of them."""
    with tempfile.TemporaryDirectory(prefix="oms-long-") as folder, time_machine.travel(START, tick=False) as clock:
        platforms = [Platform(traveller, Path(folder), **SETTINGS) for traveller in TRAVELLERS]
        try:
            yield lambda seed: Walking(platforms[seed % len(platforms)], clock, seed).run()
        finally:
            for platform in platforms:
                platform.close()


class Walking:
    """Some pulls of one platform's orders while buyers go on buying and changing."""

    def __init__(self, platform: Platform, clock: Any, seed: int) -> None:
        self.platform, self.clock, self.chance = platform, clock, random.Random(seed)
        self.orders: list[str] = []
        self.seen: dict[str, str] = {}
        self.cursor = ""

    def run(self) -> None:
        """Pull several times, then once more when all is quiet; each order was seen as it is in the end."""
        platform = self.platform
        platform.begin_anew()
        self.clock.shift(timedelta(days=4))
        since = {"since": now().isoformat()}
        self.shop = platform.connector(replace(platform.account, settings={**platform.account.settings, **since}))
        self._buy()
        rates = {"moving_rows": 0.7, "duplicate_rows": 0.3, "late_rows": 0.3}
        platform.misbehave([
            {"kind": kind, "rate": rate, "ms": self.chance.randint(1, LATEST_ROW_MS)} for kind, rate in rates.items()
        ])  # fmt: skip
        platform.wire.after = self._meanwhile
        for _ in range(self.chance.randint(1, 2)):
            self._change(3)
            self.pull()
            self.clock.shift(timedelta(seconds=self.chance.choice((0, 2, 30, 400, 2_000))))
        platform.wire.after = lambda: None
        platform.misbehave([])
        self.clock.shift(timedelta(minutes=15))
        self.pull()
        self.check()

    def pull(self) -> None:
        """Pull until the stream is at its end; cursors never stand still."""
        for _ in range(MOST_CALLS):
            try:
                page = self.shop.pull_orders(self.cursor)
            except RateLimited as error:
                self.clock.shift(timedelta(seconds=error.retry_after or 1))
                continue
            assert not (page.more and page.cursor == self.cursor), "the cursor stands still"
            for document in page.documents:
                self._see(document)
            for reference in page.references:
                self._see(reference)
            self.cursor = page.cursor
            if not page.more:
                return
        raise AssertionError(f"the walk did not end in {MOST_CALLS} pages")

    def _see(self, found: RawDocument | Reference) -> None:
        stamp = found.changed_at
        if stamp is None and isinstance(found, RawDocument):
            stamp = self.shop.parse_order(found.body).changed_at
        at = stamp.isoformat() if stamp else ""
        self.seen[found.external_no] = max(self.seen.get(found.external_no, ""), at)

    def check(self) -> None:
        """Every order was seen, with a stamp no older than its document now has."""
        stamps = {number: self._stamp_of(number) for number in self.orders}
        late = {no: (self.seen.get(no), stamp) for no, stamp in stamps.items() if self.seen.get(no, "") < stamp}
        assert not late, f"{self.platform.vendor}: {len(late)} of {len(self.orders)} not seen as they are: {late}"

    def _stamp_of(self, number: str) -> str:
        """When an order changed last, as its document tells; rests when the platform asks for it."""
        while True:
            try:
                return self.platform.order(number).changed_at.isoformat()
            except RateLimited as error:
                self.clock.shift(timedelta(seconds=error.retry_after or 1))

    def _buy(self) -> None:
        self.orders += self.platform.buy("plain", self.chance.choice((1, 3, 30, 120)))

    def _meanwhile(self) -> None:
        self.clock.shift(widths(self.chance))
        if self.chance.random() < 0.1:
            self.orders += self.platform.buy("plain", self.chance.randint(1, 3))
        self._change(self.chance.choice((0, 0, 1, 2)))

    def _change(self, most: int) -> None:
        for number in self.chance.sample(self.orders, min(len(self.orders), most)):
            self.platform.try_to(number, self.chance.choice(CHANGES))
