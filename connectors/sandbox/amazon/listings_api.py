"""Listings: the seller's own offers with their stock, read one by one or in pages, and patched."""

from __future__ import annotations

import uuid
from typing import Any

from connectors.sandbox.amazon.clock import text_of
from connectors.sandbox.amazon.errors import invalid, not_found
from connectors.sandbox.amazon.kinds import asin_of
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop, check_marketplaces
from connectors.sandbox.traffic import catalogue

AVAILABILITY = "/attributes/fulfillment_availability"
SETS = frozenset({"summaries", "attributes", "issues", "offers", "fulfillmentAvailability", "procurement",
                  "relationships", "productTypes"})  # fmt: skip
PRODUCT_TYPE = "PRODUCT"


def items(shop: Shop) -> list[Doc]:
    """Everything the seller lists, ordered by SKU."""
    return sorted(catalogue(shop.market.seed), key=lambda item: str(item["code"]))


def search(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """Pages of at most twenty; a page's token is the position of its first row."""
    _check(shop, asked)
    size = asked.number("pageSize", 10, 1, 20)
    start = asked.number("pageToken", 0, 0, 10**6)
    wanted = asked.names("includedData", 10, SETS) or ["summaries"]
    found = items(shop)
    if names := asked.names("identifiers", 20):
        if asked.text("identifiersType") not in ("SKU", "ASIN"):
            raise invalid("identifiersType is required with identifiers.")
        found = [item for item in found if names and (item["code"] in names or asin_of(item) in names)]
    told: Doc = {
        "numberOfResults": len(found),
        "items": [_told(shop, one, wanted) for one in found[start : start + size]],
    }
    told["pagination"] = {"nextToken": str(start + size)} if start + size < len(found) else {}
    return 200, told


def get_item(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    _check(shop, asked)
    return 200, _told(shop, _item(shop, asked.path["sku"]), asked.names("includedData", 10, SETS) or ["summaries"])


def patch(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """Put units on the shelf; a patch that is not understood is answered INVALID with its issue."""
    _check(shop, asked)
    item = _item(shop, asked.path["sku"])
    body = asked.body("productType", "patches")
    issues = [issue for issue in (apply_patch(shop, item, one) for one in body["patches"]) if issue]
    return 200, {
        "sku": item["code"], "status": "INVALID" if issues else "ACCEPTED", "submissionId": uuid.uuid4().hex,
        "issues": [_issue(words) for words in issues],
    }  # fmt: skip


def apply_patch(shop: Shop, item: Doc, one: Any) -> str:
    """Do one patch of an item; answers what is wrong with it."""
    if not isinstance(one, dict) or one.get("op") not in ("add", "replace", "merge") or one.get("path") != AVAILABILITY:
        return f"Only add, replace and merge of {AVAILABILITY} are supported here."
    value = one.get("value")
    rows = value if isinstance(value, list) else []
    row = rows[0] if rows and isinstance(rows[0], dict) else {}
    quantity = row.get("quantity")
    if row.get("fulfillment_channel_code") != "DEFAULT":
        return "fulfillment_channel_code must be DEFAULT for offers that the merchant ships."
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
        return "quantity must be a number from 0."
    shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], quantity)
    return ""


def find_item(shop: Shop, sku: str) -> Doc | None:
    return next((item for item in items(shop) if item["code"] == sku), None)


def _item(shop: Shop, sku: str) -> Doc:
    found = find_item(shop, sku)
    if found is None:
        raise not_found(f"SKU '{sku}' not found in marketplace {shop.marketplace}")
    return found


def _check(shop: Shop, asked: Asked) -> None:
    if asked.path["seller"] != shop.keys["seller_id"]:
        raise invalid("sellerId is not the seller of this authorisation.")
    check_marketplaces(shop, asked.names("marketplaceIds", 1))


def _told(shop: Shop, item: Doc, wanted: list[str]) -> Doc:
    units, changed = _shelf(shop, item)
    parts: Doc = {
        "summaries": [{
            "marketplaceId": shop.marketplace, "asin": asin_of(item), "productType": PRODUCT_TYPE,
            "conditionType": "new_new", "status": ["BUYABLE", "DISCOVERABLE"] if units else ["DISCOVERABLE"],
            "itemName": item["title"], "createdDate": text_of(changed), "lastUpdatedDate": text_of(changed),
        }],
        "attributes": {
            "item_name": [{"value": item["title"], "marketplace_id": shop.marketplace}],
            "externally_assigned_product_identifier": [
                {"type": "ean", "value": item["barcode"], "marketplace_id": shop.marketplace}
            ],
        },
        "issues": [],
        "offers": [{
            "marketplaceId": shop.marketplace, "offerType": "B2C",
            "price": {"currencyCode": shop.currency, "amount": shop.decimal(item["price_fen"])},
        }],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": units}],
        "productTypes": [{"marketplaceId": shop.marketplace, "productType": PRODUCT_TYPE}],
    }  # fmt: skip
    return {"sku": item["code"], **{name: parts[name] for name in wanted if name in parts}}


def _shelf(shop: Shop, item: Doc) -> tuple[int, int]:
    row = shop.market.storage.one("select units, changed_ms from shelf where code = ?", (item["code"],))
    return (row["units"], row["changed_ms"]) if row is not None else (0, shop.market.now_ms())


def _issue(words: str) -> Doc:
    return {"code": "90220", "message": words, "severity": "ERROR", "attributeNames": ["fulfillment_availability"],
            "categories": ["INVALID_ATTRIBUTE"]}  # fmt: skip


PATH = "/listings/2021-08-01/items/<seller>"
OPERATIONS = (
    Operation("searchListingsItems", "GET", PATH, 5, 5, search),
    Operation("getListingsItem", "GET", f"{PATH}/<sku>", 5, 10, get_item),
    Operation("patchListingsItem", "PATCH", f"{PATH}/<sku>", 5, 5, patch),
)
