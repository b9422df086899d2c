"""Serves the web with granian; the application itself is made by oms.bootstrap."""

from __future__ import annotations

import os
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from oms.config import Settings
from oms.supervisor.lifeline import die_with_parent


def serve(settings: Settings) -> None:
    """Serve until SIGTERM; the address and the sizes come from the settings."""
    if settings.database_url is not None:
        os.environ["DATABASE_URL"] = settings.database_url
    Granian(
        "oms.web:make_application",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.web_processes,
        blocking_threads=settings.web_threads,
        websockets=False,
        respawn_failed_workers=False,  # Whoever runs us restarts us, and sees that something is wrong.
        workers_kill_timeout=10,
        log_level=LogLevels(settings.log_level.lower()),
    ).serve()


def make_application() -> Any:
    """What granian's own worker calls: it must not outlive granian, whose port it would keep."""
    die_with_parent()
    from oms.bootstrap import create_app

    return create_app()
