"""Fragments as text, and their agreement with the closures on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import compile_rule_set
from rules.facts import UNKNOWN
from rules.model import Condition, Group, GroupKind, Node, Rule, RuleSet, ValueType, Vocabulary, Window, conditions_of
from rules.operators import test_for as closure_for
from rules.patterns import TEXT_LIMIT, translate
from rules.refusals import RuleRefused
from rules.sql import where
from tests.rules.generator import Draw
from tests.rules.reference import holds, judge
from tests.rules.vocabulary import FACTS, NOW, VOCABULARY, facts_of, trees

_COLUMNS = {
    ValueType.BOOL: "boolean",
    ValueType.DECIMAL: "numeric",
    ValueType.TEXT: "text",
    ValueType.CODE: "text",
    ValueType.SET: "text[]",
    ValueType.DATETIME: "timestamptz",
}
_STORED = tuple(spec for spec in FACTS if spec.sql)
_LIVE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

COD = Condition("order.payment", "eq", "cod")
DOOR = Condition("receiver.door", "is_empty")


def _all(*children: Node) -> Group:
    return Group(GroupKind.ALL, children)


def _any(*children: Node) -> Group:
    return Group(GroupKind.ANY, children)


def _none(*children: Node) -> Group:
    return Group(GroupKind.NONE, children)


@pytest.fixture(scope="module")
def table(postgres_server: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection with a table of one column per stored fact."""
    with psycopg.connect(postgres_server.replace("+psycopg", "")) as connection:
        columns = ", ".join(f"{spec.sql} {_COLUMNS.get(spec.type, 'bigint')}" for spec in _STORED)
        connection.execute(f"CREATE TEMP TABLE seen (at int, decided_at timestamptz, {columns})")
        yield connection
        connection.rollback()


def _store(table: psycopg.Connection[Any], rows: list[dict[str, Any]]) -> None:
    table.execute("TRUNCATE seen")
    holders = ", ".join(["%s"] * (len(_STORED) + 2))
    stored = [
        [at, NOW + timedelta(hours=at), *(_column_value(row[spec.name]) for spec in _STORED)]
        for at, row in enumerate(rows)
    ]
    with table.cursor() as cursor:
        cursor.executemany(f"INSERT INTO seen VALUES ({holders})", stored)


def _column_value(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _selected(table: psycopg.Connection[Any], tree: Node, now: Any = NOW) -> set[int]:
    fragment = where(tree, VOCABULARY, now)
    return {at for (at,) in table.execute(f"SELECT at FROM seen WHERE {fragment.text}", fragment.params)}


@given(tree=trees(_STORED), rows=st.lists(facts_of(), min_size=1, max_size=6))
@_LIVE
def test_sql_selects_what_the_closures_match(
    table: psycopg.Connection[Any], tree: Node, rows: list[dict[str, Any]]
) -> None:
    _store(table, rows)
    assert _selected(table, tree) == {at for at, row in enumerate(rows) if holds(tree, VOCABULARY, row, NOW)}


@pytest.mark.full
@given(tree=trees(_STORED), rows=st.lists(facts_of(), min_size=1, max_size=12))
@settings(_LIVE, max_examples=2000)
def test_sql_selects_what_the_closures_match_in_depth(
    table: psycopg.Connection[Any], tree: Node, rows: list[dict[str, Any]]
) -> None:
    _store(table, rows)
    assert _selected(table, tree) == {at for at, row in enumerate(rows) if holds(tree, VOCABULARY, row, NOW)}


@given(tree=trees(), rows=st.lists(facts_of(), min_size=1, max_size=6))
@_LIVE
def test_a_prefilter_never_loses_a_row(table: psycopg.Connection[Any], tree: Node, rows: list[dict[str, Any]]) -> None:
    _store(table, rows)
    assert _selected(table, tree) >= {at for at, row in enumerate(rows) if holds(tree, VOCABULARY, row, NOW)}


@pytest.mark.parametrize(("documents", "amount"), [(400, 60), pytest.param(20_000, 200, marks=pytest.mark.full)])
def test_sql_confirmed_by_closures_finds_the_same_in_bulk(
    table: psycopg.Connection[Any], documents: int, amount: int
) -> None:
    """Stored rows by generated trees, every second one with facts that SQL does not know."""
    rows = [draw.known_facts() for draw in [Draw(21)] for _ in range(documents)]
    _store(table, rows)
    for at in range(amount):
        tree = Draw(at, _STORED if at % 2 else FACTS).tree()
        rule_set = RuleSet("review", (Rule("r", "r", tree, stop=True),))
        decide = compile_rule_set(rule_set, VOCABULARY).decide
        selected = _selected(table, tree)
        if where(tree, VOCABULARY, NOW).confirm:
            selected = {row for row in selected if decide(rows[row], NOW).matched}
        assert selected == {row for row in range(documents) if decide(rows[row], NOW).matched}, tree


def test_rows_that_cannot_be_judged_are_kept_for_the_closures(table: psycopg.Connection[Any]) -> None:
    """NULL stands for missing in one row and for unknown in another: neither a match nor an open question is lost."""
    draw = Draw(23)
    facts = tuple(replace(spec, may_be_unknown=at % 2 == 0) for at, spec in enumerate(FACTS))
    unsure = Vocabulary.of(facts, ())
    open_ones = {spec.name for spec in facts if spec.may_be_unknown}
    rows = [draw.known_facts() for _ in range(300)]
    _store(table, rows)
    seen = [
        {name: UNKNOWN if value is None and name in open_ones and draw.chance.random() < 0.5 else value
         for name, value in row.items()}
        for row in rows
    ]  # fmt: skip
    for _ in range(60):
        tree = draw.tree()
        fragment = where(tree, unsure, NOW)
        found = {at for (at,) in table.execute(f"SELECT at FROM seen WHERE {fragment.text}", fragment.params)}
        assert found >= {at for at, row in enumerate(seen) if judge(tree, VOCABULARY, row, NOW) is not False}, tree
        assert fragment.confirm or not open_ones & {condition.fact for condition in conditions_of(tree)}


def test_each_row_can_have_its_own_moment(table: psycopg.Connection[Any]) -> None:
    _store(table, [{spec.name: NOW if spec.name == "order.paid_at" else None for spec in FACTS}] * 3)
    older = Condition("order.paid_at", "older_than", 5000)
    assert _selected(table, older, "seen.decided_at") == {2}
    assert _selected(table, older, NOW) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[\]\[\^\-a]+$",
        r"\{\}\|\\",
        r"[^一-龥]{2}号$",
        r"a.b",
        r"^$|x",
        r"[-a]-",
        r"\&\~\#",
        r"(ab){2}",
        r".*",
        r"😀.",
        r"[\.\*]{1,2}x?$",
        r"^\d{3}-\d{4}$",
    ],
)
def test_both_engines_read_a_pattern_alike(table: psycopg.Connection[Any], pattern: str) -> None:
    matches = closure_for("memo", ValueType.TEXT, "matches", pattern)
    texts = [
        "",
        "a",
        "]",
        "[^-a",
        "{}|\\",
        "ab号",
        "一二号",
        "a\nb",
        "a\nb\n",
        "x",
        "--",
        "a-",
        "&~#",
        "abab",
        "😀",
        "😀1",
        ".*",
        "..x",
        "010-1234",
        "010-1234\n",
        "٣٣٣-٣٣٣٣",
        "x" * TEXT_LIMIT + "a-b",
        "{",
        "AB",
    ]
    for text in texts:
        found = table.execute("SELECT left(%s::text, %s) ~ %s", [text, TEXT_LIMIT, translate(pattern)]).fetchone()
        assert found == (matches({"memo": text}, NOW),), text


