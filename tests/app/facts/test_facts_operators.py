"""Every operator on every fact: the closure and the fragment of SQL say the same of stored orders.

A fragment keeps what is null of a fact that may be unknown: the closure decides.
"""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook.facts.binding import stored_orders
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.db.bulk import psycopg_connection
from rules.codec import read_node
from rules.facts import UNKNOWN
from rules.model import ValueType
from rules.operators import OPERATORS, Shape, operators_for
from rules.operators import test_for as closure_for
from rules.sql import where
from rules.values import write_value
from tests.app.facts.cases_around import BUYERS, PAPERS, PLAN, RECEIVERS, TIME
from tests.app.facts.cases_order import LINES, MONEY, ORDER
from tests.app.facts.telling import activate, bring, in_memory
from tests.factories import World

STORED = [name for name, spec in VOCABULARY.facts.items() if spec.sql is not None]
NIGHT = {"from": "22:00", "to": "06:00", "time_zone": "Asia/Shanghai", "weekdays": [1, 2, 3]}


@pytest.fixture(scope="module")
def seen(facts_world: World) -> dict[int, dict[str, Any]]:
    """What every order of a wide choice tells of every stored fact."""
    activate(facts_world, None)
    for cases in (ORDER, LINES, MONEY, RECEIVERS, PAPERS, BUYERS, TIME, PLAN):
        for _, _, meets, _ in cases.values():
            bring(facts_world, meets)
    ids = [row[0] for row in facts_world.rows("select id from orders")]
    return in_memory(facts_world, ids, STORED)


def values_of(fact: str, seen: dict[int, dict[str, Any]]) -> list[Any]:
    """Two values that some order has, lowest and highest, as JSON types; elements of sets, texts that are not empty."""
    told = [facts[fact] for facts in seen.values() if facts[fact] is not None and facts[fact] is not UNKNOWN]
    if VOCABULARY.facts[fact].type is ValueType.SET:
        told = [element for value in told for element in value]
    kept = sorted({value for value in told if value != ""})
    return [write_value(value) for value in (kept[0], kept[-1])]


def condition(fact: str, op: str, low: Any, high: Any) -> dict[str, Any]:
    """A condition with a value of the shape that the operator takes."""
    value = {
        Shape.SCALAR: high,
        Shape.LIST: [low] if low == high else [low, high],
        Shape.PAIR: [low, high],
        Shape.PREFIX: str(high)[:2],
        Shape.PATTERN: r"[A-Za-z]\d?",
        Shape.WINDOW: NIGHT,
        Shape.SECONDS: 86_400,
    }.get(OPERATORS[op].shape)
    return {"fact": fact, "op": op} if value is None else {"fact": fact, "op": op, "value": value}


def by_fragments(world: World, fact: str, documents: list[dict[str, Any]], ids: list[int]) -> dict[int, list[bool]]:
    """What the fragments of all conditions say of each order, null as no."""
    fragments = [
        where(read_node(document, VOCABULARY, "review"), VOCABULARY, world.clock(), prefix=f"c{number}_")
        for number, document in enumerate(documents)
    ]
    columns = ", ".join(f"({fragment.text}) is true" for fragment in fragments)
    question = f"select o.id, {columns} from {stored_orders('%(moment)s')} where o.id = any(%(ids)s)"
    params: dict[str, object] = {"moment": world.clock(), "ids": ids}
    for fragment in fragments:
        params |= fragment.params
    with world.hub.engine.connect() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(question.encode(), params)
        return {id_: list(told) for id_, *told in cursor}


@pytest.mark.parametrize("fact", STORED)
def test_closures_and_fragments_agree(facts_world: World, seen: dict[int, dict[str, Any]], fact: str) -> None:
    kind = VOCABULARY.facts[fact].type
    choice = [True, True] if kind is ValueType.BOOL else values_of(fact, seen)
    documents = [condition(fact, op, *choice) for op in operators_for(kind)]
    nodes: list[Any] = [read_node(document, VOCABULARY, "review") for document in documents]
    tests = [closure_for(fact, kind, node.op, node.value) for node in nodes]
    known = {id_: facts for id_, facts in seen.items() if facts[fact] is not UNKNOWN}
    told = by_fragments(facts_world, fact, documents, list(known))
    for id_, facts in known.items():
        said = [test(facts, facts_world.clock()) for test in tests]
        if facts[fact] is None and VOCABULARY.facts[fact].may_be_unknown:
            assert [kept or not holds for kept, holds in zip(told[id_], said, strict=True)] == [True] * len(said), id_
        else:
            assert told[id_] == said, (id_, facts[fact])
