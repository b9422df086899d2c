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

from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.jd import Jd
from connectors.marketplaces.jd.client import jd_time
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.jd.papers import an_apply, an_order, answer_body, list_answer
from tests.connectors.marketplaces.jd.stage import SECRETS

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
APPLY_TIMES = ("applyTime", "checkTime")


class Bazaar:
    """JD's lists: orders by change or creation, refunds by two times; a clock that goes on a second per call."""

    def __init__(self, now: datetime, rows: dict[str, datetime] | None = None) -> None:
        self.rows, self.now = rows or {}, now
        self.applies: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.after_call: Callable[[int], None] = lambda count: None
        self.jd = Jd(
            Account({"since": START.isoformat(), "app_key": "1"}, SECRETS), clock=lambda: self.now
        )  # no vender_id: service orders are not asked for

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        asked = orjson.loads(form["360buy_param_json"])
        self.calls.append((form["method"], asked))
        inner = self._orders(asked) if "start_date" in asked else self._applies(asked)
        self.after_call(len(self.calls))
        self.now += timedelta(seconds=1)
        return 200, {}, answer_body(form["method"], inner)

    def _orders(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [
            (jd_time(at), no) for no, at in self.rows.items() if asked["start_date"] <= jd_time(at) <= asked["end_date"]
        ]
        rows.sort(reverse=asked["sortType"] == 1)
        page, size = int(asked["page"]), int(asked["page_size"])
        shown = rows[(page - 1) * size : page * size]
        return list_answer(len(rows), *(an_order(orderId=no, modified=at, orderStartTime=at) for at, no in shown))

    def _applies(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = next(name for name in APPLY_TIMES if f"{name}Start" in asked)
        start, end = asked[f"{name}Start"], asked[f"{name}End"]
        rows = [row for row in self.applies if start <= row[name] <= end]
        page, size = asked["pageIndex"], asked["pageSize"]
        result = {"success": True, "totalCount": len(rows), "result": rows[(page - 1) * size : page * size]}
        return {"code": "0", "queryResult": result}


def pull_all(bazaar: Bazaar, cursor: str = "", most: int = 300, stream: str = "pull_orders") -> list[Page]:
    """Pull until the stream says it is at its end."""
    pages: list[Page] = []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = getattr(bazaar.jd, stream)(cursor)
            assert not (page.more and page.cursor == cursor), "the cursor stands still"
            pages.append(page)
            cursor = page.cursor
            assert len(pages) < most
            if not page.more:
                return pages


def seen(pages: list[Page]) -> set[tuple[str, datetime | None]]:
    """What the hub learns: number and change time, once each."""
    return {(document.external_no, document.changed_at) for page in pages for document in page.documents}


def rows(count: int, spacing: float = 1.0) -> dict[str, datetime]:
    """Orders changed one after another from the start on."""
    return {str(1000 + i): (START + timedelta(seconds=60 + i * spacing)).replace(microsecond=0) for i in range(count)}


def test_a_window_of_one_page_costs_one_call():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(30))
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert len(bazaar.calls) == 1
    asked = bazaar.calls[0][1]
    assert (asked["page"], asked["page_size"], asked["dateType"], asked["sortType"]) == ("1", "100", 0, 1)
    assert "LOCKED" in asked["order_state"].split(",")


def test_several_pages_are_walked_from_the_oldest_to_the_newest():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(260))
    pages = pull_all(bazaar)
    assert [asked["page"] for _, asked in bazaar.calls] == ["1", "3", "2", "1"]
    assert [page.more for page in pages] == [True, True, False]
    changes = [document.changed_at for page in pages for document in page.documents]
    assert changes == sorted(changes, key=str)
    assert seen(pages) == set(bazaar.rows.items())


def test_rows_that_move_while_we_walk_are_not_lost():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(260))

    def change_one_not_read_yet(count: int) -> None:
        if count in (2, 3):
            bazaar.rows[str(1000 + 260 - count * 10)] = bazaar.now

    bazaar.after_call = change_one_not_read_yet
    first = pull_all(bazaar)
    bazaar.now += timedelta(minutes=1)
    later = pull_all(bazaar, first[-1].cursor)
    assert set(bazaar.rows.items()) <= seen(first) | seen(later)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 310), st.lists(st.tuples(st.integers(1, 5), st.integers(0, 309)), max_size=12))
