"""A judged rule in lines for people: each condition as a sentence, the value seen and its outcome, 中文 and English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from oms.app.rulebook.sight import NOT_KEPT, Sight
from oms.app.rulebook.vocabulary import SEALED_FACTS, VOCABULARY
from oms.domain.money import format_amount
from rules.model import Condition, FactSpec, GroupKind, ValueType
from rules.phrases import STEPS, word_condition
from rules.trace import ConditionTrace, GroupTrace, NodeTrace, Outcome
from rules.values import write_value

GROUPS: Final = {
    GroupKind.ALL: ("全部满足", "all of these"),
    GroupKind.ANY: ("任一满足", "any of these"),
    GroupKind.NONE: ("都不满足", "none of these"),
}
MARKS: Final = {
    "sealed": ("已加密，与当时一致", "sealed, as it was"),
    "changed": ("已加密，后来改过", "sealed, changed since"),
    "erased": ("已清除", "erased"),
    "unknown": ("当时未知", "not known then"),
    "not_kept": ("没有记录", "not kept"),
    "retyped": ("当时是另一种类型", "of another type then"),
}
NOTHING: Final = ("没有", "nothing")
EMPTY: Final = ("空", "empty")
#: Values of a personal fact that a rule names are not repeated beside an order whose buyer they may be.
HIDDEN_VALUE: Final = "…"
MOST_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Manner:
    """How values of an order are told: its currency, and the time zone of its shop."""

    currency: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Line:
    """A condition, or the head of a group whose children follow one deeper.

    `kind` is condition, all, any or none. `seen` is JSON, None when missing or not shown; `mark` says why it is not.
    """

    depth: int
    kind: str
    outcome: str
    zh: str
    en: str
    fact: str = ""
    op: str = ""
    value: Any = None
    seen: Any = None
    seen_zh: str = ""
    seen_en: str = ""
    mark: str = ""
    error: str = ""


def tell_tree(trace: NodeTrace, sight: Sight, manner: Manner, depth: int = 0) -> Iterator[Line]:
    """The lines of a tree, top to bottom."""
    if isinstance(trace, GroupTrace):
        zh, en = GROUPS[trace.kind]
        yield Line(depth, trace.kind.value, trace.outcome.value, zh, en)
        for child in trace.children:
            yield from tell_tree(child, sight, manner, depth + 1)
    else:
        yield _tell_condition(trace, sight, manner, depth)


def _tell_condition(trace: ConditionTrace, sight: Sight, manner: Manner, depth: int) -> Line:
    condition = trace.condition
    name = condition.fact
    mark = sight.marks.get(name, "" if name in sight.facts else NOT_KEPT)
    is_hidden = bool(mark) or name in SEALED_FACTS or trace.outcome is Outcome.UNKNOWN
    seen = None if is_hidden else trace.seen
    seen_zh, seen_en = MARKS[mark] if mark else word_seen(VOCABULARY.facts.get(name), seen, manner)
    shown = _without_names(condition)
    return Line(
        depth, "condition", trace.outcome.value, *_worded(shown), name, condition.op,
        None if shown is not condition else write_value(condition.value), write_value(seen), seen_zh, seen_en, mark,
        trace.error,
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def _worded(condition: Condition) -> tuple[str, str]:
    """The same rules are told again and again; wording them costs more than all else."""
    return word_condition(condition, VOCABULARY, "zh"), word_condition(condition, VOCABULARY, "en")


def _without_names(condition: Condition) -> Condition:
    """The condition with what a rule names of a person left out: whether it was met must not tell who the buyer is."""
    if condition.fact not in SEALED_FACTS or not condition.fact.startswith("receiver."):
        return condition
    if isinstance(condition.value, str):
        return Condition(condition.fact, condition.op, HIDDEN_VALUE)
    if isinstance(condition.value, tuple):
        return Condition(condition.fact, condition.op, (HIDDEN_VALUE,) * len(condition.value))
    return condition


def word_seen(spec: FactSpec | None, value: Any, manner: Manner) -> tuple[str, str]:
    """A value as people read it, 中文 and English."""
    if value is None or value in ("", frozenset()):
        return NOTHING if value is None else EMPTY
    if spec is None:
        return str(value)[:200], str(value)[:200]
    if isinstance(value, frozenset | tuple | list):
        return _several(spec, sorted(value), manner)
    return _one(spec, value, manner)


def _several(spec: FactSpec, values: list[Any], manner: Manner) -> tuple[str, str]:
    told = [_one(spec, value, manner) for value in values[:MOST_SHOWN]]
    more = len(values) - len(told)
    zh, en = "、".join(word for word, _ in told), ", ".join(word for _, word in told)
    return (f"{zh} 等 {len(values)} 个", f"{en} and {more} more") if more else (zh, en)


def _one(spec: FactSpec, value: Any, manner: Manner) -> tuple[str, str]:
    if spec.type is ValueType.BOOL:
        return ("是", "yes") if value else ("否", "no")
    if spec.type is ValueType.MONEY:
        amount = format_amount(value, manner.currency, sign=True)
        return amount, amount
    if spec.type is ValueType.DURATION:
        return _span(value)
    if isinstance(value, datetime):
        told = f"{value.astimezone(manner.zone):%Y-%m-%d %H:%M:%S}"
        return told, told
    for choice in spec.choices:
        if choice.code == value:
            return choice.label_zh, choice.label_en
    plain = format(value, "f") if isinstance(value, Decimal) else str(value)
    return _cut(plain + _unit(spec.unit, value)), _cut(plain + _unit(spec.unit_en or spec.unit, value))


def _unit(unit: str, value: Any) -> str:
    return f" {unit}" if unit and isinstance(value, int | Decimal) else ""


def _cut(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"


def _span(value: int) -> tuple[str, str]:
    """The two largest units of a length of time."""
    parts: list[tuple[str, str]] = []
    left = abs(int(value))
    for seconds, zh, en in STEPS:
        count, left = divmod(left, seconds)
        if count:
            parts.append((f"{count}{zh}", f"{count} {en}"))
    sign = "-" if value < 0 else ""
    shown = parts[:2] or [("0秒", "0 s")]
    return sign + "".join(zh for zh, _ in shown), sign + " ".join(en for _, en in shown)
