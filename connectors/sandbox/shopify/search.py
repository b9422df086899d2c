"""The platform's search syntax: terms with comparisons, AND, OR, NOT and parentheses, asked of facts by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]
PIECE = re.compile(r"""\s*(?P<bracket>[()])|\s*(?P<term>(?:[^\s()"']|"[^"]*"|'[^']*')+)""")
TERM = re.compile(r"""(?P<minus>-?)(?:(?P<field>[a-z_]+):)?(?P<sign>>=|<=|>|<)?(?P<value>.*)""", re.DOTALL)
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: bool(a >= b), "<=": lambda a, b: bool(a <= b), ">": lambda a, b: bool(a > b),
    "<": lambda a, b: bool(a < b),
}  # fmt: skip


@dataclass(slots=True)
class Search:
    """A query as a test of facts; `bounds` are the time ranges that every hit keeps (field → [from, to] in seconds)."""

    test: Test
    bounds: dict[str, list[int | None]]


def search_of(text: str) -> Search:
    """The search that a query string means; words it cannot read are ignored, as the platform does."""
    pieces = [match.group().strip() for match in PIECE.finditer(text)]
    bounds: dict[str, list[int | None]] = {}
    test, rest = _any(pieces, bounds, top=not {"OR", "NOT", "("} & set(pieces))
    while rest:
        # A bracket that closes nothing ends nothing.
        more, rest = _any(rest[1:], bounds, top=False)
        test = _both(test, more)
    return Search(test, bounds)


def _any(pieces: list[str], bounds: dict[str, list[int | None]], *, top: bool) -> tuple[Test, list[str]]:
    found, rest = _all(pieces, bounds, top=top)
    tests = [found]
    while rest and rest[0] == "OR":
        found, rest = _all(rest[1:], bounds, top=False)
        tests.append(found)
    return (lambda facts: any(test(facts) for test in tests)), rest


def _all(pieces: list[str], bounds: dict[str, list[int | None]], *, top: bool) -> tuple[Test, list[str]]:
    tests: list[Test] = []
    negated = False
    while pieces and pieces[0] not in (")", "OR"):
        head, pieces = pieces[0], pieces[1:]
        if head in ("AND", "NOT"):
            negated = head == "NOT"
            continue
        if head == "(":
            test, pieces = _any(pieces, bounds, top=False)
            pieces = pieces[1:]
        else:
            test = _term(head, bounds if top else {})
        tests.append(_not(test) if negated else test)
        negated = False
    return (lambda facts: all(test(facts) for test in tests)), pieces


def _term(text: str, bounds: dict[str, list[int | None]]) -> Test:
    match = TERM.match(text)
    assert match is not None, "the pattern matches every text"  # noqa: S101 - a mistake of ours, not of a client
    field, sign, value = match["field"] or "", match["sign"] or "", match["value"].strip("\"'")
    if field.endswith("_at"):
        test = _time(field, sign, value, bounds if not match["minus"] else {})
    elif sign:
        test = _number(field, sign, value)
    else:
        test = _word(field, value)
    return _not(test) if match["minus"] else test


def _time(field: str, sign: str, text: str, bounds: dict[str, list[int | None]]) -> Test:
    moment = _moment(text)
    if moment is None:
        return lambda facts: True
    second = int(moment.timestamp())
    if not sign:
        whole_day = len(text) <= 10
        last = int((moment + timedelta(days=1)).timestamp()) - 1 if whole_day else second
        _narrow(bounds, field, second, last)
        return lambda facts: second <= facts.get(field, 0) <= last
    _narrow(bounds, field, second + (sign == ">") if sign in (">", ">=") else None,
            second - (sign == "<") if sign in ("<", "<=") else None)  # fmt: skip
    return lambda facts: SIGNS[sign](facts.get(field, 0), second)


def _narrow(bounds: dict[str, list[int | None]], field: str, low: int | None, high: int | None) -> None:
    held = bounds.setdefault(field, [None, None])
    if low is not None:
        held[0] = max(low, held[0] if held[0] is not None else low)
    if high is not None:
        held[1] = min(high, held[1] if held[1] is not None else high)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _number(field: str, sign: str, value: str) -> Test:
    return lambda facts: value.isdigit() and SIGNS[sign](int(facts.get(field) or 0), int(value))


def _word(field: str, value: str) -> Test:
    wanted = value.lower()

    def test(facts: Facts) -> bool:
        if not field:
            return any(wanted in str(fact).lower() for fact in facts.values())
        held = facts.get(field)
        if held is None:
            return True
        return wanted in ("*", "any") or any(wanted == one for one in _words(held))

    return test


def _words(held: Any) -> list[str]:
    values = held if isinstance(held, list | tuple | set) else [held]
    return [str(one).lower() for one in values]


def _not(test: Test) -> Test:
    return lambda facts: not test(facts)


def _both(one: Test, other: Test) -> Test:
    return lambda facts: one(facts) and other(facts)
