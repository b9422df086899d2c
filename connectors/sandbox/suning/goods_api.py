"""The platform's calls about goods: listings, and stock read and set."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.suning.clock import text_of
from connectors.sandbox.suning.errors import NO_RESULT, ApiError, invalid
from connectors.sandbox.suning.params import Params
from connectors.sandbox.suning.shop import Answer, Doc, Method, Page, Shop
from connectors.sandbox.traffic import catalogue, yuan

MOST = 999_999


def listings(shop: Shop, params: Params) -> Answer:
    """Goods with the seller's codes, in the order of their numbers."""
    number, size = params.page()
    items = sorted(catalogue(shop.market.seed), key=lambda item: str(item["sku_id"]))
    page = Page(number, size, len(items))
    found = [_listing(shop, item) for item in items[page.offset : page.offset + size]]
    if not found:
        raise ApiError(NO_RESULT)
    return Answer(found, page)


def read_stock(shop: Shop, params: Params) -> Answer:
    """What is for sale of one SKU."""
    item = _item(shop, params)
    return Answer({"productCode": item["sku_id"], "itemCode": item["code"], "invQty": str(_units(shop, item))})


def set_stock(shop: Shop, params: Params) -> Answer:
    """Set the units of one SKU."""
    return _set(shop, params, "destInvNum")


def sync_stock(shop: Shop, params: Params) -> Answer:
    """Set the units of one SKU in one of the seller's warehouses."""
    return _set(shop, params, "invQty")


def _set(shop: Shop, params: Params, name: str) -> Answer:
    units = params.number(name, 0, MOST)
    item = _item(shop, params)
    shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], units)
    return Answer({"productCode": item["sku_id"], "result": "Y"})


def _item(shop: Shop, params: Params) -> Doc:
    """The SKU by the platform's number, or else by the seller's code."""
    product, code = params.text("productCode"), params.text("itemCode")
    if not product and not code:
        raise invalid(params.biz, "itemCode", "和苏宁商品编码必须有一个有值")
    for item in catalogue(shop.market.seed):
        if item["sku_id"] == product or (not product and item["code"] == code):
            found: Doc = item
            return found
    raise invalid(params.biz, "productCode" if product else "itemCode", "不存在")


def _units(shop: Shop, item: Doc) -> int:
    sql = "select units from shelf where listing = ? and variant = ?"
    return int(shop.market.storage.scalar(sql, (str(item["num_iid"]), item["sku_id"])))


def _listing(shop: Shop, item: dict[str, Any]) -> Doc:
    return {
        "productCode": item["sku_id"], "parentProductCode": str(item["num_iid"]), "itemCode": item["code"],
        "productName": f"{item['title']} {item['properties']}".strip(), "barcode": item["barcode"],
        "price": yuan(item["price_fen"]), "invQty": str(_units(shop, item)), "saleStatus": "1",
        "editTime": text_of(shop.market.now_ms()),
    }  # fmt: skip


METHODS = {
    "suning.custom.item.query": Method("item", listings),
    "suning.custom.inventory.get": Method("inventory", read_stock),
    "suning.custom.inventory.modify": Method("inventory", set_stock, ("destInvNum",)),
    "suning.custom.syncinventory.modify": Method("modifySyncinventory", sync_stock, ("invCode", "invQty", "invType")),
}
