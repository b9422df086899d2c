"""Reviews through the API: queues, previews, bulk passes with outcomes, claims of people, the report, settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.db.people import Role, User, UserRole
from oms.db.reviewing import ReviewLimit
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import NOW, a_hold, add, an_order

REVIEWER = ("order.view", "order.pass_review", "order.send_back")
AUTO = [{"tier": tier, "mode": "auto", "position": place} for place, tier in enumerate((1, 2, 4, 8), 1)]


@pytest.fixture
def orders(hub: Hub, shops: tuple[int, int]) -> Iterator[list[int]]:
    """Two orders at the courier tier, one of which goes on to customer service, and a held one."""
    with hub.begin() as connection:
        ids = [
            an_order(connection, shops[0], f"R{number}-{connection.scalar(text('select nextval(:s)'), {'s': 'id_seq'})}",
                     tiers_waiting=8, tiers_next="1" if number == 1 else "",
                     ship_by=NOW + timedelta(minutes=number))
            for number in range(3)
        ]  # fmt: skip
        a_hold(connection, ids[2], "blacklist")
        connection.execute(text("update hold set blocks = 15 where order_id = :id"), {"id": ids[2]})
    yield ids
    with hub.begin() as connection:
        connection.execute(text("truncate review_claim, review_limit, duty_shift, user_role, bulk_pass, shop_tier"))
        connection.execute(text("update orders set tiers_waiting = 0, review = 'passed', phase = 'merging'"))
        connection.execute(text("update shop set reviews_in_order = false"))
    hub.masters.forget()


@pytest.fixture
def boss(hub: Hub, orders: list[int]) -> Iterator[int]:
    """Somebody whose role may pass anything at the courier tier, which has limits by that."""
    with hub.begin() as connection:
        role = add(connection, Role, name="boss", permissions=["order.pass_review"])
        user = add(connection, User, email="boss@example.com", display_name="阿柚", fs_uniquifier="boss")
        add(connection, UserRole, user_id=user, role_id=role)
        add(connection, ReviewLimit, tier=8, role_id=role, most_amount=10**9)
    yield user
    with hub.begin() as connection:
        connection.execute(text("truncate review_claim, review_limit, duty_shift, user_role"))
        connection.execute(text("delete from users where fs_uniquifier = 'boss'"))
        connection.execute(text("delete from role where name = 'boss'"))


def told(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.get_json())


def test_a_queue_tells_who_may_pass_and_what_comes_after(caller: Caller, orders: list[int], boss: int) -> None:
    page = told(caller.get("/reviews?tier=8"))
    assert [row["id"] for row in page["orders"]] == orders
    assert page["orders"][1]["tiers_next"] == [1]
    assert page["orders"][0]["able"] == ["阿柚"]
    assert told(caller.get("/reviews?tier=8&whose=free"))["next"] == ""
    assert caller.get("/reviews?tier=8&whose=mine").status_code == 422
    assert caller.get("/reviews?tier=3").status_code == 422
    assert caller.get("/reviews?tier=8&cursor=odd").status_code == 422


def test_the_preview_and_the_pass_agree_and_the_whole_is_taken_back(caller: Caller, orders: list[int]) -> None:
    body = {"tier": 8, "order_ids": orders}
    seen = told(caller.post("/review-previews", json=body))
    assert seen["passing"] == orders[:1]
    assert seen["moving"] == [{"order_id": orders[1], "tier": 1}]
    assert [one["order_id"] for one in seen["refused"]] == orders[2:]
    done = told(caller.post("/review-passes", json=body | {"reason": "festival"}), 201)
    assert (done["asked"], done["done"]) == (3, 3)
    assert [one["is_done"] for one in done["outcomes"]] == [True, True, False]
    assert done["outcomes"][2]["words"] == seen["refused"][0]["words"]
    assert told(caller.get(f"/review-passes/{done['id']}"))["outcomes"] == done["outcomes"]
    again = told(caller.post("/review-passes", json=body), 201)["outcomes"]
    assert again[0]["words"].startswith("not waiting at this tier any more: passed by test at ")
    undone = told(caller.post(f"/review-passes/{done['id']}/undo", json={"reason": "wrong button"}))
    assert [one["is_done"] for one in undone["outcomes"]] == [True, True]
    assert caller.post(f"/review-passes/{done['id']}/undo", json={"reason": "once more"}).status_code == 409
    assert [row["id"] for row in told(caller.get("/reviews?tier=8"))["orders"]] == orders


def test_limits_bind_keys_as_well(make_caller: MakeCaller, orders: list[int], boss: int) -> None:
    key = make_caller(*REVIEWER)
    done = told(key.post("/review-passes", json={"tier": 8, "order_ids": orders[:1]}), 201)
    assert done["outcomes"][0]["words"] == "you have no limit at this tier that covers ¥99.00; 阿柚 may pass it"
    headers = {"Idempotency-Key": f"limited-{orders[0]}"}
    one = key.post(f"/orders/{orders[0]}/actions/pass-review", json={"tier": 8}, headers=headers)
    assert one.status_code == 409
    free = make_caller(*REVIEWER, "order.pass_any_amount")
    assert told(free.post("/review-passes", json={"tier": 8, "order_ids": orders[:1]}), 201)["outcomes"][0]["is_done"]


def test_a_bulk_pass_of_another_is_neither_shown_nor_taken_back(
    caller: Caller, make_caller: MakeCaller, orders: list[int]
) -> None:
    done = told(caller.post("/review-passes", json={"tier": 8, "order_ids": orders[:1]}), 201)
    other = make_caller(*REVIEWER)
    assert other.get(f"/review-passes/{done['id']}").status_code == 403
    assert other.post(f"/review-passes/{done['id']}/undo", json={"reason": "mine now"}).status_code == 403
    assert caller.get("/review-passes/424242").status_code == 404


def test_orders_of_other_shops_are_not_told_of(
    make_caller: MakeCaller, shops: tuple[int, int], orders: list[int]
) -> None:
    stranger = make_caller(*REVIEWER, shop_ids=[shops[1]])
    for address in ("/review-previews", "/review-passes", "/review-releases"):
        assert stranger.post(address, json={"tier": 8, "order_ids": orders}).status_code == 404
    body = {"tier": 8, "order_ids": orders, "user_id": 1}
    assert stranger.post("/review-hand-overs", json=body).status_code == 404
    assert told(stranger.get("/reviews?tier=8"))["orders"] == []


def test_keys_hand_over_and_give_back_but_take_nothing(
    caller: Caller, make_caller: MakeCaller, orders: list[int], boss: int
) -> None:
    assert caller.post("/review-claims", json={"tier": 8}).status_code == 422
    body = {"tier": 8, "order_ids": orders[:1]}
    assert told(caller.post("/review-hand-overs", json=body | {"user_id": boss}))["outcomes"][0]["is_done"]
    assert told(caller.get("/reviews?tier=8"))["orders"][0]["holder"] == "阿柚"
    plain = make_caller(*REVIEWER, "order.pass_any_amount")
    refused = told(plain.post("/review-passes", json=body), 201)["outcomes"][0]["words"]
    assert refused.startswith("claimed by 阿柚 since ")
    assert not told(plain.post("/review-releases", json=body))["outcomes"][0]["is_done"]
    assert told(caller.post("/review-releases", json=body))["outcomes"][0]["is_done"]
    assert told(caller.get("/reviews?tier=8"))["orders"][0]["holder"] is None


def test_a_forced_pass_needs_its_permission_and_stands_in_the_report(
    caller: Caller, make_caller: MakeCaller, orders: list[int]
) -> None:
    address, body = f"/orders/{orders[2]}/actions/force-review", {"tier": 8, "reason": "the buyer waits"}
    headers = {"Idempotency-Key": f"forcing-{orders[2]}"}
    plain = make_caller(*REVIEWER)
    assert plain.post(address, json=body, headers=headers).status_code == 403
    assert told(caller.post(address, json=body, headers=headers))["review"] == "passed"
    span = f"since={NOW:%Y-%m-%d}T00:00:00Z&until={NOW + timedelta(days=2):%Y-%m-%d}T00:00:00Z"
    (row,) = told(caller.get(f"/forced-passes?{span}"))["forced"]
    assert (row["order_id"], row["amount"], row["reason"]) == (orders[2], 9900, "the buyer waits")
    assert caller.get("/forced-passes?since=2026-01-01T00:00:00Z&until=2026-12-01T00:00:00Z").status_code == 422
    assert plain.get(f"/forced-passes?{span}").status_code == 403


def test_a_shop_s_tiers_are_set(
    caller: Caller, make_caller: MakeCaller, shops: tuple[int, int], orders: list[int]
) -> None:
    address = f"/shops/{shops[0]}/review"
    assert told(caller.get(address)) == {"shop_id": shops[0], "in_order": False, "tiers": AUTO}
    tiers = [{"tier": 8, "mode": "manual", "position": 1}, {"tier": 4, "mode": "skip", "position": 2},
             {"tier": 2, "mode": "auto", "position": 3}, {"tier": 1, "mode": "auto", "position": 4}]  # fmt: skip
    kept = told(caller.ask("PUT", address, json={"in_order": True, "tiers": tiers}))
    assert kept == {"shop_id": shops[0], "in_order": True, "tiers": tiers[::-1]}
    twice = [row | {"position": 1} for row in tiers]
    assert caller.ask("PUT", address, json={"in_order": True, "tiers": twice}).status_code == 422
    stranger = make_caller("review.edit", shop_ids=[shops[1]])
    assert stranger.get(address).status_code == 404
    assert stranger.ask("PUT", address, json={"in_order": True, "tiers": tiers}).status_code == 404


def test_limits_and_shifts_are_set_by_callers_for_every_shop(
    caller: Caller, make_caller: MakeCaller, shops: tuple[int, int], hub: Hub, boss: int
) -> None:
    with hub.begin() as connection:
        role = connection.execute(text("select id from role where name = 'boss'")).scalar_one()
        team = connection.execute(
            text("insert into user_group (code, name) values ('w', 'White') returning id")
        ).scalar_one()
    limits = [{"role_id": role, "currency": "CNY", "most_amount": None}]
    kept = told(caller.ask("PUT", "/review-limits/2", json={"limits": limits}))
    assert kept == {"tier": 2, "limits": limits} == told(caller.get("/review-limits/2"))
    wrong = [limits[0] | {"role_id": 424242}]
    assert caller.ask("PUT", "/review-limits/2", json={"limits": wrong}).status_code == 422
    shift = {"user_group_id": team, "user_id": boss, "weekdays": [1, 2], "starts_min": 0, "ends_min": 1440}
    made = told(caller.post("/duty-shifts", json=shift), 201)["id"]
    (shown,) = told(caller.get("/duty-shifts"))["shifts"]
    assert (shown["id"], shown["person"], shown["team"]) == (made, "阿柚", "White")
    here = make_caller("review.edit", shop_ids=[shops[0]])
    assert here.ask("PUT", "/review-limits/2", json={"limits": []}).status_code == 403
    assert here.post("/duty-shifts", json=shift).status_code == 403
    assert here.ask("DELETE", f"/duty-shifts/{made}").status_code == 403
    assert caller.ask("DELETE", f"/duty-shifts/{made}").status_code == 204
    assert caller.ask("DELETE", f"/duty-shifts/{made}").status_code == 404
    with hub.begin() as connection:
        connection.execute(text("delete from user_group_member"))
        connection.execute(text("delete from user_group where code = 'w'"))
