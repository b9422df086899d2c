"""The checks: silent on a settled hub, and each finds what it is there for."""

from __future__ import annotations

import pytest
from psycopg import Connection

from bench.invariants import CHECKS, lost_orders, violations
from tests.bench.conftest import ORDERS

#: For each check, a change that breaks what it promises.
BREAKS = {
    "stock levels equal the ledger's sums": "update stock_level set on_hand = on_hand + 1 where sku_id = 1000",
    "reserved units equal the open units of live fulfilments": """
        update fulfilment_line set short = short + 1 where id = (select min(id) from fulfilment_line)""",
    "demand counters equal the fulfilment lines": """
        update demand set planned = planned - 1 where id = (select min(id) from demand where planned > 0)""",
    "order lines' counters equal their demands": """
        update order_line set planned = planned - 1 where id = (select min(id) from order_line where planned > 0)""",
    "an order's lines add up to what was paid": """
        update orders set paid_total = paid_total + 1 where id = (select min(id) from orders)""",
    "a fulfilment that left the hub has one create call": """
        delete from outbound where id = (select min(id) from outbound where kind = 'create_fulfilment')""",
    "nothing is sent for a fulfilment that has not left the hub": """
        update fulfilment set status = 'planned' where id =
          (select min(fulfilment_id) from outbound where kind = 'create_fulfilment')""",
    "a merged fulfilment gave all its lines to a live one": """
        update fulfilment set merged_into_id = null where status = 'merged'""",
    "a live fulfilment has lines": """
        delete from fulfilment_line where fulfilment_id =
          (select min(id) from fulfilment where status = 'sending' and order_count = 1)""",
    "a fulfilment's order count is right": """
        update fulfilment set order_count = 7 where id = (select min(id) from fulfilment where status = 'sending')""",
    "every order has its key, receiver and document": """
        delete from receiver where order_id = (select min(id) from orders)""",
    "no open order lies where nobody looks": """
        update hold set cleared_at = now() where kind = 'refund_asked'""",
}


def test_a_settled_hub_breaks_nothing(settled: Connection[tuple[object, ...]]) -> None:
    assert violations(settled) == []
    assert lost_orders(settled, ORDERS) == []


def test_every_check_has_a_break_to_find() -> None:
    assert set(BREAKS) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_break_is_found(settled: Connection[tuple[object, ...]], name: str) -> None:
    assert settled.execute(BREAKS[name].encode()).rowcount > 0
    assert name in {found.name for found in violations(settled)}


def test_a_lost_order_is_counted(settled: Connection[tuple[object, ...]]) -> None:
    settled.execute("delete from parked_record")
    (found,) = lost_orders(settled, ORDERS)
    assert found.count == 2
