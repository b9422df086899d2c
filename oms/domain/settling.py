"""What a partner owes for a line, and the entries that book it as units leave and come back. Pure; minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: A whole, in hundredths of a percent.
WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Price:
    """A row of a price list: `amount` a unit, or `rate_bp` hundredths of a percent of what was listed or paid."""

    basis: str  # price | list | paid
    amount: int
    rate_bp: int
    valid_from: datetime
    valid_until: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was in force then."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed for a line: the amount of all its units and what it was reckoned from.

    `base_amount` of what a person has set is what the document said then, 0 where it said nothing.
    """

    amount: int
    basis: str  # document | price | list | paid | person
    unit_amount: int = 0
    rate_bp: int = 0
    base_amount: int = 0
    valid_from: datetime | None = None


def price_at(prices: Iterable[Price], moment: datetime) -> Price | None:
    """The price in force at a moment: of several the one that began last."""
    return max((p for p in prices if p.holds_at(moment)), key=lambda p: p.valid_from, default=None)


def rated(base: int, rate_bp: int) -> int:
    """A share of an amount, halves up; what is below nothing counts as nothing."""
    return (2 * max(base, 0) * rate_bp + WHOLE_BP) // (2 * WHOLE_BP)


def agree(price: Price, units: int, listed: int, paid: int) -> Agreed:
    """What a price comes to for a line of so many units, listed and paid at these totals."""
    if price.basis == "price":
        return Agreed(price.amount * units, "price", unit_amount=price.amount, valid_from=price.valid_from)
    base = listed if price.basis == "list" else paid
    return Agreed(
        rated(base, price.rate_bp), price.basis, rate_bp=price.rate_bp, base_amount=base, valid_from=price.valid_from
    )


def follow(before: Agreed, old_units: int, units: int, listed: int, paid: int) -> Agreed:
    """The same agreement for a line whose units or amounts have changed; lists that changed meanwhile do not count.

    What a document or a person said of a whole line is shared by units.
    """
    if before.basis in ("list", "paid"):
        base = listed if before.basis == "list" else paid
        return Agreed(rated(base, before.rate_bp), before.basis, 0, before.rate_bp, base, before.valid_from)
    amount = before.unit_amount * units if before.basis == "price" else part_of(before.amount, units, old_units)
    return Agreed(amount, before.basis, before.unit_amount, 0, before.base_amount, before.valid_from)


def stands_against(before: Agreed, stated: int | None) -> bool:
    """Whether what a person has set stands: until the document says another amount than it did then."""
    return before.basis == "person" and (stated is None or before.base_amount in (0, stated))


def part_of(amount: int, units: int, whole: int) -> int:
    """The amount of the first so many of a line's units; all units make the amount, and parts always add up."""
    return amount * units // whole if whole else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A line as it stands: its amount for `units`, and how many of them were sent and have come back."""

    amount: int
    units: int
    sent: int
    back: int


@dataclass(frozen=True, slots=True)
class Booked:
    """What the entries of a line say so far, together."""

    sent: int = 0
    back: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to write; `units` are those that left or came back, `amount` what the partner owes more."""

    kind: str  # sale | return | change
    units: int
    amount: int


def owed(line: Standing) -> int:
    """What the partner owes for a line as it stands."""
    return _reached(line, max(0, line.sent - line.back))


def entries_for(line: Standing, booked: Booked) -> list[Entry]:
    """The entries that bring what is booked to what is owed; nothing when it is so already.

    Units that left and units that came back have entries of their own; what remains is a change of the price.
    """
    found = []
    if line.sent != booked.sent:
        found.append(Entry("sale", line.sent - booked.sent, _reached(line, line.sent) - _reached(line, booked.sent)))
    back = line.back - booked.back
    if back:
        given = _given_back(line, line.sent, line.back) - _given_back(line, line.sent, booked.back)
        found.append(Entry("return", back, -given))
    rest = owed(line) - booked.amount - sum(entry.amount for entry in found)
    if rest:
        found.append(Entry("change", 0, rest))
    return found


def _reached(line: Standing, sent: int) -> int:
    return part_of(line.amount, min(sent, line.units), line.units)


def _given_back(line: Standing, sent: int, back: int) -> int:
    """Of the amount of what was sent; when all has come back, nothing of it is left."""
    return _reached(line, sent) - _reached(line, max(0, sent - back))
