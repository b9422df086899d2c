"""The shortest way to write an action and its parameters down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rules.model import ActionSpec, Choice, ParamSpec, ValueType

#: Parameters that name something of the hub by its code.
POINT: Final = ParamSpec("point", ValueType.TEXT, "库存点编码", "stock point code")
CARRIER: Final = ParamSpec("carrier", ValueType.TEXT, "承运商编码", "carrier code")
TEAM: Final = ParamSpec("team", ValueType.TEXT, "用户组编码", "team code")
SKU: Final = ParamSpec("sku", ValueType.TEXT, "货品编码", "SKU code")
WORDS: Final = ParamSpec("words", ValueType.TEXT, "说明", "words")
REASON: Final = ParamSpec("reason", ValueType.TEXT, "原因", "reason")
TAG: Final = ParamSpec("tag", ValueType.TEXT, "标签", "tag")


def action(
    name: str,
    zh: str,
    en: str,
    stages: Iterable[str],
    *params: ParamSpec,
    contradicts: Iterable[str] = (),
    exclusive: bool = False,
    subject: str = "",
    is_grave: bool = False,
) -> ActionSpec:
    """An action of these stages."""
    return ActionSpec(name, zh, en, frozenset(stages), params, frozenset(contradicts), exclusive, subject, is_grave)


def choices(*words: tuple[str, str, str]) -> tuple[Choice, ...]:
    """Choices from (code, Chinese, English)."""
    return tuple(Choice(*word) for word in words)
