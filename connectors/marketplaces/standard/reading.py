"""Reads single values of the interface's documents; each refusal names its field. Fast, since every order passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from connectors.contract.errors import BadRecord

Json = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)

#: Larger amounts are a mistake, and sums of many of them would not fit a database's bigint.
MOST_MINOR = 10**12
MOST_UNITS = 10**6
LONGEST_ID = 100
LONGEST_TEXT = 2000
YEARS = range(2000, 2101)
#: ISO 4217 codes of money that is in use.
_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"""
CURRENCIES = frozenset(_CODES.split())


def document(body: bytes) -> Json:
    """The object a body holds."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field="document") from None
    if not isinstance(tree, dict):
        raise BadRecord("this is not an object", field="document")
    return tree


def part(record: Json, field: str) -> Json:
    """An inner object; missing is empty."""
    value = record.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRecord("this is not an object", field=field)
    return value


def rows(record: Json, field: str) -> list[Json]:
    """A list of objects; missing is empty."""
    value = record.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadRecord("this is not a list of objects", field=field)
    return value


def text(record: Json, field: str, where: str = "", longest: int = LONGEST_TEXT) -> str:
    """A text; missing is empty."""
    value = record.get(field)
    if value is None:
        return ""
    if type(value) is not str:
        raise BadRecord("this is not a text", field=where + field)
    if len(value) > longest:
        raise BadRecord(f"this is longer than {longest} characters", field=where + field)
    return value


def required(record: Json, field: str, where: str = "") -> str:
    """A number of a document or line: text that must be there."""
    value = text(record, field, where, LONGEST_ID)
    if not value or value.isspace():
        raise BadRecord("this is missing", field=where + field)
    return value


def amount(record: Json, field: str, where: str = "") -> int:
    """Whole minor units, not negative; missing is 0."""
    value = record.get(field, 0)
    if type(value) is not int or not 0 <= value <= MOST_MINOR:
        raise BadRecord("this is no whole number of minor units", field=where + field)
    return value


def given_amount(record: Json, field: str, where: str = "") -> int:
    """An amount that must be there."""
    if field not in record:
        raise BadRecord("this is missing", field=where + field)
    return amount(record, field, where)


def units(record: Json, field: str, where: str = "") -> int:
    """Units of goods, at least one."""
    value = record.get(field)
    if type(value) is not int or not 1 <= value <= MOST_UNITS:
        raise BadRecord("this is no whole number of units", field=where + field)
    return value


def switch(record: Json, field: str, where: str = "", default: bool = False) -> bool:
    """True or false."""
    value = record.get(field, default)
    if type(value) is not bool:
        raise BadRecord("this is neither true nor false", field=where + field)
    return value


def word(kind: type[Word], record: Json, field: str, where: str = "", default: Word | None = None) -> Word:
    """One of a set of words."""
    value = record.get(field, default)
    try:
        return kind(value)
    except ValueError:
        raise BadRecord(f"this is none of {', '.join(kind)}", field=where + field) from None


def moment(record: Json, field: str, where: str = "") -> datetime | None:
    """A time with its offset; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    try:
        return moment_of(value)
    except (ValueError, TypeError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15T09:40:01Z", field=where + field) from None


def given_moment(record: Json, field: str) -> datetime:
    """A time that must be there."""
    found = moment(record, field)
    if found is None:
        raise BadRecord("this is missing", field=field)
    return found


@lru_cache(maxsize=16384)
def moment_of(value: str) -> datetime:
    """ISO 8601 with an offset, as UTC."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None or found.year not in YEARS:
        raise ValueError(value)
    return found.astimezone(UTC)


@lru_cache(maxsize=64)
def currency_of(value: str) -> str:
    """A code of money in use (ISO 4217); the codes of metals, tests and nothing are none."""
    if value not in CURRENCIES:
        raise ValueError(value)
    return value


def currency(record: Json, field: str) -> str:
    """A currency's code."""
    try:
        return currency_of(record.get(field, "CNY"))
    except (ValueError, TypeError):
        raise BadRecord("this is no code like CNY", field=field) from None


def coordinate(record: Json, field: str, most: float, where: str = "") -> float | None:
    """Degrees between −most and most; missing is None."""
    value = record.get(field)
    if value is None:
        return None
    if type(value) not in (int, float) or not -most <= value <= most:
        raise BadRecord(f"these are no degrees between −{most} and {most}", field=where + field)
    return float(value)
