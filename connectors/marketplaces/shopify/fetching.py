"""Fetches single documents of Shopify: an order with all its lines, a return, a refund."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.contract.errors import Refused
from connectors.contract.records import RawDocument
from connectors.marketplaces.shopify import documents
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import Json, gid, inner, moment, nodes, text

#: A hundred lines a page; an order has at most some thousands.
MOST_PAGES = 50


def get_order(admin: Admin, external_no: str) -> RawDocument:
    """One order, exactly as it came; lines beyond the first hundred are put behind them."""
    number = gid("Order", external_no)
    fetched = admin.clock()
    body, order = admin.read_raw(documents.ORDER, "order", id=number)
    lines = list(nodes(order, "lineItems"))
    turned = inner(inner(order, "lineItems"), "pageInfo") if isinstance(order.get("lineItems"), dict) else {}
    if turned.get("hasNextPage") is True:
        body = orjson.dumps(
            {"data": {"order": {**order, "lineItems": {"nodes": _all_lines(admin, number, lines, turned)}}}}
        )
    return RawDocument("order", number, body, fetched, moment(order, "updatedAt"))


def get_case(admin: Admin, external_no: str) -> RawDocument:
    """One return, or one refund that belongs to none."""
    fetched = admin.clock()
    if external_no.startswith("gid://shopify/Refund/"):
        body, case = admin.read_raw(documents.REFUND, "refund", id=external_no)
    else:
        body, case = admin.read_raw(documents.RETURN, "return", id=gid("Return", external_no))
    return RawDocument("case", external_no, body, fetched, moment(inner(case, "order"), "updatedAt"))


def _all_lines(admin: Admin, number: str, lines: list[Json], turned: Json) -> list[Any]:
    for _ in range(MOST_PAGES):
        order = admin.read(documents.ORDER_LINES, "order", id=number, after=text(turned, "endCursor"))
        lines += nodes(order, "lineItems")
        turned = inner(inner(order, "lineItems"), "pageInfo")
        if turned.get("hasNextPage") is not True:
            return lines
    raise Refused(f"this order has more than {MOST_PAGES * 100} lines", code="too-many-lines")
