"""Rule documents as they are stored: checked against the vocabulary, every default written out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oms.app.rulebook.currencies import find_currencies
from oms.app.rulebook.limits import read_limits
from oms.app.rulebook.unlimited import find_unlimited
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.errors import Invalid
from rules.codec import FORMAT, RULES_LIMIT, read_rule_set, write_rule_set
from rules.conflicts import FindingKind, check_rule_set
from rules.findings import write_finding
from rules.model import Rule, RuleSet
from rules.refusals import RuleRefused


def read_document(stage: str, rules: object, limits: object) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(body, limits) fit to be stored; Invalid names the path of the first place that is wrong."""
    try:
        found = read_rule_set({"format": FORMAT, "stage": stage, "rules": rules}, VOCABULARY)
    except RuleRefused as error:
        raise Invalid(error.path or "rules", error.reason_en, error.remedy_en) from None
    kept = [limit.written() for limit in read_limits(limits, found.rules)]
    return write_rule_set(RuleSet(stage, found.rules)), kept


def read_rules(stage: str, body: Any) -> tuple[tuple[Rule, ...], tuple[tuple[str, str], ...]]:
    """(rules, broken) of a stored body; a rule that this vocabulary cannot read any more is broken, with the reason.

    What was stored was right in its day; a fact that has gone since must not keep the other rules from deciding.
    """
    try:
        return read_rule_set(body, VOCABULARY).rules, ()
    except RuleRefused:
        pass
    rules: dict[str, Rule] = {}
    broken: list[tuple[str, str]] = []
    for document in _documents(body)[:RULES_LIMIT]:
        try:
            (rule,) = read_rule_set({"format": FORMAT, "stage": stage, "rules": [document]}, VOCABULARY).rules
        except RuleRefused as error:
            broken.append((_id_of(document), f"unreadable: {error.code}"))
            continue
        if rule.id in rules:
            broken.append((rule.id, "unreadable: repeated_id"))
        rules.setdefault(rule.id, rule)
    return tuple(rules.values()), tuple(broken)


def _documents(body: Any) -> Sequence[Any]:
    rules = body.get("rules") if isinstance(body, dict) else None
    return rules if isinstance(rules, list) else [None]


def _id_of(document: Any) -> str:
    return str(document.get("id", "?"))[:64] if isinstance(document, dict) else "?"


def find_faults(
    stage: str, body: Any, limits: Sequence[Any], now: datetime, currencies: Sequence[str]
) -> list[dict[str, object]]:
    """What is wrong with rules that are each right: never matched, shadowed, contradicting, without a limit or currency.

    As JSON types, with words. `currencies` are those of the shops they reach. `is_proved` tells what is certain from what
    could not be settled or is an advice. May take seconds: never call it under a lock.
    """
    rule_set = RuleSet(stage, read_rules(stage, body)[0])
    found = check_rule_set(rule_set, VOCABULARY, now)
    proved: list[dict[str, object]] = [
        write_finding(finding, rule_set, VOCABULARY) | {"is_proved": finding.kind is not FindingKind.UNKNOWN}
        for finding in found
    ]
    return [*proved, *find_unlimited(rule_set, limits), *find_currencies(rule_set, currencies)]
