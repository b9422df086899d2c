"""For conditions on one fact: a handful of values of which, if any value fits all of them, one does.

Every type has values that stand for all others: a number and its neighbours, a text made of the wanted parts only.
So a fact for which no candidate fits can have no value at all. Patterns are no part of this: a sample is tried, and
where it does not fit the question stays open. Times are in `moments`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from rules.model import Choice, Condition, FactSpec, ValueType
from rules.operators import Test, test_for
from rules.patterns import sample

Literal: TypeAlias = tuple[Condition, bool]

_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)  # no condition here asks for the moment
_BIGGEST = 2**63 - 1
_FINITE = frozenset({"eq", "in"})
_SIGNS = "-_·x0~\ue000"


class State(StrEnum):
    """What is known about the values of a fact that fit some conditions."""

    FITS = "fits"  # 有值可满足
    IMPOSSIBLE = "impossible"  # 没有值可满足
    OPEN = "open"  # 无法判断


class Settled(NamedTuple):
    """The state, with a value that fits."""

    state: State
    value: object = None


def settle(fact: FactSpec, literals: Sequence[Literal]) -> Settled:
    """Whether some value of a fact, missing included, gives every condition its truth. For all types but times."""
    tests = [(test_for(fact.name, fact.type, one.op, one.value), truth) for one, truth in literals]
    for value in _candidates(fact, literals):
        if _fits(fact.name, value, tests):
            return Settled(State.FITS, value)
    if not any(one.op == "matches" for one, _ in literals) or _is_pinned(literals):
        return Settled(State.IMPOSSIBLE)
    plain = settle(fact, [(one, truth) for one, truth in literals if one.op != "matches"])
    return Settled(State.IMPOSSIBLE if plain.state is State.IMPOSSIBLE else State.OPEN)


def split(condition: Condition, kind: ValueType) -> tuple[Condition, ...]:
    """The words or codes of a contains condition one by one; nothing for any other condition."""
    if not condition.op.startswith("contains") or not isinstance(condition.value, tuple):
        return ()
    if condition.op == "contains_any" and len(condition.value) == 1:
        return ()
    return tuple(Condition(condition.fact, "contains_any", (word,)) for word in condition.value)


def has_value(fact: str) -> Condition:
    """A condition that is true of every set or text that is not missing, empty ones included."""
    return Condition(fact, "contains_none", ())


def _fits(fact: str, value: object, tests: list[tuple[Test, bool]]) -> bool:
    return all(test({fact: value}, _ANY_TIME) is truth for test, truth in tests)


def _is_pinned(literals: Sequence[Literal]) -> bool:
    return any(truth and one.op in _FINITE for one, truth in literals)


def _candidates(fact: FactSpec, literals: Sequence[Literal]) -> Iterator[object]:
    yield from _present(fact, literals)
    yield None


def _present(fact: FactSpec, literals: Sequence[Literal]) -> Iterable[object]:
    if fact.type is ValueType.BOOL:
        return (True, False)
    if fact.type is ValueType.DECIMAL:
        return _decimals(_values(literals))
    if fact.type is ValueType.SET:
        return _sets(literals, fact.choices)
    if fact.type in (ValueType.TEXT, ValueType.CODE):
        return _texts(literals, fact.choices)
    return _whole_numbers(_values(literals), 0 if fact.type is ValueType.COUNT else -_BIGGEST - 1)


def _values(literals: Sequence[Literal]) -> list[Any]:
    """Every value that the conditions name, each once and in order."""
    named: set[Any] = set()
    for condition, _ in literals:
        value = condition.value
        named.update(value if isinstance(value, tuple) else () if value is None else (value,))
    return sorted(named)


def _whole_numbers(values: list[int], least: int) -> list[int]:
    near = {0, *(number for value in values for number in (value - 1, value, value + 1))}
    return sorted(number for number in near if least <= number <= _BIGGEST)


def _decimals(values: list[Decimal]) -> list[Decimal]:
    if not values:
        return [Decimal(0)]
    with localcontext(prec=80):
        between = [(low + high) / 2 for low, high in pairwise(values)]
        return [*values, *between, values[0] - 1, values[-1] + 1]


def _sets(literals: Sequence[Literal], choices: tuple[Choice, ...]) -> list[frozenset[str]]:
    """Just the wanted codes, and these with one that no condition names."""
    wanted = frozenset(_words(literals, "contains_any"))
    named = {code for condition, _ in literals for code in _strings(condition.value)}
    free = [choice.code for choice in choices if choice.code not in named]
    other = free[0] if free else _unused(named)
    return [wanted, wanted | {other}, frozenset()]


def _texts(literals: Sequence[Literal], choices: tuple[Choice, ...]) -> Iterator[str]:
    """What conditions name, then the longest wanted beginning with the wanted words, kept apart by an unused sign."""
    named = {text for condition, _ in literals for text in _strings(condition.value)}
    yield from (choice.code for choice in choices)
    yield from sorted(named)
    apart = _unused(named)
    beginning = max(_words(literals, "starts_with"), key=len, default="")
    words = apart.join(_words(literals, "contains_any"))
    yield f"{beginning}{apart}{words}"
    for condition, truth in literals:
        if truth and condition.op == "matches" and isinstance(condition.value, str):
            found = sample(condition.value)
            yield from (found, beginning + found, found + words, f"{beginning}{apart}{words}{apart}{found}")
    yield ""


def _words(literals: Sequence[Literal], op: str) -> list[str]:
    """The texts that conditions of an operator want to be there."""
    return [text for condition, truth in literals if truth and condition.op == op for text in _strings(condition.value)]


def _strings(value: object) -> tuple[str, ...]:
    texts = value if isinstance(value, tuple) else (value,)
    return tuple(text for text in texts if isinstance(text, str))


def _unused(named: Iterable[str]) -> str:
    """A sign that occurs in none of the texts."""
    taken = "".join(named)
    return next((sign for sign in _SIGNS if sign not in taken), None) or _unused_far(taken)


def _unused_far(taken: str) -> str:
    return next(chr(number) for number in range(0xE000, 0xF8FF) if chr(number) not in taken)
