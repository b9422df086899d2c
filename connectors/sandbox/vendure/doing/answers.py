"""The shape of a refusal, and finding what an id means."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.vendure.schema.results import code_of
from connectors.sandbox.vendure.shop import Shop, owner

Doc = dict[str, Any]


class Refused(Exception):
    """The platform understood and says no in a member of the union; `shipment` is the refused parcel, if it was one."""

    def __init__(self, typename: str, message: str, *, shipment: tuple[str, list[str], str, str] | None = None,
                 **more: Any) -> None:  # fmt: skip
        super().__init__(message)
        self.typename = typename
        self.shipment = shipment
        self.more = more

    def document(self) -> Doc:
        return {"__typename": self.typename, "errorCode": code_of(self.typename), "message": str(self), **self.more}


def not_found(entity: str, id_: str) -> FieldRefusal:
    """The error for an id that stands for nothing."""
    return FieldRefusal(f"No {entity} with the id '{id_}' could be found", "ENTITY_NOT_FOUND")


def sale_of(shop: Shop, id_: str) -> Sale:
    """The order of an id."""
    sale = shop.sale(id_)
    if sale is None:
        raise not_found("Order", id_)
    return sale


def part_of(shop: Shop, kind: str, id_: str, rows: str) -> tuple[Sale, Doc]:
    """The order and the kept payment, refund, fulfillment or note of an id."""
    found = owner(kind, id_)
    sale = shop.sale(found[0]) if found else None
    kept = next((one for one in sale.doc[rows] if found and one["k"] == found[1]), None) if sale else None
    if sale is None or kept is None:
        raise not_found(kind, id_)
    return sale, kept


def order_of_lines(shop: Shop, told: list[Doc]) -> tuple[Sale, dict[str, int]]:
    """The one order that lines {orderLineId, quantity} belong to, and the units by line; twice named lines add up."""
    units: dict[str, int] = {}
    numbers = set()
    for one in told:
        id_ = str(one["orderLineId"])
        sale = shop.sale(id_[:-2])
        if sale is None or all(line["no"] != id_ for line in sale.lines):
            raise not_found("OrderLine", id_)
        numbers.add(sale.number)
        units[id_] = units.get(id_, 0) + int(one["quantity"])
    if len(numbers) > 1:
        raise Refused("MultipleOrderError", "The operation cannot be performed on multiple Orders")
    return sale_of(shop, numbers.pop()), units
