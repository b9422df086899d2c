"""Cainiao's words: carriers, sales channels, and what its refusals mean."""

from __future__ import annotations

from typing import Final

from connectors.contract.labels import (
    LabelInUse,
    LabelRefused,
    NumbersUsedUp,
    SenderUnknown,
    TokenStale,
    Unreachable,
)

#: Hub carrier code → cp_code, where they are known to differ; an account adds those that its contract names otherwise.
CARRIERS: Final[dict[str, str]] = {}
#: The name warehouses know a marketplace by → order_channels_type.
CHANNELS: Final = {"TB": "TB", "TM": "TM", "JD": "JD", "PDD": "PIN_DUO_DUO", "DY": "DOU_YIN", "SN": "SN"}
OTHER_CHANNEL: Final = "OTHERS"

#: The platform publishes no list of sub-codes: a word in the sub-code or in the sentence tells what is the matter.
#: The first row that fits counts, so the narrow words come first.
REASONS: Final[tuple[tuple[type[LabelRefused], tuple[str, ...]], ...]] = (
    (TokenStale, ("oaid", "caid")),
    (NumbersUsedUp, ("balance", "quantity-not-enough", "余额不足", "余量不足", "单号不足", "可用单号")),
    (Unreachable, ("unreachable", "not-reachable", "不可达", "超区", "停运", "不支持配送", "无法送达")),
    (SenderUnknown, ("sender", "shipp-address", "发货地址", "发件地址", "寄件地址")),
    (LabelInUse, ("already-used", "picked", "已揽收", "已揽件", "已使用", "已发货")),
)

#: A number that was cancelled, or never given: what a look-up finds is nothing.
UNKNOWN_NUMBER: Final = ("not-exist", "not-found", "不存在", "已取消", "cancelled")


def reason_of(sub_code: str, words: str) -> type[LabelRefused] | None:
    """What a refusal means for the hub, None when it says nothing we know."""
    text = f"{sub_code} {words}".lower()
    return next((kind for kind, needles in REASONS if any(needle in text for needle in needles)), None)


def is_unknown_number(code: str, words: str) -> bool:
    """Whether a look-up says that there is no such number, or not any more."""
    text = f"{code} {words}".lower()
    return any(needle in text for needle in UNKNOWN_NUMBER)
