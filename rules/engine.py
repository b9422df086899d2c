"""Compiles rule sets to closures and decides; never raises for the fault of a rule. Explaining lives in trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from rules.codec import read_rule_set, write_rule_set
from rules.facts import Facts as LazyFacts
from rules.facts import FactSource, bind_facts
from rules.facts import input_hash as input_hash  # callers that decide also store the hash
from rules.index import Narrowing
from rules.model import Condition, GroupKind, Node, Rule, RuleSet, Vocabulary, conditions_of, rules_in_order
from rules.operators import Facts, Test, test_for
from rules.three_valued import CarefulTest, careful_test
from rules.trace import Outcome, active_test, first_error, trace_node

ENGINE_VERSION = 2  # raise it whenever the same rules and facts could give another verdict


class Applied(NamedTuple):
    """An action that a matched rule asks for."""

    rule_id: str
    action: str
    params: Mapping[str, object]


class Verdict(NamedTuple):
    """What a rule set says about one document.

    `unhealthy` names rules that raised and were skipped, with the error's type. `unknown` names rules
    that could not be judged because a fact was UNKNOWN: with any of these the verdict cannot be compared.
    """

    actions: tuple[Applied, ...]
    matched: tuple[str, ...]
    unhealthy: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


class _Compiled(NamedTuple):
    rule: Rule
    actions: tuple[Applied, ...]
    careful: CarefulTest


@dataclass(frozen=True, slots=True)
class CompiledRuleSet:
    """A rule set ready to decide; `facts_read` are the names it may ask for. Make it with `compile_rule_set`."""

    rule_set: RuleSet
    vocabulary: Vocabulary
    facts_read: frozenset[str]
    _compiled: tuple[tuple[Test, _Compiled], ...]
    _narrow: Narrowing

    def decide(self, facts: FactSource, now: datetime) -> Verdict:
        """The verdict on one document at an aware moment.

        `facts` is a mapping or a function from name to value; a name it does not hold is missing. Lazily computed
        facts are a `rules.facts.Facts`; they are asked for in the order of the rules and only as far as needed.
        """
        known = bind_facts(facts, self.facts_read)
        compiled = self._compiled
        is_lazy = isinstance(known, LazyFacts) and not known.is_complete
        left = (1 << len(compiled)) - 1 if is_lazy else self._narrow(known)
        matched: list[_Compiled] = []
        failed: list[tuple[str, Outcome, str]] = []
        while left:
            bit = left & -left
            left ^= bit
            test, entry = compiled[bit.bit_length() - 1]
            try:
                holds = test(known, now)
            except Exception:  # noqa: BLE001  whatever a rule does wrong, the document must go on
                holds = self._holds_anyway(entry, known, now, failed)
            if holds:
                matched.append(entry)
                if entry.rule.stop:
                    break
        return _verdict(matched, failed)

    def _holds_anyway(
        self, entry: _Compiled, facts: Facts, now: datetime, failed: list[tuple[str, Outcome, str]]
    ) -> bool:
        """Whether the other conditions settle the tree; notes the rule as failed when they do not."""
        outcome = entry.careful(facts, now)
        if outcome is Outcome.UNKNOWN:
            failed.append((entry.rule.id, outcome, ""))
        elif outcome is Outcome.ERROR:
            trace = trace_node(entry.rule.when, self.vocabulary, facts, now)
            failed.append((entry.rule.id, outcome, first_error(trace)))
        return outcome is Outcome.TRUE


def compile_rule_set(rule_set: RuleSet, vocabulary: Vocabulary) -> CompiledRuleSet:
    """Closures for every rule that is enabled, in the order of evaluation; raises RuleRefused as the codec does."""
    checked = read_rule_set(write_rule_set(rule_set), vocabulary)
    rules = rules_in_order(checked)
    read = {condition.fact for rule in rules for condition in conditions_of(rule.when)}
    compiled = tuple((_compile_rule(rule, vocabulary), _compiled(rule, vocabulary)) for rule in rules)
    narrow = Narrowing([rule.when for rule in rules], vocabulary)
    return CompiledRuleSet(checked, vocabulary, frozenset(read), compiled, narrow)


def _compiled(rule: Rule, vocabulary: Vocabulary) -> _Compiled:
    return _Compiled(rule, _applied(rule), careful_test(rule.when, vocabulary))


def _compile_rule(rule: Rule, vocabulary: Vocabulary) -> Test:
    test = _compile_node(rule.when, vocabulary)
    if not rule.active and not rule.excluded:
        return test
    takes_part = active_test(rule)
    return lambda facts, now: takes_part(now) and test(facts, now)


def _compile_node(node: Node, vocabulary: Vocabulary) -> Test:
    if isinstance(node, Condition):
        return test_for(node.fact, vocabulary.facts[node.fact].type, node.op, node.value)
    tests = tuple(_compile_node(child, vocabulary) for child in node.children)
    if node.kind is GroupKind.ALL:
        return _all(tests)
    if node.kind is GroupKind.ANY:
        return _any(tests)
    return _none(tests)


def _all(tests: tuple[Test, ...]) -> Test:
    """Two and three children, by far the commonest, are spelled out: half the time of a loop."""
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda facts, now: first(facts, now) and second(facts, now)
    if len(tests) == 3:
        first, second, third = tests
        return lambda facts, now: first(facts, now) and second(facts, now) and third(facts, now)

    def test(facts: Facts, now: datetime) -> bool:
        for child in tests:  # noqa: SIM110  all() with a generator takes twice as long
            if not child(facts, now):
                return False
        return True

    return test


def _any(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda facts, now: first(facts, now) or second(facts, now)

    def test(facts: Facts, now: datetime) -> bool:
        for child in tests:  # noqa: SIM110  any() with a generator takes twice as long
            if child(facts, now):
                return True
        return False

    return test


def _none(tests: tuple[Test, ...]) -> Test:
    inner = _any(tests)
    return lambda facts, now: not inner(facts, now)


def _applied(rule: Rule) -> tuple[Applied, ...]:
    return tuple(Applied(rule.id, action.name, MappingProxyType(dict(action.params))) for action in rule.actions)


def _verdict(matched: list[_Compiled], failed: list[tuple[str, Outcome, str]]) -> Verdict:
    actions = tuple(applied for entry in matched for applied in entry.actions)
    ids = tuple(entry.rule.id for entry in matched)
    if not failed:
        return Verdict(actions, ids)
    unhealthy = tuple((rule_id, error) for rule_id, outcome, error in failed if outcome is Outcome.ERROR)
    return Verdict(
        actions, ids, unhealthy, tuple(rule_id for rule_id, outcome, _ in failed if outcome is Outcome.UNKNOWN)
    )
