"""The feed: pages over HTTP, their order and end, cut-off pages, and the platform's word on merging."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bench.feed import CONNECTOR, TaobaoFeed, read_page, write_page
from bench.generator import Store, answer_of
from bench.mix import PAGE, allowed_groups
from connectors.contract.errors import Retryable
from connectors.contract.manifest import Account
from connectors.contract.notices import MergeCandidate
from connectors.contract.records import RawDocument
from connectors.registry import all_vendors

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def feed(gateway: str) -> Iterator[TaobaoFeed]:
    connector = TaobaoFeed(Account(gateway=f"{gateway}/shops/1"), clock=lambda: NOW)
    yield connector
    connector.http._session.close()


def pull_all(feed: TaobaoFeed) -> list[tuple[RawDocument, ...]]:
    pages, cursor = [], ""
    while True:
        page = feed.pull_orders(cursor)
        pages.append(page.documents)
        cursor = page.cursor
        if not page.more:
            return pages


def test_pages_come_one_after_the_other_until_the_last(feed: TaobaoFeed, store: Store) -> None:
    pages = pull_all(feed)
    assert [len(page) for page in pages] == [PAGE, 100]
    assert len({document.external_no for page in pages for document in page}) == PAGE + 100


def test_a_page_that_is_not_there_yet_leaves_the_cursor_where_it_is(feed: TaobaoFeed) -> None:
    page = feed.pull_orders("2")
    assert (page.cursor, page.more, page.documents) == ("2", False, ())


def test_a_page_keeps_numbers_times_and_bytes_of_its_documents() -> None:
    at = datetime(2026, 1, 15, 8, 30, 1, tzinfo=UTC)
    (document,), more = read_page(write_page([(4_300_000_000_000_000_000, at, b'{"a":1}')], True), NOW)
    assert document == RawDocument("order", "4300000000000000000", b'{"a":1}', NOW, at)
    assert more


@pytest.mark.parametrize("length", [0, 7, 12, 25])
def test_a_page_that_was_cut_off_is_asked_for_again(length: int) -> None:
    with pytest.raises(Retryable):
        read_page(write_page([(1, NOW, b"body")], False)[:length], NOW)


def test_the_platform_allows_the_pairs_to_merge_and_nothing_else(feed: TaobaoFeed) -> None:
    documents = feed.pull_orders("").documents
    numbers = [document.external_no for document in documents]
    groups = feed.merge_groups([MergeCandidate(number, {"oaid": f"1{number}"}) for number in numbers[:100]])
    assert sorted(map(sorted, groups)) == sorted(map(sorted, allowed_groups(numbers[:100])))


def test_another_call_of_the_open_platform_is_refused() -> None:
    assert answer_of({"method": ["taobao.trade.close"]})["error_response"]["code"] == 22


def test_the_feed_is_found_when_an_installation_names_it() -> None:
    assert all_vendors(("bench.feed",))["taobao-feed"] is CONNECTOR


def test_the_feed_answers_no_refunds() -> None:
    assert "confirm_interception" not in TaobaoFeed.capabilities()
    assert {"pull_orders", "merge_groups", "parse_order"} <= TaobaoFeed.capabilities()
