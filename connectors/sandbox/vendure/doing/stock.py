"""Stock on hand, written as absolute numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.vendure.documents import goods
from connectors.sandbox.vendure.doing.answers import not_found
from connectors.sandbox.vendure.shop import LOCATION, Shop

Doc = dict[str, Any]


def update_variants(shop: Shop, args: Mapping[str, Any]) -> list[Doc]:
    """updateProductVariants: only the stock of a variant can be written here."""
    held = goods.Held(shop)
    items = {item["sku_id"]: item for item in shop.items()}
    for told in args["input"]:
        item = items.get(str(told["id"]))
        if item is None:
            raise not_found("ProductVariant", str(told["id"]))
        if (told.get("stockOnHand") or 0) < 0:
            # The server looks at this input alone; a level may well be negative.
            raise FieldRefusal("stockOnHand cannot be a negative value", "USER_INPUT_ERROR")
        for level in _levels(told):
            if level["stockLocationId"] != LOCATION:
                raise not_found("StockLocation", level["stockLocationId"])
            _write(shop, item, level["stockOnHand"], held)
    return [goods.variant(shop, items[str(told["id"])]) for told in args["input"]]


def _write(shop: Shop, item: Doc, on_hand: int, held: goods.Held) -> None:
    """Keep the number; the ledger's shelf has what is for sale of it, as orders hold the rest."""
    shop.market.storage.execute(
        "insert into stock_written (variant, on_hand) values (?, ?)"
        " on conflict (variant) do update set on_hand = excluded.on_hand", (item["sku_id"], on_hand),
    )  # fmt: skip
    free = max(0, on_hand - held.of(item["sku_id"]))
    shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], free)


def _levels(told: Doc) -> list[Doc]:
    plain = [] if told.get("stockOnHand") is None else [{"stockLocationId": LOCATION, "stockOnHand": told["stockOnHand"]}]
    return [*plain, *(told.get("stockLevels") or [])]
