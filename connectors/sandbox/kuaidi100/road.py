"""Parcels on the road: when they start, what happens to them when, and who is told."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from sqlite3 import Row
from typing import Any

from connectors.sandbox.kit import Scheduler, Storage
from connectors.sandbox.kuaidi100 import messages, pushes
from connectors.sandbox.kuaidi100.codes import SIGNED, STATES, base, companies_of
from connectors.sandbox.kuaidi100.journey import (
    ABORT,
    DELIVERIES,
    OUTCOMES,
    Step,
    choose,
    city,
    plan,
    resumed_at,
    seconds_before,
)
from connectors.sandbox.kuaidi100.settings import Settings, merged_shares

CHINA = timezone(timedelta(hours=8))


class Road:
    """All parcels of one twin. Chance depends on the seed and the number alone, so a run can be repeated."""

    def __init__(self, storage: Storage, scheduler: Scheduler, settings: Settings, seed: int) -> None:
        self.storage = storage
        self.scheduler = scheduler
        self.settings = settings
        self.seed = seed
        self.pushes = pushes.Pushes(storage, scheduler, settings)
        scheduler.on("step", self._step_when_due)

    def random(self, purpose: str, number: str) -> Random:
        """A generator of its own for one decision about one parcel."""
        return Random(f"{self.seed}:{purpose}:{number}")

    def shares(self) -> dict[str, float]:
        """The shares in force."""
        return {**self.settings.shares, **self.storage.recall("shares", {})}

    def change_shares(self, new: dict[str, Any]) -> None:
        """Change some shares for parcels that start from now on; ValueError names a wrong one."""
        self.storage.remember("shares", merged_shares(self.shares(), new))

    def parcel(self, number: str) -> Row | None:
        """The parcel of that number, None when it has not started."""
        return self.storage.one("select * from parcel where number = ?", (number,))

    def events(self, number: str) -> list[Row]:
        """What has happened to a parcel, oldest first."""
        return self.storage.rows("select * from event where number = ? order by id", (number,))

    def start(self, number: str, company: str, origin: str, target: str) -> Row:
        """The parcel of that number; it sets out when it was not known yet."""
        with self.storage.write():
            known = self.parcel(number)
            if known is not None and not self._is_found_at_last(known, company):
                return known
            version = 1 if known is None else known["version"] + 1
            self.storage.execute(
                "insert or replace into parcel (number, company, origin, target, tail, version)"
                " values (?, ?, ?, ?, ?, ?)",
                (number, company, city(origin), city(target), self._tail(number, company), version),
            )
            self._schedule(number)
            started = self.parcel(number)
            assert started is not None  # noqa: S101 - it was written in this very transaction
            return started

    def wish(self, number: str, outcome: str) -> None:
        """Let a parcel, also a future one, come to this end; ValueError when that is impossible."""
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
        with self.storage.write():
            self.storage.execute("insert or replace into wish (number, outcome) values (?, ?)", (number, outcome))
            parcel = self.parcel(number)
            if parcel is None:
                return
            if parcel["ended"]:
                raise ValueError(f"parcel {number} has ended: {parcel['ended']}")
            self.storage.execute(
                "update parcel set tail = ?, next_step = ?, version = version + 1 where number = ?",
                (self._tail(number, ""), resumed_at(outcome, parcel["next_step"]), number),
            )
            self._schedule(number)

    def add_event(self, number: str, code: str, words: str) -> None:
        """Something happens to a started parcel; its subscribers are told the whole trail."""
        parcel = self.parcel(number)
        if parcel is None or code not in STATES:
            raise ValueError("the parcel must have started and the code must be one of the states")
        place = parcel["target"] if "{target}" in words[:10] else parcel["origin"]
        context = words.replace("{origin}", parcel["origin"]).replace("{target}", parcel["target"])
        with self.storage.write():
            self.storage.execute(
                "insert into event (number, at, code, context, city) values (?, ?, ?, ?, ?)",
                (number, now_text(), code, context, place),
            )
            if base(code) in SIGNED:
                self._end(number, "shutdown", "")
            self.tell(number)

    def tell(self, number: str) -> None:
        """Push the trail as it stands to every active subscription; the last push closes them."""
        parcel = self.parcel(number)
        if parcel is None:
            return
        events = self.events(number)
        is_twice = self.random(f"duplicate:{len(events)}", number).random() < self.shares()["duplicate_push"]
        for subscription in self.storage.rows("select * from subscription where number = ? and is_active = 1", (number,)):
            param = messages.push_param(subscription, parcel, events)
            self.pushes.send(subscription["id"], param, 2 if is_twice else 1)
        if parcel["ended"]:
            self.storage.execute("update subscription set is_active = 0 where number = ?", (number,))

    def _is_found_at_last(self, known: Row, company: str) -> bool:
        """Whether a parcel that was asked for under a wrong company is now asked for under its own."""
        is_own = company in companies_of(known["number"])
        return known["tail"] == "no_record" and is_own and known["company"] not in companies_of(known["number"])

    def _tail(self, number: str, company: str) -> str:
        wished = self.storage.scalar("select outcome from wish where number = ?", (number,))
        rng = self.random("outcome", number)
        if wished == "delivered":
            return rng.choice(DELIVERIES)
        if wished is not None:
            return str(wished)
        looks_like = companies_of(number)
        # A number that belongs to another company is never found under the one that was named.
        if looks_like and company not in looks_like:
            return "no_record"
        return choose(self.shares(), rng)

    def _schedule(self, number: str) -> None:
        parcel = self.parcel(number)
        steps = plan(parcel["tail"]) if parcel is not None else []
        if parcel is None or parcel["next_step"] >= len(steps):
            return
        index = parcel["next_step"]
        wait = seconds_before(steps[index], self.settings.parcel_hours, self.random(f"time:{index}", number))
        self.scheduler.after(wait, "step", {"number": number, "version": parcel["version"], "index": index})

    def _step_when_due(self, payload: dict[str, Any]) -> None:
        number = payload["number"]
        with self.storage.write():
            parcel = self.parcel(number)
            if parcel is None or parcel["ended"]:
                return
            if (parcel["version"], parcel["next_step"]) != (payload["version"], payload["index"]):
                return
            self.storage.execute("update parcel set next_step = next_step + 1 where number = ?", (number,))
            self._happen(number, plan(parcel["tail"])[payload["index"]])
            self._schedule(number)

    def _happen(self, number: str, step: Step) -> None:
        if step.code == ABORT:
            self._end(number, "abort", step.words)
            self.tell(number)
        else:
            self.add_event(number, step.code, step.words)

    def _end(self, number: str, ended: str, message: str) -> None:
        self.storage.execute("update parcel set ended = ?, message = ? where number = ?", (ended, message, number))


def now_text() -> str:
    """The present as the interface writes it: GMT+8, seconds."""
    return datetime.now(UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
