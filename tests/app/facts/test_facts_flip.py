"""Each fact alone flips a decision on an order that came through a connector, and closure and SQL agree about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from oms.app.rulebook.vocabulary import FACTS, VOCABULARY
from rules.facts import UNKNOWN
from tests.app.facts.cases_around import BUYERS, PAPERS, PLAN, RECEIVERS, SHOPS, TIME
from tests.app.facts.cases_order import LINES, MONEY, ORDER, Flip
from tests.app.facts.telling import (
    activate,
    alike,
    bring,
    by_sql,
    found_by_sql,
    in_memory,
    rules_of,
    tiers_asked,
)
from tests.app.facts.telling import told as an_order
from tests.factories import World, a_line

FLIPS: dict[str, Flip] = {**ORDER, **LINES, **MONEY, **RECEIVERS, **PAPERS, **BUYERS, **SHOPS, **TIME, **PLAN}


def condition_of(fact: str) -> dict[str, Any]:
    op, value, _, _ = FLIPS[fact]
    condition = {"fact": fact, "op": op}
    return condition if value is None else {**condition, "value": value}


def differing(names: Iterable[str], world: World, ids: list[int]) -> dict[tuple[str, int], tuple[Any, Any]]:
    """(fact, order) → (in memory, by SQL) wherever the two differ."""
    told = in_memory(world, ids)
    found = {}
    for name in names:
        for id_, value in by_sql(world, name, ids).items():
            mine = alike(name, told[id_][name])
            if mine != alike(name, value):
                found[name, id_] = (mine, value)
    return found


def test_every_fact_has_its_pair_of_orders() -> None:
    """Facts of a case have tests of their own beside those of answering cases."""
    assert sorted(FLIPS) == sorted(name for name in FACTS if not name.startswith("case."))


@pytest.mark.parametrize("fact", FLIPS)
def test_a_fact_alone_flips_the_decision(facts_world: World, fact: str) -> None:
    _, _, meets, misses = FLIPS[fact]
    activate(facts_world, None)
    yes, no = bring(facts_world, meets), bring(facts_world, misses)
    activate(facts_world, rules_of(condition_of(fact)))
    assert tiers_asked(facts_world, [yes, no]) == {yes: {"finance"}, no: set()}
    if VOCABULARY.facts[fact].sql is not None:
        assert found_by_sql(facts_world, condition_of(fact), [yes, no]) == {yes}
        assert differing([fact], facts_world, [yes, no]) == {}


def test_closures_and_sql_agree_on_every_order_and_fact(facts_world: World) -> None:
    """Also on orders that nobody had a certain fact in mind for."""
    activate(facts_world, None)
    for _, _, meets, _ in (*LINES.values(), *MONEY.values(), *RECEIVERS.values(), *BUYERS.values()):
        bring(facts_world, meets)
    ids = [row[0] for row in facts_world.rows("select id from orders")]
    assert len(ids) > 80
    stored = [name for name, spec in VOCABULARY.facts.items() if spec.sql is not None]
    assert differing(stored, facts_world, ids) == {}
    told = in_memory(facts_world, ids).values()
    unknown = {name for facts in told for name, value in facts.items() if value is UNKNOWN}
    assert unknown <= {name for name, fact in FACTS.items() if fact.may_be_unknown}
    assert unknown >= {"order.margin", "goods.weight", "receiver.phone"}


#: What a person has agreed with the partner, who settles in yuan, for goods whose cost is known in dollars.
SETTLED_IN_YUAN = """with agreed as (update order_line set settlement_amount = 700 where order_id = :id returning id),
bought as (insert into cost_price (sku_id, valid_from, amount, currency)
  select id, '2020-01-01', 90, 'USD' from sku where code = 'C' on conflict do nothing)
insert into line_settlement (order_line_id, order_id, basis, units) select id, :id, 'person', 1 from agreed"""


def test_what_is_settled_in_another_currency_is_unknown_beside_the_orders_amounts(facts_world: World) -> None:
    """Yuan less dollars would be a margin of nothing."""
    activate(facts_world, None)
    id_ = bring(facts_world, an_order([a_line("1", "C")], currency="USD", partner={"code": "PT"}, then=SETTLED_IN_YUAN))
    facts = in_memory(facts_world, [id_])[id_]
    settled = ["order.settlement", "order.settlement_margin", "order.settlement_margin_percent"]
    assert facts["order.margin"] == 1000 - 90
    assert [facts[name] for name in settled] == [UNKNOWN] * 3
    assert differing(settled, facts_world, [id_]) == {}
