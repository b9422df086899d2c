"""A hold lifted or a review passed by mistake is taken back, and nothing leaves that should not have."""

from __future__ import annotations

import pytest

from oms.app.capture.sending_rest import send_rest
from oms.app.kernel.holds import hold_order, lift
from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.app.pipeline.reviewing.taking_back import hold_again, take_pass_back
from oms.domain.errors import Invalid, NotFound, NotPossible
from tests.app.invariants import check_invariants
from tests.app.shipping import ship_all
from tests.app.test_sending_rest import counters, ids_of
from tests.app.test_shipped_elsewhere import TWO, reserved, show, statuses
from tests.factories import World, advance, an_order, review_all, settle

WHY = "点错了"


def lifted(world: World, order_id: int, kind: str) -> int:
    """The hold of a kind, which a person has just lifted."""
    id_ = int(world.one("select id from hold where order_id = :id and kind = :kind", id=order_id, kind=kind))
    lift(world.hub, id_, "u1", "看过了")
    return id_


def told(world: World, order_id: int, kind: str) -> list[dict[str, object]]:
    rows = world.rows("select detail from event where order_id = :id and kind = :kind", id=order_id, kind=kind)
    return [dict(row[0]) for row in rows]


@pytest.fixture
def large(world: World) -> int:
    """An order of goods that need an appointment: held by a kind that calls nothing back."""
    world.run("update sku set size_class = 'large' where code = 'A'")
    id_ = an_order(world, TWO, no="T")
    settle(world)
    assert world.holds(id_) == {"large_goods"}
    return id_


@pytest.fixture
def queued(world: World) -> int:
    """An order that waits at the finance tier."""
    review_all(world, "finance")
    id_ = an_order(world, TWO, no="T")
    settle(world)
    assert world.phase(id_) == "review"
    return id_


def test_a_hold_lifted_by_mistake_holds_again_before_anything_is_sent(world: World, large: int) -> None:
    hold_id = lifted(world, large, "large_goods")
    assert hold_again(world.hub, hold_id, "u1", WHY) == large
    settle(world)
    assert world.holds(large) == {"large_goods"}
    assert world.script.asked("create") == []
    assert told(world, large, "held_again") == [{"kind": "large_goods", "reason": WHY}]
    check_invariants(world)


def test_what_is_at_the_warehouse_is_called_back(world: World, large: int) -> None:
    hold_id = lifted(world, large, "large_goods")
    settle(world)
    assert statuses(world, large) == ["sent"]
    hold_again(world.hub, hold_id, "u1", WHY)
    settle(world)
    assert world.holds(large) == {"large_goods", "manual"}
    assert (statuses(world, large), reserved(world)) == (["cancelled"], 0)
    check_invariants(world)


