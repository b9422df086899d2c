"""Money in its hard cases; the expected totals are those a store of version 2.21.2 gave for the same goods."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.marketplaces.medusa.amounts import Share, shares_of
from connectors.marketplaces.medusa.reading import spread
from tests.connectors.marketplaces.medusa.papers import SHADE, a_discount, a_method, an_item

VAT = [{"rate": 19}]
GERMAN = {"tax_lines": VAT}


def paid(shares: list[Share]) -> int:
    return sum(share.paid for share in shares)


def test_tax_is_added_to_net_prices():
    share = shares_of([an_item()], [], "EUR")[0]
    assert share == Share(4000, 0, 800, False, 4800, ())


def test_fractions_of_a_cent_are_settled_over_the_order():
    items = [
        an_item(unit_price=19.99, quantity=3, adjustments=[a_discount(5.997)], **GERMAN),
        an_item(SHADE, unit_price=12.5, quantity=1, adjustments=[a_discount(1.25)], **GERMAN),
    ]
    shares = shares_of(items, [a_method(amount=4.95, adjustments=[a_discount(2.475)], **GERMAN)], "EUR")
    assert paid(shares) == 8056  # the store says 80.56062
    assert [(share.listed, share.discount, share.tax) for share in shares[:2]] == [(5997, 600, 1026), (1250, 125, 214)]


def test_discounts_of_prices_with_tax_inside_are_net_unless_they_say_otherwise():
    lamp = {"unit_price": 19.99, "quantity": 3, "is_tax_inclusive": True, **GERMAN}
    shade = {"unit_price": 12.5, "quantity": 2, "is_tax_inclusive": True, **GERMAN}
    ten = [a_discount(5.039495798319328)], [a_discount(2.100840336134454)]
    net = shares_of([an_item(adjustments=ten[0], **lamp), an_item(SHADE, adjustments=ten[1], **shade)], [], "EUR")
    assert [(share.listed, share.discount, share.paid) for share in net] == [(5997, 600, 5397), (2500, 250, 2250)]
    gross = (
        [a_discount(4.940449570436624, is_tax_inclusive=True)],
        [a_discount(2.0595504295633753, is_tax_inclusive=True)],
    )
    inside = shares_of([an_item(adjustments=gross[0], **lamp), an_item(SHADE, adjustments=gross[1], **shade)], [], "EUR")
    assert (paid(inside), sum(share.discount for share in inside)) == (7797, 700)
    assert all(share.tax_included for share in inside)


def test_what_came_back_does_not_make_the_order_cheaper():
    whole = shares_of([an_item()], [], "EUR")
    assert shares_of([an_item(detail={"return_received_quantity": 1}, total=24, subtotal=20)], [], "EUR") == whole


def test_a_price_given_away_whole_leaves_nothing_to_pay():
    free = an_item(unit_price=9.99, quantity=1, is_tax_inclusive=True, adjustments=[a_discount(9.99 / 1.19)], **GERMAN)
    share = shares_of([free], [], "EUR")[0]
    assert (share.listed, share.discount, share.paid) == (999, 999, 0)


@pytest.mark.parametrize(("currency", "listed"), [("JPY", 4000), ("EUR", 400000), ("KWD", 4000000)])
def test_minor_units_follow_the_currency(currency: str, listed: int):
    assert shares_of([an_item(unit_price=2000, tax_lines=[])], [], currency)[0].listed == listed


def test_several_taxes_add_up():
    taxed = an_item(tax_lines=[{"rate": 5}, {"rate": 9.975}])
    assert shares_of([taxed], [], "CAD")[0].tax == 599


def test_each_promotion_is_named_with_its_share():
    item = an_item(adjustments=[a_discount(1.005), a_discount(2, code="B", promotion_id="promo_2")])
    promotions = shares_of([item], [], "EUR")[0].promotions
    assert [(one.name, one.promotion_no, one.amount, one.line_no) for one in promotions] == [
        ("AUTUMN", "promo_1", 101, item["id"]),
        ("B", "promo_2", 200, item["id"]),
    ]


PRICES = st.decimals(0, 5000, places=3).map(float)
ITEMS = st.builds(
    lambda price, units, rate, share, inside: an_item(
        unit_price=price,
        quantity=units,
        tax_lines=[{"rate": rate}] if rate else [],
        is_tax_inclusive=inside,
        adjustments=[a_discount(price * units * share, is_tax_inclusive=inside)] if share else [],
    ),
    PRICES,
    st.integers(1, 9),
    st.sampled_from([0, 5, 7.25, 19, 20]),
    st.sampled_from([0, 0.1, 0.333, 1]),
    st.booleans(),
)


@given(st.lists(ITEMS, min_size=1, max_size=5), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_lines_always_explain_what_is_paid(items: list[dict[str, object]], currency: str):
    for share in shares_of(items, [], currency):
        assert share.listed - share.discount + (0 if share.tax_included else share.tax) == share.paid
        assert min(share.listed, share.discount, share.paid) >= 0
        assert share.tax >= 0


@given(st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=8))
def test_parts_add_up_and_stay_next_to_their_exact_values(exact: list[Decimal]):
    total = int(sum(exact).quantize(Decimal(1)))
    parts = spread(exact, total)
    assert sum(parts) == total
    assert all(abs(part - value) <= 1 for part, value in zip(parts, exact, strict=True))
