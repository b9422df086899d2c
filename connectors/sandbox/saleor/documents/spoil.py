"""Damage on demand: orders as a broken extension or proxy would show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def as_shown(order: Doc, spoil: str) -> Doc:
    """The order, damaged in the way that `spoil` names."""
    return SPOILERS[spoil](order) if spoil else order


def _amount_text(order: Doc) -> Doc:
    broken = {**order["total"]["gross"], "amount": "abc", "fractionalAmount": "abc"}
    return order | {"total": {**order["total"], "gross": broken}}


def _wrong_sum(order: Doc) -> Doc:
    gross = order["total"]["gross"]
    more = {**gross, "amount": gross["amount"] + 1, "fractionalAmount": gross["fractionalAmount"] + 100}
    return order | {"total": {**order["total"], "gross": more}}


SPOILERS: dict[str, Callable[[Doc], Doc]] = {
    "amount_text": _amount_text,
    "missing_lines": lambda order: order | {"lines": lambda args: None},
    "unknown_status": lambda order: order | {"status": "ON_THE_MOON"},
    "amounts_do_not_add_up": _wrong_sum,
    "time_text": lambda order: order | {"updatedAt": "the day before yesterday"},
}
