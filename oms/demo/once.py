"""`oms demo --once`: the main job for so many platform orders without a person, then the comparison."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from oms.demo import faults
from oms.demo.books import parts_of, read_books, read_counts
from oms.demo.colleagues import Colleagues, find_lacking_goods
from oms.demo.compare import HubBooks, compare
from oms.demo.compare_markets import compare_market
from oms.demo.elsewhere import order_elsewhere
from oms.demo.house import House
from oms.demo.killing import Killer
from oms.demo.plan import MENDED_OF_FIVE, cast, kinds_for, review_limit, tids_of
from oms.demo.report import Report
from oms.demo.rules import AMOUNT_LIMIT, publish_review_rules
from oms.demo.script import Script
from oms.demo.tampering import tamper
from oms.demo.watching import left_over, look, missing, open_work, patiently

TICK_SECONDS = 0.4
QUIET_SECONDS = 3.0
SAY_EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for; `limit` is seconds until orders that have not settled are called left."""

    orders: int
    seed: int = 1
    with_faults: bool = True
    with_kills: bool = False
    tamper: str = ""
    limit: float = 600.0


@dataclass
class Mending:
    """Some damaged documents are mended on the platform once all are parked, and tried again; others stay parked."""

    house: House
    people: Colleagues
    tids: list[str]
    say: Callable[[str], None]
    is_over: bool = False

    def tick(self) -> None:
        """Mend and try again as soon as everything to mend has been parked, or was understood in another way."""
        if self.is_over or patiently(self._unseen, self.house.require_alive):
            return
        for tid in self.tids:
            self.house.twins.trade(tid, "mend")
        retried = patiently(lambda: self.people.retry_parked(self.tids), self.house.require_alive)
        self.say(f"{len(self.tids)} damaged orders are mended on the platform, {retried} parked ones tried again")
        self.is_over = True

    def _unseen(self) -> list[str]:
        with self.house.hub.engine.connect() as connection:
            return missing(connection, self.tids)


@dataclass
class Run:
    """One scripted run in an open house."""

    house: House
    wish: Wish
    say: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    said: float = 0.0

    def play(self) -> Report:
        """Create the trades, play the script, wait until all has settled, mend what was parked, compare."""
        twins = self.house.twins
        if self.wish.with_faults:
            twins.taobao.set_faults(faults.TAOBAO)
            twins.qimen.set_faults(faults.QIMEN)
            twins.kuaidi100.set_faults(faults.KUAIDI100)
        created = twins.create_trades(0, kinds_for(self.wish.orders), tag="once")
        elsewhere = order_elsewhere(twins, self.wish.orders)
        trades = twins.taobao.ledger()["trades"]
        limit = review_limit(trades, self.wish.orders, AMOUNT_LIMIT)
        with self.house.hub.begin() as connection:
            publish_review_rules(connection, limit)
        script = Script.stage(twins, cast(trades, self.wish.orders, limit, self.wish.seed))
        self.say(f"{len(trades)} orders are on the platform; {len(script.scenes)} of them have a part to play")
        killer = self._killer()
        tids = tids_of(created) + elsewhere
        is_settled = self._until_settled(script, tids, self._mending(tids_of(created["bad"])), killer)
        if killer is not None:
            killer.stop()
        return self._judge(script, killer, is_settled=is_settled)

    def _killer(self) -> Killer | None:
        if not self.wish.with_kills:
            return None
        killer = Killer(self.house.settings.run_folder, self.wish.seed, self.say)
        killer.start()
        return killer

    def _people(self) -> Colleagues:
        return Colleagues(self.house.hub, self.house.ready.reviewer)

    def _until_settled(self, script: Script, tids: list[str], mending: Mending, killer: Killer | None) -> bool:
        """Tick until nothing is under way for a while; false when the time is over."""
        quiet_since: float | None = None
        while time.monotonic() - self.began < self.wish.limit:
            self.house.require_alive()
            script.tick(look(self.house.hub, script.open_tids, self.house.require_alive))
            self._let_people_work(script.kept_from_reviewer())
            mending.tick()
            work = self._open_work(tids)
            self._now_and_then(script, work)
            if work or not script.is_over or not mending.is_over or (killer is not None and not killer.is_done):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= QUIET_SECONDS:
                return True
            time.sleep(TICK_SECONDS)
        return False

    def _let_people_work(self, keep: frozenset[str]) -> None:
        people, alive = self._people(), self.house.require_alive
        patiently(people.sign_in_again, alive)
        patiently(lambda: people.lift_holds(keep), alive)
        patiently(lambda: people.review(keep), alive)

    def _open_work(self, tids: list[str]) -> dict[str, int]:
        def read() -> dict[str, int]:
            with self.house.hub.engine.connect() as connection:
                work, uncaptured = open_work(connection), missing(connection, tids)
            return work | ({"orders to capture": len(uncaptured)} if uncaptured else {})

        return patiently(read, self.house.require_alive)

    def _now_and_then(self, script: Script, work: dict[str, int]) -> None:
        now = time.monotonic()
        if now - self.said < SAY_EVERY_SECONDS:
            return
        self.said = now
        find_lacking_goods(self.house.twins)
        scenes = sum(scene.state == "done" for scene in script.scenes)
        words = ", ".join(f"{count} {name}" for name, count in work.items()) or "nothing under way"
        self.say(f"{now - self.began:4.0f} s: {words}; {scenes}/{len(script.scenes)} parts played")

    def _mending(self, bad: list[str]) -> Mending:
        return Mending(self.house, self._people(), bad[: -(-len(bad) * MENDED_OF_FIVE // 5)], self.say)

    def _judge(self, script: Script, killer: Killer | None, *, is_settled: bool) -> Report:
        house = self.house
        if self.wish.tamper:
            name = tamper(house.twins, self.wish.tamper, self.wish.seed)
            self.say(f"tampered ({self.wish.tamper}) with the shipment of order {name}")
        platform, warehouse = house.twins.taobao.ledger(), house.twins.qimen.ledger()

        def read() -> tuple[HubBooks, dict[str, int], list[str]]:
            with house.hub.engine.connect() as connection:
                left = [] if is_settled else self._left(connection, script)
                return read_books(connection), read_counts(connection), left

        books, counts, left = patiently(read, house.require_alive)
        parts = parts_of(house.twins.catalogue())
        others = {vendor: twin.ledger() for vendor, twin in house.twins.markets.items()}
        differences = compare(platform, warehouse, books, parts, others.values())
        for ledger in others.values():
            differences += compare_market(ledger, warehouse, books, parts)
        orders = {"taobao": len(platform["trades"]), **{name: len(found["trades"]) for name, found in others.items()}}
        numbers = {"platform_orders": sum(orders.values()), **counts, "seconds": round(time.monotonic() - self.began)}
        more = {
            "seed": self.wish.seed,
            "orders_by_platform": orders,
            "refunds_by_moment": script.refunds_by_moment(),
            "edited": sum(scene.part.act != "refund" for scene in script.scenes),
            "killed": killer.killed if killer is not None else [],
            "not_played": script.trouble,
        }
        return Report(numbers, differences, left, more)

    @staticmethod
    def _left(connection: Connection, script: Script) -> list[str]:
        """Why a run has not settled: orders that are on their way, work that waits, parts that were not played."""
        work = [f"{count} {words}" for words, count in open_work(connection).items()]
        unplayed = [f"order {tid}: its part in the script was not played" for tid in script.open_tids]
        return [*left_over(connection), *work, *unplayed]
