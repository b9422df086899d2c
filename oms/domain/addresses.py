"""What a receiver lacks for goods to be sent to it, from the presence of its parts alone; reading them is not here."""

from __future__ import annotations

from typing import Final

#: How platforms write that a receiver is in China; most leave it out.
HOME: Final = frozenset({"", "CN", "CHN", "CHINA", "中国"})


def is_vague(division_code: str) -> bool:
    """Whether no more than the province is known."""
    return division_code.endswith("0000")


def lacking(*, name: bool, phone: bool, city: bool, street: bool, country: str) -> tuple[str, ...]:
    """The parts that are not there; only within China nothing is delivered without a phone."""
    if name and phone and city and street:
        return ()
    phone = phone or country.strip().upper() not in HOME
    parts = (("name", name), ("phone", phone), ("city", city), ("street", street))
    return tuple([part for part, is_there in parts if not is_there])
