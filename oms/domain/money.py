"""Amounts for people and tariffs: minor units with the currency's exponent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3}
#: What tariffs, handling and all other amounts of sourcing are written in, whatever the orders' currency.
FREIGHT_CURRENCY: Final = "CNY"
SIGNS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def format_amount(minor: int, currency: str = "CNY", *, sign: bool = False) -> str:
    """An amount in major units with grouping, e.g. 1,815.50 or ¥1,815.50."""
    digits = EXPONENTS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**digits)
    body = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    mark = SIGNS.get(currency, currency + " ") if sign else ""
    return f"{'-' if minor < 0 else ''}{mark}{body}"


def prepaid(payments: Iterable[tuple[str, str, int]]) -> int:
    """What a buyer pays otherwise than at the door, of (kind, state, amount in minor units) of an order's payments.

    Where a part is to be collected, the others are not, though platforms may not say when they were paid.
    """
    standing = [payment for payment in payments if payment[1] != "refunded"]
    has_cod = any(kind == "cod" for kind, _, _ in standing)
    return sum([amount for kind, state, amount in standing if kind != "cod" and (has_cod or state == "paid")])


def freight(weight_g: int, first_g: int, first_amount: int, step_g: int, step_amount: int, surcharge: int) -> int:
    """What a parcel costs by first weight and started steps."""
    over = max(0, weight_g - first_g)
    steps = -(-over // step_g) if step_g > 0 else 0
    return first_amount + steps * step_amount + surcharge
