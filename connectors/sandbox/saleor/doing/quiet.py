"""Calls that leave an event and no stamp: the platform moves `updatedAt` with an order's status and its money alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.doing.answers import kept_fulfillment, sale_of
from connectors.sandbox.saleor.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]

TRACKING = "orderFulfillmentUpdateTracking"
QUIET = frozenset({"orderFulfill", TRACKING, "orderFulfillmentReturnProducts", "orderNoteAdd"})


def quietly(shop: Shop, name: str, args: Args, mutation: Callable[[Shop, Args], Doc]) -> Doc:
    """Do a mutation; the order's stamp stays where its status does."""
    if name not in QUIET:
        return mutation(shop, args)
    sale = _order_of(shop, name, args)
    stamp, status = sale.doc["changed_ms"], books.order_status(sale.doc)
    found = mutation(shop, args)
    now = shop.market.find_sale(sale.number)
    if books.order_status(now.doc) == status:
        _put_back(shop, now, stamp)
    return found


def _order_of(shop: Shop, name: str, args: Args) -> Sale:
    return kept_fulfillment(shop, args["id"])[0] if name == TRACKING else sale_of(shop, args.get("order"), "order")


def _put_back(shop: Shop, sale: Sale, stamp: int) -> None:
    """The market's own way to save an order always moves its stamp."""
    sale.doc["changed_ms"] = stamp
    shop.market.storage.execute(
        "update sale set changed_ms = ?, doc = ? where number = ?",
        (stamp, json.dumps(sale.doc, ensure_ascii=False), sale.number),
    )
