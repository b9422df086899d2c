"""Goods: listings with their SKUs, and units told by the seller's system."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.errors import NOT_FOUND, ApiError, business, missing
from connectors.sandbox.douyin.line_docs import specs
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.traffic import catalogue

Doc = dict[str, Any]
CREATED = 1_760_000_000
MOST_SKUS = 100


def sync_stock(shop: Shop, params: Params) -> Doc:
    """Units of one SKU, named by its number or the seller's code; with `incremental` they are added, once by id."""
    with shop.market.storage.write():
        if not _is_new(shop, params, "sku"):
            raise ApiError(40003, "isv.idempotent-id-existed", "幂等ID已存在")
        _set_units(shop, _row(shop, params), params)
    return {}


def sync_stock_batch(shop: Shop, params: Params) -> Doc:
    """Units of several SKUs of one listing, all or none."""
    with shop.market.storage.write():
        if not _is_new(shop, params, "batch"):
            raise ApiError(40003, "isv.idempotent-id-existed", "幂等ID已存在")
        for item in params.items("sku_sync_list", MOST_SKUS):
            item.require("sku_id", "stock_num")
            row = _row(shop, Params({"sku_id": item.text("sku_id"), "product_id": params.text("product_id")}))
            _set_units(shop, row, item, params.flag("incremental"))
    return {}


def products(shop: Shop, params: Params) -> Doc:
    """Listings, pages starting with 1."""
    page, size = params.number("page", 1, 1), params.number("size", 10, 1, 100)
    listings: dict[int, Doc] = {}
    for item in catalogue(shop.market.seed):
        listings.setdefault(item["num_iid"], item)
    chosen = list(listings.values())[(page - 1) * size : page * size]
    return {"data": [_product(item) for item in chosen], "total": len(listings), "page": page, "size": size}


def skus(shop: Shop, params: Params) -> list[Doc]:
    """The SKUs of one listing with the units on its shelf."""
    listing = params.number("product_id")
    rows = shop.market.storage.rows("select * from shelf where listing = ?", (str(listing),))
    units = {row["variant"]: row["units"] for row in rows}
    found = [item for item in catalogue(shop.market.seed) if item["num_iid"] == listing]
    if not found:
        raise business(NOT_FOUND, f"商品{listing}不存在")
    return [_sku(shop, item, units[item["sku_id"]]) for item in found]


def _is_new(shop: Shop, params: Params, what: str) -> bool:
    if not params.flag("incremental"):
        return True
    params.require("idempotent_id")
    key = f"{what}:{params.text('idempotent_id')}"
    if shop.answered(key) is not None:
        return False
    shop.keep_answer(key, {})
    return True


def _row(shop: Shop, params: Params) -> Any:
    """The shelf that a call names: by sku_id, else by the seller's code (`code` or `out_sku_id`)."""
    column, wanted = "variant", params.text("sku_id")
    if not wanted:
        column, wanted = "code", params.text("code") or params.text("out_sku_id")
    if not wanted:
        raise missing("sku_id")
    row = shop.market.storage.one(f"select * from shelf where {column} = ?", (wanted,))
    if row is None or params.text("product_id") not in ("", "0", row["listing"]):
        raise business(NOT_FOUND, f"sku {wanted}不存在")
    return row


def _set_units(shop: Shop, row: Any, params: Params, incremental: bool | None = None) -> None:
    adds = params.flag("incremental") if incremental is None else incremental
    units = params.number("stock_num", low=None if adds else 0, high=10_000_000) + (row["units"] if adds else 0)
    if units < 0:
        raise business(11001, "库存不能小于0")
    shop.market.shelves.set_units(row["listing"], row["variant"], units)


def _product(item: Doc) -> Doc:
    return {
        "product_id": item["num_iid"], "status": 0, "check_status": 3, "img": "https://img.example.invalid/a.jpg",
        "name": item["title"], "product_type": 0, "spec_id": item["num_iid"], "create_time": CREATED,
        "update_time": CREATED, "out_product_id": 0, "outer_product_id": item["outer_iid"], "description": "",
        "market_price": item["price_fen"], "discount_price": item["price_fen"],
        "is_package_product": item["kind"] == "bundle",
        "sub_product_list": [part["num_iid"] for part in item["parts"]],
    }  # fmt: skip


def _sku(shop: Shop, item: Doc, units: int) -> Doc:
    values = [spec["value"] for spec in specs(item)]
    return {
        "id": int(item["sku_id"]), "open_user_id": int(shop.app_key), "out_sku_id": 0, "product_id": item["num_iid"],
        "product_id_str": str(item["num_iid"]), "code": item["code"], "price": item["price_fen"], "sku_type": 0,
        "stock_num": units, "prehold_stock_num": 0, "prom_stock_num": 0, "stock_map": {}, "supplier_id": "",
        "spec_id": item["num_iid"], "create_time": CREATED, "spec_detail_name1": values[0] if values else "",
        "spec_detail_name2": values[1] if len(values) > 1 else "", "spec_detail_name3": "",
        "sell_properties": [{"value_name": value, "value_spec_detail_id": 0} for value in values],
    }  # fmt: skip


METHODS = {
    "sku/syncStock": Method(sync_stock, ("stock_num",)),
    "sku/syncStockBatch": Method(sync_stock_batch, ("product_id", "sku_sync_list")),
    "product/listV2": Method(products, ("page", "size")),
    "sku/list": Method(skus, ("product_id",)),
}
