"""Rules of routing are tried on past orders from the facts of the rules' own decisions, not of what sourcing then did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.routes import Asked, a_rule, in_force, plan
from tests.app.trying import MANY, PAID, another_draft, backtest, changed, some_orders
from tests.factories import World

EXPRESS: dict[str, Asked] = {
    "route": ("forbid_point", {"point": "WH1"}),
    "carrier": ("only_carrier", {"carrier": "SF"}),
    "merge": ("merge_at_once", {}),
}


def rules_of(stage: str, when: Any) -> dict[str, Any]:
    return a_rule("dear", EXPRESS[stage], when=when)


@pytest.mark.parametrize("stage", EXPRESS)
def test_the_same_rules_agree_with_what_was_decided(world: World, stage: str) -> None:
    version = in_force(world, stage, rules_of(stage, PAID))
    some_orders(world)
    run = backtest(world, another_draft(world, version, rules_of(stage, PAID)))
    assert run.counts["kinds"] == {"same": 12}
    assert run.counts["stored"] == {"same": 12}


def test_what_another_rule_would_change_is_counted(world: World) -> None:
    version = in_force(world, "route", rules_of("route", PAID))
    ids = some_orders(world)
    run = backtest(world, another_draft(world, version, rules_of("route", {"all": [PAID, MANY]})))
    left_out = {id_ for at, id_ in enumerate(ids) if at >= 4 and at % 4 < 2}
    assert changed(world, run.id) == dict.fromkeys(left_out, "other_action")
    assert {point for id_ in left_out for point, _ in plan(world, id_)} == {2}
