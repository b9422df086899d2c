"""What a Douyin order becomes: states, lines, refunds, receivers, payments, holds, and words we do not know."""

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
    PromotionRecord,
    RefundState,
)
from connectors.marketplaces.douyin.orders import parse_order
from tests.connectors.marketplaces.douyin.papers import (
    ADDRESS_CIPHER,
    CHANGED,
    CIPHERS,
    NAME,
    ORDER_NO,
    PAID,
    PHONE,
    STREET,
    a_line,
    a_parcel,
    a_phase,
    an_order,
    line_no,
    order_body,
)


def parsed(*lines: dict[str, Any], **changes: Any) -> OrderRecord:
    """The record of an order made of lines and changes."""
    return parse_order(order_body(an_order(*lines, **changes)))


def refunded(status: int, kind: int = 2, refund_status: int = 1) -> dict[str, Any]:
    """The after-sale part of a line."""
    return {"after_sale_info": {"after_sale_status": status, "after_sale_type": kind, "refund_status": refund_status}}


def test_an_order_of_the_list_and_of_the_detail_are_one():
    order = an_order(post_amount=600)
    assert parse_order(orjson.dumps({"shop_order_detail": order})) == parse_order(order_body(order))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (1, OrderState.UNPAID),
        (105, OrderState.OPEN),
        (2, OrderState.OPEN),
        (101, OrderState.PART_SHIPPED),
        (3, OrderState.SHIPPED),
        (4, OrderState.CANCELLED),
        (5, OrderState.COMPLETED),
    ],
)
def test_every_order_status_has_its_state(status: int, state: OrderState):
    order = parsed(a_line(order_status=status, main_status=status), order_status=status, main_status=status)
    assert (order.state, order.lines[0].state, order.alerts) == (state, state, ())
    assert order.platform_status == str(status)


@pytest.mark.parametrize(
    ("main", "state"),
    [(103, OrderState.UNPAID), (21, OrderState.CANCELLED), (22, OrderState.CANCELLED), (39, OrderState.CANCELLED)],
)
def test_what_only_the_main_status_tells_goes_first(main: int, state: OrderState):
    order = parsed(a_line(main_status=main), main_status=main)
    assert (order.state, order.lines[0].state, order.platform_status) == (state, state, f"2/{main}")


def test_lines_of_one_order_may_stand_apart():
    order = parsed(
        a_line(1, order_status=3, main_status=3, ship_time=PAID + 60),
        a_line(2),
        a_line(3, order_status=4, main_status=21),
        order_status=101,
        main_status=101,
        logistics_info=[a_parcel("755", 1), a_parcel("756", 1)],
    )
    assert order.state is OrderState.PART_SHIPPED
    assert [line.state for line in order.lines] == [OrderState.SHIPPED, OrderState.OPEN, OrderState.CANCELLED]
    assert [line.waybill_no for line in order.lines] == ["755", "", ""]
    assert [line.carrier for line in order.lines] == ["ZTO", "", ""]
    assert order.lines[0].shipped_at == datetime.fromtimestamp(PAID + 60, UTC)


def test_an_unknown_status_takes_the_state_of_the_lines_alerts_and_holds():
    order = parsed(order_status=77, main_status=77)
    assert order.state is OrderState.OPEN
    assert order.alerts == ("order_status=77",)
    assert order.platform_holds == ("unknown_status",)
    with pytest.raises(BadRecord, match="order_status"):
        parsed(a_line(order_status=78, main_status=78), order_status=77, main_status=77)


def test_paid_but_pending_is_held_by_the_platform():
    assert parsed(order_status=105, main_status=105).platform_holds == ("paid_pending",)
    assert parsed(shop_order_tag_ui=[{"key": "risk_label", "text": "风控中"}]).platform_holds == ("risk_label",)
    assert parsed(shop_order_tag_ui=[{"key": "new_buyer", "text": "新客"}]).platform_holds == ()


@pytest.mark.parametrize("place", ["shop_order_tag_ui", "address_tag_ui"])
@pytest.mark.parametrize(
    "tag", [{"key": "address_changing", "text": ""}, {"key": "tag_7", "text": "待审核修改地址"}], ids=["key", "words"]
)
def test_an_address_request_holds_until_it_is_decided(place: str, tag: dict[str, str]):
    assert parsed(**{place: [tag, tag]}).platform_holds == ("address_change",)
    assert parsed(**{place: []}).platform_holds == ()


