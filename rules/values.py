"""Values of conditions and parameters: from JSON by type, strictly, and back. Trees are read in codec."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from rules.model import Choice, Period, Span, ValueType, Window
from rules.operators import Shape
from rules.patterns import translate
from rules.refusals import RuleRefused

TEXT_LIMIT = 500
LIST_LIMIT = 1000
_BIGGEST = 2**63 - 1
_LONGEST = 100 * 366 * 86400  # seconds; about a hundred years
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
# Aliases such as `localtime` or `posix/…` exist for Python on some machines but not in PostgreSQL.
_ZONE = re.compile(r"UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]*)+")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_ScalarReader: TypeAlias = Callable[[Any, tuple[Choice, ...], str], object]


def read_shape(raw: Any, shape: Shape, kind: ValueType, choices: tuple[Choice, ...], path: str) -> object:
    """The value of a condition from JSON; raises RuleRefused at `path`."""
    element = ValueType.CODE if kind is ValueType.SET else kind
    if shape is Shape.LIST:
        return _read_list(raw, element, choices, path)
    if shape is Shape.PAIR:
        return _read_pair(raw, element, path)
    if shape is Shape.PREFIX:
        return read_text(raw, path)
    if shape is Shape.PATTERN:
        translate(read_text(raw, path), path)
        return raw
    if shape is Shape.WINDOW:
        return _read_window(raw, path)
    if shape is Shape.SECONDS:
        return read_scalar(raw, ValueType.DURATION, (), path)
    return read_scalar(raw, element, choices, path)


def read_scalar(raw: Any, kind: ValueType, choices: tuple[Choice, ...], path: str) -> object:
    """One value of a type from JSON; raises RuleRefused at `path`."""
    return _SCALARS[kind](raw, choices, path)


def read_text(raw: Any, path: str, limit: int = TEXT_LIMIT) -> str:
    """A text that PostgreSQL can store, not empty."""
    if not isinstance(raw, str):
        raise RuleRefused("wrong_shape", path, want_zh="文字", want_en="a text")
    if not raw:
        raise RuleRefused("empty_text", path)
    if len(raw) > limit:
        raise RuleRefused("too_large", path, limit=limit, what="characters")
    if _UNSTORABLE.search(raw):
        raise RuleRefused("bad_text", path)
    return raw


def read_object(raw: Any, required: Sequence[str], optional: Sequence[str], path: str) -> dict[str, Any]:
    """A JSON object with just these keys."""
    if not isinstance(raw, dict):
        raise RuleRefused("wrong_shape", path, want_zh="对象 {…}", want_en="an object {…}")
    known = (*required, *optional)
    for key in raw:
        if key not in known:
            raise RuleRefused("unknown_key", path, key=key, known=", ".join(known))
    for key in required:
        if key not in raw:
            raise RuleRefused("missing_key", path, key=key)
    return raw


def read_list(raw: Any, path: str, limit: int = LIST_LIMIT) -> list[Any]:
    """A JSON list of bounded length."""
    if not isinstance(raw, list):
        raise RuleRefused("wrong_shape", path, want_zh="列表 […]", want_en="a list […]")
    if len(raw) > limit:
        raise RuleRefused("too_large", path, limit=limit, what="items")
    return raw


def read_bool(raw: Any, path: str) -> bool:
    """true or false."""
    if not isinstance(raw, bool):
        raise RuleRefused("wrong_shape", path, want_zh=" true 或 false", want_en="true or false")
    return raw


def read_integer(raw: Any, low: int, high: int, path: str) -> int:
    """A whole number between two bounds, both inclusive."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise RuleRefused(
            "wrong_shape", path, want_zh="整数（金额用最小单位）", want_en="a whole number (money in minor units)"
        )
    if not low <= raw <= high:
        raise RuleRefused("out_of_range", path, low=low, high=high)
    return raw


def read_span(raw: Any, path: str) -> Span:
    """A window or a period, told apart by their keys."""
    if isinstance(raw, dict) and ("weekdays" in raw or "time_zone" in raw):
        return _read_window(raw, path)
    document = read_object(raw, (), ("from", "until"), path)
    bounds = [
        None if document.get(key) is None else _read_datetime(document[key], (), f"{path}/{key}")
        for key in ("from", "until")
    ]
    start, end = bounds
    if (start is None and end is None) or (start is not None and end is not None and start >= end):
        raise RuleRefused("empty_period", path)
    return Period(start, end)


def write_value(value: object) -> object:
    """A value as JSON types; `read_shape` and `read_scalar` read it back to an equal value."""
    if isinstance(value, Decimal):
        return _write_decimal(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, frozenset | set):
        return [write_value(item) for item in sorted(value)]
    if isinstance(value, tuple | list):
        return [write_value(item) for item in value]
    if isinstance(value, Window):
        return {
            "weekdays": sorted(value.weekdays),
            "from": _write_clock(value.start),
            "to": _write_clock(value.end),
            "time_zone": value.time_zone,
        }
    if isinstance(value, Period):
        return {"from": write_value(value.from_at), "until": write_value(value.until_at)}
    return value


