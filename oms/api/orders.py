"""Orders: lists, one order, its timeline, and the actions people have on the order page."""

from __future__ import annotations

from typing import Any

from flask import jsonify, make_response
from sqlalchemy import Connection, Row

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.actions import ACTIONS, PERMISSIONS, Request
from oms.api.blueprints import BODY, HEADERS, QUERY, Routes
from oms.api.idempotency import once
from oms.api.schemas import ActionHeaders, ActionIn, EventList, OrderFull, OrderPage, OrderQuestion
from oms.app.kernel.queries.documents import order_ids_of
from oms.app.kernel.queries.order_list import OrderFilters, list_orders, open_holds
from oms.app.kernel.queries.order_page import load_order, load_page
from oms.app.kernel.queries.pages import read_place
from oms.app.kernel.queries.timeline import month_of, read_timeline
from oms.domain.errors import Forbidden, Invalid, NotFound

VIEW = "order.view"
ID = "<int(min=1, max=9223372036854775807):order_id>"
VERB = f"<any({', '.join(map(repr, ACTIONS))}):verb>"
routes = Routes("orders", "Orders, one to one with the platforms' orders")


@routes.get("/orders", VIEW, OrderPage, asks=[(QUERY, OrderQuestion)], refuses=[422])
def list_all(asked: dict[str, Any]) -> dict[str, Any]:
    """Orders, newest first, fifty a page."""
    cursor = asked.get("cursor", "")
    if cursor and read_place(cursor) is None:
        raise Invalid("cursor", "this is no cursor of this list", "send `next` of the page before, or nothing")
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, VIEW)
        page = list_orders(connection, shops, _filters(connection, shops, asked), cursor)
        holds = open_holds(connection, [row.id for row in page.rows])
    return {"orders": [_brief(row, holds.get(row.id, [])) for row in page.rows], "next": page.after}


@routes.get(f"/orders/{ID}", VIEW, OrderFull, refuses=[404])
def show(order_id: int) -> dict[str, Any]:
    """One order with its lines and fulfilments."""
    with hub().engine.connect() as connection:
        return _full(connection, _visible(connection, order_id))


@routes.get(f"/orders/{ID}/events", VIEW, EventList, refuses=[404])
def events(order_id: int) -> dict[str, Any]:
    """The newest hundred events of an order."""
    with hub().engine.connect() as connection:
        order = _visible(connection, order_id)
        return {"events": read_timeline(connection, order_id, month_of(order.captured_at))}


@routes.post(
    f"/orders/{ID}/actions/{VERB}",
    VIEW,
    OrderFull,
    asks=[(HEADERS, ActionHeaders), (BODY, ActionIn)],
    refuses=[404, 409, 422],
)
def act(headers: dict[str, str], asked: dict[str, Any], order_id: int, verb: str) -> Any:
    """Do something with an order and answer its new state; repeating with the same key changes nothing more."""
    with hub().engine.connect() as connection:
        order = _visible(connection, order_id)
    if not caller().allows(PERMISSIONS[verb], order.shop_id):
        raise Forbidden(f"the permission {PERMISSIONS[verb]} is missing for this shop", "ask an administrator for it")
    with once(hub(), caller().actor, headers["idempotency_key"], [verb, order_id, asked]) as is_new:
        if is_new:
            ACTIONS[verb](Request(hub(), order, caller().actor, caller().allows, asked))
    with hub().engine.connect() as connection:
        content = OrderFull().dump(_full(connection, _visible(connection, order_id)))
    answer = make_response(jsonify(content))
    if not is_new:
        answer.headers["Idempotent-Replay"] = "true"
    return answer


def _filters(connection: Connection, shops: list[int], asked: dict[str, Any]) -> OrderFilters:
    external_no = asked.get("external_no", "")
    return OrderFilters(
        shop_id=asked.get("shop_id"),
        phase=asked.get("phase", ""),
        status=asked.get("status", ""),
        hold=asked.get("hold", ""),
        order_ids=order_ids_of(connection, shops, external_no) if external_no else None,
    )


def _visible(connection: Connection, order_id: int) -> Row[Any]:
    order = load_order(connection, order_id)
    if order is None:
        raise NotFound("there is no such order")
    require_shop(VIEW, order.shop_id, "order")
    return order


def _brief(order: Row[Any], holds: list[Row[Any]]) -> dict[str, Any]:
    return {**order._mapping, "holds": holds}


def _full(connection: Connection, order: Row[Any]) -> dict[str, Any]:
    page = load_page(connection, order)
    lines = [{**line._mapping, "sku": line.sku_code} for line in page.lines]
    fulfilments = [row.id for row in page.fulfilments]
    return {**_brief(order, page.open_holds), "lines": lines, "fulfilment_ids": fulfilments}
