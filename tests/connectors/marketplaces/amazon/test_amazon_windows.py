"""Searching orders: windows, tokens, overlap, the two minutes, the calls that are not worth making, the other list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, RateLimited, Retryable
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.amazon.papers import NO, US, an_order, error_body
from tests.connectors.marketplaces.amazon.stage import Stage

SEARCH = "GET /orders/2026-01-01/orders"


class Seller(Stage):
    """A seller whose orders are searched as Amazon does it: by time, in pages, with a token for the rest."""

    def __init__(self, *orders: dict[str, Any], page: int = 2, **settings: str) -> None:
        super().__init__(**settings)
        self.orders, self.page = list(orders), page
        self.snapshots: dict[str, list[dict[str, Any]]] = {}
        self.answers[SEARCH] = self._search

    def _search(self, query: dict[str, str], _: Any) -> tuple[int, Any]:
        kind, name = ("lastUpdated", "lastUpdatedTime") if "lastUpdatedAfter" in query else ("created", "createdTime")
        found = [row for row in self.orders if query[f"{kind}After"] <= row[name] <= query[f"{kind}Before"]]
        found = self.snapshots.get(query.get("paginationToken", ""), sorted(found, key=lambda row: str(row[name])))
        answer: dict[str, Any] = {"orders": found[: self.page], f"{kind}Before": query[f"{kind}Before"]}
        if len(found) > self.page:
            token = f"token-{len(self.snapshots)}"
            self.snapshots[token] = found[self.page :]
            answer["pagination"] = {"nextToken": token}
        return 200, answer

    def walk(self, cursor: str = "") -> tuple[list[str], str]:
        """Numbers of all orders up to the end of the stream, and the cursor there."""
        numbers: list[str] = []
        while True:
            page = self.amazon.pull_orders(cursor)
            numbers += [document.external_no for document in page.documents]
            cursor = page.cursor
            if not page.more:
                return numbers, cursor


def changed(number: int, at: str = "2026-03-02T03:30:00Z") -> dict[str, Any]:
    return an_order(orderId=f"{NO[:-1]}{number}", lastUpdatedTime=at)


def test_a_window_is_read_page_by_page_with_all_that_the_parser_reads():
    with Seller(*(changed(number) for number in range(5))) as seller:
        numbers, _ = seller.walk()
        assert len(set(numbers)) == len(numbers) == 5
        first = seller.sent[0][1]
        assert first["lastUpdatedAfter"] == "2026-03-02T02:55:00Z"
        assert first["lastUpdatedBefore"] == "2026-03-02T03:58:00Z"
        assert first["marketplaceIds"] == US
        assert first["maxResultsPerPage"] == "100"
        assert {"RECIPIENT", "PROCEEDS", "PACKAGES"} <= set(first["includedData"].split(","))
        assert [query.get("paginationToken") for _, query, _ in seller.sent] == [None, "token-0", "token-1"]


def test_an_order_that_changes_while_pages_are_read_is_lost_from_neither_window():
    with Seller(*(changed(number) for number in range(5))) as seller:
        first = seller.amazon.pull_orders("")
        seller.orders[3]["lastUpdatedTime"] = "2026-03-02T04:00:30Z"
        rest, cursor = seller.walk(first.cursor)
        assert len(first.documents) + len(rest) == 5
        seller.now = NOW + timedelta(minutes=10)
        again, _ = seller.walk(cursor)
        assert seller.orders[3]["orderId"] in again


def test_the_end_of_a_window_is_read_again_by_an_overlap():
    with Seller(changed(1, "2026-03-02T03:57:30Z")) as seller:
        _, cursor = seller.walk()
        seller.now = NOW + timedelta(minutes=4)
        again, _ = seller.walk(cursor)
        assert len(again) == 1
        assert seller.sent[-1][1]["lastUpdatedAfter"] == "2026-03-02T03:53:00Z"


def test_no_call_is_made_before_amazon_would_have_given_one_back():
    with Seller(changed(1)) as seller:
        _, cursor = seller.walk()
        seller.now = NOW + timedelta(seconds=180)
        page = seller.amazon.pull_orders(cursor)
        assert (page.cursor, page.more, len(seller.sent)) == (cursor, False, 1)
        seller.now = NOW + timedelta(seconds=241)
        seller.amazon.pull_orders(cursor)
        assert len(seller.sent) == 2


def test_a_stream_that_starts_now_waits_for_its_first_window():
    with Seller(since="") as seller:
        page = seller.amazon.pull_orders("")
        assert (page.more, seller.sent) == (False, [])


def test_a_token_older_than_a_day_is_dropped_and_its_window_read_from_the_start():
    with Seller(*(changed(number) for number in range(3))) as seller:
        first = seller.amazon.pull_orders("")
        seller.now = NOW + timedelta(hours=30)
        seller.amazon.pull_orders(first.cursor)
        assert "paginationToken" not in seller.sent[-1][1]
        assert seller.sent[-1][1]["lastUpdatedAfter"] == "2026-03-02T02:55:00Z"


def test_the_same_token_twice_is_not_followed_for_ever():
    with Stage() as stage:
        stage.answers[SEARCH] = (200, {"orders": [], "pagination": {"nextToken": "again"}})
        page = stage.amazon.pull_orders("")
        with pytest.raises(Retryable, match="same page token"):
            stage.amazon.pull_orders(page.cursor)


def test_the_next_window_begins_where_amazon_says_that_this_one_ended():
    with Stage() as stage:
        stage.answers[SEARCH] = (200, {"orders": [], "lastUpdatedBefore": "2026-03-02T03:40:00Z"})
        cursor = stage.amazon.pull_orders("").cursor
        stage.amazon.pull_orders(cursor)
        assert stage.sent[-1][1]["lastUpdatedAfter"] == "2026-03-02T03:35:00Z"


def test_a_past_window_is_walked_once_and_ends_there():
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
    with Seller(changed(1, "2026-01-01T00:00:00Z"), changed(2, "2026-01-19T00:00:00Z"), changed(3)) as seller:
        numbers, cursor = seller.walk(seller.amazon.between(since, until))
        assert [number[-1] for number in numbers] == ["1", "2"]
        assert [query["lastUpdatedBefore"][:10] for _, query, _ in seller.sent] == [
            "2026-01-08",
            "2026-01-15",
            "2026-01-20",
        ]
        assert seller.amazon.pull_orders(cursor).more is False
        assert len(seller.sent) == 3


def test_an_order_that_cannot_be_named_does_not_stop_the_others():
    with Seller(changed(1), changed(2) | {"orderId": None}) as seller:
        numbers, _ = seller.walk()
        assert numbers[0] == f"{NO[:-1]}1"
        assert numbers[1].startswith("unnamed-")


def test_orders_are_listed_by_creation_without_their_details():
    with Seller(changed(1), changed(2)) as seller:
        page = seller.amazon.list_created(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), "")
        assert [order.external_no[-1] for order in page.orders] == ["1", "2"]
        assert page.orders[0].created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
        assert page.more is False
        assert "includedData" not in seller.sent[0][1]


def test_a_limit_on_searches_leaves_the_account_s_other_calls_alone():
    with Stage() as stage:
        stage.answers[SEARCH] = (429, error_body("QuotaExceeded"))
        with pytest.raises(RateLimited) as caught:
            stage.amazon.pull_orders("")
        assert caught.value.retry_after == pytest.approx(178.6)
        stage.headers = {"x-amzn-RateLimit-Limit": "0.05"}
        with pytest.raises(RateLimited) as caught:
            stage.amazon.pull_orders("")
        assert caught.value.retry_after == 20
    assert stage.gate.rested == [(178.6, "searchOrders"), (20, "searchOrders")]
    assert stage.gate.rates == [("searchOrders", 0.05)]


@pytest.mark.parametrize("cursor", ["x", "{}", '["soon"]', '["2026-03-02T03:00:00Z","soon"]', "7"])
def test_a_foreign_cursor_is_named_as_such(cursor: str):
    with Stage() as stage, pytest.raises(BadRecord) as caught:
        stage.amazon.pull_orders(cursor)
    assert caught.value.field == "cursor"


def test_one_order_is_read_whole():
    with Stage() as stage:
        stage.answers[f"GET /orders/2026-01-01/orders/{NO}"] = (200, {"order": an_order()})
        document = stage.amazon.get_order(NO)
        assert (document.external_no, orjson.loads(document.body)) == (NO, an_order())
        assert document.changed_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
