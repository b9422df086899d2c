"""Rule sets through the API: the whole way of a version, refusals, and how far each caller reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from tests.api.conftest import Caller, MakeCaller

FINANCE = {
    "id": "cod", "name": "货到付款", "when": {"fact": "order.is_cod", "op": "eq", "value": True},
    "actions": [{"action": "send_to_tier", "params": {"tier": "finance"}}],
}  # fmt: skip
SERVICE = FINANCE | {"actions": [{"action": "send_to_tier", "params": {"tier": "service"}}]}


@pytest.fixture(autouse=True)
def no_sets(hub: Hub) -> Iterator[None]:
    yield
    with hub.begin() as connection:
        connection.execute(text("truncate backtest_change, backtest, rule_trouble, rule_use, rule_set_version, rule_set"))


def made(caller: Caller, **changes: Any) -> dict[str, Any]:
    body = {"stage": "review", "scope": "global", "rules": [FINANCE], "comment": "first"} | changes
    answer = caller.post("/rule-sets", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def activated(caller: Caller, **changes: Any) -> dict[str, Any]:
    draft = made(caller, **changes)
    answer = caller.post(f"/rule-set-versions/{draft['id']}/activate", json={})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def edited(caller: Caller, rule_set_id: int, *rules: dict[str, Any]) -> dict[str, Any]:
    draft = caller.post(f"/rule-sets/{rule_set_id}/drafts", json={"comment": "next"}).get_json()
    body = {"revision": draft["revision"], "rules": list(rules), "comment": "next"}
    answer = caller.ask("PUT", f"/rule-set-versions/{draft['id']}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_version_goes_its_whole_way(caller: Caller) -> None:
    first = activated(caller)
    assert (first["state"], first["number"], first["canary"]) == ("active", 1, 100)
    assert first["words"][0]["zh"].startswith("如果货到付款")
    second = edited(caller, first["rule_set_id"], SERVICE)
    found = caller.get(f"/rule-set-versions/{second['id']}/diff?against={first['id']}").get_json()
    assert [(change["rule_id"], change["fields"]) for change in found["changed"]] == [("cod", ["actions"])]
    body = {"revision": second["revision"], "share": 10}
    assert caller.post(f"/rule-set-versions/{second['id']}/activate", json=body).get_json()["canary"] == 10
    shown = caller.get(f"/rule-sets/{first['rule_set_id']}").get_json()
    assert (shown["version_id"], shown["canary_id"], shown["canary"]) == (first["id"], second["id"], 10)
    shown = caller.post(f"/rule-sets/{first['rule_set_id']}/promote-canary").get_json()
    assert (shown["version_id"], shown["canary_id"]) == (second["id"], None)
    body = {"version_id": first["id"], "reason": "too many"}
    shown = caller.post(f"/rule-sets/{first['rule_set_id']}/roll-back", json=body).get_json()
    assert [(row["number"], row["state"]) for row in shown["versions"]] == [(2, "archived"), (1, "active")]
    shown = caller.post(f"/rule-sets/{first['rule_set_id']}/retire", json={"reason": "not needed"}).get_json()
    assert shown["version_id"] is None


def test_requests_that_come_twice_are_done_once(caller: Caller) -> None:
    first = made(caller)
    assert made(caller)["id"] == first["id"]
    for _ in range(2):
        answer = caller.post(f"/rule-set-versions/{first['id']}/activate", json={"revision": 1})
        assert answer.status_code == 200
    address = f"/rule-sets/{first['rule_set_id']}"
    drafts = {caller.post(f"{address}/drafts", json={"comment": "x"}).get_json()["id"] for _ in range(2)}
    copies = {
        caller.post(f"/rule-set-versions/{first['id']}/copies", json={"scope": "global", "comment": "y"}).get_json()["id"]
        for _ in range(2)
    }
    assert (len(drafts), len(copies)) == (1, 1)
    draft = drafts.pop()
    body = {"revision": 1, "rules": [SERVICE], "comment": "z"}
    revisions = [caller.ask("PUT", f"/rule-set-versions/{draft}", json=body).get_json()["revision"] for _ in range(2)]
    assert revisions == [2, 2]
    ends = [caller.post(f"{address}/end-canary").status_code for _ in range(2)]
    assert ends == [200, 200]


def test_the_second_of_two_editors_is_refused(caller: Caller, make_caller: MakeCaller) -> None:
    draft = made(caller)
    address = f"/rule-set-versions/{draft['id']}"
    assert caller.ask("PUT", address, json={"revision": 1, "rules": [SERVICE]}).status_code == 200
    refused = make_caller().ask("PUT", address, json={"revision": 1, "rules": []})
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert refused.get_json()["title"] == "stale"
    assert caller.ask("DELETE", f"{address}?revision=1").status_code == 409
    assert caller.ask("DELETE", f"{address}?revision=2").status_code == 204
    assert caller.get(address).status_code == 404


def test_what_was_active_is_not_edited(caller: Caller) -> None:
    first = activated(caller)
    address = f"/rule-set-versions/{first['id']}"
    assert caller.ask("PUT", address, json={"revision": 1, "rules": []}).status_code == 409
    assert caller.ask("DELETE", address).status_code == 409
    assert caller.get(address).get_json()["rules"] == first["rules"]


def test_a_broken_rule_is_refused_with_its_place_and_a_remedy(caller: Caller) -> None:
    broken = FINANCE | {"when": {"fact": "order.is_codd", "op": "eq", "value": True}}
    answer = caller.post("/rule-sets", json={"stage": "review", "scope": "global", "rules": [FINANCE, broken]})
    found = answer.get_json()
    assert answer.status_code == 422
    assert "rules" in found["field"]
    assert "1" in found["field"]
    assert "order.is_cod" in found["remedy"]


def test_findings_are_told_and_overruled_knowingly(caller: Caller) -> None:
    never = {"all": [{"fact": "order.paid", "op": "gt", "value": 10}, {"fact": "order.paid", "op": "lt", "value": 5}]}
    draft = made(caller, rules=[FINANCE, FINANCE | {"id": "never", "when": never}])
    address = f"/rule-set-versions/{draft['id']}"
    (found,) = caller.get(f"{address}/findings").get_json()["findings"]
    assert (found["kind"], found["rule"], found["path"], found["is_proved"]) == ("never", "never", "/rules/1", True)
    refused = caller.post(f"{address}/activate", json={})
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert "findings" in refused.get_json()["remedy"]
    assert caller.post(f"{address}/activate", json={"despite_findings": True}).get_json()["state"] == "active"


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/rule-sets", {"stage": "lunch", "scope": "global"}),
        ("/rule-sets", {"stage": "review", "scope": "shop", "scope_id": 0}),
        ("/rule-sets", {"stage": "review", "scope": "global", "scope_id": 7}),
        ("/rule-sets", {"stage": "review", "scope": "global", "limits": [{"rule": "x"}]}),
        ("/rule-sets", {"stage": "review", "scope": "global", "name": "a\x00b"}),
    ],
)
def test_a_place_or_field_that_is_wrong_is_refused(caller: Caller, address: str, body: dict[str, Any]) -> None:
    assert caller.post(address, json=body).status_code == 422


def test_a_rollback_stays_within_its_set(caller: Caller, shops: tuple[int, int]) -> None:
    first = activated(caller)
    other = activated(caller, scope="shop", scope_id=shops[0])
    answer = caller.post(f"/rule-sets/{first['rule_set_id']}/roll-back", json={"version_id": other["id"]})
    assert answer.status_code == 404


def test_all_rules_of_a_shop_are_copied_to_another(
    caller: Caller, make_caller: MakeCaller, shops: tuple[int, int]
) -> None:
    review = activated(caller, scope="shop", scope_id=shops[0])
    merge = activated(caller, scope="shop", scope_id=shops[0], stage="merge", rules=[])
    body = {"from_scope": "shop", "from_id": shops[0], "scope": "shop", "scope_id": shops[1], "comment": "like the first"}
    made_ = [caller.post("/rule-copies", json=body).get_json()["versions"] for _ in range(2)]
    assert made_[0] == made_[1]
    assert [(row["stage"], row["state"], row["scope_id"]) for row in made_[0]] == [
        ("merge", "draft", shops[1]), ("review", "draft", shops[1]),
    ]  # fmt: skip
    assert [row["copied_from_id"] for row in made_[0]] == [merge["id"], review["id"]]
    assert caller.post("/rule-copies", json=body | {"from_id": shops[1]}).status_code == 422
    assert caller.post("/rule-copies", json=body | {"from_scope": "global", "from_id": 0}).status_code == 409
    assert make_caller(shop_ids=[shops[1]]).post("/rule-copies", json=body).status_code == 404
    assert make_caller(shop_ids=[shops[0]]).post("/rule-copies", json=body).status_code == 403


def test_a_shops_caller_reaches_its_shops_rules_alone(
    caller: Caller, make_caller: MakeCaller, shops: tuple[int, int]
) -> None:
    wide = activated(caller)
    foreign = activated(caller, scope="shop", scope_id=shops[1])
    mine = make_caller(shop_ids=[shops[0]])
    own = activated(mine, scope="shop", scope_id=shops[0])
    listed = mine.get("/rule-sets").get_json()["rule_sets"]
    assert [row["id"] for row in listed] == [wide["rule_set_id"], own["rule_set_id"]]
    assert mine.get(f"/rule-sets/{foreign['rule_set_id']}").status_code == 404
    assert mine.get(f"/rule-set-versions/{foreign['id']}").status_code == 404
    assert mine.get(f"/rule-set-versions/{own['id']}/diff?against={foreign['id']}").status_code == 404
    assert mine.post(f"/rule-set-versions/{foreign['id']}/activate", json={}).status_code == 404
    assert mine.post(f"/rule-sets/{wide['rule_set_id']}/retire", json={"reason": "no more"}).status_code == 403
    assert mine.post(f"/rule-set-versions/{own['id']}/copies", json={"scope": "global"}).status_code == 403
    assert mine.post("/rule-sets", json={"stage": "merge", "scope": "channel", "scope_id": 1}).status_code == 403
    assert mine.get(f"/shops/{shops[1]}/rule-sets").status_code == 404


@pytest.mark.parametrize(
    ("permissions", "may"),
    [(("rule.view",), (False, False)), (("rule.view", "rule.edit"), (True, False)), (("rule.activate",), (False, True))],
)
def test_editing_and_activating_are_two_permissions(
    caller: Caller, make_caller: MakeCaller, permissions: tuple[str, ...], may: tuple[bool, bool]
) -> None:
    draft = made(caller)
    somebody = make_caller(*permissions, "rule.view")
    edits = somebody.ask("PUT", f"/rule-set-versions/{draft['id']}", json={"revision": 1, "rules": [], "comment": "c"})
    activates = somebody.post(f"/rule-set-versions/{draft['id']}/activate", json={})
    assert (edits.status_code == 200, activates.status_code == 200) == may
    assert {edits.status_code, activates.status_code} <= {200, 403}


def test_a_shop_is_told_who_decides_and_why_the_others_do_not(caller: Caller, shops: tuple[int, int]) -> None:
    wide = activated(caller)
    own = activated(caller, scope="shop", scope_id=shops[0])
    (found,) = caller.get(f"/shops/{shops[0]}/rule-sets?stage=review").get_json()["stages"]
    assert found["winner"]["version_id"] == own["id"]
    whys = {row["scope"]: row["why"] for row in found["contenders"]}
    assert whys == {
        "shop": "in_force", "user_group": "no_group", "shop_group": "no_group", "channel": "no_set",
        "global": "more_exact",
    }  # fmt: skip
    assert len(caller.get(f"/shops/{shops[1]}/rule-sets").get_json()["stages"]) == 10
    page = caller.get("/rule-inheritance?stage=review").get_json()
    won = {row["shop_id"]: row["winner"]["version_id"] for row in page["inherited"]}
    assert won == {shops[0]: own["id"], shops[1]: wide["id"]}


def test_the_inheritance_tells_how_a_copy_drifted(caller: Caller, shops: tuple[int, int]) -> None:
    source = activated(caller, scope="shop", scope_id=shops[0], name="origin")
    body = {"scope": "shop", "scope_id": shops[1], "comment": "copied"}
    copy = caller.post(f"/rule-set-versions/{source['id']}/copies", json=body).get_json()
    caller.post(f"/rule-set-versions/{copy['id']}/activate", json={})
    newer = edited(caller, source["rule_set_id"], SERVICE)
    caller.post(f"/rule-set-versions/{newer['id']}/activate", json={})
    rows = caller.get("/rule-inheritance?stage=review").get_json()["inherited"]
    drifts = {row["shop_id"]: row["drift"] for row in rows}
    assert drifts[shops[0]] is None
    drift = drifts[shops[1]]
    assert (drift["state"], drift["source_name"], drift["source_number"]) == ("there", "origin", 2)
    assert [change["rule_id"] for change in drift["there"]["changed"]] == ["cod"]


def test_a_paused_rule_is_listed_and_resumed(caller: Caller, make_caller: MakeCaller, hub: Hub) -> None:
    version = activated(caller)
    with hub.begin() as connection:
        connection.execute(
            text("""insert into rule_trouble (rule_set_id, version_id, rule_id, kind, reason, times, first_at, last_at)
                    values (:set, :version, 'cod', 'paused', 'limit of cancel', 1, now(), now())"""),
            {"set": version["rule_set_id"], "version": version["id"]},
        )
    (found,) = caller.get("/rule-troubles").get_json()["troubles"]
    assert (found["rule_id"], found["kind"], found["stage"], found["number"]) == ("cod", "paused", "review", 1)
    address = f"/rule-troubles/{found['id']}/resume"
    assert make_caller("rule.view", "rule.edit").post(address, json={"reason": "fine"}).status_code == 403
    assert caller.post(address, json={"reason": " "}).status_code == 422
    answers = [caller.post(address, json={"reason": "looked at it"}).get_json() for _ in range(2)]
    assert answers[0]["cleared_by"].startswith("api:")
    assert answers[0] == answers[1]
    assert caller.get("/rule-troubles").get_json()["troubles"] == []
    assert len(caller.get("/rule-troubles?cleared=true").get_json()["troubles"]) == 1


def test_a_long_list_comes_in_pages(caller: Caller, hub: Hub) -> None:
    with hub.begin() as connection:
        connection.execute(
            text("""insert into rule_set (stage, scope, scope_id, name)
                    select 'merge', 'channel', n, 'set ' || n from generate_series(1, 51) n""")
        )
    first = caller.get("/rule-sets?stage=merge").get_json()
    rest = caller.get(f"/rule-sets?stage=merge&after={first['next']}").get_json()
    assert (len(first["rule_sets"]), len(rest["rule_sets"]), rest["next"]) == (50, 1, 0)
    (named,) = caller.get("/rule-sets?scope=channel&scope_id=7").get_json()["rule_sets"]
    assert named["name"] == "set 7"
    answer = caller.ask("PUT", f"/rule-sets/{named['id']}", json={"name": "七"})
    assert answer.get_json()["name"] == "七"
