"""Documents that cannot be taken as they are: one kind of damage each, done when the document is read.

The kept document stays whole, so that `mend` only has to stop doing damage.
"""

from collections.abc import Callable
from typing import Any

Doc = dict[str, Any]


def _amount_text(doc: Doc) -> None:
    doc["payment"] = "abc"


def _missing_orders(doc: Doc) -> None:
    del doc["orders"]


def _unknown_status(doc: Doc) -> None:
    doc["status"] = "WAIT_FOR_ALIGNMENT"


def _amounts_do_not_add_up(doc: Doc) -> None:
    doc["orders"]["order"][0]["divide_order_fee"] = "999999.99"


def _time_text(doc: Doc) -> None:
    doc["created"] = "昨天下午"


SPOILERS: dict[str, Callable[[Doc], None]] = {
    "amount_text": _amount_text,
    "missing_orders": _missing_orders,
    "unknown_status": _unknown_status,
    "amounts_do_not_add_up": _amounts_do_not_add_up,
    "time_text": _time_text,
}


def as_shown(doc: Doc, spoil: str) -> Doc:
    """The document as the platform answers it; `doc` itself may be changed."""
    if spoil:
        SPOILERS[spoil](doc)
    return doc
