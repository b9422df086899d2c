"""Conditions, values and lengths of time in words, Chinese and English. How they are joined lives in wording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from rules.model import ActionSpec, Choice, Condition, FactSpec, Period, Span, ValueType, Vocabulary, Window
from rules.operators import OPERATORS, Shape

Language: TypeAlias = Literal["zh", "en"]

# Minor units of currencies that do not have two decimals (ISO 4217).
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
CURRENCY_ZH = {"CNY": "元"}
WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
STEPS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分", "min"), (1, "秒", "s"))

# Words after the fact's label; {value} is the value in words. They hold none of the connectives of wording.
_PHRASES: dict[str, tuple[str, str]] = {
    "eq": ("是{value}", " is {value}"),
    "ne": ("不是{value}", " is not {value}"),
    "in": ("属于{value}", " is one of {value}"),
    "not_in": ("不属于{value}", " is none of {value}"),
    "between": ("在{value}之间", " is from {value}"),
    "lt": ("小于{value}", " is below {value}"),
    "le": ("不大于{value}", " is at most {value}"),
    "gt": ("大于{value}", " is over {value}"),
    "ge": ("不小于{value}", " is at least {value}"),
    "contains_any": ("含有任一{value}", " contains any of {value}"),
    "contains_all": ("同时含有{value}", " contains all of {value}"),
    "contains_none": ("不含{value}", " contains none of {value}"),
    "starts_with": ("开头是{value}", " starts with {value}"),
    "matches": ("匹配{value}", " matches {value}"),
    "is_empty": ("为空", " is empty"),
    "is_not_empty": ("不为空", " is not empty"),
    "within_window": ("落在{value}", " falls {value}"),
    "older_than": ("已过{value}", " is older than {value}"),
}
_TIME_PHRASES: dict[str, tuple[str, str]] = {
    "lt": ("早于{value}", " is before {value}"),
    "le": ("不晚于{value}", " is not after {value}"),
    "gt": ("晚于{value}", " is after {value}"),
    "ge": ("不早于{value}", " is not before {value}"),
}
_BOOL_PHRASE = ("为{value}", " is {value}")
_ONE_PHRASE = ("含有{value}", " contains {value}")  # any of a single one


@dataclass(frozen=True, slots=True)
class Terms:
    """What is needed to word a value: its type, unit and choices, and the language."""

    type: ValueType
    unit: str
    unit_en: str
    choices: tuple[Choice, ...]
    language: Language


def word_condition(condition: Condition, vocabulary: Vocabulary, language: Language) -> str:
    """One condition in words; a fact or operator that is no longer known is shown by its name in quotes."""
    fact = vocabulary.facts.get(condition.fact)
    operator = OPERATORS.get(condition.op)
    if fact is None or operator is None:
        return quote(f"{condition.fact} {condition.op}", language)
    label = fact.label_zh if language == "zh" else fact.label_en
    is_one = isinstance(condition.value, tuple) and len(condition.value) == 1
    phrase = phrase_of(fact, condition.op, is_one=is_one)[language == "en"]
    return label + phrase.format(value=_shaped(condition.value, operator.shape, terms_of(fact, language)))


def word_action(name: str, params: tuple[tuple[str, object], ...], vocabulary: Vocabulary, language: Language) -> str:
    """One action with its parameters in words."""
    spec = vocabulary.actions.get(name)
    if spec is None:
        return quote(name, language)
    label = spec.label_zh if language == "zh" else spec.label_en
    worded = [_word_param(spec, key, value, language) for key, value in params]
    if not worded:
        return label
    return f"{label}（{'；'.join(worded)}）" if language == "zh" else f"{label} ({'; '.join(worded)})"


def word_span(span: Span, language: Language) -> str:
    """A window or period in words."""
    return _window(span, language) if isinstance(span, Window) else _period(span, language)


def quote(text: object, language: Language) -> str:
    """Free text in quotes; a closing quote inside is doubled."""
    return f"「{str(text).replace('」', '」」')}」" if language == "zh" else f"“{str(text).replace('”', '””')}”"


def phrase_of(fact: FactSpec, op: str, *, is_one: bool) -> tuple[str, str]:
    """The words after a fact's label, Chinese and English, with {value} where the value goes."""
    if is_one and op == "contains_any":
        return _ONE_PHRASE
    if fact.type is ValueType.BOOL and op == "eq":
        return _BOOL_PHRASE
    if fact.type is ValueType.DATETIME and op in _TIME_PHRASES:
        return _TIME_PHRASES[op]
    return _PHRASES[op]


