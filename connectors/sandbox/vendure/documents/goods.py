"""What the shop sells: products with their variants and the stock of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.vendure.shop import LOCATION, Shop, utc

Doc = dict[str, Any]
Item = Mapping[str, Any]
LISTED_MS = 1_735_689_600_000
STOCK_SCHEMA = """
create table if not exists stock_written (variant text primary key, on_hand integer not null);
"""


def location() -> Doc:
    """The shop's one stock location."""
    at = utc(LISTED_MS)
    return {"id": LOCATION, "name": "Default Stock Location", "description": "", "createdAt": at, "updatedAt": at}


def name_of(item: Item) -> str:
    words = [part.partition(":")[2] for part in str(item["properties"]).split(";") if part]
    return " ".join([str(item["title"]), *words])


def product(shop: Shop, item: Item) -> Doc:
    """The Product that an item of the catalogue belongs to."""
    at = utc(LISTED_MS)
    return {
        "id": str(item["num_iid"]), "createdAt": at, "updatedAt": at, "enabled": True, "name": item["title"],
        "slug": str(item["outer_iid"]).lower(), "description": "",
        "variants": lambda args: [variant(shop, one) for one in shop.items() if one["num_iid"] == item["num_iid"]],
    }  # fmt: skip


def variant(shop: Shop, item: Item, held: Held | None = None) -> Doc:
    """The ProductVariant of an item; its stock is looked up when it is asked for, in a count that rows may share."""
    held = held or Held(shop)
    at = utc(LISTED_MS)
    options = [part.partition(":")[2] for part in str(item["properties"]).split(";") if part]
    return {
        "__typename": "ProductVariant", "id": item["sku_id"], "createdAt": at, "updatedAt": at, "enabled": True,
        "productId": str(item["num_iid"]), "product": lambda args: product(shop, item), "sku": item["code"],
        "name": name_of(item), "price": item["price_fen"], "priceWithTax": item["price_fen"],
        "currencyCode": shop.currency, "stockLevel": lambda args: "IN_STOCK" if on_hand(shop, item) else "OUT_OF_STOCK",
        "stockLevels": lambda args: [stock_level(shop, item, held)], "stockOnHand": lambda args: on_hand(shop, item),
        "stockAllocated": lambda args: held.of(item["sku_id"]), "outOfStockThreshold": 0, "trackInventory": "INHERIT",
        "options": [{"id": f"{item['sku_id']}{n}", "code": name, "name": name} for n, name in enumerate(options, 1)],
        "customFields": None,
    }  # fmt: skip


def stock_level(shop: Shop, item: Item, held: Held) -> Doc:
    at = utc(LISTED_MS)
    return {"id": f"{item['sku_id']}1", "createdAt": at, "updatedAt": at, "stockLocationId": LOCATION,
            "stockOnHand": on_hand(shop, item), "stockAllocated": lambda args: held.of(item["sku_id"]),
            "stockLocation": location()}  # fmt: skip


def on_hand(shop: Shop, item: Item) -> int:
    """The number that was written, or what the shelf had at first."""
    storage = shop.market.storage
    row = storage.one("select on_hand from stock_written where variant = ?", (item["sku_id"],))
    if row is not None:
        return int(row["on_hand"])
    return int(storage.scalar("select units from shelf where variant = ?", (item["sku_id"],)) or 0)


class Held:
    """Units that placed orders hold and that have not left, by variant; counted when first asked for."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._units: dict[str, int] | None = None

    def of(self, variant_id: str) -> int:
        if self._units is None:
            self._units = self._counted()
        return self._units.get(variant_id, 0)

    def _counted(self) -> dict[str, int]:
        found: dict[str, int] = {}
        rows = self._shop.market.storage.rows("select doc from sale where status in ('open', 'part_shipped')")
        for row in rows:
            for line in json.loads(row["doc"])["lines"]:
                found[line["sku"]["sku_id"]] = found.get(line["sku"]["sku_id"], 0) + open_num(line)
        return found
