"""Parsing orders: states, money in its hard cases, receivers, holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import OrderRecord, OrderState, PaymentKind, PaymentRecord, RefundState
from connectors.marketplaces.woocommerce.orders import habits_of, parse_order
from tests.connectors.marketplaces.woocommerce.papers import (
    FIRST,
    LAST,
    MAIL,
    NO,
    PHONE,
    address,
    an_item,
    an_order,
    freight,
)

PAID_AT = datetime(2026, 3, 2, 3, 1, tzinfo=UTC)


def parsed(*items: dict[str, Any], settings: dict[str, str] | None = None, **changes: Any) -> OrderRecord:
    return parse_order(orjson.dumps(an_order(*items, **changes)), habits_of(settings or {}))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", OrderState.UNPAID),
        ("failed", OrderState.UNPAID),
        ("checkout-draft", OrderState.UNPAID),
        ("processing", OrderState.OPEN),
        ("completed", OrderState.COMPLETED),
        ("cancelled", OrderState.CANCELLED),
        ("refunded", OrderState.CANCELLED),
        ("trash", OrderState.CANCELLED),
        ("partial-shipped", OrderState.PART_SHIPPED),
        ("shipped", OrderState.SHIPPED),
    ],
)
def test_every_status_has_its_state(status: str, state: OrderState):
    order = parsed(status=status)
    assert order.state is state
    assert {line.state for line in order.lines} == {state}
    assert not order.alerts
    assert not order.platform_holds


def test_waiting_for_a_transfer_is_unpaid_and_paid_but_on_hold_is_held():
    assert parsed(status="on-hold", date_paid_gmt=None).state is OrderState.UNPAID
    paid = parsed(status="on-hold")
    assert (paid.state, paid.platform_holds) == (OrderState.OPEN, ("on-hold",))


def test_a_status_nobody_knows_holds_a_paid_order_and_alerts():
    order = parsed(status="awaiting-stars")
    assert order.state is OrderState.OPEN
    assert order.platform_holds == ("unknown_status",)
    assert order.alerts == ("status=awaiting-stars",)
    assert parsed(status="awaiting-stars", date_paid_gmt=None).state is OrderState.UNPAID


def test_a_shop_s_own_statuses_are_told_by_its_account():
    order = parsed(status="packed", settings={"statuses": "wc-packed=open, sent = shipped,nonsense"})
    assert order.state is OrderState.OPEN
    assert not order.alerts


def test_a_line_says_everything():
    order = parsed()
    (line,) = order.lines
    assert (line.external_no, line.listing_no, line.variant_no, line.seller_code) == ("901", "71", "81", "MUG-1")
    assert (line.title, line.variant, line.units) == ("Mug – Red", "Colour: Red", 2)
    assert (line.list_amount, line.tax_amount, line.tax_included, line.paid_amount) == (3000, 630, False, 3630)
    assert order.external_no == NO
    assert order.buyer_message == "Ring twice"
    assert order.changed_at == datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


def test_a_product_without_variants_or_gone_from_the_shop():
    (line,) = parsed(an_item(variation_id=0, product_id=0, sku=None)).lines
    assert (line.listing_no, line.variant_no, line.seller_code) == ("", "", "")


def test_coupons_are_the_seller_s_discount_and_stand_by_name():
    order = parsed(
        an_item(total="26.00", total_tax="5.46"),
        coupon_lines=[{"id": 960, "code": "spring", "discount": "4.00", "discount_tax": "0.84"}],
    )
    assert (order.lines[0].list_amount, order.lines[0].discount_merchant, order.lines[0].paid_amount) == (3000, 400, 3146)
    assert [(p.name, p.amount) for p in order.promotions] == [("spring", 400)]


def test_a_price_raised_by_hand_is_the_list_price():
    (line,) = parsed(an_item(total="33.00", total_tax="6.93")).lines
    assert (line.list_amount, line.discount_merchant, line.paid_amount) == (3300, 0, 3993)


def test_freight_and_fees_are_lines_and_free_freight_is_none():
    order = parsed(
        shipping_lines=[freight(), freight("0.00", "0.00", id=951)],
        fee_lines=[{"id": 970, "name": "Wallet", "total": "-5.00", "total_tax": "-1.05"}],
    )
    assert [(line.external_no, line.kind, line.paid_amount) for line in order.lines[1:]] == [
        ("950", "freight", 605),
        ("970", "fee", -605),
    ]
    assert order.lines[1].title == "Parcel & post"
    assert order.paid_total == 3630


@pytest.mark.parametrize("total", ["36.29", "36.31", "36.28", "36.32"])
def test_a_difference_of_rounding_goes_into_the_tax(total: str):
    order = parsed(total=total)
    assert order.lines[0].paid_amount == order.paid_total
    assert order.lines[0].list_amount == 3000


def test_a_difference_of_rounding_without_tax_goes_into_the_price():
    order = parsed(an_item(total_tax="0.00"), an_item(2, total="9.99", subtotal="9.99", total_tax="0.00"), total="40.00")
    assert [(line.list_amount, line.tax_amount) for line in order.lines] == [(3001, 0), (999, 0)]


def test_more_than_rounding_is_a_bad_record():
    with pytest.raises(BadRecord, match="630 minor units"):
        parsed(total="30.00")


def test_gift_cards_are_a_payment_of_their_own():
    order = parsed(total="16.30", gift_cards=[{"id": 5, "code": "g", "amount": 20}])
    assert order.paid_total == 3630
    assert [(p.kind, p.amount) for p in order.payments] == [(PaymentKind.STORE, 2000), (PaymentKind.ONLINE, 1630)]


def test_more_decimals_than_the_currency_has_are_rounded():
    order = parsed(an_item(subtotal="29.9950", total="29.9950", total_tax="6.2990"), total="36.2940")
    assert order.paid_total == 3629
    assert sum(line.paid_amount for line in order.lines) == 3629


def test_a_currency_without_a_minor_unit():
    order = parsed(an_item(subtotal="1200", total="1200", total_tax="120.00"), currency="JPY", total="1320.00")
    assert (order.paid_total, order.lines[0].tax_amount) == (1320, 120)


def test_an_order_is_paid_online_or_in_cash():
    assert parsed().payments == (PaymentRecord(PaymentKind.ONLINE, 3630, PAID_AT, "pi_1"),)
    cash = parsed(payment_method="cod", date_paid_gmt=None, transaction_id="")
    assert cash.is_cod
    assert cash.state is OrderState.OPEN
    assert cash.payments == (PaymentRecord(PaymentKind.COD, 3630),)
    assert parsed(payment_method="doorpay", settings={"cod_methods": "cod, doorpay"}).is_cod


def test_a_receiver_is_taken_as_it_is():
    to = parsed(shipping=address(company="Blue BV", address_2="2nd floor", phone="")).receiver
    assert to.name == f"{FIRST} {LAST}"
    assert to.address == "Blue BV, Appelgaarde 12, 2nd floor"
    assert (to.phone, to.city, to.postcode, to.country) == (PHONE, "Utrecht", "3511 AB", "NL")
    assert to.email == MAIL
    assert not to.masked


def test_provinces_of_china_have_their_names():
    assert parsed(shipping=address(country="CN", state="CN2")).receiver.state == "北京市"
    assert parsed(shipping=address(country="CN", state="CN32")).receiver.state == "新疆维吾尔自治区"
    assert parsed(shipping=address(country="US", state="CA")).receiver.state == "CA"


def test_an_empty_shipping_address_means_the_billing_address():
    assert parsed(shipping=[]).receiver.name == f"{FIRST} {LAST}"


def test_a_guest_is_known_by_a_digest_and_a_customer_by_number():
    guest = parsed().buyer
    assert guest == parsed(billing=address(email=MAIL.upper())).buyer
    assert guest.external_id.startswith("guest-")
    assert MAIL not in guest.external_id
    assert parsed(customer_id=12).buyer.external_id == "12"


def test_who_comes_to_the_shop_gets_no_parcel():
    collected = parsed(shipping_lines=[freight("0.00", "0.00", method_id="local_pickup")])
    assert collected.platform_holds == ()
    assert collected.delivery is not None
    assert (collected.delivery.mode, collected.delivery.leg) == ("store_pickup", "pickup")


def test_parts_of_a_bundle_leave_together():
    order = parsed(an_item(1, bundled_items=[902]), an_item(2, bundled_by=901), an_item(3))
    assert [line.bound_group for line in order.lines] == ["901", "901", ""]


def test_a_refunded_order_s_lines_are_refunded():
    assert {line.refund for line in parsed(status="refunded").lines} == {RefundState.SUCCEEDED}
    assert {line.refund for line in parsed().lines} == {RefundState.NONE}


def test_a_plugin_s_waybill_is_read_once_the_order_has_left():
    noted = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": [{"tracking_number": "3S1"}]}]
    assert parsed(meta_data=noted, status="completed").lines[0].waybill_no == "3S1"
    assert parsed(meta_data=noted).lines[0].waybill_no == ""


@pytest.mark.parametrize(
    ("told", "carrier"),
    [
        ({"tracking_provider": "ups"}, "UPS"),
        ({"tracking_provider": "", "custom_tracking_provider": "ZTO Express"}, "ZTO"),
        ({"tracking_provider": "correos"}, "correos"),
        ({}, ""),
    ],
)
def test_a_plugin_s_carrier_goes_by_the_hub_s_code(told: dict[str, str], carrier: str):
    noted = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": [{"tracking_number": "3S1", **told}]}]
    assert parsed(meta_data=noted, status="completed").lines[0].carrier == carrier
