"""Rules as people type them (300.00, 2 小时, 2026-11-11T00:00) turned into what is stored; the way back is in typed.

A typed rule has the shape of a stored one, so that the place of a fault is the same in both; what is no typed value is
passed on as it came, for the codec to refuse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from flask_babel import to_utc  # type: ignore[import-untyped]

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.messages import _
from oms.console.rules.editor.typed import KINDS, UNITS
from oms.console.translating import language
from oms.domain.money import EXPONENTS
from rules.codec import DEPTH_LIMIT
from rules.model import ValueType
from rules.operators import OPERATORS, Shape
from rules.refusals import RuleRefused

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_AMOUNT = re.compile(r"(-?)([0-9]{1,16})(?:\.([0-9]{1,3}))?", re.ASCII)
_TRUTH: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place (JSON pointer) of a draft, and what helps."""

    path: str
    reason: str
    remedy: str = ""


def fault_of(error: RuleRefused) -> Fault:
    """The codec's refusal in the reader's language."""
    if language() == "en":
        return Fault(error.path, error.reason_en, error.remedy_en)
    return Fault(error.path, error.reason_zh, error.remedy_zh)


class Storing:
    """Turns typed rules into stored ones and collects what cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def rule(self, raw: Any, path: str) -> Any:
        """A rule without its limits, which belong to the version."""
        if not isinstance(raw, dict):
            return raw
        found = {key: value for key, value in raw.items() if key != "limits"}
        if "when" in found:
            found["when"] = self.node(found["when"], f"{path}/when")
        if isinstance(found.get("priority"), str):
            found["priority"] = self.scalar(found["priority"], ValueType.INTEGER, "", f"{path}/priority")
        found["actions"] = self._each(found.get("actions"), self.action, f"{path}/actions")
        for key in ("active", "excluded"):
            if key in found:
                found[key] = self._each(found[key], self.span, f"{path}/{key}")
        return found

    def node(self, raw: Any, path: str, depth: int = 1) -> Any:
        """A condition or a group; what is nested too deep is left to the codec."""
        if not isinstance(raw, dict) or depth > DEPTH_LIMIT:
            return raw
        for kind in KINDS:
            if kind in raw:
                if not isinstance(raw[kind], list):
                    return raw
                inner = [self.node(child, f"{path}/{kind}/{at}", depth + 1) for at, child in enumerate(raw[kind])]
                return raw | {kind: inner}
        return self._condition(raw, path)

    def _condition(self, raw: dict[str, Any], path: str) -> Any:
        name, op = raw.get("fact"), raw.get("op")
        if name in ("", None):
            self._wrong(f"{path}/fact", _("还没选字段"), _("选一个字段，或删掉这一条"))
            return raw
        fact = VOCABULARY.facts.get(name) if isinstance(name, str) else None
        operator = OPERATORS.get(op) if isinstance(op, str) else None
        if fact is None or operator is None or "value" not in raw:
            return raw
        if operator.shape is Shape.NOTHING:
            return {key: value for key, value in raw.items() if key != "value"}
        return raw | {"value": self._shaped(raw["value"], operator.shape, fact.type, fact.unit, f"{path}/value")}

    def _shaped(self, raw: Any, shape: Shape, kind: ValueType, unit: str, path: str) -> Any:
        element = ValueType.CODE if kind is ValueType.SET else kind
        if shape is Shape.LIST or shape is Shape.PAIR:
            if raw in ("", []):
                self._wrong(path, _("还没填值"), _("至少填一个"))
            return [self.scalar(v, element, unit, f"{path}/{at}") for at, v in enumerate(raw)] if _is_list(raw) else raw
        if shape is Shape.WINDOW:
            return raw
        if shape in (Shape.PREFIX, Shape.PATTERN):
            return self.scalar(raw, ValueType.TEXT, "", path)
        return self.scalar(raw, ValueType.DURATION if shape is Shape.SECONDS else element, unit, path)

    def scalar(self, raw: Any, kind: ValueType, unit: str, path: str) -> Any:
        """One value of a type."""
        if kind is ValueType.SET:
            return self._shaped(raw, Shape.LIST, kind, unit, path)
        if kind is ValueType.DURATION:
            return self._length(raw, path)
        if not isinstance(raw, str):
            return raw
        if not raw.strip():
            self._wrong(path, _("还没填值"), _HINTS.get(kind, _default_hint)())
            return raw
        if kind is ValueType.BOOL:
            return _TRUTH.get(raw, raw)
        if kind is ValueType.DATETIME:
            return self._moment(raw, path)
        if kind in (ValueType.TEXT, ValueType.CODE):
            return raw
        typed = unicodedata.normalize("NFKC", raw).strip()
        if kind is ValueType.DECIMAL:
            return typed
        return self._money(typed, unit, path) if kind is ValueType.MONEY else self._whole(typed, path)

    def _whole(self, typed: str, path: str) -> Any:
        if _WHOLE.fullmatch(typed):
            return int(typed)
        self._wrong(path, _("这不是整数"), _("只写数字，如 2"))
        return typed

    def _money(self, typed: str, unit: str, path: str) -> Any:
        found, digits = _AMOUNT.fullmatch(typed.replace(",", "").removeprefix("¥")), EXPONENTS.get(unit, 2)
        if found is None or len(found[3] or "") > digits:
            self._wrong(path, _("这不是金额"), _("写成 300.00 这样，单位是元"))
            return typed
        return int(Decimal(found[0]).scaleb(digits))

    def _moment(self, raw: str, path: str) -> Any:
        """Typed in the console's time zone; one that names its own offset keeps it."""
        try:
            written = datetime.fromisoformat(raw.strip())
            if written.tzinfo is not None:
                return raw.strip()
            return to_utc(written).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
        except (ValueError, OverflowError):
            self._wrong(path, _("这不是时间"), _("写成 2026-11-22T09:00 这样"))
            return raw

    def _length(self, raw: Any, path: str) -> Any:
        if not isinstance(raw, dict):
            return raw
        count, unit = raw.get("count"), raw.get("unit")
        if not isinstance(count, str) or unit not in [str(seconds) for seconds in UNITS]:
            return raw
        if not count.strip():
            self._wrong(path, _("还没填时长"), _("写一个数，再选单位"))
            return raw
        whole = self._whole(unicodedata.normalize("NFKC", count).strip(), path)
        return whole * int(str(unit)) if isinstance(whole, int) else raw

    def action(self, raw: Any, path: str) -> Any:
        """An action; optional parameters that are blank are left out."""
        if not isinstance(raw, dict):
            return raw
        if raw.get("action") in ("", None):
            self._wrong(f"{path}/action", _("还没选动作"), _("选一个动作，或删掉这一条"))
            return raw
        spec = VOCABULARY.actions.get(raw["action"]) if isinstance(raw["action"], str) else None
        params = raw.get("params")
        if spec is None or not isinstance(params, dict):
            return raw
        kept = dict(params)
        for param in spec.params:
            if param.name not in kept:
                continue
            if not param.required and is_blank(kept[param.name]):
                del kept[param.name]
            else:
                place = f"{path}/params/{param.name}"
                kept[param.name] = self.scalar(kept[param.name], param.type, param.unit, place)
        return raw | {"params": kept}

    def span(self, raw: Any, path: str) -> Any:
        """A window as it is, a period in the console's time zone; a blank end is open."""
        if not isinstance(raw, dict) or "weekdays" in raw or "time_zone" in raw:
            return raw
        return {key: self._end(value, f"{path}/{key}") for key, value in raw.items()}

    def _end(self, raw: Any, path: str) -> Any:
        return None if raw in ("", None) else self._moment(raw, path) if isinstance(raw, str) else raw

    def _each(self, raw: Any, read: Callable[[Any, str], Any], path: str) -> Any:
        return [read(item, f"{path}/{at}") for at, item in enumerate(raw)] if _is_list(raw) else raw

    def _wrong(self, path: str, reason: str, remedy: str) -> None:
        self.faults.append(Fault(path, reason, remedy))


def is_blank(typed: Any) -> bool:
    """Whether nothing has been typed for a value."""
    if isinstance(typed, dict):
        return is_blank(typed.get("count"))
    return typed in ("", None, [])


def _is_list(raw: Any) -> bool:
    return isinstance(raw, list)


def _default_hint() -> str:
    return _("填好这一格")


_HINTS: Final[dict[ValueType, Callable[[], str]]] = {
    ValueType.MONEY: lambda: _("填一个金额，如 300.00"),
    ValueType.CODE: lambda: _("选一个，或填一个代码"),
    ValueType.BOOL: lambda: _("选是或否"),
}
