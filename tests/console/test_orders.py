"""The list of orders: filters, pages in both directions, finding by any number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.order_list import OrderFilters, list_orders
from oms.app.kernel.queries.pages import Place, read_place
from oms.db.orders import Order
from oms.domain.numbers import document_no
from tests.console import factories
from tests.console.browsing import page_of

NUMBER = re.compile(r'<a href="/orders/(\d+)\?of=orders[^"]*"')


@pytest.fixture(scope="module")
def stored(hub: Hub, world: factories.World) -> list[int]:
    """120 orders, seven minutes apart, newest first."""
    with hub.begin() as connection:
        return [factories.an_order(connection, world) for _ in range(120)]


@pytest.fixture(scope="module")
def reading(hub: Hub, stored: list[int]) -> Iterator[object]:
    with hub.engine.connect() as connection:
        yield connection


def test_pages_forward_and_back_show_every_order_once(reading, world: factories.World, stored: list[int]) -> None:  # type: ignore[no-untyped-def]
    seen, cursor = [], ""
    while True:
        page = list_orders(reading, world.shops, OrderFilters(), cursor)
        seen += [row.id for row in page.rows]
        if not page.after:
            break
        cursor = page.after
    assert seen == stored
    back = list_orders(reading, world.shops, OrderFilters(), page.before)
    assert [row.id for row in back.rows] == stored[50:100]
    first = list_orders(reading, world.shops, OrderFilters(), back.before)
    assert [row.id for row in first.rows] == stored[:50]
    assert first.before == ""


@pytest.mark.parametrize("cursor", ["", "a", "x1.2", "a1.x", "a.", f"b{10**22}.1", "a--5.1", f"a1.{10**19}"])
def test_a_broken_cursor_starts_from_the_top(cursor: str) -> None:
    assert read_place(cursor) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    place = Place(factories.NOW + timedelta(microseconds=7), 42, backwards=True)
    assert read_place(place.written()) == place


def test_filters_narrow_the_list(client: FlaskClient, hub: Hub, world: factories.World, stored: list[int]) -> None:
    with hub.begin() as connection:
        buyer = factories.a_customer(connection, world, "AAE7-buyer")
        connection.execute(
            update(Order).where(Order.id == stored[3]).values(is_cod=True, phase="held", customer_id=buyer)
        )
        factories.a_hold(connection, world, stored[3], "blacklist")
    for query in ("cod=1", "hold=blacklist", "phase=held", "buyer=AAE7-buyer", "cod=1&phase=held&status=open"):
        assert set(NUMBER.findall(page_of(client, f"/orders?{query}"))) == {str(stored[3])}, query
    nothing = page_of(client, "/orders?presale=1")
    assert "没有符合的单" in nothing
    assert "预售" in nothing


def test_another_persons_shops_are_not_listed(client: FlaskClient, reading, world: factories.World) -> None:  # type: ignore[no-untyped-def]
    page = list_orders(reading, world.shops[:1], OrderFilters(), "")
    assert {row.shop_id for row in page.rows} == {world.shops[0]}


def test_any_number_leads_to_its_order(client: FlaskClient, hub: Hub, world: factories.World, stored: list[int]) -> None:
    with hub.begin() as connection:
        fulfilment = factories.a_fulfilment(connection, world, [stored[5]], "shipped")
        parcel = factories.a_parcel(connection, world, fulfilment)
    numbers = (
        f"2611210{6:09d}",
        document_no("order", stored[5]),
        document_no("fulfilment", fulfilment, 2),
        f" 7844{parcel:010d} ",
    )
    for number in numbers:
        assert client.get("/find", query_string={"q": number}).headers["Location"] == f"/orders/{stored[5]}", number


def test_a_number_of_nothing_leads_to_an_empty_list(client: FlaskClient) -> None:
    answer = client.get("/find", query_string={"q": "不存在 9'; drop"}, follow_redirects=True)
    assert "没有符合的单" in answer.text


def test_rows_carry_the_seven_steps_and_the_countdown(client: FlaskClient, stored: list[int]) -> None:
    page = page_of(client, "/orders")
    assert page.count('<svg class="seven"') == 50
    assert '<time class="due"' in page
    assert f'data-href="/orders/{stored[0]}?of=orders"' in page


def test_the_open_list_reads_the_partial_index(reading, world: factories.World) -> None:  # type: ignore[no-untyped-def]
    plan = "\n".join(
        row[0]
        for row in reading.exec_driver_sql(
            "explain select id from orders where status in ('unpaid', 'open') and phase in ('review') "
            "order by ordered_at desc, id desc limit 51"
        )
    )
    assert "ix_orders_work" in plan
