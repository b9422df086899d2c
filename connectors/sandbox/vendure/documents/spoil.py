"""Documents that cannot be taken as they are: one kind of damage each, done when the document is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Doc = dict[str, Any]


def _amount_text(found: Doc) -> None:
    found["totalWithTax"] = found["subTotalWithTax"] = "abc"


def _missing_lines(found: Doc) -> None:
    found["lines"] = []


def _unknown_status(found: Doc) -> None:
    found["state"] = "AwaitingAlignment"


def _amounts_do_not_add_up(found: Doc) -> None:
    whole = found["lines"]

    def lines(args: Mapping[str, Any]) -> list[Doc]:
        first, *rest = whole({})
        wrong = dict.fromkeys(("linePriceWithTax", "proratedLinePriceWithTax", "proratedUnitPriceWithTax"), 99_999_999)
        return [{**first, **wrong}, *rest]

    found["lines"] = lines


def _time_text(found: Doc) -> None:
    found["createdAt"] = found["orderPlacedAt"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text, "missing_lines": _missing_lines, "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up, "time_text": _time_text,
}  # fmt: skip


def as_shown(found: Doc, spoil: str) -> Doc:
    """The document as the platform answers it; what hangs on the order still points at the whole one."""
    if not spoil:
        return found
    shown = dict(found)
    SPOILERS[spoil](shown)
    return shown
