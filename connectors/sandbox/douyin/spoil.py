"""Documents that cannot be taken as they are: one kind of damage each, done when the document is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["pay_amount"] = "abc"


def _missing_lines(doc: Doc) -> None:
    del doc["sku_order_list"]


def _unknown_status(doc: Doc) -> None:
    doc["order_status"], doc["order_status_desc"] = 777, "未知"
    for line in doc["sku_order_list"]:
        line["order_status"] = 777


def _amounts_do_not_add_up(doc: Doc) -> None:
    doc["sku_order_list"][0]["pay_amount"] = 99_999_999


def _time_text(doc: Doc) -> None:
    doc["create_time"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_lines": _missing_lines,
    "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}


def as_shown(doc: Doc, spoil: str) -> Doc:
    """The document as the platform answers it; the kept sale stays whole."""
    if spoil:
        SPOILERS[spoil](doc)
    return doc
