"""Reads single cells as people type them: amounts, moments, phones, yes and no; each refusal says what to write."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from oms.domain.money import EXPONENTS

MOST_MINOR: Final = 10**11
MOST_UNITS: Final = 10**6
LONGEST_ID: Final = 100
LONGEST_TEXT: Final = 1000
YEARS: Final = range(2000, 2101)
YES: Final = frozenset(("是", "y", "yes", "1", "true", "√", "货到付款", "cod"))
NO: Final = frozenset(("", "否", "n", "no", "0", "false"))
AT_STORE: Final = frozenset(("到店付款", "到店付", "store"))
MOMENT: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*(\d{1,2})[:：时](\d{1,2})分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?)?"
)
AMOUNT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,20})?")
MOBILE: Final = re.compile(r"1[3-9]\d{9}(-\d{1,6})?")
TELEPHONE: Final = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}")
ABROAD: Final = re.compile(r"\+?\d{5,18}(-\d{1,6})?")
#: How an order reaches its buyer, as people write it: (mode, leg) of the interface, nothing by courier.
DELIVERIES: Final = {
    "": ("", ""),
    "快递": ("", ""),
    "courier": ("", ""),
    "门店自提": ("store_pickup", "pickup"),
    "store_pickup": ("store_pickup", "pickup"),
    "门店配送": ("store_delivery", "delivery"),
    "store_delivery": ("store_delivery", "delivery"),
    "统一配送店取": ("unified", "pickup"),
    "unified_pickup": ("unified", "pickup"),
    "统一配送店送": ("unified", "delivery"),
    "unified_delivery": ("unified", "delivery"),
}
#: Commas part thousands; anywhere else they may be somebody's decimal point.
GROUPED: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
#: What a spreadsheet makes of a long number that was not typed as text; codes like 5E2 and 1E10 are honest.
ROUNDED: Final = re.compile(r"\d\.\d+E\+?\d+|\dE\+\d+", re.IGNORECASE)


class Unreadable(ValueError):
    """A cell that cannot be taken; `words` say what is wrong and what to write."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def read_number(text: str) -> str:
    """A number or code of up to 100 characters, as text."""
    if ROUNDED.fullmatch(text):
        raise Unreadable("the spreadsheet has rounded this number; make the cell text and type it again")
    if len(text) > LONGEST_ID:
        raise Unreadable("longer than 100 characters; shorten it")
    return text


def read_words(text: str) -> str:
    """A text of up to 1,000 characters."""
    if len(text) > LONGEST_TEXT:
        raise Unreadable("longer than 1,000 characters; shorten it")
    return text


def read_amount(text: str, currency: str) -> int:
    """An amount in major units as minor units; nothing is 0."""
    plain = text.replace("，", ",").strip().lstrip("¥￥").removesuffix("元").strip()
    if not plain:
        return 0
    if plain.startswith(("-", "−")):
        raise Unreadable("must not be negative; a discount is written without a minus")
    if "," in plain:
        if not GROUPED.fullmatch(plain):
            raise Unreadable("a comma only parts thousands; write it like 129.90 or 1,234.50")
        plain = plain.replace(",", "")
    if not AMOUNT.fullmatch(plain):
        raise Unreadable("this is no amount; write it like 129.90")
    amount = Decimal(plain)
    if amount > MOST_MINOR:
        raise Unreadable("this amount is too large; look at it again")
    minor = amount * 10 ** EXPONENTS.get(currency, 2)
    if minor != minor.to_integral_value():
        raise Unreadable("has more decimals than the currency; write it like 129.90")
    if minor > MOST_MINOR:
        raise Unreadable("this amount is too large; look at it again")
    return int(minor)


def read_units(text: str) -> int:
    """Units of goods, at least one."""
    plain = text.removesuffix(".0").removesuffix(".00")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 7 or not 1 <= int(plain) <= MOST_UNITS:
        raise Unreadable("must be a whole number from 1 to 1,000,000")
    return int(plain)


def read_moment(text: str, zone: str) -> datetime | None:
    """A moment in UTC; without an offset it is the shop's time, without a time midnight. Nothing is None."""
    if not text:
        return None
    try:
        found = _written_moment(text, ZoneInfo(zone))
    except (ValueError, OverflowError):
        raise Unreadable("this is no time; write it like 2026-11-22 09:30") from None
    if found.year not in YEARS:
        raise Unreadable("this is no time; write it like 2026-11-22 09:30")
    return found.astimezone(UTC)


def _written_moment(text: str, zone: ZoneInfo) -> datetime:
    match = MOMENT.fullmatch(text)
    if match is None:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def read_phone(text: str, country: str) -> str:
    """A phone without blanks; of China a mobile or a telephone with its area code."""
    plain = re.sub(r"[\s()（）]", "", text).replace("－", "-").replace("—", "-")
    if ROUNDED.fullmatch(plain):
        raise Unreadable("the spreadsheet has rounded this number; make the cell text and type it again")
    if country != "CN":
        if not ABROAD.fullmatch(plain):
            raise Unreadable("this is no phone; write digits, with + and the country's number before them")
        return plain
    plain = plain.removeprefix("+86").removeprefix("0086")
    joined = plain.replace("-", "") if re.fullmatch(r"1\d{2}-\d{4}-\d{4}", plain) else plain
    if not MOBILE.fullmatch(joined) and not TELEPHONE.fullmatch(joined):
        raise Unreadable("this is no phone; write 11 digits, or a telephone like 0571-88886666")
    return joined


def read_country(text: str) -> str:
    """A country's two letters; nothing is China."""
    plain = text.strip().upper()
    if plain in ("", "中国", "CHINA", "CN"):
        return "CN"
    if not re.fullmatch("[A-Z]{2}", plain):
        raise Unreadable("write the country's two letters, like CN")
    return plain


def read_switch(text: str) -> bool:
    """Yes or no; nothing is no."""
    plain = text.strip().lower()
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise Unreadable("write yes or no, or leave it empty")


def read_payment(text: str) -> str:
    """What is paid only with the goods: "cod" to the courier, "store" at the store; nothing and no are "": before."""
    plain = text.strip().lower()
    if plain in YES:
        return "cod"
    if plain in AT_STORE:
        return "store"
    if plain in NO:
        return ""
    raise Unreadable("write yes or no, or leave it empty")


def read_delivery(text: str) -> tuple[str, str]:
    """Mode and leg of the way through a store; both empty by courier, which nothing is."""
    found = DELIVERIES.get(text.strip().lower())
    if found is None:
        raise Unreadable("write one of 快递, 门店自提, 门店配送, 统一配送店取, 统一配送店送, or leave it empty")
    return found
