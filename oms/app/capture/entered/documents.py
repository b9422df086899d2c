"""Writes an order as a document of the standard interface; the same order is always the same bytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

FREIGHT_TITLE = "运费"


@dataclass(frozen=True, slots=True, order=True)
class DraftLine:
    """Goods of an order; amounts are minor units, `unit_price` of one unit and `discount` of the whole line."""

    sku: str
    listing: str
    title: str
    units: int
    unit_price: int
    discount: int

    @property
    def list_amount(self) -> int:
        """What the units cost before the discount."""
        return self.units * self.unit_price


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as people brought it, read and checked."""

    external_no: str
    currency: str
    ordered_at: datetime
    paid_at: datetime | None
    lines: tuple[DraftLine, ...]
    freight: int
    buyer: str
    receiver: Mapping[str, str]
    message: str
    memo: str
    is_cod: bool
    invoice_title: str
    tax_no: str
    delivery: Mapping[str, str] | None = None
    pays_at_store: bool = False

    @property
    def total(self) -> int:
        """What the buyer pays."""
        return sum(line.list_amount - line.discount for line in self.lines) + self.freight


def write(draft: Draft) -> bytes:
    """The document. Lines are numbered by what is in them, so that shuffled rows make the same order."""
    paid_at = draft.paid_at.isoformat() if draft.paid_at else None
    is_open = draft.is_cod or draft.pays_at_store or draft.paid_at is not None or draft.total == 0
    tree: dict[str, Any] = {
        "external_no": draft.external_no,
        "state": "open" if is_open else "unpaid",
        "created_at": draft.ordered_at.isoformat(),
        "changed_at": max(draft.ordered_at, draft.paid_at or draft.ordered_at).isoformat(),
        "currency": draft.currency,
        "paid_total": draft.total,
        "receiver": dict(draft.receiver),
        "lines": [_line(number, line) for number, line in enumerate(sorted(draft.lines), 1)],
        "is_cod": draft.is_cod,
        "buyer_message": draft.message,
        "seller_memo": draft.memo,
    }
    if paid_at:
        tree["paid_at"] = paid_at
    if draft.freight:
        tree["lines"].append(_freight(draft.freight))
    if draft.buyer:
        tree["buyer"] = {"external_id": draft.buyer, "nick": draft.buyer}
    if draft.total:
        kind = "cod" if draft.is_cod else "store" if draft.pays_at_store else "online"
        tree["payments"] = [{"kind": kind, "amount": draft.total, "paid_at": paid_at}]
    if draft.invoice_title:
        kind = "company" if draft.tax_no else "personal"
        tree["invoice"] = {"title": draft.invoice_title, "kind": kind, "tax_no": draft.tax_no}
    if draft.delivery:
        tree["delivery"] = dict(draft.delivery)
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)


def _line(number: int, line: DraftLine) -> dict[str, Any]:
    return {
        "external_no": str(number),
        "seller_code": line.sku,
        "listing_no": line.listing or line.sku,
        "title": line.title,
        "units": line.units,
        "list_amount": line.list_amount,
        "discount_merchant": line.discount,
        "paid_amount": line.list_amount - line.discount,
    }


def _freight(amount: int) -> dict[str, Any]:
    return {
        "external_no": "freight",
        "kind": "freight",
        "title": FREIGHT_TITLE,
        "units": 1,
        "list_amount": amount,
        "paid_amount": amount,
    }
