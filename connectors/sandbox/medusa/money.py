"""Amounts as Medusa tells them: JSON numbers in major units, each with its exact twin `raw_…`. Nothing is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Doc = dict[str, Any]
PRECISION = 20
CENT = Decimal(100)


def number(amount: Decimal) -> int | float:
    """A number as JavaScript writes it: whole ones without a point."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def big(name: str, amount: Decimal | int | None) -> Doc:
    """A numeric column: the number and, where there is one, its exact value."""
    if amount is None:
        return {f"raw_{name}": None, name: None}
    exact = Decimal(amount)
    return {f"raw_{name}": {"value": f"{exact.normalize():f}", "precision": PRECISION}, name: number(exact)}


def bigs(**amounts: Decimal | int | None) -> Doc:
    """Several numeric columns."""
    return {key: value for name, amount in amounts.items() for key, value in big(name, amount).items()}


def major(minor: int) -> Decimal:
    """Minor units as the platform counts."""
    return Decimal(minor) / CENT


def minor(amount: Decimal) -> int:
    """The nearest minor units of an amount."""
    return int((amount * CENT).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Price:
    """What a line costs: before and after its discounts with tax, and the tax rate in percent."""

    before: Decimal
    discount: Decimal
    rate: int

    @property
    def total(self) -> Decimal:
        return self.before - self.discount

    def net(self, amount: Decimal) -> Decimal:
        """An amount without the tax in it."""
        return amount / (1 + Decimal(self.rate) / 100)

    def totals(self) -> Doc:
        """The totals of a line; `discount_total` has its tax in it."""
        return bigs(
            subtotal=self.net(self.before), total=self.total, original_subtotal=self.net(self.before),
            original_total=self.before, discount_subtotal=self.net(self.discount),
            discount_tax_total=self.discount - self.net(self.discount), discount_total=self.discount,
            tax_total=self.total - self.net(self.total), original_tax_total=self.before - self.net(self.before),
        )  # fmt: skip
