"""Some lines were shipped elsewhere and the rest is sent: by a person's word, which later documents do not undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract.errors import Refused
from oms.app.capture.sending_rest import send_rest
from oms.app.kernel.holds import lift
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible, WrongState
from tests.app.invariants import check_invariants
from tests.app.shipping import ship_all
from tests.app.test_shipped_elsewhere import TWO, show, split_world, statuses
from tests.factories import World, a_line, an_order, settle

FIRST = {"1": "X1"}
LINES = "select external_no, ordered, cancelled, planned, shipped from order_line where order_id = :id order by line_no"


def ids_of(world: World, order_id: int, *numbers: str) -> list[int]:
    found = world.rows("select external_no, id from order_line where order_id = :id", id=order_id)
    return [dict(tuple(row) for row in found)[number] for number in numbers]


def counters(world: World, order_id: int) -> dict[str, tuple[int, ...]]:
    """Line → ordered, cancelled, planned, shipped."""
    return {row[0]: tuple(row[1:]) for row in world.rows(LINES, id=order_id)}


def rest_sent(world: World, said: dict[str, str] = FIRST, *named: str) -> int:
    """An order at a warehouse of which line 1 is shown as shipped by somebody else, and a person says so."""
    order_id = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", said)
    assert world.holds(order_id) == {"already_shipped"}
    send_rest(world.hub, order_id, ids_of(world, order_id, *(named or ("1",))), "u1", "老系统发的")
    settle(world)
    return order_id


def on_hand(world: World) -> dict[str, int]:
    rows = world.rows("""select s.code, sum(l.on_hand) from stock_level l join sku s on s.id = l.sku_id
                         group by 1""")  # fmt: skip
    return dict(tuple(row) for row in rows)


def test_the_named_line_is_neither_booked_nor_told_and_the_other_goes_out(world: World) -> None:
    before = on_hand(world)
    id_ = rest_sent(world)
    assert world.holds(id_) == set()
    assert counters(world, id_) == {"1": (1, 1, 0, 0), "2": (2, 0, 2, 0)}
    assert world.phase(id_) == "at_warehouse"
    ship_all(world, id_)
    settle(world)
    assert {code: before[code] - units for code, units in on_hand(world).items() if before[code] != units} == {"B": 2}
    (notice,) = world.script.asked("push_shipment")
    assert (notice.whole, notice.line_nos) == (False, ("2",))
    assert world.phase(id_) == "shipped"
    told = world.rows("select detail, actor from event where order_id = :id and kind = 'sent_elsewhere'", id=id_)
    assert [tuple(row) for row in told] == [({"lines": ["1"], "reason": "老系统发的"}, "u1")]
    check_invariants(world)


@pytest.mark.parametrize("later", [{"1": "X1"}, {"1": "X9"}, {"1": ""}])
def test_a_later_document_does_not_undo_it(world: World, later: dict[str, str]) -> None:
    id_ = rest_sent(world)
    show(world, "T", later, at=120, seller_memo="新备注")
    show(world, "T", later, at=180, seller_memo="又一条")
    assert world.holds(id_) - {"memo_changed"} == set()
    assert counters(world, id_)["1"] == (1, 1, 0, 0)
    assert [len(notice.lines) for notice in world.script.asked("create")][-1] == 1
    check_invariants(world)


def test_a_refund_that_is_paid_and_taken_back_does_not_undo_it(world: World) -> None:
    id_ = rest_sent(world)
    for at, refund in ((120, "succeeded"), (180, "none")):
        lines = [a_line("1", "A", refund=refund), TWO[1]]
        show(world, "T", FIRST, lines=lines, at=at)
    assert counters(world, id_)["1"] == (1, 1, 0, 0)
    ship_all(world, id_)
    settle(world)
    assert [notice.line_nos for notice in world.script.asked("push_shipment")] == [("2",)]
    check_invariants(world)


def test_an_order_that_closes_and_opens_again_sends_only_the_rest(world: World) -> None:
    id_ = rest_sent(world)
    show(world, "T", {}, at=120, state="cancelled")
    assert world.one("select status from orders where id = :id", id=id_) == "cancelled"
    show(world, "T", FIRST, at=180)
    assert counters(world, id_)["1"][1] == 1
    ship_all(world, id_)
    settle(world)
    assert counters(world, id_)["2"][3] == 2
    check_invariants(world)


def test_another_line_shown_later_holds_the_order_again(world: World) -> None:
    id_ = rest_sent(world)
    show(world, "T", {"1": "X1", "2": "X2"}, at=120)
    assert world.holds(id_) == {"already_shipped"}
    with pytest.raises(NotPossible, match="nothing would be left"):
        send_rest(world.hub, id_, ids_of(world, id_, "2"), "u1", "也是那边发的")


def test_more_units_of_the_line_are_for_people_to_decide_again(world: World) -> None:
    id_ = rest_sent(world)
    show(world, "T", FIRST, lines=[a_line("1", "A", units=3), TWO[1]], at=120)
    assert "already_shipped" in world.holds(id_)
    assert counters(world, id_)["1"][:2] == (3, 1)


def test_of_two_lines_held_the_one_not_named_is_sent(world: World) -> None:
    id_ = rest_sent(world, {"1": "X1", "2": "X2"}, "1")
    show(world, "T", {"1": "X1", "2": "X2"}, at=120)
    assert world.holds(id_) == set()
    assert counters(world, id_) == {"1": (1, 1, 0, 0), "2": (2, 0, 2, 0)}
    check_invariants(world)


def test_what_is_still_at_a_warehouse_is_not_given_away(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    world.script.next("cancel", Refused("packed"))
    show(world, "T", FIRST)
    with pytest.raises(NotPossible, match="still at a warehouse"):
        send_rest(world.hub, id_, ids_of(world, id_, "1"), "u1", "老系统发的")
    assert world.holds(id_) == {"already_shipped"}


def test_the_fulfilment_without_the_line_goes_on(make_world: Any) -> None:
    world = split_world(make_world)
    id_ = rest_sent(world)
    assert sorted(statuses(world, id_)) == ["cancelled", "sent"]
    check_invariants(world)


def naming(*numbers: str) -> Callable[[World, int], None]:
    return lambda world, id_: send_rest(world.hub, id_, ids_of(world, id_, *numbers), "u1", "老系统发的")


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (naming(), Invalid, "no line is named"),
        (naming("2"), Invalid, "does not show"),
        (lambda world, id_: send_rest(world.hub, id_, ids_of(world, id_, "1"), "u1", " "), Invalid, "a reason"),
        (lambda world, id_: send_rest(world.hub, 1, [1], "u1", "老系统发的"), NotFound, "no such order"),
    ],
)
def test_what_cannot_be_is_refused(
    world: World, asked: Callable[[World, int], None], error: type[HubError], words: str
) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", FIRST)
    with pytest.raises(error, match=words):
        asked(world, id_)
    assert counters(world, id_)["1"] == (1, 0, 0, 0)


def test_without_the_hold_there_is_nothing_to_say(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    with pytest.raises(NotPossible, match="not held"):
        naming("1")(world, id_)
    show(world, "T", {}, at=120, state="cancelled")
    with pytest.raises(WrongState):
        naming("1")(world, id_)


def test_a_hold_that_is_lifted_whole_sends_everything_as_before(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", FIRST)
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "u1", "其实没发")
    settle(world)
    assert counters(world, id_) == {"1": (1, 0, 1, 0), "2": (2, 0, 2, 0)}
