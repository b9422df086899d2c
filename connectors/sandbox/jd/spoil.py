"""Documents that cannot be taken as they are: one kind of damage each, done when the document is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["orderTotalPrice"] = doc["orderSellerPrice"] = "abc"
    doc["itemInfoList"][0]["jdPrice"] = "abc"


def _missing_lines(doc: Doc) -> None:
    del doc["itemInfoList"]


def _unknown_state(doc: Doc) -> None:
    doc["orderState"] = "WAIT_FOR_ALIGNMENT"


def _amounts_do_not_add_up(doc: Doc) -> None:
    doc["orderTotalPrice"] = doc["orderSellerPrice"] = doc["totalSellerReceivable"] = "999999.99"


def _time_text(doc: Doc) -> None:
    doc["orderStartTime"] = doc["paymentConfirmTime"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_lines": _missing_lines,
    "unknown_state": _unknown_state,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}
