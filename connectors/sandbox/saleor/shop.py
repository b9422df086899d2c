"""The shop of the twin: its channel, warehouses, permissions and keys, next to the market that holds its sales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.kit.market import Market
from connectors.sandbox.saleor.ids import global_id, warehouse_id
from connectors.sandbox.saleor.signing import Signer
from connectors.sandbox.traffic import catalogue

Doc = dict[str, Any]
PERMISSIONS = ("MANAGE_ORDERS", "MANAGE_PRODUCTS", "HANDLE_PAYMENTS", "MANAGE_APPS")
#: slug, name, city, province, places of stock in the catalogue.
WAREHOUSES = (
    ("hangzhou", "杭州仓", "杭州市", "浙江省", ("both", "east")),
    ("guangzhou", "广州仓", "广州市", "广东省", ("south",)),
)
HOME, FAR = (warehouse_id(found[0]) for found in WAREHOUSES)
CHANNEL_ID = global_id("Channel", 1)
VERSION = "3.23.1"
FIRST_STOCK = 500


@dataclass(slots=True)
class Shop:
    """One shop, what its settings say, and who signs its web hooks."""

    market: Market
    host: str
    signer: Signer
    settings: Mapping[str, Any]
    permissions: frozenset[str]

    @property
    def currency(self) -> str:
        return str(self.settings.get("currency", "CNY"))

    def items(self) -> list[Doc]:
        """Everything the shop lists."""
        return catalogue(self.market.seed)

    def channel(self) -> Doc:
        return {"id": CHANNEL_ID, "slug": "default-channel", "name": "示例渠道", "currencyCode": self.currency,
                "isActive": True}  # fmt: skip

    def units(self, item: Mapping[str, Any], warehouse: str) -> int:
        """What a warehouse holds of an item, in the number last told to it."""
        if warehouse == HOME:
            found = self.market.storage.scalar("select units from shelf where listing = ? and variant = ?",
                                               (str(item["num_iid"]), item["sku_id"]))  # fmt: skip
        else:
            found = self.market.storage.scalar("select units from far_stock where code = ? and warehouse = ?",
                                               (item["code"], warehouse))  # fmt: skip
        first = FIRST_STOCK if home_of(item) == warehouse else 0
        return first if found is None else int(found)


def home_of(item: Mapping[str, Any]) -> str:
    """The warehouse that holds an item to begin with."""
    return FAR if item["stocked_at"] == "south" else HOME


def utc(ms: int) -> str | None:
    """A time as the platform tells it, with microseconds and offset; None for 0, which is no time."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="microseconds") if ms else None


def millis(text: str) -> int:
    """An ISO time in epoch milliseconds; one without an offset counts as UTC."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
