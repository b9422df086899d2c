"""One case that cannot be read or stored never stops the others, and parking the same document twice is harmless."""

from __future__ import annotations

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.records import RawDocument
from oms.app.capture import parked, reading_again
from tests.app.test_rereads import a_case, take_case
from tests.factories import START, World, a_document, a_line, an_order, order_id, raw, settle, take

CASES = "select external_no, platform_state from cases order by 1"
PARKED = "select kind, external_no, state, attempts from parked_record order by 2"


def test_a_case_the_database_refuses_is_parked_and_the_others_hold_their_orders(world: World) -> None:
    id_ = an_order(world, no="T")
    assert take_case(world, a_case(no="C1", kind="no such kind"), a_case(no="C2"), a_case(no="C3", amount="x")) == 1
    assert world.rows(CASES) == [("C2", "asked")]
    assert [row[:3] for row in world.rows(PARKED)] == [("case", "C1", "parked"), ("case", "C3", "parked")]
    assert "refund_asked" in world.holds(id_)


def test_a_nul_in_a_buyers_words_does_not_hide_the_case(world: World) -> None:
    id_ = an_order(world, no="T")
    assert take_case(world, a_case(reason="broken\0 lid")) == 1
    assert world.one("select reason from cases") == "broken lid"
    assert "refund_asked" in world.holds(id_)


def test_a_case_whose_body_is_no_case_is_parked(world: World) -> None:
    an_order(world, no="T")
    assert take_case(world, RawDocument("case", "C9", b"{", START, START), a_case()) == 1
    assert [row[:3] for row in world.rows(PARKED)] == [("case", "C9", "parked")]


def test_an_older_version_of_a_case_changes_nothing(world: World) -> None:
    an_order(world, no="T")
    assert [take_case(world, a_case(*version)) for version in (("closed", 10), ("asked", 20), ("closed", 10))] == [
        1,
        1,
        0,
    ]
    assert world.rows(CASES) == [("C1", "asked")]


def unreadable(title: str = "x") -> RawDocument:
    """An order document without its state."""
    plain = a_document("T", [a_line(title=title)])
    del plain["state"]
    return RawDocument("order", "T", orjson.dumps(plain), START, START)


def test_the_same_document_once_more_changes_nothing(world: World) -> None:
    keys = [take(world, unreadable()) and world.rows("select id from data_key") for _ in range(3)]
    assert keys[0] == keys[1] == keys[2]
    assert world.rows(PARKED) == [("order", "T", "parked", 1)]


def test_what_a_person_gave_up_stays_given_up_until_something_newer_comes(world: World) -> None:
    take(world, unreadable())
    parked.discard(world.hub, [world.one("select id from parked_record")], "user:1", "a test")
    take(world, unreadable())
    assert world.rows(PARKED) == [("order", "T", "discarded", 1)]
    take(world, unreadable("another"))
    assert world.rows(PARKED) == [("order", "T", "parked", 2)]
    assert world.one("select count(*) from data_key") == 1
    take(world, raw(a_document("T")))
    settle(world)
    assert world.phase(order_id(world, "T")) == "at_warehouse"
    assert world.one("select state from parked_record") == "resolved"


def test_a_retry_tells_whether_it_helped(world: World) -> None:
    an_order(world, no="T")
    take(world, unreadable("new"))
    take_case(world, a_case(no="C1", kind="no such kind"))
    ids = [row[0] for row in world.rows("select id from parked_record order by kind")]
    assert reading_again.retry(world.hub, ids, "user:1") == {ids[0]: "parked", ids[1]: "parked"}
    assert [row[2:] for row in world.rows(PARKED)] == [("parked", 2), ("parked", 2)]

    def parse_case(_self: object, _body: bytes) -> None:
        raise BadRecord("odd\0", field="a\0")

    world.hub.vendors["plain"].parse_case = parse_case  # type: ignore[attr-defined]
    assert reading_again.retry(world.hub, ids[:1], "user:1") == {ids[0]: "parked"}
    assert world.one("select reason from parked_record where kind = 'case'") == "a: odd"


def test_a_case_that_can_be_read_now_is_resolved_by_a_retry(world: World) -> None:
    an_order(world, no="T")
    parse = world.hub.vendors["plain"].parse_case  # type: ignore[attr-defined]
    world.hub.vendors["plain"].parse_case = lambda _, body: 1 // 0  # type: ignore[attr-defined]
    take_case(world, a_case())
    world.hub.vendors["plain"].parse_case = parse  # type: ignore[attr-defined]
    id_ = world.one("select id from parked_record")
    assert reading_again.retry(world.hub, [id_], "user:1") == {id_: "resolved"}
    assert world.rows(CASES) == [("C1", "asked")]
    assert world.one("select resolved_by from parked_record") == "user:1"
