"""Random rules for orders of the pipeline: over every fact that review knows, with actions that it does."""

from __future__ import annotations

from typing import Any

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.review import TIERS
from rules.codec import write_node, write_rule
from rules.model import Action, Rule
from tests.rules.generator import Draw

REVIEW = tuple(spec for spec in VOCABULARY.facts.values() if "review" in spec.stages)
ACTIONS = (*[Action("send_to_tier", (("tier", tier.code),)) for tier in TIERS], Action("pass"))


def random_rules(seed: int, count: int) -> list[dict[str, Any]]:
    """Rule documents: any tree, priority, stop and span that the codec takes."""
    draw = Draw(seed, REVIEW)
    return [write_rule(_rule(draw, f"r{number}")) for number in range(count)]


def _rule(draw: Draw, rule_id: str) -> Rule:
    chance = draw.chance
    return Rule(
        rule_id, f"rule {rule_id}", draw.tree(), (chance.choice(ACTIONS),), chance.random() < 0.1, chance.randint(1, 3),
        (draw.span(),) if chance.random() < 0.1 else (), (draw.span(),) if chance.random() < 0.1 else (),
        chance.random() < 0.9,
    )  # fmt: skip


def rules_over_every_fact(count: int) -> list[dict[str, Any]]:
    """So many rules that each ask for facts in turn, until every fact is asked for; few match."""
    rules = []
    for number in range(count):
        asked = [REVIEW[at % len(REVIEW)] for at in range(2 * number, 2 * number + 2)]
        conditions = [write_node(Draw(number, (spec,)).condition()) for spec in asked]
        action = ACTIONS[number % len(ACTIONS)]
        rules.append({"id": f"r{number}", "name": f"rule {number}", "when": {"all": conditions},
                      "actions": [{"action": action.name, "params": dict(action.params)}]})  # fmt: skip
    return rules
