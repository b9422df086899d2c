"""The shop's smaller calls: memo, goods, stock, the shop itself, time, and its message service."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import write_memo
from connectors.sandbox.pinduoduo.clock import text_of
from connectors.sandbox.pinduoduo.errors import business, invalid
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.pmc import TOPICS
from connectors.sandbox.pinduoduo.shop import Doc, Method, Shop, page_of
from connectors.sandbox.traffic import catalogue

LONGEST_NOTE, LONGEST_TAG = 300, 3
FULL, DELTA = 1, 2
LISTED_S = 1_767_225_600


def update_note(shop: Shop, params: Params) -> Doc:
    """Overwrite the seller's note; without a tag the coloured flag goes."""
    note, name = params.text("note"), params.text("tag_name")
    if len(note) > LONGEST_NOTE:
        raise invalid("note", f"最多{LONGEST_NOTE}个字")
    if len(name) > LONGEST_TAG:
        raise invalid("tag_name", f"最多{LONGEST_TAG}个字")
    tag = params.number("tag", 0, 1, 5) if params.text("tag") else 0
    with shop.market.storage.write():
        sale = shop.order(params.text("order_sn"))
        write_memo(shop.market, sale.number, note, tag)
        shop.market.storage.execute(
            "update sale set doc = json_set(doc, '$.tag_name', ?) where number = ?", (name if tag else "", sale.number)
        )
    return {"success": True, "error_code": 0, "error_msg": ""}


def goods_list(shop: Shop, params: Params) -> Doc:
    page = page_of(params)
    wanted = params.text("outer_id")
    goods: dict[int, list[Doc]] = {}
    for item in catalogue(shop.market.seed):
        if not wanted or item["code"] == wanted:
            goods.setdefault(item["num_iid"], []).append(item)
    shown = list(goods.values())[page.offset : page.offset + page.size]
    return {"goods_list": [_goods(shop, items) for items in shown], "total_count": len(goods)}


def _goods(shop: Shop, items: list[Doc]) -> Doc:
    listing = str(items[0]["num_iid"])
    rows = shop.market.storage.rows("select variant, units from shelf where listing = ?", (listing,))
    units = {row["variant"]: row["units"] for row in rows}
    return {
        "goods_id": items[0]["num_iid"], "goods_name": items[0]["title"], "created_at": LISTED_S, "is_onsale": 1,
        "is_more_sku": int(len(items) > 1), "goods_quantity": sum(units.values()), "goods_reserve_quantity": 0,
        "image_url": "https://img.example.invalid/a.jpg", "thumb_url": "https://img.example.invalid/t.jpg",
        "sku_list": [_sku(item, units[item["sku_id"]]) for item in items],
    }  # fmt: skip


def _sku(item: Doc, units: int) -> Doc:
    parts = [part.partition(":") for part in item["properties"].split(";") if part]
    return {
        "sku_id": int(item["sku_id"]), "outer_id": item["code"], "outer_goods_id": item["outer_iid"],
        "is_sku_onsale": 1, "sku_quantity": units, "reserve_quantity": 0,
        "spec": ",".join(value for _, _, value in parts),
        "spec_details": [{"parent_name": name, "spec_name": value} for name, _, value in parts],
    }  # fmt: skip


def update_quantity(shop: Shop, params: Params) -> Doc:
    """Stock of one sku, named by `sku_id` or else by `outer_id`: as a whole or as a difference."""
    delta = params.choice("update_type", (FULL, DELTA), FULL) == DELTA
    quantity = params.number("quantity") if delta else params.number("quantity", low=0, high=10**8)
    name, column = (params.text("sku_id"), "variant") if params.text("sku_id") else (params.text("outer_id"), "code")
    if not name:
        raise invalid("sku_id", "sku_id和outer_id不能同时为空")
    with shop.market.storage.write():
        row = shop.market.storage.one(
            f"select variant, units from shelf where listing = ? and {column} = ?", (params.text("goods_id"), name)
        )
        if row is None:
            raise business("商品或sku不存在")
        left = quantity + (row["units"] if delta else 0)
        if left < 0:
            raise business("库存不能小于0")
        shop.market.shelves.set_units(params.text("goods_id"), row["variant"], left)
    return {"is_success": True}


def mall(shop: Shop, params: Params) -> Doc:
    return {"mall_id": shop.mall_id, "mall_name": "示例旗舰店", "mall_desc": "", "logo": "", "merchant_type": 5,
            "mall_character": 0}  # fmt: skip


def time_now(shop: Shop, params: Params) -> Doc:
    return {"time": text_of(shop.market.now_ms())}


def permit(shop: Shop, params: Params) -> Doc:
    """Messages for this shop from now on: of the named topics, or of every topic."""
    names = [part.strip() for part in params.text("topics").split(",") if part.strip()]
    unknown = sorted(set(names) - TOPICS)
    if unknown:
        raise invalid("topics", f"未知的消息{unknown[0]}")
    shop.market.storage.remember("pmc", {"topics": names or sorted(TOPICS), "since_ms": shop.market.now_ms()})
    return {"is_success": True}


def permitted(shop: Shop, params: Params) -> Doc:
    found: dict[str, Any] | None = shop.market.storage.recall("pmc")
    told = {"owner_id": str(shop.mall_id), "topics": found["topics"] if found else [], "is_expired": 0 if found else 1}
    return {"pmc_user": told}


def cancel(shop: Shop, params: Params) -> Doc:
    shop.market.storage.remember("pmc", None)
    return {"is_success": True}


def backlog(shop: Shop, params: Params) -> Doc:
    open_states = "select count(*) from push where state in ('waiting', 'ready', 'sent')"
    return {"number": int(shop.market.storage.scalar(open_states))}


def new_token(shop: Shop, params: Params) -> Doc:
    return shop.tokens.buy(params.text("code"))


def renewed_token(shop: Shop, params: Params) -> Doc:
    return shop.tokens.refresh(params.text("refresh_token"))


METHODS = {
    "pdd.order.note.update": Method(update_note, "response", ("order_sn", "note")),
    "pdd.goods.list.get": Method(goods_list, "goods_list_get_response"),
    "pdd.goods.quantity.update": Method(update_quantity, "goods_quantity_update_response", ("goods_id", "quantity")),
    "pdd.mall.info.get": Method(mall, "mall_info_get_response"),
    "pdd.time.get": Method(time_now, "time_get_response", session=False),
    "pdd.pmc.user.permit": Method(permit, "pmc_user_permit_response"),
    "pdd.pmc.user.get": Method(permitted, "pmc_user_get_response"),
    "pdd.pmc.user.cancel": Method(cancel, "pmc_user_cancel_response"),
    "pdd.pmc.accrue.query": Method(backlog, "pmc_user_get_response", session=False),
    "pdd.pop.auth.token.create": Method(new_token, "pop_auth_token_create_response", ("code",), session=False),
    "pdd.pop.auth.token.refresh": Method(
        renewed_token, "pop_auth_token_refresh_response", ("refresh_token",), session=False
    ),
}
