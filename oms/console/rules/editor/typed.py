"""Stored rules as the editor shows them: amounts in major units, times in the console's zone. The way back: storing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.console.rendering import local
from oms.domain.money import EXPONENTS
from rules.model import GroupKind, ValueType
from rules.operators import OPERATORS, Shape

KINDS: Final = tuple(kind.value for kind in GroupKind)
#: Units of a length of time, in seconds.
UNITS: Final = (1, 60, 3600, 86400)


def typed_rule(rule: dict[str, Any], limits: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A stored rule as the editor shows it, with the limits of its actions."""
    mine = [typed_limit(limit) for limit in limits if limit.get("rule") == rule.get("id")]
    return rule | {
        "when": typed_node(rule.get("when")),
        "actions": [_typed_action(action) for action in rule.get("actions") or ()],
        "priority": str(rule.get("priority", 100)),
        "stop": bool(rule.get("stop", False)),
        "enabled": bool(rule.get("enabled", True)),
        "active": [_typed_span(span) for span in rule.get("active") or ()],
        "excluded": [_typed_span(span) for span in rule.get("excluded") or ()],
        "limits": mine,
    }


def typed_node(node: Any) -> Any:
    """A stored tree as the editor shows it; what the vocabulary does not know any more stays as it is."""
    if not isinstance(node, dict):
        return node
    for kind in KINDS:
        if kind in node:
            return {kind: [typed_node(child) for child in node[kind]]}
    fact, operator = VOCABULARY.facts.get(str(node.get("fact"))), OPERATORS.get(str(node.get("op")))
    if fact is None or operator is None or "value" not in node:
        return node
    element = ValueType.CODE if fact.type is ValueType.SET else fact.type
    kind = ValueType.DURATION if operator.shape is Shape.SECONDS else element
    if operator.shape is Shape.WINDOW:
        return node
    return node | {"value": typed_value(node["value"], kind, fact.unit)}


def typed_value(value: Any, kind: ValueType, unit: str) -> Any:
    """A stored value, or each of a list, as it would be typed."""
    if isinstance(value, list):
        return [typed_value(one, kind, unit) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is ValueType.DATETIME and isinstance(value, str):
        return _typed_moment(value)
    if not isinstance(value, int):
        return value
    if kind is ValueType.MONEY:
        return f"{Decimal(value).scaleb(-EXPONENTS.get(unit, 2)):f}"
    if kind is ValueType.DURATION:
        step = max(seconds for seconds in UNITS if value % seconds == 0) if value else 60
        return {"count": str(value // step), "unit": str(step)}
    return str(value)


def typed_limit(limit: dict[str, Any]) -> dict[str, Any]:
    """A stored limit as the editor shows it, every bound a text."""
    unit = amount_unit(str(limit.get("action")))
    shown: dict[str, Any] = {"action": limit.get("action"), "per_hour": ""}
    if limit.get("per_hour") is not None:
        shown["per_hour"] = str(limit["per_hour"])
    for name in ("amount_per_hour", "least", "most"):
        kind = ValueType.MONEY if unit else ValueType.COUNT
        shown[name] = "" if limit.get(name) is None else typed_value(limit[name], kind, unit)
    return shown


def amount_unit(action: str) -> str:
    """The currency of what an action gives away; nothing when it gives units, or its amount is known later."""
    spec = VOCABULARY.actions.get(action)
    param = spec.param("amount") if spec else None
    return param.unit if param is not None and param.type is ValueType.MONEY else ""


def _typed_action(action: dict[str, Any]) -> dict[str, Any]:
    spec = VOCABULARY.actions.get(str(action.get("action")))
    params = dict(action.get("params") or {})
    for param in spec.params if spec else ():
        if param.name in params:
            element = ValueType.CODE if param.type is ValueType.SET else param.type
            params[param.name] = typed_value(params[param.name], element, param.unit)
    return {"action": action.get("action"), "params": params}


def _typed_span(span: dict[str, Any]) -> dict[str, Any]:
    if "time_zone" in span:
        return span
    return {key: _typed_moment(span[key]) if span.get(key) else "" for key in ("from", "until")}


def _typed_moment(text: str) -> str:
    try:
        typed = local(datetime.fromisoformat(text)).replace(tzinfo=None).isoformat()
    except ValueError:
        return text
    return typed.removesuffix(":00") if len(typed) == len("2026-11-11T00:00:00") else typed
