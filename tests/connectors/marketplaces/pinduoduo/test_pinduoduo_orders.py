"""Parsing orders: every status, what must not ship, receivers behind stars, money by who pays for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BundlePart,
    Fulfiller,
    Funder,
    OrderRecord,
    OrderState,
    PaymentKind,
    RefundState,
)
from connectors.marketplaces.pinduoduo.orders import Choices, parse_order
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.pinduoduo.papers import CIPHERS, NAME, PHONE, STREET, an_item, an_order, order_body

S, R = OrderState, RefundState


def parsed(*items: dict[str, Any], choices: Choices | None = None, **changes: Any) -> OrderRecord:
    """The order of these items, with its sums checked."""
    order = parse_order(order_body(an_order(*items, **changes)), choices or Choices())
    assert all(explained(line) == line.paid_amount for line in order.lines)
    assert sum(line.paid_amount for line in order.lines) == order.paid_total
    assert sum(payment.amount for payment in order.payments) == order.paid_total
    return order


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, S.OPEN),
        ({"order_status": 2}, S.SHIPPED),
        ({"order_status": "3"}, S.COMPLETED),
        ({"confirm_status": 2}, S.CANCELLED),
        ({"group_status": 2}, S.CANCELLED),
        ({"refund_status": 4, "after_sales_status": 10}, S.CANCELLED),
        ({"refund_status": 4, "order_status": 2}, S.SHIPPED),
        ({"refund_status": 4, "order_status": 3}, S.COMPLETED),
        ({"confirm_status": 0, "pay_time": ""}, S.UNPAID),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 0}}, S.UNPAID),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 1}}, S.UNPAID),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 2}}, S.OPEN),
        ({"trade_type": 1, "step_order_info": None}, S.UNPAID),
        ({"order_status": 9}, S.OPEN),
        ({"order_status": 9, "shipping_time": "2026-03-02 12:00:00"}, S.SHIPPED),
    ],
)
def test_the_state_of_an_order(changes: dict[str, Any], state: OrderState):
    assert parsed(**changes).state is state


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, ()),
        ({"risk_control_status": 1}, ("risk_control",)),
        ({"group_status": 0}, ("group_forming",)),
        ({"confirm_status": 0}, ("not_confirmed",)),
        ({"is_lucky_flag": 2}, ("lottery",)),
        ({"order_status": 9}, ("unknown_status",)),
        ({"order_tag_list": [{"name": "ship_hold", "value": 1}, {"name": "free_sf", "value": 1}]}, ("ship_hold",)),
        ({"order_tag_list": [{"name": "ship_hold", "value": 0}]}, ()),
        ({"order_tag_list": [{"name": "self_contained", "value": 1}]}, ("self_contained",)),
    ],
)
def test_the_platform_s_reasons_not_to_ship(changes: dict[str, Any], holds: tuple[str, ...]):
    assert parsed(**changes).platform_holds == holds


def test_a_shop_may_ship_its_lottery_orders():
    assert parsed(is_lucky_flag=2, choices=Choices(lottery_ships=True)).platform_holds == ()


@pytest.mark.parametrize(
    ("refund_status", "case", "refund"),
    [
        (1, 0, R.NONE),
        (1, 11, R.CLOSED),
        (1, 16, R.NONE),  # a finished exchange gave no money back
        (2, 2, R.ASKED),
        (2, 6, R.REFUSED),
        (2, 7, R.AGREED),
        (2, 18, R.RETURNED),
        (2, 0, R.ASKED),
        (3, 4, R.AGREED),
        (4, 10, R.SUCCEEDED),
    ],
)
def test_where_a_refund_stands(refund_status: int, case: int, refund: RefundState):
    order = parsed(order_status=2, refund_status=refund_status, after_sales_status=case)
    assert {line.refund for line in order.lines} == {refund}
    assert order.alerts == ()


@pytest.mark.parametrize(
    ("changes", "alert"),
    [
        ({"order_status": 9}, "order_status=9"),
        ({"refund_status": 9}, "refund_status=9"),
        ({"refund_status": 2, "after_sales_status": 99}, "after_sales_status=99"),
        ({"after_sales_status": 99}, "after_sales_status=99"),
        ({"remark_tag": 8}, "remark_tag=8"),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 7}}, "step_trade_status=7"),
    ],
)
def test_words_we_do_not_know_raise_an_alert_and_stop_the_shipment_where_they_may_mean_so(
    changes: dict[str, Any], alert: str
):
    order = parsed(**changes)
    assert order.alerts == (alert,)
    if "after_sales_status" in alert or "refund" in alert:
        assert order.lines[0].refund is R.ASKED


def test_everything_a_person_reads_is_there():
    order = parsed(
        buyer_memo="请轻放",
        remark="老客户",
        remark_tag=5,
        is_pre_sale=1,
        invoice_status=1,
        order_status=2,
        tracking_number="7550001",
        shipping_time="2026-03-02 12:00:00",
    )
    assert (order.buyer_message, order.seller_memo, order.flag) == ("请轻放", "老客户", "purple")
    assert order.ship_by == datetime(2026, 3, 4, 1, 1, 1, tzinfo=UTC)
    assert (order.created_at, order.changed_at) == (
        datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
    )
    assert order.is_presale
    assert order.invoice is not None
    assert order.platform_status == "2/1"
    line = order.lines[0]
    assert (line.external_no, line.variant_no, line.listing_no, line.seller_code, line.units) == (
        "9900001",
        "9900001",
        "8800001",
        "CUP1-RED",
        2,
    )
    assert (line.waybill_no, line.shipped_at) == ("7550001", datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
    assert not order.is_cod


def test_the_receiver_is_stars_and_tokens_and_the_third_level_is_the_district():
    person = parsed(town="天河区").receiver
    assert (person.name, person.phone, person.address) == (NAME, PHONE, STREET)
    assert (person.state, person.city, person.district, person.town) == ("广东省", "广州市", "天河区", "")
    assert person.masked
    assert person.tokens == {
        "open_address_id": "place-1",
        "name": CIPHERS["receiver_name"],
        "phone": CIPHERS["receiver_phone"],
        "address": CIPHERS["receiver_address"],
    }


def test_the_person_at_the_address_stands_for_the_buyer():
    first, second, elsewhere = parsed(), parsed(order_sn="260302-2"), parsed(open_address_id="place-2")
    assert first.buyer == second.buyer
    assert first.buyer.external_id == "place-1"
    assert elsewhere.buyer != first.buyer
    assert parsed(open_address_id="").buyer.external_id == ""


def test_a_shipped_order_keeps_its_stars_and_tells_no_empty_tokens():
    before, after = parsed(), parsed(order_status=2, receiver_name="", receiver_phone="", receiver_address="")
    assert after.receiver.tokens == {"open_address_id": "place-1"}
    assert after.receiver.name == before.receiver.name
    assert after.receiver.masked


def test_gifts_are_lines_that_cost_nothing_and_differ_from_the_same_variant_bought():
    order = parsed(gift_list=[an_item(1, goods_price=5.0, goods_count=1), an_item(1, goods_price=0.0, goods_count=1)])
    bought, gift, second = order.lines
    assert (bought.external_no, gift.external_no, second.external_no) == (
        "9900001",
        "gift-9900001",
        "gift-9900001#2",
    )
    assert gift.is_gift
    assert not bought.is_gift
    assert (gift.list_amount, gift.discount_merchant, gift.paid_amount, gift.units) == (500, 500, 0, 1)


def test_goods_without_variants_are_known_by_their_own_number():
    line = parsed(an_item(1, sku_id=0, outer_id="")).lines[0]
    assert (line.external_no, line.variant_no, line.seller_code) == ("8800001", "", "CUP1")


def test_a_payment_for_a_better_carrier_is_no_goods():
    order = parsed(order_tag_list=[{"name": "ship_additional_order", "value": 1}])
    assert order.lines[0].kind == "service"


def test_a_subscribed_depot_ships_by_itself_unless_the_shop_says_otherwise():
    depot = {"depot_type": 2, "depot_id": 5}
    assert parsed(order_depot_info=depot).lines[0].fulfiller is Fulfiller.PLATFORM
    ours = parsed(order_depot_info=depot, choices=Choices(depot_is_ours=True))
    assert ours.lines[0].fulfiller is Fulfiller.US
    assert parsed(order_depot_info={"depot_type": 1}).lines[0].fulfiller is Fulfiller.US


def test_a_combined_ware_tells_its_parts():
    parts = [{"ware_sn": "LID", "ware_quantity": 1}, {"ware_sn": "CUP", "ware_quantity": 2}]
    depot = {"depot_type": 1, "ware_type": 1, "ware_sub_info_list": parts}
    assert parsed(order_depot_info=depot).lines[0].bundle_parts == (BundlePart("LID", 1), BundlePart("CUP", 2))
    assert parsed(order_depot_info=depot | {"ware_type": 0}).lines[0].bundle_parts == ()
    nameless = depot | {"ware_sub_info_list": [{"ware_sn": "", "ware_quantity": 1}]}
    assert parsed(order_depot_info=nameless).lines[0].bundle_parts == ()


# ---- money ----------------------------------------------------------------------------------------


def test_discounts_are_told_by_who_pays_for_them():
    order = parsed(platform_discount=6.0, seller_discount=19.8, capital_free_discount=1.0, order_change_amount=2.0)
    line = order.lines[0]
    assert (line.list_amount, line.paid_amount) == (8000, 5120)
    assert (line.discount_platform, line.discount_merchant) == (600, 2280)
    told = [(promotion.funder, promotion.amount, promotion.name) for promotion in order.promotions]
    assert told == [
        (Funder.PLATFORM, 600, "平台优惠"),
        (Funder.MERCHANT, 1980, "店铺优惠"),
        (Funder.MERCHANT, 100, "团长免单"),
        (Funder.MERCHANT, 200, "订单改价"),
    ]


def test_a_trade_in_is_part_of_what_the_platform_pays():
    order = parsed(platform_discount=6.0, promotion_detail_list=[{"promotion_type": 30, "discount_amount": 2.5}])
    assert [(p.amount, p.name) for p in order.promotions] == [(350, "平台优惠"), (250, "以旧换新")]
    assert order.lines[0].discount_platform == 600


def test_postage_and_fees_are_lines_of_their_own():
    order = parsed(
        postage=6.0,
        pay_amount=89.5,
        service_fee_detail=[
            {"service_name": "sf_express_fee", "service_fee": 3.5},
            {"service_name": "x", "service_fee": 0},
        ],
    )
    charges = [(line.external_no, line.kind, line.paid_amount, line.title) for line in order.lines[1:]]
    assert charges == [("freight", "freight", 600, "运费"), ("fee-1", "fee", 350, "sf_express_fee")]


def test_a_fee_for_delivery_into_the_home_may_stand_beside_the_sum():
    order = parsed(pay_amount=92.0, delivery_home_value=12.0)
    assert [(line.external_no, line.paid_amount) for line in order.lines[1:]] == [("fee-1", 1200)]


def test_several_lines_share_discounts_to_the_last_fen():
    order = parsed(
        an_item(1, goods_price=0.01, goods_count=1),
        an_item(2, goods_price=33.33, goods_count=1),
        an_item(3, goods_price=66.66, goods_count=1),
        platform_discount=10.01,
        seller_discount=20.02,
    )
    assert sum(line.discount_platform for line in order.lines) == 1001
    assert sum(line.discount_merchant for line in order.lines) == 2002
    assert all(line.paid_amount >= 0 for line in order.lines)


@pytest.mark.parametrize("total", [0.1 + 0.2, 1.1 * 3, 1e-7])
def test_doubles_that_are_no_amount_are_not_guessed(total: float):
    with pytest.raises(BadRecord, match="decimals"):
        parsed(pay_amount=total)


@pytest.mark.parametrize(("price", "amount"), [(0.29, 29), (1.13, 113), (4.35, 435), (1005.07, 100507), ("8.20", 820)])
def test_doubles_and_texts_become_exact_fen(price: Any, amount: int):
    order = an_order(goods_amount=80.0, pay_amount=80.0)
    order |= {"item_list": [an_item(goods_price=price, goods_count=1)], "goods_amount": price, "pay_amount": price}
    assert parse_order(order_body(order), Choices()).paid_total == amount


def test_a_reduction_by_the_platform_s_wallet_counts_only_where_the_payment_lacks_it():
    inside, beside = parsed(pay_amount=78.5, duo_duo_pay_reduction=1.5), parsed(duo_duo_pay_reduction=1.5)
    assert (inside.lines[0].discount_platform, inside.paid_total) == (150, 7850)
    assert (beside.lines[0].discount_platform, beside.paid_total) == (0, 8000)


def test_discounts_larger_than_the_goods_pay_for_the_postage():
    order = parsed(platform_discount=83.0, postage=6.0)
    goods, freight = order.lines
    assert (goods.paid_amount, goods.discount_platform) == (0, 8000)
    assert (freight.list_amount, freight.paid_amount, freight.discount_platform) == (600, 300, 300)


def test_a_deposit_order_is_paid_in_two_parts():
    step = {"step_trade_status": 2, "advanced_paid_fee": 10.0, "step_paid_fee": 70.0, "step_discount_amount": 20.0}
    order = parsed(trade_type=1, step_order_info=step, pay_amount=60.0)
    assert [(p.kind, p.amount, p.paid_at is not None) for p in order.payments] == [
        (PaymentKind.DEPOSIT, 1000, True),
        (PaymentKind.BALANCE, 5000, True),
    ]
    assert order.lines[0].discount_merchant == 2000
    assert order.is_presale


def test_a_deposit_order_whose_balance_is_due_costs_what_it_will_cost():
    order = parsed(trade_type=1, step_order_info={"step_trade_status": 1, "advanced_paid_fee": 10}, pay_amount=10.0)
    assert (order.state, order.paid_total, order.paid_at) == (S.UNPAID, 8000, None)
    assert [payment.paid_at is None for payment in order.payments] == [False, True]


def test_the_bare_object_and_the_platform_s_answer_are_the_same_order():
    order = an_order()
    assert parse_order(orjson.dumps({"order_info": order}), Choices()) == parse_order(order_body(order), Choices())


@pytest.mark.parametrize(("told", "carrier"), [(115, "ZTO"), ("44", "SF"), (7777, "7777"), (0, ""), (None, "")])
def test_a_carrier_goes_by_the_hub_s_code(told: object, carrier: str):
    order = parsed(order_status=2, tracking_number="751", logistics_id=told)
    assert {(line.waybill_no, line.carrier) for line in order.lines if line.kind == "goods"} == {("751", carrier)}
