"""Where an order stands, why, what comes next and by when: the four answers at the head of its page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, text

from oms.app.kernel.hub import Hub
from oms.db.fulfilments import MergeGroup
from oms.db.rulebook import Decision, RuleSet, RuleSetVersion
from tests.console import factories
from tests.console.browsing import page_of

PART = re.compile(r"<dt>([^<]+)</dt><dd><p>(.*?)</p>(?:<p class=\"sm t2\">(.*?)</p>)?</dd>", re.S)


def story(client: FlaskClient, order: int) -> dict[str, tuple[str, str]]:
    """Each answer with its quieter line."""
    page = page_of(client, f"/orders/{order}")
    head = page.split('<dl class="story">')[1].split("</dl>")[0]
    return {name: (re.sub("<.*?>", "", said), more) for name, said, more in PART.findall(head)}


def a_decision(connection: Connection, order: int, version: int, matched: Sequence[str]) -> None:
    values = {"stage": "review", "rule_set_version_id": version, "verdict": "finance", "matched": list(matched)}
    id_ = factories.new_id(connection)
    connection.execute(
        insert(Decision).values(month=date(2026, 11, 1), order_id=order, id=id_, at=factories.NOW, **values)
    )


def a_rule(id_: str, tier: str) -> dict[str, Any]:
    return {"id": id_, "name": f"名-{id_}", "actions": [{"action": "send_to_tier", "params": {"tier": tier}}]}


@pytest.fixture
def version(hub: Hub) -> int:
    """A version of review rules, two of them for finance."""
    body = {"rules": [a_rule("cod", "finance"), a_rule("large", "finance"), a_rule("memo", "service")]}
    with hub.begin() as connection:
        connection.execute(text("truncate rule_set_version"))  # What was active is never deleted row by row.
        connection.execute(text("delete from rule_set"))
        rules = factories.add(connection, RuleSet, stage="review", name="r")
        return factories.add(connection, RuleSetVersion, rule_set_id=rules, body=body, state="active")


def test_review_names_the_tiers_and_the_rules_that_ask_for_them(
    client: FlaskClient, hub: Hub, world: factories.World, version: int
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "review", tiers_waiting=2 + 4)
        a_decision(connection, order, version, ["memo"])
        a_decision(connection, order, version, ["cod", "large", "memo"])
    assert story(client, order)["为什么"] == ("规则要人看一眼", "财审：名-cod、名-large；物流审")


def test_what_waits_for_review_is_told_beside_a_hold(
    client: FlaskClient, hub: Hub, world: factories.World, version: int
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "review", review="waiting", tiers_waiting=2)
        a_decision(connection, order, version, ["cod"])
        factories.a_hold(connection, world, order, "memo_changed", seen={})
        factories.a_hold(connection, world, order, "out_of_zone", seen={})
    assert story(client, order)["为什么"] == ("超区", "另等审核：财审：名-cod")


def test_a_shortage_names_the_goods_and_when_it_is_tried_again(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    seen = {"short": [{"sku": "LY-BED", "wanted": 3, "at": {"east": 1, "west": 0}}]}
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "short", ready_at=world.now + timedelta(minutes=5))
        factories.a_hold(connection, world, order, "short_of_stock", seen=seen)
    told = story(client, order)
    assert told["为什么"] == ("缺货", "LY-BED 要 3 件，可用 east 1、west 0")
    assert told["接下来"] == ("到货后自动继续", "18:47 再找一次库存")


def test_merging_names_the_end_of_its_window(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "merging", review="passed")
        factories.a_fulfilment(connection, world, [order], merge_key=b"together")
        due = world.now + timedelta(minutes=8)
        connection.execute(insert(MergeGroup).values(merge_key=b"together", shop_id=world.shops[0], due_at=due))
    assert story(client, order)["接下来"] == ("窗口到点后合单，再下发", "18:50 到点")


@pytest.mark.parametrize(("is_presale", "words"), [(True, "预售，最晚 19:42 发出"), (False, "最晚 19:42 发出")])
def test_what_waits_to_be_shipped_names_its_deadline(
    client: FlaskClient, hub: Hub, world: factories.World, is_presale: bool, words: str
) -> None:
    with hub.begin() as connection:
        ship_by = world.now + timedelta(hours=1)
        order = factories.an_order(connection, world, "captured", is_presale=is_presale, ship_by=ship_by)
    assert story(client, order)["接下来"] == ("几秒内自动预处理", words)
