"""What is wrong with a rule set before it is activated: rules that can never match, and rules that contradict.

Only what is proved is said to be so; what could not be settled is reported as not known. Proofs speak of documents
whose facts are all known: an unknown fact or an error can keep an earlier rule from stopping a later one. Facts are
taken as independent of each other, so an example may be a document that the world never brings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from rules.model import (
    Action,
    Group,
    GroupKind,
    Node,
    Period,
    Rule,
    RuleSet,
    Vocabulary,
    rules_in_order,
)
from rules.moments import now_is_in
from rules.possible import STEPS_LIMIT, Answer, Example, Possible, can_be_true, holds

QUESTIONS_LIMIT = 20_000  # for one rule set
PAIR_STEPS = 1_000  # looks at one fact, for one pair of rules


class FindingKind(StrEnum):
    """What was found."""

    NEVER = "never"  # 永远不命中
    SHADOWED = "shadowed"  # 被前面的规则挡住
    OVERLAP = "overlap"  # 动作相互矛盾
    UNKNOWN = "unknown"  # 无法判断
    ALWAYS = "always"  # 命中每一单，而动作很重


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a rule, and the rules it has to do with.

    `answer` has the clashing conditions (NEVER) or an example document (OVERLAP); `actions` are the two that
    contradict, both of the rule itself when there are no `others`. UNKNOWN with actions is about a pair that may
    contradict, without them about whether the rule can match, or about all that was left when the questions ran out.
    """

    kind: FindingKind
    rule: Rule
    others: tuple[Rule, ...] = ()
    answer: Answer = field(default_factory=lambda: Answer(Possible.UNKNOWN))
    actions: tuple[Action, ...] = ()


def check_rule_set(rule_set: RuleSet, vocabulary: Vocabulary, now: datetime) -> tuple[Finding, ...]:
    """All findings about the enabled rules of a set, in order of evaluation, for decisions at `now` or later.

    Takes milliseconds for a rule and, for sets whose rules contradict a lot, up to seconds.
    """
    checker = _Checker(rules_in_order(rule_set), vocabulary, now)
    alive: list[Rule] = []
    findings: list[Finding] = []
    for rule in checker.rules:
        found = checker.reach(rule)
        findings.extend(found)
        if not found or found[0].kind is FindingKind.UNKNOWN:
            findings.extend(checker.contradictions(rule, alive))
            findings.extend(checker.always(rule))
            alive.append(rule)
    return tuple(findings)


def contradicts(one: Action, other: Action, vocabulary: Vocabulary) -> bool:
    """Whether two actions cannot both be done to one document, by what the vocabulary says of them."""
    spec, other_spec = vocabulary.actions[one.name], vocabulary.actions[other.name]
    if one.name == other.name:
        if spec.exclusive and len(spec.params) == 1:
            return one.params != other.params  # What it is about is all there is to choose: there can be one only.
        is_declared = spec.exclusive and one.params != other.params
    else:
        is_declared = other.name in spec.contradicts or one.name in other_spec.contradicts
    if not is_declared or not spec.subject or not other_spec.subject:
        return is_declared
    return dict(one.params).get(spec.subject) == dict(other.params).get(other_spec.subject)


