"""Rules of route and carrier for tests: the shortest way to have them in force, and what became of an order."""

from __future__ import annotations

from typing import Any

from oms.app.rulebook.candidates import Candidate, points_in, tell_candidates
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate
from tests.app.rule_sets import ANY_ORDER
from tests.factories import World, advance, an_order

EAST, WEST = 1, 2
Asked = tuple[str, dict[str, Any]]


def a_rule(rule: str, *actions: Asked, when: Any = None) -> dict[str, Any]:
    """A rule for every order, or for those of a condition."""
    written = [{"action": name, "params": params} for name, params in actions]
    return {"id": rule, "name": rule, "when": when or ANY_ORDER, "actions": written}


def in_force(world: World, stage: str, *rules: dict[str, Any]) -> int:
    """Rules of a stage in force for every shop, whatever speaks against them."""
    version_id = create_set(world.hub, stage, "global", 0, f"{stage} set", Content(list(rules), [], "first"), "user:1")
    activate(world.hub, version_id, "user:1", despite_findings=True)
    return version_id


def route_by(world: World, *actions: Asked) -> int:
    """One rule of routing in force."""
    return in_force(world, "route", a_rule("r1", *actions))


def carry_by(world: World, *actions: Asked) -> int:
    """One rule of carriers in force."""
    return in_force(world, "carrier", a_rule("c1", *actions))


def taken(world: World, *lines: Any, **changes: Any) -> int:
    """A new order, walked as far as it goes."""
    id_ = an_order(world, list(lines) or None, **changes)
    advance(world)
    return id_


def plan(world: World, id_: int) -> list[tuple[int, int]]:
    """(point, carrier) of the order's fulfilments that stand."""
    return [(work.stock_point_id, work.carrier_id) for work in world.fulfilments(id_) if work.status != "cancelled"]


def held(world: World, id_: int) -> dict[str, Any]:
    """What its open holds saw, by kind."""
    rows = world.rows("select kind, seen from hold where order_id = :id and cleared_at is null", id=id_)
    return {row.kind: row.seen for row in rows}


def again(world: World, id_: int) -> None:
    """Walk an order once more."""
    world.run("update orders set ready_at = :now where id = :id", now=world.clock(), id=id_)
    world.clock.forward(3)
    advance(world)


def candidates(world: World, id_: int) -> list[Candidate]:
    """The ways that the last sourcing of an order looked at."""
    row = world.rows(
        """select verdict, choices from decision where order_id = :id and stage = 'route' and choices is not null
           order by id desc limit 1""", id=id_,
    )[0]  # fmt: skip
    named = world.rows("select id, code, name from stock_point")
    assert points_in(row.choices) <= {point.id for point in named}
    return tell_candidates(row.choices, row.verdict, {point.id: point for point in named})


def empty(world: World, point: int, *codes: str) -> None:
    """Nothing of these goods is left at a point."""
    for code in codes:
        world.run(
            "update stock_level set safety = on_hand where stock_point_id = :point and sku_id = :sku",
            point=point, sku=world.skus[code],
        )  # fmt: skip
