"""The four tiers of review as bits: which of them look at an order of a shop and when, and which a change makes void."""

from __future__ import annotations

from collections.abc import Iterable
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
#: The tier that ends a hold by passing the order again, in what the hold saw.
PASSED_AGAIN: Final = "until_passed_at"
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


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """How a shop reviews: tiers that never look, tiers that look at every order, and the order in which they look.

    `order` names all four bits, the first to look in front; empty means that all look at the same time.
    """

    skipped: int = 0
    manual: int = 0
    order: tuple[int, ...] = ()

    def looking(self, asked: int, passed: int) -> int:
        """The tiers that have to look when rules ask for some and some have passed the order already."""
        return (asked | self.manual) & ~self.skipped & ~passed

    def people(self) -> int:
        """The tier that takes what rules could not decide: the first that looks at all, customer service if none does."""
        for bit in self.order or BY_BIT:
            if not bit & self.skipped:
                return bit
        return TIERS[0].bit

    def queues(self, tiers: int) -> tuple[int, str]:
        """(tiers in whose queue the order is now, those that come after, one digit each)."""
        if not self.order:
            return tiers, ""
        turns = [bit for bit in self.order if bit & tiers]
        return (turns[0], "".join(map(str, turns[1:]))) if turns else (0, "")


#: A shop without settings: rules decide which tiers look, all at the same time.
AS_RULES_SAY: Final = ReviewPlan()
#: What a shop can say of a tier: never look, look where rules say, look at every order.
MODES: Final = ("skip", "auto", "manual")


def plan_of(rows: Iterable[tuple[int, str, int]], *, in_order: bool) -> ReviewPlan:
    """The plan of a shop from (tier, mode, position); a tier without a row is auto and in its usual place."""
    known = {tier: (mode, position) for tier, mode, position in rows}
    usual = {bit: place for place, bit in enumerate(BY_BIT, 1)}
    skipped = sum(bit for bit, (mode, _) in known.items() if mode == "skip")
    manual = sum(bit for bit, (mode, _) in known.items() if mode == "manual")
    places = {bit: known[bit][1] if bit in known else usual[bit] for bit in BY_BIT}
    order = tuple(sorted(BY_BIT, key=lambda bit: (places[bit], bit))) if in_order else ()
    return ReviewPlan(skipped, manual, order)
