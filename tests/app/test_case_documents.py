"""Cases of several lines, their documents kept sealed, and a change that did not move the platform's stamp."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract.records import RawDocument
from oms.app.capture.case_rows import hash_of
from oms.app.capture.intake import parser_of
from oms.app.kernel.receivers import open_key
from tests.app.test_deciding_cases import a_case, take
from tests.factories import START, World, a_line, an_order, settle

LINES = """select l.external_no, c.units, c.amount from case_line c
join order_line l on l.id = c.order_line_id order by 1"""
RAW = "select sealed, data_key_id, content_hash from raw_document where kind = 'case' order by id"


def two_lines(no: str = "C1", **changes: Any) -> RawDocument:
    """A return of one of three units of the first line and all of the second."""
    lines = [{"line_no": "1", "units": 1, "amount": 1000}, {"line_no": "2", "units": 1, "amount": 500}]
    return a_case(no, **{"line_no": "", "kind": "return", "amount": 1500, "lines": lines, **changes})


def an_order_of_three(world: World) -> int:
    lines = [a_line("1", "A", units=3, paid=3000), a_line("2", "B", paid=500), a_line("3", "C", paid=700)]
    return an_order(world, lines, no="T1")


def refunds(world: World) -> dict[str, str]:
    return dict(tuple(row) for row in world.rows("select external_no, refund_state from order_line"))


def unsealed(world: World, row: Any) -> bytes:
    with world.hub.begin() as connection:
        return open_key(world.hub, connection, row.data_key_id).unseal(row.sealed)


def test_each_line_of_a_case_is_kept_with_its_units_and_amount_and_held(world: World) -> None:
    order_id = an_order_of_three(world)
    take(world, two_lines())
    assert world.rows(LINES) == [("1", 1, 1000), ("2", 1, 500)]
    assert refunds(world) == {"1": "asked", "2": "asked", "3": "none"}
    assert "refund_asked" in world.holds(order_id)
    take(world, two_lines(at=9, lines=[{"line_no": "2", "units": 1, "amount": 400}], amount=400))
    assert world.rows(LINES) == [("2", 1, 400)]


def test_a_line_named_beside_others_that_has_one_more_unit_is_counted_together(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines(lines=[{"line_no": "1", "units": 1, "amount": 1000}, {"line_no": "1", "units": 2}]))
    assert world.rows(LINES) == [("1", 3, 1000)]


def test_a_case_that_ends_frees_all_its_lines(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines())
    take(world, two_lines(at=9, state="closed"))
    assert refunds(world) == {"1": "closed", "2": "closed", "3": "none"}


def test_a_part_of_a_line_that_was_paid_back_does_not_drop_the_line(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines(state="succeeded"))
    assert refunds(world) == {"1": "none", "2": "none", "3": "none"}
    take(world, two_lines("C2"))
    take(world, two_lines("C2", at=9, state="succeeded"))
    settle(world)
    assert refunds(world)["1"] == "asked"  # Until the order, which is read anew, tells what is left of it.
    assert refunds(world)["2"] == "succeeded"
    assert world.rows("select external_no from pending_reference where kind = 'order'") == [("T1",)]


def test_a_change_that_did_not_move_the_stamp_is_taken_once(world: World) -> None:
    an_order_of_three(world)
    take(world, two_lines())
    question = "select asked_amount, version from cases"
    for document in (two_lines(), two_lines(evidence=["https://pictures.example/1.jpg?sign=2"])):
        take(world, document)
        assert world.rows(question) == [(1500, 1)]
    dearer = two_lines(amount=1600)
    take(world, dearer)
    take(world, dearer)
    assert world.rows(question) == [(1600, 2)]


def test_what_was_fetched_earlier_says_nothing_new_under_the_same_stamp(world: World) -> None:
    an_order_of_three(world)
    newer = two_lines(amount=1600)
    later = START + timedelta(seconds=60)
    take(world, RawDocument("case", "C1", newer.body, later, START))
    take(world, two_lines())
    assert world.one("select asked_amount from cases") == 1600


def test_a_document_is_kept_sealed_with_its_order_and_gives_the_same_case_again(world: World) -> None:
    order_id = an_order_of_three(world)
    document = two_lines()
    take(world, document)
    take(world, document)
    (row,) = world.rows(RAW)
    assert row.data_key_id == order_id
    assert document.body not in row.sealed
    body = unsealed(world, row)
    assert body == document.body
    parser = parser_of(world.hub, world.hub.masters.get(world.hub.engine, world.clock()).shops[1])
    assert hash_of(parser.parse_case(body)) == world.one("select content_hash from cases")


@pytest.mark.parametrize("times", [1, 2])
def test_a_case_without_its_order_has_a_key_of_its_own(world: World, times: int) -> None:
    ids = {take(world, a_case("C2", "T-unknown", at=at, amount=at)) for at in range(1, times + 1)}
    rows = world.rows(RAW)
    assert {row.data_key_id for row in rows} == ids
    assert [unsealed(world, row)[:1] for row in rows] == [b"{"] * times
    assert world.one("select count(*) from case_line where order_line_id is null") == 1


def test_a_number_in_a_buyer_s_reason_is_not_kept_in_plain_text(world: World) -> None:
    an_order_of_three(world)
    take(world, a_case(reason="打 13800001111 找我"))
    assert world.one("select reason from cases") == "打 *** 找我"
