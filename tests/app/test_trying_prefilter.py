"""What SQL leaves out of a backtest is nothing that the closures would have found."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook.trying import prefilter
from tests.app.rule_sets import a_draft, a_rule, in_force
from tests.app.trying import COD, MANY, PAID, another_draft, backtest, changed, some_orders
from tests.factories import World

LEVEL = {"fact": "buyer.level", "op": "eq", "value": "vip"}
NAMED = {"fact": "receiver.name", "op": "eq", "value": "周明"}
LATE = {"fact": "order.age", "op": "gt", "value": 10**6}
WEIGHT = {"fact": "goods.weight", "op": "ge", "value": 1200}
TREES: list[dict[str, Any]] = [
    {"all": [PAID, COD]},
    {"none": [PAID, MANY]},
    {"any": [{"all": [MANY, COD]}, LATE]},
    {"all": [PAID, {"none": [LEVEL]}]},
    {"all": [{"none": [COD]}, NAMED]},
    {"any": [WEIGHT, {"fact": "order.ordered_at", "op": "older_than", "value": 86400}]},
    {"fact": "order.holds", "op": "is_empty"},
]


@pytest.mark.parametrize("tree", TREES)
def test_narrowing_by_sql_finds_what_the_closures_find(
    world: World, tree: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    some_orders(world, 12)
    draft = a_draft(world, a_rule("tree", "finance", when=tree))
    whole = backtest(world, draft)
    monkeypatch.setattr(prefilter, "WORTH_IT", 1)
    narrowed = backtest(world, draft)
    assert narrowed.counts["kinds"] == whole.counts["kinds"]
    assert changed(world, narrowed.id) == changed(world, whole.id)


def test_orders_that_sql_rules_out_are_not_told_in_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefilter, "WORTH_IT", 1)
    left: list[int] = []
    narrow = prefilter.without_hopeless

    def counting(*args: Any) -> Any:
        kept = narrow(*args)
        left.append(len(kept))
        return kept

    monkeypatch.setattr("oms.app.rulebook.trying.comparing.without_hopeless", counting)
    some_orders(world, 12)
    run = backtest(world, a_draft(world, a_rule("few", "finance", when={"all": [PAID, COD]})))
    assert (left, run.counts["kinds"]) == ([2], {"newly_held": 2, "same": 10})


def test_what_a_decision_kept_is_not_asked_of_sql(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefilter, "WORTH_IT", 1)
    version = in_force(world, a_rule("cod", "finance", when=COD))
    ids = some_orders(world, 3)
    world.run("update orders set is_cod = not is_cod")
    run = backtest(world, another_draft(world, version, a_rule("cod", "service", when=COD)))
    assert changed(world, run.id) == {ids[0]: "other_tier"}
