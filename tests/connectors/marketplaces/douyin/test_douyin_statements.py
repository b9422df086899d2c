"""Douyin's settlement bills: pulled page by page, parsed to lines that add up."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import BadRecord, Retryable
from tests.connectors.contract_kit import assert_normal
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.stage import Stage


def a_bill(number: str = "S1", **changes: Any) -> dict[str, Any]:
    """A settled line of 100.00 with 5.00 for the platform and 10.00 for the talent."""
    bill = {
        "request_no": number,
        "shop_order_id": "693",
        "order_id": "694",
        "settle_time": "2026-03-01 10:00:00",
        "settle_amount": 8500,
        "trade_type": 0,
        "platform_service_fee": 500,
        "commission": 1000,
        "order_type": "普通订单",
    }
    return bill | changes


def a_page(*bills: dict[str, Any], end: int = 1, index: str = "") -> dict[str, Any]:
    """A page as the platform answers it."""
    following = {"next_start_index": index, "next_start_time": "2026-03-01 10:00:00"}
    return {"code": "100000", "data": list(bills), "is_end": end, **following}


def test_bills_are_pulled_by_week_and_by_the_platform_s_own_index():
    with Stage(since="2026-02-22T12:00:00+08:00") as stage:
        stage.answers(a_page(a_bill("S1"), end=0, index="i2"), a_page(a_bill("S2")), a_page())
        first = stage.douyin.pull_statements("")
        second = stage.douyin.pull_statements(first.cursor)
        third = stage.douyin.pull_statements(second.cursor)
    asked = [sent for _, sent in stage.sent]
    assert [(a["start_time"], a["end_time"], a.get("start_index")) for a in asked] == [
        ("2026-02-22 12:00:00", "2026-03-01 12:00:00", None),
        ("2026-03-01 10:00:00", "2026-03-01 12:00:00", "i2"),
        ("2026-02-28 12:00:00", "2026-03-02 12:00:00", None),
    ]
    assert [page.more for page in (first, second, third)] == [True, False, False]
    assert [d.external_no for page in (first, second) for d in page.documents] == ["S1-694-0", "S2-694-0"]
    assert {d.fetched_at for d in first.documents} == {NOW}


def test_the_lines_of_a_bill_make_up_what_is_settled():
    with Stage() as stage:
        for bill in (a_bill(), a_bill(platform_service_fee=-500, commission=-1000)):
            stage.answers(a_page(bill))
            body = stage.douyin.pull_statements("").documents[0].body
            lines = stage.douyin.parse_statement(body)
            assert_normal(lines)
            assert [(line.kind, line.amount) for line in lines] == [
                ("sale", 10000),
                ("commission", -500),
                ("commission", -1000),
            ]
            assert {(line.order_no, line.line_no) for line in lines} == {("693", "694")}
            assert len({line.external_no for line in lines}) == 3


def test_a_refund_after_settlement_is_a_refund():
    with Stage() as stage:
        stage.answers(a_page(a_bill(trade_type=1, settle_amount=-8500, platform_service_fee=0, commission=0)))
        (line,) = stage.douyin.parse_statement(stage.douyin.pull_statements("").documents[0].body)
    assert (line.kind, line.amount) == ("refund", -8500)


def test_a_bill_that_was_not_given_is_asked_again():
    with Stage.given({"code": "100010", "code_msg": "later"}) as stage, pytest.raises(Retryable, match="later"):
        stage.douyin.pull_statements("")


@pytest.mark.parametrize("cursor", ["x", "[1]", '["a","b","c","d"]', "{}"])
def test_a_foreign_cursor_is_refused(cursor: str):
    with Stage() as stage, pytest.raises(BadRecord, match="start the stream anew"):
        stage.douyin.pull_statements(cursor)


def test_bad_bills_and_starts_are_refused():
    with Stage(since="soon") as stage, pytest.raises(BadRecord, match="since"):
        stage.douyin.pull_statements("")
    with Stage() as stage:
        for body in (b"{}", b'{"settle_bill":{"request_no":"1","settle_time":"?"}}', b'{"settle_bill":{}}'):
            with pytest.raises(BadRecord):
                stage.douyin.parse_statement(body)
