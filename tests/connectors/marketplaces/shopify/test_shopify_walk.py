"""Walking lists: every row is read although rows move, sweeps overlap, cursors never stand still."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, BadRecord, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.shopify import Shopify
from connectors.marketplaces.shopify.reading import time_text
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.shopify.papers import error_body, nodes
from tests.connectors.marketplaces.shopify.stage import Stage

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_BOUND = re.compile(r"(\w+):(>=|<=)'([^']+)'")


class Index:
    """A list as Shopify keeps it, oldest first; its cursor is a bare offset, the least a platform can promise."""

    def __init__(self, rows: dict[str, datetime], waiting: dict[str, datetime] | None = None) -> None:
        self.rows, self.waiting = rows, waiting or {}
        self.now = START + timedelta(hours=2)
        self.queries: list[str] = []
        self.after_call: Callable[[int], None] = lambda count: None

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = orjson.loads(request.body)
        variables = sent["variables"]
        root = "orders" if sent["operationName"] == "OrdersList" else "fulfillmentOrders"
        self.queries.append(f"{root} {variables['query']}")
        rows = self._within(self.rows if root == "orders" else self.waiting, variables["query"])
        begin = int(variables["after"] or 0)
        shown = rows[begin : begin + variables["first"]]
        turned = {"hasNextPage": begin + len(shown) < len(rows), "endCursor": str(begin + len(shown))}
        self.after_call(len(self.queries))
        self.now += timedelta(seconds=1)
        return 200, {}, orjson.dumps({"data": {root: {"pageInfo": turned, "nodes": [_row(n, at) for at, n in shown]}}})

    @staticmethod
    def _within(rows: dict[str, datetime], query: str) -> list[tuple[str, str]]:
        bounds = {sign: at for _, sign, at in _BOUND.findall(query)}
        found = [(time_text(at), number) for number, at in rows.items()]
        return sorted(row for row in found if bounds.get(">=", "") <= row[0] <= bounds.get("<=", "~"))


def _row(number: str, at: str) -> dict[str, Any]:
    return {"id": number, "updatedAt": at, "createdAt": at, "order": {"id": number}}


def pull_all(index: Index, cursor: str = "", name: str = "pull_orders", most: int = 400) -> list[Page]:
    """Pull until the stream says it is at its end."""
    account = Account({"shop": "lamps", "since": START.isoformat()}, {"access_token": "t"})
    shopify = Shopify(account, clock=lambda: index.now)
    pages: list[Page] = []
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.POST, EVERYWHERE, callback=index.answer)
        while True:
            pages.append(getattr(shopify, name)(cursor))
            assert pages[-1].cursor != cursor or not pages[-1].more, "a cursor stands still"
            cursor = pages[-1].cursor
            if not pages[-1].more:
                return pages
            assert len(pages) < most


def numbers(pages: list[Page]) -> list[str]:
    return [reference.external_no for page in pages for reference in page.references]


def spread_rows(count: int, seconds: int = 3) -> dict[str, datetime]:
    return {f"gid://shopify/Order/{n}": START + timedelta(seconds=seconds * n) for n in range(count)}


def test_every_row_is_read_oldest_first():
    index = Index(spread_rows(250))
    pages = pull_all(index)
    assert list(dict.fromkeys(numbers(pages))) == list(index.rows)
    assert pages[0].references[0].changed_at == START


def test_a_page_of_one_stamp_is_walked_by_the_platform_s_cursor():
    index = Index(dict.fromkeys(spread_rows(250), START + timedelta(minutes=1)))
    assert set(numbers(pull_all(index))) == set(index.rows)


def test_rows_that_move_while_they_are_read_are_never_lost():
    for seed in range(30):
        index, dice = Index(spread_rows(350, seconds=1)), random.Random(seed)

        def move(_: int, index: Index = index, dice: random.Random = dice) -> None:
            for number in dice.sample(list(index.rows), 40):
                index.rows[number] = index.now

        index.after_call = lambda count, move=move: move(count) if count < 4 else None
        first = set(index.rows)
        pages = pull_all(index)
        assert first == set(numbers(pages)), f"seed {seed}"


def test_holds_are_found_although_the_order_s_own_stamp_stands_still():
    index = Index({}, {"gid://shopify/Order/7": START + timedelta(minutes=5)})
    pages = pull_all(index)
    assert numbers(pages) == ["gid://shopify/Order/7"]
    assert [query.split()[0] for query in index.queries] == ["orders", "fulfillmentOrders"]


def test_the_next_sweep_starts_an_overlap_before_the_last_one_began():
    index = Index(spread_rows(2))
    began = index.now
    cursor = pull_all(index)[-1].cursor
    index.queries.clear()
    pull_all(index, cursor)
    assert index.queries[0] == f"orders updated_at:>='{time_text(began - timedelta(minutes=10))}'"


def test_a_past_window_ends_for_good():
    index = Index(spread_rows(2000))
    shopify = Shopify(Account({"shop": "lamps"}, {}))
    until = START + timedelta(seconds=3 * 299)
    pages = pull_all(index, shopify.between(START + timedelta(seconds=30), until))
    assert set(numbers(pages)) == {f"gid://shopify/Order/{n}" for n in range(10, 300)}
    again = pull_all(index, pages[-1].cursor)
    assert set(numbers(again)) <= {"gid://shopify/Order/299"}


def test_orders_are_listed_by_creation_and_counted(stage: Stage):
    until = START + timedelta(hours=1)
    stage.answers({"orders": nodes(_row("gid://shopify/Order/1", time_text(START)))}, {"ordersCount": {"count": 41}})
    page = stage.shopify.list_created(START, until, "")
    assert (page.more, page.orders[0].external_no, page.orders[0].created_at) == (False, "gid://shopify/Order/1", START)
    assert "sortKey: CREATED_AT" in stage.texts[0]
    assert stage.shopify.count_orders(START, until) == 41
    query = "created_at:>='2026-03-02T01:00:00Z' created_at:<='2026-03-02T02:00:00Z'"
    assert [sent[1]["query"] for sent in stage.sent] == [query, query]


def test_cases_are_returns_and_refunds_without_one(stage: Stage):
    row = _row("gid://shopify/Order/1", time_text(START)) | {
        "returns": nodes({"id": "gid://shopify/Return/1"}),
        "refunds": [
            {"id": "gid://shopify/Refund/1", "return": {"id": "gid://shopify/Return/1"}},
            {"id": "gid://shopify/Refund/2", "return": None},
        ],
    }
    stage.answers({"orders": nodes(row)})
    page = stage.shopify.pull_cases("")
    found = ["gid://shopify/Return/1", "gid://shopify/Refund/2"]
    assert [(x.external_no, x.changed_at) for x in page.references] == [(number, START) for number in found]


def test_an_app_without_the_scope_of_waiting_goods_still_captures(stage: Stage):
    stage.answers({"orders": nodes()}, error_body("ACCESS_DENIED"))
    first = stage.shopify.pull_orders("")
    assert not stage.shopify.pull_orders(first.cursor).more


def test_a_refusal_of_the_orders_themselves_is_told(stage: Stage):
    stage.answers(error_body("ACCESS_DENIED"))
    with pytest.raises(Refused, match="scope"):
        stage.shopify.pull_orders("")


def test_a_list_that_goes_on_nowhere_is_asked_again_later(stage: Stage):
    stage.answers({"orders": {"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": []}})
    with pytest.raises(Retryable):
        stage.shopify.pull_orders("")


def test_a_token_that_ends_in_mid_paging_leaves_the_cursor_good(stage: Stage):
    row = _row("gid://shopify/Order/1", "2026-03-02T03:55:00Z")
    more = {"orders": {"pageInfo": {"hasNextPage": True, "endCursor": "c"}, "nodes": [row]}}
    stage.answers(more, b'{"errors":"[API] Invalid API key or access token"}', {"orders": nodes(row)})
    cursor = stage.shopify.pull_orders("").cursor
    with pytest.raises(AuthFailed) as caught:
        stage.shopify.pull_orders(cursor)
    assert caught.value.expired
    assert [x.external_no for x in stage.shopify.pull_orders(cursor).references] == ["gid://shopify/Order/1"]


@pytest.mark.parametrize("cursor", ["7", "{}", "[1]", "not json"])
def test_a_foreign_cursor_is_refused(stage: Stage, cursor: str):
    with pytest.raises(BadRecord, match="cursor"):
        stage.shopify.pull_orders(cursor)


def test_a_start_without_offset_is_the_shop_s_own_time():
    with Stage(since="2026-03-02T10:00:00") as stage:
        stage.answers({"orders": nodes()})
        stage.shopify.pull_orders("")
        assert stage.sent[0][1]["query"] == "updated_at:>='2026-03-02T02:00:00Z'"


def test_a_start_that_is_no_time_is_named():
    with Stage(since="last week") as stage, pytest.raises(BadRecord, match="since"):
        stage.shopify.pull_orders("")
