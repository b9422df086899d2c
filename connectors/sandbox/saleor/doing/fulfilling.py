"""Fulfilments: made (one for each warehouse), approved, followed up, undone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import line_of, status_after
from connectors.sandbox.kit.market.selling import change_waybill
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.documents import goods, payments
from connectors.sandbox.saleor.doing.answers import Args, Refused, kept_fulfillment, sale_of, shown, shown_fulfillment
from connectors.sandbox.saleor.ids import key_of
from connectors.sandbox.saleor.settling import add_fulfillment, note
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
Asked = dict[str, dict[str, int]]


def fulfill(shop: Shop, args: Args) -> Doc:
    """orderFulfill."""
    told = args["input"]
    sale = sale_of(shop, args.get("order"), "order")
    asked = _asked(sale, told["lines"])
    _check_order(shop, sale)
    _check_units(sale, asked)
    if not told.get("allowStockToBeExceeded"):
        _check_stock(shop, sale, asked)
    made = [_send(shop, sale.number, where, units, told) for where, units in asked.items()]
    order = shown(shop, sale.number)
    keys = {str(kept["k"]) for kept in made}
    rows = [row for row in order["fulfillments"]({}) if key_of("Fulfillment", row["id"]) in keys]
    return {"fulfillments": rows, "order": order}


def _asked(sale: Sale, rows: list[Doc]) -> Asked:
    """Units by warehouse and line."""
    found: Asked = defaultdict(dict)
    seen: set[str] = set()
    known = {line["no"] for line in sale.lines}
    for row in rows:
        no = str(row.get("orderLineId"))
        if no not in known:
            raise Refused("orderLineId", f"Couldn't resolve to a node: {no}", "NOT_FOUND", orderLines=[no])
        if no in seen:
            raise Refused("orderLineId", "Duplicated order line ID.", "DUPLICATED_INPUT_ITEM", orderLines=[no])
        seen.add(no)
        for stock in row["stocks"]:
            if goods.warehouse(stock["warehouse"]) is None:
                raise Refused("warehouse", f"Couldn't resolve to a node: {stock['warehouse']}", "NOT_FOUND",
                              warehouse=stock["warehouse"])  # fmt: skip
            if stock["quantity"] < 0:
                raise Refused("quantity", "Quantity cannot be negative.", "INVALID", orderLines=[no])
            if stock["quantity"]:
                held = found[stock["warehouse"]]
                held[no] = held.get(no, 0) + stock["quantity"]
    if not found:
        raise Refused("lines", "Total quantity must be larger than 0.", "ZERO_QUANTITY")
    return found


def _check_order(shop: Shop, sale: Sale) -> None:
    status = books.order_status(sale.doc)
    if status in ("UNCONFIRMED", "CANCELED", "EXPIRED"):
        raise Refused("order", f"Cannot fulfill an order in status {status}.", "INVALID")
    granted = sum(map(payments.granted_amount, payments.grants(shop.market.shelves.cases_of(sale.number))))
    if books.charge_status(sale.doc, granted) not in ("FULL", "OVERCHARGED") or sale.doc["status"] == "unpaid":
        raise Refused(None, "Cannot fulfill unpaid order.", "CANNOT_FULFILL_UNPAID_ORDER")


def _check_units(sale: Sale, asked: Asked) -> None:
    for line in sale.lines:
        units = sum(held.get(line["no"], 0) for held in asked.values())
        left = books.waiting(sale.doc, line)
        if units > left:
            raise Refused("orderLineId", f"Only {left} item{'' if left == 1 else 's'} remaining to fulfill:"
                          f" {line['sku']['title']}.", "FULFILL_ORDER_LINE", orderLines=[line["no"]])  # fmt: skip


def _check_stock(shop: Shop, sale: Sale, asked: Asked) -> None:
    for where, held in asked.items():
        for no, units in held.items():
            sku = line_of(sale.doc, no)["sku"]
            if shop.units(sku, where) < units:
                raise Refused("stocks", f"Insufficient product stock: {sku['title']}", "INSUFFICIENT_STOCK",
                              warehouse=where, orderLines=[no])  # fmt: skip


def _send(shop: Shop, number: str, where: str, units: dict[str, int], told: Doc) -> Doc:
    """One warehouse's parcel."""
    market, waybill = shop.market, told.get("trackingNumber") or ""
    parts = [{"no": no, "num": num} for no, num in units.items()]
    if not shop.settings.get("auto_approve", True):
        sale = market.find_sale(number)
        kept = add_fulfillment(market, sale.doc, "WAITING_FOR_APPROVAL", parts, waybill=waybill, warehouse=where)
        note(market, sale.doc, "FULFILLMENT_AWAITS_APPROVAL")
        market.changed(sale, "awaiting")
        return kept
    shipment = _ship(shop, number, waybill, units)
    sale = market.find_sale(number)
    kept = add_fulfillment(market, sale.doc, "FULFILLED", parts, waybill=waybill, warehouse=where, shipment=shipment)
    note(market, sale.doc, "FULFILLMENT_FULFILLED_ITEMS")
    market.shelves.save(sale)
    market.announce("fulfillment_created", f"{number}#{kept['k']}")
    return kept


