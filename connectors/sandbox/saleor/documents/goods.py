"""Warehouses, products and variants with their stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market.model import is_live
from connectors.sandbox.saleor.documents.money import money, taxed
from connectors.sandbox.saleor.ids import global_id, warehouse_id
from connectors.sandbox.saleor.shop import WAREHOUSES, Shop, home_of

Doc = dict[str, Any]
Item = Mapping[str, Any]
LISTED_AT = "2026-01-05T02:00:00.000000+00:00"


def warehouse(id_: str) -> Doc | None:
    """The Warehouse of a global id."""
    return next((found for found in warehouses() if found["id"] == id_), None)


def warehouses() -> list[Doc]:
    return [
        {"__typename": "Warehouse", "id": warehouse_id(slug), "name": name, "slug": slug, "isPrivate": False,
         "email": f"{slug}@example.invalid", "externalReference": None, "address": _place(slug, city, province)}
        for slug, name, city, province, _ in WAREHOUSES
    ]  # fmt: skip


def _place(slug: str, city: str, province: str) -> Doc:
    blank = dict.fromkeys(("firstName", "lastName", "streetAddress2", "cityArea", "postalCode", "phone"), "")
    return {"id": global_id("Address", slug), "companyName": "示例仓储", "streetAddress1": "仓储路1号", "city": city,
            "countryArea": province, "country": {"code": "CN", "country": "China"}, **blank}  # fmt: skip


def variant_id(item: Item) -> str:
    return global_id("ProductVariant", item["sku_id"] or f"{item['num_iid']}0")


def product_id(item: Item) -> str:
    return global_id("Product", item["num_iid"])


def variant_name(item: Item) -> str:
    """The values of an item's properties, or nothing when it has none."""
    return " / ".join(part.partition(":")[2] for part in str(item["properties"]).split(";") if part)


def product(shop: Shop, item: Item) -> Doc:
    """The Product that an item is a variant of."""
    same = [other for other in shop.items() if other["num_iid"] == item["num_iid"]]
    return {
        "__typename": "Product", "id": product_id(item), "name": item["title"], "slug": f"goods-{item['num_iid']}",
        "externalReference": str(item["outer_iid"]), "created": LISTED_AT, "updatedAt": LISTED_AT,
        "productType": {"id": global_id("ProductType", 1), "name": "普通商品", "slug": "goods", "kind": "NORMAL"},
        "channelListings": [{"id": global_id("ProductChannelListing", item["num_iid"]), "channel": shop.channel(),
                             "isPublished": True, "visibleInListings": True, "availableForPurchaseAt": LISTED_AT,
                             "isAvailableForPurchase": True, "publishedAt": LISTED_AT}],
        "variants": lambda args: [variant(shop, other) for other in same],
    }  # fmt: skip


def variant(shop: Shop, item: Item) -> Doc:
    """A ProductVariant; its stock counts what is allocated to open orders as well."""
    coin = {"currency": shop.currency}
    return {
        "__typename": "ProductVariant", "id": variant_id(item), "sku": item["code"], "trackInventory": True,
        "name": variant_name(item) or item["code"], "externalReference": str(item["barcode"]), "created": LISTED_AT,
        "updatedAt": LISTED_AT, "product": lambda args: product(shop, item),
        "pricing": {"price": taxed(coin, item["price_fen"]), "onSale": False},
        "channelListings": [{"id": global_id("ProductVariantChannelListing", item["sku_id"]),
                             "channel": shop.channel(), "price": money(coin, item["price_fen"])}],
        "stocks": lambda args: stocks(shop, item), "metadata": [], "metafield": lambda args: None,
        "quantityAvailable": lambda args: max(0, sum(one["quantity"] for one in stocks(shop, item))),
    }  # fmt: skip


def stocks(shop: Shop, item: Item) -> list[Doc]:
    return [stock(shop, item, found["id"]) for found in warehouses()]


def stock(shop: Shop, item: Item, where: str) -> Doc:
    """The Stock of an item in one warehouse."""
    return {
        "__typename": "Stock", "id": global_id("Stock", f"{item['sku_id']}-{where}"), "warehouse": warehouse(where),
        "quantity": shop.units(item, where), "quantityReserved": 0,
        "quantityAllocated": lambda args: allocated(shop, item) if where == home_of(item) else 0,
        "productVariant": lambda args: variant(shop, item),
    }  # fmt: skip


def allocated(shop: Shop, item: Item) -> int:
    """Units of an item that open orders wait for."""
    return sum(
        line["num"] - line["shipped_num"] - line["cancelled_num"]
        for sale in shop.market.shelves.sales()
        if sale.doc["status"] in ("unpaid", "open", "part_shipped")
        for line in sale.lines
        if line["sku"]["code"] == item["code"] and is_live(line)
    )
