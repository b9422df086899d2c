"""Lists of Vendure walked to their ends: orders that move between pages, equal stamps, windows, kinds of orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.vendure.papers import ORDER, REFUND, a_list, a_payment, a_refund, an_order
from tests.connectors.marketplaces.vendure.stage import URL, Stage

DAY = timedelta(days=1)


class Shelf:
    """Orders of a store, listed as Vendure lists them: by stamp, an offset and a page at a time."""

    def __init__(self, stage: Stage, stamps: dict[str, str], page: int) -> None:
        self.stamps, self.page = stamps, page
        self.moves: list[tuple[str, str]] = []
        stage.platform.reset()
        stage.platform.add_callback("POST", URL, callback=self._play)

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        options = orjson.loads(request.body)["variables"]["options"]
        if "updatedAt" not in options["filter"]:
            return 200, {}, orjson.dumps({"data": {"orders": a_list()}})
        span = options["filter"]["updatedAt"]["between"]
        ids = sorted(self.stamps, key=lambda number: (self.stamps[number], number))
        found = [number for number in ids if span["start"] <= self.stamps[number] <= span["end"]]
        page = found[options["skip"] : options["skip"] + self.page]
        answer = {"orders": a_list(*(an_order(id=number, updatedAt=self.stamps[number]) for number in page))}
        answer["orders"]["totalItems"] = len(found)
        if self.moves:
            number, stamp = self.moves.pop(0)
            self.stamps[number] = stamp
        return 200, {}, orjson.dumps({"data": answer})


def walk(pull: Any, cursor: str) -> list[str]:
    """The numbers that a stream brings until it ends."""
    found: list[str] = []
    for _ in range(50):
        page = pull(cursor)
        found += [row.external_no for row in page.documents]
        cursor = page.cursor
        if not page.more:
            return found
    raise AssertionError("the stream does not end")


def at(second: int) -> str:
    return f"2026-03-02T03:00:{second:02}.000Z"


def test_an_order_that_moves_between_pages_is_read_again_and_none_is_lost(stage: Stage):
    shelf = Shelf(stage, {f"o{n}": at(n) for n in range(1, 8)}, page=3)
    shelf.moves = [("o1", at(30)), ("o3", at(31))]
    found = walk(stage.vendure.pull_orders, stage.vendure.between(NOW - DAY, NOW))
    assert set(found) == {f"o{n}" for n in range(1, 8)}
    assert found[-2:] == ["o1", "o3"]


def test_orders_of_one_stamp_fill_more_than_a_page_while_one_moves(stage: Stage):
    shelf = Shelf(stage, {f"o{n}": at(5) for n in range(1, 20)}, page=4)
    shelf.moves = [("o1", at(30))]
    found = walk(stage.vendure.pull_orders, stage.vendure.between(NOW - DAY, NOW))
    assert set(found) == {f"o{n}" for n in range(1, 20)}


def test_a_stream_starts_again_an_overlap_before_it_began_and_leaves_carts_out(stage: Stage):
    stage.answers(*[{"orders": a_list()}] * 4)
    cursor = ""
    for more in (True, False, True, False):
        page = stage.vendure.pull_orders(cursor)
        cursor = page.cursor
        assert page.more is more
    for (_, sent), stamp in zip(stage.sent, ("updatedAt", "orderPlacedAt") * 2, strict=True):
        wanted = {"active": {"eq": False}, "orderPlacedAt": {"isNull": False}}
        assert sent["options"]["filter"] == wanted | {stamp: {"after": "2026-03-02T03:54:59.999Z"}}
        assert sent["options"]["sort"] == {stamp: "ASC"}


@pytest.mark.parametrize(("skipped", "kept"), [("Aggregate", ["a", "c"]), ("Seller", ["a", "b"])])
def test_an_order_of_several_sellers_is_captured_once(skipped: str, kept: list[str]):
    kinds = {"a": "Regular", "b": "Aggregate", "c": "Seller"}
    with Stage(skip_types=skipped) as stage:
        stage.answers({"orders": a_list(*(an_order(id=number, type=kind) for number, kind in kinds.items()))})
        assert [row.external_no for row in stage.vendure.pull_orders("").documents] == kept


def test_a_document_holds_the_order_as_it_came(stage: Stage):
    stage.answers({"orders": a_list(an_order())})
    (document,) = stage.vendure.pull_orders("").documents
    assert stage.vendure.parse_order(document.body).external_no == document.external_no == ORDER


@pytest.mark.parametrize("since", ["2026-01-15", "2026-01-15T00:00:00+01:00"])
def test_the_start_is_the_account_s(since: str):
    with Stage(since=since) as stage:
        stage.answers({"orders": a_list()})
        stage.vendure.pull_orders("")
        assert stage.sent[0][1]["options"]["filter"]["updatedAt"]["after"].startswith("2026-01-14T")


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"a":1}', '["x","",0,"",""]'])
def test_a_strange_cursor_is_a_bad_record(stage: Stage, cursor: str):
    with pytest.raises(BadRecord):
        stage.vendure.pull_orders(cursor)


def test_a_start_that_is_no_time_is_a_bad_record():
    with Stage(since="soon") as stage, pytest.raises(BadRecord):
        stage.vendure.pull_orders("")


def test_cases_are_the_refunds_of_orders_changed_and_hourly_of_those_placed_lately(stage: Stage):
    paid = a_payment(16000, a_refund(), a_refund(id="92"))
    late = an_order(id="502", payments=[a_payment(16000, a_refund(id="93"))])
    stage.answers({"orders": a_list(an_order(payments=[paid]), an_order(id="503"))}, {"orders": a_list(late)})
    first = stage.vendure.pull_cases("")
    assert [reference.external_no for reference in first.references] == [f"{ORDER}:{REFUND}", f"{ORDER}:92"]
    assert first.more
    second = stage.vendure.pull_cases(first.cursor)
    assert ([reference.external_no for reference in second.references], second.more) == (["502:93"], False)
    assert "between" in stage.sent[1][1]["options"]["filter"]["orderPlacedAt"]
    stage.answers({"orders": a_list()})
    assert not stage.vendure.pull_cases(second.cursor).more
    assert "after" in stage.sent[2][1]["options"]["filter"]["updatedAt"]


def test_cases_of_a_past_window_and_of_an_account_that_wants_no_search_end_at_once(stage: Stage):
    stage.answers({"orders": a_list()})
    assert not stage.vendure.pull_cases(stage.vendure.between(NOW - DAY, NOW)).more
    with Stage(refund_days="0") as other:
        other.answers({"orders": a_list()})
        assert not other.vendure.pull_cases("").more


@pytest.mark.parametrize("cursor", ["nonsense", "{}", '{"changed":"","placed":"","swept":"x"}', "[]"])
def test_a_strange_cursor_of_cases_is_a_bad_record(stage: Stage, cursor: str):
    with pytest.raises(BadRecord):
        stage.vendure.pull_cases(cursor)


def test_created_orders_come_from_another_sort(stage: Stage):
    stage.answers({"orders": a_list(an_order())})
    page = stage.vendure.list_created(NOW - DAY, NOW, "")
    assert (page.more, page.orders[0].external_no) == (False, ORDER)
    options = stage.sent[0][1]["options"]
    assert options["sort"] == {"orderPlacedAt": "ASC"}
    assert options["filter"]["orderPlacedAt"] == {
        "between": {"start": "2026-03-01T03:59:59.999Z", "end": "2026-03-02T04:00:00.001Z"}
    }
