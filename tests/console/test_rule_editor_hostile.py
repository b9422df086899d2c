"""Hostile rules and bodies sent to the editor get a clear sentence, and change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.rule_drafts import COD, TYPED, Post, a_draft, faults_of, poster, stored


@pytest.fixture
def draft(hub: Hub, world: factories.World) -> tuple[int, int]:
    return a_draft(hub, world)


@pytest.fixture
def post(client: FlaskClient, draft: tuple[int, int]) -> Post:
    return poster(client, draft)


def nested(depth: int) -> Any:
    tree: Any = COD
    for _ in range(depth):
        tree = {"all": [tree]}
    return tree


HOSTILE: dict[str, Any] = {
    "no rule": None,
    "a number": 7,
    "a list": [],
    "no keys": {},
    "wrong types": {"id": 1, "name": [], "when": "x", "actions": {}, "stop": "no", "priority": {}, "active": 3},
    "unknown key": TYPED | {"script": "alert(1)"},
    "deep": TYPED | {"when": nested(21)},
    "very deep": TYPED | {"when": nested(300)},
    "wide": TYPED | {"when": {"all": [COD] * 5000}},
    "empty groups": TYPED | {"when": {"all": [{"all": []}] * 5000}},
    "value of another type": TYPED | {"when": {"fact": "order.paid", "op": "gt", "value": {"$gt": 0}}},
    "a list for a number": TYPED | {"when": {"fact": "order.lines", "op": "gt", "value": [1]}},
    "two kinds": TYPED | {"when": {"all": [COD], "any": [COD]}},
    "catastrophic": TYPED | {"when": {"fact": "order.memo", "op": "matches", "value": "(a|a)*(a|a)*b" * 10}},
    "long pattern": TYPED | {"when": {"fact": "order.memo", "op": "matches", "value": "a" * 100_000}},
    "half a character": TYPED | {"name": "\ud800"},
    "control characters": TYPED | {"when": {"fact": "order.memo", "op": "eq", "value": "\x00"}},
    "huge number": TYPED | {"when": {"fact": "order.lines", "op": "gt", "value": "9" * 400}},
    "marks of the sentence": TYPED
    | {"when": {"fact": "\ue0000", "op": "", "value": ""}, "actions": [{"action": "\ue0001"}]},
    "fact of another stage": TYPED | {"when": {"fact": "no.such.fact", "op": "eq", "value": 1}},
    "limits that are none": TYPED | {"limits": [{"action": {"x": 1}, "per_hour": [1]}, 3, None]},
    "bad spans": TYPED | {"active": [{"from": "tomorrow", "until": 7}, "x"], "excluded": [{"time_zone": "/etc/passwd"}]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rules_get_a_clear_sentence(hub: Hub, draft: tuple[int, int], post: Post, name: str) -> None:
    checked = post("/check", {"at": 0, "rule": HOSTILE[name]})
    assert checked.status_code == 200
    if name != "limits that are none":
        assert all(faults_of(checked).values())
        assert faults_of(checked)
    answer = post("", {"revision": 1, "comment": "x", "rules": [HOSTILE[name]]})
    assert answer.status_code == 422, answer.text[:300]
    assert faults_of(answer)
    assert len(answer.data) < 60_000
    assert stored(hub, draft).revision == 1


@pytest.mark.parametrize("where", ["", "/check", "/read"])
@pytest.mark.parametrize(
    "body", ["", "[" * 100_000, "{", "[]", '"x"', "1" * 5000, b"\xff\xfe", "{}", "x" * 4_000_001]
)  # fmt: skip
def test_hostile_bodies_get_a_clear_sentence(post: Post, where: str, body: Any) -> None:
    assert faults_of(post(where, body))
