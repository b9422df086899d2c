"""What the database refuses by itself, however the code that writes is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.factories import World, a_line, a_world, an_order, settle


@pytest.fixture(scope="module")
def world(database_url: str) -> Iterator[World]:
    """One order at its warehouse, one case."""
    world = a_world(database_url)
    an_order(world, [a_line("1", "A", 2, 2000)], no="T")
    settle(world)
    world.run(
        """insert into cases (id, shop_id, external_no, kind, opened_at, changed_at)
           values (1, 1, 'C', 'refund', now(), now())"""
    )
    world.run("insert into case_line (id, case_id) values (1, 1)")
    yield world
    world.hub.engine.dispose()


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    with world.hub.engine.connect() as connection:
        yield connection
        connection.rollback()


REFUSED = {
    "ck_order_line_units": [
        "update order_line set shipped = 3",
        "update order_line set planned = -1",
        "update order_line set cancelled = 1",
        "update order_line set ordered = 0",
        "update order_line set returned = 1",
        "update order_line set refunded = 3",
    ],
    "ck_order_line_amounts_add_up": [
        "update order_line set paid_amount = paid_amount + 1",
        "update order_line set discount_coin = 1",
        "update order_line set tax_amount = 5, tax_included = false",
    ],
    "ck_order_line_refunded_at_most_paid": [
        "update order_line set refunded_amount = paid_amount + 1",
        "update order_line set refunded_amount = -1",
    ],
    "ck_demand_units": ["update demand set shipped = 1", "update demand set planned = 3", "update demand set units = 0"],
    "ck_fulfilment_line_units": [
        "update fulfilment_line set shipped = 3",
        "update fulfilment_line set short = 1, cancelled = 2",
        "update fulfilment_line set planned = 0",
    ],
    "ck_stock_level_never_below_zero": [
        "update stock_level set on_hand = -1",
        "update stock_level set reserved = -1",
    ],
    "ck_orders_status_known": ["update orders set status = 'lost'"],
    "ck_orders_review_known": ["update orders set review = 'maybe'"],
    "ck_fulfilment_status_known": ["update fulfilment set status = 'lost'"],
    "ck_outbound_state_known": ["update outbound set state = 'lost'"],
    "ck_shop_mode_known": ["update shop set mode = 'asleep'"],
    "ck_case_line_not_negative": ["update case_line set amount = -1"],
    "ck_listing_one_target": [
        "update listing set sku_id = (select min(id) from sku), bundle_id = (select min(id) from bundle)"
    ],
    "ck_bundle_part_units_positive": ["update bundle_part set units = 0"],
    "uq_orders_shop_id_origin_external_no": [
        """insert into orders (shop_id, external_no, status, phase, platform_state, ordered_at, changed_at, fetched_at,
           content_hash) values (1, 'T', 'open', 'captured', 'open', now(), now(), now(), '')"""
    ],
    "fk_order_line_order_id": [
        """insert into order_line (order_id, line_no, external_no, title, ordered, list_amount, paid_amount,
           platform_state) select 0, 1, 'orphan', 'orphan', 1, 0, 0, 'open'""",
        "update order_line set order_id = 0",
        "delete from orders",
    ],
    "fk_demand_order_line_id": [
        "insert into demand (order_id, order_line_id, sku_id, units) values (1, 0, 1, 1)",
        "update demand set order_line_id = 0",
        "delete from order_line",
    ],
    "fk_fulfilment_line_fulfilment_id": [
        """insert into fulfilment_line (fulfilment_id, demand_id, order_id, order_line_id, sku_id, planned)
           select 0, id, order_id, order_line_id, sku_id, 1 from demand""",
        "update fulfilment_line set fulfilment_id = 0",
        "delete from fulfilment",
    ],
    "fk_fulfilment_line_demand_id": [
        """insert into fulfilment_line (fulfilment_id, demand_id, order_id, order_line_id, sku_id, planned)
           select id, 0, lead_order_id, 1, 1, 1 from fulfilment""",
        "update fulfilment_line set demand_id = 0",
        "delete from demand",
    ],
    "uq_outbound_key": [
        """insert into outbound (kind, account_id, state, key)
           select 'create_fulfilment', 2, 'waiting', key from outbound limit 1"""
    ],
    "uq_cases_shop_id_origin_external_no": [
        """insert into cases (shop_id, external_no, kind, opened_at, changed_at)
           values (1, 'C', 'refund', now(), now())"""
    ],
}


@pytest.mark.parametrize(
    ("constraint", "statement"), [(name, statement) for name, several in REFUSED.items() for statement in several]
)
def test_the_database_refuses(connection: Connection, constraint: str, statement: str) -> None:
    with pytest.raises(DBAPIError) as raised:
        connection.execute(text(statement))
    original: Any = raised.value.orig
    assert original.diag.constraint_name == constraint


def test_the_error_of_a_refused_row_names_no_bound_value(connection: Connection) -> None:
    with pytest.raises(DBAPIError) as raised:
        connection.execute(text("update orders set status = :word"), {"word": "canary-word"})
    assert "parameters" not in str(raised.value) or "canary-word" not in str(raised.value).split("parameters")[1]
