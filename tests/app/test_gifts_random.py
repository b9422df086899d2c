"""Whatever happens to orders: log, demands and counters tell the same of gifts, and no limit is passed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from oms.app.intercept.orders import cancel_order
from oms.domain.errors import HubError
from tests.app.gift_rules import a_rule, gifts_in_force
from tests.app.shipping import ship_all
from tests.factories import World, a_document, a_line, order_id, raw, settle, take

RULES = (
    a_rule("each", ("add_gift", {"sku": "E", "units": 1, "stock": 6, "instead": "D"})),
    a_rule("amount", ("add_gift_per_amount", {"sku": "D", "units": 1, "amount": 1500, "per_buyer": 3})),
    a_rule("bought", ("add_gift_per_units", {"sku": "C", "units": 1, "per": 2, "bought": "A", "most": 2})),
)
#: What is given by the log, by the demands, and what counters say of limited rules.
SAME = """
select g.order_id, g.rule_id, g.units, d.units - d.cancelled from gift_given g left join demand d on d.id = g.demand_id
where g.state = 'given' and g.units is distinct from d.units - d.cancelled"""
LOST = """
select d.id from demand d where d.origin = 'gift' and d.units > d.cancelled
and not exists (select from gift_given g where g.demand_id = d.id and g.state = 'given')"""
COUNTED = """
select c.rule_id, c.sku_id, c.given, coalesce(sum(g.units), 0) from gift_counter c left join gift_given g
on g.rule_set_id = c.rule_set_id and g.rule_id = c.rule_id and g.sku_id = c.sku_id and g.state = 'given'
group by 1, 2, 3 having c.given <> coalesce(sum(g.units), 0)"""
OVER = """
select customer_id from gift_given where rule_id = 'amount' and state = 'given' group by 1 having sum(units) > 3"""


def lines(rng: random.Random) -> list[dict[str, Any]]:
    """Up to three lines, some of them in refund or refunded."""
    made = []
    for number, code in enumerate(rng.sample("ABC", rng.randint(1, 3)), 1):
        refund = rng.choice(["none", "none", "none", "asked", "succeeded"])
        changes = {"refund": refund, "case_no": f"C{number}"} if refund != "none" else {}
        made.append(a_line(str(number), code, rng.randint(1, 4), rng.randint(0, 3000), **changes))
    return made


@pytest.mark.parametrize("policy", ["keep", "recompute"])
@pytest.mark.parametrize("seed", [1, 6])
def test_log_demands_and_counters_stay_the_same(make_world: Any, seed: int, policy: str) -> None:
    rng = random.Random(seed)
    world: World = make_world(window=60, merge_gift_policy=policy, stock=25)
    gifts_in_force(world, *RULES)
    for step in range(1, 40):
        number = f"T{rng.randint(1, 8)}"
        buyer = {"external_id": f"b{int(number[1:]) % 3}", "nick": "买**"}
        take(world, raw(a_document(number, lines(rng), at=step * 60, buyer=buyer), fetched=step * 60))
        world.clock.forward(rng.choice([3, 3, 3, 70]))
        if rng.random() < 0.7:
            settle(world)
        happen(world, rng, order_id(world, number))
    world.clock.forward(70)
    settle(world)
    for question in (SAME, LOST, COUNTED, OVER):
        assert world.rows(question) == [], question
    assert world.one("select coalesce(sum(given), 0) from gift_counter where rule_id = 'each'") <= 6


def happen(world: World, rng: random.Random, id_: int) -> None:
    """Sometimes goods leave, or a person cancels."""
    if rng.random() < 0.15:
        ship_all(world, id_)
    elif rng.random() < 0.1:
        try:
            cancel_order(world.hub, id_, "user:1", "wrong")
        except HubError:
            return