@pytest.mark.parametrize("amount", [150, pytest.param(5_000, marks=pytest.mark.full)])
def test_both_engines_read_any_accepted_pattern_alike(table: psycopg.Connection[Any], amount: int) -> None:
    chance = Random(17)
    pieces = (*"ab1-^$.|()[]{}?*+\\发", "[ab]", "[^a]", "a{1,2}", "(a|b)", r"\d", r"\.", "b*", "[a-c1]+", "(ab)?")
    texts = ["", *("".join(chance.choices("ab1-发.^$c\n", k=chance.randint(1, 9))) for _ in range(60))]
    accepted = 0
    while accepted < amount:
        pattern = "".join(chance.choices(pieces, k=chance.randint(1, 8)))
        try:
            written = translate(pattern)
        except RuleRefused:
            continue
        accepted += 1
        matches = closure_for("memo", ValueType.TEXT, "matches", pattern)
        query = "SELECT array_agg(left(t, %s) ~ %s ORDER BY at) FROM unnest(%s::text[]) WITH ORDINALITY AS x (t, at)"
        assert table.execute(query, [TEXT_LIMIT, written, texts]).fetchone() == (
            [matches({"memo": text}, NOW) for text in texts],
        ), pattern


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London"])
def test_windows_agree_on_the_days_on_which_clocks_are_moved(table: psycopg.Connection[Any], zone: str) -> None:
    quarters = [timedelta(minutes=15 * at) for at in range(4 * 24 * 7)]
    weeks = [
        datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 5), (3, 26), (4, 2), (10, 1), (10, 22), (10, 29))
    ]
    moments = [week + quarter for week in weeks for quarter in quarters]
    _store(table, [{spec.name: at if spec.name == "order.paid_at" else None for spec in FACTS} for at in moments])
    for start, end in ((60, 180), (1380, 150), (0, 1440), (90, 30)):
        window = Window(frozenset({6, 7}), start, end, zone)
        tree = Condition("order.paid_at", "within_window", window)
        expected = {at for at, moment in enumerate(moments) if holds(tree, VOCABULARY, {"order.paid_at": moment}, NOW)}
        assert _selected(table, tree) == expected
        closure = closure_for("order.paid_at", ValueType.DATETIME, "within_window", window)
        assert {at for at, moment in enumerate(moments) if closure({"order.paid_at": moment}, NOW)} == expected


def test_values_are_bound_never_written() -> None:
    fragment = where(Condition("order.memo", "starts_with", "'; drop table x --"), VOCABULARY, NOW)
    assert fragment.text == "starts_with((order_memo), CAST(%(r0)s AS text))"
    assert fragment.params == {"r0": "'; drop table x --"}
    assert not fragment.confirm


def test_a_colon_style_and_prefix_let_fragments_be_combined() -> None:
    fragment = where(COD, VOCABULARY, NOW, style="colon", prefix="left")
    assert (fragment.text, fragment.params) == ("(order_payment) = CAST(:left0 AS text)", {"left0": "cod"})


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (DOOR, "TRUE"),
        (_none(DOOR), "TRUE"),
        (_none(_none(DOOR)), "TRUE"),
        (_all(COD, DOOR), "(order_payment) = CAST(%(r0)s AS text)"),
        (_any(COD, DOOR), "TRUE"),
        (_none(COD, DOOR), "((order_payment) = CAST(%(r0)s AS text)) IS NOT TRUE"),
        (_none(_all(COD, DOOR)), "TRUE"),
    ],
)
def test_python_only_conditions_widen_the_prefilter(tree: Node, text: str) -> None:
    fragment = where(tree, VOCABULARY, NOW)
    assert (fragment.text, fragment.confirm) == (text, True)
