"""How much of a SKU to buy: its daily rate without outliers, days of cover, and units up to lead time and cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import quantiles
from typing import Final

#: A day's sales count up to the upper quartile of days that sold, and so many times the quartiles' distance more.
FENCE: Final = 3
#: With fewer days that sold nothing can be told of outliers, except by the usual day.
FEW_DAYS: Final = 4
NO_END: Final = 999


@dataclass(frozen=True, slots=True)
class Rate:
    """Thousandths of a unit a day; `capped_days` sold more than `cap`, which is what they count as."""

    milli: int
    cap: int
    capped_days: int


def daily_rate(units: Sequence[int]) -> Rate:
    """The rate of days in a row, those without sales included; days of promotion count as a very good usual day."""
    sold = sorted(count for count in units if count > 0)
    if not sold:
        return Rate(0, 0, 0)
    if len(sold) < FEW_DAYS:
        cap = sold[len(sold) // 2] * FENCE
    else:
        lower, _, upper = quantiles(sold, n=4, method="inclusive")
        cap = ceil(upper + FENCE * max(upper - lower, 1))
    total = sum(min(count, cap) for count in sold)
    return Rate(total * 1000 // len(units), cap, sum(count > cap for count in sold))


@dataclass(frozen=True, slots=True)
class Position:
    """Units of a SKU for a pool: free to be sold, promised beyond what is there, ordered and not here yet."""

    free: int
    backlog: int
    incoming: int

    @property
    def net(self) -> int:
        """What there will be once all that is ordered has come and all that wait have theirs."""
        return self.free - self.backlog + self.incoming


@dataclass(frozen=True, slots=True)
class Parameters:
    """Days until goods ordered today come, days they are to last after that, and what a supplier sells at a time."""

    lead_days: int = 7
    cover_days: int = 14
    multiple: int = 1
    least_units: int = 0


def days_left(position: Position, rate: Rate) -> int:
    """Whole days what is free and on its way lasts; NO_END where nothing is sold, 0 where more is promised."""
    if position.net <= 0:
        return 0 if rate.milli or position.backlog else NO_END
    return min(NO_END, position.net * 1000 // rate.milli) if rate.milli else NO_END


def proposed_units(position: Position, rate: Rate, wanted: Parameters) -> int:
    """Units to order now; 0 while what is free and on its way lasts as long as new goods take to come."""
    if days_left(position, rate) >= max(wanted.lead_days, 1):
        return 0
    target = -(-rate.milli * (wanted.lead_days + wanted.cover_days) // 1000)
    units = max(target - position.net, wanted.least_units, 1)
    return -(-units // wanted.multiple) * wanted.multiple
