"""The rules of a judged decision as a list for people: what matched first, then what came nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from oms.app.rulebook.retelling import UNREADABLE, RuleRetold
from oms.app.rulebook.sight import Sight
from oms.app.rulebook.telling import Line, Manner, tell_tree
from oms.app.rulebook.verdicts import word_kept_back
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.model import Action
from rules.phrases import Language, word_action
from rules.trace import RuleState

#: Which come first.
_RANKS: Final = {
    RuleState.MATCHED.value: 0,
    RuleState.UNHEALTHY.value: 1,
    UNREADABLE: 1,
    RuleState.UNKNOWN.value: 1,
    RuleState.NOT_MATCHED.value: 2,
    RuleState.AFTER_STOP.value: 3,
    RuleState.INACTIVE.value: 4,
    RuleState.DISABLED.value: 5,
}
STATES: Final = {
    RuleState.MATCHED.value: ("命中", "matched"),
    RuleState.NOT_MATCHED.value: ("未命中", "not matched"),
    RuleState.UNHEALTHY.value: ("出错跳过", "raised, skipped"),
    RuleState.UNKNOWN.value: ("无法判断", "could not be judged"),
    RuleState.INACTIVE.value: ("不在生效时段", "outside its spans"),
    RuleState.DISABLED.value: ("已停用", "disabled"),
    RuleState.AFTER_STOP.value: ("前面的规则已停止", "after a stop"),
    UNREADABLE: ("已读不懂", "cannot be read any more"),
}


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule with its state in words, the actions it asks for, and the lines of its conditions.

    `misses` is the least number of conditions that would have to come out otherwise. `kept_back` says why its actions
    were not done though it matched.
    """

    id: str
    name: str
    state: str
    state_zh: str
    state_en: str
    place: int
    misses: int
    actions_zh: tuple[str, ...]
    actions_en: tuple[str, ...]
    stops: bool
    kept_back: str
    kept_back_zh: str
    kept_back_en: str
    is_as_stored: bool
    error: str
    lines: tuple[Line, ...]


def tell_rules(
    rules: Sequence[RuleRetold], sight: Sight, manner: Manner, *, with_conditions: bool
) -> tuple[RuleTold, ...]:
    """All rules, or only those that matched and without their conditions."""
    shown = [
        _tell(rule, place, sight, manner, with_conditions)
        for place, rule in enumerate(rules, 1)
        if with_conditions or rule.state == RuleState.MATCHED
    ]
    return tuple(sorted(shown, key=lambda rule: (_RANKS[rule.state], rule.misses, rule.place)))


def _tell(rule: RuleRetold, place: int, sight: Sight, manner: Manner, with_conditions: bool) -> RuleTold:
    lines = tuple(tell_tree(rule.trace, sight, manner)) if rule.trace and with_conditions else ()
    kept_zh, kept_en = word_kept_back(rule.kept_back) if rule.kept_back else ("", "")
    return RuleTold(
        rule.id, rule.name, rule.state, *STATES[rule.state], place, rule.misses, _actions(rule, "zh"),
        _actions(rule, "en"), bool(rule.rule and rule.rule.stop), rule.kept_back, kept_zh, kept_en, rule.is_as_stored,
        rule.error, lines,
    )  # fmt: skip


def _actions(rule: RuleRetold, language: Language) -> tuple[str, ...]:
    return tuple(_worded(action, language) for action in (rule.rule.actions if rule.rule else ()))


@lru_cache(maxsize=5_000)
def _worded(action: Action, language: Language) -> str:
    return word_action(action.name, action.params, VOCABULARY, language)
