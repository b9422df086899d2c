"""The clock: fires the schedules of shops and the hub's housekeeping, in one process at a time. It only pokes.

Which streams are due is written in their rows; the sync pump reads it there, so a lost or doubled poke does no harm.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from types import FrameType

import psycopg
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from oms.app.kernel.hub import Hub, utc_now
from oms.config import Settings
from oms.db.migrate import ensure_partitions
from oms.jobs.leader import Leader
from oms.jobs.metrics import count
from oms.jobs.poke import Poker
from oms.jobs.pump import ClockTask
from oms.jobs.schedules import ScheduleReader, Schedules
from oms.jobs.trouble import trouble_of
from oms.jobs.worker import MakeHub, open_hub

#: A standby tries this often to lead, and a leader looks this often for edits that nobody announced.
LOOK_EVERY_S = 1.0
SYNC_PUMP = "sync"
#: A day would do, but a failure must not wait a day; when nothing is missing it costs a few look-ups.
PARTITIONS_EVERY_S = 3600.0

log = structlog.get_logger(__name__)


def run(settings: Settings, make_hub: MakeHub | None = None) -> None:
    """Run the clock until SIGTERM or SIGINT, leading or standing by."""
    from oms.jobs.pumps import CLOCK_TASKS

    url, hub = open_hub(settings, make_hub)
    poker = Poker(url)
    tasks = [ClockTask(*task) for task in CLOCK_TASKS]
    serve(Clock(url, hub, poker, tasks))
    poker.close()
    hub.engine.dispose()


def serve(clock: Clock) -> None:
    """Run a clock in the main thread until a signal ends it."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        clock.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    clock.run()


class Clock:
    """Stands by until it leads; then schedules, fires, and steps down as soon as the server denies that it leads."""

    def __init__(
        self,
        database_url: str,
        hub: Hub,
        poke: Callable[[str], None],
        tasks: Sequence[ClockTask] = (),
        *,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._hub = hub
        self._poke = poke
        self._tasks = (ClockTask("partitions", PARTITIONS_EVERY_S, make_partitions), *tasks)
        self._look_every_s = look_every_s
        self._leader = Leader(database_url)
        self._reader = ScheduleReader(database_url)
        self._stopping = threading.Event()
        self._scheduler: BackgroundScheduler | None = None
        self._scheduled: Schedules = {}

    @property
    def is_leading(self) -> bool:
        """What this process believes; before each fire the server is asked."""
        return self._scheduler is not None

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Look after the lead and the schedules until stop() is called."""
        try:
            while not self._stopping.is_set():
                self.look()
                if self.is_leading:
                    self._reader.wait(self._look_every_s)
                else:
                    self._stopping.wait(self._look_every_s)
        finally:
            self._step_down(wait=True)
            self._reader.close()
            self._leader.resign()

    def look(self) -> None:
        """One round: take or give up the lead, and follow edits of the schedules while leading."""
        if not self.is_leading:
            if self._leader.try_to_lead():
                self._begin_to_lead()
        elif not self._leader.leads():
            self._step_down()
        if self._scheduler is not None:
            self._follow_edits(self._scheduler)

    def fire(self, shop_id: int, stream: str) -> None:
        """A schedule's time has come: wake the sync pump, if we still lead."""
        if self._leader.leads():
            count("clock_fires", SYNC_PUMP)
            log.debug("schedule_fired", shop_id=shop_id, stream=stream)
            self._poke(SYNC_PUMP)

    def run_task(self, task: ClockTask) -> None:
        """One round of housekeeping, if we still lead; an error waits for the next time."""
        if not self._leader.leads():
            return
        count("clock_fires", task.name)
        try:
            done = task.run(self._hub)
        except Exception as error:  # noqa: BLE001 - one failing task must not stop the clock
            log.error("clock_task_failed", task=task.name, **trouble_of(error).words)
        else:
            if done:
                log.info("clock_task_done", task=task.name, items=done)

    def _begin_to_lead(self) -> None:
        log.info("clock_leads")
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1), "tasks": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for task in self._tasks:
            _add(scheduler, self.run_task, [task], task.every_s, f"task:{task.name}", "tasks", first=utc_now())
        scheduler.start()
        self._scheduler, self._scheduled = scheduler, {}
        # What fell due while nobody led is found in the rows.
        self._poke(SYNC_PUMP)

    def _step_down(self, *, wait: bool = False) -> None:
        """End the scheduler; at our own end also wait for the tasks that run, else let them run out by themselves."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            log.info("clock_steps_down")
            scheduler.shutdown(wait=wait)

    def _follow_edits(self, scheduler: BackgroundScheduler) -> None:
        try:
            wanted = self._reader.read()
        except psycopg.Error as error:
            log.warning("schedules_unreadable", error=type(error).__name__)
            return
        for key in self._scheduled.keys() - wanted.keys():
            scheduler.remove_job(_job_id(*key))
        for key, every_s in wanted.items():
            if self._scheduled.get(key) != every_s:
                _add(scheduler, self.fire, list(key), every_s, _job_id(*key), "default")
        self._scheduled = wanted


def make_partitions(hub: Hub) -> int:
    """Make next months' partitions before their first rows come."""
    with hub.begin() as connection:
        return len(ensure_partitions(connection, hub.clock().date()))


def _job_id(shop_id: int, stream: str) -> str:
    return f"{shop_id}:{stream}"


def _add(
    scheduler: BackgroundScheduler,
    call: Callable[..., None],
    arguments: list[object],
    every_s: float,
    job_id: str,
    executor: str,
    *,
    first: datetime | None = None,
) -> None:
    trigger = IntervalTrigger(seconds=every_s, timezone="UTC")
    options = {} if first is None else {"next_run_time": first}
    scheduler.add_job(call, trigger, arguments, id=job_id, executor=executor, replace_existing=True, **options)
