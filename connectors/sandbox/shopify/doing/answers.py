"""What all mutations share: finding the order behind an id, and the shape of a refusal."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.shopify.documents.order import order_document
from connectors.sandbox.shopify.ids import gid, number_in, owner
from connectors.sandbox.shopify.shop import Shop

Doc = dict[str, Any]


class UserError(Exception):
    """The platform understood and says no; `field` is the path of the input, `code` its word if it has one."""

    def __init__(self, field: list[str] | None, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.code = code

    def document(self) -> Doc:
        return {"field": self.field, "message": str(self), "code": self.code}


def sale_of(shop: Shop, order_id: str, field: str) -> Sale:
    """The order of a global id; UserError when there is none."""
    number = number_in(order_id, "Order")
    sale = shop.market.shelves.sale(number) if number else None
    if sale is None:
        raise UserError([field], "Order does not exist", "NOT_FOUND")
    return sale


def kept_fulfillment(shop: Shop, id_: str) -> tuple[Sale, Doc]:
    """The order and the kept fulfilment of a global id; UserError when there is none."""
    found = owner("Fulfillment", id_)
    sale = shop.market.shelves.sale(found[0]) if found else None
    kept = next((one for one in sale.doc["fulfillments"] if found and (one["k"],) == found[1]), None) if sale else None
    if sale is None or kept is None:
        raise UserError(["fulfillmentId"], "Fulfillment does not exist.")
    return sale, kept


def shown(shop: Shop, number: str) -> Doc:
    """An order's document as it is now."""
    return order_document(shop, shop.market.find_sale(number))


def part_of(rows: list[Doc], kind: str, number: str) -> Doc | None:
    """The row with this global id."""
    return next((row for row in rows if row["id"] == gid(kind, number)), None)
