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
    items = {item["sku_id"]: item for item in shop.items()}
    for told in args["input"]:
        item = items.get(str(told["id"]))
        if item is None:
            raise not_found("ProductVariant", str(told["id"]))
        for level in _levels(told):
            if level["stockLocationId"] != LOCATION:
                raise not_found("StockLocation", level["stockLocationId"])
            if level["stockOnHand"] < 0:
                raise FieldRefusal("stockOnHand cannot be a negative value", "USER_INPUT_ERROR")
            shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], level["stockOnHand"])
    return [goods.variant(shop, items[str(told["id"])]) for told in args["input"]]


def _levels(told: Doc) -> list[Doc]:
    plain = [] if told.get("stockOnHand") is None else [{"stockLocationId": LOCATION, "stockOnHand": told["stockOnHand"]}]
    return [*plain, *(told.get("stockLevels") or [])]
