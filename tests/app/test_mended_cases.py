"""A case that comes before its order belongs to it as soon as the order is there."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from connectors.contract.records import RawDocument
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import parser_of
from tests.app.test_deciding_cases import a_case as case_of_line
from tests.app.test_deciding_cases import take as decided
from tests.factories import START, World, a_document, a_line, advance, an_order, raw, take


def a_case(no: str, order_no: str) -> RawDocument:
    body = {
        "external_no": no, "order_no": order_no, "line_no": "1", "kind": "refund", "state": "closed",
        "platform_status": "closed", "currency": "CNY", "amount": 1000, "created_at": START.isoformat(),
        "changed_at": (START + timedelta(seconds=5)).isoformat(),
    }  # fmt: skip
    return RawDocument("case", no, orjson.dumps(body), START, START)


def test_a_case_told_of_before_its_order_is_linked_to_it(world: World) -> None:
    card = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    with world.hub.begin() as connection:
        documents = [a_case("C1", "T1"), a_case("C2", "T2")]
        assert take_cases(world.hub, connection, card, parser_of(world.hub, card), documents) == 2
    id_ = an_order(world, no="T1")
    assert world.rows("select external_no, order_id from cases order by 1") == [("C1", id_), ("C2", None)]


@pytest.mark.parametrize("state", ["agreed", "returned", "succeeded"])
def test_an_order_that_only_marks_a_request_takes_back_nothing_that_its_case_has_told(world: World, state: str) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000), a_line("2", "B", 1, 500)], no="T1")
    decided(world, case_of_line("C1", "T1", at=5))
    decided(world, case_of_line("C1", "T1", at=10, state=state))
    marked = [a_line("1", "A", 1, 1000, refund="asked"), a_line("2", "B", 1, 500)]
    take(world, raw(a_document("T1", marked, at=60, seller_memo="hurry"), fetched=60))
    advance(world)
    lines = "select refund_state, case_no from order_line where order_id = :id and external_no = '1'"
    assert [tuple(row) for row in world.rows(lines, id=id_)] == [(state, "C1")]
    kept = world.one("select count(*) from hold where kind = 'refund_asked' and cleared_at is null")
    assert kept == (0 if state == "succeeded" else 1)


def test_a_mark_without_a_case_is_a_request_all_the_same(world: World) -> None:
    id_ = an_order(world, no="T1")
    decided(world, case_of_line("C1", "T1", at=5, state="closed"))
    take(world, raw(a_document("T1", [a_line(refund="asked")], at=60), fetched=60))
    assert world.one("select refund_state from order_line where order_id = :id and external_no = '1'", id=id_) == "asked"


def test_a_newer_mark_takes_back_what_an_older_version_of_the_order_itself_said(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000, refund="succeeded"), a_line("2", "B", 1, 500)], no="T1")
    marked = [a_line("1", "A", 1, 1000, refund="asked"), a_line("2", "B", 1, 500)]
    take(world, raw(a_document("T1", marked, at=60), fetched=60))
    advance(world)
    assert world.one("select refund_state from order_line where order_id = :id and external_no = '1'", id=id_) == "asked"
    assert world.one("select cancelled from order_line where order_id = :id and external_no = '1'", id=id_) == 0
