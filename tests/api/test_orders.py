"""Orders through the API: lists, one order, its timeline and the actions on it."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import a_hold, a_line, an_order

numbers = count(1)


@pytest.fixture
def order_id(hub: Hub, shops: tuple[int, int]) -> int:
    with hub.begin() as connection:
        return an_order(connection, shops[0], f"T{next(numbers)}")


def act(caller: Caller, order_id: int, verb: str, key: str = "", **body: Any) -> TestResponse:
    headers = {"Idempotency-Key": key or f"test-key-{next(numbers)}"}
    return caller.post(f"/orders/{order_id}/actions/{verb}", json=body, headers=headers)


def test_pages_follow_each_other_without_gap_or_repeat(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    with hub.begin() as connection:
        made = [an_order(connection, shops[1], f"P{n}", minutes=n // 3) for n in range(120)]
    seen: list[int] = []
    cursor = ""
    while True:
        page = caller.get("/orders", query_string={"shop_id": shops[1], "cursor": cursor}).json
        seen += [order["id"] for order in page["orders"]]
        cursor = page["next"]
        if not cursor:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 120


def test_filters_narrow(hub: Hub, caller: Caller, shops: tuple[int, int], order_id: int) -> None:
    with hub.begin() as connection:
        a_hold(connection, order_id)
        number = connection.execute(text("select external_no from orders where id = :id"), {"id": order_id}).scalar()
    held = caller.get("/orders", query_string={"hold": "manual", "shop_id": shops[0]}).json["orders"]
    assert order_id in [order["id"] for order in held]
    assert [hold["kind"] for order in held for hold in order["holds"]] == ["manual"] * len(held)
    assert [order["id"] for order in caller.get(f"/orders?external_no={number}").json["orders"]] == [order_id]
    assert caller.get("/orders?external_no=nowhere").json["orders"] == []


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("cursor=nonsense", "cursor"),
        ("status=odd", "status"),
        ("phase=odd", "phase"),
        ("hold=odd", "hold"),
        ("shop_id=x", "shop_id"),
        ("shop_id=-1", "shop_id"),
        ("stats=open", "stats"),
    ],
)
def test_a_wrong_filter_is_named(caller: Caller, question: str, field: str) -> None:
    answer = caller.get(f"/orders?{question}")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["field"] == field
    assert answer.json["remedy"]


@pytest.mark.parametrize("address", ["/shops?page=2", "/stock?skus=A", "/changes?since=1", "/emergency-stops?scope=all"])
def test_a_question_that_nobody_answers_is_refused(caller: Caller, address: str) -> None:
    answer = caller.get(address)
    assert (answer.status_code, answer.json["title"]) == (422, "invalid")
    assert answer.json["field"] in address


@pytest.mark.parametrize("body", ['{"tier": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"tier": ' + "9" * 5000 + "}"])
def test_a_body_that_no_parser_takes_is_a_bad_request(caller: Caller, order_id: int, body: str) -> None:
    headers = {"Idempotency-Key": f"test-key-{next(numbers)}", "Content-Type": "application/json"}
    answer = caller.post(f"/orders/{order_id}/actions/pass-review", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


def test_one_order_is_told_with_its_lines_and_without_its_receiver(caller: Caller, order_id: int) -> None:
    order = caller.get(f"/orders/{order_id}").json
    assert order["status"] == "open"
    assert [(line["ordered"], line["paid_amount"]) for line in order["lines"]] == [(2, 9900)]
    assert order["ordered_at"].endswith("+00:00")
    assert not {"receiver", "name", "phone", "buyer"} & order.keys()


def test_orders_of_other_shops_do_not_exist(
    hub: Hub, make_caller: MakeCaller, shops: tuple[int, int], order_id: int
) -> None:
    other = make_caller(shop_ids=[shops[1]])
    assert other.get(f"/orders/{order_id}").status_code == 404
    assert other.get(f"/orders/{order_id}/events").status_code == 404
    assert act(other, order_id, "pass-review", tier=1).status_code == 404
    assert order_id not in [order["id"] for order in other.get("/orders").json["orders"]]
    assert other.get(f"/orders?shop_id={shops[0]}").json["orders"] == []


@pytest.mark.parametrize("order_id", ["0", "99999999999999999999", "x", "9223372036854775807"])
def test_an_order_that_is_none_is_not_found(caller: Caller, order_id: str) -> None:
    answer = caller.get(f"/orders/{order_id}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_timeline_tells_who_did_what(caller: Caller, order_id: int) -> None:
    act(caller, order_id, "pass-review", tier=1)
    events = caller.get(f"/orders/{order_id}/events").json["events"]
    assert events[0]["kind"] == "pass_review"
    assert events[0]["actor"].startswith("api:")
    assert events[-1]["kind"] == "captured"


def test_passing_review_lets_the_order_go_on(caller: Caller, order_id: int) -> None:
    answer = act(caller, order_id, "pass-review", tier=1)
    assert answer.status_code == 200
    assert (answer.json["review"], answer.json["tiers_waiting"]) == ("passed", 0)


def test_passing_twice_conflicts_under_another_key_and_repeats_under_the_same(caller: Caller, order_id: int) -> None:
    first = act(caller, order_id, "pass-review", "the-same-key", tier=1)
    again = act(caller, order_id, "pass-review", "the-same-key", tier=1)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.json == first.json
    conflict = act(caller, order_id, "pass-review", tier=1)
    assert (conflict.status_code, conflict.json["title"]) == (409, "wrong-state")
    assert len([e for e in caller.get(f"/orders/{order_id}/events").json["events"] if e["kind"] == "pass_review"]) == 1


def test_a_key_used_for_something_else_is_refused(caller: Caller, order_id: int) -> None:
    act(caller, order_id, "pass-review", "a-key-in-use", tier=1)
    answer = act(caller, order_id, "cancel", "a-key-in-use", reason="买家不要了")
    assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")
    assert caller.get(f"/orders/{order_id}").json["status"] == "open"


def test_an_action_that_failed_may_be_tried_again_with_its_key(caller: Caller, order_id: int) -> None:
    assert act(caller, order_id, "send-back", "try-me-again", tier=1).json["field"] == "reason"
    assert act(caller, order_id, "send-back", "try-me-again", tier=1, reason="地址不清").status_code == 200


def test_keys_of_two_callers_do_not_meet(make_caller: MakeCaller, caller: Caller, order_id: int) -> None:
    act(caller, order_id, "pass-review", "one-key-for-all", tier=1)
    answer = act(make_caller(), order_id, "cancel", "one-key-for-all", reason="买家不要了")
    assert answer.status_code == 200
    assert answer.json["status"] == "cancelled"


def test_sending_back_holds_the_order_until_the_hold_is_lifted(caller: Caller, order_id: int) -> None:
    held = act(caller, order_id, "send-back", tier=1, reason="地址不清").json
    assert held["review"] == "sent_back"
    assert [hold["kind"] for hold in held["holds"]] == ["sent_back"]
    lifted = act(caller, order_id, "lift-hold", hold_id=held["holds"][0]["id"], reason="已补全地址").json
    assert lifted["holds"] == []


def test_a_pass_and_a_lift_are_taken_back(caller: Caller, order_id: int) -> None:
    held = act(caller, order_id, "send-back", tier=1, reason="地址不清").json
    hold_id = held["holds"][0]["id"]
    act(caller, order_id, "lift-hold", hold_id=hold_id, reason="已补全地址")
    again = act(caller, order_id, "hold-again", hold_id=hold_id, reason="点错了").json
    assert ([hold["id"] for hold in again["holds"]], again["review"]) == ([hold_id], "sent_back")
    missing = act(caller, order_id, "hold-again", hold_id=hold_id + 1, reason="点错了")
    assert missing.status_code == 404


def test_a_pass_is_taken_back_once(caller: Caller, order_id: int) -> None:
    act(caller, order_id, "pass-review", tier=1)
    back = act(caller, order_id, "take-pass-back", tier=1, reason="点错了").json
    assert (back["review"], back["tiers_waiting"]) == ("waiting", 1)
    assert act(caller, order_id, "take-pass-back", tier=1, reason="点错了").status_code == 409


def test_lines_shipped_elsewhere_are_named_and_the_rest_goes_on(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    with hub.begin() as connection:
        order_id = an_order(connection, shops[0], f"E{next(numbers)}", review="none", phase="captured")
        a_line(connection, order_id, "2")
        a_hold(connection, order_id, "already_shipped")
    first, second = (line["id"] for line in caller.get(f"/orders/{order_id}").json["lines"])
    with hub.begin() as connection:
        seen = f'{{"platform": "part_shipped", "lines": [{first}]}}'
        connection.execute(
            text("update hold set seen = cast(:seen as jsonb) where order_id = :id"), {"id": order_id, "seen": seen}
        )
    refused = act(caller, order_id, "send-rest", line_ids=[second], reason="老系统发的")
    assert (refused.status_code, refused.json["field"]) == (422, "line_ids")
    answer = act(caller, order_id, "send-rest", line_ids=[first], reason="老系统发的").json
    assert answer["holds"] == []
    assert [line["ordered"] - line["cancelled"] for line in answer["lines"]] == [0, 1]
    again = act(caller, order_id, "send-rest", line_ids=[first], reason="老系统发的")
    assert (again.status_code, again.json["title"]) == (409, "wrong-state")


def test_a_hold_of_another_order_is_not_lifted(hub: Hub, caller: Caller, shops: tuple[int, int], order_id: int) -> None:
    with hub.begin() as connection:
        other = an_order(connection, shops[1], f"O{next(numbers)}")
        hold_id = a_hold(connection, other)
    assert act(caller, order_id, "lift-hold", hold_id=hold_id, reason="弄错了").status_code == 404


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("pass-review", {}, "tier"),
        ("pass-review", {"tier": 3}, "tier"),
        ("pass-review", {"tier": 1, "extra": 1}, "extra"),
        ("send-back", {"tier": 1, "reason": " "}, "reason"),
        ("lift-hold", {"reason": "好了"}, "hold_id"),
        ("send-rest", {"reason": "好了"}, "line_ids"),
        ("send-rest", {"line_ids": [], "reason": "好了"}, "line_ids"),
        ("send-rest", {"line_ids": [1]}, "reason"),
        ("cancel", {}, "reason"),
        ("cancel", {"reason": "a\u0000b"}, "reason"),
    ],
)
def test_what_an_action_lacks_is_named(
    caller: Caller, order_id: int, verb: str, body: dict[str, Any], field: str
) -> None:
    answer = act(caller, order_id, verb, **body)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_an_action_wants_an_idempotency_key(caller: Caller, order_id: int) -> None:
    answer = caller.post(f"/orders/{order_id}/actions/cancel", json={"reason": "买家不要了"})
    assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")


def test_an_action_wants_its_own_permission(make_caller: MakeCaller, order_id: int) -> None:
    answer = act(make_caller("order.view"), order_id, "cancel", reason="买家不要了")
    assert (answer.status_code, answer.json["title"]) == (403, "forbidden")
