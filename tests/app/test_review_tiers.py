"""Each shop's tiers: skipped, automatic or manual, at the same time or in order; decisions say what the plan changed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oms.app.kernel.review_settings import change_tiers
from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.app.pipeline.reviewing.taking_back import take_pass_back
from oms.domain.errors import Invalid, NotFound
from oms.domain.review import AS_RULES_SAY, BY_BIT, ReviewPlan, plan_of
from tests.app.reviewing import waits
from tests.app.rule_sets import a_rule, in_force
from tests.factories import World, a_document, advance, an_order, raw, settle, take

AUTO = dict.fromkeys(BY_BIT, "auto")


def plan(world: World, in_order: bool = False, order: tuple[int, ...] = (1, 2, 4, 8), **modes: str) -> None:
    named = {"service": 1, "finance": 2, "logistics": 4, "courier": 8}
    wanted = AUTO | {named[code]: mode for code, mode in modes.items()}
    change_tiers(world.hub, world.shop, wanted, order, in_order=in_order, actor="user:1")


def decided(world: World, order_id: int) -> tuple[str, Any]:
    rows = world.rows("select verdict, choices from decision where order_id = :id and stage = 'review'", id=order_id)
    return rows[-1][0], orjson.loads(rows[-1][1]) if rows[-1][1] else None


@pytest.fixture
def three(world: World) -> World:
    """Rules send every order to customer service, finance and the courier desk."""
    in_force(world, a_rule("s", "service"), a_rule("f", "finance"), a_rule("c", "courier"))
    return world


def reviewed(world: World) -> int:
    id_ = an_order(world)
    advance(world)
    return id_


def test_a_skipped_tier_never_looks_even_where_rules_ask_and_the_decision_tells_so(three: World) -> None:
    plan(three, finance="skip")
    id_ = reviewed(three)
    assert waits(three, id_) == ("waiting", 1 + 8, "", 0)
    verdict, choices = decided(three, id_)
    assert (verdict, choices) == ("service,finance,courier", {"skipped": ["finance"]})
    told = three.one("select detail from event where order_id = :id and kind = 'ask_review'", id=id_)
    assert told["skipped"] == ["finance"]


def test_an_order_passes_by_itself_when_all_tiers_that_rules_ask_for_are_skipped(three: World) -> None:
    plan(three, service="skip", finance="skip", courier="skip")
    id_ = reviewed(three)
    settle(three)
    assert three.phase(id_) == "at_warehouse"
    assert decided(three, id_)[1] == {"skipped": ["service", "finance", "courier"]}


def test_a_manual_tier_looks_at_every_order_also_where_rules_let_it_pass(world: World) -> None:
    in_force(world, a_rule("p"))
    plan(world, logistics="manual")
    id_ = reviewed(world)
    assert waits(world, id_) == ("waiting", 4, "", 0)
    assert decided(world, id_) == ("passed", {"manual": ["logistics"]})


def test_sending_to_a_tier_wins_over_passing(world: World) -> None:
    in_force(world, a_rule("p"), a_rule("f", "finance"))
    assert waits(world, reviewed(world)) == ("waiting", 2, "", 0)


def test_without_settings_rules_say_which_tiers_look_and_nothing_stands_beside_the_verdict(three: World) -> None:
    id_ = reviewed(three)
    assert waits(three, id_) == ("waiting", 1 + 2 + 8, "", 0)
    assert decided(three, id_) == ("service,finance,courier", None)


def test_in_order_only_the_first_waiting_tier_has_it_in_its_queue_and_the_next_when_it_has_passed(three: World) -> None:
    plan(three, in_order=True, order=(2, 8, 1, 4))
    id_ = reviewed(three)
    assert waits(three, id_) == ("waiting", 2, "81", 0)
    assert decided(three, id_)[1] == {"in_order": ["finance", "courier", "service"]}
    assert [one.is_done for one in pass_orders(three.hub, [id_], 1, "u1")] == [False]
    assert [one.is_done for one in pass_orders(three.hub, [id_], 2, "u1")] == [True]
    assert waits(three, id_) == ("waiting", 8, "1", 2)
    pass_orders(three.hub, [id_], 8, "u1")
    assert waits(three, id_) == ("waiting", 1, "", 2 + 8)
    pass_orders(three.hub, [id_], 1, "u1")
    assert waits(three, id_) == ("passed", 0, "", 1 + 2 + 8)


def test_a_pass_that_is_taken_back_is_looked_at_before_those_that_had_begun(three: World) -> None:
    plan(three, in_order=True)
    id_ = reviewed(three)
    pass_orders(three.hub, [id_], 1, "u1")
    assert waits(three, id_) == ("waiting", 2, "8", 1)
    take_pass_back(three.hub, [id_], 1, "u1", "too early")
    assert waits(three, id_) == ("waiting", 1, "28", 0)
    for tier in (1, 2, 8):
        assert pass_orders(three.hub, [id_], tier, "u1")[0].is_done
    assert waits(three, id_)[0] == "passed"


def test_what_is_sent_back_cancelled_or_changed_waits_for_no_later_tier(three: World) -> None:
    plan(three, in_order=True)
    back, gone = (reviewed(three) for _ in range(2))
    send_back(three.hub, [back], 1, "u1", "wrong price")
    assert waits(three, back) == ("sent_back", 0, "", 0)
    no = three.one("select external_no from orders where id = :id", id=gone)
    take(three, raw(a_document(no, at=10, state="cancelled")))
    settle(three)
    assert waits(three, gone)[2] == ""


def test_a_changed_setting_concerns_orders_reviewed_from_then_on(three: World) -> None:
    before = reviewed(three)
    plan(three, in_order=True, finance="skip")
    after = reviewed(three)
    assert waits(three, before) == ("waiting", 1 + 2 + 8, "", 0)
    assert waits(three, after) == ("waiting", 1, "8", 0)


def test_what_rules_cannot_decide_goes_to_the_first_tier_that_looks_at_all(world: World) -> None:
    assert ReviewPlan(skipped=1, order=(1, 4, 2, 8)).people() == 4
    assert ReviewPlan(skipped=1 + 2 + 4 + 8).people() == 1
    version = in_force(
        world, a_rule("sick", "courier"), limits=[{"rule": "sick", "action": "send_to_tier", "per_hour": 1}]
    )
    assert version
    plan(world, service="skip")
    ids = [reviewed(world) for _ in range(2)]
    assert [waits(world, id_)[1] for id_ in ids] == [8, 2]


def test_a_tier_without_a_setting_is_automatic_and_in_its_usual_place() -> None:
    assert plan_of([], in_order=False) == AS_RULES_SAY
    assert plan_of([(1, "auto", 4), (8, "skip", 1)], in_order=True) == ReviewPlan(8, 0, (8, 2, 4, 1))


def test_settings_that_make_no_sense_are_refused(world: World) -> None:
    for modes, order in ((AUTO | {1: "never"}, (1, 2, 4, 8)), ({1: "auto"}, (1, 2, 4, 8)), (AUTO, (1, 1, 4, 8))):
        with pytest.raises(Invalid):
            change_tiers(world.hub, 1, modes, order, in_order=True, actor="user:1")
    with pytest.raises(NotFound):
        change_tiers(world.hub, 99, AUTO, (1, 2, 4, 8), in_order=True, actor="user:1")
    plan(world)
    assert world.one("select count(*) from event where kind = 'review_changed'") == 1
