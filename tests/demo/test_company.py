"""The company of the running demo: everything it sets is accepted, once, and its first orders are taken in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.registry import all_vendors
from connectors.sandbox.run import describe
from connectors.sandbox.traffic import catalogue
from oms.app.kernel.hub import Hub
from oms.db.sealed import KeyRing
from oms.db.session import make_engine
from oms.demo.company.life import open_company
from oms.demo.company.rulings import RULES
from oms.demo.markets import MARKETS
from oms.demo.rules import publish_review_rules
from oms.demo.setting_up import set_up

SANDBOX = describe(("taobao", "qimen", "kuaidi100", *[market.vendor for market in MARKETS]), 9200, 1, {})
TABLES = (
    "rule_set", "rule_set_version", "review_limit", "duty_shift", "user_group", "stock_point", "stock_pool", "partner",
    "settlement_price", "sourcing_setting", "sourcing_plan", "replan_setting", "replenish_setting", "store_profile",
    "shop_stores", "blacklist_entry", "orders", "stock_movement",
)  # fmt: skip


@pytest.fixture
def hub(own_database_url: str) -> Iterator[Hub]:
    keys = KeyRing("k1", {"k1": bytes(range(32))})
    hub = Hub(make_engine(own_database_url), keys, dict(all_vendors()), public_url="http://127.0.0.1:8800")
    yield hub
    hub.engine.dispose()


def opened(hub: Hub, home: Path) -> dict[str, int]:
    """Opens the company; answers how many rows each table has."""
    set_up(hub, SANDBOX, catalogue(1), home, merge_window_s=10, has_shortage=True)
    with hub.begin() as connection:
        publish_review_rules(connection)
    told: list[str] = []
    open_company(hub, catalogue(1), told.append)
    assert told == []
    with hub.engine.connect() as connection:
        return {table: connection.execute(text(f"select count(*) from {table}")).scalar_one() for table in TABLES}


def test_the_company_is_opened_whole_and_once(hub: Hub, tmp_path: Path) -> None:
    first = opened(hub, tmp_path)
    assert min(first.values()) > 0, first
    with hub.engine.connect() as connection:
        states = connection.execute(
            text("""select s.stage, v.state, v.canary from rule_set s join rule_set_version v on v.rule_set_id = s.id""")
        ).all()
    assert {stage for stage, state, _ in states if state == "active"} == {*RULES, "review"}
    assert ("review", "draft", 100) in states
    assert ("carrier", "active", 20) in states
    assert opened(hub, tmp_path) == first
