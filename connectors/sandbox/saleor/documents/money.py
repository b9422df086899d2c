"""Money as the platform tells it: floats beside whole minor units, gross with net and tax."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Doc = dict[str, Any]
TAX_RATE = Decimal("0.13")


def money(doc: Mapping[str, Any], cents: int) -> Doc:
    """A Money in the order's currency."""
    return {"currency": doc["currency"], "amount": cents / 100, "fractionalAmount": cents, "fractionDigits": 2}


def taxed(doc: Mapping[str, Any], cents: int) -> Doc:
    """A TaxedMoney from its gross amount, in minor units."""
    net = int((cents / (1 + TAX_RATE)).quantize(Decimal(1), ROUND_HALF_UP))
    return {"currency": doc["currency"], "gross": money(doc, cents), "net": money(doc, net),
            "tax": money(doc, cents - net)}  # fmt: skip


def each(cents: int, units: int) -> int:
    """A unit's part, rounded as the platform rounds unit prices: use totals for sums."""
    return int((Decimal(cents) / max(1, units)).quantize(Decimal(1), ROUND_HALF_UP))
