"""Rules answer waiting cases once for each version; what they may not answer or cannot judge waits for people."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import Refused
from oms.app.aftersales.ruling import READY, rule_cases
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate
from oms.app.rulebook.vocabulary import FACTS
from oms.domain.errors import NotPossible
from tests.app.test_deciding_cases import a_case, deciding, take
from tests.factories import World, advance, drain

__all__ = ["deciding"]
ANY: dict[str, Any] = {"fact": "order.lines", "op": "gt", "value": 0}


def a_rule(rule_id: str, when: Any, action: str, **params: Any) -> dict[str, Any]:
    return {"id": rule_id, "name": rule_id, "when": when, "actions": [{"action": action, "params": params}]}


def in_force(world: World, *rules: dict[str, Any], limits: Any = ()) -> None:
    content = Content(list(rules), list(limits), "first")
    activate(world.hub, create_set(world.hub, "aftersales", "global", 0, "cases", content, "user:1"), "user:1")


def review(world: World, case_id: int) -> str:
    return str(world.one("select review from cases where id = :id", id=case_id))


def steps(world: World, case_id: int) -> list[tuple[str, str]]:
    rows = world.rows(
        "select actor, action from case_step where case_id = :id and actor <> '' order by at, id", id=case_id
    )
    return [(actor, action) for actor, action in rows]


def test_a_rule_agrees_and_the_platform_is_told(deciding: World) -> None:
    in_force(deciding, a_rule("small", {"fact": "case.amount", "op": "le", "value": 1000}, "agree_case", words="ok"))
    case_id = take(deciding, a_case())
    assert deciding.one(f"select {READY}")
    assert rule_cases(deciding.hub) == 1
    assert review(deciding, case_id) == "agreed"
    assert steps(deciding, case_id)[-1] == ("rule:small", "agree")
    assert deciding.rows("select kind, state from outbound where kind = 'decide_case'")[0].state == "waiting"
    said = deciding.rows("select verdict, matched, facts from decision where stage = 'aftersales'")
    assert [(row.verdict, row.matched) for row in said] == [("agree_case", ["small"])]
    assert not deciding.one(f"select {READY}")
    assert rule_cases(deciding.hub) == 0


def test_a_rule_refuses_with_its_reason(deciding: World) -> None:
    in_force(deciding, a_rule("no", ANY, "refuse_case", reason="worn goods"))
    case_id = take(deciding, a_case())
    rule_cases(deciding.hub)
    assert review(deciding, case_id) == "refused"
    detail = deciding.one("select detail ->> 'words' from outbound where kind = 'decide_case'")
    assert detail == "worn goods"


def test_rules_that_disagree_answer_nothing(deciding: World) -> None:
    rules = [a_rule("yes", ANY, "agree_case"), a_rule("no", ANY, "refuse_case", reason="y")]
    content = Content(rules, [], "both")
    version = create_set(deciding.hub, "aftersales", "global", 0, "cases", content, "user:1")
    with pytest.raises(NotPossible):
        activate(deciding.hub, version, "user:1")
    activate(deciding.hub, version, "user:1", despite_findings=True)
    case_id = take(deciding, a_case())
    assert rule_cases(deciding.hub) == 1
    assert review(deciding, case_id) == "waiting"


def test_what_the_platform_does_not_allow_waits_for_people_with_the_reason(deciding: World) -> None:
    in_force(deciding, a_rule("yes", ANY, "agree_case", words="x"))
    case_id = take(deciding, a_case(allows=["refuse"]))
    assert rule_cases(deciding.hub) == 1
    assert review(deciding, case_id) == "waiting"
    assert steps(deciding, case_id)[-1] == ("rule:yes", "not_told")
    assert rule_cases(deciding.hub) == 0


def test_an_answer_that_the_platform_refuses_is_given_once(deciding: World) -> None:
    in_force(deciding, a_rule("yes", ANY, "agree_case", words="x"))
    deciding.script.next("decide", Refused("当前状态不支持", code="9"))
    case_id = take(deciding, a_case())
    for _ in range(4):
        rule_cases(deciding.hub)
        drain(send_batch, deciding)
    assert review(deciding, case_id) == "waiting"
    assert len(deciding.script.asked("decide")) == 1


def test_a_newer_version_of_a_case_is_asked_about_again(deciding: World) -> None:
    in_force(deciding, a_rule("small", {"fact": "case.amount", "op": "le", "value": 500}, "agree_case", words="x"))
    case_id = take(deciding, a_case())
    assert rule_cases(deciding.hub) == 1
    take(deciding, a_case(at=9, amount=400))
    assert rule_cases(deciding.hub) == 1
    assert review(deciding, case_id) == "agreed"


def test_a_limit_an_hour_pauses_the_rule_and_leaves_the_case_to_people(deciding: World) -> None:
    limit = {"rule": "all", "action": "agree_case", "amount_per_hour": 900}
    in_force(deciding, a_rule("all", ANY, "agree_case", words="x"), limits=[limit])
    case_id = take(deciding, a_case())
    assert rule_cases(deciding.hub) == 1
    assert review(deciding, case_id) == "waiting"
    assert deciding.one("select count(*) from rule_trouble where kind = 'paused'") == 1


FLIPS: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    "case.kind": ({}, {"kind": "exchange"}, ("eq", "refund")),
    "case.state": ({}, {"state": "agreed"}, ("eq", "asked")),
    "case.reason": ({"reason": "too small"}, {"reason": "broken"}, ("contains_any", ["small"])),
    "case.amount": ({}, {"amount": 999}, ("ge", 1000)),
    "case.is_whole_order": ({"amount": 100000}, {"amount": 1}, ("eq", True)),
    "case.lines": ({}, {"line_no": ""}, ("ge", 1)),
    "case.units": ({"units": 2}, {"units": 1}, ("ge", 2)),
    "case.age": ({}, {"created_at": "2026-11-21T00:00:00+00:00"}, ("ge", 0)),
}


def test_every_fact_of_a_case_has_a_test() -> None:
    others = {"case.goods_have_left", "case.time_left", "case.earlier"}
    assert {name for name in FACTS if name.startswith("case.")} == set(FLIPS) | others


@pytest.mark.parametrize("fact", FLIPS)
def test_a_fact_of_a_case_flips_the_answer(deciding: World, fact: str) -> None:
    meets, misses, (op, value) = FLIPS[fact]
    in_force(deciding, a_rule("r", {"fact": fact, "op": op, "value": value}, "add_tag", tag="met"))
    found = []
    for number, changes in enumerate((misses, meets)):
        take(deciding, a_case(f"C{number + 7}", **changes))
        rule_cases(deciding.hub)
        found.append(list(deciding.one("select tags from orders where external_no = 'T1'")))
    assert found == [[], ["met"]]


@pytest.mark.parametrize(("fact", "change"), [
    ("case.goods_have_left", "update demand set planned = 0, shipped = units"),
    ("case.time_left", "update cases set respond_by = opened_at + interval '99 days'"),
    ("case.earlier", """insert into cases (shop_id, external_no, order_id, kind, opened_at, changed_at, review)
       select shop_id, 'old', order_id, kind, opened_at - interval '1 day', changed_at, 'refused' from cases"""),
])  # fmt: skip
def test_a_fact_of_a_case_that_time_brings_flips_the_answer(deciding: World, fact: str, change: str) -> None:
    op = ("eq", True) if fact == "case.goods_have_left" else ("ge", 1)
    in_force(deciding, a_rule("r", {"fact": fact, "op": op[0], "value": op[1]}, "add_tag", tag="met"))
    advance(deciding)
    case_id = take(deciding, a_case())
    rule_cases(deciding.hub)
    assert list(deciding.one("select tags from orders where external_no = 'T1'")) == []
    deciding.run(change)
    deciding.run("update cases set ruled_version = 0 where id = :id", id=case_id)
    rule_cases(deciding.hub)
    assert list(deciding.one("select tags from orders where external_no = 'T1'")) == ["met"]
    deciding.run("update demand set planned = units, shipped = 0")
