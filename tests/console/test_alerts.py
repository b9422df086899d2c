"""Alerts, paused accounts and failures are told in the reader's language, by the name of what they are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.pipeline.routing.tariff_gaps import UNPRICED, WORDS
from tests.console import factories
from tests.console.browsing import page_of

MOVED = "case A-1 is kept with order T-1, but now names order T-2; look at both orders"


@pytest.fixture
def told(hub: Hub, world: factories.World) -> Iterator[None]:
    """A few alerts, gone after the test."""
    with hub.begin() as connection:
        raise_alert(connection, "account_refused", str(world.account), "authorise the shop again: session expired")
        raise_alert(
            connection, "incomplete", str(world.shops[0]), "3 orders differ from the platform's list, 3 are read anew"
        )
        raise_alert(connection, "case_moved", "77", MOVED)
        raise_alert(
            connection, "count_differs", "STORE-1", "STORE-1 sold more than the ledger had: A, B. Count these goods."
        )
        raise_alert(connection, "merge_failed", "merge", "a merge group could not be joined; see the worker's log")
        raise_alert(connection, "novel", "x", "something nobody wrote a sentence for")
    yield
    with hub.begin() as connection:
        connection.execute(text("delete from alert"))


def test_alerts_name_their_subject_and_say_in_chinese_what_helps(client: FlaskClient, told: None) -> None:
    page = page_of(client, "/")
    assert "店铺要重新授权：session expired；到 设置 · 店铺 重新授权" in page
    assert "刚授权的账号又被拒绝" in page
    assert "3 单和平台的清单对不上，已重新读 3 单" in page
    assert "售后单 A-1 挂在订单 T-1 上，平台现在写的是订单 T-2；两单都看一下" in page
    assert "STORE-1：门店卖的比账上多" in page
    assert "有一组订单没合成单" in page
    assert "something nobody wrote a sentence for" in page


def test_alerts_lead_where_they_are_mended(client: FlaskClient, told: None) -> None:
    page = page_of(client, "/")
    assert 'href="/cases/77"' in page
    assert 'href="/operations/completeness"' in page


def test_a_carrier_without_a_tariff_is_named_with_its_point_and_leads_to_the_tariffs(
    client: FlaskClient, hub: Hub
) -> None:
    with hub.begin() as connection:
        raise_alert(connection, UNPRICED, "NEW · WH1", WORDS)
    try:
        page = page_of(client, "/")
    finally:
        with hub.begin() as connection:
            connection.execute(text("delete from alert"))
    assert "NEW · WH1：没有运费模板，排在有价的后面" in page
    assert "到 基础资料 · 运费模板 补上，0 也算价" in page
    assert 'href="/settings/masters/tariff"' in page


def test_a_paused_account_says_why_in_chinese(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    change = "update account set state = :state, paused_reason = :why where id = :id"
    with hub.begin() as connection:
        why = "the credentials were refused"
        connection.execute(text(change), {"state": "paused", "why": why, "id": world.account})
    try:
        pages = [page_of(client, path) for path in ("/settings/shops", "/operations/sync", "/")]
    finally:
        with hub.begin() as connection:
            connection.execute(text(change), {"state": "active", "why": "", "id": world.account})
    assert ["凭据不被接受" in page for page in pages] == [True] * 3
    assert [why in page for page in pages] == [False] * 3
