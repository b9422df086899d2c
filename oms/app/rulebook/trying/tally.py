"""What came out of a backtest so far, in numbers: by kind of change, money, people, rules, facts and later stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from oms.app.rulebook.trying.comparing import Compared
from oms.app.rulebook.trying.outcomes import LISTED, Kind
from oms.app.rulebook.trying.people import split_word

#: Passed within this many seconds counts as passed at once: nobody can have looked.
AT_ONCE_S: Final = 60


def tally(compared: Iterable[Compared], people: Mapping[int, str]) -> dict[str, Any]:
    """The numbers of one page of orders."""
    counts: dict[str, Any] = {}
    for each in compared:
        _add(counts, 1, "kinds", each.kind)
        if each.kind is not Kind.NOT_REACHED:
            _add(counts, 1, "stored", each.stored)
        if not is_listed(each):
            continue
        _add(counts, each.order.amount, "money", each.kind, each.order.currency)
        for name in each.lacks:
            _add(counts, 1, "facts", name)
        if each.kind not in (Kind.NOT_COMPARABLE, Kind.UNKNOWN):
            _add(counts, 1, "people", each.kind, people_word(people.get(each.order.id, "")))
        for rule_id in set(each.rules_after) - set(each.rules_before):
            _add(counts, 1, "rules", "after", rule_id)
        for rule_id in set(each.rules_before) - set(each.rules_after):
            _add(counts, 1, "rules", "before", rule_id)
    return counts


def people_word(kept: str) -> str:
    """The word for a count: what was let go within a minute stands apart."""
    word, seconds = split_word(kept)
    if word == "passed" and seconds is not None and seconds <= AT_ONCE_S:
        return "passed_at_once"
    return word or "nobody"


def add_up(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two such numbers together."""
    total: dict[str, Any] = dict(one)
    for key, value in other.items():
        mine = total.get(key)
        if isinstance(value, Mapping):
            total[key] = add_up(mine if isinstance(mine, Mapping) else {}, value)
        else:
            total[key] = value + (mine or 0)
    return total


def is_listed(compared: Compared) -> bool:
    """Whether the order is kept one by one."""
    return compared.kind in LISTED


def _add(counts: dict[str, Any], value: int, *keys: str) -> None:
    *way, last = map(str, keys)
    for key in way:
        counts = counts.setdefault(key, {})
    counts[last] = counts.get(last, 0) + value
