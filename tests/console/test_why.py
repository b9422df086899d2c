"""The page that tells why an order went its way."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from tests.app.explained import falsify
from tests.app.rule_sets import a_rule, decided, in_force
from tests.console.browsing import page_of
from tests.factories import World, a_line, a_world

DEAR = {"fact": "order.paid", "op": "gt", "value": 30000}


@pytest.fixture(scope="module")
def lived(make_database: Callable[[], str]) -> Iterator[World]:
    """A world whose orders went through the pipeline."""
    world = a_world(make_database())
    in_force(world, a_rule("dear", "finance", when=DEAR), a_rule("all", "service"), name="审单")
    yield world
    world.hub.engine.dispose()


@pytest.fixture
def pages(lived: World) -> Flask:
    """The console over that world."""
    made = Flask(__name__)
    made.config.update(SECRET_KEY="test", TESTING=True)
    register_console(made, lived.hub)
    made.config["CONSOLE_PERSON"] = Person(1, "青禾", permissions=frozenset(PERMISSIONS))
    return made


def test_the_page_names_rule_set_rules_conditions_and_what_was_seen(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    page = page_of(pages.test_client(), f"/orders/{id_}/why")
    for words in (
        "为什么要人审核",
        "审核：转客审",
        "审单 v1",
        "命中 1 条",
        "实付金额大于300.00元",
        "¥10.00",
        "差 1 条",
        "重算一致",
    ):
        assert words in page, words


def test_what_ways_cost_is_yuan_though_the_order_is_in_dollars(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    lived.run("update orders set currency = 'USD' where id = :id", id=id_)
    step = lived.one("select id from decision where order_id = :id and stage = 'route'", id=id_)
    client = pages.test_client()
    page = page_of(client, f"/orders/{id_}/why")
    link = re.search(rf'href="([^"]*opened=[^"]*{step}[^"]*)"', page)
    assert link, "the page leads to each decision"
    ways = page_of(client, html.unescape(link[1])).partition('id="src"')[2].partition("</table>")[0]
    assert "¥5.00" in ways
    assert "$" not in ways


def test_the_page_leads_to_the_version_and_to_a_trial_of_it(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    page = page_of(pages.test_client(), f"/orders/{id_}/why")
    rule_set, version = lived.rows("select rule_set_id, id from rule_set_version")[0]
    number = lived.one("select external_no from orders where id = :id", id=id_)
    assert f'href="/rules/{rule_set}/versions/{version}"' in page
    assert re.search(rf'href="[^"]*/{version}[^"]*no={number}"', page)


def test_the_order_page_leads_there_by_a_key(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    page = page_of(pages.test_client(), f"/orders/{id_}")
    assert f'href="/orders/{id_}/why" data-key="w"' in page


def test_a_falsified_verdict_stands_in_amber(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    falsify(lived, id_, "matched = '{dear}'")
    page = page_of(pages.test_client(), f"/orders/{id_}/why")
    assert "重算不一致" in page
    assert 'class="note is-warn"' in page
    assert "当时记下 dear，重算是 all" in page


def test_a_step_can_be_opened_by_its_address(lived: World, pages: Flask) -> None:
    id_ = decided(lived, lines=[a_line("1", "C", 100_000)])
    page = page_of(pages.test_client(), f"/orders/{id_}/why")
    assert "为什么停住：缺货" in page
    assert "不行：库存不足" in page
    hold = lived.one("select id from hold where order_id = :id and kind = 'short_of_stock'", id=id_)
    opened = page_of(pages.test_client(), f"/orders/{id_}/why?step=h{hold}")
    for words in ("挂起：缺货", "拦住", "原因消失后自动解除", "还挂着"):
        assert words in opened, words


@pytest.mark.parametrize("asked", ["", "&step=3"])
def test_a_step_opens_for_who_comes_from_the_list_and_the_way_back_is_kept(
    lived: World, pages: Flask, asked: str
) -> None:
    id_ = decided(lived, lines=[a_line("1", "C", 100_000)])
    hold = lived.one("select id from hold where order_id = :id and kind = 'short_of_stock'", id=id_)
    client = pages.test_client()
    page = page_of(client, f"/orders/{id_}/why?of=orders{asked}")
    link = re.search(rf'href="([^"]*opened=h{hold}[^"]*)"', page)
    assert link, "the page leads to each step"
    opened = page_of(client, html.unescape(link[1]))
    assert "挂起：缺货" in opened
    assert html.escape(f"/orders/{id_}?of=orders{asked}") in opened


def test_without_leave_to_see_rules_no_condition_is_shown(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    pages.config["CONSOLE_PERSON"] = Person(1, "阿柚", permissions=frozenset({"order.view"}))
    page = page_of(pages.test_client(), f"/orders/{id_}/why")
    assert "rule all" in page
    assert "实付金额大于" not in page
    assert "要「看规则」权限" in page


def test_of_shops_of_others_there_is_no_page(lived: World, pages: Flask) -> None:
    id_ = decided(lived)
    allowed = frozenset(PERMISSIONS)
    pages.config["CONSOLE_PERSON"] = Person(1, "阿柚", permissions=allowed, shop_ids=frozenset({99}))
    page_of(pages.test_client(), f"/orders/{id_}/why", 404)