def test_no_row_is_missed_whatever_moves_meanwhile(count: int, moves: list[tuple[int, int]]):
    bazaar = Bazaar(START + timedelta(minutes=20), rows(count, 0.5))

    def move(call: int) -> None:
        for when, which in moves:
            if when == call and str(1000 + which) in bazaar.rows:
                bazaar.rows[str(1000 + which)] = bazaar.now

    bazaar.after_call = move
    first = pull_all(bazaar)
    bazaar.after_call = lambda count: None
    bazaar.now += timedelta(minutes=1)
    learnt = seen(first) | seen(pull_all(bazaar, first[-1].cursor))
    assert set(bazaar.rows.items()) <= learnt


def test_a_list_that_grew_since_it_was_counted_is_read_to_its_end():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(200))

    def grow(count: int) -> None:
        if count == 1:
            bazaar.rows |= {str(5000 + i): START + timedelta(seconds=30) for i in range(40)}

    bazaar.after_call = grow
    assert seen(pull_all(bazaar)) == set(bazaar.rows.items())
    assert [asked["page"] for _, asked in bazaar.calls] == ["1", "2", "3", "2", "1"]


def test_windows_follow_each_other_until_now_and_overlap():
    bazaar = Bazaar(START + timedelta(hours=7), {"1": START + timedelta(hours=6, minutes=59)})
    pages = pull_all(bazaar)
    assert [page.more for page in pages] == [True, True, False]
    starts = [asked["start_date"] for _, asked in bazaar.calls]
    ends = [asked["end_date"] for _, asked in bazaar.calls]
    assert all(start < end for start, end in zip(starts[1:], ends, strict=False))
    assert seen(pages) == set(bazaar.rows.items())


def test_a_late_row_inside_the_overlap_is_read_by_the_next_pull():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(3))
    cursor = pull_all(bazaar)[-1].cursor
    bazaar.rows["late"] = START + timedelta(minutes=8)
    bazaar.now += timedelta(minutes=1)
    assert ("late", bazaar.rows["late"]) in seen(pull_all(bazaar, cursor))


def test_a_past_window_ends_for_good():
    bazaar = Bazaar(START + timedelta(days=2), rows(5) | {"after": START + timedelta(hours=9)})
    cursor = bazaar.jd.between(START, START + timedelta(hours=8))
    pages = pull_all(bazaar, cursor)
    assert {number for number, _ in seen(pages)} == {str(1000 + i) for i in range(5)}
    assert bazaar.calls[-1][1]["end_date"] == jd_time(START + timedelta(hours=8))
    assert pages[-1].more is False


def test_what_is_older_than_the_platform_keeps_changes_is_asked_by_creation():
    bazaar = Bazaar(START + timedelta(days=120), rows(150))
    pages = pull_all(bazaar, bazaar.jd.between(START, START + timedelta(hours=1)))
    assert {asked["dateType"] for _, asked in bazaar.calls} == {1}
    assert seen(pages) == set(bazaar.rows.items())


def test_a_start_long_ago_is_brought_within_the_platform_s_reach():
    bazaar = Bazaar(START + timedelta(days=120))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        bazaar.jd.pull_orders("")
    assert bazaar.calls[0][1]["start_date"] == jd_time(START + timedelta(days=120 - 89))


def test_created_orders_are_listed_by_creation_with_their_sums_and_counted():
    bazaar = Bazaar(START + timedelta(hours=5), rows(150))
    cursor, found = "", []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=bazaar.answer)
        while True:
            page = bazaar.jd.list_created(START, START + timedelta(hours=2), cursor)
            found.extend(page.orders)
            cursor = page.cursor
            if not page.more:
                break
        assert bazaar.jd.count_orders(START, START + timedelta(hours=2)) == 150
    assert {order.external_no for order in found} == set(bazaar.rows)
    assert {(order.paid_total, str(order.state)) for order in found} == {(12000, "open")}
    assert {asked["dateType"] for _, asked in bazaar.calls} == {1}


def test_refunds_are_asked_by_application_and_by_check():
    bazaar = Bazaar(START + timedelta(minutes=10))
    applied, checked = jd_time(START - timedelta(days=20)), jd_time(START + timedelta(minutes=5))
    bazaar.applies = [
        an_apply(id=1, applyTime=checked),
        an_apply(id=2, applyTime=applied, checkTime=checked, status=3),
    ]
    pages = pull_all(bazaar, stream="pull_cases")
    assert {document.external_no for page in pages for document in page.documents} == {"R1", "R2"}
    assert [page.more for page in pages] == [True, False]


