"""What the operations work on: one seller's market, keys and settings; what an operation is; reading of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request

from connectors.sandbox.amazon.errors import invalid, not_found
from connectors.sandbox.amazon.tokens import SELLER, Tokens
from connectors.sandbox.kit.market import Market, Sale

Doc = dict[str, Any]
#: Twin-seconds after which the platform itself acts; a setting of the same name changes one.
DELAYS = {"report_after": 20.0, "feed_after": 20.0, "authorise_after": 3600.0, "fba_ships_after": 3600.0}


@dataclass(frozen=True, slots=True)
class Shop:
    """One seller's account in one marketplace; `notify(kind, payload)` tells subscribers."""

    market: Market
    settings: Mapping[str, Any]
    keys: Mapping[str, str]
    tokens: Tokens
    notify: Callable[[str, Doc], None] = field(default=lambda kind, payload: None)

    @property
    def currency(self) -> str:
        return str(self.settings.get("currency", "CNY"))

    @property
    def marketplace(self) -> str:
        return self.keys["marketplace_id"]

    @property
    def marketplace_name(self) -> str:
        return str(self.settings.get("marketplace_name", "Amazon.cn"))

    def money(self, cents: int) -> Doc:
        """An amount as the orders API writes it; yen have no decimals."""
        return {"amount": self.decimal(cents), "currencyCode": self.currency}

    def decimal(self, cents: int) -> str:
        """Minor units as decimal text."""
        if self.currency == "JPY":
            return str(cents)
        sign = "-" if cents < 0 else ""
        return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"

    def delay(self, name: str) -> float:
        return float(self.settings.get(name, DELAYS[name]))

    def order(self, number: str) -> Sale:
        sale = self.market.shelves.sale(number)
        if sale is None:
            raise not_found(f"No order {number} for this seller.")
        return sale


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the query, the body (JSON) and the parts of the path."""

    request: Request
    path: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        return self.request.args.get(name, default).strip()

    def names(self, name: str, most: int, allowed: frozenset[str] = frozenset()) -> list[str]:
        """A list in the query, comma separated or repeated."""
        found = [part.strip() for text in self.request.args.getlist(name) for part in text.split(",") if part.strip()]
        if len(found) > most:
            raise invalid(f"{name} takes at most {most} values.")
        strange = sorted(set(found) - allowed) if allowed else []
        if strange:
            raise invalid(f"{name} has an unknown value: {strange[0]}.")
        return found

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name)
        if text and not text.isdigit():
            raise invalid(f"{name} must be a number.")
        value = int(text) if text else default
        if not low <= value <= high:
            raise invalid(f"{name} must be between {low} and {high}.")
        return value

    def body(self, *required: str) -> Doc:
        """The JSON object of the call, with what must stand in it."""
        found = self.request.get_json(silent=True)
        if not isinstance(found, dict):
            raise invalid("The request body must be a JSON object.")
        for name in required:
            if found.get(name) in (None, "", []):
                raise invalid(f"{name} is required.")
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: its name, HTTP method, path, rate in calls a second and burst; `run` answers (status, JSON)."""

    name: str
    method: str
    path: str
    rate: float
    burst: int
    run: Callable[[Shop, Asked], tuple[int, Doc | None]]
    token: str = SELLER


def check_marketplaces(shop: Shop, wanted: object) -> None:
    """ApiError unless the list names this seller's marketplace."""
    if not isinstance(wanted, list) or not wanted:
        raise invalid("marketplaceIds is required.")
    if shop.marketplace not in wanted:
        raise invalid("marketplaceIds names no marketplace of this seller.")
