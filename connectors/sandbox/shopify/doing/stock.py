"""Stock: absolute quantities with compare-and-set, and changes by a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.doing.answers import UserError
from connectors.sandbox.shopify.ids import gid, number_in
from connectors.sandbox.shopify.shop import LOCATIONS, Shop, utc

Args = Mapping[str, Any]
Doc = dict[str, Any]
REASONS = frozenset({
    "correction", "cycle_count_available", "damaged", "movement_created", "movement_updated", "movement_received",
    "movement_canceled", "other", "promotion", "quality_control", "received", "reservation_created",
    "reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage",
})  # fmt: skip
MOST_UNITS = 1_000_000_000


def set_quantities(shop: Shop, args: Args) -> Doc:
    """inventorySetQuantities: all rows or none; a stale changeFromQuantity refuses."""
    told = args["input"]
    _check_header(told, ("available", "on_hand"))
    rows = [_row(shop, row, n, "quantities") for n, row in enumerate(told["quantities"])]
    if len({(item["code"], place) for item, place in rows}) < len(rows):
        raise UserError(["input", "quantities"], "The combination of item and location must be unique.",
                        "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR")  # fmt: skip
    changes = [(item, place, row["quantity"] - goods.units_at(shop, item, place), row)
               for (item, place), row in zip(rows, told["quantities"], strict=True)]  # fmt: skip
    return _apply(shop, told, changes, "quantities")


def adjust_quantities(shop: Shop, args: Args) -> Doc:
    """inventoryAdjustQuantities."""
    told = args["input"]
    _check_header(told, ("available",))
    changes = [(*_row(shop, row, n, "changes"), row["delta"], row) for n, row in enumerate(told["changes"])]
    return _apply(shop, told, changes, "changes")


def _check_header(told: Doc, names: tuple[str, ...]) -> None:
    if told["name"] not in names:
        raise UserError(["input", "name"], "The specified quantity name is invalid.", "INVALID_NAME")
    if told["reason"] not in REASONS:
        raise UserError(["input", "reason"], "The specified reason is invalid.", "INVALID_REASON")


def _row(shop: Shop, row: Doc, n: int, part: str) -> tuple[Doc, int]:
    item = goods.find_stock_item(shop, number_in(row["inventoryItemId"], "InventoryItem"))
    if item is None:
        raise UserError(["input", part, str(n), "inventoryItemId"], "The specified inventory item could not be found.",
                        "INVALID_INVENTORY_ITEM")  # fmt: skip
    where = number_in(row["locationId"], "Location")
    place = next((n for n, found in enumerate(LOCATIONS) if found[0] == where and not found[6]), None)
    if place is None:
        raise UserError(["input", part, str(n), "locationId"], "The specified location could not be found.",
                        "INVALID_LOCATION")  # fmt: skip
    return item, place


def _apply(shop: Shop, told: Doc, changes: list[tuple[Doc, int, int, Doc]], part: str) -> Doc:
    for n, (item, place, delta, row) in enumerate(changes):
        held = goods.units_at(shop, item, place)
        expected = row.get("changeFromQuantity")
        if expected is not None and expected != held:
            raise UserError(["input", part, str(n), "changeFromQuantity"],
                            "The changeFromQuantity argument no longer matches the persisted quantity.",
                            "CHANGE_FROM_QUANTITY_STALE")  # fmt: skip
        if abs(held + delta) > MOST_UNITS:
            high = held + delta > 0
            raise UserError(["input", part, str(n), "quantity"], "The quantity is out of range.",
                            f"INVALID_QUANTITY_TOO_{'HIGH' if high else 'LOW'}")  # fmt: skip
    for item, place, delta, _ in changes:
        _put(shop, item, place, goods.units_at(shop, item, place) + delta)
    done = [{"name": told["name"], "delta": delta, "quantityAfterChange": goods.units_at(shop, item, place),
             "item": goods.stock_item(shop, item), "location": goods.location(place)}
            for item, place, delta, _ in changes]  # fmt: skip
    group = {"id": gid("InventoryAdjustmentGroup", shop.market.storage.next_number("adjustment", 9001)),
             "createdAt": utc(shop.market.now_ms()), "reason": told["reason"], "changes": done,
             "referenceDocumentUri": told.get("referenceDocumentUri")}  # fmt: skip
    return {"inventoryAdjustmentGroup": group}


def _put(shop: Shop, item: Doc, place: int, units: int) -> None:
    if place == 0:
        shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], units)
    else:
        shop.market.storage.execute("insert or replace into far_shelf (code, place, units) values (?, ?, ?)",
                                    (item["code"], place, units))  # fmt: skip
    shop.market.announce("stock", f"{item['code']}@{place}")
