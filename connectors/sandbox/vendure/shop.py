"""The shop as all calls see it: market, settings, ids of what belongs to an order, times as the platform writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.kit.market import Market, Sale
from connectors.sandbox.traffic import catalogue

Doc = dict[str, Any]
FIRST_ORDER = 310_000_000_000
CHANNEL = "__default_channel__"
LOCATION = "1"
#: The digit before the last two of an id that tells what kind of child it is.
KINDS = {"Payment": "1", "Refund": "2", "Fulfillment": "3", "Note": "4", "Modification": "5", "Surcharge": "6",
         "ShippingLine": "7", "Transition": "8"}  # fmt: skip
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Shop:
    """What the functions behind fields work on; `keys` are the credentials."""

    market: Market
    settings: Mapping[str, Any]
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        return str(self.settings.get("currency", "CNY"))

    @property
    def list_limit(self) -> int:
        """How many rows one list call may take."""
        return int(self.settings.get("list_limit", 1000))

    def items(self) -> list[Doc]:
        """The catalogue: what is sold here."""
        return catalogue(self.market.seed)

    def sale(self, number: str) -> Sale | None:
        return self.market.shelves.sale(number)


def utc(ms: int) -> str | None:
    """Epoch milliseconds as the platform writes them; None for 0."""
    if not ms:
        return None
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def order_code(number: str) -> str:
    """The order's code of 16 signs, as buyers see it."""
    rest = int(hashlib.sha256(f"vendure-order:{number}".encode()).hexdigest(), 16)
    found = ""
    for _ in range(16):
        rest, place = divmod(rest, len(LETTERS))
        found += LETTERS[place]
    return found


def child(kind: str, number: str, k: int = 1) -> str:
    """The id of an order's k-th payment, refund, fulfillment …"""
    return f"{number}{KINDS[kind]}{k:02d}"


def owner(kind: str, id_: str) -> tuple[str, int] | None:
    """(order number, k) of a child's id, or None when it is none of this kind."""
    if not id_.isdigit() or len(id_) < 4 or id_[-3] != KINDS[kind]:
        return None
    return id_[:-3], int(id_[-2:])
