"""Pages of trials: who may start one, what is shown to whom, what is refused, and the table that is taken away."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook  # type: ignore[import-untyped]

from oms.app.kernel.hub import Hub
from oms.app.rulebook.trying.backtests import ask_backtest
from oms.app.rulebook.trying.running import backtest_next
from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from tests.app.rule_sets import a_rule, in_force, set_id
from tests.app.trying import COD, PAID, PERIOD, another_draft, some_orders
from tests.console.browsing import page_of, send
from tests.factories import World, a_world, advance, an_order, drain


@pytest.fixture(scope="module")
def lived(make_database: Callable[[], str]) -> Iterator[World]:
    """Orders decided by one rule, one of them with a number that a spreadsheet would run."""
    world = a_world(make_database())
    in_force(world, a_rule("cod", "finance", name="货到付款送财务", when=COD))
    some_orders(world, 9)
    an_order(world, no="=1+2", is_cod=True)
    advance(world)
    world.clock.forward(60)
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def hub(lived: World) -> Hub:
    return lived.hub


@pytest.fixture(scope="module")
def app(hub: Hub) -> Flask:
    made = Flask(__name__)
    made.config.update(SECRET_KEY="test", TESTING=True)
    register_console(made, hub)
    made.config["CONSOLE_PERSON"] = Person(1, "青禾", permissions=frozenset(PERMISSIONS))
    return made


@pytest.fixture(scope="module")
def draft(lived: World) -> int:
    version = lived.one("select id from rule_set_version where state = 'active'")
    return another_draft(lived, version, a_rule("paid", "service", name="大额核对", when=PAID))


@pytest.fixture
def done(lived: World, draft: int) -> int:
    """A backtest that is done."""
    started = ask_backtest(lived.hub, draft, PERIOD, (1,), "user:1")
    drain(backtest_next, lived)
    return started


def try_page(lived: World, draft: int) -> str:
    return f"/rules/{set_id(lived, draft)}/versions/{draft}/try"


def asked(**changes: Any) -> dict[str, Any]:
    return {"since": "2026-11-01", "until": "2026-11-21"} | changes


def test_a_form_starts_a_backtest_and_leads_to_it(client: FlaskClient, lived: World, draft: int) -> None:
    answer = send(client, try_page(lived, draft), **asked(least="50", most="70.00", term="prepaid"))
    assert answer.status_code == 303
    drain(backtest_next, lived)
    page = page_of(client, answer.headers["Location"])
    assert "2 单里 2 单的结果变了" in page
    assert "转客审" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"since": "yesterday"}, "要一个日期"),
        ({"since": "2026-12-01"}, "结束早于开始"),
        ({"least": "lots"}, "要写成 12.30 这样的金额"),
        ({"least": "9", "most": "8"}, "最小金额高于最大金额"),
        ({"shop": "77"}, "要选一家店"),
    ],
)
def test_what_is_typed_wrong_is_refused_and_kept(
    client: FlaskClient, lived: World, draft: int, typed: dict[str, str], words: str
) -> None:
    answer = send(client, try_page(lived, draft), **asked(**typed))
    assert answer.status_code == 422
    assert words in answer.text
    assert all(f'name="{name}" value="{kept}"' in answer.text for name, kept in typed.items() if name != "shop")


def test_one_order_is_tried_by_its_number(client: FlaskClient, lived: World, draft: int) -> None:
    page = page_of(client, f"{try_page(lived, draft)}?no=T9")
    assert "订单 T9 现在会怎么判" in page
    assert "大额核对" in page
    assert "核对单号和店铺" in page_of(client, f"{try_page(lived, draft)}?no=NOTHING")


def test_the_table_holds_every_changed_order_and_no_formula(client: FlaskClient, done: int) -> None:
    answer = client.get(f"/rules/backtests/{done}/changes.csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 9
    assert any(line.startswith("'=1+2,") for line in lines)
    book = load_workbook(io.BytesIO(client.get(f"/rules/backtests/{done}/changes.xlsx").data))
    cells = {row[0].value: row[0].data_type for row in book.worksheets[0].iter_rows()}
    assert cells["=1+2"] == "s"
    assert client.get(f"/rules/backtests/{done}/changes.pdf").status_code == 404


def test_a_changed_order_is_explained_by_both_sides(client: FlaskClient, lived: World, done: int) -> None:
    order = lived.one("select max(order_id) from backtest_change where backtest_id = :id", id=done)
    page = page_of(client, f"/rules/backtests/{done}/orders/{order}")
    assert "货到付款送财务" in page
    assert "大额核对" in page
    assert client.get(f"/rules/backtests/{done}/orders/1").status_code == 404


def test_who_may_not_write_drafts_looks_only(
    client: FlaskClient, lived: World, draft: int, done: int, somebody: Any
) -> None:
    somebody(id=1, permissions=frozenset({"rule.view", "order.view"}))
    assert "要「写规则草稿」权限" in page_of(client, try_page(lived, draft))
    assert send(client, try_page(lived, draft), **asked()).status_code == 403
    assert send(client, f"/rules/backtests/{done}/stop").status_code == 403
    page_of(client, f"/rules/backtests/{done}")


def test_a_backtest_of_shops_that_are_not_theirs_is_not_there(client: FlaskClient, done: int, somebody: Any) -> None:
    somebody(id=1, permissions=frozenset({"rule.view"}))
    for path in ("", "/progress", "/changes.csv", "/orders/1"):
        page_of(client, f"/rules/backtests/{done}{path}", 404)


def test_agreement_and_coverage_are_shown_for_chosen_days(client: FlaskClient) -> None:
    page = page_of(client, "/rules/agreement?days=7")
    assert "货到付款送财务" in page
    assert "近 7 天没有该放宽或收紧的审核规则" in page
    page = page_of(client, "/rules/coverage?days=abc")
    assert "判了 10 单，6 单没有规则命中（60%）" in page
