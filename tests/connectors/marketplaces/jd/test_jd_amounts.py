"""An order's money: who pays each discount, what lies on which line, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, OrderRecord, PaymentKind
from connectors.marketplaces.jd.amounts import spread
from connectors.marketplaces.jd.orders import parse_order
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.jd.papers import ORDER_NO, a_coupon, an_item, an_order, order_body


def parsed(*items: dict[str, Any], **changes: Any) -> OrderRecord:
    order = parse_order(order_body(an_order(*items, **changes)))
    assert all(explained(line) == line.paid_amount for line in order.lines)
    assert sum(line.paid_amount for line in order.lines) == order.paid_total
    return order


def shares(order: OrderRecord) -> list[tuple[int, int, int, int]]:
    """Per line: merchant, platform, coin, paid."""
    lines = order.lines
    return [(line.discount_merchant, line.discount_platform, line.discount_coin, line.paid_amount) for line in lines]


def test_shop_discount_and_jd_beans_are_shared_by_what_lines_cost():
    items = an_item(1, jdPrice="99.00", itemTotal="2"), an_item(2, jdPrice="29.00", itemTotal="1")
    coupons = a_coupon("100-店铺优惠", "20.00"), a_coupon("39-京豆优惠", "5.00")
    order = parsed(*items, coupons=coupons, sellerDiscount="20.00")
    assert order.paid_total == 20200
    assert shares(order) == [(1744, 0, 436, 17620), (256, 0, 64, 2580)]
    assert [(p.funder, p.amount, p.promotion_no) for p in order.promotions] == [
        (Funder.MERCHANT, 2000, "100"),
        (Funder.COIN, 500, "39"),
    ]
    assert order.alerts == ()


def test_a_single_item_s_promotion_lies_on_its_line_only():
    coupons = (a_coupon("30", "15.00", "55002"),)
    order = parsed(an_item(1), an_item(2), coupons=coupons)
    assert shares(order) == [(0, 0, 0, 12000), (1500, 0, 0, 10500)]
    assert order.promotions[0].line_no == f"{ORDER_NO}-55002"


@pytest.mark.parametrize("kind", ["34", "41", "52"])
def test_red_packets_coupons_and_gift_cards_are_the_platform_s(kind: str):
    assert shares(parsed(coupons=(a_coupon(kind, "10.00"),))) == [(0, 1000, 0, 11000)]


@pytest.mark.parametrize("kind", ["20", "28", "29", "30", "35", "100"])
def test_bundles_groups_and_shop_discounts_are_the_merchant_s(kind: str):
    assert shares(parsed(coupons=(a_coupon(kind, "10.00"),))) == [(1000, 0, 0, 11000)]


def test_the_seller_s_own_sum_outweighs_the_name_of_a_coupon():
    order = parsed(coupons=(a_coupon("41-京东券优惠", "10.00"),), sellerDiscount="10.00")
    assert shares(order) == [(1000, 0, 0, 11000)]


def test_an_unknown_coupon_is_the_platform_s_and_told():
    order = parsed(coupons=(a_coupon("77-新优惠", "10.00"),))
    assert shares(order) == [(0, 1000, 0, 11000)]
    assert order.alerts == ("couponType=77-新优惠",)


def test_a_discount_without_its_coupon_is_the_platform_s_and_told():
    order = parsed(shouldPay="110.00")
    assert shares(order) == [(0, 1000, 0, 11000)]
    assert order.alerts == ("discount without its coupon: 1000",)
    assert parsed(shouldPay="110.00", payDiscount="10.00").alerts == ()


def test_freight_and_service_fee_are_lines_of_their_own():
    order = parsed(freightPrice="8.00", serviceFee="2.00", shouldPay="130.00")
    assert [(line.external_no, line.kind, line.paid_amount) for line in order.lines[1:]] == [
        ("freight", "freight", 800),
        ("service_fee", "fee", 200),
    ]


def test_a_total_that_includes_freight_is_understood():
    assert parsed(freightPrice="8.00", orderTotalPrice="128.00").paid_total == 12800


def test_separate_tax_lies_on_the_lines():
    order = parsed(an_item(1), an_item(2, jdPrice="30.00"), taxFee="9.00", shouldPay="189.00")
    assert [(line.tax_amount, line.tax_included, line.paid_amount) for line in order.lines] == [
        (600, False, 12600),
        (300, False, 6300),
    ]


def test_a_balance_beside_what_is_due_is_a_payment():
    order = parsed(balanceUsed="20.00", shouldPay="100.00")
    assert order.paid_total == 12000
    assert [(p.kind, p.amount, p.reference) for p in order.payments] == [
        (PaymentKind.ONLINE, 10000, ""),
        (PaymentKind.ONLINE, 2000, "balance"),
    ]


def test_a_balance_is_paid_with_the_order_though_the_rest_is_due_at_the_door():
    order = parsed(balanceUsed="20.00", shouldPay="100.00", payType="1", paymentConfirmTime="")
    assert [(p.kind, p.amount, p.paid_at) for p in order.payments] == [
        (PaymentKind.COD, 10000, None),
        (PaymentKind.ONLINE, 2000, order.created_at),
    ]


def test_a_balance_inside_what_is_due_is_not_counted_twice():
    order = parsed(balanceUsed="20.00")
    assert [payment.amount for payment in order.payments] == [12000]
    order = parsed(coupons=(a_coupon("100", "20.00"),), balanceUsed="20.00")
    assert (order.paid_total, order.lines[0].discount_merchant) == (10000, 2000)


@pytest.mark.parametrize(
    ("told", "total"),
    [
        ({"shouldPay": "119.00", "actualPay": "1.00", "orderPayment": "2.00"}, 11900),
        ({"shouldPay": None, "actualPay": "119.00", "orderPayment": "2.00"}, 11900),
        ({"shouldPay": None, "actualPay": None, "orderPayment": "119.00"}, 11900),
    ],
)
def test_the_field_that_jd_keeps_up_is_believed_first(told: dict[str, Any], total: int):
    assert parsed(**told, payDiscount="1.00").paid_total == total


@pytest.mark.parametrize("kind", ["1", "2"])
def test_exchanged_and_resent_goods_are_no_revenue(kind: str):
    order = parsed(returnOrder=kind, freightPrice="8.00", payType="1")
    assert (order.paid_total, order.payments, order.is_cod) == (0, (), False)
    assert shares(order) == [(12000, 0, 0, 0)]


def test_more_discount_than_the_goods_cost_is_refused():
    with pytest.raises(BadRecord) as caught:
        parsed(freightPrice="200.00", shouldPay="0.00")
    assert caught.value.field == "shouldPay"


@pytest.mark.parametrize("price", ["60", 60, 60.0, "60.0"])
def test_amounts_written_otherwise_are_understood(price: object):
    assert parsed(an_item(jdPrice=price), shouldPay=120.0, orderTotalPrice=120).paid_total == 12000


@settings(deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_what_is_spread_adds_up_and_nobody_gets_more_than_its_weight(amount: int, weights: list[int]):
    parts = spread(amount, weights)
    assert sum(parts) == amount
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


PRICES = st.integers(0, 99_999).map(lambda fen: f"{fen / 100:.2f}")
COUPONS = st.tuples(st.sampled_from(["100", "30", "39", "41", "52", "35"]), st.integers(0, 3000))


@settings(deadline=None)
@given(st.lists(st.tuples(PRICES, st.integers(1, 5)), min_size=1, max_size=6), st.lists(COUPONS, max_size=4))
def test_whatever_is_discounted_every_order_adds_up(lines: list[tuple[str, int]], discounts: list[tuple[str, int]]):
    items = [an_item(i, jdPrice=price, itemTotal=str(units)) for i, (price, units) in enumerate(lines, 1)]
    goods = sum(round(float(price) * 100) * units for price, units in lines)
    coupons = tuple(a_coupon(kind, f"{fen / 100:.2f}", "55001" if kind == "30" else "") for kind, fen in discounts)
    due = max(goods - sum(fen for _, fen in discounts), 0)
    order = parsed(*items, coupons=coupons, orderTotalPrice=f"{goods / 100:.2f}", shouldPay=f"{due / 100:.2f}")
    assert order.paid_total == due
    assert all(min(line.discount_merchant, line.discount_platform, line.discount_coin) >= 0 for line in order.lines)
    assert all(line.paid_amount >= 0 for line in order.lines)
