"""The threads of a worker process that run pumps in turns: one batch each, then the next pump."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import structlog

from oms.app.kernel.hub import Hub
from oms.jobs.metrics import count
from oms.jobs.pump import Pump
from oms.jobs.trouble import Trouble, pause_after, trouble_of

#: A pump that stays busy calls other processes to join it, at most this often; their sweep finds it anyway.
INVITE_EVERY_S = 5.0
BUSY_BATCHES = 3

log = structlog.get_logger(__name__)


@dataclass
class _Post:
    """What one pump is doing here; a lane is waiting for a thread, in a batch, or pausing after an error."""

    pump: Pump
    lanes: int = 0
    wakes: int = 0
    batches: int = 0
    failures: int = 0
    conflicts: int = 0
    invited_at: float = float("-inf")
    started_at: float = float("-inf")
    spell: Future[None] | None = None


class Crew:
    """Runs each woken pump until a batch finds nothing, fairly beside the others, and keeps it back after errors.

    `invite` is called with the name of a pump that has more to do than this process should do alone.
    """

    def __init__(
        self, hub: Hub, pumps: Sequence[Pump], *, threads: int, invite: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._hub = hub
        self._posts = {pump.name: _Post(pump) for pump in pumps}
        self._invite = invite
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, str]] = []
        self._alarms: dict[str, float] = {}
        self._turns = 0
        self._unknown: set[str] = set()
        self._stopping = False
        names = [f"pump-{number}" for number in range(1, threads + 1)]
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no further batch; who waits for a spell is told that it is over."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            for post in self._posts.values():
                _end_spell(post)

    def join(self, timeout: float) -> bool:
        """Wait for the batches that run; false when one is not done in time."""
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def wake(self, name: str) -> Future[None] | None:
        """Start a pump; answers its spell, which is done when a batch finds nothing or fails.

        None when it runs already: then it looks once more after this call, so nothing committed before is missed.
        """
        with self._changed:
            post = self._posts.get(name)
            if post is None:
                self._note_unknown(name)
            if post is None or self._stopping:
                return None
            post.wakes += 1
            if post.lanes:
                return None
            post.spell = Future()
            post.spell.set_running_or_notify_cancel()
            post.batches = 0
            for _ in range(post.pump.lanes):
                self._add_lane(post)
            return post.spell

    def poke(self, name: str) -> None:
        """The poke of code that runs in this process: no signal has to travel."""
        self.wake(name)

    def poke_later(self, name: str, seconds: float) -> None:
        """Wake a pump when its work is due; what comes later puts it off, and the sweep finds what is due meanwhile.

        So a pump that keeps being asked for takes much at a time, and the last that is due waits for no sweep.
        """
        with self._changed:
            self._alarms[name] = time.monotonic() + seconds
            self._changed.notify()

    def is_running(self, name: str) -> bool:
        with self._changed:
            return self._posts[name].lanes > 0

    def overdue(self) -> list[str]:
        """Pumps with a period of their own whose time has come."""
        now = time.monotonic()
        with self._changed:
            return [
                name
                for name, post in self._posts.items()
                if post.pump.every_s is not None and not post.lanes and now - post.started_at >= post.pump.every_s
            ]

    def _note_unknown(self, name: str) -> None:
        """A signal of another version of the hub, or a misspelt poke: said once, not at every poke."""
        if name not in self._unknown:
            self._unknown.add(name)
            log.warning("unknown_pump", pump=name)

    def _add_lane(self, post: _Post) -> None:
        post.lanes += 1
        post.started_at = time.monotonic()
        self._queue_turn(post, 0.0)

    def _queue_turn(self, post: _Post, pause: float) -> None:
        self._turns += 1
        heapq.heappush(self._queue, (time.monotonic() + pause, self._turns, post.pump.name))
        self._changed.notify()

    def _work(self) -> None:
        while (post := self._next()) is not None:
            self._take_turn(post)

    def _next(self) -> _Post | None:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                for name in [name for name, at in self._alarms.items() if at <= now]:
                    del self._alarms[name]
                    self.wake(name)
                if self._queue and self._queue[0][0] <= now:
                    return self._posts[heapq.heappop(self._queue)[2]]
                next_at = min((*self._alarms.values(), *[at for at, _, _ in self._queue[:1]]), default=None)
                self._changed.wait(None if next_at is None else next_at - now)
        return None

    def _take_turn(self, post: _Post) -> None:
        wakes = post.wakes
        done, trouble = self._drain(post.pump)
        with self._changed:
            if trouble is not None:
                self._after_trouble(post, trouble)
                return
            post.failures = post.conflicts = 0
            if done:
                self._after_batch(post)
            elif post.wakes != wakes:
                self._queue_turn(post, 0.0)
            else:
                self._drop_lane(post)
            is_busy = bool(done) and self._should_invite(post)
        if is_busy:
            self._invite(post.pump.name)

    def _drain(self, pump: Pump) -> tuple[int, Trouble | None]:
        """One batch; errors never leave the thread."""
        count("batches", pump.name)
        try:
            done = pump.drain(self._hub)
        except Exception as error:  # noqa: BLE001 - a pump's defect must not end the others
            return 0, trouble_of(error)
        if done:
            count("items", pump.name, done)
        return done, None

    def _after_batch(self, post: _Post) -> None:
        post.batches += 1
        self._queue_turn(post, 0.0)
        if post.lanes < post.pump.lanes:
            self._add_lane(post)

    def _after_trouble(self, post: _Post, trouble: Trouble) -> None:
        name = post.pump.name
        if trouble.is_conflict:
            post.conflicts += 1
            count("retries", name)
        else:
            post.failures += 1
            count("errors", name)
        pause = pause_after(trouble, post.failures, post.conflicts)
        if pause:
            log.error("pump_failed", pump=name, pause_s=pause, failures=post.failures, **trouble.words)
            _end_spell(post)
        if pause and post.lanes > 1:
            post.lanes -= 1
        else:
            self._queue_turn(post, pause)

    def _drop_lane(self, post: _Post) -> None:
        post.lanes -= 1
        if not post.lanes:
            _end_spell(post)

    def _should_invite(self, post: _Post) -> bool:
        now = time.monotonic()
        if post.batches < BUSY_BATCHES or now - post.invited_at < INVITE_EVERY_S:
            return False
        post.invited_at = now
        return True


def _end_spell(post: _Post) -> None:
    spell, post.spell = post.spell, None
    if spell is not None:
        spell.set_result(None)
