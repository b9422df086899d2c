"""Parsing JD's order documents: states, holds, who ships, receivers, invoices, lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.records import Fulfiller, OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.jd.codes import ASKED_STATES, STATES
from connectors.marketplaces.jd.orders import parse_order
from tests.connectors.marketplaces.jd.papers import (
    CIPHERS,
    EASY_INVOICE,
    NAME,
    NO_TIME,
    ORDER_NO,
    PHONE,
    STREET,
    an_item,
    an_order,
    order_body,
    plain_person,
)


def parsed(*items: dict[str, Any], **changes: Any) -> OrderRecord:
    return parse_order(order_body(an_order(*items, **changes)))


@pytest.mark.parametrize(
    ("status", "state", "holds"),
    [
        ("WAIT_SELLER_STOCK_OUT", OrderState.OPEN, ()),
        ("WAIT_SELLER_DELIVERY", OrderState.OPEN, ()),
        ("WAIT_SEND_CODE", OrderState.OPEN, ()),
        ("PAUSE", OrderState.OPEN, ("PAUSE",)),
        ("POP_ORDER_PAUSE", OrderState.OPEN, ("POP_ORDER_PAUSE",)),
        ("LOCKED", OrderState.OPEN, ("LOCKED",)),
        ("WAIT_GOODS_RECEIVE_CONFIRM", OrderState.SHIPPED, ()),
        ("FINISHED_L", OrderState.COMPLETED, ()),
        ("TRADE_CANCELED", OrderState.CANCELLED, ()),
        ("SEND_TO_DISTRIBUTION_CENER", OrderState.SHIPPED, ()),
        ("DISTRIBUTION_CENTER_RECEIVED", OrderState.SHIPPED, ()),
        ("RECEIPTS_CONFIRM", OrderState.SHIPPED, ()),
    ],
)
def test_every_status_has_its_state_and_holds(status: str, state: OrderState, holds: tuple[str, ...]):
    order = parsed(orderState=status)
    assert (order.state, order.platform_holds, order.platform_status) == (state, holds, status)
    assert {line.state for line in order.lines} == {state}
    assert order.alerts == ()


def test_every_status_is_known_and_the_present_ones_are_asked_for():
    assert len(STATES) == 12
    assert len(ASKED_STATES.split(",")) == 9
    assert "RECEIPTS_CONFIRM" not in ASKED_STATES


def test_an_unknown_status_is_held_and_told():
    order = parsed(orderState="WAIT_FOR_GODOT")
    assert (order.state, order.platform_holds) == (OrderState.OPEN, ("unknown_status",))
    assert order.alerts == ("orderState=WAIT_FOR_GODOT",)


def test_a_locked_order_asks_its_money_back_until_it_is_unlocked():
    assert {line.refund for line in parsed(orderState="LOCKED").lines} == {RefundState.ASKED}
    assert {line.refund for line in parsed(orderState="WAIT_SELLER_STOCK_OUT").lines} == {RefundState.NONE}


def test_an_order_locked_after_it_left_stays_shipped():
    order = parsed(orderState="LOCKED", waybill="Z1", logisticsId="1499")
    assert order.state is OrderState.SHIPPED
    assert {(line.refund, line.waybill_no, line.carrier) for line in order.lines} == {(RefundState.NONE, "Z1", "ZTO")}


@pytest.mark.parametrize(("ids", "carrier"), [("467|1499", "SF|ZTO"), ("9999", "9999"), ("", "")])
def test_a_carrier_goes_by_the_hub_s_code_and_an_unknown_one_by_jd_s_number(ids: str, carrier: str):
    order = parsed(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill="Z1", logisticsId=ids)
    assert {line.carrier for line in order.lines} == {carrier}


@pytest.mark.parametrize("mark", [{"storeOrder": "京仓订单"}, {"storeOrder": "云仓订单"}, {"orderType": "21"}])
def test_what_jd_s_warehouses_ship_is_not_ours(mark: dict[str, str]):
    assert {line.fulfiller for line in parsed(**mark).lines} == {Fulfiller.PLATFORM}


@pytest.mark.parametrize("kind", ["22", "23", "25", ""])
def test_sop_lbp_and_sopl_orders_are_ours_to_ship(kind: str):
    order = parsed(orderType=kind)
    assert {line.fulfiller for line in order.lines} == {Fulfiller.US}
    assert order.alerts == ()


def test_a_local_service_has_no_goods_and_an_unknown_type_is_told():
    assert {line.kind for line in parsed(orderType="75").lines} == {"service"}
    assert parsed(orderType="99").alerts == ("orderType=99",)


def test_ciphertext_is_kept_as_tokens_and_never_as_a_name():
    person = parsed().receiver
    assert person.masked
    words = ("name", "phone", "telephone", "address")
    assert dict(person.tokens) == dict(zip(words, CIPHERS.values(), strict=True))
    assert (person.name, person.phone, person.telephone, person.address) == ("", "", "", "")
    assert (person.state, person.city, person.district, person.town) == ("浙江", "杭州市", "西湖区", "灵隐街道")


def test_a_plain_receiver_is_plain_and_stars_mask_it():
    person = parse_order(order_body(an_order(consigneeInfo=plain_person()), encrypted=False)).receiver
    assert (person.name, person.phone, person.address, person.masked) == (NAME, PHONE, STREET, False)
    starred = plain_person() | {"mobile": "139****8888"}
    person = parse_order(order_body(an_order(consigneeInfo=starred), encrypted=False)).receiver
    assert person.masked
    assert person.tokens == {}


def test_times_are_utc_and_the_platform_s_none_is_none():
    order = parsed(paymentConfirmTime=NO_TIME, payType="1", orderEndTime=NO_TIME)
    assert order.created_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert order.changed_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert order.ship_by == datetime(2026, 3, 4, 1, 1, tzinfo=UTC)
    assert order.paid_at is None
    assert parsed(scDT="尽快").ship_by is None


@pytest.mark.parametrize("pay_type", ["1", "1-货到付款", 1])
def test_cash_on_delivery_is_due_and_not_paid(pay_type: object):
    order = parsed(payType=pay_type, paymentConfirmTime=NO_TIME, shouldPay=None, actualPay="0.00", orderPayment="120.00")
    assert order.is_cod
    assert [(p.kind, p.amount, p.paid_at) for p in order.payments] == [(PaymentKind.COD, 12000, None)]


def test_an_order_paid_online_is_paid_even_without_the_time():
    order = parsed(paymentConfirmTime=NO_TIME)
    assert not order.is_cod
    assert order.paid_at == order.created_at
    assert order.payments[0].paid_at == order.created_at


def test_lines_are_named_by_order_and_sku_and_a_gift_of_the_same_sku_is_told_apart():
    order = parsed(an_item(1), an_item(1, jdPrice="0.00", itemTotal="1"), an_item(2))
    assert [line.external_no for line in order.lines] == [
        f"{ORDER_NO}-55001",
        f"{ORDER_NO}-55001-2",
        f"{ORDER_NO}-55002",
    ]
    assert [line.is_gift for line in order.lines] == [False, True, False]
    first = order.lines[0]
    assert (first.listing_no, first.variant_no, first.seller_code, first.units) == ("44001", "55001", "LAMP1", 2)


def test_a_seller_code_that_jd_leaves_out_is_empty_and_the_sku_stays():
    line = parsed(an_item(outerSkuId=None, wareId=None)).lines[0]
    assert (line.seller_code, line.listing_no, line.variant_no) == ("", "", "55001")


def test_buyer_memo_message_and_presale_are_read():
    order = parsed(venderRemark="老客户", orderMarkDesc="预售订单")
    assert (order.buyer.external_id, order.buyer.nick) == ("oOpenWu", "jd_w***u")
    assert (order.buyer_message, order.seller_memo, order.is_presale) == ("请轻放", "老客户", True)
    assert parsed(open_id_buyer=None).buyer.external_id == "jd_w***u"
    assert parsed(open_id_buyer=None, xid_buyer="oX").buyer.external_id == "oX"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"invoiceEasyInfo": EASY_INVOICE}, ("个人", "personal", "", "electronic")),
        ({"invoiceEasyInfo": EASY_INVOICE | {"invoiceType": "0"}}, None),
        (
            {"invoiceEasyInfo": {"invoiceType": "1", "invoiceTitle": "湖畔公司", "invoiceCode": "91X"}},
            ("湖畔公司", "company", "91X", "paper"),
        ),
        (
            {"invoiceEasyInfo": {"invoiceType": "2", "invoiceTitle": "湖畔公司"}, "vatInfo": {"vatNo": "91Y"}},
            ("湖畔公司", "special", "91Y", "paper"),
        ),
        ({"invoiceInfo": "不需要开具发票"}, None),
        (
            {"invoiceInfo": "发票类型:电子发票;发票抬头:湖畔公司;发票内容:明细;", "invoiceCode": "91Z"},
            ("湖畔公司", "company", "91Z", "electronic"),
        ),
    ],
)
def test_an_invoice_is_read_from_either_form(asked: dict[str, Any], expected: tuple[str, ...] | None):
    invoice = parsed(**asked).invoice
    assert (invoice and (invoice.title, invoice.kind, invoice.tax_no, invoice.medium)) == expected


def test_an_unknown_invoice_type_is_told():
    assert parsed(invoiceEasyInfo=EASY_INVOICE | {"invoiceType": "8"}).alerts == ("invoiceType=8",)
