"""What was paid back of each line follows the paid cases; a case of the whole order holds all of its goods."""

from __future__ import annotations

from tests.app.test_case_documents import an_order_of_three, two_lines
from tests.app.test_deciding_cases import a_case, sent, take
from tests.app.test_paying_cases import pay, paying, to_pay
from tests.factories import World, a_line, advance, an_order

__all__ = ["paying"]
BACK = "select external_no, refunded, refunded_amount from order_line order by external_no"


def test_a_refund_that_we_paid_is_counted_once_it_is_paid(paying: World) -> None:
    case_id = to_pay(paying)
    pay(paying, case_id, 900)
    assert paying.rows(BACK) == [("1", 0, 0)]
    assert sent(paying) == ["done"]
    assert paying.one("select refunded_amount from order_line") == 900


def test_a_case_the_platform_paid_is_counted_line_by_line_however_often_it_is_told(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines(state="succeeded"))
    assert world.rows(BACK) == [("1", 1, 1000), ("2", 1, 500), ("3", 0, 0)]
    take(world, two_lines(at=9, state="succeeded"))
    assert world.rows(BACK) == [("1", 1, 1000), ("2", 1, 500), ("3", 0, 0)]
    take(world, two_lines("C2", state="succeeded"))
    assert world.rows(BACK) == [("1", 2, 2000), ("2", 1, 500), ("3", 0, 0)]


def test_an_exchange_pays_nothing_back(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines(kind="exchange", state="succeeded"))
    assert {row[1:] for row in world.rows(BACK)} == {(0, 0)}


def test_a_case_of_the_whole_order_is_shared_by_what_was_paid(world: World) -> None:
    an_order_of_three(world)
    take(world, a_case("C1", line_no="", amount=420, state="succeeded"))
    assert world.rows(BACK) == [("1", 0, 300), ("2", 0, 50), ("3", 0, 70)]


def test_a_case_of_the_whole_order_holds_it_until_it_ends(world: World) -> None:
    order_id = an_order(world, [a_line("1", "A"), a_line("2", "B")], no="T1")
    take(world, a_case("C1", line_no="", amount=500))
    assert "refund_asked" in world.holds(order_id)
    advance(world)
    assert world.fulfilments(order_id) == []
    take(world, a_case("C1", at=9, line_no="", amount=500, state="succeeded"))
    assert {row[0] for row in world.rows("select refund_state from order_line")} == {"asked"}
    take(world, a_case("C1", at=19, line_no="", amount=500, state="closed"))
    advance(world)
    assert world.holds(order_id) == set()
