"""What `oms up` does before and after the parent's loop: keys, database, migrations, the list of programs."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from oms.config import Settings
from oms.domain.errors import HubError
from oms.embedded import EmbeddedPostgres
from oms.embedded.cluster import has_cluster
from oms.keyfiles import create_missing_keys, load_master_keys, load_secret_key
from oms.supervisor.child import Program
from oms.supervisor.parent import WEB, Supervisor
from oms.supervisor.runfiles import the_only_one


class PortTaken(HubError):
    """Another program listens where the web should."""

    code = "port-taken"


def own_programs(settings: Settings) -> list[Program]:
    """The web, the workers and the clock, run by this very interpreter."""
    oms = (sys.executable, "-m", "oms.cli")
    workers = [Program(f"worker-{number}", (*oms, "worker")) for number in range(1, settings.workers + 1)]
    return [Program(WEB, (*oms, "web")), *workers, Program("clock", (*oms, "clock"))]


def run_up(settings: Settings, *, say: Callable[[str], None], programs: Sequence[Program] | None = None) -> None:
    """Run the whole hub until SIGINT or SIGTERM; `programs` other than our own are for tests.

    Raises HubError with a remedy when it cannot start: port taken, already running, no keys, no database.
    """
    with ExitStack() as stack:
        stack.enter_context(the_only_one(settings.run_folder))
        refuse_taken_port(settings.host, settings.port)
        prepare_keys(settings, say)
        postgres = None if settings.database_url else _start_embedded(settings, stack, say)
        url = postgres.url if postgres is not None else settings.database_url
        if programs is None:
            _prepare_database(str(url), say)
        environ = {**os.environ, "OMS_HOME": str(settings.home), "DATABASE_URL": str(url), "PYTHONUNBUFFERED": "1"}
        chosen = own_programs(settings) if programs is None else programs
        supervisor = Supervisor(settings, chosen, environ=environ, postgres=postgres, say=say)
        supervisor.listen_to_signals()
        supervisor.run()
    say("stopped")


def run_postgres(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Run the embedded server alone, restarted when it dies, until SIGINT or SIGTERM."""
    with ExitStack() as stack:
        stack.enter_context(the_only_one(settings.run_folder))
        postgres = _start_embedded(settings, stack, say)
        supervisor = Supervisor(settings, [], environ=os.environ, postgres=postgres, say=say)
        supervisor.listen_to_signals()
        supervisor.run()
    say("stopped")


def prepare_keys(settings: Settings, say: Callable[[str], None]) -> None:
    """Make the keys of a new embedded database; anywhere else they must be there already.

    A missing master key beside an old database is never replaced: what it sealed would be lost for good.
    """
    if settings.database_url is None and not has_cluster(settings.embedded_folder):
        for path in create_missing_keys(settings):
            say(f"key written to {path}: keep a copy, what it seals cannot be read without it")
    load_master_keys(settings.master_key_file)
    load_secret_key(settings.secret_key_file)


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sentence = f"The hub cannot listen on {host} port {port}: {error.strerror}."
            raise PortTaken(sentence, "Stop the program that does, or set another OMS_PORT.") from None


def _start_embedded(settings: Settings, stack: ExitStack, say: Callable[[str], None]) -> EmbeddedPostgres:
    postgres = EmbeddedPostgres(settings.embedded_folder)
    stack.callback(postgres.stop)
    postgres.start()
    say(f"postgres started (pid {postgres.pid}, files in {postgres.log_path.parent})")
    return postgres


def _prepare_database(url: str, say: Callable[[str], None]) -> None:
    from oms.doctor.database import require_server
    from oms.migrating import bring_up_to_date

    require_server(url)
    bring_up_to_date(url)
    say("the database schema is current")