def terms_of(fact: FactSpec, language: Language) -> Terms:
    """What is needed to word or read the values of a fact."""
    return Terms(fact.type, fact.unit, fact.unit_en or fact.unit, fact.choices, language)


def _word_param(spec: ActionSpec, key: str, value: object, language: Language) -> str:
    param = spec.param(key)
    if param is None:
        return quote(f"{key}: {value}", language)
    words = _value(value, Terms(param.type, param.unit, param.unit_en or param.unit, param.choices, language))
    return f"{param.label_zh}：{words}" if language == "zh" else f"{param.label_en}: {words}"


def _shaped(value: Any, shape: Shape, terms: Terms) -> str:
    if shape is Shape.LIST:
        return _list(value, terms)
    if shape is Shape.PAIR:
        return ("到" if terms.language == "zh" else " to ").join(_value(bound, terms) for bound in value)
    if shape in (Shape.PREFIX, Shape.PATTERN):
        return quote(value, terms.language)
    if shape is Shape.WINDOW:
        return _window(value, terms.language)
    if shape is Shape.SECONDS:
        return _duration(value, terms)
    return "" if shape is Shape.NOTHING else _value(value, terms)


def _list(values: Any, terms: Terms) -> str:
    return ("、" if terms.language == "zh" else " / ").join(_value(value, terms) for value in values)


def _value(value: Any, terms: Terms) -> str:
    if isinstance(value, frozenset | tuple | list):
        return _list(sorted(value), terms)
    return _WORDS[terms.type](value, terms)


def _bool(value: Any, terms: Terms) -> str:
    return ("是" if value else "否") if terms.language == "zh" else ("yes" if value else "no")


def _number(value: Any, terms: Terms) -> str:
    number = format(value, "f") if isinstance(value, Decimal) else str(value)
    if terms.language == "zh":
        return number + terms.unit
    return f"{number} {terms.unit_en}".rstrip()


def _money(value: Any, terms: Terms) -> str:
    exponent = EXPONENTS.get(terms.unit, 2)
    amount = format(Decimal(value).scaleb(-exponent), "f")
    if terms.language == "zh":
        return amount + CURRENCY_ZH.get(terms.unit, terms.unit)
    return f"{amount} {terms.unit}"


def _choice(value: Any, terms: Terms) -> str:
    for choice in terms.choices:
        if choice.code == value:
            return choice.label_zh if terms.language == "zh" else choice.label_en
    return quote(value, terms.language)


def _moment(value: datetime, terms: Terms) -> str:
    return value.astimezone(UTC).isoformat(sep=" ").replace("+00:00", " UTC")


def _duration(value: Any, terms: Terms) -> str:
    parts = []
    left = int(value)
    for seconds, word_zh, word_en in STEPS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{word_zh}" if terms.language == "zh" else f"{count} {word_en}")
    nothing = "0秒" if terms.language == "zh" else "0 s"
    return ("" if terms.language == "zh" else " ").join(parts) or nothing


def _window(window: Window, language: Language) -> str:
    start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (window.start, window.end))
    next_day = window.end < window.start
    names = [WEEKDAYS[language][day - 1] for day in sorted(window.weekdays)]
    if language == "zh":
        days = "每天" if len(names) == 7 else "周" + "、".join(names)
        return f"{days}{start}至{'次日' if next_day else ''}{end} {window.time_zone}"
    days = "every day" if len(names) == 7 else "on " + " / ".join(names)
    return f"{days} from {start} to {end}{' the next day' if next_day else ''} {window.time_zone} time"


def _period(period: Period, language: Language) -> str:
    terms = Terms(ValueType.DATETIME, "", "", (), language)
    start = _moment(period.from_at, terms) if period.from_at else ""
    end = _moment(period.until_at, terms) if period.until_at else ""
    if language == "zh":
        return f"{start and f'自{start}起'}{end and f'至{end}前'}"
    return " ".join(part for part in (start and f"from {start}", end and f"until {end}") if part)


_WORDS: dict[ValueType, Callable[[Any, Terms], str]] = {
    ValueType.BOOL: _bool,
    ValueType.INTEGER: _number,
    ValueType.COUNT: _number,
    ValueType.DECIMAL: _number,
    ValueType.MONEY: _money,
    ValueType.TEXT: lambda value, terms: quote(value, terms.language),
    ValueType.CODE: _choice,
    ValueType.SET: _choice,
    ValueType.DATETIME: _moment,
    ValueType.DURATION: _duration,
}
