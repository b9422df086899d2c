"""Whatever the rules and the orders: what is worked out again from what was stored is what was stored."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from oms.app.rulebook import versions
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.retelling import Compared
from rules.trace import RuleState
from tests.app.explained import path_of, told
from tests.app.rule_sets import a_draft, decided
from tests.app.told_rules import BY_STAGE, random_rules
from tests.factories import World, a_line

MEMOS = ("", "加急", "请开发票 a-1", "ab12.")


def random_order(world: World, chance: Random) -> int:
    """An order of any of a few kinds, through the whole pipeline as far as it goes."""
    lines = [
        a_line(str(number), chance.choice("ABCDE"), chance.choice((1, 2, 500)), chance.choice((0, 29_999, 30_001)))
        for number in range(1, chance.randint(1, 3) + 1)
    ]
    changes: dict[str, Any] = {"seller_memo": chance.choice(MEMOS), "buyer_message": chance.choice(MEMOS)}
    if chance.random() < 0.3:
        changes["is_cod"] = True
    world.clock.forward(chance.randint(0, 4000))
    return decided(world, lines=lines, **changes)


@pytest.mark.parametrize("seed", range(4))
def test_the_recomputed_verdict_is_the_stored_one(world: World, seed: int) -> None:
    check_review(world, seed, rules=60, orders=15)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 108))
def test_the_same_of_two_hundred_rules_and_many_orders(world: World, seed: int) -> None:
    check_review(world, seed, rules=200, orders=60)


def check_review(world: World, seed: int, rules: int, orders: int) -> None:
    draft = a_draft(world, *random_rules(seed, rules))
    versions.activate(world.hub, draft, "user:1", despite_findings=True)
    chance = Random(seed)
    states: set[str] = set()
    for _ in range(orders):
        found = told(world, random_order(world, chance))
        assert found.comparison is not None
        assert found.comparison.outcome is Compared.SAME, found.comparison
        assert found.comparison.not_judged == ()
        assert len(found.rules) == rules
        states |= {rule.state for rule in found.rules}
    assert {RuleState.MATCHED, RuleState.DISABLED} <= states


@pytest.mark.parametrize("seed", [10, 12, 13])
def test_the_same_is_true_of_every_stage_that_rules_decide(world: World, seed: int) -> None:
    for stage in BY_STAGE:
        content = Content(random_rules(seed, 25, stage), [], "random")
        draft = create_set(world.hub, stage, "global", 0, stage, content, "user:1")
        versions.activate(world.hub, draft, "user:1", despite_findings=True)
    chance = Random(seed)
    stages: set[str] = set()
    for _ in range(10):
        order_id = random_order(world, chance)
        for found in path_of(world, order_id).decisions:
            if found.comparison is not None:
                assert found.comparison.outcome is Compared.SAME, (found.stage, found.verdict, found.comparison)
                stages.add(found.stage)
    assert "preprocess" in stages
