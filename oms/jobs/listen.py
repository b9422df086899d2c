"""The procrastinate side of a worker process: takes signals for the crew, rescues those of dead workers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog
from procrastinate import App

from oms.jobs.crew import Crew
from oms.jobs.engine import QUEUE, TASK, make_app
from oms.jobs.rescue import prune_finished, rescue_stalled

#: Signals that may wait for their pump at the same time in one process; those of a running pump do not wait.
CONCURRENCY = 64
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
STEADY_S = 30.0
STOP_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pulse:
    """Seconds between heartbeats, until a silent worker counts as dead, between looks at a queue without NOTIFY."""

    heartbeat_s: float = 5.0
    stalled_s: float = 20.0
    poll_s: float = 5.0
    is_listening: bool = True


async def listen(database_url: str, crew: Crew, stop: asyncio.Event, pulse: Pulse) -> None:
    """Take signals until `stop` is set, beginning anew whenever the library gives up, as it does without a database.

    Meanwhile the crew and its sweep go on: signals only make things quicker.
    """
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_S
    while not stop.is_set():
        began = loop.time()
        try:
            await _session(database_url, crew, stop, pulse)
        except Exception as error:  # noqa: BLE001 - any failure of the library means the same: begin anew
            log.warning("signals_interrupted", error=type(error).__name__, pause_s=pause)
        pause = FIRST_PAUSE_S if loop.time() - began > STEADY_S else min(2 * pause, LONGEST_PAUSE_S)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _session(database_url: str, crew: Crew, stop: asyncio.Event, pulse: Pulse) -> None:
    app = make_app(database_url)
    add_tasks(app, crew, pulse.stalled_s)
    running = asyncio.create_task(_work(app, pulse))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if running.done():
        running.result()
    else:
        await _end(running)


async def _work(app: App, pulse: Pulse) -> None:
    async with app.open_async():
        await app.run_worker_async(
            queues=[QUEUE],
            name="pumps",
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=pulse.poll_s,
            shutdown_graceful_timeout=STOP_S / 2,
            listen_notify=pulse.is_listening,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=pulse.heartbeat_s,
            stalled_worker_timeout=pulse.stalled_s,
        )


async def _end(running: asyncio.Task[None]) -> None:
    """Let the worker sign off; without a database it cannot, and its signals are rescued by others."""
    running.cancel()
    await asyncio.wait({running}, timeout=STOP_S)
    if not running.done():
        running.cancel()
        await asyncio.wait({running}, timeout=STOP_S)


def add_tasks(app: App, crew: Crew, stalled_s: float) -> None:
    """The one task of signals, and the housekeeping of the queue itself."""

    @app.task(name=TASK, queue=QUEUE)
    async def pump(name: str) -> None:
        spell = crew.wake(name)
        if spell is not None:
            await asyncio.wrap_future(spell)

    # The library's watch over its own listener and heartbeat ends when no periodic task exists: keep at least one.
    @app.periodic(cron="*/15 * * * * *")
    @app.task(name="rescue", queue=QUEUE, queueing_lock="rescue")
    async def rescue(timestamp: int) -> None:
        await rescue_stalled(app, stalled_s)

    @app.periodic(cron="17 * * * *")
    @app.task(name="prune", queue=QUEUE, queueing_lock="prune")
    async def prune(timestamp: int) -> None:
        await prune_finished(app)
