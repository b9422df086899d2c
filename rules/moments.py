"""The same as candidates for times: facts that are moments, and the moment of the decision itself.

Absolute bounds, ages and recurring windows are judged apart: if one kind alone leaves no moment, there is none. A
moment that fits all kinds at once is then looked for near the bounds; where none is found the question stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from rules.candidates import Literal, Settled, State
from rules.model import Condition, Period, Span, ValueType, Window
from rules.operators import span_test, test_for

NOW: Final = "@now"  # stands where the name of a fact stands; no fact can be called so
_IN_SPAN = "in_span"
_STEP = timedelta(microseconds=1)
_QUIET_WEEK = datetime(2026, 1, 5)  # noqa: DTZ001  local time; a Monday of a week in which no clock is moved
_MOST_TRIED = 2000
_MOST_NOWS = 100


def now_is_in(span: Span) -> Condition:
    """The condition that the decision is taken inside a span."""
    return Condition(NOW, _IN_SPAN, span)


def is_true(condition: Condition, kind: ValueType, facts: dict[str, Any], now: datetime) -> bool:
    """Whether a condition is true, those on the moment of the decision included."""
    if condition.fact == NOW:
        return span_test(condition.value)(now)  # type: ignore[arg-type]
    return test_for(condition.fact, kind, condition.op, condition.value)(facts, now)


def settle_moments(literals: Sequence[Literal], now: datetime) -> Settled:
    """Whether a time can give these conditions, all on one fact or all on now, their truth; open when it seems so."""
    kinds = {_kind(condition) for condition, _ in literals}
    for kind in kinds:
        alone = [literal for literal in literals if _kind(literal[0]) in (kind, "")]
        if _first_fit(alone, _kind_moments(alone, now), now) is None:
            return Settled(State.IMPOSSIBLE)
    return Settled(State.OPEN)


def choose_moments(by_fact: dict[str, list[Literal]], now: datetime) -> tuple[datetime, dict[str, object]] | None:
    """A moment of the decision and a time for each fact that fit everything; None when none was found nearby."""
    about_now = by_fact.get(NOW, [])
    others = {fact: literals for fact, literals in by_fact.items() if fact != NOW}
    for moment in islice(_nows(about_now, others, now), _MOST_NOWS):
        chosen: dict[str, object] = {}
        for fact, literals in others.items():
            found = _first_fit(literals, _near(literals, moment), moment)
            if found is None:
                break
            chosen[fact] = found[0]
        else:
            return moment, chosen
    return None


def _nows(about_now: list[Literal], others: dict[str, list[Literal]], now: datetime) -> Iterator[datetime]:
    """Moments of the decision that fit what is asked of it, most of them where some age begins or ends."""
    bases = [now, *_bounds(about_now)]
    ages = [timedelta(seconds=condition.value) for one in others.values() for condition, _ in one if _is_age(condition)]  # type: ignore[arg-type]
    bounds = [bound for literals in others.values() for bound in _bounds(literals)]
    bases += [bound + age + step for bound in bounds for age in ages for step in (-_STEP, timedelta(), _STEP)]
    for moment in _around(bases, [condition for condition, _ in about_now]):
        if _holds(about_now, moment, moment):
            yield moment


def _near(literals: list[Literal], now: datetime) -> Iterator[datetime | None]:
    ages = [now - timedelta(seconds=one.value) for one, _ in literals if _is_age(one)]  # type: ignore[arg-type]
    steps = [age + step for age in ages for step in (-_STEP, timedelta())]
    yield from _around([now, *steps, *_bounds(literals)], [condition for condition, _ in literals])
    yield None


def _around(bases: Iterable[datetime], conditions: list[Condition]) -> Iterator[datetime]:
    """The bases themselves, then the edges of windows in the week of each."""
    tried: dict[datetime, None] = dict.fromkeys(bases)
    yield from tried
    edges = [condition.value for condition in conditions if isinstance(condition.value, Window)]
    for base in list(tried)[: _MOST_TRIED // (28 * len(edges) + 1)]:
        for window in edges:
            local = base.astimezone(ZoneInfo(window.time_zone)).replace(tzinfo=None)
            monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
            yield from _edges(window, monday, 14)


def _kind_moments(literals: list[Literal], now: datetime) -> list[datetime | None]:
    """Moments that stand for all others as long as the conditions are of one kind."""
    missing = [] if any(condition.fact == NOW for condition, _ in literals) else [None]
    moments: list[datetime | None] = [now, *_bounds(literals), *missing]
    for condition, _ in literals:
        if isinstance(condition.value, Window):
            moments += _edges(condition.value, _QUIET_WEEK, 7)
        elif _is_age(condition):
            edge = now - timedelta(seconds=condition.value)  # type: ignore[arg-type]
            moments += [edge - _STEP, edge]
    return moments


def _edges(window: Window, monday: datetime, days: int) -> list[datetime]:
    """Where a window begins and ends on each day of a local week, whatever its weekdays are."""
    zone = ZoneInfo(window.time_zone)
    minutes = {window.start, window.end % 1440}
    return [
        (monday + timedelta(days=day, minutes=minute)).replace(tzinfo=zone).astimezone(UTC)
        for day in range(days)
        for minute in sorted(minutes)
    ]


def _bounds(literals: Iterable[Literal]) -> list[datetime]:
    """Every moment that the conditions name, with its neighbours."""
    return [named + step for condition, _ in literals for named in _named(condition.value) for step in _STEPS]


_STEPS = (-_STEP, timedelta(), _STEP)


def _named(value: object) -> list[datetime]:
    if isinstance(value, Period):
        value = (value.from_at, value.until_at)
    values = value if isinstance(value, tuple) else (value,)
    return [moment for moment in values if isinstance(moment, datetime)]


def _kind(condition: Condition) -> str:
    """Absolute, age, or the zone of a window; nothing for emptiness, which belongs to all of them."""
    if isinstance(condition.value, Window):
        return condition.value.time_zone
    if condition.op in ("is_empty", "is_not_empty"):
        return ""
    return condition.op if _is_age(condition) else "absolute"


def _is_age(condition: Condition) -> bool:
    return condition.op == "older_than"


def _first_fit(
    literals: Sequence[Literal], moments: Iterable[datetime | None], now: datetime
) -> tuple[datetime | None] | None:
    """The first moment that fits, in a tuple since a missing one (None) may fit too."""
    return next(((moment,) for moment in moments if _holds(literals, moment, now)), None)


def _holds(literals: Sequence[Literal], moment: datetime | None, now: datetime) -> bool:
    return all(_truth(condition, moment, now) is truth for condition, truth in literals)


def _truth(condition: Condition, moment: datetime | None, now: datetime) -> bool:
    if condition.fact == NOW:
        return moment is not None and span_test(condition.value)(moment)  # type: ignore[arg-type]
    return is_true(condition, ValueType.DATETIME, {condition.fact: moment}, now)
