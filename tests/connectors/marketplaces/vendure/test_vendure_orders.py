"""What Vendure's order documents become: states, lines, money, payments, notes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.vendure.orders import Customs, order_of
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.vendure.papers import (
    NAME,
    ORDER,
    PHONE,
    REFUND,
    STREET,
    a_line,
    a_parcel,
    a_payment,
    a_refund,
    a_way,
    an_order,
    notes,
)
from tests.connectors.marketplaces.vendure.stage import Stage

CUSTOMS = Customs(digits=2, ship_authorised=True, paid_states=frozenset({"Wrapped"}), cod_methods=frozenset({"cod"}))


def read(order: dict[str, Any], **customs: Any) -> OrderRecord:
    record = order_of(order, CUSTOMS._replace(**customs))
    assert all(explained(line) == line.paid_amount for line in record.lines)
    assert sum(line.paid_amount for line in record.lines) == record.paid_total
    return record


@pytest.mark.parametrize(
    ("word", "state", "holds"),
    [
        ("Created", OrderState.UNPAID, ()),
        ("Draft", OrderState.UNPAID, ("draft",)),
        ("AddingItems", OrderState.UNPAID, ()),
        ("ArrangingPayment", OrderState.UNPAID, ()),
        ("PaymentAuthorized", OrderState.OPEN, ()),
        ("PaymentSettled", OrderState.OPEN, ()),
        ("Modifying", OrderState.OPEN, ("modifying",)),
        ("ArrangingAdditionalPayment", OrderState.OPEN, ("awaits_payment",)),
        ("Cancelled", OrderState.CANCELLED, ()),
        ("Wrapped", OrderState.OPEN, ()),
        ("Ascended", OrderState.OPEN, ("unknown_status",)),
    ],
)
def test_every_state_of_an_order_without_parcels(word: str, state: OrderState, holds: tuple[str, ...]):
    order = read(an_order(state=word))
    assert (order.state, order.platform_holds) == (state, holds)
    assert bool(order.alerts) == (word == "Ascended")


@pytest.mark.parametrize(
    ("word", "parcels", "state", "lines"),
    [
        ("PartiallyShipped", ((1, 2), (2, 1)), OrderState.PART_SHIPPED, (OrderState.SHIPPED, OrderState.PART_SHIPPED)),
        ("PartiallyDelivered", ((1, 2),), OrderState.PART_SHIPPED, (OrderState.SHIPPED, OrderState.OPEN)),
        ("Shipped", ((1, 2), (2, 2)), OrderState.SHIPPED, (OrderState.SHIPPED, OrderState.SHIPPED)),
        ("Delivered", ((1, 2), (2, 2)), OrderState.COMPLETED, (OrderState.COMPLETED, OrderState.COMPLETED)),
    ],
)
def test_parcels_tell_how_far_lines_and_order_are(
    word: str, parcels: tuple[tuple[int, int], ...], state: OrderState, lines: tuple[OrderState, ...]
):
    order = read(an_order(state=word, fulfillments=[a_parcel(*parcels)]))
    assert order.state is state
    assert tuple(line.state for line in order.lines) == lines
    assert (order.lines[0].waybill_no, order.lines[0].carrier) == ("SF100", "SF")
    assert order.lines[0].shipped_at is not None


@pytest.mark.parametrize("word", ["Created", "Pending", "Cancelled"])
def test_a_parcel_that_did_not_leave_does_not_count(word: str):
    assert read(an_order(fulfillments=[a_parcel((1, 2), state=word)])).state is OrderState.OPEN


def test_unknown_words_of_parts_are_alerts():
    payment = a_payment(16000, a_refund(state="Odd"), state="Odd")
    order = read(an_order(payments=[payment], fulfillments=[a_parcel((1, 1), state="Odd")]))
    assert order.alerts == ("fulfillments.state=Odd", "refunds.state=Odd", "payments.state=Odd")


def test_an_unknown_state_that_is_not_paid_waits():
    assert read(an_order(state="Ascended", payments=[])).state is OrderState.UNPAID
    assert read(an_order(state="PaymentAuthorized"), ship_authorised=False).state is OrderState.UNPAID


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({}, OrderState.UNPAID),
        ({"ship_authorised": ""}, OrderState.UNPAID),
        ({"ship_authorised": "no"}, OrderState.UNPAID),
        ({"ship_authorised": "yes"}, OrderState.OPEN),
        ({"cod_methods": "cod"}, OrderState.OPEN),
    ],
)
def test_what_is_authorised_alone_ships_only_where_the_account_says_so(settings: dict[str, str], state: OrderState):
    waiting = an_order(state="PaymentAuthorized", payments=[a_payment(16000, method="cod", state="Authorized")])
    with Stage(**settings) as stage:
        assert stage.vendure.parse_order(orjson.dumps({"order": waiting})).state is state


def test_what_is_authorised_waits_for_its_money_and_goes_on_once_it_is_settled():
    held = read(
        an_order(state="PaymentAuthorized", payments=[a_payment(16000, state="Authorized")]), ship_authorised=False
    )
    assert (held.state, held.paid_at) == (OrderState.UNPAID, None)
    settled = read(an_order(state="PaymentSettled", payments=[a_payment(16000)]), ship_authorised=False)
    assert settled.state is OrderState.OPEN
    assert settled.paid_at is not None


def test_units_cancelled_later_were_paid_all_the_same():
    part = a_line(1, quantity=1, orderPlacedQuantity=2)
    gone = a_line(2, quantity=0, orderPlacedQuantity=2)
    order = read(an_order(part, gone, payments=[a_payment(16000)]))
    assert order.paid_total == 16000
    assert [(line.units, line.paid_amount, line.tax_amount) for line in order.lines] == [(1, 8000, 1600), (2, 8000, 1600)]
    assert [line.state for line in order.lines] == [OrderState.OPEN, OrderState.CANCELLED]
    assert read(an_order(gone)).state is OrderState.CANCELLED


def test_what_was_paid_stands_although_prices_of_units_are_rounded():
    """As a real server tells it: 10 % off, two of seven units cancelled later; and all cancelled with the shipping."""
    two = a_line(1, quantity=3, linePriceWithTax=7136, proratedLinePriceWithTax=6424, proratedLinePrice=5398)
    seven = a_line(2, quantity=5, orderPlacedQuantity=7, linePriceWithTax=2980, proratedUnitPriceWithTax=537)
    seven |= {"proratedLinePriceWithTax": 2683, "proratedLinePrice": 2255}
    order = read(an_order(two, seven, ways=(a_way(500),), payments=[a_payment(10680)]))
    assert [line.paid_amount for line in order.lines] == [6424, 3756, 500]
    assert [part.amount for part in order.payments] == [order.paid_total] == [10680]
    gone = a_line(1, quantity=0, orderPlacedQuantity=3, unitPriceWithTax=596, proratedUnitPriceWithTax=596)
    off = {"adjustmentSource": "CANCEL_ORDER", "type": "OTHER", "amount": -420, "amountWithTax": -500}
    way = a_way(0, priceWithTax=500, discounts=[off])
    order = read(an_order(gone, ways=(way,), state="Cancelled", discounts=[off], payments=[a_payment(2289)]))
    assert [line.paid_amount for line in order.lines] == [1789, 500]
    assert (order.promotions, order.payments[0].amount, order.paid_total) == ((), 2289, 2289)


def test_an_order_made_smaller_and_paid_back_owes_nothing():
    less = a_line(1, quantity=1, orderPlacedQuantity=2, linePriceWithTax=2379, proratedLinePriceWithTax=2260)
    payment = a_payment(4282, a_refund(total=2022))
    order = read(an_order(less | {"proratedLinePrice": 1899}, payments=[payment]))
    assert (order.lines[0].paid_amount, order.paid_total, len(order.payments)) == (4282, 4282, 1)


def test_units_cancelled_after_they_had_left_count_as_shipped():
    back = a_line(1, quantity=0, orderPlacedQuantity=2)
    order = read(an_order(back, state="Cancelled", fulfillments=[a_parcel((1, 2))]))
    assert (order.lines[0].units, order.lines[0].state) == (2, OrderState.SHIPPED)


def test_discounts_of_line_and_order_are_in_the_prorated_price():
    line = a_line(1, proratedLinePriceWithTax=7200, proratedLinePrice=5760)
    told = {"adjustmentSource": "PROMOTION:3", "type": "PROMOTION", "description": "10%", "amountWithTax": -800}
    order = read(an_order(line, discounts=[told]))
    first = order.lines[0]
    assert (first.list_amount, first.discount_merchant, first.paid_amount, first.tax_amount) == (8000, 800, 7200, 1440)
    assert [(promotion.amount, promotion.promotion_no) for promotion in order.promotions] == [(800, "PROMOTION:3")]


def test_a_line_given_away_is_a_gift():
    gift = a_line(2, proratedLinePriceWithTax=0, proratedLinePrice=0)
    assert [line.is_gift for line in read(an_order(a_line(1), gift)).lines] == [False, True]


def test_shipping_and_surcharges_are_lines_of_their_own():
    wrap = {"id": "5", "description": "Wrap", "priceWithTax": 250, "price": 200}
    order = read(an_order(ways=(a_way(600, priceWithTax=900), a_way(0, id="72")), surcharges=[wrap], total=16850))
    assert [(line.external_no, line.kind, line.list_amount, line.paid_amount) for line in order.lines[2:]] == [
        ("shipping-71", "freight", 900, 600),
        ("charge-5", "fee", 250, 250),
    ]


def test_a_surcharge_that_takes_off_is_shared_out():
    off = {"id": "5", "description": "Regular", "priceWithTax": -1001, "price": -800}
    order = read(an_order(ways=(a_way(1000),), surcharges=[off], total=15999))
    assert sum(line.paid_amount for line in order.lines) == 15999
    assert order.lines[2].discount_merchant == 58
    both = read(an_order(a_line(1, quantity=1, orderPlacedQuantity=2), surcharges=[off], payments=[]))
    assert both.paid_total == 6999


def test_what_does_not_add_up():
    with pytest.raises(BadRecord) as caught:
        read(an_order(total=10000))
    assert caught.value.field == "totalWithTax"
    assert read(an_order(total=15997)).paid_total == 15997
    extra = read(an_order(total=16500))
    assert (extra.lines[-1].kind, extra.lines[-1].paid_amount) == ("fee", 500)
    assert extra.alerts == ("charges that are not named in the order",)


@pytest.mark.parametrize(("currency", "digits", "paid"), [("JPY", 2, 160), ("JPY", 0, 16000), ("KWD", 2, 160000)])
def test_the_platform_counts_all_currencies_in_the_same_digits(currency: str, digits: int, paid: int):
    assert read(an_order(currencyCode=currency), digits=digits).paid_total == paid


def test_payments_in_parts_and_what_is_due():
    parts = [a_payment(6000), a_payment(4000, id="82", transactionId=None), a_payment(6000, state="Authorized")]
    order = read(an_order(state="ArrangingAdditionalPayment", payments=parts))
    assert [(part.kind, part.amount, part.reference) for part in order.payments] == [
        (PaymentKind.ONLINE, 6000, "pi_1"),
        (PaymentKind.ONLINE, 4000, "82"),
        (PaymentKind.BALANCE, 6000, ""),
    ]
    more = read(an_order(payments=[a_payment(9000), a_payment(9000)]))
    assert [part.amount for part in more.payments] == [16000]


def test_cash_on_delivery_ships_and_is_due():
    cash = a_payment(16000, method="cod", state="Authorized")
    order = read(an_order(state="PaymentAuthorized", payments=[cash]), ship_authorised=False)
    assert (order.is_cod, order.state) == (True, OrderState.OPEN)
    assert [(part.kind, part.amount, part.paid_at) for part in order.payments] == [(PaymentKind.COD, 16000, None)]


def test_a_line_is_refunded_only_when_all_of_it_is_paid_back():
    part = read(an_order(payments=[a_payment(16000, a_refund((1, 1)))])).lines[0]
    assert (part.refund, part.case_no) == (RefundState.NONE, f"{ORDER}:{REFUND}")
    whole = read(an_order(payments=[a_payment(16000, a_refund((1, 2)))])).lines[0]
    assert whole.refund is RefundState.SUCCEEDED
    waits = read(an_order(payments=[a_payment(16000, a_refund((1, 2), state="Pending"))])).lines[0]
    assert waits.refund is RefundState.AGREED


def test_the_receiver_is_one_name_and_one_street():
    receiver = read(an_order()).receiver
    assert (receiver.name, receiver.phone, receiver.address) == (NAME, PHONE, STREET)
    assert (receiver.country, receiver.city, receiver.postcode) == ("NO", "Bergen", "5003")
    assert read(an_order(shippingAddress=None)).alerts == ("no receiver: the order has no shipping address",)


def test_notes_of_the_staff_are_the_memo_and_one_of_them_the_flag():
    order = read(an_order(history=notes("wrap it", "flag:red", "flag:blue", "call first")))
    assert (order.seller_memo, order.flag) == ("wrap it\ncall first", "blue")


def test_the_newest_stamp_of_the_order_and_its_parts_counts():
    order = read(an_order(fulfillments=[a_parcel((1, 1))]))
    assert order.changed_at.isoformat() == "2026-03-02T03:00:01+00:00"
    assert order.created_at.isoformat() == "2026-03-02T01:00:00+00:00"
