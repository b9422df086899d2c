"""One worker process: signals in, pumps in turns, the sweep as guarantee. `run` is what `oms worker` calls."""

from __future__ import annotations

import asyncio
import gc
import logging
import pkgutil
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from oms.app.kernel.hub import Hub
from oms.config import Settings
from oms.domain.errors import ConfigError
from oms.jobs.crew import Crew
from oms.jobs.listen import Pulse, listen
from oms.jobs.listeners import Listeners
from oms.jobs.metrics import take_changes
from oms.jobs.poke import Poker
from oms.jobs.pump import Pump
from oms.jobs.sweep import SWEEP_EVERY_S, Sweep

MakeHub = Callable[[Settings], Hub]
REPORT_EVERY_S = 60.0
#: A batch is short, but one that waits for an outside system may take this long; its transaction is then cut off.
GRACE_S = 10.0
HANG_UP_S = 2.0

#: Objects made and not freed before the collector looks; a batch holds some ten thousand and leaves no cycles behind.
YOUNG_OBJECTS = 100_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """The rhythms of a worker, in seconds; other values are for tests. `sweep_s` None runs without the sweep."""

    sweep_s: float | None = SWEEP_EVERY_S
    pulse: Pulse = field(default_factory=Pulse)
    grace_s: float = GRACE_S


def run(settings: Settings, make_hub: MakeHub | None = None) -> None:
    """Run one worker until SIGTERM or SIGINT."""
    from oms.jobs.pumps import PUMPS

    url, hub = open_hub(settings, make_hub)
    warm(hub)
    calm_collector()
    serve(url, hub, PUMPS, threads=settings.worker_threads, listeners=Listeners(hub))


def warm(hub: Hub) -> None:
    """Read what every order needs before the first one comes; without a database the worker waits for it as ever."""
    try:
        with hub.engine.connect() as connection:
            hub.masters.get(connection, hub.clock())
            hub.places.read(connection)
    except SQLAlchemyError as error:
        log.warning("not_warmed", error=type(error).__name__)


def calm_collector() -> None:
    """Let the collector of cycles pass over what lives as long as the process, and look less often at batches.

    At its usual pace it walks every batch several times while it grows, a quarter of the time a batch takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def open_hub(settings: Settings, make_hub: MakeHub | None) -> tuple[str, Hub]:
    """The database's address and the hub.

    The composition root stands above this layer, so it is named here, as an entry point is, and not imported.
    """
    if settings.database_url is None:
        raise ConfigError("There is no DATABASE_URL.", "Start `oms up`, which runs one, or set DATABASE_URL.")
    make = make_hub or pkgutil.resolve_name("oms.bootstrap:make_hub")
    return settings.database_url, make(settings)


def serve(
    url: str,
    hub: Hub,
    pumps: Sequence[Pump],
    *,
    threads: int,
    pace: Pace | None = None,
    listeners: Listeners | None = None,
) -> None:
    """Run the pumps of one process in this thread's event loop until a signal ends it.

    From then on no batch begins; we leave when the running ones are done, or after the pace's grace.
    """
    pace = pace or Pace()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    invite = Poker(url)
    crew = Crew(hub, pumps, threads=threads, invite=invite)
    hub.poke, hub.poke_later = crew.poke, crew.poke_later
    sweep = Sweep(url, crew, pumps, every_s=pace.sweep_s) if pace.sweep_s is not None else None
    crew.start()
    if sweep is not None:
        sweep.start()
    if listeners is not None:
        listeners.start()
    log.info("worker_started", pumps=[pump.name for pump in pumps], threads=threads)
    try:
        asyncio.run(_until_signal(url, crew, pace.pulse))
    finally:
        _hang_up(listeners)
        _wind_up(crew, sweep, invite, pace.grace_s)
        hub.engine.dispose()


async def _until_signal(url: str, crew: Crew, pulse: Pulse) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def begin_to_stop() -> None:
        crew.stop()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin_to_stop)
    report = asyncio.create_task(_report_now_and_then())
    await listen(url, crew, stop, pulse)
    report.cancel()


async def _report_now_and_then() -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        report()


def report() -> None:
    """One line of the log for each pump that did something since the last one."""
    for pump, numbers in take_changes().items():
        log.info("pump_report", pump=pump, **numbers)


def _hang_up(listeners: Listeners | None) -> None:
    """A message taken and not acknowledged comes again, so one that is stuck in opening may be left behind."""
    if listeners is not None:
        listeners.stop()
        if not listeners.join(HANG_UP_S):
            log.warning("listeners_cut_off")


def _wind_up(crew: Crew, sweep: Sweep | None, invite: Poker, grace_s: float) -> None:
    crew.stop()
    if sweep is not None:
        sweep.stop()
    invite.close(timeout=0.2)
    if not crew.join(grace_s):
        stuck = [thread.name for thread in threading.enumerate() if thread.name.startswith("pump-")]
        log.warning("batches_cut_off", threads=stuck)
    if sweep is not None:
        sweep.join(0.5)
    report()
    log.info("worker_stopped")
