"""What all mutations share: finding what an id means, and the shape of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.saleor.documents.order import order_document
from connectors.sandbox.saleor.ids import key_of
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
Args = Mapping[str, Any]


class Refused(Exception):
    """The platform understood and says no: `field` of the input, `code` of its own, more keys of the error."""

    def __init__(self, field: str | None, message: str, code: str, **more: Any) -> None:
        super().__init__(message)
        self._told = {"field": field, "code": code, **more}

    def document(self) -> Doc:
        return {"message": str(self), **self._told}


def sale_of(shop: Shop, id_: Any, field: str = "id") -> Sale:
    """The order of a global id; Refused when there is none."""
    if key_of("Order", id_) is None:
        raise Refused(field, f"Invalid ID: {id_}. Expected: Order.", "GRAPHQL_ERROR")
    sale = shop.market.shelves.sale(str(id_))
    if sale is None:
        raise Refused(field, f"Couldn't resolve to a node: {id_}", "NOT_FOUND")
    return sale


def kept_fulfillment(shop: Shop, id_: Any) -> tuple[Sale, Doc]:
    """The order and the kept fulfilment of a global id; Refused when there is none."""
    key = key_of("Fulfillment", id_)
    for sale in shop.market.shelves.sales() if key else ():
        for kept in sale.doc["fulfillments"]:
            if str(kept["k"]) == key:
                return sale, kept
    raise Refused("id", f"Couldn't resolve to a node: {id_}", "NOT_FOUND")


def case_of(shop: Shop, id_: Any, field: str = "id") -> Case:
    """The granted refund of a global id; Refused when there is none."""
    case = shop.market.shelves.case(str(id_))
    if case is None:
        raise Refused(field, f"Couldn't resolve to a node: {id_}", "NOT_FOUND")
    return case


def shown(shop: Shop, number: str) -> Doc:
    """An order's document as it is now."""
    return order_document(shop, shop.market.find_sale(number))


def shown_fulfillment(shop: Shop, number: str, k: int) -> Doc:
    """{"fulfillment", "order"} of a kept fulfilment as it is now."""
    order = shown(shop, number)
    found = next(row for row in order["fulfillments"]({}) if key_of("Fulfillment", row["id"]) == str(k))
    return {"fulfillment": found, "order": order}
