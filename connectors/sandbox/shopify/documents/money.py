"""Amounts as the platform writes them, in the shop's currency and in the buyer's."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Doc = dict[str, Any]


def text_of(cents: int) -> str:
    """Minor units as a decimal text with two places."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cents_of(text: str) -> int:
    """A decimal text as minor units, rounded half up."""
    return int((Decimal(text) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def presented(doc: Mapping[str, Any], cents: int) -> int:
    """An amount of the shop's currency in the buyer's currency."""
    return int((cents * Decimal(doc["rate"])).quantize(Decimal(1), ROUND_HALF_UP))


def in_shop_money(doc: Mapping[str, Any], cents: int) -> int:
    """An amount of the buyer's currency in the shop's."""
    return int((cents / Decimal(doc["rate"])).quantize(Decimal(1), ROUND_HALF_UP))


def money(cents: int, currency: str) -> Doc:
    return {"amount": text_of(cents), "currencyCode": currency}


def bag(doc: Mapping[str, Any], cents: int) -> Doc:
    """A MoneyBag of an order: what the shop counts and what the buyer sees."""
    return {"shopMoney": money(cents, doc["currency"]),
            "presentmentMoney": money(presented(doc, cents), doc["presentment"])}  # fmt: skip
