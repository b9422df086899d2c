"""Documents that cannot be taken as they are: one kind of damage each, done when the document is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["orderDetail"][0]["unitPrice"] = doc["orderDetail"][0]["payAmount"] = "abc"


def _missing_lines(doc: Doc) -> None:
    del doc["orderDetail"]


def _unknown_status(doc: Doc) -> None:
    doc["orderTotalStatus"] = "97"
    for line in doc["orderDetail"]:
        line["orderLineStatus"] = "97"


def _amounts_do_not_add_up(doc: Doc) -> None:
    doc["orderDetail"][0]["payAmount"] = "999999.99"


def _time_text(doc: Doc) -> None:
    doc["orderSaleTime"] = doc["payTime"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_lines": _missing_lines,
    "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}
