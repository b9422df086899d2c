"""Whatever asks for a document while it is being fetched is answered by a later fetch, never by the one under way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.records import RawDocument, Reference
from oms.app.capture import references
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import parser_of
from oms.app.capture.references import fetch_details, note_references
from oms.app.kernel.rereading import ask_again
from tests.factories import START, World, a_document, a_line, an_order, order_id, raw, settle, take


def a_case(state: str = "asked", at: int = 0, no: str = "C1", **changes: Any) -> RawDocument:
    """A case of order T, changed `at` seconds after the start."""
    stamp = (START + timedelta(seconds=at)).isoformat()
    body = {"external_no": no, "order_no": "T", "line_no": "1", "kind": "refund", "state": state,
            "platform_status": state, "currency": "CNY", "amount": 1000, "changed_at": stamp,
            "created_at": START.isoformat()} | changes  # fmt: skip
    return RawDocument("case", no, orjson.dumps(body), START, START)


def take_case(world: World, *documents: RawDocument) -> int:
    """Take cases in; answers how many changed something."""
    with world.hub.begin() as connection:
        shop = world.hub.masters.get(connection, world.clock()).shops[1]
        return take_cases(world.hub, connection, shop, parser_of(world.hub, shop), documents)


def being_fetched(world: World) -> references.Claimed:
    """Order T is noted and claimed by a worker that fetches it."""
    with world.hub.begin() as connection:
        note_references(connection, 1, "order", [Reference("T", START + timedelta(seconds=5))])
    world.run("update pending_reference set due_at = :now", now=world.clock())
    with world.hub.begin() as connection:
        claimed = references._claim(world.hub, connection, 10)
    assert claimed is not None
    assert claimed.numbers == ("T",)
    return claimed


def test_a_refund_asked_while_the_order_is_fetched_holds_it_until_it_was_read_again(world: World) -> None:
    id_ = an_order(world, no="T")
    claimed = being_fetched(world)
    fetched = raw(a_document("T", at=5, seller_memo="m"), 10)  # The platform answered before the refund was asked.
    world.clock.forward(12)
    assert take_case(world, a_case(at=11)) == 1
    settle(world)
    assert "refund_asked" in world.holds(id_)
    with world.hub.begin() as connection:
        references._done(connection, claimed, [fetched])
    take(world, fetched)
    settle(world)
    assert "refund_asked" in world.holds(id_)
    assert world.one("select refund_state from order_line") == "asked"
    assert world.one("select claim from pending_reference") is None
    assert not [work for work in world.fulfilments(id_) if work.status in ("planned", "sending", "sent")]
    closed = raw(a_document("T", [a_line(refund="closed", case_no="C1")], at=13), 20)
    world.script.next("get_order", closed)
    assert fetch_details(world.hub) == 1
    assert world.one("select refund_state from order_line") == "closed"
    assert world.rows("select * from pending_reference") == []


def test_a_reread_says_that_the_refund_is_gone(world: World) -> None:
    id_ = an_order(world, no="T")
    world.clock.forward(10)
    take_case(world, a_case(at=9))
    settle(world)
    world.clock.forward(1)
    world.script.next("get_order", raw(a_document("T", [a_line()], at=10), 11))
    assert fetch_details(world.hub) == 1
    settle(world)
    assert world.one("select refund_state from order_line") == "none"
    assert [work.status for work in world.fulfilments(id_)][-1:] == ["sent"]


@pytest.mark.parametrize("how", ["noted", "asked"])
def test_what_is_asked_for_during_a_fetch_is_not_forgotten_after_it(world: World, how: str) -> None:
    claimed = being_fetched(world)
    with world.hub.begin() as connection:
        if how == "noted":
            note_references(connection, 1, "order", [Reference("T", START + timedelta(seconds=9))])
        else:
            ask_again(connection, 1, "order", ["T"], world.clock())
    fetched = raw(a_document("T"), 0)
    with world.hub.begin() as connection:
        references._done(connection, claimed, [fetched])
    assert world.one("select count(*) from pending_reference where claim is null") == 1
    with world.hub.begin() as connection:
        again = references._claim(world.hub, connection, 10)
        assert again is not None
        references._done(connection, again, [fetched])
    take(world, fetched)
    assert order_id(world, "T")
    assert world.rows("select * from pending_reference") == []


def test_a_number_noted_often_while_it_is_fetched_is_put_off_only_by_its_own_failures(world: World) -> None:
    for at in range(6, 18):
        claimed = being_fetched(world)
        with world.hub.begin() as connection:
            note_references(connection, 1, "order", [Reference("T", START + timedelta(seconds=at))])
            references._done(connection, claimed, [raw(a_document("T"), 0)])
    failed = being_fetched(world)
    references._put_off(world.hub, failed, failed.numbers, "the other side failed", None)
    waits = world.one("select due_at from pending_reference") - world.clock()
    assert waits == timedelta(seconds=2)
