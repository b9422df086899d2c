"""What is wrong with the text of a receiver, told at intake, where alone it is plain; kept as codes without the text."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from connectors.contract.records import ReceiverRecord
from oms.domain.addresses import HOME
from oms.domain.receivers import holds_two, sealed_parts

#: The usual mobile number, with the extension that platforms put behind a number of their own.
_MOBILE: Final = re.compile(r"(?:\+?86|0086)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?:(?:转|[-,#x ])\d{1,6})?")
#: Fixed lines with or without their area code, 400 and 800 numbers, and short ones of companies.
_FIXED: Final = re.compile(
    r"(?:(?:\+?86|0086)[ -]?0?[1-9]\d{1,2}[ -]?|\(?0[1-9]\d{1,2}\)?[ -]?)?[2-9]\d{6,7}(?:(?:转|[-,#x ])\d{1,6})?"
    r"|[48]00[ -]?\d{3}[ -]?\d{4}|9\d{4,7}"
)
_DIGITS: Final = re.compile(r"\d")
_LIKELY: Final = frozenset({ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY})
#: Places whose numbers are other than the mainland's, though platforms leave the country out.
_OFFSHORE: Final = {"香": "HK", "澳": "MO", "台": "TW", "臺": "TW"}
#: Shortest and longest number where a platform's word for the country tells no plan of numbers.
FEWEST, MOST = 5, 15


def oddities_of(person: ReceiverRecord) -> tuple[str, ...]:
    """Kinds of hold that the text asks for, each with what it is about behind a colon; empty for masked receivers."""
    if person.masked:
        return ()
    found: list[str] = []
    phones = [text.strip() for text in (person.phone, person.telephone) if text.strip()]
    if parts := sealed_parts(person.name, phones[0] if phones else "", person.address):
        found.append(f"ciphertext_address:{','.join(parts)}")
    elif phones and all(wrong := [wrong_phone(phone, person.country, person.state) for phone in phones]):
        found.append(f"bad_phone:{wrong[0]}")
    if holds_two(person.state, person.city, person.district, person.address):
        found.append("double_address")
    return tuple(found)


def wrong_phone(phone: str, country: str = "", state: str = "") -> str:
    """What is wrong with a number of a country: `length` or `format`; empty when it can be dialled or there is none."""
    if not phone or _MOBILE.fullmatch(phone):
        return ""
    country = country.strip().upper()
    if country not in HOME:
        return _wrong_in(phone, country)
    if _FIXED.fullmatch(phone):
        return ""
    if phone.startswith(("+", "00")):
        return _wrong_in("+" + phone.lstrip("+0"), "")
    if state[:1] in _OFFSHORE and not _wrong_in(phone, _OFFSHORE[state[:1]]):
        return ""
    return "format" if len(_DIGITS.findall(phone)) == 11 else "length"


def _wrong_in(phone: str, region: str) -> str:
    if region not in phonenumbers.SUPPORTED_REGIONS and not phone.startswith("+"):
        return "" if FEWEST <= len(_DIGITS.findall(phone)) <= MOST else "length"
    try:
        number = phonenumbers.parse(phone, region or None)
    except NumberParseException:
        return "format"
    return "" if phonenumbers.is_possible_number_with_reason(number) in _LIKELY else "length"
