"""Drafts for the rule editor in a browser, and how a person works with its rows."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.drafts import Content, create_set
from oms.db.channels import Shop
from tests.console import factories

COD: dict[str, Any] = {"fact": "order.is_cod", "op": "eq", "value": True}
EXCHANGE: dict[str, Any] = {"all": [
    {"fact": "order.origin", "op": "eq", "value": "exchange"}, {"fact": "order.paid", "op": "gt", "value": 30000},
]}  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"id": "f-003", "name": "货到付款与高额换货送财务", "priority": 30,
     "when": {"all": [{"any": [COD, EXCHANGE]}, {"none": [{"fact": "buyer.level", "op": "in", "value": ["VIP"]}]}]},
     "actions": [{"action": "send_to_tier", "params": {"tier": "finance"}}]},
    {"id": "night", "name": "夜里的大单人工看", "priority": 40, "stop": True,
     "when": {"any": [{"fact": "order.paid", "op": "between", "value": [100000, 500000]},
                      {"fact": "order.paid_at", "op": "older_than", "value": 7200}]},
     "actions": [{"action": "send_to_tier", "params": {"tier": "service"}}],
     "active": [{"weekdays": [6, 7], "from": "22:00", "to": "06:00", "time_zone": "Asia/Shanghai"}],
     "excluded": [{"from": "2026-11-10T16:00:00Z", "until": "2026-11-12T16:00:00Z"}]},
    {"id": "old", "name": "老规则", "priority": 90, "enabled": False, "when": {"all": []},
     "actions": [{"action": "pass", "params": {}}]},
]  # fmt: skip
_numbers = itertools.count(1)


def a_draft(hub: Hub, stage: str, rules: list[Any], limits: Sequence[Any] = ()) -> str:
    """The path of the editor of a draft in a shop of its own."""
    with hub.begin() as connection:
        channel, account = connection.execute(text("select channel_id, account_id from shop limit 1")).one()
        shop = factories.add(
            connection, Shop, code=f"ed{next(_numbers)}", name="天猫旗舰店", channel_id=channel, account_id=account
        )
    version = create_set(hub, stage, "shop", shop, "财务审核", Content(rules, list(limits), "第一版"), "user:1")
    with hub.begin() as connection:
        rule_set = connection.execute(
            text("select rule_set_id from rule_set_version where id = :id"), {"id": version}
        ).scalar_one()
    return f"/rules/{rule_set}/versions/{version}/edit"


def version_of(path: str) -> int:
    return int(path.split("/")[4])


def body_of(hub: Hub, path: str) -> list[Any]:
    with hub.begin() as connection:
        statement = text("select body from rule_set_version where id = :id")
        return list(connection.execute(statement, {"id": version_of(path)}).scalar_one()["rules"])


def saved(page: Page) -> None:
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#red-note")).to_contain_text("草稿存好了")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def pick(page: Page, name: str, fact: str) -> None:
    """Find a fact and pick it."""
    row(page, name).get_by_label("字段").fill(fact)
    page.get_by_role("option", name=fact).first.click()


def pictures(page: Page, name: str) -> None:
    """Pictures to look at, when somebody asks for them."""
    folder = os.environ.get("OMS_PICTURES")
    for width, height in ((1280, 800), (768, 1000), (1600, 900)) if folder else ():
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            page.screenshot(path=Path(str(folder)) / f"{name}-{width}-{theme}.png")
    page.set_viewport_size({"width": 1440, "height": 900})
