"""Pages of sourcing: what is shown, written, refused, told to the second of two people, undone, tried first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from oms.app.stock.planning.renewing import renew_next
from oms.console import register_console
from oms.console.permissions import PERMISSIONS
from oms.console.security import Person
from tests.app.test_sourcing_plans import BOTH, have, sent_from
from tests.console.browsing import page_of, send
from tests.factories import World, a_line, a_world, an_order, settle

POOL = "/settings/sourcing/pool/1"
PLAN = "/settings/sourcing/plans/1"
#: The form of a setting as it comes where nothing is set.
FORM = {
    "policy": "whole_first", "ships_whole": "split", "splits_units": "on", "parcel_amount": "3.00", "split_gain": "0.00",
    "gain_hours": "0", "hour_amount": "0.00", "pressure_amount": "0.00", "rank_amount": "0.01", "handling_percent": "100",
    "scarcity_percent": "100", "most_refusals": "3", "revision": "0",
}  # fmt: skip


@pytest.fixture(scope="module")
def lived(make_database: Callable[[], str]) -> Iterator[World]:
    """A pool of two points, of which only the first has B, and orders of a day."""
    world = a_world(make_database())
    world.run("update stock_point set handling_amount = 500 where id = 2")
    for _ in range(4):
        sent_from(world, a_line("1", "A"))
        sent_from(world, *BOTH)
    have(world, a1=4, a2=4, b1=8, b2=0)
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


def revision_of(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page_of(client, path))
    assert found is not None
    return found[1]


def test_a_pool_is_set_the_second_of_two_is_told_and_the_change_undone(lived: World, client: FlaskClient) -> None:
    assert "还没有人改过" in page_of(client, "/settings/sourcing")
    sent: dict[str, Any] = FORM | {
        "policy": "main_first", "point_2": "1", "point_1": "2", "only_points": "on", "together_skus": "A B\nC, D",
        "max_parcels": "2", "hour_amount": "0.05",
    }  # fmt: skip
    assert send(client, POOL, **sent).status_code == 303
    row = lived.rows("select * from sourcing_setting")[0]
    assert (row.policy, row.points, row.only_points, row.max_parcels, row.hour_amount) == (
        "main_first",
        [2, 1],
        True,
        2,
        5,
    )
    assert row.together_skus == [[lived.skus["A"], lived.skus["B"]], [lived.skus["C"], lived.skus["D"]]]
    late = send(client, POOL, **FORM | {"policy": "fastest"})
    assert late.status_code == 409
    assert "刚改过这里" in late.text
    assert re.search(r'value="fastest" checked', late.text)
    page = page_of(client, POOL)
    assert "A B\nC D" in page
    shown = page_of(client, "/settings/sourcing")
    assert "west → east" in shown or "→" in shown
    change = lived.one("select max(id) from sourcing_change")
    assert send(client, f"/settings/sourcing/changes/{change}/undo").status_code == 303
    assert lived.one("select count(*) from sourcing_setting") == 0
    assert "不再单独设" in page_of(client, POOL)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"policy": "best"}, "policy"), ({"parcel_amount": "-3"}, "12.30"), ({"parcel_amount": "99999999"}, "10,000.00"),
        ({"point_1": "0"}, "1 是主仓"), ({"point_1": "1", "point_2": "1"}, "两个仓都写了"), ({"only_points": "on"}, "列"),
        ({"together_skus": "A NOPE"}, "NOPE"), ({"together_skus": "A"}, "两种"), ({"most_refusals": "x"}, "1 到 20"),
        ({"ships_whole": "whole", "max_parcels": "3"}, "包裹"), ({"max_parcels": "21"}, "1 到 20"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    lived: World, client: FlaskClient, wrong: dict[str, str], words: str
) -> None:
    answer = send(client, "/settings/sourcing/shop/1", **FORM | wrong | {"gain_hours": "7"})
    assert answer.status_code == 422
    assert words in answer.text
    assert re.search(r'name="gain_hours"[^>]*value="7"', answer.text)
    assert lived.one("select count(*) from sourcing_setting") == 0


@pytest.mark.parametrize("place", ["pool:²", "pool:１", f"shop:{'9' * 5000}", "pool:", "shelf:1"])
def test_a_place_that_is_none_is_not_found(client: FlaskClient, place: str) -> None:
    assert client.get("/settings/sourcing/open", query_string={"place": place}).status_code == 404


def test_a_change_is_tried_before_it_counts(lived: World, client: FlaskClient) -> None:
    sent = FORM | {"policy": "main_first", "point_2": "1"}
    answer = send(client, f"{POOL}/try", **sent)
    assert answer.status_code == 303
    listed = page_of(client, answer.headers["Location"])
    assert "寻源试改" in listed
    assert re.search(r'name="variant" value="\d+"[^>]* checked', listed)
    assert lived.one("select count(*) from sourcing_setting") == 0


def test_a_plan_is_switched_on_read_and_made_again(lived: World, client: FlaskClient) -> None:
    assert "关着" in page_of(client, "/settings/sourcing/plans")
    assert "还没开计划" in page_of(client, PLAN)
    form = {"is_on": "on", "every_min": "10", "looks_back_h": "168", "horizon_h": "168", "revision": "0"}
    assert send(client, PLAN, **form | {"every_min": "0"}).status_code == 422
    assert send(client, PLAN, **form).status_code == 303
    assert send(client, PLAN, **form | {"every_min": "20"}).status_code == 409
    assert "第一次正在算" in page_of(client, PLAN)
    assert renew_next(lived.hub) == 1
    page = page_of(client, PLAN)
    assert "紧缺的货值多少" in page
    assert "一种货一件" in page
    assert "看了 8 单" in page
    assert renew_next(lived.hub) == 0
    assert send(client, f"{PLAN}/compute").status_code == 303
    assert renew_next(lived.hub) == 1
    assert "照着分" in page_of(client, "/settings/sourcing/plans")
    off = form | {"is_on": "off", "revision": revision_of(client, PLAN)}
    assert send(client, PLAN, **off).status_code == 303
    assert lived.one("select is_on from sourcing_plan") is False


def test_why_an_order_went_its_way_leads_to_the_setting_that_counted(lived: World, client: FlaskClient) -> None:
    assert send(client, POOL, **FORM | {"policy": "cheapest", "revision": revision_of(client, POOL)}).status_code == 303
    id_ = an_order(lived, [a_line("1", "A")])
    settle(lived)
    routed = lived.one("select max(id) from decision where order_id = :id and stage = 'route'", id=id_)
    page = page_of(client, f"/orders/{id_}/why?step=d{routed}")
    assert f'href="{POOL}"' in page
    assert "库存池的设置，第" in page
    assert send(client, f"{POOL}/drop", **FORM | {"revision": revision_of(client, POOL)}).status_code == 303


def test_who_may_only_look_changes_nothing(lived: World, client: FlaskClient, somebody: Any) -> None:
    somebody(permissions=frozenset(["sourcing.view", "order.view"]))
    assert "要「" in page_of(client, POOL)
    for path in (POOL, f"{POOL}/drop", f"{POOL}/try", PLAN, f"{PLAN}/compute", "/settings/sourcing/changes/1/undo"):
        assert send(client, path, **FORM).status_code == 403
    assert client.get("/settings/sourcing/shop/999").status_code == 404
    assert lived.one("select count(*) from sourcing_setting") == 0
