"""Lists of Saleor walked to their ends: orders that move between pages, bulk imports, windows, older releases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, Retryable
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.saleor.papers import GRANT, PARCEL, RETURN, a_line, an_order, edges, gid
from tests.connectors.marketplaces.saleor.stage import Stage

DAY = timedelta(days=1)


class Shelf:
    """Orders of a shop, listed as Saleor lists them: by stamp, a page at a time, its cursor the place behind a row."""

    def __init__(self, stage: Stage, stamps: dict[str, str], page: int, field: str = "updatedAt") -> None:
        self.stamps, self.page, self.field = stamps, page, field
        self.moves: list[tuple[str, str]] = []
        stage._play = self._play  # type: ignore[method-assign]
        stage.platform.reset()
        stage.platform.add_callback("POST", "https://gate.example.invalid/graphql/", callback=self._play)
        self.asked: list[dict[str, Any]] = []

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = orjson.loads(request.body)["variables"]
        self.asked.append(sent)
        (span,) = sent["filter"].values()
        low, high = span["gte"], span.get("lte", "9")
        ids = sorted(self.stamps, key=lambda number: (self.stamps[number], number))
        found = [number for number in ids if low <= self.stamps[number][: len(low)] and self.stamps[number] <= high + "Z"]
        if sent["after"]:
            found = [number for number in found if (self.stamps[number], number) > tuple(sent["after"].split("|"))]
        page = found[: self.page]
        rows = [an_order(a_line(1), id=number, **{self.field: self.stamps[number]}) for number in page]
        end = f"{self.stamps[page[-1]]}|{page[-1]}" if page else None
        answer = {"orders": edges(*rows, more=len(found) > len(page), end=end)}
        if self.moves:
            number, stamp = self.moves.pop(0)
            self.stamps[number] = stamp
        return 200, {}, orjson.dumps({"data": answer})


def walk(pull: Any, cursor: str) -> list[str]:
    """The numbers that a stream brings until it ends."""
    found: list[str] = []
    for _ in range(50):
        page = pull(cursor)
        found += [row.external_no for row in (*page.documents, *page.references)]
        cursor = page.cursor
        if not page.more:
            return found
    raise AssertionError("the stream does not end")


def at(second: int) -> str:
    return f"2026-03-02T03:00:{second:02}.000000Z"


def test_an_order_that_moves_between_pages_is_read_again_and_none_is_lost(stage: Stage):
    shelf = Shelf(stage, {f"o{n}": at(n) for n in range(1, 8)}, page=2)
    shelf.moves = [("o1", at(30)), ("o3", at(31))]
    found = walk(stage.saleor.pull_orders, stage.saleor.between(NOW - DAY, NOW))
    assert set(found) == {f"o{n}" for n in range(1, 8)}
    assert found[-2:] == ["o1", "o3"]


def test_orders_of_one_stamp_fill_more_than_a_page(stage: Stage):
    Shelf(stage, {f"o{n}": at(5) for n in range(1, 8)}, page=2)
    found = walk(stage.saleor.pull_orders, stage.saleor.between(NOW - DAY, NOW))
    assert set(found) == {f"o{n}" for n in range(1, 8)}


def test_a_stream_starts_again_an_overlap_before_it_began(stage: Stage):
    stage.answers({"orders": edges()}, {"orders": edges()}, {"orders": edges()})
    first = stage.saleor.pull_orders("")
    last = stage.saleor.pull_orders(first.cursor)
    assert (first.more, last.more) == (True, False)
    stage.saleor.pull_orders(last.cursor)
    asked = [stage.sent[call][1]["filter"] for call in (0, 2)]
    assert asked == [{"updatedAt": {"gte": "2026-03-02T03:55:00.000000Z"}}] * 2


@pytest.mark.parametrize("pull", ["pull_orders", "pull_cases"])
def test_a_stream_ends_with_orders_that_have_new_events_and_an_old_stamp(stage: Stage, pull: str):
    quiet = [an_order(a_line(1), id=number, updatedAt=at(1)) for number in ("o1", "o2")]
    for row in quiet:
        row["fulfillments"] = [{"id": RETURN, "status": "RETURNED", "created": at(1), "lines": []}]
    stage.answers({"orders": edges()}, {"orders": edges(quiet[0], more=True, end="o1|")}, {"orders": edges(quiet[1])})
    found = walk(getattr(stage.saleor, pull), "")
    assert [number.partition(":")[0] for number in found] == ["o1", "o2"]
    since = "2026-03-02T03:55:00.000000Z"
    wanted = {"updatedAt": {"lte": since}, "events": [{"date": {"gte": since}}]}
    assert [(sent["filter"], sent["after"]) for _, sent in stage.sent[1:]] == [(wanted, None), (wanted, "o1|")]


def test_older_releases_are_not_asked_for_events():
    with Stage(list_filter="filter") as stage:
        stage.answers({"orders": edges()})
        assert not stage.saleor.pull_orders("").more


def test_a_past_window_ends_without_the_events(stage: Stage):
    stage.answers({"orders": edges()})
    assert walk(stage.saleor.pull_orders, stage.saleor.between(NOW - DAY, NOW)) == []
    assert len(stage.sent) == 1


def test_a_cursor_of_an_earlier_release_is_read_on(stage: Stage):
    stage.answers({"orders": edges()})
    stage.saleor.pull_orders(f'["{at(1)}","{at(7)}","","{at(9)}",""]')
    assert stage.sent[0][1]["filter"] == {"updatedAt": {"gte": at(7)}}


def test_a_list_that_goes_on_without_saying_where_is_asked_again_later(stage: Stage):
    stage.answers({"orders": edges(more=True)})
    with pytest.raises(Retryable, match="not where"):
        stage.saleor.pull_orders("")


def test_a_document_holds_the_order_as_it_came(stage: Stage):
    stage.answers({"orders": edges(an_order())})
    (document,) = stage.saleor.pull_orders("").documents
    assert stage.saleor.parse_order(document.body).external_no == document.external_no
    assert document.changed_at == datetime.fromisoformat("2026-03-02T01:30:00.500000+00:00")


@pytest.mark.parametrize("since", ["2026-01-15", "2026-01-15T00:00:00+01:00"])
def test_the_start_is_the_account_s(since: str):
    with Stage(since=since) as stage:
        stage.answers({"orders": edges()})
        stage.saleor.pull_orders("")
        assert stage.sent[0][1]["filter"]["updatedAt"]["gte"].startswith("2026-01-14T")


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"a":1}'])
def test_a_strange_cursor_is_a_bad_record(stage: Stage, cursor: str):
    with pytest.raises(BadRecord):
        stage.saleor.pull_orders(cursor)


def test_a_start_that_is_no_time_is_a_bad_record():
    with Stage(since="soon") as stage, pytest.raises(BadRecord):
        stage.saleor.pull_orders("")


def test_cases_are_granted_refunds_and_returns_but_no_parcels(stage: Stage):
    row = an_order(id="o1", updatedAt=at(1))
    row["grantedRefunds"] = [{"id": GRANT}]
    row["fulfillments"] = [{"id": PARCEL, "status": "FULFILLED"}, {"id": RETURN, "status": "RETURNED"}]
    stage.answers({"orders": edges(row)})
    page = stage.saleor.pull_cases("")
    assert [reference.external_no for reference in page.references] == [f"o1:{GRANT}", f"o1:{RETURN}"]


def test_a_channel_s_account_reads_its_channel_alone():
    with Stage(channel="eu") as stage:
        stage.answers({"orders": edges()})
        stage.saleor.pull_orders("")
        assert stage.sent[0][1]["channel"] == "eu"


def test_created_orders_come_from_another_sort(stage: Stage):
    row = {"id": gid("Order", 1), "created": at(1), "updatedAt": at(9), "status": "UNFULFILLED"}
    stage.answers({"orders": edges(row)})
    page = stage.saleor.list_created(NOW - DAY, NOW, "")
    assert (page.more, page.orders[0].external_no) == (False, gid("Order", 1))
    assert "CREATED_AT" in stage.texts[0]
    assert stage.sent[0][1]["filter"]["createdAt"] == {
        "gte": "2026-03-01T04:00:00.000000Z",
        "lte": "2026-03-02T04:00:00.000000Z",
    }


def test_older_releases_filter_creation_by_days_and_the_edges_are_cut():
    with Stage(list_filter="filter") as stage:
        stamps = {"o1": "2026-03-01T01:00:00Z", "o2": "2026-03-01T05:00:00Z", "o3": "2026-03-02T03:00:00Z"}
        shelf = Shelf(stage, stamps | {"o4": "2026-03-02T05:00:00Z"}, page=1, field="created")
        assert stage.saleor.count_orders(NOW - DAY, NOW) == 2
        assert shelf.asked[0]["filter"] == {"created": {"gte": "2026-03-01", "lte": "2026-03-02"}}


@pytest.mark.parametrize(("kind", "words"), [("where", "OrderWhereInput"), ("filter", "OrderFilterInput")])
def test_lists_are_asked_as_the_release_wants_it(kind: str, words: str):
    with Stage(list_filter=kind) as stage:
        stage.answers({"orders": edges()})
        stage.saleor.pull_orders("")
        assert f"$filter: {words}" in stage.texts[0]
        assert f"{kind}: $filter" in stage.texts[0]


def test_a_time_that_cannot_be_read_stops_its_own_order_and_not_the_list() -> None:
    rows = [an_order(a_line(1), id="o1", updatedAt="the day before yesterday"), an_order(a_line(1), id="o2")]
    with Stage() as stage:
        stage.answers({"orders": edges(*rows)})
        page = stage.saleor.pull_orders("")
        assert [row.external_no for row in page.documents] == ["o1", "o2"]
        assert page.documents[0].changed_at is None
        with pytest.raises(BadRecord):
            stage.saleor.parse_order(page.documents[0].body)
