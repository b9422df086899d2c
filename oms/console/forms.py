"""Reading what a form sent: numbers, lists of ids, reasons; a wrong one is refused by its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from flask import request
from flask_babel import to_utc  # type: ignore[import-untyped]

from oms.console.messages import _
from oms.domain.errors import Invalid
from oms.domain.money import EXPONENTS

MOST_IDS = 500
LARGEST = 2**63 - 1
AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?", re.ASCII)


def whole(name: str, *, low: int = 1, high: int = 86400) -> int:
    """A whole number of a field."""
    number = read_whole(request.form.get(name, "").strip())
    if number is None or not low <= number <= high:
        raise Invalid(name, _("要 %(low)s 到 %(high)s 之间的整数", low=low, high=high))
    return number


def money(name: str, currency: str) -> int:
    """An amount of a field as people write it, 12.30, in minor units of its currency."""
    found, digits = AMOUNT.fullmatch(request.form.get(name, "").strip()), EXPONENTS.get(currency, 2)
    if found is None or len(found[2] or "") > digits:
        raise Invalid(name, _("要写成 12.30 这样的金额"))
    return int(Decimal(found[0]).scaleb(digits))


def read_whole(text: str) -> int | None:
    """A whole number as the database holds it, 0 and above; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST)):
        return None
    return number if (number := int(text)) <= LARGEST else None


def ids(name: str = "id") -> list[int]:
    """The ids that were ticked, at most 500."""
    found = ticked(name)
    if not found:
        raise Invalid(name, _("一行也没选"), _("先勾选要处理的行"))
    if len(found) > MOST_IDS:
        raise Invalid(name, _("一次最多 %(n)s 行", n=MOST_IDS))
    return found


def ticked(name: str = "id") -> list[int]:
    """The ids that were ticked, none when there are none; what is no id is left out."""
    return [number for text in request.form.getlist(name) if (number := read_whole(text)) is not None]


def reason(name: str = "reason") -> str:
    """Why somebody does something; two characters at least."""
    text = request.form.get(name, "").strip()
    if not 2 <= len(text) <= 200:
        raise Invalid(name, _("要写 2 到 200 个字的原因"))
    return text


def chosen_id(name: str) -> int | None:
    """An id in the address; None when it is missing or no number."""
    return read_whole(request.args.get(name, ""))


def start_of_day(day: datetime) -> datetime:
    """The moment at which a day begins in the console's time zone."""
    begins: datetime = to_utc(day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None))
    return begins.replace(tzinfo=UTC)


def moment_of(name: str) -> datetime | None:
    """A moment of a field, written in the console's time zone; None when it is empty."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        written = datetime.fromisoformat(text)
        return written if written.tzinfo else to_utc(written).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid(name, _("要写成 2026-11-22T09:00 这样的时间")) from None


def line(name: str, most: int = 100) -> str:
    """A line of text; one that is too long is refused, not cut."""
    text = request.form.get(name, "").strip()
    if len(text) > most:
        raise Invalid(name, _("最多 %(n)s 个字", n=most))
    return text


def picked(name: str) -> int | None:
    """The id that was picked of a list; None when none was."""
    return read_whole(request.form.get(name, "").strip())
