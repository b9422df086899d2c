"""The doctor: each thing that can be wrong is found, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from oms.config import Settings, plain_url
from oms.doctor import Finding, database, examine, host
from oms.keyfiles import create_missing_keys


def test_a_key_that_others_may_read_is_bad(settings: Settings) -> None:
    create_missing_keys(settings)
    settings.master_key_file.chmod(0o640)
    master, session = host.check_keys(settings)
    assert (master.ok, session.ok) == (False, True)
    assert master.remedy == f"Run: chmod 600 {settings.master_key_file}"


def test_little_free_space_is_bad(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.ok for finding in host.check_disk(settings)] == [True]
    monkeypatch.setattr(host, "LEAST_FREE_BYTES", 2**80)
    assert [finding.ok for finding in host.check_disk(settings)] == [False]


def test_a_connector_module_that_cannot_be_imported_is_named(settings: Settings) -> None:
    (finding,) = host.check_connectors(replace(settings, extra_connectors=("no_such_module",)))
    assert not finding.ok
    assert "no_such_module" in finding.words


def test_a_direct_connection_is_not_taken_for_a_pooler(settings: Settings, postgres_server: str) -> None:
    (finding,) = database.check_direct(settings, postgres_server)
    assert finding.ok


def test_two_clients_on_one_session_are_a_pooler(postgres_server: str) -> None:
    """What pgbouncer does in transaction mode with one server connection, seen from its clients."""

    class Pooled:
        def __init__(self, shared: psycopg.Connection[tuple[object, ...]]) -> None:
            self.shared = shared

        def __enter__(self) -> psycopg.Connection[tuple[object, ...]]:
            return self.shared

        def __exit__(self, *error: object) -> None:
            return None

    with psycopg.connect(plain_url(postgres_server), autocommit=True) as shared:
        assert database.shares_sessions(lambda: Pooled(shared))  # type: ignore[arg-type, return-value]


def test_a_pool_that_leads_elsewhere_is_bad(settings: Settings, postgres_server: str, own_database_url: str) -> None:
    same = replace(settings, database_pool_url=own_database_url)
    assert [finding.ok for finding in database.check_pool_url(same, own_database_url)] == [True]
    assert [finding.ok for finding in database.check_pool_url(same, postgres_server)] == [False]
    lost = replace(settings, database_pool_url="postgresql+psycopg://u:hidden-word@127.0.0.1:1/oms")
    (finding,) = database.check_pool_url(lost, own_database_url)
    assert not finding.ok
    assert "hidden-word" not in finding.words


def test_an_empty_database_is_behind(settings: Settings, postgres_server: str) -> None:
    (finding,) = database.check_schema(settings, postgres_server)
    assert (finding.ok, finding.remedy) == (False, "Run `oms migrate`.")


def test_half_the_round_trip_is_not_skew() -> None:
    sent = datetime(2026, 1, 1, tzinfo=UTC)
    received = sent + timedelta(seconds=4)
    assert database.clock_skew(sent, received, sent + timedelta(seconds=2)) == 0
    assert database.clock_skew(sent, received, sent - timedelta(seconds=5)) == 7


def test_a_slow_database_clock_is_bad(settings: Settings, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.ok for finding in database.check_clock(settings, postgres_server)] == [True]
    monkeypatch.setattr(database, "clock_skew", lambda sent, received, theirs: 6.0)
    (finding,) = database.check_clock(settings, postgres_server)
    assert not finding.ok
    assert "6.0 s" in finding.words


def test_an_installation_can_add_its_own_checks(
    settings: Settings, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_account(given: Settings, url: str) -> Iterator[Finding]:
        yield Finding("account 1", given is settings, f"asked {url == postgres_server}")

    monkeypatch.setattr("oms.doctor.examination.DATABASE_CHECKS", [check_account])
    assert Finding("account 1", True, "asked True") in examine(settings, postgres_server)
