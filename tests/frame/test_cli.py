"""The `oms` command: known trouble is one sentence with a remedy on stderr and an exit code, never a traceback."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from oms import cli
from oms.config import Settings
from oms.doctor import database
from oms.keyfiles import create_missing_keys

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `oms WORDS` in the test's own home and gives exit code, stdout and stderr."""

    def run_oms(*words: str, **changes: str) -> tuple[int, str, str]:
        for name, value in {**environ, **changes}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ending:
            cli.main(list(words))
        captured = capsys.readouterr()
        return int(str(ending.value.code)), captured.out, captured.err

    return run_oms


def is_one_sentence_with_remedy(text: str, *parts: str) -> bool:
    assert text.startswith("oms: ")
    assert text.count("\n") == 1
    assert "Traceback" not in text
    return all(part in text for part in parts)


@pytest.mark.parametrize("command", ["up", "web", "worker", "clock"])
def test_missing_keys_name_the_setting_and_the_way_to_make_them(run: Run, command: str) -> None:
    code, _, words = run(command)
    assert code == 2
    assert is_one_sentence_with_remedy(words, "OMS_MASTER_KEY_FILE", "oms setup-keys")


@pytest.mark.parametrize("command", ["web", "worker", "clock", "migrate"])
def test_an_unreachable_database_is_named_without_its_password(run: Run, settings: Settings, command: str) -> None:
    create_missing_keys(settings)
    code, _, words = run(command)
    assert code == 2
    assert is_one_sentence_with_remedy(words, "127.0.0.1:1/oms", "DATABASE_URL")
    assert "not-to-be-shown" not in words


def test_no_database_at_all_points_to_up(run: Run, settings: Settings) -> None:
    create_missing_keys(settings)
    code, _, words = run("web", DATABASE_URL="")
    assert code == 2
    assert is_one_sentence_with_remedy(words, "DATABASE_URL", "oms up")


def test_a_taken_port_leaves_with_two(run: Run, settings: Settings) -> None:
    create_missing_keys(settings)
    with socket.create_server((settings.host, settings.port)):
        code, _, words = run("up")
    assert code == 2
    assert is_one_sentence_with_remedy(words, str(settings.port), "OMS_PORT")


def test_a_bad_setting_is_one_sentence(run: Run) -> None:
    code, _, words = run("doctor", OMS_PORT="many")
    assert code == 2
    assert is_one_sentence_with_remedy(words, "OMS_PORT")


def test_a_schema_that_is_behind_points_to_migrate(
    run: Run, settings: Settings, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_missing_keys(settings)
    monkeypatch.setattr(database, "is_behind", lambda url: True)
    code, _, words = run("worker", DATABASE_URL=postgres_server)
    assert code == 2
    assert is_one_sentence_with_remedy(words, "schema", "oms migrate")


def test_an_old_server_is_refused_by_its_version(
    run: Run, settings: Settings, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_missing_keys(settings)
    monkeypatch.setattr(database, "OLDEST_VERSION", 99)
    code, _, words = run("clock", DATABASE_URL=postgres_server)
    assert code == 2
    assert is_one_sentence_with_remedy(words, "too old", "Use version 99")


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "web.log"), "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "var/keys"), "This user may not use var/keys"),
        (OperationalError("insert", {}, psycopg.errors.DiskFull("no space")), "disk is full"),
        (psycopg.OperationalError("server closed the connection"), "connection to the database was lost"),
    ],
)
def test_trouble_of_the_machine_is_told_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Exception, part: str
) -> None:
    def fail(*words: object, **options: object) -> None:
        raise trouble

    monkeypatch.setattr("oms.keyfiles.create_missing_keys", fail)
    code, _, words = run("setup-keys")
    assert code == 2
    assert is_one_sentence_with_remedy(words, part)


def test_a_defect_keeps_its_traceback(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(settings: Settings) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("oms.keyfiles.create_missing_keys", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["setup-keys"])


def test_setup_keys_writes_once(run: Run, settings: Settings) -> None:
    code, out, _ = run("setup-keys")
    assert (code, out.count("Written:")) == (0, 2)
    assert run("setup-keys")[1] == "Both key files exist already; nothing was changed.\n"
    assert settings.master_key_file.exists()


def test_migrate_brings_a_database_to_head_and_doctor_finds_it_well(
    run: Run, settings: Settings, own_database_url: str
) -> None:
    create_missing_keys(settings)
    assert run("migrate", DATABASE_URL=own_database_url)[:2] == (0, "The database schema is current.\n")
    code, out, _ = run("doctor", "--json", DATABASE_URL=own_database_url)
    bad = [finding for finding in json.loads(out) if not finding["ok"]]
    assert (code, bad) == (0, [])


def test_doctor_fails_with_lines_and_remedies(run: Run, settings: Settings) -> None:
    code, out, _ = run("doctor", DATABASE_URL="")
    assert code == 1
    assert "BAD  master key: OMS_MASTER_KEY_FILE" in out
    assert "BAD  database: the embedded database of" in out
    assert "→ Start it with `oms up`, or set DATABASE_URL." in out


def test_unknown_commands_are_usage_errors(run: Run) -> None:
    code, _, words = run("dance")
    assert code == 2
    assert "No such command" in words


def test_words_after_a_passed_on_command_reach_it(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def remember(words: list[str]) -> int:
        heard.append(words)
        return 3

    monkeypatch.setattr("connectors.sandbox.run.main", remember)
    assert run("sandbox", "--only", "taobao", "--help")[0] == 3
    assert heard == [["--only", "taobao", "--help"]]