def _ship(shop: Shop, number: str, waybill: str, units: dict[str, int]) -> int:
    try:
        return ship(shop.market, number, "", waybill, oids=list(units), units=units, kind="fulfillment")
    except NotAllowed as why:
        raise Refused("order", str(why), "INVALID") from None


def approve(shop: Shop, args: Args) -> Doc:
    """orderFulfillmentApprove: a fulfilment that waits becomes one that has shipped."""
    sale, kept = kept_fulfillment(shop, args["id"])
    if kept["status"] != "WAITING_FOR_APPROVAL":
        raise Refused(
            "id", "Invalid fulfillment status, only WAITING_FOR_APPROVAL fulfillments can be accepted.", "INVALID"
        )
    shipment = _ship(shop, sale.number, kept["waybill"], {part["no"]: part["num"] for part in kept["lines"]})
    sale = shop.market.find_sale(sale.number)
    now = next(one for one in sale.doc["fulfillments"] if one["k"] == kept["k"])
    now |= {"status": "FULFILLED", "shipment": shipment}
    shop.market.shelves.save(sale)
    shop.market.announce("fulfillment_approved", f"{sale.number}#{kept['k']}")
    return shown_fulfillment(shop, sale.number, kept["k"])


def update_tracking(shop: Shop, args: Args) -> Doc:
    """orderFulfillmentUpdateTracking."""
    sale, kept = kept_fulfillment(shop, args["id"])
    waybill = args["input"].get("trackingNumber") or ""
    if kept["shipment"]:
        shipment = change_waybill(shop.market, sale.number, kept["shipment"], "", waybill)
        sale = shop.market.find_sale(sale.number)
        kept = next(one for one in sale.doc["fulfillments"] if one["k"] == kept["k"])
        kept["shipment"] = shipment
    kept["waybill"] = waybill
    note(shop.market, sale.doc, "TRACKING_UPDATED", waybill)
    shop.market.shelves.save(sale)
    shop.market.announce("tracking", f"{sale.number}#{kept['k']}")
    return shown_fulfillment(shop, sale.number, kept["k"])


def cancel(shop: Shop, args: Args) -> Doc:
    """orderFulfillmentCancel: its units wait again."""
    sale, kept = kept_fulfillment(shop, args["id"])
    if kept["status"] not in ("FULFILLED", "WAITING_FOR_APPROVAL"):
        raise Refused("fulfillment", "This fulfillment can't be canceled", "CANNOT_CANCEL_FULFILLMENT")
    where = (args.get("input") or {}).get("warehouseId")
    if kept["status"] == "FULFILLED" and not where:
        raise Refused("warehouseId", "This parameter is required for fulfillments which are not in WAITING_FOR_APPROVAL"
                      " state.", "REQUIRED")  # fmt: skip
    if where and goods.warehouse(where) is None:
        raise Refused("warehouseId", f"Couldn't resolve to a node: {where}", "NOT_FOUND")
    if kept["status"] == "FULFILLED":
        _take_back(shop, sale, kept)
    kept["status"] = "CANCELED"
    note(shop.market, sale.doc, "FULFILLMENT_CANCELED")
    shop.market.shelves.save(sale)
    shop.market.announce("fulfillment_canceled", f"{sale.number}#{kept['k']}")
    return shown_fulfillment(shop, sale.number, kept["k"])


def _take_back(shop: Shop, sale: Sale, kept: Doc) -> None:
    doc = sale.doc
    for part in kept["lines"]:
        line = line_of(doc, part["no"])
        line["shipped_num"] -= part["num"]
        line["waybills"] = [held for held in line["waybills"] if held != kept["waybill"]]
    shop.market.storage.execute("update shipment set accepted = 0, reason = 'cancelled' where id = ?",
                                (kept["shipment"],))  # fmt: skip
    doc["status"] = "open"
    doc["status"] = status_after(doc)
