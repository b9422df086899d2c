"""A rule that does something grave to everything is found before it is activated; a harmless one is left alone."""

from __future__ import annotations

from dataclasses import replace

from rules.conflicts import FindingKind, check_rule_set
from rules.findings import write_finding
from rules.model import Group, GroupKind, RuleSet, Vocabulary
from tests.rules.test_conflicts import ALWAYS, COD, HOLD, PASS, a_rule
from tests.rules.vocabulary import NOW, VOCABULARY

GRAVE = replace(VOCABULARY.actions["hold"], is_grave=True)
OTHERS = tuple(spec for name, spec in VOCABULARY.actions.items() if name != "hold")
WITH_GRAVE = Vocabulary.of(tuple(VOCABULARY.facts.values()), (GRAVE, *OTHERS))


def test_a_rule_that_does_something_grave_to_everything_is_found() -> None:
    everything = Group(GroupKind.ANY, (COD, Group(GroupKind.NONE, (COD,))))
    rules = (
        a_rule("all", ALWAYS, HOLD), a_rule("either", everything, HOLD), a_rule("some", COD, HOLD),
        a_rule("harmless", ALWAYS, PASS), a_rule("off", ALWAYS, HOLD, enabled=False),
    )  # fmt: skip
    rule_set = RuleSet("review", rules)
    found = [one for one in check_rule_set(rule_set, WITH_GRAVE, NOW) if one.kind is FindingKind.ALWAYS]
    assert [one.rule.id for one in found] == ["all", "either"]
    written = write_finding(found[0], rule_set, WITH_GRAVE)
    assert (written["kind"], written["path"]) == ("always", "/rules/0")
    assert "命中每一单" in str(written["reason_zh"])