def test_a_hold_that_calls_back_by_itself_needs_no_other(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    hold_order(world.hub, id_, "u1", "等买家")
    settle(world)
    hold_id = lifted(world, id_, "manual")
    settle(world)
    hold_again(world.hub, hold_id, "u2", WHY)
    settle(world)
    assert world.holds(id_) == {"manual"}
    assert reserved(world) == 0


def test_it_counts_as_never_lifted(world: World, large: int) -> None:
    """Otherwise the finding would not be held another time, once it is lifted and comes again."""
    hold_id = lifted(world, large, "large_goods")
    hold_again(world.hub, hold_id, "u1", WHY)
    found = world.rows("select cleared_at, cleared_by, clear_reason from hold where id = :id", id=hold_id)
    assert [tuple(row) for row in found] == [(None, "", "")]
    assert lifted(world, large, "large_goods") == hold_id
    settle(world)
    assert world.phase(large) == "at_warehouse"


def test_what_has_left_cannot_be_held_again(world: World, large: int) -> None:
    hold_id = lifted(world, large, "large_goods")
    settle(world)
    ship_all(world, large)
    with pytest.raises(NotPossible, match="have left"):
        hold_again(world.hub, hold_id, "u1", WHY)


def test_only_what_a_person_lifted_can_be_held_again(world: World, large: int) -> None:
    open_id = world.one("select id from hold where order_id = :id", id=large)
    with pytest.raises(NotFound):
        hold_again(world.hub, open_id, "u1", WHY)
    world.run("update hold set cleared_at = placed_at, cleared_by = 'system', clear_reason = 'cause gone'")
    with pytest.raises(NotFound):
        hold_again(world.hub, open_id, "u1", WHY)
    with pytest.raises(Invalid, match="reason"):
        hold_again(world.hub, open_id, "u1", " ")


def test_the_rest_sent_by_mistake_is_held_again_with_its_lines(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1"})
    hold_id = world.one("select id from hold where cleared_at is null")
    send_rest(world.hub, id_, ids_of(world, id_, "1"), "u1", "老系统发的")
    hold_again(world.hub, hold_id, "u1", WHY)
    settle(world)
    assert world.holds(id_) == {"already_shipped"}
    assert counters(world, id_)["1"] == (1, 0, 0, 0)
    lift(world.hub, hold_id, "u1", "其实没发")
    settle(world)
    assert counters(world, id_) == {"1": (1, 0, 1, 0), "2": (2, 0, 2, 0)}
    check_invariants(world)


def test_what_was_sent_back_is_sent_back_again(world: World, queued: int) -> None:
    send_back(world.hub, [queued], 2, "u1", "价格不对")
    hold_id = lifted(world, queued, "sent_back")
    hold_again(world.hub, hold_id, "u1", WHY)
    settle(world)
    assert world.holds(queued) == {"sent_back"}
    assert world.one("select review from orders where id = :id", id=queued) == "sent_back"
    assert world.script.asked("create") == []


def test_a_pass_is_taken_back_before_anything_is_sent(world: World, queued: int) -> None:
    pass_orders(world.hub, [queued], 2, "u1")
    (outcome,) = take_pass_back(world.hub, [queued], 2, "u1", WHY)
    assert outcome.is_done
    settle(world)
    assert world.script.asked("create") == []
    state = world.rows("select review, tiers_waiting, tiers_passed, phase from orders where id = :id", id=queued)[0]
    assert tuple(state) == ("waiting", 2, 0, "review")
    assert told(world, queued, "revoke_review") == [{"tier": "finance", "reason": WHY}]
    verdicts = world.rows("select verdict, invalidated_by from review_decision order by id")
    assert [tuple(row) for row in verdicts] == [("passed", "revoked"), ("revoked", "")]
    assert pass_orders(world.hub, [queued], 2, "u1")[0].is_done
    settle(world)
    assert world.phase(queued) == "at_warehouse"


def test_a_pass_taken_back_late_calls_the_goods_back(world: World, queued: int) -> None:
    pass_orders(world.hub, [queued], 2, "u1")
    settle(world)
    assert statuses(world, queued) == ["sent"]
    assert take_pass_back(world.hub, [queued], 2, "u1", WHY)[0].is_done
    settle(world)
    assert (statuses(world, queued), world.holds(queued), reserved(world)) == (["cancelled"], {"manual"}, 0)
    lifted(world, queued, "manual")
    settle(world)
    assert world.phase(queued) == "review"
    check_invariants(world)


def test_passing_again_ends_what_taking_back_held(world: World, queued: int) -> None:
    pass_orders(world.hub, [queued], 2, "u1")
    settle(world)
    take_pass_back(world.hub, [queued], 2, "u1", WHY)
    settle(world)
    assert world.holds(queued) == {"manual"}
    pass_orders(world.hub, [queued], 2, "u2")
    assert world.holds(queued) == set()
    settle(world)
    assert world.phase(queued) == "at_warehouse"
    check_invariants(world)


def test_a_pass_of_one_of_two_tiers_is_taken_back_alone(world: World, queued: int) -> None:
    world.run("update orders set tiers_waiting = 3")
    pass_orders(world.hub, [queued], 2, "u1")
    assert take_pass_back(world.hub, [queued], 2, "u1", WHY)[0].is_done
    assert world.one("select tiers_waiting from orders") == 3


def test_each_that_cannot_be_taken_back_says_why(world: World, queued: int) -> None:
    (never,) = take_pass_back(world.hub, [queued], 2, "u1", WHY)
    assert never.words == "nobody has passed it at this tier"
    pass_orders(world.hub, [queued], 2, "u1")
    advance(world)
    settle(world)
    ship_all(world, queued)
    (late,) = take_pass_back(world.hub, [queued], 2, "u1", WHY)
    assert (late.is_done, late.words) == (False, "goods of it have left already")
    (strange,) = take_pass_back(world.hub, [1], 2, "u1", WHY)
    assert not strange.is_done
    with pytest.raises(Invalid, match="tier"):
        take_pass_back(world.hub, [queued], 3, "u1", WHY)
