"""A condition tree as a parameterised PostgreSQL WHERE fragment; values are always bound. Runs no SQL itself.

A fragment is true, false or null, and null means no. Facts that are Python only, or may be unknown where they are null,
make it a pre-filter: it keeps every row that matches or cannot be judged, and `confirm` says that the closures must
decide among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from rules.model import Condition, FactSpec, Group, GroupKind, Node, ValueType, Vocabulary, Window
from rules.operators import OPERATORS, Shape
from rules.patterns import TEXT_LIMIT, translate

Style: TypeAlias = Literal["pyformat", "colon"]

_TRUE = "TRUE"
_FALSE = "FALSE"


@dataclass(frozen=True, slots=True)
class Where:
    """A WHERE fragment with its parameters; with `confirm` it is a superset that the closures must narrow.

    Put it in brackets beside other conditions.
    """

    text: str
    params: dict[str, object]
    confirm: bool


def where(
    node: Node,
    vocabulary: Vocabulary,
    now: datetime | str,
    *,
    style: Style = "pyformat",
    prefix: str = "r",
) -> Where:
    """The fragment of a tree that was accepted by the codec.

    `now` is an aware moment, or an SQL expression (timestamptz) when every row has its own. Placeholders are
    `%(r0)s` for psycopg or `:r0` for sqlalchemy.text; give another `prefix` to combine fragments.
    """
    writer = _Writer(vocabulary, now, style, prefix)
    text = writer.node(node, keep_unsure=True)
    return Where(text, writer.params, writer.confirm)


class _Writer:
    def __init__(self, vocabulary: Vocabulary, now: datetime | str, style: Style, prefix: str) -> None:
        self.vocabulary = vocabulary
        self.moment = now
        self.style = style
        self.prefix = prefix
        self.params: dict[str, object] = {}
        self.confirm = False

    def node(self, node: Node, *, keep_unsure: bool) -> str:
        """`keep_unsure` is what a condition counts as that SQL cannot tell; below a `none` it turns round."""
        if isinstance(node, Condition):
            return self._condition(node, keep_unsure=keep_unsure)
        if node.kind is GroupKind.NONE:
            inner = self._any(node, keep_unsure=not keep_unsure)
            return {_TRUE: _FALSE, _FALSE: _TRUE}.get(inner, f"({inner}) IS NOT TRUE")
        if node.kind is GroupKind.ANY:
            return self._any(node, keep_unsure=keep_unsure)
        return _join(" AND ", _TRUE, _FALSE, [self.node(child, keep_unsure=keep_unsure) for child in node.children])

    def _any(self, group: Group, *, keep_unsure: bool) -> str:
        return _join(" OR ", _FALSE, _TRUE, [self.node(child, keep_unsure=keep_unsure) for child in group.children])

    def _condition(self, condition: Condition, *, keep_unsure: bool) -> str:
        fact = self.vocabulary.facts[condition.fact]
        if fact.sql is None:
            self.confirm = True
            return _TRUE if keep_unsure else _FALSE
        sql = f"({fact.sql})" if self.style == "colon" else f"({fact.sql.replace('%', '%%')})"
        text = self._comparison(condition, fact, sql)
        if not fact.may_be_unknown:
            return text
        self.confirm = True
        return f"({text}) OR {sql} IS NULL" if keep_unsure else f"({text}) AND {sql} IS NOT NULL"

    def _comparison(self, condition: Condition, fact: FactSpec, sql: str) -> str:
        write = _WRITERS.get(condition.op)
        if write is None:
            return f"{sql} {_COMPARISONS[condition.op]} {self.bind(condition.value, _column(fact, condition.op))}"
        return write(self, sql, fact, condition.value)

    def bind(self, value: object, column: str) -> str:
        """A placeholder cast to the type of the column, so that the server never guesses."""
        name = f"{self.prefix}{len(self.params)}"
        self.params[name] = list(value) if isinstance(value, tuple) else value
        holder = f":{name}" if self.style == "colon" else f"%({name})s"
        return f"CAST({holder} AS {column})"

    def now(self) -> str:
        """The moment of the decision."""
        if isinstance(self.moment, datetime):
            return self.bind(self.moment, "timestamptz")
        return f"({self.moment if self.style == 'colon' else self.moment.replace('%', '%%')})"


def _join(word: str, neutral: str, settling: str, parts: list[str]) -> str:
    """Join fragments and leave out what a constant has already settled."""
    if settling in parts:
        return settling
    left = [part for part in parts if part != neutral]
    if len(left) < 2:
        return left[0] if left else neutral
    return word.join(f"({part})" for part in left)


_COLUMNS = {
    ValueType.BOOL: "boolean",
    ValueType.INTEGER: "bigint",
    ValueType.MONEY: "bigint",
    ValueType.DURATION: "bigint",
    ValueType.COUNT: "bigint",
    ValueType.DECIMAL: "numeric",
    ValueType.TEXT: "text",
    ValueType.CODE: "text",
    ValueType.SET: "text",
    ValueType.DATETIME: "timestamptz",
}
_COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _column(fact: FactSpec, op: str) -> str:
    return _COLUMNS[fact.type] + ("[]" if OPERATORS[op].shape is Shape.LIST else "")


def _in(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"{sql} = ANY({writer.bind(value, _column(fact, 'in'))})"


def _not_in(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"{sql} <> ALL({writer.bind(value, _column(fact, 'not_in'))})"


def _between(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    low, high = (writer.bind(bound, _COLUMNS[fact.type]) for bound in value)
    return f"{sql} BETWEEN {low} AND {high}"


def _contains_any(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    if fact.type is ValueType.TEXT:
        return _words(writer, sql, value, " OR ")
    return f"{sql} && {writer.bind(value, 'text[]')}"


def _contains_all(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    if fact.type is ValueType.TEXT:
        return _words(writer, sql, value, " AND ")
    return f"{sql} @> {writer.bind(value, 'text[]')}"


def _contains_none(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"NOT ({_contains_any(writer, sql, fact, value)})"


def _words(writer: _Writer, sql: str, words: tuple[str, ...], join: str) -> str:
    return join.join(f"strpos({sql}, {writer.bind(word, 'text')}) > 0" for word in words)


def _starts_with(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"starts_with({sql}, {writer.bind(value, 'text')})"


def _matches(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"left({sql}, {TEXT_LIMIT}) ~ {writer.bind(translate(value), 'text')}"


def _is_empty(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    if fact.type is ValueType.SET:
        return f"COALESCE(cardinality({sql}), 0) = 0"
    return f"COALESCE({sql}, '') = ''" if fact.type in (ValueType.TEXT, ValueType.CODE) else f"{sql} IS NULL"


def _is_not_empty(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    if fact.type is ValueType.SET:
        return f"cardinality({sql}) > 0"
    return f"{sql} <> ''" if fact.type in (ValueType.TEXT, ValueType.CODE) else f"{sql} IS NOT NULL"


def _within_window(writer: _Writer, sql: str, fact: FactSpec, window: Window) -> str:
    local = f"({sql} AT TIME ZONE {writer.bind(window.time_zone, 'text')})"
    minute = f"(EXTRACT(HOUR FROM {local}) * 60 + EXTRACT(MINUTE FROM {local}))"
    days = writer.bind(sorted(window.weekdays), "int[]")
    day = f"EXTRACT(ISODOW FROM {local})"
    if window.start < window.end:
        return f"{minute} >= {window.start} AND {minute} < {window.end} AND {day} = ANY({days})"
    day_before = f"EXTRACT(ISODOW FROM {local} - INTERVAL '1 day')"
    return (
        f"({minute} >= {window.start} AND {day} = ANY({days}))"
        f" OR ({minute} < {window.end} AND {day_before} = ANY({days}))"
    )


def _older_than(writer: _Writer, sql: str, fact: FactSpec, value: Any) -> str:
    return f"{sql} < {writer.now()} - {writer.bind(value, 'bigint')} * INTERVAL '1 second'"


_WRITERS: dict[str, Callable[[_Writer, str, FactSpec, Any], str]] = {
    "in": _in,
    "not_in": _not_in,
    "between": _between,
    "contains_any": _contains_any,
    "contains_all": _contains_all,
    "contains_none": _contains_none,
    "starts_with": _starts_with,
    "matches": _matches,
    "is_empty": _is_empty,
    "is_not_empty": _is_not_empty,
    "within_window": _within_window,
    "older_than": _older_than,
}
