"""Saleor's money: floats, discounts, shipping, gift cards, older releases, payments in parts."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import OrderRecord, PaymentKind
from connectors.marketplaces.saleor.orders import Customs, order_of
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.saleor.papers import a_line, a_payment, an_order, coin, gid, taxed

CUSTOMS = Customs(ship_authorised=True, our_warehouses=frozenset(), cod_names=frozenset())


def read(order: dict[str, Any]) -> OrderRecord:
    record = order_of(order, CUSTOMS)
    assert all(explained(line) == line.paid_amount for line in record.lines)
    assert sum(line.paid_amount for line in record.lines) == record.paid_total
    return record


def test_floats_are_read_as_the_amounts_they_are():
    price = taxed(1.1, 0.2)
    order = read(an_order(*(a_line(n, quantity=1, totalPrice=price) for n in (1, 2, 3)), total=3.3))
    assert [line.paid_amount for line in order.lines] == [110, 110, 110]
    assert order.paid_total == 330


def test_currencies_without_cents():
    yen = {"totalPrice": taxed(1200, 109, "JPY"), "undiscountedTotalPrice": taxed(1500, 0, "JPY")}
    order = read(
        an_order(
            a_line(1, **yen),
            total=1200,
            shippingPrice=taxed(0, 0, "JPY"),
            undiscountedShippingPrice=coin(0, "JPY"),
            totalCharged=coin(1200, "JPY"),
            totalRefunded=coin(0, "JPY"),
            transactions=[],
        )
        | {"total": taxed(1200, 0, "JPY")}
    )
    assert (order.currency, order.paid_total, order.lines[0].discount_merchant) == ("JPY", 1200, 300)


def test_the_part_of_a_discount_on_the_order_is_in_the_line():
    voucher = {"id": gid("OrderDiscount", 1), "type": "VOUCHER", "name": None, "total": coin(8.0)}
    order = read(an_order(a_line(1, totalPrice=taxed(72.0, 12.0)), discounts=[voucher], voucherCode="SPRING"))
    line = order.lines[0]
    assert (line.list_amount, line.discount_merchant, line.paid_amount, line.tax_amount) == (8000, 800, 7200, 1200)
    assert [(promotion.amount, promotion.name) for promotion in order.promotions] == [(800, "SPRING")]


def test_a_line_dearer_than_its_undiscounted_price_has_no_discount():
    line = read(an_order(a_line(1, undiscountedTotalPrice={"gross": {"amount": 64.0}}))).lines[0]
    assert (line.list_amount, line.discount_merchant) == (8000, 0)


@pytest.mark.parametrize(
    ("paid", "undiscounted", "listed"),
    [(9.0, 9.0, 900), (9.0, 7.5, 900), (0.0, 9.0, 900), (6.0, 9.0, 900)],
)
def test_shipping_is_a_line_with_its_discount(paid: float, undiscounted: float, listed: int):
    order = read(an_order(shipping=paid, undiscountedShippingPrice=coin(undiscounted)))
    freight = order.lines[-1]
    assert (freight.kind, freight.list_amount, freight.paid_amount) == ("freight", listed, round(paid * 100))
    assert freight.title == "Post"


def test_shipping_that_never_cost_anything_is_no_line():
    assert [line.kind for line in read(an_order()).lines] == ["goods", "goods"]


def test_a_gift_card_pays_and_discounts_nothing():
    order = read(an_order(total=100.0, giftCards=[{"id": "g"}]))
    assert order.paid_total == 16000
    assert [(part.amount, part.reference) for part in order.payments] == [(10000, "PSP-1"), (6000, "gift-card")]


def test_a_discount_that_lines_do_not_carry_is_shared_out():
    voucher = {"id": "d", "type": "VOUCHER", "name": "TEN", "total": coin(10.01)}
    small = a_line(2, quantity=1)
    order = read(an_order(a_line(1), small, shipping=5.0, total=114.99, discounts=[voucher]))
    assert [line.paid_amount for line in order.lines] == [7359, 3680, 460]
    assert order.lines[0].tax_amount < 1600


def test_a_total_lower_than_its_parts_without_a_reason_is_refused():
    with pytest.raises(BadRecord) as caught:
        read(an_order(total=100.0))
    assert caught.value.field == "total"
    assert read(an_order(total=159.97)).paid_total == 15997


def test_what_nothing_explains_is_a_charge_and_told():
    order = read(an_order(total=163.5))
    assert (order.lines[-1].kind, order.lines[-1].paid_amount) == ("fee", 350)
    assert order.alerts == ("charges that are not named in the order",)


def test_payments_in_parts_and_what_is_due():
    parts = [a_payment(60.0), a_payment(40.0, pspReference="PSP-2", refundedAmount=coin(10.0))]
    order = read(an_order(transactions=parts, chargeStatus="PARTIAL", authorizeStatus="NONE"))
    assert [(part.kind, part.amount) for part in order.payments] == [
        (PaymentKind.ONLINE, 6000),
        (PaymentKind.ONLINE, 5000),
        (PaymentKind.BALANCE, 5000),
    ]


def test_more_money_than_the_total_is_told_as_the_total():
    order = read(an_order(transactions=[a_payment(120.0), a_payment(60.0)], chargeStatus="OVERCHARGED"))
    assert [part.amount for part in order.payments] == [16000]


def test_money_of_the_older_payments_is_one_part():
    paid = {"type": "ORDER_FULLY_PAID", "date": "2026-03-02T01:05:00+00:00", "id": "1"}
    order = read(an_order(transactions=[], events=[paid]))
    assert [(part.amount, part.reference) for part in order.payments] == [(16000, "")]
    assert order.paid_at is not None
    assert order.paid_at.minute == 5


def test_taxes_finer_than_a_cent_are_rounded():
    price = taxed(80.0) | {"tax": {"amount": 13.335}}
    assert read(an_order(a_line(1, totalPrice=price))).lines[0].tax_amount == 1334
