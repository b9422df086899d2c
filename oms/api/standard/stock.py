"""What a shop may sell, and counts of stock that its own stores push."""

from __future__ import annotations

from typing import Any

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, QUERY, Routes
from oms.api.standard.asked import CountIn, PushHeaders, SellableQuestion
from oms.api.standard.shops import SHOP, push_once, pushing_shop, seen_shop
from oms.api.standard.told import CountOutcomes, SellablePage
from oms.app.capture.counted_stock import take_count
from oms.app.stock.telling import sellable_page
from oms.domain.errors import Invalid

PAGE = 200
routes = Routes("standard_stock", "Standard interface: sellable stock, and counts pushed to us")


@routes.get(f"{SHOP}/stock", "stock.view", SellablePage, asks=[(QUERY, SellableQuestion)], refuses=[400, 404, 422])
def list_sellable(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """Units of each SKU that this shop may sell now, two hundred a page."""
    shop = seen_shop("stock.view", shop_id)
    with hub().engine.connect() as connection:
        after, sku = asked.get("cursor", ""), asked.get("sku", "")
        masters = hub().masters.get(connection, hub().clock())
        rows = sellable_page(connection, masters, shop, after=after, sku=sku, size=PAGE + 1)
    following = rows[PAGE - 1][0] if len(rows) > PAGE else ""
    return {"levels": [{"sku": code, "sellable": units} for code, units in rows[:PAGE]], "next": following}


@routes.post(
    f"{SHOP}/stock",
    "stock.push",
    CountOutcomes,
    asks=[(HEADERS, PushHeaders), (BODY, CountIn)],
    refuses=[400, 404, 409, 422],
)
def push_count(headers: dict[str, str], asked: dict[str, Any], shop_id: int) -> Any:
    """Push what was counted at a store; what moved since the count is kept, an older count changes nothing."""
    shop = pushing_shop("stock.push", shop_id)
    counted = {level["sku"]: level["units"] for level in asked["levels"]}
    if len(counted) < len(asked["levels"]):
        raise Invalid("levels", "a SKU is named twice", "send one count for each SKU")
    mark = {**asked, "counted_at": asked["counted_at"].isoformat()}

    def push() -> dict[str, Any]:
        outcomes = take_count(hub(), shop, asked["stock_point"], asked["counted_at"], counted, caller().actor)
        return {"outcomes": [{"sku": sku, "outcome": outcome} for sku, outcome in outcomes.items()]}

    return push_once(headers, mark, CountOutcomes, push)
