"""Rules that give away or cancel without an hourly limit, told before they are put in force. An advice, never a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from oms.app.rulebook.vocabulary import VOCABULARY
from rules.model import Action, Rule, RuleSet, rules_in_order

UNLIMITED: Final = "unlimited"
#: What costs money each time it is done: a wrong condition goes on costing until somebody sees it.
COSTLY: Final = frozenset({
    "cancel", "agree_case", "percent_off", "amount_off", "add_gift", "add_gift_per_units", "add_gift_per_amount",
    "add_gift_tiered",
})  # fmt: skip


def find_unlimited(rule_set: RuleSet, limits: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    """A finding as JSON types for each costly action of an enabled rule that nothing bounds."""
    bounded = {(str(limit.get("rule")), str(limit.get("action"))) for limit in limits}
    places = {rule.id: at for at, rule in enumerate(rule_set.rules)}
    for rule in rules_in_order(rule_set):
        for action in rule.actions:
            if action.name in COSTLY and (rule.id, action.name) not in bounded and "stock" not in dict(action.params):
                yield _finding(rule, action, places[rule.id])


def _finding(rule: Rule, action: Action, at: int) -> dict[str, object]:
    spec = VOCABULARY.actions[action.name]
    return {
        "kind": UNLIMITED, "path": f"/rules/{at}", "rule": rule.id, "others": [],
        "reason_zh": f"「{spec.label_zh}」没有每小时限额，条件写错时会一直做下去",
        "reason_en": f'nothing limits "{spec.label_en}": with a wrong condition it goes on and on',
        "remedy_zh": "给它设每小时限额，超出就自动暂停",
        "remedy_en": "set a limit per hour; past it the rule pauses by itself",
        "example": None, "is_proved": False,
    }  # fmt: skip
