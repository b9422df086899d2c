"""Fulfillments: made out of units that are still open, and brought from state to state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import line_of, status_after
from connectors.sandbox.vendure import books
from connectors.sandbox.vendure.documents import goods
from connectors.sandbox.vendure.documents.order import order_document
from connectors.sandbox.vendure.doing.answers import Refused, order_of_lines, part_of
from connectors.sandbox.vendure.queries import HANDLER_CODE
from connectors.sandbox.vendure.shop import Shop, child
from connectors.sandbox.vendure.states import FULFILLABLE, FULFILLMENT_NEXT

Doc = dict[str, Any]
Args = Mapping[str, Any]


def add(shop: Shop, args: Args) -> Doc:
    """addFulfillmentToOrder: units are put into a parcel that waits to be shipped."""
    told = args["input"]
    if not told["lines"] or not sum(one["quantity"] for one in told["lines"]):
        raise Refused("EmptyOrderLineSelectionError", "At least one OrderLine must be specified")
    if told["handler"]["code"] != HANDLER_CODE:
        raise Refused("InvalidFulfillmentHandlerError", "The specified FulfillmentHandler was not found")
    sale, units = order_of_lines(shop, told["lines"])
    named = {one["name"]: one["value"] for one in told["handler"]["arguments"]}
    method, tracking = named.get("method", ""), named.get("trackingCode", "")
    parcel = (sale.number, list(units), method, tracking)
    _check(shop, sale, units, parcel)
    now = shop.market.now_ms()
    kept = {"k": len(sale.doc["fulfillments"]) + 1, "state": "Pending", "method": method, "tracking": tracking,
            "lines": units, "at_ms": now, "changed_ms": now, "shipment": 0}  # fmt: skip
    sale.doc["fulfillments"].append(kept)
    shop.market.shelves.save(sale)
    shop.market.announce("parcel", child("Fulfillment", sale.number, kept["k"]))
    return _shown(shop, sale.number, kept["k"])


def _check(shop: Shop, sale: Sale, units: dict[str, int], parcel: tuple[str, list[str], str, str]) -> None:
    if any(num > _free(sale.doc, no) for no, num in units.items()):
        raise Refused("ItemsAlreadyFulfilledError", "One or more OrderItems are already part of a Fulfillment",
                      shipment=parcel)  # fmt: skip
    if sale.doc["state"] not in FULFILLABLE:
        why = "One or more OrderItems belong to an Order which is in an invalid state"
        raise _stuck("Created", "Pending", why, parcel)
    if not shop.settings.get("strict_stock"):
        return
    for no, num in units.items():
        sku = line_of(sale.doc, no)["sku"]
        if goods.on_hand(shop, sku) < num:
            raise Refused(
                "InsufficientStockOnHandError", "Cannot create a Fulfillment as there is insufficient stockOnHand",
                shipment=parcel, productVariantId=sku["sku_id"], productVariantName=goods.name_of(sku),
                stockOnHand=goods.on_hand(shop, sku),
            )  # fmt: skip


def _free(doc: Doc, no: str) -> int:
    """Units of a line that are in no parcel yet."""
    taken = sum(int(one["lines"].get(no, 0)) for one in doc["fulfillments"] if one["state"] != "Cancelled")
    return books.units(doc, line_of(doc, no)) - taken


def transition(shop: Shop, args: Args) -> Doc:
    """transitionFulfillmentToState: Pending → Shipped → Delivered, and Cancelled from each of them."""
    sale, kept = part_of(shop, "Fulfillment", args["id"], "fulfillments")
    before, wanted = kept["state"], args["state"]
    if wanted not in FULFILLMENT_NEXT[before]:
        raise _stuck(before, wanted, f'Cannot transition Fulfillment from "{before}" to "{wanted}"')
    if wanted == "Cancelled":
        _cancel(shop, sale, kept)
    elif before == "Pending":
        kept = _ship(shop, sale, kept, wanted)
    _arrive(shop, sale.number, kept["k"], wanted)
    shop.market.announce("parcel", child("Fulfillment", sale.number, kept["k"]))
    return _shown(shop, sale.number, kept["k"])


def _ship(shop: Shop, sale: Sale, kept: Doc, wanted: str) -> Doc:
    oids = list(kept["lines"])
    try:
        kept["shipment"] = ship(shop.market, sale.number, kept["method"], kept["tracking"], oids=oids,
                                units=kept["lines"], kind="fulfillment")  # fmt: skip
    except NotAllowed as error:
        raise _stuck("Pending", wanted, str(error), (sale.number, oids, kept["method"], kept["tracking"])) from None
    return kept


def _arrive(shop: Shop, number: str, k: int, state: str) -> None:
    """Write a parcel's new state; an order of which all has arrived is done."""
    sale = shop.market.find_sale(number)
    now = shop.market.now_ms()
    sale.doc["fulfillments"][k - 1] |= {"state": state, "changed_ms": now}
    living = [one["state"] for one in sale.doc["fulfillments"] if one["state"] != "Cancelled"]
    if sale.doc["status"] == "shipped" and living and set(living) == {"Delivered"}:
        sale.doc |= {"status": "completed", "ended_ms": now}
    shop.market.changed(sale, "shipped" if state != "Cancelled" else "unshipped")


def _cancel(shop: Shop, sale: Sale, kept: Doc) -> None:
    """Units of a cancelled parcel are free for another one."""
    if kept["state"] == "Pending":
        return
    for no, num in kept["lines"].items():
        line = line_of(sale.doc, no)
        line["shipped_num"] = max(0, line["shipped_num"] - num)
        line["waybills"] = [held for held in line["waybills"] if held != kept["tracking"]]
    sale.doc["status"] = "open"
    sale.doc["status"] = status_after(sale.doc)
    shop.market.storage.execute(
        "update shipment set accepted = 0, reason = 'cancelled by the seller' where tid = ? and out_sid = ?"
        " and accepted = 1", (sale.number, kept["tracking"]),
    )  # fmt: skip
    shop.market.shelves.save(sale)


def _stuck(before: str, wanted: str, why: str, parcel: tuple[str, list[str], str, str] | None = None) -> Refused:
    message = f'Cannot transition Fulfillment from "{before}" to "{wanted}"'
    return Refused("FulfillmentStateTransitionError", message, shipment=parcel, transitionError=why, fromState=before,
                   toState=wanted)  # fmt: skip


def _shown(shop: Shop, number: str, k: int) -> Doc:
    order = order_document(shop, shop.market.find_sale(number))
    found: Doc = order["fulfillments"]({})[k - 1]
    return found
