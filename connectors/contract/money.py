"""Amounts at the edge: text or numbers of a platform to integer minor units and back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from connectors.contract.errors import BadRecord

#: Currencies whose minor unit is not a hundredth.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3}


def exponent(currency: str) -> int:
    """Digits after the point of a currency's major unit."""
    return EXPONENTS.get(currency, 2)


def to_minor(value: object, field: str, currency: str = "CNY") -> int:
    """Minor units of an amount in major units, given as text or number; BadRecord names the field."""
    try:
        scaled = Decimal(str(value)).scaleb(exponent(currency))
        minor = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadRecord(f"{value!r:.40} is not an amount", field=field) from None
    if minor != scaled:
        raise BadRecord(f"{value!r:.40} has more decimals than {currency} allows", field=field)
    return minor


def to_major(minor: int, currency: str = "CNY") -> str:
    """The amount in major units as platforms write it, e.g. 21030 → "210.30"."""
    digits = exponent(currency)
    return str(Decimal(minor).scaleb(-digits).quantize(Decimal(1).scaleb(-digits)))
