"""Walking Douyin's lists: nothing that moves between pages is lost, and every window ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.douyin import Douyin
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.papers import envelope

START = NOW - timedelta(hours=3)
FROM = int(START.timestamp())


class Bazaar:
    """Orders by number and change time, listed as Doudian lists them; `after_call` may move some."""

    def __init__(self, rows: dict[str, int], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.calls: list[dict[str, Any]] = []
        self.after_call: Callable[[int], None] = lambda call: None

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        asked = orjson.loads(request.body)
        self.calls.append(asked)
        stamp = "create_time" if "create_time_start" in asked else "update_time"
        inside = sorted(
            (at, number) for number, at in self.rows.items() if asked[f"{stamp}_start"] <= at <= asked[f"{stamp}_end"]
        )
        first = asked["page"] * asked["size"]
        found = [
            {"order_id": number, "order_status": 2, "update_time": at, "create_time": at}
            for at, number in inside[first : first + asked["size"]]
        ]
        self.after_call(len(self.calls))
        self.now += timedelta(seconds=1)
        return 200, {}, envelope({"page": asked["page"], "total": len(inside), "shop_order_list": found})

    def douyin(self) -> Douyin:
        account = Account({"since": START.isoformat(), "app_key": "1"}, {"app_secret": "x", "access_token": "y"})
        return Douyin(account, clock=lambda: self.now)


def pull_all(bazaar: Bazaar, cursor: str = "", most: int = 300) -> list[Page]:
    """Pull until the stream says it is at its end."""
    douyin, pages = bazaar.douyin(), []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = douyin.pull_orders(cursor)
            assert not (page.more and page.cursor == cursor), "the cursor stands still"
            pages.append(page)
            cursor = page.cursor
            assert len(pages) < most
            if not page.more:
                return pages


def seen(pages: list[Page]) -> set[tuple[str, int]]:
    """What the hub learns: number and change time, once each."""
    documents = [document for page in pages for document in page.documents]
    return {(d.external_no, int(d.changed_at.timestamp())) for d in documents if d.changed_at}


def rows(count: int, spacing: float = 1.0) -> dict[str, int]:
    """Orders changed one after another from the start on."""
    return {str(100000 + i): FROM + 60 + int(i * spacing) for i in range(count)}


def test_a_window_of_one_page_costs_one_call():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=5))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    asked = bazaar.calls[0]
    assert len(bazaar.calls) == 1
    assert (asked["order_by"], asked["order_asc"], asked["page"], asked["size"]) == ("update_time", True, 0, 100)
    assert (asked["update_time_start"], asked["update_time_end"]) == (FROM, FROM + 295)


def test_documents_come_oldest_first_and_are_parsed_as_the_detail_is():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=5))
    document = pull_all(bazaar)[0].documents[0]
    assert document.external_no == "100000"
    assert list(orjson.loads(document.body)) == ["shop_order_detail"]


def test_a_full_page_is_followed_by_a_window_from_its_last_row_on():
    bazaar = Bazaar(rows(250), START + timedelta(minutes=9))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert [call["page"] for call in bazaar.calls[:3]] == [0, 0, 0]
    assert [call["update_time_start"] - FROM for call in bazaar.calls[:3]] == [0, 159, 258]


def test_more_rows_of_one_second_than_a_page_holds_are_turned_page_by_page():
    bazaar = Bazaar(rows(250, spacing=0), START + timedelta(minutes=5))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert [call["page"] for call in bazaar.calls] == [0, 0, 1, 2]


def test_rows_leaving_a_crowded_second_begin_it_anew():
    bazaar = Bazaar(rows(250, spacing=0), START + timedelta(minutes=5))

    def leave(call: int) -> None:
        if call == 2:
            bazaar.rows["100003"] = int(bazaar.now.timestamp()) + 60

    bazaar.after_call = leave
    pages = pull_all(bazaar)
    assert {number for number, _ in seen(pages)} == set(bazaar.rows)
    assert [call["page"] for call in bazaar.calls] == [0, 0, 1, 0, 1, 2]


def test_a_long_backlog_is_read_in_overlapping_half_hours():
    bazaar = Bazaar(rows(170, spacing=60), START + timedelta(hours=3))
    pages = pull_all(bazaar)
    windows = [(call["update_time_start"] - FROM, call["update_time_end"] - FROM) for call in bazaar.calls]
    assert windows[:2] == [(0, 1800), (1500, 3300)]
    assert seen(pages) == set(bazaar.rows.items())


def test_the_stream_goes_on_where_it_ended_minus_the_overlap():
    bazaar = Bazaar({}, START + timedelta(minutes=20))
    cursor = pull_all(bazaar)[-1].cursor
    bazaar.now = START + timedelta(minutes=21)
    pull_all(bazaar, cursor)
    assert bazaar.calls[-1]["update_time_start"] == FROM + 20 * 60 - 5 - 300
    assert bazaar.calls[-1]["update_time_end"] == FROM + 21 * 60 - 5


def test_a_past_window_is_walked_and_then_there_is_no_more():
    bazaar = Bazaar(rows(120, spacing=60), START + timedelta(hours=3))
    cursor = bazaar.douyin().between(START, START + timedelta(hours=1))
    pages = pull_all(bazaar, cursor)
    assert seen(pages) == {row for row in bazaar.rows.items() if row[1] <= FROM + 3600}
    assert max(call["update_time_end"] for call in bazaar.calls) == FROM + 3600
    assert not pull_all(bazaar, pages[-1].cursor)[-1].documents


def test_a_start_in_the_future_waits_without_calling():
    bazaar = Bazaar({}, START - timedelta(minutes=1))
    assert [page.more for page in pull_all(bazaar)] == [False]
    assert not bazaar.calls


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[1]", '"x"', '[1,2,3,"4",5]'])
def test_a_foreign_cursor_is_refused(cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        pull_all(Bazaar({}, START), cursor)


def test_an_unreadable_start_is_refused():
    with pytest.raises(BadRecord, match="since"):
        Douyin(Account({"since": "last week"}, {}), clock=lambda: START).pull_orders("")


def test_created_orders_are_listed_and_counted_by_time_of_creation():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    douyin = bazaar.douyin()
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        assert douyin.count_orders(START, START + timedelta(hours=1)) == 30
        page = douyin.list_created(START, START + timedelta(minutes=9), "")
    assert {order.external_no for order in page.orders} == set(bazaar.rows)
    assert not page.more
    assert {call.get("order_by") for call in bazaar.calls} == {"create_time"}


def test_after_sales_are_listed_by_change_as_references():
    item = {"aftersale_info": {"aftersale_id": "71300", "update_time": FROM + 30}}
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, EVERYWHERE, body=envelope({"items": [item], "total": 1, "has_more": False}))
        page = Bazaar({}, START + timedelta(minutes=4)).douyin().pull_cases("")
        asked = orjson.loads(platform.calls[0].request.body)
    assert [(r.external_no, r.changed_at) for r in page.references] == [("71300", START + timedelta(seconds=30))]
    assert (asked["order_by"], asked["update_start_time"], asked["page"]) == (["update_time asc"], FROM, 0)


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(0, 350),
    spacing=st.floats(0, 5),
    moves=st.dictionaries(st.integers(1, 12), st.lists(st.integers(0, 349), max_size=8), max_size=6),
)
def test_whatever_moves_everything_is_seen_in_its_last_state(count: int, spacing: float, moves: dict[int, list[int]]):
    bazaar = Bazaar(rows(count, spacing), START + timedelta(minutes=100))

    def move(call: int) -> None:
        for i in moves.get(call, []):
            if str(100000 + i) in bazaar.rows:
                bazaar.rows[str(100000 + i)] = int(bazaar.now.timestamp())

    bazaar.after_call = move
    first = pull_all(bazaar)
    bazaar.after_call = lambda call: None
    bazaar.now += timedelta(minutes=1)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)
