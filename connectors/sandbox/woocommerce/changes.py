"""What the seller's system may change on an order: status, lines, notes in fields, the trash."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale, ship, stop
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.woocommerce.booking import refund_rest
from connectors.sandbox.woocommerce.refusal import Refusal
from connectors.sandbox.woocommerce.shop import Shop
from connectors.sandbox.woocommerce.status import show, shown_status

WAYBILL_KEYS = ("_tracking_number", "tracking_number")
COMPANY_KEYS = ("_shipping_provider", "_shipment_provider", "_tracking_provider", "tracking_provider")


def change_order(shop: Shop, number: str, body: Mapping[str, Any]) -> None:
    """Apply `PUT /orders/{id}`: lines first, then fields, then the status, in one transaction."""
    with shop.market.storage.write():
        for item in body.get("line_items") or ():
            _change_line(shop, number, item)
        _change_fields(shop, number, body)
        if body.get("status"):
            set_status(shop, number, str(body["status"]))


def set_status(shop: Shop, number: str, status: str) -> None:
    """Bring an order to a status. WooCommerce forbids no step; whatever the sale has come to, this status is shown."""
    if shown_status(shop.market.find_sale(number).doc) == status:
        return
    step = {"cancelled": _cancel, "completed": _complete, "processing": _open, "on-hold": _hold, "refunded": refund_rest}
    if status in step:
        # What a step cannot do to the sale it leaves alone; the platform would not complain either.
        with suppress(NotAllowed):
            step[status](shop, number)
    sale = shop.market.find_sale(number)
    if shown_status(sale.doc) != status:
        show(sale.doc, status)
        shop.market.changed(sale, "status")


def trash_order(shop: Shop, number: str, *, force: bool) -> None:
    """Put an order into the trash, or delete it for good; nobody shall ship it then."""
    with shop.market.storage.write():
        sale = shop.market.find_sale(number)
        was_trashed = sale.doc.get("trashed")
        before = sale.doc["held_before"] if was_trashed else sale.doc["held"]
        sale.doc |= {"trashed": True, "deleted": force, "held_before": before, "held": True}
        if not was_trashed or force:
            shop.market.changed(sale, "deleted")


def restore_order(shop: Shop, number: str) -> None:
    """Take an order out of the trash; NotAllowed when it is not there."""
    with shop.market.storage.write():
        sale = shop.market.find_sale(number)
        if not sale.doc.get("trashed") or sale.doc.get("deleted"):
            raise NotAllowed(f"order {number} is not in the trash")
        sale.doc |= {"trashed": False, "held": bool(sale.doc.get("held_before"))}
        shop.market.changed(sale, "restored")


def _change_line(shop: Shop, number: str, item: Mapping[str, Any]) -> None:
    wanted = str(item.get("id", ""))
    if all(line["no"] != wanted for line in shop.market.find_sale(number).lines):
        message = "Order item ID provided is not associated with order."
        raise Refusal(400, "woocommerce_rest_invalid_item_id", message)
    if "quantity" not in item:
        return
    num = int(item["quantity"])
    try:
        if num:
            act(shop.market, number, "edit_quantity", {"line": wanted, "num": num})
        else:
            _remove_line(shop, number, wanted)
    except NotAllowed as error:
        raise Refusal(400, "woocommerce_rest_cannot_edit", str(error)) from error


def _remove_line(shop: Shop, number: str, line: str) -> None:
    if len(shop.market.find_sale(number).lines) > 1:
        act(shop.market, number, "remove_line", {"line": line})
    else:
        # An order without lines would be an order about nothing: the sale ends instead.
        stop(shop.market, number, "seller")


def _change_fields(shop: Shop, number: str, body: Mapping[str, Any]) -> None:
    sale = shop.market.find_sale(number)
    meta = sale.doc.get("meta", {})
    for item in body.get("meta_data") or ():
        meta = {**meta, str(item["key"]): item.get("value")}
    sale.doc |= {"meta": meta, "message": str(body.get("customer_note", sale.doc["message"]))}
    shop.market.changed(sale, "fields")
    if body.get("set_paid") is True and sale.doc["status"] == "unpaid":
        act(shop.market, number, "pay", {})


def _cancel(shop: Shop, number: str) -> None:
    stop(shop.market, number, "seller")


def _open(shop: Shop, number: str) -> None:
    sale = shop.market.find_sale(number)
    if sale.doc["status"] == "unpaid":
        act(shop.market, number, "pay", {})
    elif sale.doc["held"]:
        act(shop.market, number, "release", {})


def _hold(shop: Shop, number: str) -> None:
    sale = shop.market.find_sale(number)
    if sale.doc["status"] in ("open", "part_shipped"):
        sale.doc["held"] = True
        shop.market.changed(sale, "held")


def _complete(shop: Shop, number: str) -> None:
    """A completed order has been handed over: what no fulfillment told counts as shipped now."""
    _open(shop, number)
    sale = shop.market.find_sale(number)
    if sale.doc["status"] in ("open", "part_shipped"):
        ship(shop.market, number, _meta(sale, COMPANY_KEYS), _meta(sale, WAYBILL_KEYS), kind="completed")
    if sale.doc["is_cod"] and not sale.doc["paid_ms"]:
        act(shop.market, number, "sign", {})
    act(shop.market, number, "finish", {})


def _meta(sale: Sale, keys: tuple[str, ...]) -> str:
    found = sale.doc.get("meta", {})
    return next((str(found[key]) for key in keys if found.get(key)), "")
