"""Fulfilments, shops, stock levels and the change feed, to read."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import QUERY, Routes
from oms.api.schemas import (
    ChangeList,
    ChangesQuestion,
    FulfilmentOut,
    ShopList,
    StockPage,
    StockQuestion,
)
from oms.app.kernel.feed_reader import read_changes
from oms.app.kernel.queries.documents import find_fulfilment, stock_levels
from oms.app.kernel.queries.names import load_shops
from oms.domain.errors import Invalid, NotFound
from oms.domain.numbers import document_no

PAGE = 200
routes = Routes("documents", "Fulfilments, shops, stock, and what changed")


@routes.get(
    "/fulfilments/<int(min=1, max=9223372036854775807):fulfilment_id>", "fulfilment.view", FulfilmentOut, refuses=[404]
)
def show_fulfilment(fulfilment_id: int) -> dict[str, Any]:
    """One fulfilment with its lines and parcels; lines of orders of other shops are left out."""
    with hub().engine.connect() as connection:
        page = find_fulfilment(connection, fulfilment_id)
    if page is None or not any(caller().allows("fulfilment.view", shop_id) for shop_id in page.shop_ids):
        raise NotFound("there is no such fulfilment")
    lines = [line for line in page.lines if caller().allows("fulfilment.view", line.shop_id)]
    number = document_no("fulfilment", page.head.id, page.head.version)
    return {**page.head._mapping, "number": number, "lines": lines, "parcels": page.parcels}


@routes.get("/shops", "shop.view", ShopList)
def list_shops() -> dict[str, Any]:
    """The shops the caller may see."""
    with hub().engine.connect() as connection:
        shops = [shop for shop in load_shops(connection) if caller().allows("shop.view", shop.id)]
    found = [{"id": shop.id, "name": shop.name, "channel": shop.channel_en, "mode": shop.mode} for shop in shops]
    return {"shops": found}


@routes.get("/stock", "stock.view", StockPage, asks=[(QUERY, StockQuestion)], refuses=[422])
def list_stock(asked: dict[str, Any]) -> dict[str, Any]:
    """Stock levels by stock point, SKU and kind, two hundred a page."""
    after = _read_cursor(asked.get("cursor", ""))
    filters = {name: asked.get(name, "") for name in ("sku", "stock_point")}
    with hub().engine.connect() as connection:
        rows = stock_levels(connection, after, **filters, size=PAGE + 1)
    levels = [{**row._mapping, "sellable": max(0, row.on_hand - row.reserved - row.safety)} for row in rows[:PAGE]]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = _write_cursor(last.stock_point_id, last.sku_id, last.kind) if last is not None else ""
    return {"levels": levels, "next": following}


@routes.get("/changes", "feed.view", ChangeList, asks=[(QUERY, ChangesQuestion)], refuses=[422])
def list_changes(asked: dict[str, Any]) -> dict[str, Any]:
    """Documents that changed since a cursor, each change once and in the order they became visible."""
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, "feed.view")
        found = read_changes(connection, shops, asked.get("cursor", ""), kind=asked.get("kind"), limit=asked["limit"])
    return {"changes": found.rows, "cursor": found.cursor, "more": found.more}


def _write_cursor(point_id: int, sku_id: int, kind: str) -> str:
    return base64.urlsafe_b64encode(f"{point_id}.{sku_id}.{kind}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[int, int, str] | None:
    if not cursor:
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
        point_id, sku_id, kind = plain.split(".")
        place = int(point_id), int(sku_id), kind
    except (ValueError, binascii.Error):
        place = (-1, -1, "")
    if not (0 <= place[0] < 2**63 and 0 <= place[1] < 2**63 and place[2].isidentifier()):
        raise Invalid("cursor", "this is no cursor of this list", "send `next` of the page before, or nothing")
    return place
