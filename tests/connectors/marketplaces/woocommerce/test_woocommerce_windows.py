"""Walking lists: every row is read although rows move, windows overlap, spring's missing hour hides nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import orjson
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.manifest import Account
from connectors.contract.records import Page
from connectors.marketplaces.woocommerce import WooCommerce
from connectors.marketplaces.woocommerce.windows import outside_gap, wire_time
from tests.connectors.contract_kit import EVERYWHERE
from tests.connectors.marketplaces.woocommerce.papers import an_order, error_body

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Site:
    """The list of orders as a shop in `zone` keeps it, whose WordPress reads bounds as times of that zone."""

    def __init__(self, rows: dict[int, datetime], now: datetime, zone: str = "UTC") -> None:
        self.rows, self.now, self.zone = rows, now, zone
        self.calls: list[dict[str, str]] = []
        self.after_call: Callable[[int], None] = lambda count: None
        self.header = True
        self.thrown: list[int] = []

    def bound(self, naive: str) -> str:
        """PHP moves a time that the zone skips an hour on."""
        at = datetime.fromisoformat(naive).replace(tzinfo=ZoneInfo(self.zone))
        return at.astimezone(UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None).isoformat()

    def bin(self) -> tuple[int, dict[str, str], bytes]:
        """What was thrown away; also something that a careless shop lists beside it."""
        thrown = [an_order(id=no, status="trash") for no in self.thrown]
        return 200, {"X-WP-Total": str(len(thrown))}, orjson.dumps([*thrown, an_order(id=5)] if thrown else [])

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        sent = dict(parse_qsl(urlsplit(request.url).query))
        if sent["status"] == "trash":
            return self.bin()
        self.calls.append(sent)
        names = ("modified_after", "modified_before") if "modified_after" in sent else ("after", "before")
        after, before = (self.bound(sent[name]) for name in names)
        found = sorted(
            ((wire_time(at), no) for no, at in self.rows.items() if after < wire_time(at) < before), reverse=True
        )
        page, size = int(sent["page"]), int(sent["per_page"])
        shown = [
            an_order(id=no, date_modified_gmt=at, date_created_gmt=at)
            for at, no in found[(page - 1) * size : page * size]
        ]
        self.after_call(len(self.calls))
        return 200, {"X-WP-Total": str(len(found))} if self.header else {}, orjson.dumps(shown)


def shop(site: Site) -> WooCommerce:
    account = Account({"since": START.isoformat()}, {}, gateway="https://shop.example.invalid", timezone=site.zone)
    return WooCommerce(account, clock=lambda: site.now)


def pull_all(site: Site, cursor: str = "") -> list[Page]:
    woo, pages = shop(site), []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as platform:
        platform.add_callback(responses.GET, EVERYWHERE, callback=site.answer)
        while not pages or pages[-1].more:
            pages.append(woo.pull_orders(pages[-1].cursor if pages else cursor))
            assert len(pages) < 300
    return pages


def seen(pages: list[Page]) -> set[tuple[int, datetime | None]]:
    return {(int(document.external_no), document.changed_at) for page in pages for document in page.documents}


def rows(count: int, spacing: float = 2) -> dict[int, datetime]:
    return {1000 + i: START + timedelta(seconds=int(1 + i * spacing)) for i in range(count)}


def test_a_small_window_is_one_call_with_utc_bounds():
    site = Site(rows(3), START + timedelta(minutes=10))
    pages = pull_all(site)
    assert seen(pages) == set(site.rows.items())
    assert site.calls == [
        {
            "modified_after": "2026-03-02T00:59:59",
            "modified_before": "2026-03-02T01:09:55",
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "desc",
            "per_page": "50",
            "page": "1",
            "status": "any",
        }
    ]


def test_pages_are_read_from_the_last_to_the_first_oldest_rows_first():
    site = Site(rows(120), START + timedelta(minutes=10))
    pages = pull_all(site)
    assert [call["page"] for call in site.calls] == ["1", "3", "2", "1"]
    assert seen(pages[:1]) == set(list(site.rows.items())[:20])
    assert seen(pages) == set(site.rows.items())


def test_hundreds_of_rows_of_one_second_are_all_read():
    site = Site(rows(230, spacing=0), START + timedelta(minutes=10))
    assert seen(pull_all(site)) == set(site.rows.items())


def test_rows_that_leave_while_we_read_pull_no_other_out_of_sight():
    site = Site(rows(150), START + timedelta(minutes=10))

    def change(count: int) -> None:
        if count in (2, 3):
            site.rows |= {1000 + count * 10 + i: site.now for i in range(5)}

    site.after_call = change
    first = pull_all(site)
    site.after_call = lambda count: None
    site.now += timedelta(minutes=1)
    later = pull_all(site, first[-1].cursor)
    assert set(site.rows.items()) <= seen(first) | seen(later)


def test_the_stream_goes_on_where_it_ended_minus_the_overlap():
    site = Site({}, START + timedelta(minutes=20))
    cursor = pull_all(site)[-1].cursor
    site.now += timedelta(minutes=1)
    pull_all(site, cursor)
    assert site.calls[-1]["modified_after"] == "2026-03-02T01:09:54"
    assert site.calls[-1]["modified_before"] == "2026-03-02T01:20:55"


def test_a_backlog_is_walked_in_windows_and_a_past_window_ends():
    site = Site(rows(30, spacing=1800), START + timedelta(days=2))
    woo = shop(site)
    pages = pull_all(site, woo.between(START, START + timedelta(hours=10)))
    assert seen(pages) == {row for row in site.rows.items() if row[1] < START + timedelta(hours=10)}
    assert not pages[-1].more
    assert seen(pull_all(site)) == set(site.rows.items())


def test_created_orders_are_listed_and_counted_by_the_other_date():
    site = Site(rows(30), START + timedelta(minutes=10))
    woo = shop(site)
    with responses.RequestsMock() as platform:
        platform.add_callback(responses.GET, EVERYWHERE, callback=site.answer)
        assert woo.count_orders(START, START + timedelta(hours=1)) == 30
        page = woo.list_created(START, START + timedelta(minutes=9), "")
    assert {int(order.external_no) for order in page.orders} == set(site.rows)
    assert (page.more, page.orders[0].paid_total) == (False, 3630)
    assert {call["orderby"] for call in site.calls} == {"date"}


def test_carts_are_no_orders():
    site = Site(rows(2), START + timedelta(minutes=10))
    woo = shop(site)
    with responses.RequestsMock() as platform:
        listed = [an_order(id=1, status="checkout-draft"), an_order(id=2)]
        platform.add(responses.GET, EVERYWHERE, json=listed, headers={"X-WP-Total": "2"})
        page = woo.pull_orders("")
    assert [document.external_no for document in page.documents] == ["2"]


def test_orders_thrown_away_are_read_once_a_window():
    site = Site(rows(120), START + timedelta(minutes=10))
    site.thrown = [77]
    pages = pull_all(site)
    told = [[document.external_no for document in page.documents].count("77") for page in pages]
    assert told == [1, 0, 0]
    assert "5" not in {document.external_no for page in pages for document in page.documents}


def test_a_shop_that_does_not_list_its_trash_is_pulled_all_the_same():
    site = Site(rows(3), START + timedelta(minutes=10))
    site.bin = lambda: (400, {}, error_body("rest_invalid_param"))  # type: ignore[method-assign]
    assert seen(pull_all(site)) == set(site.rows.items())
    site.bin = lambda: (400, {}, error_body("rest_strange"))  # type: ignore[method-assign]
    with pytest.raises(Refused):
        pull_all(site)


def test_a_full_page_without_its_total_is_refused_with_the_remedy():
    site = Site(rows(80), START + timedelta(minutes=10))
    site.header = False
    with pytest.raises(Refused, match="X-WP-Total"):
        pull_all(site)


def test_a_short_page_needs_no_total():
    site = Site(rows(8), START + timedelta(minutes=10))
    site.header = False
    assert seen(pull_all(site)) == set(site.rows.items())


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[1]", '"x"', '["x","",0,""]'])
def test_a_foreign_cursor_is_refused(cursor: str):
    with pytest.raises(BadRecord, match="start the stream anew"):
        pull_all(Site({}, START), cursor)


@pytest.mark.parametrize(
    ("at", "zone", "safe"),
    [
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00"),
        ("2026-03-29T03:30:00", "Europe/Berlin", "2026-03-29T03:30:00"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T02:30:00"),
        ("2026-03-29T02:30:00", "Asia/Shanghai", "2026-03-29T02:30:00"),
        ("2026-03-29T02:30:00", "No/Where", "2026-03-29T02:30:00"),
    ],
)
def test_bounds_stay_out_of_the_hour_a_zone_skips(at: str, zone: str, safe: str):
    assert outside_gap(at, zone) == safe


def test_the_hour_that_the_site_skips_in_spring_is_read_all_the_same():
    gap = datetime(2026, 3, 29, 2, 20, tzinfo=UTC)
    site = Site({1: gap + timedelta(minutes=5)}, gap + timedelta(minutes=20), "Europe/Berlin")
    woo = shop(site)
    pages = pull_all(site, woo.between(gap, gap + timedelta(minutes=15)))
    assert seen(pages) == set(site.rows.items())


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(0, 170),
    spacing=st.floats(0.1, 20),
    moves=st.dictionaries(st.integers(1, 8), st.lists(st.integers(0, 169), max_size=8), max_size=5),
)
def test_whatever_moves_everything_is_seen_in_its_last_state(count: int, spacing: float, moves: dict[int, list[int]]):
    site = Site(rows(count, spacing), START + timedelta(minutes=100))

    def move(call: int) -> None:
        for i in moves.get(call, []):
            if 1000 + i in site.rows:
                site.rows[1000 + i] = site.now

    site.after_call = move
    first = pull_all(site)
    site.after_call = lambda call: None
    site.now += timedelta(minutes=1)
    later = pull_all(site, first[-1].cursor)
    assert set(site.rows.items()) <= seen(first) | seen(later)


def test_a_cursor_kept_of_an_older_release_is_read_on():
    site = Site(rows(250), START + timedelta(minutes=10))
    pages = pull_all(site, '["2026-03-02T01:00:00","2026-03-02T01:09:00",2,""]')
    assert [(call["modified_before"], call["page"]) for call in site.calls] == [
        ("2026-03-02T01:09:00", "2"),
        ("2026-03-02T01:09:00", "1"),
    ]
    assert not pages[-1].more
