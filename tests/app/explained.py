"""Explanations for tests: the path of an order as the page and the API get it."""

from __future__ import annotations

from oms.app.kernel.queries.order_page import load_order
from oms.app.rulebook.explaining import explain_order
from oms.app.rulebook.path import DecisionTold, Path
from tests.factories import World


def path_of(world: World, order_id: int, *, with_rules: bool = True) -> Path:
    """The whole path of an order."""
    with world.hub.engine.connect() as connection:
        order = load_order(connection, order_id)
        assert order is not None
        return explain_order(world.hub, connection, order, with_rules=with_rules)


def told(world: World, order_id: int, stage: str = "review") -> DecisionTold:
    """The last decision of a stage."""
    return [decision for decision in path_of(world, order_id).decisions if decision.stage == stage][-1]


def falsify(world: World, order_id: int, change: str, **values: object) -> None:
    """Change what is stored of an order's decision about review."""
    world.run(f"update decision set {change} where order_id = :id and stage = 'review'", id=order_id, **values)
