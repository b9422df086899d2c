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
from connectors.marketplaces.pinduoduo import Pinduoduo
from connectors.marketplaces.pinduoduo.windows import CHINA
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.pinduoduo.papers import SN, a_row, an_order
from tests.connectors.marketplaces.pinduoduo.stage import Stage

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROOTS = {
    "pdd.order.number.list.increment.get": ("order_sn_increment_get_response", "order_sn_list"),
    "pdd.order.basic.list.get": ("order_basic_list_get_response", "order_list"),
}


class Bazaar:
    """A list as the platform keeps it, newest first, with a clock that goes on a second per call."""

    def __init__(self, rows: dict[str, datetime], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.calls: list[dict[str, str]] = []
        self.after_call: Callable[[int], None] = lambda count: None

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        self.calls.append(sent)
        start, end = (int(sent[name]) for name in sorted(sent, reverse=True) if name.startswith(("start_", "end_")))
        assert end <= self.now.timestamp() - 180, "the platform lists nothing younger than three minutes"
        rows = sorted(((at, number) for number, at in self.rows.items() if start <= at.timestamp() <= end), reverse=True)
        page, size = int(sent["page"]), int(sent["page_size"])
        root, name = ROOTS[sent["type"]]
        inner: dict[str, Any] = {
            name: [
                {"order_sn": number, "updated_at": f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "pay_amount": 1.5}
                for at, number in rows[(page - 1) * size : page * size]
            ]
        }
        if sent["use_has_next"] == "true":
            inner["has_next"] = len(rows) > page * size
        else:
            inner["total_count"] = len(rows)
        self.after_call(len(self.calls))
        self.now += timedelta(seconds=1)
        return 200, {}, orjson.dumps({root: inner})


def pull_all(bazaar: Bazaar, cursor: str = "", most: int = 300, **given: str) -> list[Page]:
    """Pull until the stream says it is at its end."""
    account = Account({"since": START.isoformat(), **given}, {"client_secret": "x", "access_token": "y"})
    vendor = Pinduoduo(account, clock=lambda: bazaar.now)
    pages: list[Page] = []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = vendor.pull_orders(cursor)
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
    """Orders changed one after another from the start on."""
    return {str(1000 + i): (START + timedelta(seconds=60 + i * spacing)).replace(microsecond=0) for i in range(count)}


def test_a_window_of_one_page_costs_one_call():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    assert len(bazaar.calls) == 1
    assert seen(pages) == set(bazaar.rows.items())
    asked = bazaar.calls[0]
    assert (asked["order_status"], asked["refund_status"], asked["is_lucky_flag"]) == ("5", "5", "0")
    assert "trade_type" not in asked


def test_several_pages_are_walked_from_the_last_to_the_first():
    bazaar = Bazaar(rows(230), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    walked = [(call["page"], call["use_has_next"]) for call in bazaar.calls]
    assert walked == [("1", "false"), ("3", "true"), ("2", "true"), ("1", "true")]
    assert seen(pages) == set(bazaar.rows.items())
    assert [page.more for page in pages] == [True, True, False]


def test_a_window_ends_before_now_by_the_lag_and_the_next_begins_earlier():
    bazaar = Bazaar({}, START + timedelta(minutes=20))
    cursor = pull_all(bazaar)[-1].cursor
    first_end = int((START + timedelta(minutes=20, seconds=-185)).timestamp())
    assert int(bazaar.calls[0]["end_updated_at"]) == first_end
    bazaar.now = START + timedelta(minutes=21)
    pull_all(bazaar, cursor)
    assert int(bazaar.calls[-1]["start_updated_at"]) == first_end - 300


def test_a_long_backlog_is_read_in_overlapping_half_hours():
    bazaar = Bazaar(rows(200, spacing=60), START + timedelta(hours=3))
    pages = pull_all(bazaar)
    spans = {int(call["end_updated_at"]) - int(call["start_updated_at"]) for call in bazaar.calls[:-1]}
    assert spans == {1800}
    edge = bazaar.now - timedelta(minutes=4)
    assert {row for row in bazaar.rows.items() if row[1] < edge} <= seen(pages)


def test_rows_that_move_while_we_walk_are_not_lost():
    bazaar = Bazaar(rows(230), START + timedelta(minutes=10))

    def change_the_oldest_on_page_one(count: int) -> None:
        if count in (2, 3):
            bazaar.rows[str(1000 + 230 - count * 10)] = bazaar.now

    bazaar.after_call = change_the_oldest_on_page_one
    first = pull_all(bazaar)
    bazaar.now += timedelta(minutes=4)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)


def test_a_list_that_grew_since_it_was_counted_is_read_to_its_end():
    bazaar = Bazaar(rows(200), START + timedelta(minutes=10))

    def rows_arrive_late(count: int) -> None:
        if count == 1:
            bazaar.rows |= {str(2000 + i): START + timedelta(seconds=30) for i in range(5)}

    bazaar.after_call = rows_arrive_late
    pages = pull_all(bazaar)
    assert seen(pages) == set(bazaar.rows.items())
    assert [call["page"] for call in bazaar.calls] == ["1", "2", "3", "2", "1"]


def test_kinds_of_orders_are_asked_for_one_after_the_other_in_the_same_window():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))
    pages = pull_all(bazaar, trade_types="0,1")
    asked = [(call["trade_type"], call["page"]) for call in bazaar.calls]
    assert asked == [("0", "1"), ("0", "2"), ("0", "1"), ("1", "1"), ("1", "2"), ("1", "1")]
    assert len({call["end_updated_at"] for call in bazaar.calls}) == 1
    assert not pages[-1].more


