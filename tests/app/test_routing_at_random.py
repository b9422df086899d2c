"""Random rules over random stock: whatever is planned keeps every rule, and what is not planned has a reason."""

from __future__ import annotations

import random
from typing import Any

import pytest

from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.versions import activate
from tests.app.routes import Asked, a_rule, carry_by, held, route_by
from tests.app.rule_sets import set_id
from tests.factories import World, a_line, advance, an_order

POINTS, CARRIERS = ("WH1", "WH2"), ("ZTO", "YTO", "SF")
FAILURES = {"short_of_stock", "out_of_zone", "no_stock_point", "too_many_parcels"}


def put_in_force(world: World, version: int, asked: list[list[Asked]]) -> int:
    """The next version of a set; the contradictions in it have been seen."""
    draft = create_draft(world.hub, set_id(world, version), "user:1", comment="next")
    rules = [a_rule(f"r{number}", *actions) for number, actions in enumerate(asked)]
    edit_draft(world.hub, draft, Content(rules, [], "next"), 1, "user:1")
    activate(world.hub, draft, "user:1", despite_findings=True)
    return draft


def some(chance: random.Random, kinds: tuple[Asked, ...]) -> list[list[Asked]]:
    return [[chance.choice(kinds)] for _ in range(chance.randint(1, 3))]


ROUTE: tuple[Asked, ...] = (
    *[(f"{verb}_point", {"point": code}) for verb in ("only", "forbid", "prefer") for code in POINTS],
    ("limit_parcels", {"parcels": 1}), ("keep_together", {}), ("split_by", {"by": "category"}),
)  # fmt: skip
CARRY: tuple[Asked, ...] = tuple(
    (f"{verb}_carrier", {"carrier": code}) for verb in ("only", "forbid", "prefer") for code in CARRIERS
)


def left(asked: list[list[Asked]], name: str, codes: tuple[str, ...]) -> set[str]:
    """The codes that rules leave."""
    found = set(codes)
    for ((action, params),) in asked:
        if action == f"only_{name}":
            found &= {params[name]}
        if action == f"forbid_{name}":
            found -= {params[name]}
    return found


def check(world: World, id_: int, route: list[list[Asked]], carry: list[list[Asked]]) -> str:
    """What became of an order keeps all rules; answers it in a word."""
    works = world.rows(
        """select p.code as point, c.code as carrier, array_agg(distinct k.category) as kinds from fulfilment f
           join stock_point p on p.id = f.stock_point_id join carrier c on c.id = f.carrier_id
           join fulfilment_line l on l.fulfilment_id = f.id join sku k on k.id = l.sku_id
           where l.order_id = :id and f.status <> 'cancelled' group by f.id, 1, 2""",
        id=id_,
    )
    points, carriers = left(route, "point", POINTS), left(carry, "carrier", CARRIERS)
    names = {action for ((action, _),) in route}
    assert {work.point for work in works} <= points
    assert {work.carrier for work in works} <= carriers
    if names & {"keep_together", "limit_parcels"} and "split_by" not in names:
        assert len(works) <= 1
    if "keep_together" in names:
        assert len(works) <= 1
    elif "split_by" in names:
        assert all(len(work.kinds) == 1 for work in works)
    holds = held(world, id_)
    assert bool(works) is not bool(FAILURES & holds.keys())
    if not points:
        assert holds["no_stock_point"]["rules"]
    elif not carriers and "out_of_zone" in holds:
        assert holds["out_of_zone"]["rules"]
    return "planned" if works else next(iter(holds))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_planned_keeps_every_rule(make_world: Any, seed: int) -> None:
    chance = random.Random(seed)
    world = make_world(stock=30)
    world.run("update sku set category = case when code < 'C' then 'food' else 'toys' end")
    route_version, carry_version = (
        route_by(world, ("keep_together", {})),
        carry_by(world, ("only_carrier", {"carrier": "SF"})),
    )
    seen = set()
    for _ in range(8):
        world.run(
            """update stock_level set safety =
               greatest(0, on_hand - reserved - :most * (:spare + (sku_id + stock_point_id) % 2))""",
            most=chance.randint(0, 2), spare=chance.randint(0, 1),
        )  # fmt: skip
        route, carry = some(chance, ROUTE), some(chance, CARRY)
        route_version = put_in_force(world, route_version, route)
        carry_version = put_in_force(world, carry_version, carry)
        world.clock.forward(3)
        goods = [a_line(code, code, chance.randint(1, 2)) for code in chance.sample("ABCDE", chance.randint(1, 3))]
        id_ = an_order(world, goods)
        advance(world)
        seen.add(check(world, id_, route, carry))
        world.run("update orders set status = 'cancelled', ready_at = null where id = :id and not exists "
                  "(select from fulfilment where lead_order_id = :id)", id=id_)  # fmt: skip
    assert "planned" in seen
