"""Goods at JD: listings page, stock is set by the new and by the retiring call and can be read back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.traffic import catalogue

from .caller import Caller


@pytest.fixture
def item() -> dict[str, Any]:
    return next(found for found in catalogue(7) if found["kind"] == "sku")


def units(shop: Caller, item: dict[str, Any]) -> int:
    found: int = shop.client.get("/_twin/stock").get_json()["stock"][item["code"]]
    return found


def test_all_skus_are_found_page_by_page_with_the_sellers_codes(shop: Caller) -> None:
    found: list[dict[str, Any]] = []
    while True:
        business = {"pageNo": len(found) // 100 + 1, "page_size": 100, "field": "outerId,barCode,stockNum"}
        page = shop.ok("jingdong.sku.read.searchSkuList", **business)["page"]
        found += page["data"]
        if len(found) >= page["totalItem"]:
            break
    assert {row["outerId"] for row in found} == {sku["code"] for sku in catalogue(7)}
    assert set(found[0]) == {"skuId", "wareId", "outerId", "barCode", "stockNum"}


def test_one_sku_and_the_wares_are_told(shop: Caller, item: dict[str, Any]) -> None:
    sku = shop.ok("jingdong.sku.read.findSkuById", skuId=item["sku_id"], field="outerId,jdPrice")["sku"]
    assert (sku["outerId"], sku["jdPrice"]) == (item["code"], item["price_fen"] / 100)
    by_code = shop.ok("jingdong.sku.read.searchSkuList", outerId=item["code"])["page"]["data"]
    assert [row["skuId"] for row in by_code] == [int(item["sku_id"])]
    wares = shop.ok("jingdong.ware.read.searchWare4Valid", pageSize=100)["page"]
    assert wares["totalItem"] == len({sku["num_iid"] for sku in catalogue(7)})


def test_stock_is_set_by_the_retiring_call(shop: Caller, item: dict[str, Any]) -> None:
    assert shop.ok("jingdong.stock.write.updateSkuStock", skuId=item["sku_id"], stockNum=17, storeId=0)["success"]
    assert units(shop, item) == 17
    read = shop.ok("jingdong.stock.read.findSkuStock", skuId=item["sku_id"])["skuStocks"]
    assert read[0]["stockNum"] == 17
    refused = shop.ok("jingdong.stock.write.updateSkuStock", skuId="1", stockNum=17)
    assert (refused["success"], refused["englishErrCode"]) == (False, "SKU_NOT_EXIST")


def test_stock_is_set_by_the_new_call_nested_or_flat(shop: Caller, item: dict[str, Any]) -> None:
    stocks = [{"skuId": item["sku_id"], "stockNum": 5}, {"skuId": "1", "stockNum": 5}]
    told = shop.ok("jingdong.ware.stock.sku.set", req={"skuStocks": stocks})["returnType"]
    assert (told["success"], [row["success"] for row in told["obj"]["updateStockResult"]]) == (False, [True, False])
    assert units(shop, item) == 5
    assert shop.ok("jingdong.ware.stock.sku.set", skuId=item["sku_id"], stockNum="6")["returnType"]["success"]
    assert units(shop, item) == 6
    shelves = shop.client.get("/_twin/ledger").get_json()["shelves"]
    assert [shelf["pushes"] for shelf in shelves if shelf["code"] == item["code"]] == [2]


@pytest.mark.parametrize("business", [{"skuId": "1"}, {"stockNum": 1}, {"skuId": "1", "stockNum": -1}, {"req": {}}])
def test_malformed_stock_is_refused(shop: Caller, business: dict[str, Any]) -> None:
    for method in ("jingdong.ware.stock.sku.set", "jingdong.stock.write.updateSkuStock"):
        assert shop.call(method, **business)["error_response"]["code"] in ("10100001", "10100002")
