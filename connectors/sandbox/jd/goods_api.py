"""JD's calls about goods: listings with their SKUs, and stock set for them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jd.clock import text_of
from connectors.sandbox.jd.errors import Refused, missing
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.shop import Method, Shop, told_in
from connectors.sandbox.traffic import catalogue, yuan

Doc = dict[str, Any]
MOST_STOCK = 99_999_999


def search_skus(shop: Shop, params: Params) -> Doc:
    """SKUs by number, ware or the seller's code, in the order of their numbers."""
    wanted = {"sku_id": params.names("skuId"), "num_iid": params.names("wareId"), "code": params.names("outerId")}
    found = [item for item in _items(shop) if all(not v or str(item[k]) in v for k, v in wanted.items())]
    return {"page": _page(params, [_sku(shop, item, params) for item in found], "page_size")}


def find_sku(shop: Shop, params: Params) -> Doc:
    """One SKU by its number."""
    return {"sku": _sku(shop, _item(shop, params.text("skuId")), params)}


def search_wares(shop: Shop, params: Params) -> Doc:
    """Listings, each once."""
    first = {item["num_iid"]: item for item in reversed(_items(shop))}
    wares = [
        {"wareId": number, "title": item["title"], "itemNum": item["outer_iid"], "wareStatus": 8, "colType": 0,
         "jdPrice": float(yuan(item["price_fen"])), "venderId": int(shop.vender_id)}
        for number, item in sorted(first.items())
    ]  # fmt: skip
    return {"page": _page(params, wares, "pageSize")}


def read_stock(shop: Shop, params: Params) -> Doc:
    """What is for sale of one SKU."""
    item = _item(shop, params.text("skuId"))
    units = _units(shop, item)
    return {"skuStocks": [{"storeId": 0, "stockNum": units, "orderBookingNum": 0, "usableNum": units}]}


def update_stock(shop: Shop, params: Params) -> Doc:
    """Set the units of one SKU: the call that is being retired."""
    units = params.number("stockNum", 0, 0, MOST_STOCK)
    _set(shop, _item(shop, params.text("skuId")), units)
    return {"success": True}


def set_stock(shop: Shop, params: Params) -> Doc:
    """Set the units of several SKUs; each is told by itself."""
    results = [_set_one(shop, wanted) for wanted in _wanted_stock(params)]
    return {"returnType": {"success": all(result["success"] for result in results), "code": "200", "desc": "",
                           "obj": {"updateStockResult": results}}}  # fmt: skip


def _wanted_stock(params: Params) -> list[Doc]:
    """The SKUs of `req.skuStocks`, as JD's own client nests them, or of one flat pair."""
    nested = params.raw("req")
    listed = nested.get("skuStocks") if isinstance(nested, dict) else params.raw("skuStocks")
    if listed is None:
        params.require("skuId", "stockNum")
        listed = [{"skuId": params.text("skuId"), "stockNum": params.text("stockNum")}]
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise missing("skuStocks")
    return listed


def _set_one(shop: Shop, wanted: Doc) -> Doc:
    one = Params(wanted)
    told: Doc = {"data": one.text("skuId"), "storeId": one.number("storeId"), "success": True, "message": ""}
    one.require("skuId", "stockNum")
    units = one.number("stockNum", 0, 0, MOST_STOCK)
    try:
        _set(shop, _item(shop, one.text("skuId")), units)
    except Refused as refused:
        told |= {"success": False, "message": refused.chinese}
    return told


def _set(shop: Shop, item: Doc, units: int) -> None:
    shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], units)


def _items(shop: Shop) -> list[Doc]:
    return sorted(catalogue(shop.market.seed), key=lambda item: str(item["sku_id"]))


def _item(shop: Shop, sku_id: str) -> Doc:
    for item in _items(shop):
        if item["sku_id"] == sku_id:
            return item
    raise Refused(10600003, "SKU_NOT_EXIST", f"SKU{sku_id}不存在")


def _units(shop: Shop, item: Doc) -> int:
    sql = "select units from shelf where listing = ? and variant = ?"
    return int(shop.market.storage.scalar(sql, (str(item["num_iid"]), item["sku_id"])))


def _sku(shop: Shop, item: Doc, params: Params) -> Doc:
    whole = {
        "skuId": int(item["sku_id"]), "wareId": item["num_iid"], "wareTitle": item["title"],
        "skuName": f"{item['title']} {item['properties']}".strip(), "outerId": item["code"], "barCode": item["barcode"],
        "jdPrice": float(yuan(item["price_fen"])), "status": 1, "stockNum": _units(shop, item),
        "modified": text_of(shop.market.now_ms()),
    }  # fmt: skip
    fields = {"skuId", "wareId", *params.names("field")}
    return {name: value for name, value in whole.items() if name in fields}


def _page(params: Params, rows: list[Doc], size_name: str) -> Doc:
    page, size = params.number("pageNo", 1, 1), params.number(size_name, 20, 1, 100)
    return {"data": rows[(page - 1) * size : page * size], "pageNo": page, "pageSize": size, "totalItem": len(rows)}


METHODS = {
    "jingdong.sku.read.searchSkuList": Method(search_skus),
    "jingdong.sku.read.findSkuById": Method(find_sku, ("skuId",)),
    "jingdong.ware.read.searchWare4Valid": Method(search_wares),
    "jingdong.stock.read.findSkuStock": Method(read_stock, ("skuId",)),
    "jingdong.stock.write.updateSkuStock": Method(update_stock, ("skuId", "stockNum")),
    "jingdong.ware.stock.sku.set": Method(set_stock, (), told_in("returnType")),
}
