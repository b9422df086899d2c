"""Orders that cannot be taken as they are: one kind of damage each, done when the document is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["items"][0] |= {"unit_price": "abc", "raw_unit_price": None}


def _missing_lines(doc: Doc) -> None:
    del doc["items"]


def _unknown_status(doc: Doc) -> None:
    doc["status"] = "aligning-stars"


def _amounts_do_not_add_up(doc: Doc) -> None:
    """The payment is about another amount than the order."""
    for collection in doc["payment_collections"]:
        for row in (collection, *collection["payments"]):
            row |= {"amount": 999999.99, "raw_amount": {"value": "999999.99", "precision": 20}}


def _time_text(doc: Doc) -> None:
    doc["created_at"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_lines": _missing_lines,
    "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}


def as_shown(doc: Doc, spoil: str) -> Doc:
    """The document as the platform answers it; `doc` itself may be changed."""
    if spoil:
        SPOILERS[spoil](doc)
    return doc
