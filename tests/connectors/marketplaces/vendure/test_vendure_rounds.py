"""Orders whose stamp of change tells nothing are found all the same: paid late, held, shipped or settled by staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.marketplaces.vendure import Vendure
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.vendure.papers import a_list, an_order
from tests.connectors.marketplaces.vendure.stage import GATE, URL, Stage

OLD = "2026-03-02T03:30:00.000Z"
LATELY = "2026-03-02T03:50:00.000Z"


class Store:
    """Orders with both stamps, listed by the filters that count here, and a clock the test moves."""

    def __init__(self, stage: Stage, **settings: str) -> None:
        self.now = NOW
        self.orders: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        account = Account({"api_url": GATE, **settings}, {"api_key": "k"})
        self.vendure = Vendure(account, clock=lambda: self.now)
        stage.platform.reset()
        stage.platform.add_callback("POST", URL, callback=self._play)

    def add(self, number: str, **changes: Any) -> None:
        self.orders[number] = an_order(id=number, **changes)

    def pull(self, cursor: str) -> tuple[list[str], str]:
        """The numbers of one whole round, and where the next one starts."""
        found: list[str] = []
        for _ in range(20):
            page = self.vendure.pull_orders(cursor)
            found += [row.external_no for row in page.documents]
            cursor = page.cursor
            if not page.more:
                return found, cursor
        raise AssertionError("the round does not end")

    def _play(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        wanted = orjson.loads(request.body)["variables"]["options"]["filter"]
        self.asked.append(wanted)
        found = [order for order in self.orders.values() if self._fits(order, wanted)]
        return 200, {}, orjson.dumps({"data": {"orders": a_list(*found)}})

    def _fits(self, order: dict[str, Any], wanted: dict[str, Any]) -> bool:
        for stamp in ("updatedAt", "orderPlacedAt"):
            span = wanted.get(stamp, {})
            low, high = span.get("after", ""), "9"
            if "between" in span:
                low, high = span["between"]["start"], span["between"]["end"]
            if not low <= order[stamp] <= high:
                return False
        return order["state"] not in wanted.get("state", {}).get("notIn", ())


@pytest.fixture
def store(stage: Stage) -> Store:
    return Store(stage, since="2026-03-02T03:40:00+00:00")


def test_a_cart_paid_long_after_it_was_touched_is_captured(store: Store):
    _, cursor = store.pull("")
    store.now += timedelta(minutes=8)
    store.add("late", updatedAt=OLD, orderPlacedAt="2026-03-02T04:07:00.000Z")
    assert store.pull(cursor)[0] == ["late"]


def test_a_new_state_that_moves_no_stamp_is_read_within_ten_minutes(store: Store):
    store.add("o1", updatedAt=OLD, orderPlacedAt=LATELY)
    found, cursor = store.pull("")
    assert found == ["o1"]
    store.now += timedelta(minutes=9)
    assert store.pull(cursor)[0] == []
    store.orders["o1"]["state"] = "Modifying"
    store.now += timedelta(minutes=1)
    found, cursor = store.pull(cursor)
    assert found == ["o1"]
    assert store.asked[-1]["state"] == {"notIn": ["Shipped", "Delivered", "Cancelled"]}
    assert store.pull(cursor)[0] == []


def test_what_left_by_another_hand_is_read_within_the_hour(store: Store):
    store.add("o1", updatedAt=OLD, orderPlacedAt=LATELY, state="Shipped")
    _, cursor = store.pull("")
    store.now += timedelta(minutes=59)
    found, cursor = store.pull(cursor)
    assert found == []
    store.now += timedelta(minutes=1)
    assert store.pull(cursor)[0] == ["o1"]


def test_nothing_placed_before_the_stream_began_is_read_again(store: Store):
    store.add("before", updatedAt=OLD, orderPlacedAt=OLD)
    _, cursor = store.pull("")
    store.now += timedelta(hours=2)
    assert store.pull(cursor)[0] == []


def test_an_account_may_forgo_reading_again(stage: Stage):
    store = Store(stage, refund_days="0")
    _, cursor = store.pull("")
    store.now += timedelta(hours=2)
    store.asked.clear()
    store.pull(cursor)
    assert [sorted(wanted) for wanted in store.asked] == [
        ["active", "orderPlacedAt", "updatedAt"],
        ["active", "orderPlacedAt"],
    ]


def test_a_past_window_holds_what_was_changed_and_what_was_placed_in_it(store: Store):
    store.add("changed", updatedAt="2026-03-01T12:00:00.000Z", orderPlacedAt="2026-02-01T12:00:00.000Z")
    store.add("placed", updatedAt="2026-02-28T12:00:00.000Z", orderPlacedAt="2026-03-01T12:00:00.000Z")
    found, _ = store.pull(store.vendure.between(NOW - timedelta(days=1), NOW))
    assert found == ["changed", "placed"]


def test_a_cursor_from_before_there_were_rounds_goes_on(store: Store):
    start = "2026-03-02T03:00:00.000Z"
    store.add("o1", updatedAt=OLD, orderPlacedAt="2026-03-01T12:00:00.000Z")
    store.add("o2", updatedAt="2026-03-01T12:00:00.000Z", orderPlacedAt=OLD)
    found, cursor = store.pull(orjson.dumps([start, "", 0, "", ""]).decode())
    assert found == ["o1", "o2"]
    assert datetime.fromisoformat(orjson.loads(cursor)["first"]) == datetime.fromisoformat(start)


@pytest.mark.parametrize("changes", [{"at": "nowhere"}, {"first": "x"}, {"all_at": "x"}, {"ends": "no"}, {"odd": 1}])
def test_a_damaged_cursor_is_a_bad_record(store: Store, changes: dict[str, object]):
    _, cursor = store.pull("")
    with pytest.raises(BadRecord):
        store.vendure.pull_orders(orjson.dumps(orjson.loads(cursor) | changes).decode())