def test_a_past_window_is_walked_once_and_ends():
    bazaar = Bazaar(rows(200, spacing=60), START + timedelta(hours=9))
    cursor = Stage().vendor.between(START, START + timedelta(hours=1))
    pages = pull_all(bazaar, cursor)
    assert seen(pages) == {row for row in bazaar.rows.items() if row[1] <= START + timedelta(hours=1)}
    assert [int(call["start_updated_at"]) for call in bazaar.calls] == [
        int(START.timestamp()),
        int(START.timestamp()) + 1800,
    ]
    calls = len(bazaar.calls)
    again = pull_all(bazaar, pages[-1].cursor)
    assert (len(bazaar.calls), seen(again)) == (calls, set())


def test_a_start_in_the_future_waits_without_calling():
    bazaar = Bazaar({}, START - timedelta(minutes=1))
    assert [page.more for page in pull_all(bazaar)] == [False]
    assert not bazaar.calls


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[]", "[1,2,3,4,5,6,7]", '"x"', "[-5]", '["1"]'])
def test_a_foreign_cursor_is_refused(cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        pull_all(Bazaar({}, START), cursor)


def test_an_unreadable_start_is_refused():
    with pytest.raises(BadRecord, match="since"):
        Stage(since="last week").vendor.pull_orders("")


def test_orders_are_listed_and_counted_by_the_other_list_a_day_at_a_time():
    bazaar = Bazaar(rows(30), START + timedelta(days=4))
    vendor = Pinduoduo(Account({}, {}), clock=lambda: bazaar.now)
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        assert vendor.count_orders(START, START + timedelta(hours=60)) == 30
        page = vendor.list_created(START, START + timedelta(minutes=9), "")
    assert {order.external_no for order in page.orders} == set(bazaar.rows)
    assert {order.paid_total for order in page.orders} == {150}
    assert not page.more
    assert {call["type"] for call in bazaar.calls} == {"pdd.order.basic.list.get"}
    spans = [int(call["end_confirm_at"]) - int(call["start_confirm_at"]) for call in bazaar.calls]
    assert spans == [86400, 86400, 43200, 540]


def test_rows_that_are_whole_orders_are_documents_and_others_references():
    listed = {
        "order_sn_increment_get_response": {
            "total_count": 2,
            "order_sn_list": [an_order(), {"order_sn": "260302-2", "updated_at": "2026-03-02 09:30:00"}],
        }
    }
    with Stage(since="2026-03-02T11:30:00+08:00") as stage:
        stage.answers(listed)
        page = stage.vendor.pull_orders("")
    assert [ref.external_no for ref in page.references] == ["260302-2"]
    (document,) = page.documents
    assert (document.external_no, document.changed_at) == (SN, datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert stage.vendor.parse_order(document.body).paid_total == 8000


def test_cases_are_listed_with_their_order_in_the_number_and_status_by_status_where_set():
    answer = {"refund_increment_get_response": {"total_count": 1, "refund_list": [a_row()]}}
    none = {"refund_increment_get_response": {"total_count": 0, "refund_list": []}}
    with Stage(since="2026-03-02T11:30:00+08:00", case_statuses="2, 7") as stage:
        stage.answers(answer, none)
        first = stage.vendor.pull_cases("")
        second = stage.vendor.pull_cases(first.cursor)
    assert [ref.external_no for ref in first.references] == [f"77000000001@{SN}"]
    assert (first.more, second.more) == (True, False)
    assert [call["after_sales_status"] for call in stage.sent] == ["2", "7"]
    assert stage.sent[0]["after_sales_type"] == "1"
    assert "use_has_next" not in stage.sent[0]


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 420),
    spacing=st.floats(0.2, 20),
    moves=st.dictionaries(st.integers(1, 12), st.lists(st.integers(0, 419), max_size=8), max_size=6),
)
def test_whatever_moves_everything_is_seen_in_its_last_state(count: int, spacing: float, moves: dict[int, list[int]]):
    bazaar = Bazaar(rows(count, spacing), START + timedelta(minutes=200))

    def move(call: int) -> None:
        for i in moves.get(call, []):
            if str(1000 + i) in bazaar.rows:
                bazaar.rows[str(1000 + i)] = bazaar.now.replace(microsecond=0)

    bazaar.after_call = move
    first = pull_all(bazaar)
    bazaar.after_call = lambda call: None
    bazaar.now += timedelta(minutes=4)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)


def test_a_window_too_full_to_be_paged_is_cut_in_halves(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connectors.marketplaces.pinduoduo.windows.DEEPEST_ROW", 200)
    bazaar = Bazaar(rows(460), START + timedelta(minutes=20))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert max(int(call["page"]) for call in bazaar.calls) == 2


def test_a_cursor_kept_of_an_older_release_is_read_on():
    bazaar = Bazaar(rows(230), START + timedelta(minutes=10))
    start, end = int(START.timestamp()), int(START.timestamp()) + 400
    pages = pull_all(bazaar, f"[{start},{end},2,3,0,0]")
    assert [(call["start_updated_at"], call["end_updated_at"], call["page"]) for call in bazaar.calls] == [
        (str(start), str(end), page) for page in ("2", "1")
    ]
    assert not pages[-1].more


def test_a_cursor_of_a_kind_no_longer_asked_for_reads_its_window_anew():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    start, end = int(START.timestamp()), int(START.timestamp()) + 400
    assert seen(pull_all(bazaar, f"[{start},{end},1,1,7,0]")) == set(bazaar.rows.items())
