"""Bills of platforms: pulled by their own stream, kept sealed, each line once however often it is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.records import Page, RawDocument
from oms.app.capture import reading_again
from oms.app.capture.sync import sync_next
from oms.app.kernel.queries.order_page import load_order, load_page
from tests.factories import START, World, an_order

ROWS = "select external_no, kind, order_no, amount, words from statement_row order by external_no"


def a_bill(no: str = "B1", *lines: dict[str, Any]) -> RawDocument:
    return RawDocument("statement", no, orjson.dumps({"lines": lines}), START, START)


def a_row(no: str, amount: int, kind: str = "sale", **changes: Any) -> dict[str, Any]:
    return {"external_no": no, "kind": kind, "amount": amount, "currency": "CNY", "at": START.isoformat(),
            "order_no": "T1"} | changes  # fmt: skip


@pytest.fixture
def billed(world: World) -> World:
    """A world whose market tells its bills, and the stream that pulls them."""
    plain: Any = world.hub.vendors["plain"]
    script = world.script

    def pull_statements(self: object, cursor: str) -> Page:
        return script.play("statements", cursor, Page(cursor or "1", more=False))  # type: ignore[no-any-return]

    world.hub.vendors["plain"] = type("Billed", (plain,), {"pull_statements": pull_statements})
    world.run("insert into sync_schedule (shop_id, stream, every_s) values (1, 'statements', 60)")
    return world


def pull(world: World, *documents: RawDocument) -> None:
    world.script.next("statements", Page("1", more=False, documents=documents))
    world.clock.forward(61)
    assert sync_next(world.hub) == 1


def test_lines_of_a_bill_are_kept_once_and_shown_with_their_order(billed: World) -> None:
    order_id = an_order(billed, no="T1")
    bill = a_bill(
        "B1", a_row("B1-0", 950), a_row("B1-1", -50, "commission", words="达人佣金"), a_row("B1-2", 9, order_no="T2")
    )
    pull(billed, bill)
    pull(billed, bill)
    assert billed.rows(ROWS) == [
        ("B1-0", "sale", "T1", 950, ""),
        ("B1-1", "commission", "T1", -50, "达人佣金"),
        ("B1-2", "sale", "T2", 9, ""),
    ]
    with billed.hub.engine.connect() as connection:
        order = load_order(connection, order_id)
        assert order is not None
        assert [row.amount for row in load_page(connection, order).settled] == [950, -50]
    assert billed.one("select count(*) from raw_document where kind = 'statement'") == 1
    assert billed.one("select documents from stream_cursor where stream = 'statements'") == 1
    assert billed.script.asked("statements") == ["", "1"]


def test_a_bill_that_changed_replaces_its_lines(billed: World) -> None:
    pull(billed, a_bill("B1", a_row("B1-0", 950)))
    pull(billed, a_bill("B1", a_row("B1-0", 960, "no such kind")))
    assert billed.rows(ROWS) == [("B1-0", "other", "T1", 960, "")]
    assert billed.one("select count(*) from raw_document where kind = 'statement'") == 2


def test_a_bill_that_cannot_be_read_is_parked_and_the_others_are_taken(billed: World) -> None:
    odd = RawDocument("statement", "B9", b'{"lines": [{"amount": 1}]}', START, START)
    pull(billed, odd, a_bill("B1", a_row("B1-0", 950)))
    assert [row[0] for row in billed.rows(ROWS)] == ["B1-0"]
    (id_,) = [row[0] for row in billed.rows("select id from parked_record where kind = 'statement' and state = 'parked'")]
    billed.hub.vendors["plain"].parse_statement = lambda _self, _body: ()  # type: ignore[attr-defined]
    assert reading_again.retry(billed.hub, [id_], "user:1") == {id_: "resolved"}
    assert billed.rows("select 1 from pending_reference where kind = 'statement'") == []
