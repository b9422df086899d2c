"""The calls about goods and the store: variants, inventory and its levels, places, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit import json_answer
from connectors.sandbox.medusa.gateway import ADMIN, Ask, Endpoint, narrowed, paged
from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.money import bigs, major, number
from connectors.sandbox.medusa.params import check_body, listing_from, values_of
from connectors.sandbox.medusa.refusal import Refusal, invalid
from connectors.sandbox.medusa.shop import Shop, inventory_of, product_of, stamps, variant_of

Doc = dict[str, Any]
OPENED_MS = 1_767_225_600_000
VARIANT = ("id", "title", "sku", "barcode", "allow_backorder", "manage_inventory", "weight", "metadata", "variant_rank",
           "product_id", "created_at", "updated_at", "deleted_at", "*product", "*prices")  # fmt: skip
INVENTORY = ("id", "sku", "title", "description", "requires_shipping", "weight", "metadata", "reserved_quantity",
             "stocked_quantity", "created_at", "updated_at", "*location_levels")  # fmt: skip
LEVELS = f"{ADMIN}/inventory-items/<id>/location-levels"


def list_variants(ask: Ask) -> Response:
    return _goods(
        ask, "variants", {number: _variant(ask.shop, item) for number, item in ask.shop.variants.items()}, VARIANT
    )


def list_inventory(ask: Ask) -> Response:
    found = {number: _inventory(ask.shop, item) for number, item in ask.shop.inventory.items()}
    return _goods(ask, "inventory_items", found, INVENTORY)


def set_level(ask: Ask) -> Response:
    check_body(ask.body, {}, {"stocked_quantity": "number", "incoming_quantity": "number"})
    item = _stock(ask, str(ask.args["id"]), str(ask.args["location"]), ask.body)
    return json_answer({"inventory_item": narrowed(ask, _inventory(ask.shop, item), INVENTORY)})


def set_levels(ask: Ask) -> Response:
    check_body(ask.body, {}, {"update": "array", "create": "array", "delete": "array", "force": "boolean"})
    updates = ask.body.get("update") or []
    for position, level in enumerate(updates):
        check_body(level, {"inventory_item_id": "string", "location_id": "string"},
                   {"id": "string", "stocked_quantity": "number", "incoming_quantity": "number"},
                   f"update, {position}, ")  # fmt: skip
        _find(ask, level["inventory_item_id"], level["location_id"])
    for level in ask.body.get("create") or []:
        raise invalid(
            f"Inventory level with inventory_item_id: {level.get('inventory_item_id')}, "
            f"location_id: {level.get('location_id')}, already exists."
        )
    items = [_stock(ask, level["inventory_item_id"], level["location_id"], level) for level in updates]
    return json_answer({"created": [], "updated": [_level(ask.shop, item) for item in items], "deleted": []})


def list_stores(ask: Ask) -> Response:
    currency = {"id": made("stocur", "first"), "currency_code": ask.shop.setup.currency, "is_default": True}
    store = {"id": made("store", ask.shop.market.seed), "name": "Medusa Store", "supported_currencies": [currency],
             "default_sales_channel_id": ask.shop.sales_channel, "default_region_id": made("reg", "cn"),
             "default_location_id": ask.shop.location, "metadata": None, **stamps(OPENED_MS)}  # fmt: skip
    return _page("stores", [store])


def list_locations(ask: Ask) -> Response:
    place = {"id": ask.shop.location, "name": "主仓", "metadata": None, **stamps(OPENED_MS)}
    return _page("stock_locations", [place])


def list_channels(ask: Ask) -> Response:
    channel = {"id": ask.shop.sales_channel, "name": "Default Sales Channel", "description": None, "is_disabled": False,
               "metadata": None, **stamps(OPENED_MS)}  # fmt: skip
    return _page("sales_channels", [channel])


def list_nothing(name: str, ask: Ask) -> Response:
    return _page(name, [])


def _page(name: str, rows: list[Doc]) -> Response:
    return json_answer({name: rows, "count": len(rows), "offset": 0, "limit": 20})


def _goods(ask: Ask, name: str, found: Mapping[str, Doc], defaults: tuple[str, ...]) -> Response:
    """A page of goods by identifier, as `id[]`, `sku[]` and `q` choose them."""
    listing = listing_from(ask.query, limit=20)
    rows = [found[key] for key in sorted(found, reverse=listing.newest_first)]
    for key in ("id", "sku", "product_id"):
        if values := values_of(ask.query, key):
            rows = [row for row in rows if row.get(key) in values]
    page = rows[listing.offset : listing.offset + listing.limit]
    return paged(name, listing, [narrowed(ask, row, defaults) for row in page], len(rows))


def _stock(ask: Ask, inventory: str, location: str, body: Mapping[str, Any]) -> Doc:
    item = _find(ask, inventory, location)
    units = body.get("stocked_quantity")
    if units is not None and units < 0:
        raise invalid("Invalid request: Value for field 'stocked_quantity' too small, expected at least: '0'")
    if units is not None:
        ask.shop.market.shelves.set_units(str(item["num_iid"]), str(item["sku_id"]), int(units))
    return item


def _find(ask: Ask, inventory: str, location: str) -> Doc:
    item = ask.shop.inventory.get(inventory)
    if item is None or location != ask.shop.location:
        raise Refusal("not_found", f"Item {inventory} is not stocked at location {location}")
    return item


def _variant(shop: Shop, item: Doc) -> Doc:
    price = {"id": made("price", variant_of(item)), "amount": number(major(item["price_fen"])), "rules": {},
             "currency_code": shop.setup.currency, "min_quantity": None, "max_quantity": None,
             "variant_id": variant_of(item), **stamps(OPENED_MS)}  # fmt: skip
    kept = {"id": made("pvitem", variant_of(item)), "variant_id": variant_of(item), "required_quantity": 1,
            "inventory_item_id": inventory_of(item), "inventory": _inventory(shop, item),
            **stamps(OPENED_MS)}  # fmt: skip
    return {
        "id": variant_of(item), "title": _title(item), "sku": item["code"], "barcode": item["barcode"] or None,
        "allow_backorder": False, "manage_inventory": True, "weight": item["weight_g"], "metadata": None,
        "variant_rank": 0, "product_id": product_of(item), **stamps(OPENED_MS), "prices": [price],
        "product": {"id": product_of(item), "title": item["title"], "handle": str(item["outer_iid"]).lower(),
                    "status": "published", "thumbnail": None, **stamps(OPENED_MS)},
        "inventory_items": [kept], "inventory_quantity": shop.units_of(item),
    }  # fmt: skip


def _inventory(shop: Shop, item: Doc) -> Doc:
    return {
        "id": inventory_of(item), "sku": item["code"], "title": _title(item), "description": _title(item),
        "requires_shipping": True, "weight": item["weight_g"], "metadata": None, "reserved_quantity": 0,
        "stocked_quantity": shop.units_of(item), **stamps(OPENED_MS), "location_levels": [_level(shop, item)],
    }  # fmt: skip


def _level(shop: Shop, item: Doc) -> Doc:
    units = shop.units_of(item)
    return {
        "id": made("ilev", inventory_of(item)), "location_id": shop.location, "metadata": None,
        "inventory_item_id": inventory_of(item), **stamps(OPENED_MS), "available_quantity": units,
        **bigs(stocked_quantity=units, reserved_quantity=0, incoming_quantity=0),
    }  # fmt: skip


def _title(item: Mapping[str, Any]) -> str:
    return " / ".join(part.partition(":")[2] for part in item["properties"].split(";") if part) or "默认"


ENDPOINTS = (
    Endpoint("variants.list", "GET", f"{ADMIN}/product-variants", list_variants),
    Endpoint("inventory.list", "GET", f"{ADMIN}/inventory-items", list_inventory),
    Endpoint("levels.batch", "POST", f"{ADMIN}/inventory-items/location-levels/batch", set_levels),
    Endpoint("levels.set", "POST", f"{LEVELS}/<location>", set_level),
    Endpoint("stores.list", "GET", f"{ADMIN}/stores", list_stores),
    Endpoint("locations.list", "GET", f"{ADMIN}/stock-locations", list_locations),
    Endpoint("channels.list", "GET", f"{ADMIN}/sales-channels", list_channels),
    Endpoint("return_reasons.list", "GET", f"{ADMIN}/return-reasons", lambda ask: list_nothing("return_reasons", ask)),
    Endpoint("refund_reasons.list", "GET", f"{ADMIN}/refund-reasons", lambda ask: list_nothing("refund_reasons", ask)),
    Endpoint("claims.list", "GET", f"{ADMIN}/claims", lambda ask: list_nothing("claims", ask)),
)
