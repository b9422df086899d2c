"""The shop of the twin: its name, places, currency, plan and rights, next to the market that holds its sales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.sandbox.kit.market import Market
from connectors.sandbox.traffic import catalogue

Doc = dict[str, Any]
SCOPES = (
    "read_orders", "write_orders", "read_all_orders", "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders",
    "write_assigned_fulfillment_orders", "read_third_party_fulfillment_orders", "read_returns", "write_returns",
    "read_inventory", "write_inventory", "read_locations", "read_products", "write_products", "read_customers",
    "read_fulfillments", "write_fulfillments",
)  # fmt: skip
#: Points a second and the size of the bucket, by plan.
PLANS = {"standard": (100.0, 2000.0), "advanced": (200.0, 4000.0), "plus": (1000.0, 20_000.0),
         "enterprise": (2000.0, 40_000.0)}  # fmt: skip
#: id, name, city, province, province code, places of stock in the catalogue, whether a fulfilment service runs it.
LOCATIONS = (
    ("80000001", "杭州仓", "杭州市", "浙江省", "ZJ", ("both", "east"), False),
    ("80000002", "广州仓", "广州市", "广东省", "GD", ("south",), False),
    ("80000003", "Twin Fulfillment", "深圳市", "广东省", "GD", (), True),
)
SHOP_ZONE = timezone(timedelta(hours=8))
THIRD_PARTY = 2


@dataclass(slots=True)
class Shop:
    """One shop and what its settings say; `shows_people` is the approval for protected customer data."""

    market: Market
    domain: str
    client_secret: str
    settings: Mapping[str, Any]
    scopes: frozenset[str]
    version: str = "2026-10"

    @property
    def currency(self) -> str:
        return str(self.settings.get("currency", "CNY"))

    @property
    def plan(self) -> str:
        return str(self.settings.get("plan", "plus"))

    @property
    def shows_people(self) -> bool:
        return bool(self.settings.get("protected_customer_data", True))

    def items(self) -> list[Doc]:
        """Everything the shop lists."""
        return catalogue(self.market.seed)


def utc(ms: int) -> str | None:
    """A time as GraphQL tells it (Z, whole seconds); None for 0, which is no time."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if ms else None


def local(ms: int) -> str | None:
    """A time as web hooks tell it: with the offset of the shop."""
    return datetime.fromtimestamp(ms // 1000, SHOP_ZONE).isoformat() if ms else None
