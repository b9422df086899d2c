"""The money of Douyin orders in its hard cases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord
from connectors.contract.records import LineRecord, OrderRecord
from connectors.marketplaces.douyin.amounts import spread
from connectors.marketplaces.douyin.orders import parse_order
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.douyin.papers import a_line, an_order, order_body


def parsed(*lines: dict[str, Any], **changes: Any) -> OrderRecord:
    """The record of an order, after the sums every order must keep."""
    order = parse_order(order_body(an_order(*lines, **changes)))
    assert all(explained(line) == line.paid_amount for line in order.lines)
    assert sum(line.paid_amount for line in order.lines) == order.paid_total
    return order


def funders(line: LineRecord) -> tuple[int, int, int]:
    """What merchant, platform and distributor pay of a line."""
    return line.discount_merchant, line.discount_platform, line.discount_distributor


def discounted(number: int = 1, shop: int = 0, platform: int = 0, talent: int = 0, **changes: Any) -> dict[str, Any]:
    """A line of 80.00 with promotions by whose they are."""
    off = shop + platform + talent
    promotions = {
        "promotion_amount": off,
        "promotion_shop_amount": shop,
        "promotion_platform_amount": platform,
        "promotion_talent_amount": talent,
        "pay_amount": 8000 - off,
    }
    return a_line(number, **(promotions | changes))


def test_a_discount_is_paid_by_whose_promotion_it_is():
    order = parsed(discounted(1, 300, 200, 100), discounted(2, 50), post_amount=600)
    assert [funders(line) for line in order.lines] == [(300, 200, 100), (50, 0, 0), (0, 0, 0)]
    assert (order.paid_total, order.alerts) == (7400 + 7950 + 600, ())
    freight = order.lines[-1]
    assert (freight.external_no, freight.kind, freight.paid_amount) == ("freight", "freight", 600)


def test_who_bears_the_cost_of_a_line_goes_before_whose_promotion_it_is():
    costs = {"shop_cost_amount": 150, "only_platform_cost_amount": 300, "author_cost_amount": 50}
    assert funders(parsed(discounted(1, platform=500, **costs)).lines[0]) == (150, 300, 50)
    both = {"shop_cost_amount": 150, "platform_cost_amount": 350, "author_cost_amount": 50}
    assert funders(parsed(discounted(1, platform=500, **both)).lines[0]) == (150, 300, 50)


def test_costs_told_for_the_order_are_divided_over_its_lines():
    costs = {"shop_cost_amount": 100, "only_platform_cost_amount": 180, "author_cost_amount": 20}
    order = parsed(discounted(1, platform=200), discounted(2, platform=100), **costs)
    assert [funders(line) for line in order.lines] == [(67, 120, 13), (33, 60, 7)]


def test_costs_that_do_not_add_up_are_left_aside():
    line = discounted(1, platform=500, shop_cost_amount=1, only_platform_cost_amount=1)
    assert funders(parsed(line, shop_cost_amount=9).lines[0]) == (0, 500, 0)


def test_the_payment_channel_s_discount_is_the_platform_s():
    line = discounted(1, shop=300, promotion_pay_amount=100, pay_amount=7600)
    assert funders(parsed(line).lines[0]) == (300, 100, 0)


def test_a_channel_s_discount_told_for_the_order_alone_comes_off_the_lines():
    order = parsed(a_line(1), a_line(2), promotion_pay_amount=101, pay_amount=16000 - 101)
    assert [line.paid_amount for line in order.lines] == [7949, 7950]


def test_a_channel_s_discount_inside_the_lines_comes_off_once():
    lines = [a_line(i, promotion_pay_amount=50, pay_amount=7950) for i in (1, 2)]
    order = parsed(*lines, promotion_pay_amount=100)
    assert [funders(line) for line in order.lines] == [(0, 50, 0), (0, 50, 0)]
    assert order.alerts == ()


def test_postage_inside_the_lines_is_taken_out():
    lines = a_line(1, pay_amount=8400, post_amount=400), a_line(2, pay_amount=8200, post_amount=200)
    order = parsed(*lines, post_amount=600, pay_amount=16600)
    assert [line.paid_amount for line in order.lines] == [8000, 8000, 600]


def test_postage_inside_a_single_line_needs_no_word_of_it():
    order = parsed(a_line(1, pay_amount=8600), post_amount=600, pay_amount=8600)
    assert [line.paid_amount for line in order.lines] == [8000, 600]


def test_postage_inside_lines_that_do_not_say_whose_is_refused():
    lines = a_line(1, pay_amount=8400), a_line(2, pay_amount=8200)
    with pytest.raises(BadRecord, match="post_amount"):
        parsed(*lines, post_amount=600, pay_amount=16600)


def test_packing_and_insurance_are_lines_of_their_own():
    order = parsed(a_line(), post_amount=600, packing_amount=100, post_insurance_amount=30, pay_amount=8730)
    assert {line.external_no: line.paid_amount for line in order.lines[1:]} == {
        "freight": 600,
        "packing": 100,
        "insurance": 30,
    }
    assert [line.kind for line in order.lines[1:]] == ["freight", "fee", "fee"]


def test_tax_on_top_of_a_line_is_told_apart_from_tax_within():
    on_top = parsed(a_line(tax_amount=728, pay_amount=8728), tax_amount=728).lines[0]
    assert (on_top.tax_amount, on_top.tax_included, on_top.discount_merchant) == (728, False, 0)
    within = parsed(a_line(tax_amount=728)).lines[0]
    assert (within.tax_amount, within.tax_included, within.paid_amount) == (728, True, 8000)


def test_a_price_the_seller_changed_is_the_merchant_s():
    cheaper = parsed(a_line(modify_amount=-500, pay_amount=7500))
    assert (funders(cheaper.lines[0]), cheaper.alerts) == ((500, 0, 0), ())
    dearer = parsed(a_line(modify_amount=500, pay_amount=8500))
    assert (funders(dearer.lines[0]), dearer.alerts) == ((-500, 0, 0), ())
    order_alone = parsed(a_line(pay_amount=7500), modify_amount=-500)
    assert (funders(order_alone.lines[0]), order_alone.alerts) == ((500, 0, 0), ())


def test_a_discount_no_promotion_explains_is_the_merchant_s_and_alerts():
    order = parsed(discounted(1, shop=300, pay_amount=7600))
    assert funders(order.lines[0]) == (400, 0, 0)
    assert order.alerts == ("discount of a line is 400 fen, its promotions say 300",)


def test_an_unpaid_order_costs_what_is_due():
    unpaid = {"order_status": 1, "main_status": 1, "pay_time": 0, "pay_amount": 0}
    order = parsed(discounted(1, shop=300, pay_amount=0), post_amount=600, modify_amount=-100, **unpaid)
    assert (order.paid_total, [line.paid_amount for line in order.lines]) == (8200, [7600, 600])


def test_an_order_cancelled_before_it_was_paid_adds_up():
    gone = {"order_status": 4, "main_status": 4, "pay_time": 0, "pay_amount": 0}
    assert parsed(a_line(pay_amount=0, order_status=4), **gone).paid_total == 8000


def test_an_order_of_no_yuan_is_paid_with_nothing():
    order = parsed(discounted(1, platform=8000), pay_type=7)
    assert (order.paid_total, funders(order.lines[0])) == (0, (0, 8000, 0))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pay_amount": 7999}, "pay_amount"),
        ({"pay_amount": 8601}, "pay_amount"),
        ({"pay_amount": -8000}, "pay_amount"),
        ({"pay_amount": 10**16}, "pay_amount"),
    ],
)
def test_sums_that_nothing_explains_are_refused(changes: dict[str, Any], field: str):
    with pytest.raises(BadRecord) as caught:
        parsed(a_line(), post_amount=600, **changes)
    assert field in caught.value.field


def test_a_line_paid_more_than_its_parts_is_refused():
    with pytest.raises(BadRecord, match="pay_amount"):
        parsed(a_line(pay_amount=9000))


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_parts_add_up_and_never_exceed_their_weights(amount: int, weights: list[int]):
    parts = spread(min(amount, sum(weights)), weights)
    assert sum(parts) == min(amount, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True)) or not sum(weights)
