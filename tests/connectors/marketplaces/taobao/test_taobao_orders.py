"""A trade's words become the hub's: states, lines, people, times, holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BundlePart,
    Fulfiller,
    OrderRecord,
    OrderState,
    PaymentKind,
    RefundState,
)
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.orders import parse_order
from tests.connectors.marketplaces.taobao.papers import OAID, TID, a_line, a_trade, order_body

FIRST, SECOND = str(int(TID) + 1), str(int(TID) + 2)


def parsed(*lines: dict[str, Any], **changes: Any) -> OrderRecord:
    return parse_order(order_body(a_trade(*lines, **changes)))


@pytest.mark.parametrize(("status", "state"), codes.STATES.items())
def test_each_status_has_its_state_for_the_order_and_for_a_line(status: str, state: OrderState):
    order = parsed(a_line(1, status=status), status=status)
    assert (order.state, order.lines[0].state, order.platform_status) == (state, state, status)
    assert not order.alerts


def test_the_bare_trade_of_a_push_is_the_same_order():
    trade = a_trade()
    assert parse_order(orjson.dumps({"trade": trade})) == parse_order(order_body(trade))


def test_ids_stay_exact_text_even_without_their_text_twin():
    order = parsed(a_line(1, oid_str=None), tid_str=None)
    assert order.external_no == TID
    assert order.lines[0].external_no == FIRST
    assert order.lines[0].listing_no == "8800001"


def test_an_unknown_status_is_kept_and_taken_from_the_lines():
    order = parsed(a_line(1), a_line(2), status="SOMETHING_NEW")
    assert order.state is OrderState.OPEN
    assert order.platform_status == "SOMETHING_NEW"
    assert order.alerts == ("status=SOMETHING_NEW",)


def test_an_unknown_status_holds_the_order_until_the_platform_says_a_known_one():
    assert parsed(a_line(1), status="SOMETHING_NEW").platform_holds == ("unknown_status",)
    assert parsed(a_line(1)).platform_holds == ()


def test_an_unknown_status_over_mixed_lines_is_part_shipped():
    order = parsed(a_line(1), a_line(2, status="WAIT_BUYER_CONFIRM_GOODS"), status="SOMETHING_NEW")
    assert order.state is OrderState.PART_SHIPPED


@pytest.mark.parametrize("line_status", ["ALSO_NEW", None, "TRADE_CLOSED"])
def test_an_unknown_status_that_no_line_explains_is_a_bad_record(line_status: str | None):
    with pytest.raises(BadRecord) as caught:
        parsed(a_line(1, status=line_status), status="SOMETHING_NEW")
    assert caught.value.field == "status"


def test_an_unknown_line_status_takes_the_order_s_and_alerts():
    order = parsed(a_line(1, status="ODD"), a_line(2))
    assert order.lines[0].state is OrderState.OPEN
    assert order.alerts == ("orders.status=ODD",)


@pytest.mark.parametrize(("status", "state"), codes.REFUNDS.items())
def test_each_refund_status_has_its_state(status: str, state: RefundState):
    line = parsed(a_line(1, refund_status=status, refund_id="99")).lines[0]
    assert (line.refund, line.case_no) == (state, "99")


def test_an_unknown_refund_status_counts_as_asked_so_that_nothing_ships():
    order = parsed(a_line(1, refund_status="ODD"))
    assert order.lines[0].refund is RefundState.ASKED
    assert order.alerts == ("orders.refund_status=ODD",)


def test_a_line_carries_codes_text_and_waybill():
    line = parsed(a_line(1, status="WAIT_BUYER_CONFIRM_GOODS", invoice_no="755", consign_time="2026-03-02 12:00:00"))
    first = line.lines[0]
    assert (first.seller_code, first.variant_no, first.variant, first.title) == (
        "CUP1-RED",
        "9900001",
        "颜色:红",
        "陶瓷杯",
    )
    assert (first.waybill_no, first.shipped_at) == ("755", datetime(2026, 3, 2, 4, 0, tzinfo=UTC))


def test_the_listing_s_code_stands_in_for_a_missing_variant_code():
    assert parsed(a_line(1, outer_sku_id="")).lines[0].seller_code == "CUP1"


def test_a_masked_receiver_keeps_its_token_and_its_stars():
    receiver = parsed().receiver
    assert receiver.masked
    assert receiver.tokens == {"oaid": OAID}
    assert (receiver.phone, receiver.state, receiver.town) == ("*******5521", "广东省", "石牌街道")


def test_a_plain_receiver_is_not_masked():
    receiver = parsed(
        oaid=None, receiver_name="林小满", receiver_mobile="13900000000", receiver_address="枫叶巷8号"
    ).receiver
    assert not receiver.masked
    assert receiver.tokens == {}


def test_the_buyer_is_known_by_open_id_or_else_by_nick():
    assert parsed().buyer.external_id == "AAHopenUidOfLin"
    assert parsed(buyer_open_uid="").buyer.external_id == "林**"


def test_times_are_china_s_clock_made_utc():
    order = parsed()
    assert order.created_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert order.changed_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert order.paid_at == datetime(2026, 3, 2, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("bad", ["2026-03-02", "2026-03-02T09:30:00", "2026-13-02 09:30:00", "0001-01-01 00:00:00"])
def test_a_time_of_another_form_is_a_bad_record(bad: str):
    with pytest.raises(BadRecord) as caught:
        parsed(modified=bad)
    assert caught.value.field == "modified"


def test_promises_come_from_the_trade_or_the_earliest_line():
    own = parsed(delivery_time="2026-03-04 09:00:00", collect_time="2026-03-04 20:00:00")
    assert own.ship_by == datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
    assert own.collect_by == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    lines = parsed(a_line(1, delivery_time="2026-03-06 09:00:00"), a_line(2, delivery_time="2026-03-05 09:00:00"))
    assert lines.ship_by == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)


def test_a_promise_in_words_is_no_time():
    assert parsed(delivery_time="付款后2天内").ship_by is None


@pytest.mark.parametrize("mark", codes.HOLDS)
@pytest.mark.parametrize("on", [1, "1", True, "true"])
def test_each_platform_hold_is_told(mark: str, on: object):
    assert parsed(**{mark: on}).platform_holds == (mark,)


@pytest.mark.parametrize("off", [0, "0", False, None, "false"])
def test_a_hold_that_is_off_is_not_told(off: object):
    assert parsed(top_hold=off, is_sh_ship=off).platform_holds == ()


def test_paid_but_forbidden_to_ship_is_open_and_held():
    order = parsed(status="PAID_FORBID_CONSIGN")
    assert order.state is OrderState.OPEN
    assert order.platform_holds == ("paid_forbid_consign",)


def test_a_changed_address_and_a_parcel_that_must_stay_whole_are_told():
    order = parsed(lm="1", logistics_agreement={"no_detail_part_consign": "1"})
    assert order.address_changed
    assert order.part_shipment_forbidden
    assert not parsed(logistics_agreement={"sign_time": "x"}).part_shipment_forbidden


def test_lines_bound_together_share_a_group_from_either_side():
    order = parsed(a_line(1), a_line(2, bind_oids=FIRST), a_line(3))
    assert [line.bound_group for line in order.lines] == [FIRST, FIRST, ""]


def test_groups_that_touch_are_one():
    order = parsed(a_line(1), a_line(2, bind_oid=int(FIRST)), a_line(3, bind_oids=f"{SECOND},"))
    assert len({line.bound_group for line in order.lines}) == 1


def test_a_binding_to_a_line_of_another_trade_is_no_group():
    assert parsed(a_line(1, bind_oids="42"), a_line(2)).lines[0].bound_group == ""


def test_a_bundle_tells_its_parts():
    parts = {"combine_item_info": [{"outer_sku_id": "A-1", "quantity": 2}, {"outer_iid": "B", "quantity": "1"}]}
    line = parsed(a_line(1, combine_item_info=parts)).lines[0]
    assert line.bundle_parts == (BundlePart("A-1", 2), BundlePart("B", 1))


def test_a_gift_is_a_line_of_nothing():
    gift = a_line(2, is_free_gift=True, price="0.00", payment="0.00", divide_order_fee="0.00")
    line = parsed(a_line(1), gift).lines[1]
    assert line.is_gift
    assert (line.list_amount, line.paid_amount) == (0, 0)


@pytest.mark.parametrize(
    ("store", "advice", "expected"),
    [
        ("", None, Fulfiller.US),
        ("SC", None, Fulfiller.US),
        ("CN-HZ-01", None, Fulfiller.PLATFORM),
        ("", "CN", Fulfiller.PLATFORM),
        ("OWN-7", "SC", Fulfiller.US),
    ],
)
def test_cainiao_stores_ship_for_us(store: str, advice: str | None, expected: Fulfiller):
    infos = {"logistics_info": [{"sub_trade_id": int(FIRST), "consign_type": advice}]} if advice else None
    assert parsed(a_line(1, store_code=store), logistics_infos=infos).lines[0].fulfiller is expected


@pytest.mark.parametrize(("number", "colour"), [(0, "grey"), (1, "red"), ("3", "green"), (5, "purple"), (None, "")])
def test_flags_are_colours(number: object, colour: str):
    assert parsed(seller_flag=number).flag == colour


def test_an_unknown_flag_and_an_unknown_type_alert():
    order = parsed(seller_flag=9, type="moon_trade")
    assert order.alerts == ("type=moon_trade", "seller_flag=9")


def test_notes_are_kept():
    order = parsed(buyer_message="请放门口", seller_memo="[OMS]已审")
    assert (order.buyer_message, order.seller_memo) == ("请放门口", "[OMS]已审")


def test_cash_on_delivery_is_open_and_due():
    order = parsed(type="cod", pay_time=None)
    assert order.is_cod
    assert order.state is OrderState.OPEN
    (payment,) = order.payments
    assert (payment.kind, payment.amount, payment.paid_at) == (PaymentKind.COD, 16000, None)


def test_an_ordinary_payment_is_online_with_its_number():
    (payment,) = parsed(alipay_no="2026030222001").payments
    assert (payment.kind, payment.amount, payment.reference) == (PaymentKind.ONLINE, 16000, "2026030222001")


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "WAIT_SELLER_SEND_GOODS"])
def test_a_presale_with_an_unpaid_balance_is_unpaid_whatever_its_status(status: str):
    order = parsed(
        a_line(1, status=status),
        type="step",
        status=status,
        step_trade_status="FRONT_PAID_FINAL_NOPAID",
        step_paid_fee="20.00",
        pay_time=None,
    )
    assert order.is_presale
    assert (order.state, order.lines[0].state, order.paid_at) == (OrderState.UNPAID, OrderState.UNPAID, None)
    deposit, balance = order.payments
    assert (deposit.kind, deposit.amount, deposit.paid_at) == (PaymentKind.DEPOSIT, 2000, order.created_at)
    assert (balance.kind, balance.amount, balance.paid_at) == (PaymentKind.BALANCE, 6000, None)


def test_a_presale_whose_balance_is_paid_is_open():
    order = parsed(a_line(1), type="step", step_trade_status="FRONT_PAID_FINAL_PAID", step_paid_fee="20.00")
    assert order.state is OrderState.OPEN
    assert order.paid_at is not None
    assert [(p.kind, p.amount, p.paid_at is not None) for p in order.payments] == [
        (PaymentKind.DEPOSIT, 2000, True),
        (PaymentKind.BALANCE, 6000, True),
    ]


def test_a_presale_paid_in_full_where_only_the_sum_is_told_is_one_payment():
    order = parsed(a_line(1), type="step", step_trade_status="FRONT_PAID_FINAL_PAID", step_paid_fee="80.00")
    assert [(p.kind, p.amount) for p in order.payments] == [(PaymentKind.BALANCE, 8000)]


def test_a_forfeited_presale_is_cancelled():
    order = parsed(a_line(1), type="step", step_trade_status="FRONT_PAID_FRONT_FORFEITED", step_paid_fee="20.00")
    assert order.state is OrderState.CANCELLED


def test_an_unknown_presale_step_stays_unpaid_and_alerts():
    order = parsed(a_line(1), type="step", step_trade_status="HALF_WAY")
    assert order.state is OrderState.UNPAID
    assert order.alerts == ("step_trade_status=HALF_WAY",)
