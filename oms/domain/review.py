"""The four tiers of review as bits, and which of them a change makes void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: its bit, and the changes that invalidate what it decided."""

    code: str
    bit: int
    zh: str
    en: str
    depends_on: frozenset[str]


TIERS: Final = (
    Tier("service", 1, "客审", "customer service", frozenset({"goods", "memo"})),
    Tier("finance", 2, "财审", "finance", frozenset({"amount", "goods"})),
    Tier("logistics", 4, "物流审", "logistics", frozenset({"address", "stock_point", "goods"})),
    Tier("courier", 8, "快递审", "courier", frozenset({"address", "courier"})),
)
BY_CODE: Final = {tier.code: tier for tier in TIERS}
BY_BIT: Final = {tier.bit: tier for tier in TIERS}


def bits_of(codes: frozenset[str] | set[str]) -> int:
    """The bit set of tiers by code."""
    return sum(BY_CODE[code].bit for code in codes)


def tiers_in(bits: int) -> tuple[Tier, ...]:
    """The tiers of a bit set, in order."""
    return tuple(tier for tier in TIERS if bits & tier.bit)


def void_after(change: str) -> int:
    """The bit set of tiers whose word no longer holds after a change of this kind."""
    return sum(tier.bit for tier in TIERS if change in tier.depends_on)
