"""设置 · 审核: tiers of a shop, limits and shifts, by form and refused by field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.domain.review import ReviewPlan
from tests.console import factories
from tests.console.browsing import page_of, send

MODES = {"mode1": "auto", "mode2": "manual", "mode4": "skip", "mode8": "auto"}
PLACES = {"place1": "2", "place2": "1", "place4": "4", "place8": "3"}


@pytest.fixture(autouse=True)
def nothing_set(hub: Hub) -> Any:
    yield
    with hub.begin() as connection:
        connection.execute(text("truncate shop_tier, review_limit, duty_shift, user_group_member"))
        connection.execute(text("update shop set reviews_in_order = false"))
    hub.masters.forget()


def plan(hub: Hub, shop_id: int) -> ReviewPlan:
    with hub.begin() as connection:
        return hub.masters.get(connection, hub.clock()).shops[shop_id].plan


def test_a_shop_s_tiers_are_saved_and_the_page_says_from_when(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    shop = world.shops[0]
    form = page_of(client, f"/settings/review/shops/{shop}")
    assert form.count("<option") == 4 * 3 + 4 * 4
    answer = send(client, f"/settings/review/shops/{shop}", **MODES, **PLACES, in_order="1")
    assert answer.status_code == 303
    page = page_of(client, "/settings/review")
    assert "从现在起审的单按新的来，已经在等的不变" in page
    assert "依次：财审 → 客审 → 快递审" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert plan(hub, shop) == ReviewPlan(4, 2, (2, 1, 8, 4))
    send(client, f"/settings/review/shops/{shop}", **MODES, **PLACES, in_order="0")
    assert plan(hub, shop) == ReviewPlan(4, 2, ())


def test_two_tiers_in_one_place_are_refused_and_what_was_chosen_is_kept(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    wrong = send(client, f"/settings/review/shops/{world.shops[0]}", **MODES, **PLACES | {"place1": "1"}, in_order="1")
    assert wrong.status_code == 422
    assert "各用一次" in wrong.text
    assert wrong.text.count('value="skip" selected') == 1
    assert plan(hub, world.shops[0]) == ReviewPlan()


def test_limits_are_set_replaced_and_removed(client: FlaskClient, hub: Hub) -> None:
    fields = {"tier": "2", "role": "finance", "currency": "CNY"}
    assert send(client, "/settings/review/limits", **fields, most="5000").status_code == 303
    assert send(client, "/settings/review/limits", **fields, most="8000.50").status_code == 303
    assert send(client, "/settings/review/limits", **fields | {"role": "logistics"}, any="1").status_code == 303
    page = page_of(client, "/settings/review")
    assert "8,000.50" in page
    assert "不限</td>" in page
    assert send(client, "/settings/review/limits", **fields, most="lots").status_code == 422
    assert send(client, "/settings/review/limits", **fields | {"role": "nobody"}, most="1").status_code == 422
    role = re.search(r'name="role_id" value="(\d+)"', page)
    assert role is not None
    send(client, "/settings/review/limits/remove", tier="2", role_id=role[1], currency="CNY")
    with hub.begin() as connection:
        assert connection.execute(text("select count(*) from review_limit")).scalar_one() == 1


def test_shifts_with_a_new_team_are_added_and_removed(client: FlaskClient, hub: Hub) -> None:
    with hub.begin() as connection:
        person = connection.execute(text("select id from users where fs_uniquifier = 'qing'")).scalar_one()
    fields = {"team": "", "new_team": "夜班", "person": str(person), "starts": "22:00", "ends": "06:00",
              "timezone": "Asia/Shanghai", "day": ["1", "6"]}  # fmt: skip
    assert send(client, "/settings/review/shifts", **fields).status_code == 303
    page = page_of(client, "/settings/review")
    assert "夜班" in page
    assert "22:00–06:00" in page
    assert "周一、周六" in re.sub(r"<[^>]+>", "", page)
    wrongs: tuple[dict[str, Any], ...] = (
        {"starts": "25:00"},
        {"new_team": ""},
        {"timezone": "Mars"},
        {"day": []},
        {"ends": "22:00"},
    )
    for wrong in wrongs:
        assert send(client, "/settings/review/shifts", **fields | wrong).status_code == 422
    found = re.search(r"/settings/review/shifts/(\d+)/remove", page)
    assert found is not None
    assert send(client, found[0]).status_code == 303
    assert send(client, found[0]).status_code == 404


def test_only_who_may_in_every_shop_changes_what_all_share(
    client: FlaskClient, world: factories.World, somebody: Any, hub: Hub
) -> None:
    somebody(shop_ids={world.shops[0]})
    assert page_of(client, f"/settings/review/shops/{world.shops[0]}")
    assert client.get(f"/settings/review/shops/{world.shops[1]}").status_code == 404
    assert send(client, "/settings/review/limits", tier="2", role="finance", currency="CNY", most="1").status_code == 403
    somebody(permissions=frozenset({"order.view"}))
    assert client.get("/settings/review").status_code == 403
    with hub.begin() as connection:
        assert connection.execute(text("select count(*) from review_limit")).scalar_one() == 0
