"""What an order's document becomes: states, lines, receiver, payments, alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.manifest import Account
from connectors.contract.records import Fulfiller, OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.medusa import Medusa
from tests.connectors.marketplaces.medusa.papers import (
    LAMP,
    NAME,
    ORDER,
    SHADE,
    a_fulfilment,
    a_method,
    a_payment,
    an_item,
    an_order,
    body,
)


def parsed(tree: dict[str, Any], **settings: str) -> OrderRecord:
    return Medusa(Account(settings, {"api_key": "sk_1"})).parse_order(body(tree))


def shipped(units: int) -> dict[str, int]:
    return {"fulfilled_quantity": units, "shipped_quantity": units}


def test_an_order_is_read_whole():
    order = parsed(an_order())
    assert (order.external_no, order.state, order.currency, order.paid_total) == (ORDER, OrderState.OPEN, "EUR", 5400)
    assert order.platform_status == "pending/captured/not_fulfilled"
    assert order.changed_at == datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert (order.buyer.external_id, order.buyer_message) == ("cus_1", "ring twice")
    assert (order.seller_memo, order.flag) == ("fragile", "green")
    lamp, freight = order.lines
    assert (lamp.external_no, lamp.listing_no, lamp.variant_no, lamp.seller_code) == (
        LAMP,
        "prod_1",
        "variant_1",
        "SKU-1",
    )
    assert (lamp.title, lamp.variant, lamp.units, lamp.kind) == ("Lamp", "White", 2, "goods")
    assert (freight.kind, freight.title, freight.paid_amount) == ("freight", "Standard", 600)
    assert not order.alerts


def test_the_receiver_is_plain_and_whole():
    receiver = parsed(an_order()).receiver
    assert (receiver.name, receiver.country, receiver.state, receiver.postcode) == (NAME, "DE", "de-be", "10115")
    assert receiver.address == "Kastanienallee 77, rear house, Lichthaus"
    assert receiver.email == "mira@example.com"
    assert not receiver.masked


def test_a_chinese_receiver_is_told_as_carriers_want_it():
    tree = an_order()
    tree["shipping_address"] |= {
        "first_name": "子涵", "last_name": "欧阳", "country_code": "cn", "province": "cn-zj", "city": "杭州市"
    }  # fmt: skip
    receiver = parsed(tree).receiver
    assert (receiver.name, receiver.state, receiver.city) == ("欧阳子涵", "浙江省", "杭州市")
    tree["shipping_address"]["province"] = "浙江省"
    assert parsed(tree).receiver.state == "浙江省"


def test_an_order_without_an_address_has_an_empty_receiver():
    assert parsed(an_order(shipping_address=None)).receiver.address == ""


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("completed", OrderState.COMPLETED),
        ("archived", OrderState.COMPLETED),
        ("canceled", OrderState.CANCELLED),
        ("draft", OrderState.UNPAID),
        ("requires_action", OrderState.UNPAID),
        ("pending", OrderState.OPEN),
    ],
)
def test_every_status_has_its_state(status: str, state: OrderState):
    order = parsed(an_order(status=status))
    assert order.state is state
    assert not order.alerts


@pytest.mark.parametrize(
    ("status", "ship_on", "state"),
    [
        ("not_paid", "authorized", OrderState.UNPAID),
        ("awaiting", "authorized", OrderState.UNPAID),
        ("canceled", "authorized", OrderState.UNPAID),
        ("requires_action", "authorized", OrderState.UNPAID),
        ("partially_authorized", "authorized", OrderState.UNPAID),
        ("authorized", "authorized", OrderState.OPEN),
        ("authorized", "captured", OrderState.UNPAID),
        ("partially_captured", "authorized", OrderState.OPEN),
        ("partially_captured", "captured", OrderState.UNPAID),
        ("captured", "captured", OrderState.OPEN),
        ("partially_refunded", "captured", OrderState.OPEN),
        ("refunded", "captured", OrderState.OPEN),
    ],
)
def test_the_shop_chooses_from_which_payment_on_it_ships(status: str, ship_on: str, state: OrderState):
    assert parsed(an_order(payment_status=status), ship_on=ship_on).state is state


def test_what_costs_nothing_needs_no_payment():
    free = an_order(an_item(unit_price=0), shipping_methods=[], payments=[], payment_status="not_paid")
    order = parsed(free)
    assert (order.state, order.paid_total, order.payments) == (OrderState.OPEN, 0, ())


def test_quantities_tell_what_has_left_and_not_the_computed_status():
    part = an_order(an_item(detail=shipped(1)), fulfillment_status="shipped")
    order = parsed(part)
    assert (order.state, order.lines[0].state) == (OrderState.PART_SHIPPED, OrderState.PART_SHIPPED)
    whole = parsed(an_order(an_item(detail=shipped(2)), fulfillment_status="partially_shipped"))
    assert (whole.state, whole.lines[0].state) == (OrderState.SHIPPED, OrderState.SHIPPED)


def test_goods_without_a_parcel_have_left_once_they_are_fulfilled():
    download = an_item(SHADE, requires_shipping=False, detail={"fulfilled_quantity": 2})
    order = parsed(an_order(an_item(detail=shipped(2)), download))
    assert order.state is OrderState.SHIPPED
    assert [line.kind for line in order.lines] == ["goods", "service", "freight"]


def test_lines_come_in_order_of_their_numbers_whatever_the_store_does():
    items = [an_item(SHADE), an_item(LAMP)]
    assert [line.external_no for line in parsed(an_order(*items)).lines][:2] == [LAMP, SHADE]


def test_a_line_taken_out_of_the_order_is_gone():
    assert [line.external_no for line in parsed(an_order(an_item(), an_item(SHADE, quantity=0))).lines][:1] == [LAMP]


def test_waybills_come_from_shipments_that_stand():
    fulfilments = [
        a_fulfilment("ful_1", {LAMP: 2}, "LOST", canceled_at="2026-03-02T01:00:00Z"),
        a_fulfilment("ful_2", {LAMP: 1}),
        a_fulfilment("ful_3", {LAMP: 1}, "T1", metadata={"carrier": "ZTO"}),
    ]
    line = parsed(an_order(an_item(detail=shipped(1)), fulfillments=fulfilments)).lines[0]
    assert (line.waybill_no, line.shipped_at, line.carrier) == ("T1", datetime(2026, 3, 2, 1, tzinfo=UTC), "ZTO")


@pytest.mark.parametrize(
    ("detail", "refund"),
    [
        ({"return_requested_quantity": 1}, RefundState.NONE),
        ({"return_requested_quantity": 2}, RefundState.AGREED),
        ({"return_requested_quantity": 1, "return_received_quantity": 1}, RefundState.AGREED),
        ({"return_received_quantity": 1, "return_dismissed_quantity": 1}, RefundState.RETURNED),
    ],
)
def test_a_line_says_refund_only_when_all_of_it_comes_back(detail: dict[str, int], refund: RefundState):
    assert parsed(an_order(an_item(detail=detail))).lines[0].refund is refund


def test_an_order_paid_back_whole_says_so_on_every_line():
    lines = parsed(an_order(payment_status="refunded")).lines
    assert lines[0].refund is RefundState.SUCCEEDED


def test_an_unknown_status_holds_the_order_and_raises_an_alert():
    order = parsed(an_order(status="frozen", payment_status="pawned", fulfillment_status="lost"))
    assert order.platform_holds == ("unknown_status", "unknown_payment_status")
    assert order.alerts == ("status=frozen", "fulfillment_status=lost", "payment_status=pawned")
    assert order.state is OrderState.UNPAID


def test_a_capture_moves_the_change_stamp_although_the_order_s_own_stays():
    later = a_payment(updated_at="2026-03-02T03:30:00.000Z")
    assert parsed(an_order(payments=[later])).changed_at == datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


def test_payments_tell_what_is_promised_taken_and_still_due():
    authorised = a_payment(captured_at=None, captures=[], amount=30)
    order = parsed(an_order(payments=[authorised], payment_status="authorized"))
    assert [(p.amount, p.paid_at is not None) for p in order.payments] == [(3000, True), (2400, False)]
    strict = parsed(an_order(payments=[authorised], payment_status="authorized"), ship_on="captured")
    assert [p.paid_at for p in strict.payments] == [None, None]


def test_a_cancelled_payment_pays_nothing():
    order = parsed(an_order(payments=[a_payment(canceled_at="2026-03-02T00:00:00Z")], payment_status="canceled"))
    assert (order.payments, order.paid_at) == ((), None)


def test_credit_pays_but_credit_for_a_refund_does_not():
    gift = {"id": "cl_1", "amount": 14, "reference": "gift-card", "created_at": "2026-03-01T08:00:00Z"}
    refund = {"id": "cl_2", "amount": 5, "reference": "payment_collection"}
    paid = a_payment(amount=40, captures=[{"amount": 40}])
    order = parsed(an_order(payments=[paid], credit_lines=[gift, refund]))
    assert [(p.reference, p.amount) for p in order.payments] == [("pay_01", 4000), ("cl_1", 1400)]


def test_cash_on_delivery_ships_unpaid():
    cash = a_payment(provider_id="pp_cash", captured_at=None, captures=[])
    order = parsed(
        an_order(payments=[cash], payment_status="authorized"), cod_providers="pp_other, pp_cash", ship_on="captured"
    )
    assert (order.is_cod, order.state, order.paid_at) == (True, OrderState.OPEN, None)
    assert [(p.kind, p.amount) for p in order.payments] == [(PaymentKind.COD, 5400)]


def test_orders_that_others_ship_are_theirs():
    order = parsed(an_order(), other_shipping_options="so_9,so_1")
    assert order.lines[0].fulfiller is Fulfiller.PLATFORM
    assert parsed(an_order()).lines[0].fulfiller is Fulfiller.US


def test_the_way_back_of_goods_is_no_part_of_the_order_s_money():
    back = a_method(id="ordsm_02", name="Return", detail={"return_id": "return_1"})
    order = parsed(an_order(shipping_methods=[back, a_method()]))
    assert ([line.kind for line in order.lines], order.paid_total) == (["goods", "freight"], 5400)


def test_an_unknown_flag_is_an_alert():
    assert parsed(an_order(metadata={"oms_flag": "pink"})).alerts == ("flag=pink",)
