"""What a trail says of a parcel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.carriers.kuaidi100.codes import CARRIERS, COMPANIES, STATES
from connectors.carriers.kuaidi100.trails import read_answer, read_push
from connectors.contract.errors import BadRecord
from connectors.contract.notices import ParcelState
from tests.connectors.carriers.kuaidi100.factories import a_param, a_scan, a_trail

MEANINGS = {
    ParcelState.COLLECTED: ["1", "103"],
    ParcelState.ON_THE_WAY: ["0", "1001", "1002", "1003", "7", "8", "10", "11", "12"],
    ParcelState.OUT_FOR_DELIVERY: ["5"],
    ParcelState.AT_PICKUP_POINT: ["501"],
    ParcelState.DELIVERED: ["3", "301", "302", "303", "304"],
    ParcelState.TROUBLE: ["2", "201", "202", "204", "205", "206", "207", "208", "209", "13"],
    ParcelState.REFUSED: ["203", "14"],
    ParcelState.RETURNING: ["6"],
    ParcelState.RETURNED: ["4"],
    ParcelState.CANCELLED: ["210", "401"],
    ParcelState.CREATED: ["101", "102"],
}
CASES = [(code, state) for state, codes in MEANINGS.items() for code in codes]


def test_every_code_of_the_table_is_tested() -> None:
    assert {code for code, _ in CASES} == set(STATES)


@pytest.mark.parametrize(("code", "state"), CASES)
@pytest.mark.parametrize("kind", [str, int])
def test_every_state_code_has_its_meaning_as_text_and_as_number(code: str, state: ParcelState, kind: type) -> None:
    report = read_push(a_param(a_trail(kind(code))))
    assert (report.state, report.alerts) == (state, ())


@pytest.mark.parametrize(
    ("base", "detail", "state"),
    [
        ("5", "501", ParcelState.AT_PICKUP_POINT),
        ("2", "203", ParcelState.REFUSED),
        ("8", "13", ParcelState.TROUBLE),
        ("1", "10", ParcelState.COLLECTED),
        ("1", "1001", ParcelState.COLLECTED),
        ("3", "501", ParcelState.DELIVERED),
    ],
)
def test_the_newest_scan_refines_its_own_base_state_only(base: str, detail: str, state: ParcelState) -> None:
    assert read_push(a_param(a_trail(base, a_scan(detail)))).state is state


def test_a_new_detail_counts_as_its_base_state() -> None:
    report = read_push(a_param(a_trail("305")))
    assert report.state is ParcelState.DELIVERED


@pytest.mark.parametrize("code", ["9", "15", "99", "2001", "x", "³"])
def test_an_unknown_state_raises_an_alert_and_nothing_else(code: str) -> None:
    report = read_push(a_param(a_trail(code)))
    assert report.state is ParcelState.UNKNOWN
    assert report.alerts == (f"unknown state {code!r}",)


def test_the_list_is_the_whole_trail_newest_first(push_param: str) -> None:
    report = read_push(push_param)
    assert (report.carrier_code, report.waybill_no, report.state) == (
        "ZTO",
        "75000000000001",
        ParcelState.AT_PICKUP_POINT,
    )
    assert [event.at for event in report.events] == [
        datetime(2026, 11, 23, 1, 10, tzinfo=UTC),
        datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
    ]
    newest = report.events[0]
    assert (newest.state, newest.code, newest.place) == (ParcelState.AT_PICKUP_POINT, "501", "上海,上海市,徐汇区")
    assert newest.words == "【上海市】快件已投递至丰巢柜"
    assert not report.ended
    assert not report.aborted


def test_a_trail_told_oldest_first_is_turned_round() -> None:
    scans = [a_scan("103", "2026-11-21 18:00:00"), a_scan("501", "2026-11-23 09:10:00")]
    report = read_push(a_param(a_trail("5", *scans)))
    assert [event.code for event in report.events] == ["501", "103"]
    assert report.state is ParcelState.AT_PICKUP_POINT


def test_a_corrected_company_changes_the_carrier_and_says_so() -> None:
    report = read_push(a_param(autoCheck="1", comOld="zhongtong", comNew="yuantong"))
    assert report.carrier_code == "YTO"
    assert report.alerts == ("company corrected: zhongtong to yuantong",)


@pytest.mark.parametrize(
    ("status", "ended", "aborted"),
    [("polling", False, False), ("updateall", False, False), ("shutdown", True, False), ("abort", False, True)],
)
def test_the_status_of_the_subscription_is_told(status: str, ended: bool, aborted: bool) -> None:
    report = read_push(a_param(status=status, message="3天查询无记录"))
    assert (report.ended, report.aborted) == (ended, aborted)
    assert report.alerts == (("tracking given up: 3天查询无记录",) if aborted else ())


def test_an_abort_without_any_scan_is_a_report() -> None:
    trail = {"message": "", "nu": "75000000000001", "com": "zhongtong"}
    report = read_push(a_param(trail, status="abort", message="60天无变化"))
    assert (report.aborted, report.state, report.events) == (True, ParcelState.UNKNOWN, ())


def test_an_unknown_status_raises_an_alert() -> None:
    assert read_push(a_param(status="dancing")).alerts == ("unknown status 'dancing'",)


def test_a_scan_without_readable_time_is_left_out_with_an_alert() -> None:
    report = read_push(a_param(a_trail("0", a_scan("0", "soon"), a_scan("0"))))
    assert len(report.events) == 1
    assert report.alerts == ("a scan without a readable time was left out",)


def test_a_company_the_hub_does_not_know_keeps_its_name() -> None:
    assert read_push(a_param(a_trail(com="guotongkuaidi"))).carrier_code == "guotongkuaidi"


def test_company_codes_go_both_ways() -> None:
    assert {COMPANIES[carrier]: carrier for carrier in COMPANIES} == CARRIERS
    assert len(CARRIERS) == len(COMPANIES)


@pytest.mark.parametrize("state", ["3", "4", "401"])
def test_a_query_of_a_parcel_at_its_end_says_so(state: str) -> None:
    assert read_answer(a_trail(state)).ended
    assert not read_answer(a_trail("5")).ended
    assert read_answer(a_trail("5", ischeck="1")).ended


@pytest.mark.parametrize(
    ("param", "field"),
    [
        ("", "param"),
        ("[]", "param"),
        ("{" * 5000, "param"),
        ("{}", "lastResult"),
        ('{"lastResult":[]}', "lastResult"),
        ('{"lastResult":{"nu":""}}', "lastResult.nu"),
        ('{"lastResult":{"nu":"1","data":"x"}}', "lastResult.data"),
        ('{"lastResult":{"nu":"1","data":["x"]}}', "lastResult.data"),
    ],
)
def test_what_is_wrong_in_a_push_is_named(param: str, field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read_push(param)
    assert caught.value.field == field


@pytest.mark.parametrize("odd", [None, [], {}, True, 1.5, "\u0000"])
def test_odd_values_never_crash(odd: Any) -> None:
    scan = {"context": odd, "time": odd, "ftime": "2026-11-23 09:10:00", "statusCode": odd, "areaName": odd}
    report = read_push(a_param(a_trail(odd, scan, com=odd), status=odd, autoCheck=odd))
    assert len(report.events) == 1