def test_a_refund_that_was_withdrawn_without_a_stamp_is_found_by_looking_back():
    bazaar = Bazaar(START + timedelta(minutes=40))
    bazaar.applies = [an_apply(id=1, applyTime=jd_time(START + timedelta(minutes=1)))]
    cursor = pull_all(bazaar, stream="pull_cases")[-1].cursor
    bazaar.applies[0]["status"] = 11
    bazaar.now += timedelta(minutes=10)
    soon = pull_all(bazaar, cursor, stream="pull_cases")
    assert seen(soon) == set(), "the list is not read far back at every pull"
    bazaar.now += timedelta(minutes=30)
    later = pull_all(bazaar, soon[-1].cursor, stream="pull_cases")
    assert [orjson.loads(d.body)["refundApply"]["status"] for page in later for d in page.documents] == [11]


def test_catching_up_does_not_look_back_at_every_window():
    bazaar = Bazaar(START + timedelta(hours=7))
    pull_all(bazaar, stream="pull_cases")
    starts = [asked["applyTimeStart"] for _, asked in bazaar.calls if "applyTimeStart" in asked]
    assert starts[0] == jd_time(START)
    assert [start < jd_time(START) for start in starts] == [False, False, True]


def test_a_window_with_more_rows_than_a_list_can_page_through_is_halved():
    bazaar = Bazaar(START + timedelta(hours=1))
    times = [jd_time(START + timedelta(seconds=i / 3)) for i in range(6200)]
    bazaar.applies = [an_apply(id=i + 1, applyTime=at, checkTime="") for i, at in enumerate(times)]
    pages = pull_all(bazaar, stream="pull_cases")
    assert len(seen(pages)) == 6200
    assert max(asked["pageIndex"] for _, asked in bazaar.calls) <= 100


def test_service_orders_are_asked_by_three_times_once_the_shop_s_id_is_known():
    bazaar = Bazaar(START + timedelta(minutes=10))
    bazaar.jd = Jd(
        Account({"since": START.isoformat(), "app_key": "1", "vender_id": "7001", "operator": "li"}, SECRETS),
        clock=lambda: bazaar.now,
    )
    asked: list[dict[str, Any]] = []

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        asked.append(orjson.loads(form["360buy_param_json"]))
        inner: dict[str, Any] = {"code": "0", "queryResult": {"success": True, "totalCount": 0, "result": []}}
        if "buId" in asked[-1]:
            inner = {"code": "0", "pageResult": {"totalCount": 0, "data": None}}
        return 200, {}, answer_body(form["method"], inner)

    bazaar.answer = answer  # type: ignore[method-assign]
    pages = pull_all(bazaar, stream="pull_cases")
    assert len(pages) == 5
    times = {name for call in asked[2:] for name in call if name.endswith("Begin")}
    assert times == {"applyTimeBegin", "approveTimeBegin", "finishTimeBegin"}
    assert {(call["buId"], call["operatePin"], call["operateNick"]) for call in asked[2:]} == {("7001", "li", "li")}


@pytest.mark.parametrize("stream", ["pull_orders", "pull_cases"])
def test_an_answer_without_a_count_is_not_taken_for_an_empty_list(stream: str):
    bazaar = Bazaar(START + timedelta(minutes=10))
    with responses.RequestsMock() as platform:
        body = answer_body("jingdong.pop.order.enSearch", {"code": "0"})[:-1]
        other = answer_body("jingdong.pop.afs.soa.refundapply.queryPageList", {"code": "0"})[1:]
        platform.add(responses.POST, EVERYWHERE, body=body + b"," + other)
        with pytest.raises(Exception, match="without a count"):
            getattr(bazaar.jd, stream)("")


def test_a_cursor_kept_of_an_older_release_is_read_on():
    bazaar = Bazaar(START + timedelta(minutes=10), rows(260))
    start, end = jd_time(START), jd_time(START + timedelta(minutes=8))
    pages = pull_all(bazaar, f'["{start}","","{start}","{end}",0,"{start}","{end}",2,3]')
    asked = [(asked["start_date"], asked["end_date"], asked["page"]) for _, asked in bazaar.calls]
    assert asked == [(start, end, "2"), (start, end, "1")]
    assert not pages[-1].more


def test_a_cursor_over_the_cases_of_a_shop_whose_id_was_taken_away_reads_its_window_anew():
    bazaar = Bazaar(START + timedelta(minutes=10))
    start, end = jd_time(START), jd_time(START + timedelta(minutes=8))
    bazaar.applies = [an_apply(id=1, applyTime=jd_time(START + timedelta(minutes=5)))]
    cursor = f'["{start}","","{start}","{end}",4,"","",0,0]'
    pages = pull_all(bazaar, cursor, stream="pull_cases")
    assert {document.external_no for page in pages for document in page.documents} == {"R1"}
