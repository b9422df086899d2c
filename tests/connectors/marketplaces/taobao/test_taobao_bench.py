"""The parsing bench measures real orders; how fast they must be is not asserted here."""

from __future__ import annotations

import random

from bench.parse_speed import measure, trade_body
from connectors.contract.records import OrderState
from connectors.marketplaces.taobao.orders import parse_order


def test_the_bench_s_documents_are_orders_that_add_up():
    for number in range(200):
        order = parse_order(trade_body(random.Random(number), number))
        assert order.state is OrderState.OPEN
        assert not order.alerts
        assert sum(line.paid_amount for line in order.lines) == order.paid_total


def test_the_bench_tells_what_it_measured():
    speed = measure(orders=40, rounds=1)
    assert speed.orders == 40
    assert 1.5 < speed.lines_per_order < 3.5
    assert speed.us_per_order > 0
