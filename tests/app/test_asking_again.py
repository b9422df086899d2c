"""Each asking for the money back asks the warehouse anew, though it has said no before; but not for ever."""

from __future__ import annotations

from connectors.contract.errors import Refused
from oms.app.intercept.asking import TRIES
from tests.factories import World, a_document, a_line, an_order, raw, settle, take


def refund(world: World, case_no: str, no: str = "T") -> None:
    """The buyer asks for the money back, or takes the wish back when there is no case number."""
    world.clock.forward(5)
    line = a_line(refund="asked", case_no=case_no) if case_no else a_line()
    at = int((world.clock() - world.one("select min(captured_at) from orders")).total_seconds()) + 1
    take(world, raw(a_document(no, [line], at=at), at))
    settle(world)


def refused_once(world: World) -> int:
    """An order whose warehouse said that it is too late for the first case; answers its id."""
    id_ = an_order(world, no="T")
    settle(world)
    world.script.next("cancel", Refused("packed"))
    refund(world, "C1")
    return id_


def ledger(world: World) -> list[tuple[str, str, str]]:
    rows = world.rows("select case_no, asked_of, state from interception order by asked_at, id")
    return [tuple(row) for row in rows]


def test_a_second_case_is_asked_of_the_warehouse_and_stands_in_the_ledger(world: World) -> None:
    id_ = refused_once(world)
    refund(world, "")
    assert (world.holds(id_), ledger(world)) == (set(), [("C1", "warehouse", "failed")])
    refund(world, "C2")
    assert ledger(world) == [("C1", "warehouse", "failed"), ("C2", "warehouse", "succeeded")]
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]


def test_the_same_case_asked_again_after_it_was_withdrawn_is_asked_again(world: World) -> None:
    refused_once(world)
    refund(world, "")
    refund(world, "C1")
    assert [row[2] for row in ledger(world)] == ["failed", "succeeded"]


def test_a_case_that_stays_open_is_asked_once_and_one_that_replaces_it_anew(world: World) -> None:
    refused_once(world)
    for _ in range(3):
        refund(world, "C1")
    assert len(world.script.asked("cancel")) == 1
    refund(world, "C2")
    assert [row[0] for row in ledger(world)] == ["C1", "C2"]


def test_a_second_line_asked_back_while_the_first_case_stands_is_asked_anew(world: World) -> None:
    an_order(world, [a_line("1"), a_line("2")], no="T")
    settle(world)
    world.script.next("cancel", Refused("packed"))
    for at, second in ((1, {}), (2, {"refund": "asked", "case_no": "C0"})):
        world.clock.forward(1)
        lines = [a_line("1", refund="asked", case_no="C1"), a_line("2", **second)]
        take(world, raw(a_document("T", lines, at=at), at))
        settle(world)
    assert ledger(world) == [("C1", "warehouse", "failed"), ("C0", "warehouse", "succeeded")]


def test_a_buyer_who_never_stops_asking_is_a_failure_for_people(world: World) -> None:
    refused_once(world)
    for number in range(2, TRIES + 3):
        world.script.next("cancel", Refused("packed"))
        refund(world, "")
        refund(world, f"C{number}")
        settle(world)
    assert len(world.script.asked("cancel")) == TRIES
    told = ledger(world)[TRIES:]
    assert told == [(f"C{TRIES + 1}", "nobody", "failed"), (f"C{TRIES + 2}", "nobody", "failed")]
