"""The shop's items: what is on sale, what is in the stockroom, and the details of up to twenty."""

from typing import Any

from connectors.sandbox.taobao.errors import invalid
from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params
from connectors.sandbox.taobao.registry import Method
from connectors.sandbox.taobao.trades_api import select_fields
from connectors.sandbox.traffic import catalogue

MOST_DETAILS = 20
MOST_ROWS = 200


def onsale(market: Market, params: Params) -> dict[str, Any]:
    return _list(market, params, "onsale")


def inventory(market: Market, params: Params) -> dict[str, Any]:
    return _list(market, params, "instock")


def seller_list(market: Market, params: Params) -> dict[str, Any]:
    """Details by number; numbers that are not this shop's are simply not in the answer."""
    numbers = params.names("num_iids")
    if not numbers or len(numbers) > MOST_DETAILS:
        raise invalid("num_iids", f"1 to {MOST_DETAILS} numbers")
    items = _items(market)
    found = [items[number] for number in numbers if number in items]
    return _wrapped([_shown(item, params) for item in found])


def _list(market: Market, params: Params, status: str) -> dict[str, Any]:
    size, page = params.number("page_size", 40, 1, MOST_ROWS), params.number("page_no", 1, 1)
    found = [item for item in _items(market).values() if item["approve_status"] == status]
    shown = [_shown(item, params) for item in found[(page - 1) * size : page * size]]
    return {"total_results": len(found), **_wrapped([_without_skus(item) for item in shown])}


def _shown(item: dict[str, Any], params: Params) -> dict[str, Any]:
    """The asked fields; the variants are asked for as `sku` and told as `skus`."""
    asked = set(params.names("fields"))
    return select_fields(item, asked | {"skus"} if "sku" in asked else asked)


def _without_skus(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "skus"}


def _wrapped(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": {"item": items}} if items else {}


def _items(market: Market) -> dict[str, dict[str, Any]]:
    """The catalogue as items with variants, each with the stock that was last set."""
    rows = market.storage.rows("select num_iid, sku_id, quantity from listing")
    stock = {(row["num_iid"], row["sku_id"]): row["quantity"] for row in rows}
    away = {str(number) for number in market.storage.recall("off the shelf", [])}
    found: dict[str, dict[str, Any]] = {}
    for sold in catalogue(market.seed):
        number = str(sold["num_iid"])
        item = found.setdefault(number, _item(sold, "instock" if number in away else "onsale"))
        quantity = stock.get((number, sold["sku_id"]), 0)
        item["num"] += quantity
        item["skus"]["sku"].append(_variant(sold, quantity))
    return found


def _item(sold: dict[str, Any], status: str) -> dict[str, Any]:
    return {
        "num_iid": sold["num_iid"], "title": sold["title"], "outer_id": sold["outer_iid"],
        "price": _yuan(sold["price_fen"]), "num": 0, "approve_status": status, "nick": "示例旗舰店",
        "skus": {"sku": []},
    }  # fmt: skip


def _variant(sold: dict[str, Any], quantity: int) -> dict[str, Any]:
    """A variant; its properties are written with the platform's numbers in front of the words."""
    pairs = [pair for pair in sold["properties"].split(";") if pair]
    named = ";".join(f"1627207:{28300 + place}:{pair}" for place, pair in enumerate(pairs))
    return {
        "sku_id": int(sold["sku_id"]), "outer_id": sold["code"], "barcode": sold["barcode"], "quantity": quantity,
        "price": _yuan(sold["price_fen"]), "properties_name": named, "status": "normal",
    }  # fmt: skip


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


METHODS = {
    "taobao.items.onsale.get": Method(onsale, ("fields",)),
    "taobao.items.inventory.get": Method(inventory, ("fields",)),
    "taobao.items.seller.list.get": Method(seller_list, ("fields", "num_iids")),
}
