"""Pages of variants, their trials and replanning: what is shown, kept and refused, and the table that is taken away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook  # type: ignore[import-untyped]

from oms.app.kernel.hub import Hub
from oms.app.pipeline.variants.running import trial_next
from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from oms.console.variants import words as variants_words
from tests.console.browsing import page_of, send
from tests.factories import World, a_line, a_world, advance, an_order, drain


@pytest.fixture(scope="module")
def lived(make_database: Callable[[], str]) -> Iterator[World]:
    """Open orders that wait for others, one with a number that a spreadsheet would run."""
    world = a_world(make_database(), window=3600)
    for number in (None, "=1+2"):
        an_order(world, [a_line("1", "A", 2), a_line("2", "B", 1)], no=number)
    advance(world)
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


def kept(lived: World, client: FlaskClient, name: str, **fields: str) -> int:
    answer = send(client, "/rules/variants/new", name=name, **fields)
    assert answer.status_code == 303, answer.text
    return int(lived.one("select id from routing_variant where name = :name", name=name))


def test_a_variant_is_written_in_a_form_tried_and_read_side_by_side(lived: World, client: FlaskClient) -> None:
    assert "还没有方案" in page_of(client, "/rules/variants")
    out = kept(
        lived, client, "东仓停用", point_out="1", tariff_1="150", most_parcels="2", main_1="2", policy_1="main_first"
    )
    assert lived.one("select changes from routing_variant where id = :id", id=out) == {
        "main_points": {"1": 2}, "policies": {"1": "main_first"}, "points_out": [1], "tariffs": {"1": 150},
        "most_parcels": 2,
    }  # fmt: skip
    listed = page_of(client, "/rules/variants")
    assert "停用 east" in listed
    assert "ZTO 运费 × 150%" in listed
    form = page_of(client, f"/rules/variants/{out}")
    assert re.search(r'name="point_out" value="1" checked', form)
    started = send(client, "/rules/trials", variant=str(out), which="open")
    assert started.status_code == 303
    waiting = page_of(client, started.headers["Location"])
    assert "hx-get" in waiting
    drain(trial_next, lived)
    told = page_of(client, started.headers["Location"])
    assert "没有一个方案比现在省；最接近的是「东仓停用」" in told
    assert "east · ZTO × 3" in told
    assert "west · YTO × 3" in told
    assert "hx-get" not in told
    book = load_workbook(io.BytesIO(client.get(f"{started.headers['Location']}/orders.xlsx").data))
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert "'=1+2" in cells or "=1+2" in [str(cell) for cell in cells if cell]
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert send(client, f"/rules/variants/{out}/drop").status_code == 303
    assert "东仓停用" in page_of(client, started.headers["Location"])


@pytest.mark.parametrize("orders", ["id = (select min(id) from orders)", "true"])
def test_what_parcels_cost_is_yuan_whatever_currency_the_orders_are_in(
    lived: World, client: FlaskClient, orders: str
) -> None:
    dear = kept(lived, client, f"涨价 {len(orders)}", tariff_1="150", tariff_2="150", tariff_3="150")
    lived.run(f"update orders set currency = 'USD' where {orders}")
    started = send(client, "/rules/trials", variant=str(dear), which="open")
    drain(trial_next, lived)
    told = page_of(client, started.headers["Location"]).partition('id="found"')[2].partition("</main>")[0]
    file = client.get(f"{started.headers['Location']}/orders.csv").text
    lived.run("update orders set currency = 'CNY'")
    assert "没有一个方案比现在省；最接近的是" in told
    assert "¥" in told
    assert "$" not in told
    assert "USD" not in file


def test_parcels_without_a_tariff_are_counted(app: Flask) -> None:
    force = {"orders": 1, "units": 1, "served": 1, "parcels": 1}
    with app.test_request_context():
        counted = [
            line for line in variants_words.lines_of([force, force | {"unpriced": 1}]) if "没有运费模板" in line.name
        ]
        assert [[cell.text for cell in line.cells] for line in counted] == [["0", "1"]]
        assert not [line for line in variants_words.lines_of([force]) if "没有运费模板" in line.name]


def test_one_huge_order_does_not_hide_how_many_orders_are_served(app: Flask) -> None:
    force = {"orders": 161, "units": 1_000_400, "served": 24, "units_served": 40}
    with app.test_request_context():
        count, by_order, by_unit = variants_words.lines_of([force, force | {"served": 32, "units_served": 50}])[:3]
    assert "161" in count.name
    assert [[cell.text for cell in line.cells] for line in (count, by_order, by_unit)] == [
        ["24", "32"], ["14.90%", "19.87%"], ["0.00%", "0.00%"]
    ]  # fmt: skip
    assert (by_order.cells[1].more, by_order.cells[1].tone) == ("+4.97%", "ok")


def test_what_is_wrong_is_named_and_what_was_typed_stays(lived: World, client: FlaskClient) -> None:
    empty = send(client, "/rules/variants/new", name="什么都不改")
    assert (empty.status_code, "什么都没改" in empty.text, "什么都不改" in empty.text) == (422, True, True)
    wrong = send(client, "/rules/variants/new", name="x", tariff_1="a")
    assert "要写大于 0 的整数" in wrong.text
    none = send(client, "/rules/trials", which="open")
    assert (none.status_code, "不能一次比这么多方案" in none.text) == (422, True)
    one = kept(lived, client, "一包", most_parcels="1")
    past = send(client, "/rules/trials", variant=str(one), which="past", since="2026-12-01", until="2026-11-01")
    assert past.status_code == 422
    assert f'value="{one}" id="v{one}" checked' in past.text


def test_who_may_not_write_rules_looks_only(client: FlaskClient, app: Flask) -> None:
    before = app.config["CONSOLE_PERSON"]
    app.config["CONSOLE_PERSON"] = Person(1, "阿柚", permissions=frozenset({"sourcing.view", "order.view"}))
    try:
        assert "要「写规则草稿」权限" in page_of(client, "/rules/variants")
        assert client.get("/rules/variants/new").status_code == 403
        assert "关着" in page_of(client, "/settings/replanning")
        assert send(client, "/settings/replanning/1", is_on="on").status_code == 403
    finally:
        app.config["CONSOLE_PERSON"] = before


def test_replanning_is_switched_and_says_what_it_saved(lived: World, client: FlaskClient) -> None:
    page = page_of(client, "/settings/replanning")
    assert "能并成一包的并起来" in page
    fields = {"is_on": "on", "every_min": "5", "quiet_min": "30", "least_amount": "2.50"}
    assert send(client, "/settings/replanning/1", **fields).status_code == 303
    row = lived.rows("select is_on, every_min, quiet_min, least_amount from replan_setting")[0]
    assert tuple(row) == (True, 5, 30, 250)
    wrong = send(client, "/settings/replanning/1", **fields | {"every_min": "0"})
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
    lived.run("insert into replan (pool_id, order_id, kind, parcels, amount, at) values (1, 1, 'moved', 1, 700, :now)",
              now=lived.clock())  # fmt: skip
    assert "近 30 天改了 1 单的仓，少发 1 个包裹，省下 ¥7.00" in page_of(client, "/settings/replanning")
