"""The demo's set-up: complete, repeatable, and with a ledger that explains every level from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.registry import all_vendors
from connectors.sandbox.run import describe
from connectors.sandbox.traffic import catalogue
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.db.sealed import KeyRing
from oms.db.session import make_engine
from oms.demo.books import parts_of, read_books, read_counts
from oms.demo.rules import publish_review_rules
from oms.demo.setting_up import Ready, set_up

SANDBOX = describe(("taobao", "qimen", "kuaidi100"), 9200, 1, {})
TABLES = ("channel", "account", "shop", "stock_point", "carrier", "carrier_tariff", "sku", "bundle", "bundle_part",
          "stock_level", "stock_movement", "cost_price", "users", "sync_schedule", "rule_set")  # fmt: skip


@pytest.fixture
def hub(own_database_url: str) -> Iterator[Hub]:
    keys = KeyRing("k1", {"k1": bytes(range(32))})
    hub = Hub(make_engine(own_database_url), keys, dict(all_vendors()), public_url="http://127.0.0.1:8800")
    yield hub
    hub.engine.dispose()


def demo_set_up(hub: Hub, home: Path, sandbox: Mapping[str, Any] = SANDBOX) -> Ready:
    ready = set_up(hub, sandbox, catalogue(1), home, merge_window_s=10)
    with hub.begin() as connection:
        publish_review_rules(connection)
    return ready


def counts(hub: Hub) -> dict[str, int]:
    with hub.engine.connect() as connection:
        return {table: connection.execute(text(f"select count(*) from {table}")).scalar_one() for table in TABLES}


def test_a_second_set_up_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    first = demo_set_up(hub, tmp_path)
    before = counts(hub)
    assert min(before.values()) > 0
    assert before["sku"] >= 200
    assert demo_set_up(hub, tmp_path) == first
    assert counts(hub) == before


def test_the_books_of_a_fresh_hub_add_up(hub: Hub, tmp_path: Path) -> None:
    demo_set_up(hub, tmp_path)
    with hub.engine.connect() as connection:
        books, numbers = read_books(connection), read_counts(connection)
    assert (books.broken, books.units, books.left_stock, books.orders) == ((), {}, {}, {})
    assert set(numbers.values()) == {0}


def test_a_level_changed_behind_the_ledger_is_told(hub: Hub, tmp_path: Path) -> None:
    demo_set_up(hub, tmp_path)
    with hub.begin() as connection:
        connection.execute(
            text("""update stock_level set on_hand = on_hand - 1, reserved = 1
                    where (stock_point_id, sku_id) = (select stock_point_id, sku_id from stock_level limit 1)""")
        )
    with hub.engine.connect() as connection:
        broken = read_books(connection).broken
    assert [sentence[:17] for sentence in broken] == ["the stock level o", "the reserved unit"]


def test_the_accounts_reach_the_twins_with_their_own_keys(hub: Hub, tmp_path: Path) -> None:
    ready = demo_set_up(hub, tmp_path)
    with hub.engine.connect() as connection:
        accounts = {vendor: id_ for vendor, id_ in connection.execute(text("select vendor, id from account"))}
    market = connector_of(hub, shop_id=ready.shop_id)
    assert market.account.secrets["app_secret"] == SANDBOX["taobao"]["app_secret"]
    assert connector_of(hub, account_id=accounts["qimen"]).account.gateway == SANDBOX["qimen"]["endpoint"]
    assert ready.callback_url.startswith("http://127.0.0.1:8800/hooks/warehouses/qimen/")
    moved = {**SANDBOX, "qimen": {**SANDBOX["qimen"], "endpoint": "http://127.0.0.1:9999/elsewhere"}}
    demo_set_up(hub, tmp_path, moved)
    assert connector_of(hub, account_id=accounts["qimen"]).account.gateway == "http://127.0.0.1:9999/elsewhere"


def test_the_password_is_drawn_once_and_readable_to_nobody_else(hub: Hub, tmp_path: Path) -> None:
    first = demo_set_up(hub, tmp_path).password
    place = tmp_path / "keys" / "demo-password"
    assert place.stat().st_mode & 0o077 == 0
    assert (demo_set_up(hub, tmp_path).password, len(first) >= 12) == (first, True)


def test_rules_that_people_have_published_stay(hub: Hub, tmp_path: Path) -> None:
    demo_set_up(hub, tmp_path)
    with hub.begin() as connection:
        publish_review_rules(connection, 5)
        bodies = connection.execute(text("select body->'rules'->1->'when'->'all'->0->>'value' from rule_set_version"))
        assert bodies.scalars().all() == ["100000"]


def test_the_parts_of_bundles_are_known_to_the_comparison() -> None:
    parts = parts_of(catalogue(1))
    assert set(parts) == {item["code"] for item in catalogue(1) if item["kind"] == "bundle"}
    assert all(units > 0 for listed in parts.values() for _, units in listed)
