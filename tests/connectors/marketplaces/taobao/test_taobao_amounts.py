"""Every fen of a trade is explained: by line, by who pays, or it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, LineRecord, OrderRecord, OrderState
from connectors.marketplaces.taobao.amounts import spread
from connectors.marketplaces.taobao.orders import parse_order
from connectors.marketplaces.taobao.reading import fen
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.taobao.papers import TID, a_line, a_trade, order_body

FIRST, SECOND = str(int(TID) + 1), str(int(TID) + 2)


def parsed(*lines: dict[str, Any], **changes: Any) -> OrderRecord:
    """The order, after checking what must hold for every one."""
    order = parse_order(order_body(a_trade(*lines, **changes)))
    for line in order.lines:
        assert explained(line) == line.paid_amount
    assert sum(line.paid_amount for line in order.lines) == order.paid_total
    return order


def funders(line: LineRecord) -> tuple[int, int, int, int]:
    return line.discount_merchant, line.discount_platform, line.discount_coin, line.discount_member


def promotions(*details: dict[str, Any]) -> dict[str, Any]:
    return {"promotion_detail": [{"id": int(TID), "promotion_id": f"tool-{i}"} | d for i, d in enumerate(details)]}


def test_list_paid_and_total_of_a_plain_trade():
    order = parsed()
    assert [(line.list_amount, line.paid_amount, line.units) for line in order.lines] == [(8000, 8000, 2)] * 2
    assert order.paid_total == 16000


def test_own_discount_adjustment_and_shared_discount_are_the_merchant_s():
    line = a_line(1, discount_fee="5.00", adjust_fee="-1.00", part_mjz_discount="4.00", divide_order_fee="70.00")
    assert funders(parsed(line, a_line(2)).lines[0]) == (1000, 0, 0, 0)


def test_a_price_raised_by_the_seller_is_a_negative_discount():
    assert funders(parsed(a_line(1, adjust_fee="3.00", divide_order_fee="83.00")).lines[0]) == (-300, 0, 0, 0)


def test_postage_is_a_line_of_its_own():
    order = parsed(a_line(1), a_line(2), post_fee="8.00")
    freight = order.lines[-1]
    assert (freight.external_no, freight.kind, freight.paid_amount) == ("freight", "freight", 800)
    assert order.paid_total == 16800


def test_a_single_line_s_payment_holds_the_postage_and_the_line_does_not():
    line = a_line(1, divide_order_fee=None, payment="88.00")
    order = parsed(line, post_fee="8.00", payment="88.00")
    assert [line.paid_amount for line in order.lines] == [8000, 800]


def test_a_single_line_s_payment_without_a_division_is_after_shared_discounts():
    line = a_line(1, divide_order_fee=None, part_mjz_discount="10.00", payment="78.00")
    order = parsed(line, post_fee="8.00", payment="78.00")
    assert [line.paid_amount for line in order.lines] == [7000, 800]


def test_lines_of_several_without_a_division_are_paid_before_shared_discounts():
    lines = [a_line(i, divide_order_fee=None, part_mjz_discount="10.00") for i in (1, 2)]
    order = parsed(*lines, post_fee="8.00", payment="148.00")
    assert [line.paid_amount for line in order.lines] == [7000, 7000, 800]


def test_a_shop_coupon_is_the_merchant_s_and_named():
    lines = [a_line(i, divide_order_fee="70.00", part_mjz_discount="10.00") for i in (1, 2)]
    order = parsed(*lines, promotion_details=promotions({"promotion_name": "店铺优惠券", "discount_fee": "20.00"}))
    assert funders(order.lines[0]) == (1000, 0, 0, 0)
    (coupon,) = order.promotions
    assert (coupon.funder, coupon.amount, coupon.name, coupon.line_no) == (Funder.MERCHANT, 2000, "店铺优惠券", "")


@pytest.mark.parametrize(
    ("name", "funder"),
    [
        ("平台补贴", Funder.PLATFORM),
        ("百亿补贴", Funder.PLATFORM),
        ("天猫红包", Funder.PLATFORM),
        ("店铺红包", Funder.MERCHANT),
        ("天猫购物券", Funder.MERCHANT),
        ("跨店满减", Funder.MERCHANT),
        ("淘金币抵扣", Funder.COIN),
        ("会员折扣", Funder.MEMBER),
    ],
)
def test_a_promotion_s_words_tell_who_pays(name: str, funder: Funder):
    line = a_line(1, divide_order_fee="70.00", part_mjz_discount="10.00")
    order = parsed(line, promotion_details=promotions({"promotion_name": name, "discount_fee": "10.00"}))
    assert order.promotions[0].funder is funder
    expected = {Funder.MERCHANT: 0, Funder.PLATFORM: 1, Funder.COIN: 2, Funder.MEMBER: 3}[funder]
    assert funders(order.lines[0])[expected] == 1000
    assert sum(funders(order.lines[0])) == 1000


def test_a_subsidy_is_divided_among_lines_as_the_platform_says():
    lines = [a_line(1, divide_order_fee="65.00", part_mjz_discount="15.00"), a_line(2, divide_order_fee="80.00")]
    told = {"promotion_name": "平台补贴", "discount_fee": "6.00", "kd_child_discount_fee": f"{FIRST}:6.00"}
    order = parsed(*lines, promotion_details=promotions(told))
    assert [funders(line) for line in order.lines] == [(900, 600, 0, 0), (0, 0, 0, 0)]


@pytest.mark.parametrize("told", [None, "gibberish", f"{FIRST}:1.00", f"{FIRST}:x;{SECOND}:y", "77:6.00"])
def test_a_subsidy_divided_in_no_way_we_know_goes_by_shared_discount(told: str | None):
    lines = [
        a_line(1, divide_order_fee="70.00", part_mjz_discount="10.00"),
        a_line(2, divide_order_fee="75.00", part_mjz_discount="5.00"),
    ]
    detail = {"promotion_name": "平台补贴", "discount_fee": "6.00", "kd_child_discount_fee": told}
    order = parsed(*lines, promotion_details=promotions(detail))
    assert [line.discount_platform for line in order.lines] == [400, 200]


def test_a_promotion_of_one_line_stays_with_it():
    lines = [a_line(1), a_line(2, discount_fee="10.00", divide_order_fee="70.00")]
    detail = {"id": int(SECOND), "promotion_name": "平台补贴", "discount_fee": "10.00"}
    order = parsed(*lines, promotion_details=promotions(detail))
    assert [line.discount_platform for line in order.lines] == [0, 1000]
    assert order.promotions[0].line_no == SECOND


def test_a_subsidy_larger_than_the_lines_discounts_is_named_and_alerts():
    order = parsed(promotion_details=promotions({"promotion_name": "平台包邮补贴", "discount_fee": "6.00"}))
    assert [funders(line) for line in order.lines] == [(0, 0, 0, 0)] * 2
    assert order.alerts == ("promotion outside the lines: 平台包邮补贴",)


def test_a_gift_promotion_without_an_amount_is_not_a_discount():
    order = parsed(promotion_details=promotions({"promotion_name": "满就送", "gift_item_id": "9"}))
    assert order.promotions == ()


def test_coins_inside_the_shared_discount_are_told_apart():
    lines = [a_line(i, divide_order_fee="70.00", part_mjz_discount="10.00") for i in (1, 2)]
    detail = {"promotion_name": "店铺优惠券", "discount_fee": "16.00"}
    order = parsed(*lines, alipay_point=400, promotion_details=promotions(detail))
    assert [funders(line) for line in order.lines] == [(800, 0, 200, 0)] * 2


def test_coins_missing_from_the_lines_explain_the_gap():
    order = parsed(a_line(1, divide_order_fee="78.50"), a_line(2, divide_order_fee="79.50"), alipay_point=200)
    assert [funders(line) for line in order.lines] == [(0, 0, 150, 0), (0, 0, 50, 0)]


def test_a_subsidy_missing_from_the_payment_is_taken_from_the_lines():
    order = parsed(a_line(1), a_line(2), platform_subsidy_fee="3.01", payment="156.99")
    assert [funders(line) for line in order.lines] == [(0, 151, 0, 0), (0, 150, 0, 0)]


def test_coins_and_subsidy_together_explain_a_payment():
    order = parsed(a_line(1), a_line(2), alipay_point=100, platform_subsidy_fee="3.00", payment="156.00")
    assert [funders(line) for line in order.lines] == [(0, 150, 50, 0)] * 2


def test_coins_used_to_pay_the_whole_sum_change_nothing():
    order = parsed(alipay_point=500)
    assert [funders(line) for line in order.lines] == [(0, 0, 0, 0)] * 2


def test_the_buyer_s_fee_for_cash_on_delivery_is_a_line():
    order = parsed(type="cod", buyer_cod_fee="2.00", payment="162.00")
    fee = order.lines[-1]
    assert (fee.external_no, fee.kind, fee.paid_amount) == ("cod_fee", "fee", 200)


def test_a_line_closed_before_the_others_were_paid_costs_nothing():
    order = parsed(a_line(1), a_line(2, status="TRADE_CLOSED_BY_TAOBAO"), payment="80.00")
    closed = order.lines[1]
    assert (closed.state, closed.list_amount, closed.paid_amount) == (OrderState.CANCELLED, 0, 0)


def test_a_trade_closed_before_payment_keeps_its_amounts():
    order = parsed(a_line(1, status="TRADE_CLOSED_BY_TAOBAO"), status="TRADE_CLOSED_BY_TAOBAO")
    assert order.lines[0].paid_amount == 8000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payment": "160.01"}, "payment"),
        ({"payment": "159.99"}, "payment"),
        ({"payment": "159.99", "alipay_point": 2}, "payment"),
        ({"post_fee": "1.00", "payment": "160.00"}, "payment"),
        ({"payment": "1e9999"}, "payment"),
        ({"alipay_point": "many", "payment": "159.00"}, "alipay_point"),
    ],
)
def test_a_total_off_by_a_fen_names_its_field(changes: dict[str, Any], field: str):
    with pytest.raises(BadRecord) as caught:
        parsed(**changes)
    assert caught.value.field == field


def test_a_line_off_by_a_fen_names_its_field():
    with pytest.raises(BadRecord) as caught:
        parsed(a_line(1, divide_order_fee="79.99"), a_line(2))
    assert caught.value.field == "orders.divide_order_fee"


@pytest.mark.parametrize(
    ("written", "amount"),
    [("210.30", 21030), ("0.00", 0), ("-0.50", -50), ("7", 700), (7.5, 750), ("1.5", 150), ("", 0), (None, 0)],
)
def test_yuan_become_fen_exactly(written: object, amount: int):
    assert fen({"payment": written}, "payment") == amount


@pytest.mark.parametrize("written", ["1.005", "abc", "NaN", "²².00", True, [], "99999999999999999.00"])
def test_what_is_no_amount_names_its_field(written: object):
    with pytest.raises(BadRecord) as caught:
        fen({"payment": written}, "payment")
    assert caught.value.field == "payment"


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=8))
def test_spread_parts_add_up_and_differ_from_the_exact_share_by_less_than_one(amount: int, weights: list[int]):
    parts = spread(amount, weights)
    assert sum(parts) == amount
    if total := sum(weights):
        assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))
