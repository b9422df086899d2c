"""The home page's first sentence counts every kind of open work, each once."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.capture import PushMessage
from oms.db.channels import Account
from oms.db.rulebook import RuleSet, RuleTrouble
from tests.console import factories
from tests.console.browsing import page_of


@pytest.fixture(scope="module")
def order(hub: Hub, world: factories.World) -> int:
    """An order on hold, one that waits for review, and a parked record."""
    with hub.begin() as connection:
        made = factories.an_order(connection, world, "planned")
        factories.an_order(connection, world, "review", tiers_waiting=1)
        factories.a_hold(connection, world, made, "manual")
        factories.a_parked_record(connection, world)
    return made


def test_the_headline_counts_each_kind_of_open_work(client: FlaskClient, order: int) -> None:
    page = page_of(client, "/")
    lead = page[page.index('<h1 class="lead') : page.index("</h1>")]
    assert "1 单待审核" in lead
    assert "1 单挂起" in lead
    assert "1 件运行上的事" in lead


def test_the_headline_leaves_out_what_is_not_the_readers(
    app: Flask, client: FlaskClient, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = app.config["CONSOLE_PERSON"]
    clerk = Person(everything.id, "阿柚", permissions=frozenset({"order.view"}))
    monkeypatch.setitem(app.config, "CONSOLE_PERSON", clerk)
    page = page_of(client, "/")
    lead = page[page.index('<h1 class="lead') : page.index("</h1>")]
    assert "单挂起" in lead
    assert "运行上的事" not in lead


def test_a_message_that_failed_counts_beside_the_parked_records(
    client: FlaskClient, hub: Hub, world: factories.World, order: int
) -> None:
    with hub.begin() as connection:
        before = page_of(client, "/")
        account = connection.execute(select(func.min(Account.id))).scalar_one()
        factories.add(
            connection, PushMessage, account_id=account, topic="shipped", key="k1", data_key_id=1, sealed=b"sealed",
            state="failed", error="this is not JSON",
        )  # fmt: skip
    assert "2 件运行上的事" in page_of(client, "/")
    assert "2 件运行上的事" not in before


def test_the_menu_counts_rules_in_trouble(client: FlaskClient, hub: Hub) -> None:
    with hub.begin() as connection:
        rules = factories.add(connection, RuleSet, stage="sla", name="deadlines")
        factories.add(connection, RuleTrouble, rule_set_id=rules, version_id=1, rule_id="r1", kind="unhealthy",
                      reason="ValueError", first_at=factories.NOW, last_at=factories.NOW)  # fmt: skip
    entry = re.search(r'href="/rules"[^>]*>.*?</a>', page_of(client, "/"), re.S)
    assert entry is not None
    assert ">1<" in entry[0]
