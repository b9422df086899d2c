"""The rule sets that are compared: a draft, what is in force for each shop, and the rules in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.scopes import PRECEDENCE, Standing, list_standings
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.engine import CompiledRuleSet, compile_rule_set
from rules.model import Rule, RuleSet, conditions_of, rules_in_order

_BODIES = text("""
select v.id, v.body from rule_set_version v join rule_set s on s.id = v.rule_set_id
where v.id = any(:ids) and s.stage = :stage""")
#: A version that nobody has written: where nothing is in force.
NOTHING: Final = 0


@dataclass(frozen=True, slots=True)
class Side:
    """A version ready to decide; `broken` are rules that cannot be read any more."""

    version_id: int
    rules: CompiledRuleSet
    broken: tuple[tuple[str, str], ...] = ()

    def facts_of(self, rule_ids: Iterable[str]) -> frozenset[str]:
        """The facts that these of its rules ask for."""
        wanted = set(rule_ids)
        trees = (rule.when for rule in self.rules.rule_set.rules if rule.id in wanted)
        return frozenset(condition.fact for tree in trees for condition in conditions_of(tree))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions with a rule set of the rules in which they differ: where none of these matches, both decide alike.

    Of sides of which one alone has rules that cannot be read, every order must be looked at.
    """

    before: Side
    after: Side
    differing: CompiledRuleSet
    looks_at_all: bool

    @property
    def facts_read(self) -> frozenset[str]:
        """The facts that either side may ask for."""
        return self.before.rules.facts_read | self.after.rules.facts_read


def side_of(version_id: int, stage: str, body: Any) -> Side:
    """A side from a stored body, or from rules that nobody has stored."""
    rules, broken = read_rules(stage, body)
    return Side(version_id, compile_rule_set(RuleSet(stage, rules), VOCABULARY), broken)


def no_rules(stage: str) -> Side:
    """The side of a shop for which nothing is in force."""
    return Side(NOTHING, compile_rule_set(RuleSet(stage, ()), VOCABULARY))


def pair_of(before: Side, after: Side) -> Pair:
    """Two sides; a rule counts as the same when all of it is, and its place among the other common rules."""
    old, new = (rules_in_order(side.rules.rule_set) for side in (before, after))
    shared = _shared(old, new)
    rest = [rule for rules in (old, new) for rule in rules if rule not in shared]
    # Names, priorities and stops do not matter here: only whether anything of it could match.
    alone = tuple(replace(rule, id=f"d{at}", stop=False) for at, rule in enumerate(rest))
    differing = compile_rule_set(RuleSet(after.rules.rule_set.stage, alone), VOCABULARY)
    return Pair(before, after, differing, looks_at_all=bool(before.broken) != bool(after.broken))


def sides_of(connection: Connection, stage: str, ids: Iterable[int]) -> dict[int, Side]:
    """Versions of a stage by their ids, with that of nothing in force."""
    found = {NOTHING: no_rules(stage)}
    for row in connection.execute(_BODIES, {"ids": sorted(set(ids)), "stage": stage}):
        found[row.id] = side_of(row.id, stage, row.body)
    return found


def reached_shops(connection: Connection, stage: str, place: tuple[str, int], shop_ids: Sequence[int]) -> dict[int, int]:
    """For each shop that a set of this place would decide for: the version in force for it now, 0 for none.

    A shop with a set in force at a more exact place would go on without looking at this one.
    """
    standings = list_standings(connection, shop_ids, [stage], size=len(shop_ids) + 1)
    return {
        standing.shop_id: standing.winner.version_id or NOTHING if standing.winner else NOTHING
        for standing in standings
        if _reaches(standing, place)
    }


def _reaches(standing: Standing, place: tuple[str, int]) -> bool:
    places = {contender.scope: contender.scope_id for contender in standing.contenders}
    scope, scope_id = place
    if places.get(scope) != scope_id:
        return False
    winner = standing.winner
    return winner is None or PRECEDENCE.index(winner.scope) >= PRECEDENCE.index(scope)


def _shared(old: Sequence[Rule], new: Sequence[Rule]) -> list[Rule]:
    """Rules that are in both word by word and in the same order."""
    both = [rule for rule in old if rule in new]
    again = [rule for rule in new if rule in old]
    return [one for one, other in zip(both, again, strict=False) if one == other]


def names_of(rules: Mapping[str, Any]) -> dict[str, str]:
    """The names of a stored body's rules by their ids."""
    listed = rules.get("rules", ())
    return {str(each.get("id")): str(each.get("name", "")) for each in listed if isinstance(each, dict)}
