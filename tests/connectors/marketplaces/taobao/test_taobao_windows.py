"""Walking lists: every row is read although rows move, windows overlap, cursors never stand still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.taobao import Taobao
from connectors.marketplaces.taobao.client import top_time
from tests.connectors.contract_kit import EVERYWHERE

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Bazaar:
    """A list as TOP keeps it, newest first, with a clock that goes on a second per call."""

    def __init__(self, rows: dict[str, datetime], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.calls: list[dict[str, str]] = []
        self.after_call: Callable[[int], None] = lambda count: None

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        self.calls.append(sent)
        start, end = (sent[name] for name in sent if name.startswith(("start_", "end_")))
        start, end = sorted((start, end))
        rows = [(top_time(at), number) for number, at in self.rows.items() if start <= top_time(at) <= end]
        rows.sort(reverse=True)
        page, size = int(sent["page_no"]), int(sent["page_size"])
        shown = rows[(page - 1) * size : page * size]
        inner: dict[str, Any] = {"request_id": "b"}
        if sent["use_has_next"] == "true":
            inner["has_next"] = len(rows) > page * size
        else:
            inner["total_results"] = len(rows)
        if shown:
            inner["trades"] = {"trade": [{"tid": int(number), "modified": at} for at, number in shown]}
        root = sent["method"].removeprefix("taobao.").replace(".", "_") + "_response"
        self.after_call(len(self.calls))
        self.now += timedelta(seconds=1)
        return 200, {}, orjson.dumps({root: inner})


def pull_all(bazaar: Bazaar, cursor: str = "", most: int = 300) -> list[Page]:
    """Pull until the stream says it is at its end."""
    account = Account({"since": START.isoformat(), "app_key": "1"}, {"app_secret": "x", "session": "y"})
    taobao = Taobao(account, clock=lambda: bazaar.now)
    pages: list[Page] = []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = taobao.pull_orders(cursor)
            assert not (page.more and page.cursor == cursor), "the cursor stands still"
            pages.append(page)
            cursor = page.cursor
            assert len(pages) < most
            if not page.more:
                return pages


def seen(pages: list[Page]) -> set[tuple[str, datetime | None]]:
    """What the hub learns: number and change time, once each."""
    return {(ref.external_no, ref.changed_at) for page in pages for ref in page.references}


def rows(count: int, spacing: float = 1.0) -> dict[str, datetime]:
    """Trades changed one after another from the start on."""
    return {str(1000 + i): (START + timedelta(seconds=60 + i * spacing)).replace(microsecond=0) for i in range(count)}


def test_a_window_of_one_page_costs_one_call():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    assert len(bazaar.calls) == 1
    assert seen(pages) == set(bazaar.rows.items())


def test_several_pages_are_walked_from_the_last_to_the_first():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    walked = [(call["page_no"], call["use_has_next"]) for call in bazaar.calls]
    assert walked == [("1", "false"), ("3", "true"), ("2", "true"), ("1", "true")]
    assert seen(pages) == set(bazaar.rows.items())
    assert [page.more for page in pages] == [True, True, False]


def test_all_trade_types_are_asked_for():
    bazaar = Bazaar({}, START + timedelta(minutes=10))
    pull_all(bazaar)
    assert {"fixed", "cod", "step", "nopaid", "o2o_offlinetrade"} <= set(bazaar.calls[0]["type"].split(","))


def test_rows_that_move_while_we_walk_are_not_lost():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))

    def change_the_oldest_on_page_one(count: int) -> None:
        if count in (2, 3):
            bazaar.rows[str(1000 + 130 - count * 10)] = bazaar.now

    bazaar.after_call = change_the_oldest_on_page_one
    first = pull_all(bazaar)
    bazaar.now += timedelta(minutes=1)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)


def test_a_list_that_grew_since_it_was_counted_is_read_to_its_end():
    bazaar = Bazaar(rows(100), START + timedelta(minutes=10))

    def rows_arrive_late(count: int) -> None:
        if count == 1:
            bazaar.rows |= {str(2000 + i): START + timedelta(seconds=30) for i in range(5)}

    bazaar.after_call = rows_arrive_late
    pages = pull_all(bazaar)
    assert seen(pages) == set(bazaar.rows.items())
    assert [call["page_no"] for call in bazaar.calls] == ["1", "2", "3", "2", "1"]


def test_a_long_backlog_is_read_in_overlapping_half_hours():
    bazaar = Bazaar(rows(200, spacing=60), START + timedelta(hours=3))
    pages = pull_all(bazaar)
    windows = [(call["start_modified"], call["end_modified"]) for call in bazaar.calls]
    assert windows[0] == ("2026-03-02 09:00:00", "2026-03-02 09:30:00")
    assert windows[1][0] == "2026-03-02 09:25:00"
    assert not pages[-1].more
    edge = bazaar.now - timedelta(minutes=1)
    assert {row for row in bazaar.rows.items() if row[1] < edge} <= seen(pages)


def test_a_window_ends_before_now_by_the_lag():
    bazaar = Bazaar({}, START + timedelta(minutes=10))
    pull_all(bazaar)
    assert bazaar.calls[0]["end_modified"] == "2026-03-02 09:09:55"


def test_the_stream_goes_on_where_it_ended_minus_the_overlap():
    bazaar = Bazaar({}, START + timedelta(minutes=20))
    cursor = pull_all(bazaar)[-1].cursor
    bazaar.now = START + timedelta(minutes=21)
    pull_all(bazaar, cursor)
    assert bazaar.calls[-1]["start_modified"] == "2026-03-02 09:14:55"
    assert bazaar.calls[-1]["end_modified"] == "2026-03-02 09:20:55"


def test_a_start_in_the_future_waits_without_calling():
    bazaar = Bazaar({}, START - timedelta(minutes=1))
    pages = pull_all(bazaar)
    assert [page.more for page in pages] == [False]
    assert not bazaar.calls


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[1]", '"x"'])
def test_a_foreign_cursor_is_refused(cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        pull_all(Bazaar({}, START), cursor)


def test_an_unreadable_start_is_refused():
    account = Account({"since": "last week"}, {})
    with pytest.raises(BadRecord, match="since"):
        Taobao(account, clock=lambda: START).pull_orders("")


def test_created_trades_are_listed_and_counted_by_the_other_list():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    taobao = Taobao(Account({"since": START.isoformat()}, {}), clock=lambda: bazaar.now)
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        assert taobao.count_orders(START, START + timedelta(hours=1)) == 30
        page = taobao.list_created(START, START + timedelta(minutes=9), "")
    assert {order.external_no for order in page.orders} == set(bazaar.rows)
    assert not page.more
    assert {call["method"] for call in bazaar.calls} == {"taobao.trades.sold.get"}
    assert bazaar.calls[0]["start_created"] == "2026-03-02 09:00:00"


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 260),
    spacing=st.floats(0.2, 20),
    moves=st.dictionaries(st.integers(1, 12), st.lists(st.integers(0, 259), max_size=8), max_size=6),
)
def test_whatever_moves_everything_is_seen_in_its_last_state(count: int, spacing: float, moves: dict[int, list[int]]):
    bazaar = Bazaar(rows(count, spacing), START + timedelta(minutes=100))

    def move(call: int) -> None:
        for i in moves.get(call, []):
            if str(1000 + i) in bazaar.rows:
                bazaar.rows[str(1000 + i)] = bazaar.now

    bazaar.after_call = move
    first = pull_all(bazaar)
    bazaar.after_call = lambda call: None
    bazaar.now += timedelta(minutes=1)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)


def test_a_window_too_full_to_be_paged_is_cut_in_halves(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connectors.marketplaces.taobao.windows.DEEPEST_ROW", 200)
    bazaar = Bazaar(rows(460), START + timedelta(minutes=20))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert max(int(call["page_no"]) for call in bazaar.calls) <= 3


@pytest.mark.parametrize("limit", ["", ',""'])
def test_a_cursor_kept_of_an_older_release_is_read_on(limit: str):
    bazaar = Bazaar(rows(230), START + timedelta(minutes=10))
    start, end = top_time(START), top_time(START + timedelta(minutes=8))
    pages = pull_all(bazaar, f'["{start}","{end}",2,3{limit}]')
    assert [(call["start_modified"], call["end_modified"], call["page_no"]) for call in bazaar.calls] == [
        (start, end, page) for page in ("2", "1")
    ]
    assert not pages[-1].more
