"""Orders: cancel, note, tags, payment, and refunds of money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import stop, write_memo
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.model import line_of, open_num, status_after
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents.money import cents_of, in_shop_money
from connectors.sandbox.shopify.doing.answers import UserError, part_of, sale_of, shown
from connectors.sandbox.shopify.ids import child, gid, number_in, owner
from connectors.sandbox.shopify.settling import add_refund, settle
from connectors.sandbox.shopify.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]


def cancel(shop: Shop, args: Args) -> Doc:
    """orderCancel: everything that waits is taken off, paid back when a refund method says so."""
    sale = sale_of(shop, args["orderId"], "orderId")
    doc = sale.doc
    if doc["status"] == "cancelled":
        raise UserError(["orderId"], "Order has already been cancelled", "INVALID")
    if any(line["shipped_num"] for line in doc["lines"]):
        raise UserError(["orderId"], "Cannot cancel an order with fulfilled line items", "INVALID")
    if args.get("refund") is not None and args.get("refundMethod") is not None:
        raise UserError(["refund"], "Only one of refund or refundMethod can be given", "INVALID")
    method = args.get("refundMethod") or {}
    pays = bool(args.get("refund") or method.get("originalPaymentMethodsRefund") or method.get("storeCreditRefund"))
    stop(shop.market, sale.number, args["reason"])
    settle(shop.market, sale.number, pays=pays)
    return {"job": {"id": gid("Job", f"{int(sale.number):032x}"), "done": False}}


def update(shop: Shop, args: Args) -> Doc:
    """orderUpdate: note and tags."""
    told = args["input"]
    sale = sale_of(shop, told["id"], "id")
    if "tags" in told:
        sale.doc["tags"] = list(told["tags"] or [])
        shop.market.shelves.save(sale)
    if "note" in told:
        write_memo(shop.market, sale.number, told["note"] or "", None)
    elif "tags" in told:
        shop.market.announce("memo", sale.number)
    return {"order": shown(shop, sale.number)}


def add_tags(shop: Shop, args: Args) -> Doc:
    return _tag(shop, args, lambda held, asked: held | asked)


def remove_tags(shop: Shop, args: Args) -> Doc:
    return _tag(shop, args, lambda held, asked: held - asked)


def _tag(shop: Shop, args: Args, combine: Any) -> Doc:
    sale = sale_of(shop, args["id"], "id")
    sale.doc["tags"] = sorted(combine(set(sale.doc["tags"]), set(args["tags"])))
    shop.market.changed(sale, "memo")
    return {"node": shown(shop, sale.number)}


def mark_paid(shop: Shop, args: Args) -> Doc:
    """orderMarkAsPaid: the money of a pending order has come."""
    sale = sale_of(shop, args["input"]["id"], "id")
    if books.financial_status(sale.doc) not in ("PENDING", "AUTHORIZED", "PARTIALLY_PAID"):
        raise UserError(["id"], "Order cannot be marked as paid.")
    _pay(shop, sale.number)
    return {"order": shown(shop, sale.number)}


def capture(shop: Shop, args: Args) -> Doc:
    """orderCapture: take the authorised money."""
    sale = sale_of(shop, args["input"]["id"], "id")
    if books.financial_status(sale.doc) != "AUTHORIZED":
        raise UserError(["input", "id"], "Order has no authorization to capture.")
    if cents_of(args["input"]["amount"]) != books.total(sale.doc):
        raise UserError(["input", "amount"], "The twin captures the whole authorised amount only.")
    _pay(shop, sale.number)
    return {"transaction": shown(shop, sale.number)["transactions"]({})[-1]}


def _pay(shop: Shop, number: str) -> None:
    sale = shop.market.find_sale(number)
    if sale.doc["is_cod"]:
        sale.doc["paid_ms"] = shop.market.now_ms()
        shop.market.changed(sale, "paid")
    else:
        act(shop.market, number, "pay_balance" if sale.doc["is_presale"] else "pay", {})
    settle(shop.market, number)


def refund(shop: Shop, args: Args) -> Doc:
    """refundCreate: units off the order, money back by transactions; either may stand alone."""
    told = args["input"]
    sale = sale_of(shop, told["orderId"], "orderId")
    doc = sale.doc
    parts = [_part(doc, row) for row in told.get("refundLineItems") or []]
    parent, cents = _money(doc, told)
    asked = told.get("shipping") or {}
    shipping = (
        books.shipping_total(doc) if asked.get("fullRefund") else in_shop_money(doc, cents_of(asked.get("amount") or "0"))
    )
    if shipping > books.shipping_total(doc) - sum(one["shipping"] for one in doc["refunds"]):
        raise UserError(["shipping"], "Shipping refund amount is greater than what can be refunded.")
    if not parts and not cents and not shipping:
        raise UserError(None, "Refund must have line items, shipping or transactions.")
    case = _case_for(shop, sale.number, parts)
    kept = add_refund(doc, parts, cents, shop.market.now_ms(), shipping=shipping, note=told.get("note") or "", case=case,
                      parent=parent)  # fmt: skip
    for part in parts:
        if part["restock"] == "CANCEL":
            line_of(doc, part["no"])["cancelled_num"] += part["num"]
    doc["status"] = status_after(doc)
    if doc["status"] == "cancelled":
        doc["ended_ms"] = shop.market.now_ms()
    shop.market.changed(sale, "refund")
    if case:
        _end(shop, case, cents)
    settle(shop.market, sale.number)
    number = child("Refund", sale.number, kept["k"])
    shop.market.announce("refunded", number)
    order = shown(shop, sale.number)
    return {"refund": part_of(order["refunds"]({}), "Refund", number), "order": order}


def _part(doc: Doc, row: Doc) -> Doc:
    no = number_in(row["lineItemId"], "LineItem")
    line = next((one for one in doc["lines"] if one["no"] == no), None)
    if line is None:
        raise UserError(["refundLineItems"], "Line item does not exist.")
    restock = row.get("restockType") or "NO_RESTOCK"
    if restock == "LEGACY_RESTOCK":
        raise UserError(["refundLineItems"], "Restock type is invalid.")
    # Units that never left come off the order however the caller called it.
    restock = "CANCEL" if restock == "NO_RESTOCK" and not line["shipped_num"] else restock
    most = open_num(line) if restock == "CANCEL" else min(line["shipped_num"], books.current_units(doc, line))
    if not 0 < row["quantity"] <= most:
        raise UserError(["refundLineItems"], "Quantity cannot refund more items than were purchased")
    if restock in ("RETURN", "CANCEL") and not row.get("locationId"):
        raise UserError(["refundLineItems"], "Location must be given to restock line items.")
    return {"no": str(no), "num": int(row["quantity"]), "restock": restock}


def _money(doc: Doc, told: Doc) -> tuple[int, int]:
    """(position of the payment, minor units of the shop) of the transactions, in the buyer's currency as asked."""
    parent = cents = 0
    for row in told.get("transactions") or []:
        found = owner("OrderTransaction", row.get("parentId") or "")
        paid = next((one for one in doc["transactions"] if found and found == (doc["number"], (one["k"],))), None)
        if row["kind"] != "REFUND" or paid is None or paid["kind"] not in ("SALE", "CAPTURE"):
            raise UserError(["transactions"], "Parent transaction is invalid.")
        if row["orderId"] != told["orderId"]:
            raise UserError(["transactions"], "Transaction must belong to the order.")
        parent, cents = paid["k"], cents + in_shop_money(doc, cents_of(row["amount"]))
    if cents > books.refundable(doc) and not told.get("allowOverRefunding"):
        raise UserError(["transactions"], "Refund amount is greater than net payment received")
    return parent, cents


def _case_for(shop: Shop, number: str, parts: list[Doc]) -> str:
    """The approved return that these units belong to, if there is one."""
    lines = {part["no"] for part in parts if part["restock"] != "CANCEL"}
    for case in shop.market.shelves.cases_of(number):
        if case.doc["state"] in ("agreed", "returned") and lines & {part["no"] for part in case.doc["lines"]}:
            return case.number
    return ""


def _end(shop: Shop, number: str, cents: int) -> None:
    case = shop.market.find_case(number)
    case.doc |= {"paid_back": cents, "received": True, "processed": sum(one["num"] for one in case.doc["lines"])}
    case.doc["reports"].append({"what": "refund", "words": "", "at_ms": shop.market.now_ms()})
    end_case(shop.market, case, "succeeded")
