"""Gives the signals of dead workers to living ones; the library finds them but does not do it by itself."""

from __future__ import annotations

from contextlib import suppress

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

KEEP_FINISHED_HOURS = 24

log = structlog.get_logger(__name__)


async def rescue_stalled(app: App, stalled_s: float) -> int:
    """Retry the jobs whose worker has not been heard of for `stalled_s` seconds; answers how many were moved.

    Several workers may do this at once: whoever comes second finds the job moved and lets it be.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s))
    moved = [job.task_kwargs.get("name") for job in stalled if await _move(app, job)]
    if moved:
        log.warning("stalled_signals_rescued", pumps=moved)
    await app.job_manager.prune_stalled_workers(stalled_s)
    return len(moved)


async def prune_finished(app: App) -> None:
    """Delete what was left behind by jobs that ended long ago; signals delete themselves."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FINISHED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


async def _move(app: App, job: Job) -> bool:
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # A newer signal of the same pump waits already, so this one has nothing left to say.
        with suppress(ConnectorException):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    except ConnectorException:
        return False
    return True
