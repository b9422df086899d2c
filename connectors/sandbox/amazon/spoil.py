"""Documents that cannot be taken as they are: one kind of damage each, done when the document is shown."""

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["proceeds"]["grandTotal"]["amount"] = "abc"


def _missing_lines(doc: Doc) -> None:
    del doc["orderItems"]


def _unknown_status(doc: Doc) -> None:
    doc["fulfillment"]["fulfillmentStatus"] = "TELEPORTED"


def _amounts_do_not_add_up(doc: Doc) -> None:
    doc["proceeds"]["grandTotal"]["amount"] = "999999.99"


def _time_text(doc: Doc) -> None:
    doc["createdTime"] = "yesterday afternoon"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_lines": _missing_lines,
    "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}


def as_shown(doc: Doc, spoil: str) -> Doc:
    """The document as the platform answers it; damage to a part that was not asked for does not show."""
    if spoil == "unknown_status" and "fulfillment" not in doc:
        return doc
    if spoil in ("amount_text", "amounts_do_not_add_up") and "proceeds" not in doc:
        return doc
    if spoil:
        SPOILERS[spoil](doc)
    return doc
