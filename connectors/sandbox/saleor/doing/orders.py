"""Orders: cancelled, confirmed, marked as paid, described; goods that came back."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Sale, goods_are_back, stop, write_memo
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.model import status_after
from connectors.sandbox.kit.market.selling import move_case
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.doing.answers import Args, Refused, sale_of, shown, shown_fulfillment
from connectors.sandbox.saleor.ids import key_of
from connectors.sandbox.saleor.settling import add_fulfillment, move_back, note, settle
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
NO_HINDRANCE = frozenset({"CANCELED", "REFUNDED", "REPLACED", "REFUNDED_AND_RETURNED", "RETURNED"})


def cancel(shop: Shop, args: Args) -> Doc:
    """orderCancel: money stays where it is until it is refunded."""
    sale = sale_of(shop, args["id"])
    hinders = any(one["status"] not in NO_HINDRANCE for one in sale.doc["fulfillments"])
    if hinders or sale.doc["status"] in ("cancelled", "completed") or sale.doc["expired"]:
        raise Refused("order", "This order can't be canceled.", "CANNOT_CANCEL_ORDER")
    stop(shop.market, sale.number, "seller")
    settle(shop.market, sale.number)
    return {"order": shown(shop, sale.number)}


def confirm(shop: Shop, args: Args) -> Doc:
    """orderConfirm."""
    sale = sale_of(shop, args["id"])
    if books.order_status(sale.doc) != "UNCONFIRMED":
        raise Refused("id", "Provided order id belongs to an order with status different than unconfirmed.", "INVALID")
    act(shop.market, sale.number, "release", {})
    sale = shop.market.find_sale(sale.number)
    note(shop.market, sale.doc, "CONFIRMED")
    shop.market.shelves.save(sale)
    return {"order": shown(shop, sale.number)}


def mark_paid(shop: Shop, args: Args) -> Doc:
    """orderMarkAsPaid."""
    sale = sale_of(shop, args["id"])
    if sale.doc["status"] != "unpaid" or sale.doc["payments"]:
        raise Refused(None, "Order with transactions can not be manually marked as paid.", "TRANSACTION_ERROR")
    pay(shop, sale)
    return {"order": shown(shop, sale.number)}


def pay(shop: Shop, sale: Sale) -> None:
    """The money of an order has come."""
    act(shop.market, sale.number, "pay_balance" if sale.doc["is_presale"] else "pay", {})
    settle(shop.market, sale.number)


def update(shop: Shop, args: Args) -> Doc:
    """orderUpdate: external reference and metadata."""
    told = args["input"]
    sale = sale_of(shop, args.get("id"))
    if "externalReference" in told:
        wanted = told["externalReference"] or ""
        if wanted and any(
            one.doc["external"] == wanted and one.number != sale.number for one in shop.market.shelves.sales()
        ):
            raise Refused("externalReference", "Order with this External reference already exists.", "UNIQUE")
        sale.doc["external"] = wanted
    for name, held in (("metadata", "metadata"), ("privateMetadata", "private")):
        sale.doc[held] |= {row["key"]: row["value"] for row in told.get(name) or []}
    shop.market.changed(sale, "memo")
    return {"order": shown(shop, sale.number)}


def add_note(shop: Shop, args: Args) -> Doc:
    """orderNoteAdd: the seller's words on an order, seen by staff alone."""
    message = args["input"]["message"].strip()
    sale = sale_of(shop, args["order"], "order")
    if not message:
        raise Refused("message", "Message can't be empty.", "REQUIRED")
    write_memo(shop.market, sale.number, message, None)
    settle(shop.market, sale.number)
    order = shown(shop, sale.number)
    rows = order["events"]({})
    return {"order": order, "event": rows[-1]}


def update_metadata(shop: Shop, args: Args) -> Doc:
    return _metadata(shop, args, "metadata")


def update_private(shop: Shop, args: Args) -> Doc:
    return _metadata(shop, args, "private")


def _metadata(shop: Shop, args: Args, held: str) -> Doc:
    sale = sale_of(shop, args["id"])
    for row in args["input"]:
        if not row["key"].strip():
            raise Refused("input", "Metadata key cannot be empty.", "REQUIRED")
        sale.doc[held][row["key"]] = row["value"]
    shop.market.changed(sale, "metadata")
    return {"item": shown(shop, sale.number)}


