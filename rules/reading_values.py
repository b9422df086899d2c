"""Values in words read back, the inverse of phrases: None where the words are no value of that shape and type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from rules.model import ValueType, Window
from rules.operators import Shape
from rules.phrases import CURRENCY_ZH, EXPONENTS, STEPS, WEEKDAYS, Language, Terms

QUOTES = {"zh": ("「", "」"), "en": ("“", "”")}
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_FRACTION = re.compile(r"-?\d{1,19}(\.\d{1,9})?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})? UTC", re.ASCII)
_WINDOWS = {
    "zh": re.compile(r"(每天|周[一二三四五六日、]+)(\d\d):(\d\d)至(次日)?(\d\d):(\d\d) (\S+)", re.ASCII),
    "en": re.compile(
        r"(every day|on [A-Za-z /]+) from (\d\d):(\d\d) to (\d\d):(\d\d)( the next day)? (\S+) time", re.ASCII
    ),
}
_LENGTHS = {
    "zh": re.compile("".join(rf"(?:(\d{{1,12}}){zh})?" for _, zh, _ in STEPS), re.ASCII),
    "en": re.compile(" ?".join(rf"(?:(\d{{1,12}}) {en})?" for _, _, en in STEPS), re.ASCII),
}


def read_value_words(text: str, shape: Shape, terms: Terms) -> object:
    """The value of a condition from its words, lists in the order written; None when they are none."""
    if shape is Shape.LIST:
        return _list(text, terms)
    if shape is Shape.PAIR:
        return _pair(text, terms)
    if shape in (Shape.PREFIX, Shape.PATTERN):
        return unquote(text, terms.language)
    if shape is Shape.WINDOW:
        return _window(text, terms.language)
    if shape is Shape.SECONDS:
        return _duration(text, terms)
    return _READERS[terms.type](text, terms)


def unquote(text: str, language: Language) -> str | None:
    """The text inside quotes that span the whole of it."""
    opening, closing = QUOTES[language]
    if len(text) < 2 or text[0] != opening or end_of_quote(text, 0, language) != len(text):
        return None
    return text[1:-1].replace(closing * 2, closing)


def end_of_quote(text: str, at: int, language: Language) -> int:
    """The place after the quote that opens at `at`; -1 when nothing closes it."""
    closing = QUOTES[language][1]
    at += 1
    while (at := text.find(closing, at)) >= 0:
        if text[at + 1 : at + 2] != closing:
            return at + 1
        at += 2
    return -1


def _list(text: str, terms: Terms) -> object:
    sign = "、" if terms.language == "zh" else " / "
    values: list[object] = []
    start = 0
    for end in [*_places(text, sign, terms.language), len(text)]:
        values.append(_READERS[terms.type](text[start:end], terms))
        start = end + len(sign)
    if None in values or len(set(values)) < len(values):
        return None
    return tuple(values)


def _pair(text: str, terms: Terms) -> object:
    word = "到" if terms.language == "zh" else " to "
    for at in _places(text, word, terms.language):
        low = _READERS[terms.type](text[:at], terms)
        high = _READERS[terms.type](text[at + len(word) :], terms)
        if low is not None and high is not None:
            return low, high
    return None


def _places(text: str, word: str, language: Language) -> Iterator[int]:
    """Where a word stands outside of quotes."""
    at = 0
    while at < len(text):
        if text[at] == QUOTES[language][0]:
            after = end_of_quote(text, at, language)
            at = after if after > 0 else len(text)
        elif text.startswith(word, at):
            yield at
            at += len(word)
        else:
            at += 1


def _bool(text: str, terms: Terms) -> object:
    return {"是": True, "否": False, "yes": True, "no": False}.get(text)


def _number(text: str, terms: Terms) -> object:
    unit = terms.unit if terms.language == "zh" else f" {terms.unit_en}" if terms.unit_en else ""
    number = text.removesuffix(unit)
    if terms.type is ValueType.DECIMAL:
        return Decimal(number) if _FRACTION.fullmatch(number) else None
    return int(number) if _WHOLE.fullmatch(number) else None


def _money(text: str, terms: Terms) -> object:
    unit = CURRENCY_ZH.get(terms.unit, terms.unit) if terms.language == "zh" else f" {terms.unit}"
    amount = text.removesuffix(unit)
    if amount == text or not _FRACTION.fullmatch(amount):
        return None
    minor = Decimal(amount).scaleb(EXPONENTS.get(terms.unit, 2))
    return int(minor) if minor == int(minor) else None


def _choice(text: str, terms: Terms) -> object:
    for choice in terms.choices:
        if text == (choice.label_zh if terms.language == "zh" else choice.label_en):
            return choice.code
    return unquote(text, terms.language)


def _moment(text: str, terms: Terms) -> object:
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _duration(text: str, terms: Terms) -> object:
    found = _LENGTHS[terms.language].fullmatch(text.strip())
    if not found or not any(found.groups()):
        return None
    return sum(int(count) * seconds for count, (seconds, *_) in zip(found.groups(), STEPS, strict=True) if count)


def _window(text: str, language: Language) -> object:
    found = _WINDOWS[language].fullmatch(text)
    if not found:
        return None
    days = _weekdays(found[1], language)
    hours = [int(part) for part in found.groups()[1:] if part and part.isdigit()]
    return Window(days, hours[0] * 60 + hours[1], hours[2] * 60 + hours[3], found[7])


def _weekdays(text: str, language: Language) -> frozenset[int]:
    if text in ("每天", "every day"):
        return frozenset(range(1, 8))
    return frozenset(day for day, name in enumerate(WEEKDAYS[language], 1) if name in text.removeprefix("on "))


_READERS: dict[ValueType, Callable[[str, Terms], object]] = {
    ValueType.BOOL: _bool,
    ValueType.INTEGER: _number,
    ValueType.COUNT: _number,
    ValueType.DECIMAL: _number,
    ValueType.MONEY: _money,
    ValueType.TEXT: lambda text, terms: unquote(text, terms.language),
    ValueType.CODE: _choice,
    ValueType.SET: _choice,
    ValueType.DATETIME: _moment,
    ValueType.DURATION: _duration,
}