def _write_decimal(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _read_list(raw: Any, kind: ValueType, choices: tuple[Choice, ...], path: str) -> tuple[object, ...]:
    items = read_list(raw, path)
    if not items:
        raise RuleRefused("empty_list", path)
    values: dict[Any, None] = {}
    for at, item in enumerate(items):
        value = read_scalar(item, kind, choices, f"{path}/{at}")
        if value in values:
            raise RuleRefused("repeated_item", f"{path}/{at}", seen=value)
        values[value] = None
    return tuple(sorted(values))


def _read_pair(raw: Any, kind: ValueType, path: str) -> tuple[object, object]:
    if len(read_list(raw, path)) != 2:
        raise RuleRefused("wrong_shape", path, want_zh="[下限, 上限]", want_en="[lower, upper]")
    low: Any = read_scalar(raw[0], kind, (), f"{path}/0")
    high: Any = read_scalar(raw[1], kind, (), f"{path}/1")
    if low > high:
        raise RuleRefused("order", path)
    return low, high


def _read_window(raw: Any, path: str) -> Window:
    document = read_object(raw, ("from", "to", "time_zone"), ("weekdays",), path)
    start = _read_clock(document["from"], f"{path}/from")
    end = _read_clock(document["to"], f"{path}/to")
    if start % 1440 == end or start == 1440:
        raise RuleRefused("empty_window", path)
    zone = read_text(document["time_zone"], f"{path}/time_zone", 64)
    _check_zone(zone, f"{path}/time_zone")
    days = _read_weekdays(document.get("weekdays", [1, 2, 3, 4, 5, 6, 7]), f"{path}/weekdays")
    return Window(days, start, end, zone)


def _check_zone(zone: str, path: str) -> None:
    try:
        if not _ZONE.fullmatch(zone):
            raise ValueError(zone)
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError) as error:
        raise RuleRefused("time_zone", path, seen=zone) from error


def _read_weekdays(raw: Any, path: str) -> frozenset[int]:
    days = [read_integer(day, 1, 7, f"{path}/{at}") for at, day in enumerate(read_list(raw, path))]
    if not days:
        raise RuleRefused("empty_list", path)
    if len(set(days)) < len(days):
        raise RuleRefused("repeated_item", path, seen=max(days, key=days.count))
    return frozenset(days)


def _read_clock(raw: Any, path: str) -> int:
    if not isinstance(raw, str) or not _CLOCK.fullmatch(raw):
        raise RuleRefused("clock", path, seen=raw)
    return int(raw[:2]) * 60 + int(raw[3:])


def _read_datetime(raw: Any, choices: tuple[Choice, ...], path: str) -> datetime:
    if not isinstance(raw, str) or not _TIME.fullmatch(raw):
        raise RuleRefused("datetime", path, seen=raw)
    try:
        moment = datetime.fromisoformat(raw).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RuleRefused("datetime", path, seen=raw) from error
    if not 1970 <= moment.year < 9000:
        raise RuleRefused("out_of_range", path, low=1970, high=8999)
    return moment


def _read_decimal(raw: Any, choices: tuple[Choice, ...], path: str) -> Decimal:
    if isinstance(raw, float):
        raise RuleRefused("float", path)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Decimal(read_integer(raw, -(10**18) + 1, 10**18 - 1, path))
    if not isinstance(raw, str) or not _DECIMAL.fullmatch(raw):
        raise RuleRefused("wrong_shape", path, want_zh='带引号的小数，如 "1.5"', want_en='a decimal such as "1.5"')
    return Decimal(raw) + 0  # minus zero becomes zero


def _read_code(raw: Any, choices: tuple[Choice, ...], path: str) -> str:
    code = read_text(raw, path)
    if choices and code not in {choice.code for choice in choices}:
        raise RuleRefused("choice", path, seen=code, known=", ".join(choice.code for choice in choices))
    return code


def _read_set(raw: Any, choices: tuple[Choice, ...], path: str) -> frozenset[object]:
    return frozenset(_read_list(raw, ValueType.CODE, choices, path))


_SCALARS: dict[ValueType, _ScalarReader] = {
    ValueType.BOOL: lambda raw, choices, path: read_bool(raw, path),
    ValueType.INTEGER: lambda raw, choices, path: read_integer(raw, -_BIGGEST, _BIGGEST, path),
    ValueType.MONEY: lambda raw, choices, path: read_integer(raw, -_BIGGEST, _BIGGEST, path),
    ValueType.DECIMAL: _read_decimal,
    ValueType.TEXT: lambda raw, choices, path: read_text(raw, path),
    ValueType.CODE: _read_code,
    ValueType.SET: _read_set,
    ValueType.DATETIME: _read_datetime,
    ValueType.DURATION: lambda raw, choices, path: read_integer(raw, 0, _LONGEST, path),
    ValueType.COUNT: lambda raw, choices, path: read_integer(raw, 0, _BIGGEST, path),
}