def take_back(shop: Shop, args: Args) -> Doc:
    """orderFulfillmentReturnProducts: units that came back, or will not be shipped; money is not touched."""
    told = args["input"]
    sale = sale_of(shop, args["order"], "order")
    if told.get("refund"):
        raise Refused(None, "Order cannot be refunded: it has no payment of the older kind.", "CANNOT_REFUND")
    shipped = [_shipped_part(sale, row) for row in told.get("fulfillmentLines") or []]
    unshipped = [_open_part(sale, row) for row in told.get("orderLines") or []]
    if not shipped and not unshipped:
        raise Refused("input", "Provide fulfillmentLines or orderLines.", "REQUIRED")
    reason, made = told.get("reason") or "", {}
    for status, replaces in (("RETURNED", False), ("REPLACED", True)):
        parts = [part for part in shipped if part["replace"] == replaces]
        parts_left = [part for part in unshipped if part["replace"] == replaces]
        if parts or parts_left:
            made[status] = _move(shop, sale, status, parts, parts_left, reason)
    shop.market.changed(sale, "touched")
    _tell_cases(shop, sale.number, {part["no"] for part in shipped})
    return {
        "order": shown(shop, sale.number), "replaceOrder": None,
        **{name: shown_fulfillment(shop, sale.number, made[status])["fulfillment"] if status in made else None
           for name, status in (("returnFulfillment", "RETURNED"), ("replaceFulfillment", "REPLACED"))},
    }  # fmt: skip


def _shipped_part(sale: Sale, row: Doc) -> Doc:
    key = key_of("FulfillmentLine", row["fulfillmentLineId"])
    for kept in sale.doc["fulfillments"]:
        for part in kept["lines"]:
            if str(part["k"]) == key and kept["status"] == "FULFILLED":
                if not 0 < row["quantity"] <= part["num"]:
                    raise Refused("fulfillmentLineId", "Provided quantity is bigger than quantity from fulfillment line.",
                                  "INVALID")  # fmt: skip
                return {"no": part["no"], "num": row["quantity"], "replace": bool(row.get("replace"))}
    raise Refused("fulfillmentLineId", f"Couldn't resolve to a node: {row['fulfillmentLineId']}", "NOT_FOUND")


def _open_part(sale: Sale, row: Doc) -> Doc:
    line = next((line for line in sale.lines if line["no"] == row["orderLineId"]), None)
    if line is None:
        raise Refused("orderLineId", f"Couldn't resolve to a node: {row['orderLineId']}", "NOT_FOUND")
    if not 0 < row["quantity"] <= books.waiting(sale.doc, line):
        raise Refused("orderLineId", "Provided quantity is bigger than unfulfilled quantity.", "INVALID")
    return {"no": line["no"], "num": row["quantity"], "replace": bool(row.get("replace"))}


def _move(shop: Shop, sale: Sale, status: str, shipped: list[Doc], unshipped: list[Doc], reason: str) -> int:
    doc = sale.doc
    if not shipped:
        kept = add_fulfillment(shop.market, doc, status, unshipped, reason=reason)
    else:
        kept = move_back(shop.market, doc, status, shipped, reason)
        kept["lines"] += [{"k": shop.market.storage.next_number("fulfillment_line"), "no": part["no"], "num": part["num"]}
                          for part in unshipped]  # fmt: skip
    for part in unshipped:
        line = next(line for line in doc["lines"] if line["no"] == part["no"])
        line["cancelled_num"] += part["num"]
    doc["status"] = status_after(doc)
    note(shop.market, doc, f"FULFILLMENT_{status}")
    return int(kept["k"])


def _tell_cases(shop: Shop, number: str, lines: set[str]) -> None:
    """Goods that came back are those of the returns that were open for their lines."""
    for case in shop.market.shelves.cases_of(number):
        mine = lines & {part["no"] for part in case.doc["lines"]}
        if case.doc["kind"] != "return" or not mine or case.doc["state"] not in ("asked", "agreed", "returned"):
            continue
        if case.doc["state"] == "asked":
            move_case(shop.market, case, "agreed")
        case = goods_are_back(shop.market, case.number, pays=False)
        case.doc["moved"] = True
        shop.market.shelves.save_case(case)
