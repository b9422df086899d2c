"""Versions, parked documents, cases and pushes: one bad one never stops the others, replays change nothing."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import orjson
import pytest

from connectors.contract import notices as n
from connectors.contract.records import RawDocument
from connectors.contract.stocking import StockReport
from oms.app.capture import parked, reading_again
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import Taken, parser_of
from oms.app.capture.pushes import receive
from oms.app.pipeline.inbox import work_batch
from tests.app.shipping import a_parcel, a_shipment
from tests.factories import START, World, a_document, a_line, an_order, order_id, raw, settle, take


def test_one_bad_document_parks_and_the_others_go_on(world: World) -> None:
    bad = a_document("BAD")
    del bad["buyer"]
    wrong_sum = a_document("SUM", paid_total=1)
    broken = RawDocument("order", "BROKEN", b"{", START)
    taken = take(world, raw(a_document("T1")), raw(bad), raw(wrong_sum), broken, raw(a_document("T2")))
    assert taken == Taken(2, 0, 0, 3)
    rows = world.rows("select external_no, field, state from parked_record order by 1")
    assert [tuple(row) for row in rows] == [
        ("BAD", "buyer", "parked"), ("BROKEN", "document", "parked"), ("SUM", "paid_total", "parked"),
    ]  # fmt: skip


def test_a_parked_document_is_resolved_by_a_newer_one(world: World) -> None:
    take(world, raw(a_document("T", paid_total=1)))
    take(world, raw(a_document("T", at=60)))
    assert world.one("select state from parked_record") == "resolved"


def test_a_parked_document_is_read_again_and_asked_for_anew(world: World) -> None:
    take(world, raw(a_document("T", paid_total=1)))
    id_ = world.one("select id from parked_record")
    assert reading_again.retry(world.hub, [id_], "u1") == {id_: "parked"}
    assert world.one("select external_no from pending_reference") == "T"
    assert parked.discard(world.hub, [id_], "u1", "test order") == 1
    assert reading_again.retry(world.hub, [id_], "u1") == {id_: "no longer parked"}


def test_the_newer_version_wins_and_the_same_changes_nothing(world: World) -> None:
    new, old = raw(a_document("T", at=60, seller_memo="new"), 60), raw(a_document("T", at=0), 0)
    assert take(world, new) == Taken(1, 0, 0, 0)
    assert take(world, old) == Taken(0, 0, 1, 0)
    assert take(world, new, new, old) == Taken(0, 0, 1, 0)
    assert world.one("select has_memo from orders") is True


def test_an_equal_stamp_with_other_content_fetched_later_applies(world: World) -> None:
    take(world, raw(a_document("T"), 10))
    assert take(world, raw(a_document("T", seller_memo="x"), 20)).newer == 1
    assert world.rows("select 1 from pending_reference") == []


def test_an_equal_stamp_with_other_content_fetched_earlier_is_read_again(world: World) -> None:
    take(world, raw(a_document("T"), 10))
    assert take(world, raw(a_document("T", seller_memo="x"), 5)) == Taken(0, 0, 0, 0)
    assert world.one("select kind || external_no from pending_reference") == "orderT"


def test_a_refund_of_the_only_line_before_anything_was_planned_closes_the_order(world: World) -> None:
    id_ = an_order(world, [a_line(refund="succeeded")])
    settle(world)
    assert (world.phase(id_), world.holds(id_)) == ("cancelled", set())


def a_case(no: str, state: str, at: int, **changes: Any) -> RawDocument:
    stamp = START.replace(minute=at).isoformat()
    plain = {"external_no": no, "order_no": "T", "line_no": "1", "kind": "refund", "state": state,
             "platform_status": state, "currency": "CNY", "amount": 1000, "changed_at": stamp,
             "created_at": START.isoformat(), **changes}  # fmt: skip
    return RawDocument("case", no, orjson.dumps(plain), START)


def tell(world: World, *documents: RawDocument) -> int:
    with world.hub.begin() as connection:
        shop = world.hub.masters.get(connection, world.clock()).shops[1]
        return take_cases(world.hub, connection, shop, parser_of(world.hub, shop), documents)


def test_a_case_holds_its_order_before_the_orders_own_stamp_moves(world: World) -> None:
    id_ = an_order(world, no="T")
    settle(world)
    assert tell(world, a_case("C1", "asked", 1)) == 1
    settle(world)
    assert "refund_asked" in world.holds(id_)
    assert [work.status for work in world.fulfilments(id_)] == ["cancelled"]
    assert world.one("select external_no from pending_reference") == "T"


def test_an_older_version_of_a_case_changes_nothing(world: World) -> None:
    id_ = an_order(world, no="T")
    assert tell(world, a_case("C1", "closed", 5)) == 1
    assert tell(world, a_case("C1", "asked", 1)) == 0
    settle(world)
    assert world.one("select platform_state from cases") == "closed"
    assert world.holds(id_) == set()


def test_a_bad_case_parks_and_is_resolved_by_a_good_one(world: World) -> None:
    an_order(world, no="T")
    bad = RawDocument("case", "C1", b'{"external_no": "C1"}', START)
    broken = RawDocument("case", "C2", b"{", START)
    assert tell(world, bad, broken, a_case("C3", "asked", 1)) == 1
    states = "select external_no || ' ' || state from parked_record order by 1"
    assert [row[0] for row in world.rows(states)] == ["C1 parked", "C2 parked"]
    id_ = world.one("select id from parked_record where external_no = 'C1'")
    assert reading_again.retry(world.hub, [id_], "u1") == {id_: "parked"}
    tell(world, a_case("C1", "asked", 2))
    assert [row[0] for row in world.rows(states)] == ["C1 resolved", "C2 parked"]


def a_push(body: bytes, sign: str = "") -> n.PushRequest:
    sign = sign or hashlib.sha256(body).hexdigest()
    return n.PushRequest("POST", "/x", {}, {"x-sign": sign}, body, START)


def test_a_push_is_answered_stored_and_worked_on_once(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    work = world.fulfilments(id_)[0].id
    for _ in range(3):
        assert receive(world.hub, "warehouses", "plainwms", "tw", a_push(b"shipped")).body == b"ok"
    world.script.next("parse", a_shipment(work, a_parcel(("A", 1))))
    assert work_batch(world.hub) == 1
    assert work_batch(world.hub) == 0
    assert (world.phase(id_), world.one("select state from push_message")) == ("shipped", "done")


def test_a_push_that_is_not_genuine_is_refused_and_counted(world: World) -> None:
    for _ in range(2):
        assert receive(world.hub, "warehouse", "plainwms", "tw", a_push(b"shipped", "forged")).status == 401
    assert receive(world.hub, "warehouse", "plainwms", "nobody", a_push(b"x")).status == 404
    assert world.one("select count from refused_push") == 2
    assert world.rows("select 1 from push_message") == []


@pytest.mark.parametrize("number", ["F18", "what", ""])
def test_a_report_about_nothing_of_ours_fails_visibly_and_others_go_on(world: World, number: str) -> None:
    id_ = an_order(world)
    settle(world)
    good = a_shipment(world.fulfilments(id_)[0].id, a_parcel(("A", 1)))
    receive(world.hub, "warehouse", "plainwms", "tw", a_push(b"one"))
    receive(world.hub, "warehouse", "plainwms", "tw", a_push(b"two"))
    world.script.next("parse", n.ProgressReport(number, "k", n.WarehouseState.ACCEPTED, "s", START), good)
    work_batch(world.hub)
    assert world.phase(id_) == "shipped"
    for _ in range(10):
        world.clock.forward(3600)
        world.script.next("parse", n.ProgressReport(number, "k", n.WarehouseState.ACCEPTED, "s", START))
        work_batch(world.hub)
    assert world.one("select count(*) from push_message where state = 'failed'") == 1


def test_a_report_with_a_moment_that_cannot_be_is_refused_at_the_first_look(world: World) -> None:
    receive(world.hub, "warehouse", "plainwms", "tw", a_push(b"levels"))
    world.script.next("parse", StockReport("W1", "k1", START + timedelta(days=365), (), True))
    work_batch(world.hub)
    ((state, attempts, error),) = world.rows("select state, attempts, error from push_message")
    assert (state, attempts, error) == ("failed", 0, "at: this is not within the last 31 days")
    assert world.one("select count(*) from alert where kind = 'message_failed'") == 1


def test_two_orders_of_one_number_in_two_shops_are_two_orders(world: World) -> None:
    world.run("insert into shop (id, code, name, channel_id, account_id, stock_pool_id) values (2, 's2', 's', 1, 1, 1)")
    take(world, raw(a_document("T")))
    take(world, raw(a_document("T")), shop=2)
    assert world.one("select count(*) from orders") == 2
    with pytest.raises(AssertionError):
        order_id(world, "T")


def test_a_case_that_names_another_order_stays_with_the_first_and_people_are_told(world: World) -> None:
    first = an_order(world, no="T")
    an_order(world, no="T2")
    assert tell(world, a_case("C1", "asked", 1)) == 1
    moved = a_case("C1", "asked", 2, order_no="T2")
    assert [tell(world, moved), tell(world, moved)] == [1, 0]
    assert world.rows("select order_no, order_id from cases") == [("T", first)]
    assert world.rows("select kind, count from alert") == [("case_moved", 1)]
