"""Walking lists: every row is read although rows move, windows overlap, cursors never stand still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.manifest import Account
from connectors.contract.records import OrderState, Page
from connectors.marketplaces.suning import Suning
from connectors.marketplaces.suning.client import sop_time
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.suning.papers import a_return, an_order, answer, error_body
from tests.connectors.marketplaces.suning.stage import Stage

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Bazaar:
    """A list as SOP keeps it, newest first, with a clock that goes on a second per call."""

    def __init__(self, rows: dict[str, datetime], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.calls: list[dict[str, str]] = []
        self.after_call: Callable[[int], None] = lambda count: None

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        [(root, sent)] = orjson.loads(request.body)["sn_request"]["sn_body"].items()
        self.calls.append(sent | {"method": request.headers["AppMethod"]})
        start, end = sent["startTime"], sent["endTime"]
        rows = [(sop_time(at), number) for number, at in self.rows.items() if start <= sop_time(at) <= end]
        rows.sort(reverse=True)
        page, size = int(sent["pageNo"]), int(sent["pageSize"])
        shown = [an_order(orderCode=number, payTime=at) for at, number in rows[(page - 1) * size : page * size]]
        self.after_call(len(self.calls))
        self.now += timedelta(seconds=1)
        if not shown:
            return 200, {}, error_body("biz.handler.data-get:no-result")
        content: Any = shown[0] if len(shown) == 1 else shown
        return 200, {}, answer(root, content, totalSize=str(len(rows)), pageNo=str(page))


def pull_all(bazaar: Bazaar, cursor: str = "", most: int = 300, **given_settings: str) -> list[Page]:
    """Pull until the stream says it is at its end."""
    account = Account({"since": START.isoformat(), "app_key": "1", **given_settings}, {"app_secret": "x"})
    suning = Suning(account, clock=lambda: bazaar.now)
    pages: list[Page] = []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = suning.pull_orders(cursor)
            assert not (page.more and page.cursor == cursor), "the cursor stands still"
            pages.append(page)
            cursor = page.cursor
            assert len(pages) < most
            if not page.more:
                return pages


def seen(pages: list[Page]) -> set[tuple[str, str]]:
    """What the hub learns: number and the row's own time, once each."""
    documents = (document for page in pages for document in page.documents)
    return {(each.external_no, orjson.loads(each.body)["orderGet"]["payTime"]) for each in documents}


def told(rows: dict[str, datetime]) -> set[tuple[str, str]]:
    """What there is to learn."""
    return {(number, sop_time(at)) for number, at in rows.items()}


def rows(count: int, spacing: float = 1.0) -> dict[str, datetime]:
    """Orders changed one after another from the start on."""
    return {str(1000 + i): (START + timedelta(seconds=60 + i * spacing)).replace(microsecond=0) for i in range(count)}


@pytest.mark.parametrize("count", [0, 1, 30, 50])
def test_a_window_of_one_page_costs_one_call(count: int):
    bazaar = Bazaar(rows(count), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    assert len(bazaar.calls) == 1
    assert seen(pages) == told(bazaar.rows)


def test_several_pages_are_walked_from_the_last_to_the_first():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))
    pages = pull_all(bazaar)
    assert [call["pageNo"] for call in bazaar.calls] == ["1", "3", "2", "1"]
    assert seen(pages) == told(bazaar.rows)
    assert [page.more for page in pages] == [True, True, False]


def test_rows_that_move_while_we_walk_are_not_lost():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))

    def change_one_on_page_one(count: int) -> None:
        if count in (2, 3):
            bazaar.rows[str(1000 + 130 - count * 10)] = bazaar.now

    bazaar.after_call = change_one_on_page_one
    first = pull_all(bazaar)
    bazaar.now += timedelta(minutes=1)
    later = pull_all(bazaar, first[-1].cursor)
    assert told(bazaar.rows) <= seen(first) | seen(later)


def test_a_list_that_grew_since_it_was_counted_is_read_to_its_end():
    bazaar = Bazaar(rows(100), START + timedelta(minutes=10))

    def rows_arrive_late(count: int) -> None:
        if count == 1:
            bazaar.rows |= {str(2000 + i): START + timedelta(seconds=30) for i in range(5)}

    bazaar.after_call = rows_arrive_late
    pages = pull_all(bazaar)
    assert seen(pages) == told(bazaar.rows)
    assert [call["pageNo"] for call in bazaar.calls] == ["1", "2", "3", "2", "1"]


def test_a_long_backlog_is_read_in_overlapping_days():
    bazaar = Bazaar(rows(60, spacing=3600), START + timedelta(days=3))
    pages = pull_all(bazaar)
    windows = [(call["startTime"], call["endTime"]) for call in bazaar.calls]
    assert windows[0] == ("2026-03-02 09:00:00", "2026-03-03 09:00:00")
    assert windows[1][0] == "2026-03-03 08:50:00"
    assert seen(pages) == told(bazaar.rows)


def test_the_stream_ends_before_now_by_the_lag_and_goes_on_with_an_overlap():
    bazaar = Bazaar({}, START + timedelta(minutes=20))
    cursor = pull_all(bazaar)[-1].cursor
    assert bazaar.calls[-1]["endTime"] == "2026-03-02 09:19:30"
    bazaar.now = START + timedelta(minutes=21)
    pull_all(bazaar, cursor)
    assert bazaar.calls[-1]["startTime"] == "2026-03-02 09:09:30"
    assert bazaar.calls[-1]["endTime"] == "2026-03-02 09:20:30"


