"""The second look at a verdict: rules that raised, are paused or pass their limit give nothing, and people decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.book import InForce, book_of
from oms.app.rulebook.limits import Use, spend
from oms.app.rulebook.troubles import pause
from rules.engine import Applied, Verdict

AMOUNTS: Final = ("amount", "units")


def guard(batch: Batch, order: OrderWork, found: InForce, verdict: Verdict, amounts: Mapping[str, int]) -> Verdict:
    """The verdict without the actions of rules that may not act now; these are among its unhealthy ones.

    `amounts` says how much an action would give to this order where its parameters do not.
    """
    kept_back = {rule_id: "paused" for rule_id in verdict.matched if rule_id in found.paused}
    for applied in verdict.actions:
        if applied.rule_id not in kept_back:
            reason = _spend(batch, order, found, applied, amounts)
            if reason:
                kept_back[applied.rule_id] = reason
    unhealthy = (*verdict.unhealthy, *found.version.broken)
    if unhealthy:
        _note(batch, found, unhealthy)
    actions = tuple(applied for applied in verdict.actions if applied.rule_id not in kept_back)
    return verdict._replace(actions=actions, unhealthy=(*unhealthy, *kept_back.items()))


def why_people(verdict: Verdict) -> dict[str, Any]:
    """What the order's timeline tells of rules that could not decide: which, and why each."""
    reasons = (*verdict.unhealthy, *((rule_id, "unknown fact") for rule_id in verdict.unknown))
    return {
        "rules": [rule_id for rule_id, _ in reasons],
        "reason": ", ".join(f"{rule_id}: {why}" for rule_id, why in reasons[:20]),
    }


def _spend(batch: Batch, order: OrderWork, found: InForce, applied: Applied, amounts: Mapping[str, int]) -> str:
    limit = found.version.limits.get((applied.rule_id, applied.action))
    if limit is None:
        return ""
    version = found.version
    amount = amounts.get(applied.action, amount_of(applied))
    use = Use(version.rule_set_id, applied.rule_id, applied.action, order.id, amount, batch.now)
    reason = spend(batch.connection, limit, use)
    if reason:
        words = f"{reason} of {applied.action}"
        pause(batch.hub, batch.connection, version.rule_set_id, version.id, applied.rule_id, words, batch.now)
        book_of(batch.hub).forget()
    return reason


def amount_of(applied: Applied) -> int:
    """How much an action gives by its parameters, 0 where it names no amount."""
    for name in AMOUNTS:
        value = applied.params.get(name)
        if isinstance(value, int):
            return value
    return 0


def _note(batch: Batch, found: InForce, unhealthy: tuple[tuple[str, str], ...]) -> None:
    noticed = book_of(batch.hub).noticed
    for rule_id, reason in unhealthy:
        noticed.note((found.version.rule_set_id, found.version.id, rule_id, reason))
    noticed.write(batch.connection, batch.now)
