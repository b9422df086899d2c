"""Health and numbers for monitoring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.config import plain_url
from oms.db.session import make_engine
from oms.jobs.leader import CLOCK_LOCK
from tests.api.conftest import MakeCaller
from tests.api.rows import NOW, an_order
from tests.web_kit import an_app

FAR = {"REMOTE_ADDR": "203.0.113.9"}


def test_a_process_that_answers_is_alive_even_without_a_database(tmp_path: Path, hub: Hub) -> None:
    app = an_app(lost(hub), tmp_path)
    assert app.test_client().get("/healthz").status_code == 200


def test_it_is_not_ready_without_a_database(tmp_path: Path, hub: Hub) -> None:
    answer = an_app(lost(hub), tmp_path).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"ready": False, "database": False, "schema": False, "clock": False}


def lost(hub: Hub) -> Hub:
    return replace(hub, engine=make_engine("postgresql://nobody@127.0.0.1:1/none"))


def test_it_is_not_ready_behind_a_migration(hub: Hub, app: Flask) -> None:
    change = text("update alembic_version set version_num = :new returning (select version_num from alembic_version)")
    with hub.begin() as connection:
        head = connection.execute(change, {"new": "0000"}).scalar_one()
    try:
        answer = app.test_client().get("/readyz")
    finally:
        with hub.begin() as connection:
            connection.execute(change, {"new": head})
    assert (answer.status_code, answer.json["database"], answer.json["schema"]) == (503, True, False)
    assert app.test_client().get("/readyz").json["ready"] is True


def test_it_tells_whether_a_clock_leads(app: Flask, database_url: str) -> None:
    assert app.test_client().get("/readyz").json["clock"] is False
    with psycopg.connect(plain_url(database_url), autocommit=True) as leader:
        leader.execute("select pg_advisory_lock(%s)", (CLOCK_LOCK,))
        assert app.test_client().get("/readyz").json["clock"] is True


def test_metrics_tell_depth_and_age_of_the_queues(
    hub: Hub, app: Flask, shops: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "clock", lambda: NOW)
    with hub.begin() as connection:
        an_order(connection, shops[0], "Q1", minutes=10)
        connection.execute(text("insert into refused_push (account_id, reason, day, count) values (1, 'bad', now(), 3)"))
    page = app.test_client().get("/metrics").text
    numbers = dict(line.rsplit(" ", 1) for line in page.splitlines() if line and not line.startswith("#"))
    assert float(numbers['oms_queue_depth{queue="review"}']) == 1
    assert float(numbers['oms_queue_oldest_seconds{queue="review"}']) == 600
    assert float(numbers['oms_queue_depth{queue="parked"}']) == 0
    assert float(numbers['oms_refused_pushes_total{reason="bad"}']) == 3
    assert "process_resident_memory_bytes" in numbers


def test_metrics_are_for_this_machine_or_for_who_may_see_them(app: Flask, make_caller: MakeCaller) -> None:
    browser = app.test_client()
    assert browser.get("/metrics", environ_base=FAR).status_code == 401
    for permission, status in (("order.view", 403), ("metrics.view", 200)):
        headers = {"Authorization": f"Bearer {make_caller(permission).key}"}
        assert browser.get("/metrics", environ_base=FAR, headers=headers).status_code == status


@pytest.mark.parametrize("address", ["/metrics", "/readyz"])
def test_health_holds_no_secret(app: Flask, hub: Hub, address: str) -> None:
    page = app.test_client().get(address).text
    password = hub.engine.url.password
    assert password is None or password not in page
