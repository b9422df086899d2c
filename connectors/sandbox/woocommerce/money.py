"""Amounts as WooCommerce tells them: goods without tax and the tax beside, as text. Integers are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any


def text_of(minor: int, places: int = 2) -> str:
    """Minor units as the decimal text that `dp` asks for."""
    exact = Decimal(minor) / 100
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def raw(minor: int) -> str:
    """Minor units as WooCommerce stores taxes: without padding (`7.2`)."""
    return f"{(Decimal(minor) / 100).normalize():f}"


def minor_of(value: Any) -> int | None:
    """Minor units of an amount as a client gives it; None for what is no number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int((Decimal(str(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class Split:
    """An amount without tax and its tax."""

    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def __sub__(self, other: Split) -> Split:
        return Split(self.net - other.net, self.tax - other.tax)

    def __neg__(self) -> Split:
        return Split(-self.net, -self.tax)


def split(gross: int, percent: int) -> Split:
    """Take the tax out of an amount that includes it; half a unit goes to the net amount."""
    whole = 100 + percent
    net = (abs(gross) * 200 + whole) // (2 * whole)
    net = net if gross >= 0 else -net
    return Split(net, gross - net)


def total_of(parts: list[Split]) -> Split:
    return Split(sum(part.net for part in parts), sum(part.tax for part in parts))