def test_each_window_is_read_once_for_every_line_status_asked_for():
    bazaar = Bazaar(rows(3), START + timedelta(minutes=10))
    pages = pull_all(bazaar, line_statuses="10, 20,30")
    assert [call["orderLineStatus"] for call in bazaar.calls] == ["10", "20", "30"]
    assert len({(call["startTime"], call["endTime"]) for call in bazaar.calls}) == 1
    assert [page.more for page in pages] == [True, True, False]


def test_a_part_that_is_not_set_any_more_reads_its_window_again():
    bazaar = Bazaar(rows(3), START + timedelta(minutes=10))
    assert seen(pull_all(bazaar, orjson.dumps([int(START.timestamp()), 0, 0, 0, 2, 0]).decode())) == told(bazaar.rows)


def test_a_past_window_is_walked_once_and_then_there_is_no_more():
    bazaar = Bazaar(rows(70, spacing=60), START + timedelta(days=2))
    cursor = Suning(Account()).between(START, START + timedelta(hours=1))
    pages = pull_all(bazaar, cursor)
    assert {number for number, _ in seen(pages)} == {str(1000 + i) for i in range(60)}
    assert bazaar.calls[-1]["endTime"] == "2026-03-02 10:00:00"


def test_a_stream_that_starts_earlier_than_the_platform_remembers_starts_there():
    bazaar = Bazaar({}, START + timedelta(days=400))
    pull_all(bazaar)
    assert bazaar.calls[0]["startTime"] == sop_time(START + timedelta(days=311, seconds=-30))


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[1]", '"x"', '["a",0,0,0,0,0]'])
def test_a_foreign_cursor_is_refused(cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        pull_all(Bazaar({}, START), cursor)


def test_an_unreadable_start_is_refused():
    with pytest.raises(BadRecord, match="since"):
        Suning(Account({"since": "last week"}), clock=lambda: START).pull_orders("")


def test_an_answer_that_fills_its_page_and_does_not_count_is_read_again_later():
    full = answer("ordQuery", [an_order(orderCode=str(i)) for i in range(50)])
    with Stage(full) as stage, pytest.raises(Retryable, match="without a count"):
        stage.vendor.pull_orders("")


def test_an_answer_that_does_not_count_is_whole_when_its_page_is_not_full():
    with Stage(answer("orderQuery", [an_order()])) as stage:
        assert len(stage.vendor.pull_orders("").documents) == 1


def test_created_orders_are_listed_and_counted_by_the_other_list():
    bazaar = Bazaar(rows(30), START + timedelta(minutes=10))
    suning = Suning(Account({"since": START.isoformat()}), clock=lambda: bazaar.now)
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        assert suning.count_orders(START, START + timedelta(hours=1)) == 30
        page = suning.list_created(START, START + timedelta(minutes=9), "")
    assert {order.external_no for order in page.orders} == set(bazaar.rows)
    assert (page.orders[0].state, page.orders[0].paid_total) == (OrderState.OPEN, 16000)
    assert not page.more
    assert {call["method"] for call in bazaar.calls} == {"suning.custom.order.query"}
    assert bazaar.calls[0]["pageSize"] == "10"


def test_a_wide_count_is_asked_in_pieces_that_share_no_second():
    bazaar = Bazaar({"1": START + timedelta(days=30)}, START + timedelta(days=60))
    suning = Suning(Account(), clock=lambda: bazaar.now)
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        assert suning.count_orders(START, START + timedelta(days=40)) == 1
    assert bazaar.calls[0]["endTime"] == "2026-04-01 08:59:59"


def test_a_listed_order_that_cannot_be_parsed_keeps_its_number():
    page = answer("orderQuery", [an_order(orderDetail=[])], totalSize="1")
    with Stage(page) as stage:
        [order] = stage.vendor.list_created(START, START + timedelta(hours=1), "").orders
    assert (order.state, order.created_at) == (None, START)


def test_returns_come_as_documents_with_their_own_number():
    page = answer("batchQueryRejected", a_return(), totalSize="1", pageTotal="1")
    with Stage(page) as stage:
        [document] = stage.vendor.pull_cases("").documents
        case = stage.vendor.parse_case(document.body)
    assert stage.methods == ["batchrejected.query"]
    assert document.external_no == case.external_no == "30000000077-3000000007701-20260302100000"
    assert document.kind == "case"


def test_a_return_without_its_time_is_parked_and_stops_no_other():
    page = answer("batchQueryRejected", [a_return(applyTime=""), a_return()], totalSize="2")
    with Stage(page) as stage:
        first, second = stage.vendor.pull_cases("").documents
        with pytest.raises(BadRecord, match="applyTime"):
            stage.vendor.parse_case(first.body)
        assert stage.vendor.parse_case(second.body).external_no == second.external_no
    assert first.external_no == "30000000077-3000000007701-180000001"


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
    assert told(bazaar.rows) <= seen(first) | seen(later)


def test_a_window_too_full_to_be_paged_is_cut_in_halves(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connectors.marketplaces.suning.windows.DEEPEST_ROW", 100)
    bazaar = Bazaar(rows(240), START + timedelta(minutes=10))
    assert seen(pull_all(bazaar)) == told(bazaar.rows)
    assert max(int(call["pageNo"]) for call in bazaar.calls) == 2


def test_a_cursor_kept_of_an_older_release_is_read_on():
    bazaar = Bazaar(rows(130), START + timedelta(minutes=10))
    start, end = int(START.timestamp()), int(START.timestamp()) + 540
    pages = pull_all(bazaar, f"[{start},{end},2,3,0,0]")
    assert [(call["startTime"], call["endTime"], call["pageNo"]) for call in bazaar.calls] == [
        (sop_time(START), sop_time(START + timedelta(minutes=9)), page) for page in ("2", "1")
    ]
    assert not pages[-1].more
