"""Trials of rules through the API: a dry run, a backtest to its end, and what each caller may see of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.trying.running import backtest_next
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import an_order
from tests.api.test_rule_sets import FINANCE

ANY = FINANCE | {"id": "all", "when": {"fact": "order.paid", "op": "ge", "value": 0}}


@pytest.fixture(autouse=True)
def nothing_left(hub: Hub) -> Iterator[None]:
    yield
    with hub.begin() as connection:
        connection.execute(text("truncate backtest_change, backtest, rule_trouble, rule_use, rule_set_version, rule_set"))


@pytest.fixture(scope="module")
def orders(hub: Hub, shops: tuple[int, int]) -> tuple[int, int]:
    with hub.begin() as connection:
        made = an_order(connection, shops[0], "TRY1"), an_order(connection, shops[1], "TRY2")
        connection.execute(text("""insert into decision (month, order_id, id, stage, verdict, at)
            select date_trunc('month', o.captured_at)::date, o.id, o.id, 'review', 'passed', o.captured_at from orders o
            where o.id = any(:ids)"""), {"ids": list(made)})  # fmt: skip
        return made


@pytest.fixture
def draft(caller: Caller, orders: tuple[int, int]) -> int:
    assert orders
    body = {"stage": "review", "scope": "global", "rules": [ANY], "comment": "first"}
    return int(caller.post("/rule-sets", json=body).get_json()["id"])


def period(hub: Hub) -> dict[str, str]:
    now = hub.clock()
    return {"since": (now - timedelta(days=300)).isoformat(), "until": (now + timedelta(minutes=1)).isoformat()}


def started(caller: Caller, hub: Hub, version_id: int, **changes: Any) -> Any:
    return caller.post(f"/rule-set-versions/{version_id}/backtests", json=period(hub) | changes)


def test_a_backtest_goes_its_whole_way(caller: Caller, hub: Hub, draft: int, orders: tuple[int, int]) -> None:
    answer = started(caller, hub, draft)
    assert (answer.status_code, answer.get_json()["state"]) == (201, "waiting"), answer.text
    address = f"/rule-backtests/{answer.get_json()['id']}"
    while backtest_next(hub):
        pass
    found = caller.get(address).get_json()
    assert (found["state"], found["done"], found["counts"]["kinds"]) == ("done", 2, {"newly_held": 2})
    changes = caller.get(f"{address}/changes?kind=newly_held").get_json()["changes"]
    assert [change["order_id"] for change in changes] == sorted(orders)
    assert changes[0]["after"] == [{"action": "send_to_tier", "params": {"tier": "finance"}}]
    told = caller.get(f"{address}/changes/{orders[0]}").get_json()
    assert (told["kind"], told["rules_before"], told["rules_after"][0]["state"]) == ("newly_held", [], "matched")
    assert caller.post(f"{address}/stop").status_code == 404
    assert [each["id"] for each in caller.get("/rule-backtests").get_json()["backtests"]] == [found["id"]]


def test_a_caller_with_one_shop_tries_rules_on_that_shop_alone(
    hub: Hub, make_caller: MakeCaller, caller: Caller, draft: int, shops: tuple[int, int], orders: tuple[int, int]
) -> None:
    mine = make_caller("rule.view", "rule.edit", "order.view", shop_ids=[shops[0]])
    own = started(mine, hub, draft).get_json()
    all_ = started(caller, hub, draft).get_json()
    while backtest_next(hub):
        pass
    assert mine.get(f"/rule-backtests/{own['id']}").get_json()["done"] == 1
    found = mine.get(f"/rule-backtests/{own['id']}/changes").get_json()["changes"]
    assert [change["order_id"] for change in found] == [orders[0]]
    for address in ("", "/changes", f"/changes/{orders[0]}"):
        assert mine.get(f"/rule-backtests/{all_['id']}{address}").status_code == 404
    assert [each["id"] for each in mine.get("/rule-backtests").get_json()["backtests"]] == [own["id"]]
    assert started(mine, hub, draft, shop_ids=[shops[1]]).status_code == 404
    assert mine.post(f"/rule-set-versions/{draft}/dry-runs", json={"order_id": orders[1]}).status_code == 404


def test_a_dry_run_of_a_draft_and_of_rules_that_nobody_has_stored(
    caller: Caller, draft: int, orders: tuple[int, int]
) -> None:
    told = caller.post(f"/rule-set-versions/{draft}/dry-runs", json={"order_id": orders[0]}).get_json()
    assert (told["kind"], told["tried"]["matched"], told["in_force"]["version_id"]) == ("newly_held", ["all"], 0)
    body = {"stage": "review", "rules": [ANY], "order_id": orders[0]}
    assert caller.post("/rule-dry-runs", json=body).get_json()["tried"]["version_id"] == 0
    broken = body | {"rules": [ANY | {"when": {"fact": "nothing", "op": "eq", "value": 1}}]}
    refused = caller.post("/rule-dry-runs", json=broken)
    assert (refused.status_code, refused.get_json()["field"]) == (422, "/rules/0/when/fact")


def test_who_may_only_look_starts_nothing(hub: Hub, make_caller: MakeCaller, draft: int) -> None:
    looker = make_caller("rule.view", "order.view")
    assert started(looker, hub, draft).status_code == 403
    assert looker.get("/rule-agreement?days=7").get_json() == {"sent": [], "let_go": []}
    assert looker.get("/rule-coverage").get_json() == {"sets": []}
    assert looker.get("/rule-coverage?days=0").status_code == 422


def test_a_period_that_cannot_be_is_refused(caller: Caller, hub: Hub, draft: int) -> None:
    wrong = period(hub)
    assert started(caller, hub, draft, since=wrong["until"], until=wrong["since"]).status_code == 422
    assert started(caller, hub, draft, filter={"least": 5, "most": 4}).status_code == 422
    assert started(caller, hub, draft, filter={"verdict": "perhaps"}).status_code == 422
