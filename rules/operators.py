"""The operators: which type of fact each applies to, what value it takes, and its closure.

A missing fact is None. Every comparison with a missing fact is false, `ne` and `not_in` included; so a `none`
group over it is true. Only `is_empty` is true for it (and for an empty text or set), `is_not_empty` is its opposite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from rules.facts import UNKNOWN
from rules.model import Period, Span, ValueType, Window
from rules.patterns import TEXT_LIMIT, translate

Facts: TypeAlias = dict[str, Any]
Test: TypeAlias = Callable[[Facts, datetime], bool]


class Shape(StrEnum):
    """What an operator compares with."""

    NOTHING = "nothing"  # no value at all
    SCALAR = "scalar"  # one value of the fact's type
    LIST = "list"  # several distinct values, kept as a sorted tuple
    PAIR = "pair"  # lower and upper bound, both inclusive
    PREFIX = "prefix"  # the beginning of a text, never one of the choices
    PATTERN = "pattern"  # see rules.patterns
    WINDOW = "window"  # a Window
    SECONDS = "seconds"  # a length of time


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; `make` returns its closure for a fact, the fact's type and the value of the condition."""

    name: str
    shape: Shape
    types: frozenset[ValueType]
    make: Callable[[str, ValueType, Any], Test]


@lru_cache(maxsize=8192, typed=True)
def test_for(fact: str, kind: ValueType, op: str, value: object) -> Test:
    """The closure of one condition; it takes a dict that has the fact, and the moment of the decision."""
    return OPERATORS[op].make(fact, kind, value)


def operators_for(kind: ValueType) -> tuple[str, ...]:
    """Names of the operators that apply to facts of a type, in the order pickers show them."""
    return tuple(operator.name for operator in OPERATORS.values() if kind in operator.types)


def _eq(fact: str, kind: ValueType, value: Any) -> Test:
    return lambda facts, now: facts[fact] == value


def _ne(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen != value

    return test


def _in(fact: str, kind: ValueType, value: Any) -> Test:
    values = frozenset(value)
    return lambda facts, now: facts[fact] in values


def _not_in(fact: str, kind: ValueType, value: Any) -> Test:
    values = frozenset(value)

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen not in values

    return test


def _between(fact: str, kind: ValueType, value: Any) -> Test:
    low, high = value

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and low <= seen <= high

    return test


def _lt(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen < value

    return test


def _le(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen <= value

    return test


def _gt(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen > value

    return test


def _ge(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen >= value

    return test


def _contains_any(fact: str, kind: ValueType, value: Any) -> Test:
    return _any_word(fact, value) if kind is ValueType.TEXT else _overlaps(fact, frozenset(value))


def _contains_all(fact: str, kind: ValueType, value: Any) -> Test:
    return _all_words(fact, value) if kind is ValueType.TEXT else _holds(fact, frozenset(value))


def _any_word(fact: str, words: tuple[str, ...]) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        if seen is not None:
            for word in words:
                if word in seen:
                    return True
        return False

    return test


def _all_words(fact: str, words: tuple[str, ...]) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and all(word in seen for word in words)

    return test


def _overlaps(fact: str, values: frozenset[str]) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and not values.isdisjoint(seen)

    return test


def _holds(fact: str, values: frozenset[str]) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and values.issubset(seen)

    return test


def _contains_none(fact: str, kind: ValueType, value: Any) -> Test:
    contains_any = _contains_any(fact, kind, value)
    return lambda facts, now: facts[fact] is not None and not contains_any(facts, now)


def _starts_with(fact: str, kind: ValueType, value: Any) -> Test:
    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen.startswith(value)

    return test


def _matches(fact: str, kind: ValueType, value: Any) -> Test:
    search = re.compile(translate(value), re.DOTALL).search

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and search(seen[:TEXT_LIMIT]) is not None

    return test


def _is_empty(fact: str, kind: ValueType, value: Any) -> Test:
    if kind in _MAY_BE_EMPTY:
        return lambda facts, now: not facts[fact]

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is None or (seen is UNKNOWN and bool(seen))  # asking UNKNOWN raises

    return test


def _is_not_empty(fact: str, kind: ValueType, value: Any) -> Test:
    is_empty = _is_empty(fact, kind, value)
    return lambda facts, now: not is_empty(facts, now)


def _within_window(fact: str, kind: ValueType, value: Any) -> Test:
    inside = window_test(value)

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and inside(seen)

    return test


def _older_than(fact: str, kind: ValueType, value: Any) -> Test:
    age = timedelta(seconds=value)

    def test(facts: Facts, now: datetime) -> bool:
        seen = facts[fact]
        return seen is not None and seen < now - age

    return test


def window_test(window: Window) -> Callable[[datetime], bool]:
    """Whether an aware moment falls into a recurring window."""
    zone, days, start, end = ZoneInfo(window.time_zone), window.weekdays, window.start, window.end

    def inside(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        minute, day = local.hour * 60 + local.minute, local.isoweekday()
        if start < end:
            return start <= minute < end and day in days
        return (minute >= start and day in days) or (minute < end and (day - 2) % 7 + 1 in days)

    return inside


def span_test(span: Span) -> Callable[[datetime], bool]:
    """Whether an aware moment falls into a window or a period."""
    if isinstance(span, Window):
        return window_test(span)
    return _period_test(span)


def _period_test(period: Period) -> Callable[[datetime], bool]:
    start, end = period.from_at, period.until_at

    def inside(moment: datetime) -> bool:
        return (start is None or start <= moment) and (end is None or moment < end)

    return inside


_T = ValueType
_WORDS = frozenset({_T.TEXT, _T.CODE})
_EXACT = frozenset({_T.INTEGER, _T.MONEY, _T.DECIMAL, _T.DURATION, _T.COUNT})
_ORDERED = _EXACT | {_T.DATETIME}
_MAY_BE_EMPTY = _WORDS | {_T.SET}
_ALL = frozenset(ValueType)

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("eq", Shape.SCALAR, _EXACT | _WORDS | {_T.BOOL}, _eq),
        Operator("ne", Shape.SCALAR, _EXACT | _WORDS, _ne),
        Operator("in", Shape.LIST, _EXACT | _WORDS, _in),
        Operator("not_in", Shape.LIST, _EXACT | _WORDS, _not_in),
        Operator("between", Shape.PAIR, _ORDERED, _between),
        Operator("lt", Shape.SCALAR, _ORDERED, _lt),
        Operator("le", Shape.SCALAR, _ORDERED, _le),
        Operator("gt", Shape.SCALAR, _ORDERED, _gt),
        Operator("ge", Shape.SCALAR, _ORDERED, _ge),
        Operator("contains_any", Shape.LIST, frozenset({_T.SET, _T.TEXT}), _contains_any),
        Operator("contains_all", Shape.LIST, frozenset({_T.SET, _T.TEXT}), _contains_all),
        Operator("contains_none", Shape.LIST, frozenset({_T.SET, _T.TEXT}), _contains_none),
        Operator("starts_with", Shape.PREFIX, _WORDS, _starts_with),
        Operator("matches", Shape.PATTERN, _WORDS, _matches),
        Operator("is_empty", Shape.NOTHING, _ALL, _is_empty),
        Operator("is_not_empty", Shape.NOTHING, _ALL, _is_not_empty),
        Operator("within_window", Shape.WINDOW, frozenset({_T.DATETIME}), _within_window),
        Operator("older_than", Shape.SECONDS, frozenset({_T.DATETIME}), _older_than),
    )
}
