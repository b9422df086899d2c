"""Reading what a form sent: numbers, lists of ids, reasons; a wrong one is refused by its field."""

from __future__ import annotations

from flask import request

from oms.console.messages import _
from oms.domain.errors import Invalid

MOST_IDS = 500
LARGEST = 2**63 - 1


def whole(name: str, *, low: int = 1, high: int = 86400) -> int:
    """A whole number of a field."""
    text = request.form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not low <= int(text[:20]) <= high:
        raise Invalid(name, _("要 %(low)s 到 %(high)s 之间的整数", low=low, high=high))
    return int(text)


def ids(name: str = "id") -> list[int]:
    """The ids that were ticked, at most 500."""
    found = [int(text) for text in request.form.getlist(name) if text.isascii() and text.isdigit() and len(text) < 19]
    if not found:
        raise Invalid(name, _("一行也没选"), _("先勾选要处理的行"))
    if len(found) > MOST_IDS:
        raise Invalid(name, _("一次最多 %(n)s 行", n=MOST_IDS))
    return found


def reason(name: str = "reason") -> str:
    """Why somebody does something; two characters at least."""
    text = request.form.get(name, "").strip()
    if not 2 <= len(text) <= 200:
        raise Invalid(name, _("要写 2 到 200 个字的原因"))
    return text


def chosen_id(name: str) -> int | None:
    """An id in the address; None when it is missing or no number."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST else None