def test_a_line_carries_its_numbers_code_and_variant():
    line = parsed(a_line(1), a_line(2, code="", out_sku_id=778)).lines
    assert (line[0].external_no, line[0].listing_no) == (line_no(1), "3500000000000000001")
    assert (line[0].variant_no, line[0].seller_code) == ("1750000000000001", "CUP1-RED")
    assert (line[0].variant, line[0].units) == ("颜色:红;容量:300ml", 2)
    assert line[1].seller_code == "778"


def test_old_numbers_lose_their_letter():
    order = parsed(a_line(order_id=line_no(1) + "A"), order_id=ORDER_NO + "A")
    assert (order.external_no, order.lines[0].external_no) == (ORDER_NO, line_no(1))


@pytest.mark.parametrize(
    ("status", "kind", "refund_status", "state"),
    [
        (0, 0, 0, RefundState.NONE),
        (6, 2, 1, RefundState.ASKED),
        (7, 0, 1, RefundState.AGREED),
        (11, 0, 1, RefundState.RETURNED),
        (12, 2, 3, RefundState.SUCCEEDED),
        (12, 7, 0, RefundState.CLOSED),
        (13, 3, 0, RefundState.RETURNED),
        (14, 3, 0, RefundState.CLOSED),
        (27, 1, 1, RefundState.REFUSED),
        (28, 2, 1, RefundState.CLOSED),
        (29, 0, 1, RefundState.REFUSED),
        (51, 5, 3, RefundState.SUCCEEDED),
        (53, 2, 3, RefundState.SUCCEEDED),
    ],
)
def test_every_after_sale_status_of_a_line_has_its_state(status: int, kind: int, refund_status: int, state: RefundState):
    assert parsed(a_line(**refunded(status, kind, refund_status))).lines[0].refund is state


def test_an_unknown_after_sale_status_counts_as_asked():
    order = parsed(a_line(**refunded(99)))
    assert (order.lines[0].refund, order.alerts) == (RefundState.ASKED, ("after_sale_status=99",))


def test_a_gift_goes_back_with_its_line():
    free = {"given_product_type": "FREE", "sum_amount": 0, "origin_amount": 0, "pay_amount": 0}
    both = a_line(3, master_sku_order_id_list=[line_no(1), line_no(2)], **free)
    one = a_line(4, master_sku_order_id_list=[line_no(1)], **free)
    order = parsed(a_line(1, **refunded(12)), a_line(2), both, one)
    assert [line.refund for line in order.lines[2:]] == [RefundState.NONE, RefundState.SUCCEEDED]
    assert [line.is_gift for line in order.lines] == [False, False, True, True]


@pytest.mark.parametrize(
    ("warehouse", "fulfiller", "alerts"),
    [
        (0, Fulfiller.US, ()),
        (1, Fulfiller.PLATFORM, ()),
        (2, Fulfiller.PLATFORM, ()),
        (9, Fulfiller.US, ("warehouse_type=9",)),
    ],
)
def test_cloud_and_cross_border_warehouses_are_the_platform_s(
    warehouse: int, fulfiller: Fulfiller, alerts: tuple[str, ...]
):
    order = parsed(a_line(inventory_list=[{"warehouse_type": warehouse}]))
    assert (order.lines[0].fulfiller, order.alerts) == (fulfiller, alerts)


def test_bundles_tell_their_parts():
    line = parsed(a_line(bundle_sku_info=[{"code": "A", "sku_id": "1", "item_num": 2}, {"sku_id": "7"}])).lines[0]
    assert line.bundle_parts == (BundlePart("A", 2), BundlePart("7", 1))


@pytest.mark.parametrize(("order_type", "kind"), [(0, "goods"), (2, "service"), (4, "service"), (5, "service")])
def test_what_nobody_ships_is_a_service(order_type: int, kind: str):
    assert {line.kind for line in parsed(order_type=order_type).lines} == {kind}


def test_an_unknown_order_type_alerts():
    assert parsed(order_type=66).alerts == ("order_type=66",)


def test_the_receiver_is_masked_and_the_ciphertexts_are_tokens():
    plain = "".join(("周", "小满"))
    receiver = parsed(post_receiver=plain, post_tel="13800000000").receiver
    assert (receiver.name, receiver.phone, receiver.address, receiver.masked) == (NAME, PHONE, STREET, True)
    assert (receiver.state, receiver.city, receiver.district, receiver.town) == (
        "浙江省",
        "杭州市",
        "余杭区",
        "五常街道",
    )
    name, phone = CIPHERS.values()
    assert receiver.tokens == {
        "name": name, "phone": phone, "address": ADDRESS_CIPHER, "open_address_id": "#address-1"
    }  # fmt: skip