class _Checker:
    """Asks about the rules of one set; `questions` counts down how many are still answered."""

    def __init__(self, rules: tuple[Rule, ...], vocabulary: Vocabulary, now: datetime) -> None:
        self.rules = rules
        self.vocabulary = vocabulary
        self.now = now
        self.questions = QUESTIONS_LIMIT
        self.trees = {rule.id: _taking_part(rule, now) for rule in rules}
        self.stoppers: list[Rule] = []
        self.examples: dict[str, Example] = {}

    def always(self, rule: Rule) -> list[Finding]:
        """Whether a rule that asks for something grave spares no document at all."""
        if not any(self.vocabulary.actions[action.name].is_grave for action in rule.actions):
            return []
        spared = self._ask(Group(GroupKind.NONE, (rule.when,)))
        return [Finding(FindingKind.ALWAYS, rule, answer=spared)] if spared.possible is Possible.NO else []

    def reach(self, rule: Rule) -> list[Finding]:
        """Whether a document can reach the rule and match it; to be asked in order of evaluation."""
        alone = self._ask(self.trees[rule.id])
        if alone.possible is Possible.NO:
            return [Finding(FindingKind.NEVER, rule, answer=alone)]
        earlier = list(self.stoppers)
        if rule.stop:
            self.stoppers.append(rule)
        reached = self._reached(alone, rule, earlier)
        if reached.possible is Possible.NO:
            return [Finding(FindingKind.SHADOWED, rule, self._covering(rule, earlier), reached)]
        if reached.possible is Possible.UNKNOWN:
            return [Finding(FindingKind.UNKNOWN, rule, answer=reached)]
        return []

    def contradictions(self, rule: Rule, earlier: list[Rule]) -> Iterator[Finding]:
        """What contradicts itself in the rule, and earlier rules that can match the same document and contradict it."""
        own = next((pair for pair in combinations(rule.actions, 2) if contradicts(*pair, self.vocabulary)), ())
        if own:
            yield Finding(FindingKind.OVERLAP, rule, actions=own)
        for other in earlier:
            if self.questions < 0:
                yield Finding(FindingKind.UNKNOWN, rule)
                return
            pair = _contradicting(other, rule, self.vocabulary)
            if pair and not other.stop:
                answer = self._both(other, rule)
                if answer.possible is not Possible.NO:
                    is_sure = answer.possible is Possible.YES
                    kind = FindingKind.OVERLAP if is_sure else FindingKind.UNKNOWN
                    yield Finding(kind, rule, (other,), answer, pair)

    def _ask(self, tree: Node, steps: int = STEPS_LIMIT) -> Answer:
        self.questions -= 1
        if self.questions < 0:
            return Answer(Possible.UNKNOWN)
        return can_be_true(tree, self.vocabulary, self.now, steps)

    def _reached(self, alone: Answer, rule: Rule, earlier: list[Rule]) -> Answer:
        """Whether the rule can match where none of the stopping rules before it does."""
        if alone.example is not None and not self._stops(alone.example, earlier):
            return alone
        answer = self._ask(self._past(self.trees[rule.id], earlier))
        if answer.possible is not Possible.UNKNOWN:
            return answer
        singles = (self._ask(self._past(self.trees[rule.id], [one]), PAIR_STEPS) for one in earlier)
        return next((single for single in singles if single.possible is Possible.NO), answer)

    def _both(self, one: Rule, other: Rule) -> Answer:
        """Whether both rules can match one document, and nothing before the later of them stops it."""
        both = Group(GroupKind.ALL, (self.trees[one.id], self.trees[other.id]))
        earlier = [stopper for stopper in self.stoppers if stopper.id != other.id]
        answer = self._ask(both, PAIR_STEPS)
        if answer.example is None or not self._stops(answer.example, earlier):
            return answer
        return self._ask(self._past(both, earlier), PAIR_STEPS)

    def _past(self, tree: Node, stoppers: list[Rule]) -> Node:
        return Group(GroupKind.ALL, (tree, Group(GroupKind.NONE, tuple(self.trees[rule.id] for rule in stoppers))))

    def _stops(self, example: Example, stoppers: list[Rule]) -> bool:
        return any(holds(self.trees[rule.id], self.vocabulary, example.facts, example.now) for rule in stoppers)

    def _covering(self, rule: Rule, earlier: list[Rule]) -> tuple[Rule, ...]:
        """As few of the stopping rules as cover the rule together."""
        tree = self.trees[rule.id]
        for one in earlier:
            if self._ask(self._past(tree, [one]), PAIR_STEPS).possible is Possible.NO:
                return (one,)
        needed = list(earlier)
        for one in earlier:
            without = [other for other in needed if other is not one]
            if self._ask(self._past(tree, without), PAIR_STEPS).possible is Possible.NO:
                needed = without
        return tuple(needed)


def _taking_part(rule: Rule, now: datetime) -> Node:
    """The rule's tree and the moments at which it takes part, as one tree over facts and the moment of decision."""
    parts: list[Node] = [now_is_in(Period(now, None)), rule.when]
    if rule.active:
        parts.append(Group(GroupKind.ANY, tuple(now_is_in(span) for span in rule.active)))
    if rule.excluded:
        parts.append(Group(GroupKind.NONE, tuple(now_is_in(span) for span in rule.excluded)))
    return Group(GroupKind.ALL, tuple(parts))


def _contradicting(one: Rule, other: Rule, vocabulary: Vocabulary) -> tuple[Action, ...]:
    """The first two actions that contradict; nothing when the rules get along."""
    pairs = ((first, second) for first in one.actions for second in other.actions)
    return next((pair for pair in pairs if contradicts(*pair, vocabulary)), ())
