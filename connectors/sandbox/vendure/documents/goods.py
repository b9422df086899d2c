"""What the shop sells: products with their variants and the stock of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.vendure.shop import LOCATION, Shop, utc

Doc = dict[str, Any]
Item = Mapping[str, Any]
LISTED_MS = 1_735_689_600_000


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


def variant(shop: Shop, item: Item) -> Doc:
    """The ProductVariant of an item; its stock is looked up when it is asked for."""
    at = utc(LISTED_MS)
    options = [part.partition(":")[2] for part in str(item["properties"]).split(";") if part]
    return {
        "__typename": "ProductVariant", "id": item["sku_id"], "createdAt": at, "updatedAt": at, "enabled": True,
        "productId": str(item["num_iid"]), "product": lambda args: product(shop, item), "sku": item["code"],
        "name": name_of(item), "price": item["price_fen"], "priceWithTax": item["price_fen"],
        "currencyCode": shop.currency, "stockLevel": lambda args: "IN_STOCK" if on_hand(shop, item) else "OUT_OF_STOCK",
        "stockLevels": lambda args: [stock_level(shop, item)], "stockOnHand": lambda args: on_hand(shop, item),
        "stockAllocated": lambda args: allocated(shop, item), "outOfStockThreshold": 0, "trackInventory": "INHERIT",
        "options": [{"id": f"{item['sku_id']}{n}", "code": name, "name": name} for n, name in enumerate(options, 1)],
        "customFields": None,
    }  # fmt: skip


def stock_level(shop: Shop, item: Item) -> Doc:
    at = utc(LISTED_MS)
    return {"id": f"{item['sku_id']}1", "createdAt": at, "updatedAt": at, "stockLocationId": LOCATION,
            "stockOnHand": on_hand(shop, item), "stockAllocated": lambda args: allocated(shop, item),
            "stockLocation": location()}  # fmt: skip


def on_hand(shop: Shop, item: Item) -> int:
    found = shop.market.storage.scalar("select units from shelf where variant = ?", (item["sku_id"],))
    return int(found or 0)


def allocated(shop: Shop, item: Item) -> int:
    """Units that placed orders hold and that have not left."""
    rows = shop.market.storage.rows("select number from sale where status in ('open', 'part_shipped')")
    sales = [sale for row in rows if (sale := shop.sale(row["number"])) is not None]
    return sum(open_num(line) for sale in sales for line in sale.lines if line["sku"]["sku_id"] == item["sku_id"])