def test_people_s_words_times_and_colours_are_kept():
    order = parsed(buyer_words="周末送", seller_words="易碎", seller_remark_stars=5)
    assert (order.buyer_message, order.seller_memo, order.flag) == ("周末送", "易碎", "red")
    assert order.changed_at == datetime.fromtimestamp(CHANGED, UTC)
    assert order.ship_by == datetime.fromtimestamp(1772586060, UTC)
    assert order.buyer.external_id == "1@#openid"
    assert parsed(seller_remark_stars=9).alerts == ("seller_remark_stars=9",)
    late, early = a_line(1, exp_ship_time=1772586000), a_line(2, exp_ship_time=1772580000)
    assert parsed(late, early, exp_ship_time=0).ship_by == datetime.fromtimestamp(1772580000, UTC)


def test_an_order_paid_online_has_one_payment():
    (payment,) = parsed().payments
    assert (payment.kind, payment.amount, payment.reference) == (PaymentKind.ONLINE, 16000, "pay-1")
    assert payment.paid_at == datetime.fromtimestamp(PAID, UTC)


def test_cash_on_delivery_is_due_though_nothing_is_paid():
    order = parsed(a_line(pay_amount=0), pay_type=0, pay_time=0, pay_amount=0, post_amount=600)
    assert (order.is_cod, order.paid_total, order.state) == (True, 8600, OrderState.OPEN)
    assert [(p.kind, p.amount, p.paid_at) for p in order.payments] == [(PaymentKind.COD, 8600, None)]


def test_a_presale_with_its_balance_due_is_unpaid():
    phases = [a_phase(1, True, 1000), a_phase(2, False, 3000)]
    order = parsed(a_line(trade_type=2, pay_amount=2000), main_status=103, order_phase_list=phases)
    assert (order.state, order.is_presale, order.paid_at) == (OrderState.UNPAID, True, None)
    assert order.paid_total == order.lines[0].paid_amount == 8000
    deposit, balance = order.payments
    assert (deposit.kind, deposit.amount, deposit.paid_at) == (
        PaymentKind.DEPOSIT,
        2000,
        datetime.fromtimestamp(PAID + 1, UTC),
    )
    assert (balance.kind, balance.amount, balance.paid_at) == (PaymentKind.BALANCE, 6000, None)


def test_a_presale_paid_in_full_may_be_shipped():
    phases = [a_phase(1, True, 1000), a_phase(2, True, 3000)]
    order = parsed(a_line(trade_type=2), order_phase_list=phases)
    assert order.state is OrderState.OPEN
    assert [(p.amount, p.paid_at is not None) for p in order.payments] == [(2000, True), (6000, True)]


def test_a_presale_still_called_open_waits_for_its_balance():
    order = parsed(a_line(trade_type=2), order_phase_list=[a_phase(1, True, 1000), a_phase(2, False, 3000)])
    assert (order.state, order.lines[0].state) == (OrderState.UNPAID, OrderState.UNPAID)


def test_a_full_presale_is_a_presale_paid_at_once():
    order = parsed(a_line(pre_sale_type=1))
    assert (order.is_presale, order.state, len(order.payments)) == (True, OrderState.OPEN, 1)


def test_promotions_are_named_by_who_bears_them():
    detail = {
        "shop_discount_detail": {"coupon_info": [{"coupon_id": 7, "coupon_name": "店铺券", "coupon_amount": 300}]},
        "platform_discount_detail": {
            "full_discount_info": [
                {
                    "campaign_id": 8,
                    "campaign_name": "满减",
                    "campaign_amount": 500,
                    "share_discount_cost": {"platform_cost": 300, "shop_cost": 200, "author_cost": 0},
                }
            ],
            "gold_coin_amount": 20,
        },
        "kol_discount_detail": {"redpack_info": [{"redpack_trans_id": "r9", "redpack_amount": 100}]},
    }
    assert parsed(promotion_detail=detail).promotions == (
        PromotionRecord(Funder.MERCHANT, 300, "7", "店铺券"),
        PromotionRecord(Funder.MERCHANT, 200, "8", "满减"),
        PromotionRecord(Funder.PLATFORM, 300, "8", "满减"),
        PromotionRecord(Funder.COIN, 20, "", "金币抵扣"),
        PromotionRecord(Funder.DISTRIBUTOR, 100, "r9", ""),
    )


def test_the_list_tells_promotions_by_their_owners_alone():
    order = parsed(promotion_shop_amount=300, promotion_platform_amount=0, promotion_talent_amount=20)
    assert order.promotions == (
        PromotionRecord(Funder.MERCHANT, 300, name="店铺优惠"),
        PromotionRecord(Funder.DISTRIBUTOR, 20, name="达人优惠"),
    )
