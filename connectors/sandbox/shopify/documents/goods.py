"""What the shop sells: products with their variants, their stock at each place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify.documents.money import money, text_of
from connectors.sandbox.shopify.ids import gid
from connectors.sandbox.shopify.shop import LOCATIONS, Shop, utc

Doc = dict[str, Any]
Item = Mapping[str, Any]
LISTED_MS = 1_735_689_600_000
ITEM_OFFSET = 9


def stock_number(item: Item) -> str:
    """The number of the InventoryItem of a variant: not the variant's own, as on the platform."""
    return str(int(item["sku_id"]) * 10 + ITEM_OFFSET)


def location(number: int) -> Doc:
    """A Location by its position."""
    id_, name, city, province, code, _, is_service = LOCATIONS[number]
    place = {"address1": "示例路1号", "city": city, "province": province, "provinceCode": code, "country": "China",
             "countryCode": "CN", "zip": "310000"}  # fmt: skip
    return {"id": gid("Location", id_), "legacyResourceId": id_, "name": name, "isActive": True,
            "fulfillsOnlineOrders": not is_service, "isFulfillmentService": is_service, "shipsInventory": True,
            "address": place}  # fmt: skip


def variant_title(item: Item) -> str:
    words = [part.partition(":")[2] for part in str(item["properties"]).split(";") if part]
    return " / ".join(words) or "Default Title"


def variant(shop: Shop, item: Item) -> Doc:
    """The ProductVariant of an item of the catalogue."""
    title = variant_title(item)
    options = [
        dict(zip(("name", "value"), part.split(":"), strict=True)) for part in item["properties"].split(";") if part
    ]
    return {
        "__typename": "ProductVariant", "id": gid("ProductVariant", item["sku_id"]), "position": 1,
        "legacyResourceId": item["sku_id"], "sku": item["code"], "barcode": item["barcode"] or None, "title": title,
        "displayName": f"{item['title']} - {title}", "price": text_of(item["price_fen"]), "compareAtPrice": None,
        "taxable": True, "selectedOptions": options or [{"name": "Title", "value": title}],
        "createdAt": utc(LISTED_MS), "updatedAt": utc(LISTED_MS),
        "inventoryQuantity": lambda args: units_at(shop, item, 0),
        "inventoryItem": lambda args: stock_item(shop, item), "product": lambda args: product(shop, item),
    }  # fmt: skip


def product(shop: Shop, item: Item) -> Doc:
    """The Product that an item is a variant of."""
    siblings = [found for found in shop.items() if found["num_iid"] == item["num_iid"]]
    return {
        "__typename": "Product", "id": gid("Product", item["num_iid"]), "legacyResourceId": str(item["num_iid"]),
        "title": item["title"], "handle": str(item["outer_iid"]).lower(), "vendor": "示例品牌", "productType": "",
        "status": "ACTIVE", "createdAt": utc(LISTED_MS), "updatedAt": utc(LISTED_MS), "tags": [],
        "totalInventory": lambda args: sum(units_at(shop, found, 0) for found in siblings),
        "variants": lambda args: [variant(shop, found) for found in siblings],
    }  # fmt: skip


def stock_item(shop: Shop, item: Item) -> Doc:
    """The InventoryItem of an item, with its levels."""

    def level(args: Mapping[str, Any]) -> Doc | None:
        return next((found for found in levels(shop, item) if found["location"]["id"] == args["locationId"]), None)

    return {
        "__typename": "InventoryItem", "id": gid("InventoryItem", stock_number(item)), "sku": item["code"],
        "legacyResourceId": stock_number(item), "tracked": True, "requiresShipping": True,
        "createdAt": utc(LISTED_MS), "updatedAt": utc(LISTED_MS), "unitCost": money(item["cost_fen"], shop.currency),
        "variant": lambda args: variant(shop, item), "inventoryLevel": level,
        "inventoryLevels": lambda args: levels(shop, item),
    }  # fmt: skip


def levels(shop: Shop, item: Item) -> list[Doc]:
    """The InventoryLevel at each place of the shop's own."""
    own = [n for n, found in enumerate(LOCATIONS) if not found[6]]
    return [_level(shop, item, n) for n in own]


def _level(shop: Shop, item: Item, place: int) -> Doc:
    where, what = location(place), stock_item
    number = f"{LOCATIONS[place][0]}?inventory_item_id={stock_number(item)}"

    def quantities(args: Mapping[str, Any]) -> list[Doc]:
        units = units_at(shop, item, place)
        known = {"available": units, "on_hand": units}
        return [{"id": gid("InventoryQuantity", f"{number}&name={name}"), "name": name, "updatedAt": utc(LISTED_MS),
                 "quantity": known.get(name, 0)} for name in args["names"]]  # fmt: skip

    return {"id": gid("InventoryLevel", number), "updatedAt": utc(LISTED_MS), "createdAt": utc(LISTED_MS),
            "isActive": True, "location": where, "item": lambda args: what(shop, item),
            "quantities": quantities}  # fmt: skip


def units_at(shop: Shop, item: Item, place: int) -> int:
    """Available units: the first place is the market's shelf, the others are counted beside it."""
    storage = shop.market.storage
    if place == 0:
        found = storage.scalar("select units from shelf where listing = ? and variant = ?",
                               (str(item["num_iid"]), item["sku_id"]))  # fmt: skip
    else:
        found = storage.scalar("select units from far_shelf where code = ? and place = ?", (item["code"], place))
    return int(found or 0)


def find_stock_item(shop: Shop, number: str | None) -> Doc | None:
    """The catalogue's item with this InventoryItem number."""
    return next((item for item in shop.items() if stock_number(item) == number), None)
