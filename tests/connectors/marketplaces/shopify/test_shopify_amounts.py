"""Money of Shopify's orders: discounts, tax in and out, shipping, tips, duties, two currencies, edits, rounding."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.records import Funder, OrderRecord
from connectors.marketplaces.shopify import Shopify
from tests.connectors.contract_kit import explained
from tests.connectors.marketplaces.shopify.papers import (
    a_discount,
    a_line,
    a_payment,
    a_tax,
    a_way,
    an_order,
    bag,
    nodes,
    order_body,
    refunded,
)


def parsed(*lines: dict[str, Any], **changes: Any) -> OrderRecord:
    order = Shopify(Account({"shop": "lamps"}, {})).parse_order(order_body(an_order(*lines, **changes)))
    assert all(explained(line) == line.paid_amount for line in order.lines)
    assert sum(line.paid_amount for line in order.lines) == order.paid_total
    return order


def test_codes_are_counted_by_their_allocations():
    order = parsed(
        a_line(1, discountAllocations=[a_discount("8.00"), a_discount("2.00", 1)]),
        a_line(2, discountAllocations=[a_discount("8.00")]),
        discountApplications=nodes(
            {"__typename": "DiscountCodeApplication", "index": 0, "targetSelection": "ALL", "code": "SPRING"},
            {"__typename": "AutomaticDiscountApplication", "index": 1, "targetSelection": "ENTITLED", "title": "Pair"},
        ),
    )
    assert [line.discount_merchant for line in order.lines] == [1000, 800]
    assert [(p.funder, p.amount, p.promotion_no, p.name) for p in order.promotions] == [
        (Funder.MERCHANT, 1600, "SPRING", "SPRING"),
        (Funder.MERCHANT, 200, "", "Pair"),
    ]


def test_tax_is_added_where_prices_are_without_it():
    line = parsed(a_line(1, taxLines=[a_tax("16.00"), a_tax("4.00")])).lines[0]
    assert (line.list_amount, line.tax_amount, line.tax_included, line.paid_amount) == (8000, 2000, False, 10000)


def test_tax_is_told_but_not_added_where_prices_hold_it():
    line = parsed(a_line(1, taxLines=[a_tax("16.00")]), taxesIncluded=True).lines[0]
    assert (line.tax_amount, line.tax_included, line.paid_amount) == (1600, True, 8000)


def test_shipping_is_a_line_of_its_own_with_its_discount_and_tax():
    way = a_way(
        "9.00", discountedPriceSet=bag("5.00"), discountAllocations=[a_discount("4.00")], taxLines=[a_tax("1.00")]
    )
    line = parsed(a_line(1), ways=(way,)).lines[1]
    assert (line.kind, line.list_amount, line.discount_merchant, line.paid_amount) == ("freight", 900, 400, 600)


def test_shipping_that_costs_nothing_is_no_line():
    assert len(parsed(a_line(1), ways=(a_way("0.00"),)).lines) == 1


def test_a_tip_beside_the_lines_is_a_line():
    order = parsed(a_line(1), total="85.00", totalTipReceivedSet=bag("5.00"))
    assert [(line.kind, line.paid_amount) for line in order.lines] == [("goods", 8000), ("tip", 500)]


def test_a_tip_among_the_lines_is_not_counted_twice():
    tip = a_line(
        2, quantity=1, originalTotalSet=bag("5.00"), requiresShipping=False, variant=None, product=None, sku=None
    )
    order = parsed(a_line(1), tip, totalTipReceivedSet=bag("5.00"))
    assert [line.kind for line in order.lines] == ["goods", "tip"]


def test_duties_are_a_fee():
    order = parsed(a_line(1, duties=[{"id": "d", "price": bag("7.50")}]), total="87.50")
    assert [(line.external_no, line.kind, line.paid_amount) for line in order.lines[1:]] == [("duties", "fee", 750)]


def test_a_charge_nobody_names_is_a_fee_with_an_alert():
    order = parsed(a_line(1), total="95.00")
    assert [(line.kind, line.paid_amount) for line in order.lines[1:]] == [("fee", 1500)]
    assert order.alerts == ("charges that are not named in the order",)


def test_tax_a_channel_pays_itself_may_be_missing_from_the_total():
    order = parsed(a_line(1, taxLines=[a_tax("16.00", channelLiable=True)]), total="80.00")
    assert (order.lines[0].tax_amount, order.paid_total) == (0, 8000)


def test_units_an_edit_took_away_may_be_missing_from_the_total():
    order = parsed(a_line(1, currentQuantity=0), a_line(2, quantity=3, currentQuantity=2), total="80.00")
    assert [(line.list_amount, line.paid_amount) for line in order.lines] == [(0, 0), (8000, 8000)]


def test_refunded_units_stay_in_the_total():
    order = parsed(a_line(1, currentQuantity=1), refunds=[refunded((1, 1, "CANCEL"))])
    assert (order.lines[0].list_amount, order.paid_total) == (8000, 8000)


@pytest.mark.parametrize(("total", "paid"), [("79.97", 7997), ("80.03", 8003)])
def test_cents_lost_between_currencies_do_not_stop_an_order(total: str, paid: int):
    order = parsed(a_line(1), total=total)
    assert (order.paid_total, order.alerts) == (paid, ())


def test_a_total_that_is_too_low_is_refused():
    with pytest.raises(BadRecord) as caught:
        parsed(a_line(1), total="70.00")
    assert caught.value.field == "totalPriceSet"


def test_both_currencies_are_kept_and_lines_are_in_the_shop_s():
    order = parsed(
        a_line(1, originalTotalSet=bag("80.00", shown="12800", shown_in="JPY")),
        totalPriceSet=bag("80.00", shown="12800", shown_in="JPY"),
        presentmentCurrencyCode="JPY",
    )
    assert (order.currency, order.paid_total) == ("EUR", 8000)
    assert (order.presentment_currency, order.presentment_total) == ("JPY", 12800)


def test_a_currency_without_cents_counts_whole_units():
    line = a_line(1, originalTotalSet=bag("8000.0", "JPY"))
    order = parsed(
        line,
        currencyCode="JPY",
        totalPriceSet=bag("8000.0", "JPY"),
        totalTipReceivedSet=bag("0.0", "JPY"),
        transactions=[a_payment("0", amountSet=bag("8000", "JPY"))],
    )
    assert (order.paid_total, order.payments[0].amount) == (8000, 8000)


def test_a_line_made_free_for_itself_is_a_gift_and_a_free_order_is_not():
    free = a_line(2, discountAllocations=[a_discount("80.00")])
    chosen = {"__typename": "AutomaticDiscountApplication", "index": 0, "targetSelection": "ENTITLED", "title": "Gift"}
    assert [x.is_gift for x in parsed(a_line(1), free, discountApplications=nodes(chosen)).lines] == [False, True]
    everyone = nodes(chosen | {"targetSelection": "ALL"})
    assert [x.is_gift for x in parsed(a_line(1), free, discountApplications=everyone).lines] == [False, False]


def test_an_overpaid_order_tells_one_payment_of_its_total():
    order = parsed(a_line(1), transactions=[a_payment("50.00"), a_payment("50.00")])
    assert [part.amount for part in order.payments] == [8000]


def test_a_free_order_needs_no_payment():
    free = a_line(1, discountAllocations=[a_discount("80.00")])
    order = parsed(free, transactions=[])
    assert (order.paid_total, order.payments) == (0, ())
