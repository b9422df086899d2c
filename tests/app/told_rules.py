"""Random rules for orders of the pipeline: over every fact that a stage knows, with actions that it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.review import TIERS
from rules.codec import write_node, write_rule
from rules.conflicts import check_rule_set
from rules.model import Action, Rule, RuleSet
from tests.factories import START
from tests.rules.generator import Draw

REVIEW = tuple(spec for spec in VOCABULARY.facts.values() if "review" in spec.stages)
ACTIONS = (*[Action("send_to_tier", (("tier", tier.code),)) for tier in TIERS], Action("pass"))
#: Of each stage a few actions after which orders still go on.
BY_STAGE = {
    "review": ACTIONS,
    "preprocess": (Action("seal"), Action("add_tag", (("tag", "急"),)), Action("set_priority", (("priority", 3),))),
    "gift": (Action("no_gifts"),),
    "route": (Action("keep_together"), Action("limit_parcels", (("parcels", 2),))),
    "merge": (Action("never_merge"), Action("merge_at_once")),
}


def random_rules(seed: int, count: int, stage: str = "review") -> list[dict[str, Any]]:
    """Rule documents: any tree, priority, stop and span that the codec takes."""
    draw = Draw(seed, tuple(spec for spec in VOCABULARY.facts.values() if stage in spec.stages))
    return [write_rule(_rule(draw, f"r{number}", BY_STAGE[stage])) for number in range(count)]


def _rule(draw: Draw, rule_id: str, actions: Sequence[Action]) -> Rule:
    chance = draw.chance
    return Rule(
        rule_id, f"rule {rule_id}", draw.tree(), (chance.choice(actions),), chance.random() < 0.1, chance.randint(1, 3),
        (draw.span(),) if chance.random() < 0.1 else (), (draw.span(),) if chance.random() < 0.1 else (),
        chance.random() < 0.9,
    )  # fmt: skip


def rules_over_every_fact(count: int) -> list[dict[str, Any]]:
    """So many rules that each ask for facts in turn, until every fact is asked for; few match."""
    rules = []
    for number in range(count):
        asked = [REVIEW[at % len(REVIEW)] for at in range(2 * number, 2 * number + 2)]
        action = ACTIONS[number % len(ACTIONS)]
        for seed in range(number, 100_000, 1_000):
            conditions = [write_node(Draw(seed, (spec,)).condition()) for spec in asked]
            rule = {"id": f"r{number}", "name": f"rule {number}", "when": {"all": conditions},
                    "actions": [{"action": action.name, "params": dict(action.params)}]}  # fmt: skip
            if not _is_odd(rule):
                break
        rules.append(rule)
    return rules


def _is_odd(rule: dict[str, Any]) -> bool:
    """Whether it was drawn so that it never matches, or always does, which no set may come into force with."""
    read, broken = read_rules("review", {"rules": [rule]})
    return bool(broken) or bool(check_rule_set(RuleSet("review", read), VOCABULARY, START))
