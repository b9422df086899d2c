"""Makes an order's money add up: what each line cost, its discount and its tax. Pure, in minor units.

Medusa keeps amounts unrounded (80.56062 EUR) and its own totals shrink as goods come back, so the lines are
computed anew from unit price, quantity, tax rates and adjustments, and rounded so that the parts still add up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.medusa.reading import ONE, ZERO, Json, amount, rounded, rows, spread, text, units

_HUNDRED = Decimal(100)
_MOST_MINOR = 10**15


class Share(NamedTuple):
    """A line's amounts; listed − discount (+ tax when it is not included) = paid."""

    listed: int
    discount: int
    tax: int
    tax_included: bool
    paid: int
    promotions: tuple[PromotionRecord, ...] = ()


class _Exact(NamedTuple):
    """The same, unrounded; `discount` and `listed` include tax where the price does."""

    number: str
    discount: Decimal
    tax: Decimal
    tax_included: bool
    paid: Decimal
    listed: Decimal
    shares: tuple[tuple[Json, Decimal], ...]


def scale_of(currency: str) -> Decimal:
    """What a major unit is in minor ones."""
    return Decimal(10) ** exponent(currency)


def minor(record: Json, field: str, scale: Decimal) -> int:
    """One amount of a record, rounded."""
    return rounded(amount(record, field) * scale)


def shares_of(items: list[Json], methods: list[Json], currency: str) -> list[Share]:
    """A share for each item, then for each shipping method; their sum is the order's total, rounded once."""
    scale = scale_of(currency)
    exact = [_exact(item, amount(item, "unit_price") * units(item, "quantity") * scale, scale) for item in items]
    exact += [_exact(method, amount(method, "amount") * scale, scale) for method in methods]
    paid = [line.paid for line in exact]
    parts = spread(paid, rounded(sum(paid, ZERO)))
    return [_share(line, part) for line, part in zip(exact, parts, strict=True)]


def _exact(record: Json, listed: Decimal, scale: Decimal) -> _Exact:
    rate = sum((amount(line, "rate") for line in rows(record, "tax_lines")), ZERO) / _HUNDRED
    if listed < 0 or rate < 0:
        raise BadRecord("this is below zero", field="unit_price" if "unit_price" in record else "amount")
    included = record.get("is_tax_inclusive") is True
    factor = ONE + rate
    shares = []
    for adjustment in rows(record, "adjustments"):
        off = amount(adjustment, "amount") * scale
        gross = adjustment.get("is_tax_inclusive") is True
        if gross is not included:
            off = off / factor if gross else off * factor
        shares.append((adjustment, off))
    discount = sum((off for _, off in shares), ZERO)
    if not ZERO <= discount < listed + ONE:
        raise BadRecord("the discounts are more than the price", field="adjustments")
    # Net discounts have endless fractions, and the whole price given away comes to a hair more than it.
    discount = min(discount, listed)
    net = (listed - discount) / factor if included else listed - discount
    tax = net * rate
    paid = listed - discount + (ZERO if included else tax)
    return _Exact(text(record, "id"), discount, tax, included, paid, listed, tuple(shares))


def _share(line: _Exact, paid: int) -> Share:
    """Rounded so that the parts explain `paid`: tax takes the difference where it is not included."""
    if paid > _MOST_MINOR:
        raise BadRecord("this amount is too large", field="unit_price")
    discount = rounded(line.discount)
    if line.tax_included:
        listed = max(rounded(line.listed), paid) if line.shares else paid
        return Share(listed, listed - paid, rounded(line.tax), True, paid, _promotions(line, listed - paid))
    listed = rounded(line.listed) if line.tax or line.shares else paid
    tax = paid - listed + discount if line.tax else 0
    if tax < 0 or not line.tax:
        # Without a tax the discount alone explains the price.
        listed, tax = max(listed, paid), 0
        discount = listed - paid
    return Share(listed, discount, tax, False, paid, _promotions(line, discount))


def _promotions(line: _Exact, discount: int) -> tuple[PromotionRecord, ...]:
    if not line.shares:
        return ()
    parts = spread([off for _, off in line.shares], discount)
    return tuple(
        PromotionRecord(Funder.MERCHANT, part, text(row, "promotion_id"), text(row, "code"), line.number)
        for (row, _), part in zip(line.shares, parts, strict=True)
        if part
    )
