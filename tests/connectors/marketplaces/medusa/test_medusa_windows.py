"""Walking lists: every row is read although rows move, lists follow each other, cursors never stand still."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import responses

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.medusa import Medusa
from connectors.marketplaces.medusa.windows import written
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.medusa.papers import an_order

START = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Bazaar:
    """Orders and payments as a store keeps them; `moves` says how many orders change after each call."""

    def __init__(self, orders: dict[str, datetime], seed: int = 0, moves: int = 0) -> None:
        self.orders, self.now, self.moves = orders, NOW, moves
        self.payments: dict[str, tuple[str, datetime]] = {}
        self.cases: dict[str, list[dict[str, Any]]] = {"returns": [], "claims": []}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.lacks: set[str] = set()
        self._random = random.Random(seed)

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(request.url)
        sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = parts.path.rpartition("/")[2]
        if name in self.lacks:
            return 404, {}, b'{"type":"not_found","message":"Cannot GET"}'
        self.calls.append((name, sent))
        rows = sorted(self._rows(name, sent), key=lambda row: str(row[sent["order"]]))
        offset, limit = int(sent["offset"]), int(sent["limit"])
        answer = {name: rows[offset : offset + limit], "count": len(rows), "offset": offset, "limit": limit}
        self.now += timedelta(seconds=1)
        for moved in self._random.sample(sorted(self.orders), min(self.moves, len(self.orders))):
            self.orders[moved] = self.now
        return 200, {}, orjson.dumps(answer)

    def _rows(self, name: str, sent: dict[str, str]) -> Iterator[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cases.get(name, [])
        if name == "orders":
            rows = [an_order(id=number, updated_at=written(at)) for number, at in self.orders.items()]
        elif name == "payments":
            rows = [self._payment(number, order, at) for number, (order, at) in self.payments.items()]
        stamp = "created_at" if "created_at[$gte]" in sent else "updated_at"
        return (row for row in rows if sent[f"{stamp}[$gte]"] <= row[stamp] < sent[f"{stamp}[$lt]"])

    def _payment(self, number: str, order: str, at: datetime) -> dict[str, Any]:
        found = {"id": order, "updated_at": written(self.orders[order]), "sales_channel_id": "sc_1"}
        return {"id": number, "updated_at": written(at), "payment_collection": {"order": found}}


@pytest.fixture
def platform() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def connect(platform: responses.RequestsMock, bazaar: Bazaar, **settings: str) -> Medusa:
    platform.add_callback(responses.GET, EVERYWHERE, callback=bazaar.answer)
    account = Account({"since": written(START), **settings}, {"api_key": "sk_1"})
    return Medusa(account, clock=lambda: bazaar.now)


def pull_all(pull: Any, cursor: str = "") -> list[Page]:
    pages: list[Page] = []
    while not pages or pages[-1].more:
        pages.append(pull(pages[-1].cursor if pages else cursor))
        assert len(pages) < 300
    return pages


def numbers(pages: list[Page]) -> set[str]:
    return {document.external_no for page in pages for document in page.documents}


def many(count: int) -> dict[str, datetime]:
    return {f"order_{index:04}": START + timedelta(seconds=7 * index) for index in range(count)}


def test_a_window_of_several_pages_is_read_whole(platform: responses.RequestsMock):
    bazaar = Bazaar(many(130))
    assert len(numbers(pull_all(connect(platform, bazaar).pull_orders))) == 130
    offsets = [sent["offset"] for name, sent in bazaar.calls if name == "orders"]
    assert offsets == ["0", "100", "50", "0"], "after the count, from the last page to the first"


@pytest.mark.parametrize("seed", range(12))
def test_orders_that_change_while_they_are_read_are_not_lost(platform: responses.RequestsMock, seed: int):
    bazaar = Bazaar(many(160), seed, moves=9)
    medusa = connect(platform, bazaar)
    pages = pull_all(medusa.pull_orders)
    bazaar.moves, bazaar.now = 0, bazaar.now + timedelta(minutes=1)
    assert numbers(pages + pull_all(medusa.pull_orders, pages[-1].cursor)) == set(bazaar.orders)


def test_a_capture_brings_an_order_whose_own_stamp_did_not_move(platform: responses.RequestsMock):
    bazaar = Bazaar({"order_old": START - timedelta(days=9), "order_new": START + timedelta(hours=1)})
    late = START + timedelta(hours=2)
    bazaar.payments = {"pay_1": ("order_old", late), "pay_2": ("order_new", late)}
    pages = pull_all(connect(platform, bazaar).pull_orders)
    found = [(reference.external_no, reference.changed_at) for page in pages for reference in page.references]
    assert found == [("order_old", late)], "the new order came as a document with its payments"


def test_one_sales_channel_alone_is_asked_for(platform: responses.RequestsMock):
    bazaar = Bazaar({"order_old": START - timedelta(days=9)})
    bazaar.payments = {"pay_1": ("order_old", START + timedelta(hours=2))}
    pages = pull_all(connect(platform, bazaar, sales_channel_id="sc_2").pull_orders)
    assert bazaar.calls[0][1]["sales_channel_id[]"] == "sc_2"
    assert not any(page.references for page in pages)


def test_windows_overlap_and_end_before_now(platform: responses.RequestsMock):
    bazaar = Bazaar({})
    cursor = pull_all(connect(platform, bazaar).pull_orders)[-1].cursor
    sent = bazaar.calls[0][1]
    assert sent["updated_at[$gte]"] == "2026-03-01T00:00:00.000Z"
    assert sent["updated_at[$lt]"] == "2026-03-01T11:59:55.000Z"
    assert orjson.loads(cursor) == {"start": "2026-03-01T11:54:55Z"}


def test_a_long_past_is_walked_a_day_at_a_time(platform: responses.RequestsMock):
    bazaar = Bazaar(many(5))
    medusa = connect(platform, bazaar, since="2026-02-25T00:00:00Z")
    assert numbers(pull_all(medusa.pull_orders)) == set(bazaar.orders)
    starts = [sent["updated_at[$gte]"][:10] for name, sent in bazaar.calls if name == "orders"]
    assert starts == ["2026-02-25", "2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28"]


def test_a_past_window_ends_for_good(platform: responses.RequestsMock):
    bazaar = Bazaar(many(60))
    medusa = connect(platform, bazaar)
    pages = pull_all(medusa.pull_orders, medusa.between(START, START + timedelta(seconds=70)))
    assert numbers(pages) == set(sorted(bazaar.orders)[:10])
    again = medusa.pull_orders(pages[-1].cursor)
    assert (again.more, again.documents, again.cursor) == (False, (), pages[-1].cursor)


def test_cases_are_returns_and_claims_that_no_goods_come_back_for(platform: responses.RequestsMock):
    bazaar = Bazaar({})
    at = written(START + timedelta(hours=1))
    bazaar.cases["returns"] = [{"id": "return_1", "updated_at": at}]
    bazaar.cases["claims"] = [
        {"id": "claim_1", "updated_at": at, "return_id": "return_1"},
        {"id": "claim_2", "updated_at": at, "return_id": None},
    ]
    pages = pull_all(connect(platform, bazaar).pull_cases)
    assert [row.external_no for page in pages for row in page.references] == ["return_1", "claim_2"]


def test_a_store_without_claims_has_returns_all_the_same(platform: responses.RequestsMock):
    bazaar = Bazaar({})
    bazaar.lacks = {"claims"}
    bazaar.cases["returns"] = [{"id": "return_1", "updated_at": written(START + timedelta(hours=1))}]
    medusa = connect(platform, bazaar)
    assert [row.external_no for page in pull_all(medusa.pull_cases) for row in page.references] == ["return_1"]
    bazaar.lacks = {"orders"}
    with pytest.raises(Refused):
        pull_all(medusa.pull_orders)


def test_orders_created_are_counted_and_listed_by_another_stamp(platform: responses.RequestsMock):
    bazaar = Bazaar(many(3))
    medusa = connect(platform, bazaar)
    since, until = datetime(2026, 3, 1, 7, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert medusa.count_orders(since, until) == 3
    page = medusa.list_created(since, until, "")
    assert (len(page.orders), page.more) == (3, False)
    assert page.orders[0].created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "cursor", ["x", "[]", '["2026","",0,0]', '["2026-03-01T00:00:00Z","",-7,0,""]', '["","",0,0,""]', "7"]
)
def test_a_foreign_cursor_is_refused(platform: responses.RequestsMock, cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        connect(platform, Bazaar({})).pull_orders(cursor)


def test_a_start_nobody_can_read_is_refused(platform: responses.RequestsMock):
    with pytest.raises(BadRecord, match="since"):
        connect(platform, Bazaar({}), since="last spring").pull_orders("")


def test_an_empty_start_begins_one_overlap_ago(platform: responses.RequestsMock):
    bazaar = Bazaar({})
    connect(platform, bazaar, since="").pull_orders("")
    assert bazaar.calls[0][1]["updated_at[$gte]"] == "2026-03-01T11:55:00.000Z"


def test_a_cursor_kept_of_an_older_release_is_read_on(platform: responses.RequestsMock):
    bazaar = Bazaar(many(130))
    medusa = connect(platform, bazaar)
    cursor = '["2026-03-01T00:00:00.000Z","2026-03-01T11:59:55.000Z",0,2,""]'
    pages = pull_all(medusa.pull_orders, cursor)
    asked = [(name, sent["offset"], sent["updated_at[$lt]"]) for name, sent in bazaar.calls]
    assert asked == [(name, offset, "2026-03-01T11:59:55.000Z") for name, offset in
                     (("orders", "50"), ("orders", "0"), ("payments", "0"))]  # fmt: skip
    assert not pages[-1].more
