"""What a rule may give away in an hour, counted once an order; past it the rule is paused and people decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.domain.errors import Invalid
from rules.model import Rule

HOUR: Final = timedelta(hours=1)
MOST_LIMITS: Final = 1000
LARGEST: Final = 2**53
BOUNDS: Final = ("per_hour", "amount_per_hour", "least", "most")
#: One lock for every limit: two batches that meet several rules in different order would otherwise wait for each other.
GATE: Final = 7_146_007

_LOCK = text("select pg_advisory_xact_lock(:gate)")
_USED = text("""
select count(*), coalesce(sum(amount), 0) from rule_use
where rule_set_id = :rule_set_id and rule_id = :rule_id and action = :action and at > :since and order_id <> :order_id""")
_NOTE = text("""
insert into rule_use (rule_set_id, rule_id, action, order_id, amount, at)
values (:rule_set_id, :rule_id, :action, :order_id, :amount, :at)
on conflict (rule_set_id, rule_id, action, order_id) do update set amount = excluded.amount""")


@dataclass(frozen=True, slots=True)
class Limit:
    """限额 of one action of a rule; None is no bound.

    `per_hour` orders and `amount_per_hour` within any sixty minutes; `least` to `most` is the band of one amount. The
    amount of an action is its parameter `amount` or `units`, unless whoever decides knows better.
    """

    rule_id: str
    action: str
    per_hour: int | None = None
    amount_per_hour: int | None = None
    least: int | None = None
    most: int | None = None

    def written(self) -> dict[str, Any]:
        """The limit as JSON types."""
        bounds = {name: getattr(self, name) for name in BOUNDS}
        return {"rule": self.rule_id, "action": self.action} | {k: v for k, v in bounds.items() if v is not None}

    def leaves_band(self, amount: int) -> bool:
        """Whether one amount is smaller or larger than it may be."""
        return (self.least is not None and amount < self.least) or (self.most is not None and amount > self.most)

    def is_passed(self, times: int, total: int) -> bool:
        """Whether so many orders and so much in an hour are too many or too much."""
        return (self.per_hour is not None and times > self.per_hour) or (
            self.amount_per_hour is not None and total > self.amount_per_hour
        )


@dataclass(frozen=True, slots=True)
class Use:
    """What a rule is about to give to an order; `amount` in minor units or units."""

    rule_set_id: int
    rule_id: str
    action: str
    order_id: int
    amount: int
    at: datetime


def read_limits(documents: object, rules: Sequence[Rule]) -> list[Limit]:
    """Limits from JSON types, of actions that these rules have; Invalid names the place."""
    if not isinstance(documents, list) or len(documents) > MOST_LIMITS:
        raise Invalid("limits", f"expected a list of at most {MOST_LIMITS}", "send one entry for each rule and action")
    actions = {(rule.id, action.name) for rule in rules for action in rule.actions}
    found: dict[tuple[str, str], Limit] = {}
    for at, document in enumerate(documents):
        limit = _read(document, f"limits[{at}]")
        key = (limit.rule_id, limit.action)
        if key not in actions:
            raise Invalid(f"limits[{at}]", "no rule of this document has that action", "name a rule and its action")
        if key in found:
            raise Invalid(f"limits[{at}]", "this action of the rule has a limit already", "join the two")
        found[key] = limit
    return list(found.values())


def limits_of(stored: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Limit]:
    """(rule, action) → limit, of what is stored with a version."""
    limits = [Limit(row["rule"], row["action"], *[row.get(name) for name in BOUNDS]) for row in stored]
    return {(limit.rule_id, limit.action): limit for limit in limits}


def spend(connection: Connection, limit: Limit, use: Use) -> str:
    """Count a use; answers why it is not possible, empty when it is.

    Serialises all limited uses until the transaction ends. An order counts once, however often it is decided.
    """
    if limit.leaves_band(use.amount):
        return "band"
    connection.execute(_LOCK, {"gate": GATE})
    values = {name: getattr(use, name) for name in Use.__slots__}
    times, total = connection.execute(_USED, values | {"since": use.at - HOUR}).one()
    if limit.is_passed(times + 1, int(total) + use.amount):
        return "limit"
    connection.execute(_NOTE, values)
    return ""


def _read(document: object, path: str) -> Limit:
    if not isinstance(document, dict):
        raise Invalid(path, "expected an object {…}", "send rule, action and at least one bound")
    for name in document:
        if name not in ("rule", "action", *BOUNDS):
            raise Invalid(path, f"unknown key {str(name)[:50]}", f"known keys: rule, action, {', '.join(BOUNDS)}")
    for name in ("rule", "action"):
        if not isinstance(document.get(name), str):
            raise Invalid(f"{path}.{name}", "expected a text", "name a rule and its action")
    bounds = [_bound(document.get(name), f"{path}.{name}") for name in BOUNDS]
    if all(bound is None for bound in bounds):
        raise Invalid(path, "a limit without any bound limits nothing", f"send one of {', '.join(BOUNDS)}")
    return Limit(document["rule"], document["action"], *bounds)


def _bound(value: object, path: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Invalid(path, "expected a whole number, not negative", "money in minor units, or leave it out")
    return value
