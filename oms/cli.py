"""The `oms` command: reads settings, picks the part to run, and turns known errors into one sentence."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from oms.config import Settings, environment_names
from oms.domain.errors import ConfigError, HubError

if TYPE_CHECKING:
    from oms.app.kernel.hub import Hub

FAILED = 2
PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; 2 with one sentence when something must be put right."""
    try:
        code = cli.main(args=argv, prog_name="oms", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except HubError as error:
        _fail(error)
    except Exception as error:
        known = _file_trouble(error) if isinstance(error, OSError) else _database_trouble(error)
        if known is None:
            raise
        _fail(known)
    sys.exit(code if isinstance(code, int) else 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Omnichannel order hub. Settings come from the environment: see docs/settings.md."""


@cli.command()
def up() -> None:
    """Run everything here: PostgreSQL when DATABASE_URL is unset, the web, the workers and the clock."""
    from oms.supervisor import run_up

    run_up(Settings.from_env(), say=_say)


@cli.command()
def web() -> None:
    """Run the web server alone."""
    settings = _ready_settings()
    from oms.web import serve

    serve(settings)


@cli.command()
def worker() -> None:
    """Run one worker process alone."""
    settings = _ready_settings()
    from oms.jobs import worker as worker_process

    worker_process.run(settings)


@cli.command()
def clock() -> None:
    """Run the clock alone; a second one stands by."""
    settings = _ready_settings()
    from oms.jobs import clock as clock_process

    clock_process.run(settings)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from oms.doctor.database import require_server
    from oms.embedded import EmbeddedPostgres
    from oms.migrating import bring_up_to_date

    settings = Settings.from_env()
    url = _database_url(settings)
    if url is not None:
        require_server(url)
        bring_up_to_date(url)
    else:
        with EmbeddedPostgres(settings.embedded_folder) as postgres:
            bring_up_to_date(postgres.url)
    click.echo("The database schema is current.")


@cli.command()
def postgres() -> None:
    """Run the embedded PostgreSQL alone until Ctrl-C: for dumps, restores and looking around."""
    from oms.supervisor import run_postgres

    run_postgres(Settings.from_env(), say=_say)


@cli.command("setup-keys")
def setup_keys() -> None:
    """Write the key files that are missing. Keep copies: what they seal cannot be read without them."""
    from oms.keyfiles import create_missing_keys

    written = create_missing_keys(Settings.from_env())
    for path in written:
        click.echo(f"Written: {path}")
    if not written:
        click.echo("Both key files exist already; nothing was changed.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of lines.")
def doctor(as_json: bool) -> int:
    """Check that everything the hub needs is in place; exit code 1 when something is not."""
    from dataclasses import asdict

    from oms.doctor import examine

    settings = Settings.from_env()
    findings = examine(settings, _database_url(settings))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            remedy = f"\n     → {finding.remedy}" if finding.remedy else ""
            click.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.name}: {finding.words}{remedy}")
    return 0 if all(finding.ok for finding in findings) else 1


@cli.command()
@click.option("--shop", "shop_code", required=True, help="The shop's code.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Documents fetched on this day.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def replay(shop_code: str, day: datetime, as_json: bool) -> int:
    """Rebuild a day's orders from the documents kept, and compare; changes nothing. Exit code 1 on differences."""
    from oms.app.capture.replay import replay_day

    found = replay_day(_open_hub(), shop_code, day.date())
    if as_json:
        click.echo(json.dumps(found.as_document(), ensure_ascii=False, indent=2, default=str))
    else:
        for difference in found.differences:
            click.echo(f"{difference.order_no} {difference.place}: {difference.stored} → {difference.replayed}")
        for number, words in found.unreadable:
            click.echo(f"{number} cannot be read: {words}")
        for number in found.not_stored:
            click.echo(f"{number} is not stored")
        click.echo(f"{found.documents} documents: {found.compared} compared, {found.same} the same, {found.older} older")
    return 1 if found.differences or found.unreadable or found.not_stored else 0


@cli.command("erase-buyer")
@click.option("--shop", "shop_code", required=True, help="The shop's code.")
@click.argument("numbers", nargs=-1, required=True)
def erase_buyer(shop_code: str, numbers: tuple[str, ...]) -> None:
    """Make a buyer's details in these orders and their cases unreadable for ever."""
    from oms.app.kernel.erasing import erase_numbers

    erased = erase_numbers(_open_hub(), shop_code, numbers, "command")
    click.echo(f"Erased: the keys of {erased.orders} orders and {erased.cases} cases are deleted.")


@cli.command("settings")
def list_settings() -> None:
    """List the environment variables that are read."""
    for name in environment_names():
        click.echo(name)


def _passed_on(name: str, find: Callable[[], Callable[[list[str]], int | None]], summary: str) -> None:
    """A subcommand with a command line of its own."""

    @cli.command(name, context_settings=PASS_ON, help=summary)
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def run(words: tuple[str, ...]) -> int:
        return find()(list(words)) or 0


def _sandbox() -> Callable[[list[str]], int | None]:
    from connectors.sandbox.run import main as run_sandbox

    return run_sandbox


def _demo() -> Callable[[list[str]], int | None]:
    from oms.demo.run import main as run_demo

    return run_demo


def _user() -> Callable[[list[str]], int | None]:
    from oms.console.people.cli import main as run_user

    return lambda words: run_user(words, _open_hub)


def _bench() -> Callable[[list[str]], int | None]:
    from bench import main as run_bench

    return run_bench


def _make_connector() -> Callable[[list[str]], int | None]:
    from oms.making.run import main as run_making

    return run_making


_passed_on("user", _user, "Add people and API keys: oms user add EMAIL --role admin.")
_passed_on("sandbox", _sandbox, "Run the simulated platforms, warehouses and carriers.")
_passed_on("demo", _demo, "Run everything with simulated platforms and traffic.")
_passed_on("bench", _bench, "Measure the pipeline.")
_passed_on("make-connector", _make_connector, "Write the folders of a new connector.")


def _open_hub() -> Hub:
    """A hub for one command."""
    from oms.bootstrap import make_hub

    return make_hub(_ready_settings(), name="oms command")


def _ready_settings() -> Settings:
    """Settings of a process that works: keys are there and the database is reachable and migrated."""
    from dataclasses import replace

    from oms.doctor.database import require_schema
    from oms.keyfiles import load_master_keys, load_secret_key
    from oms.logs import set_up_logs

    settings = Settings.from_env()
    set_up_logs(settings)
    load_master_keys(settings.master_key_file)
    load_secret_key(settings.secret_key_file)
    url = _database_url(settings)
    if url is None:
        sentence = f"DATABASE_URL is not set and the embedded database of {settings.home} is not running."
        raise ConfigError(sentence, "Run `oms up`, which runs everything, or set DATABASE_URL.")
    require_schema(url)
    return replace(settings, database_url=url)


def _database_url(settings: Settings) -> str | None:
    """DATABASE_URL, or the address of the embedded server that runs already, or None."""
    if settings.database_url is not None:
        return settings.database_url
    from oms.embedded import running_url

    return running_url(settings.embedded_folder)


def _file_trouble(error: OSError) -> HubError | None:
    """The sentence for a full disk or a file that is not ours."""
    place = error.filename or "a file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HubError(f"The disk is full: {place} cannot be written.", "Free some space.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        remedy = "Run the hub as the user that owns it, or set another OMS_HOME."
        return HubError(f"This user may not use {place}.", remedy)
    return None


def _database_trouble(error: Exception) -> HubError | None:
    """The sentence for a full disk or a lost connection that a library reports in its own words."""
    import psycopg

    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.errors.DiskFull):
        return HubError("The database's disk is full.", "Free some space on it; nothing that was committed is lost.")
    if isinstance(cause, psycopg.OperationalError) and "unsupported startup parameter" in str(cause):
        remedy = "Point it at the server itself; give the pooler's address as DATABASE_POOL_URL."
        return HubError("DATABASE_URL leads through a transaction pooler.", remedy)
    if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:
        return HubError("The connection to the database was lost.", "See that it runs, then start again: oms doctor.")
    return None


def _fail(error: HubError) -> None:
    words = [part.strip().rstrip(".") for part in (str(error), error.remedy)]
    sentence = ". ".join(word[0].upper() + word[1:] for word in words if word)
    click.echo(f"oms: {sentence}.", err=True)
    sys.exit(FAILED)


def _say(sentence: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {sentence}")


if __name__ == "__main__":
    main()
