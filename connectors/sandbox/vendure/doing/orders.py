"""Orders: cancelling lines or all of it, taking authorised money, states by hand, notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.model import line_of, open_num, status_after
from connectors.sandbox.vendure import booking, books
from connectors.sandbox.vendure.documents import money
from connectors.sandbox.vendure.documents.order import order_document
from connectors.sandbox.vendure.doing.answers import Refused, order_of_lines, part_of, sale_of
from connectors.sandbox.vendure.shop import Shop
from connectors.sandbox.vendure.states import NEXT

Doc = dict[str, Any]
Args = Mapping[str, Any]
#: States in which an order waits until a person lets it go.
STAFF_HOLDS = ("OnHold", "Modifying", "ArrangingAdditionalPayment")


def cancel(shop: Shop, args: Args) -> Doc:
    """cancelOrder: units that have not left are off, those that have are back. No money moves."""
    told = args["input"]
    sale = sale_of(shop, str(told["orderId"]))
    if sale.doc["active"]:
        words = f'Cannot cancel OrderLines from an Order in the "{sale.doc["state"]}" state'
        raise Refused("CancelActiveOrderError", words, orderState=sale.doc["state"])
    units = _units(shop, sale, told.get("lines"))
    for no, num in units.items():
        line = line_of(sale.doc, no)
        unshipped = min(num, open_num(line))
        line["cancelled_num"] += unshipped
        sale.doc["cancel_booked"][no] = line["cancelled_num"]
        if num > unshipped:
            sale.doc["returned"][no] = sale.doc["returned"].get(no, 0) + num - unshipped
    sale.doc["status"] = status_after(sale.doc)
    if sale.doc["status"] == "cancelled":
        sale.doc |= {"ended_ms": shop.market.now_ms(), "cancel_reason": told.get("reason") or ""}
    if told.get("cancelShipping"):
        sale.doc["shipping_cancelled"] = True
    shop.market.changed(sale, "cancelled")
    return shown(shop, sale.number)


def _units(shop: Shop, sale: Sale, lines: list[Doc] | None) -> dict[str, int]:
    if lines is None:
        found = {line["no"]: books.units(sale.doc, line) for line in sale.lines if books.units(sale.doc, line)}
        if not found:
            raise stuck(sale.doc["state"], "Cancelled")
        return found
    if not lines or not sum(one["quantity"] for one in lines):
        raise Refused("EmptyOrderLineSelectionError", "At least one OrderLine must be specified")
    theirs, found = order_of_lines(shop, lines)
    if theirs.number != sale.number:
        raise Refused("MultipleOrderError", "The operation cannot be performed on multiple Orders")
    if any(num > books.units(sale.doc, line_of(sale.doc, no)) for no, num in found.items()):
        raise Refused("QuantityTooGreatError", "The specified quantity is greater than the available OrderItems")
    return found


def stuck(before: str, wanted: str, why: str = "") -> Refused:
    """The refusal of a step that the order's state machine does not know."""
    words = f'Cannot transition Order from "{before}" to "{wanted}"'
    return Refused("OrderStateTransitionError", words, transitionError=why or words, fromState=before, toState=wanted)


def transition(shop: Shop, args: Args) -> Doc:
    """transitionOrderToState: holding an order and letting it go; parcels and payments move it otherwise."""
    sale, wanted = sale_of(shop, str(args["id"])), str(args["state"])
    before = sale.doc["state"]
    if wanted not in (*NEXT.get(before, ()), *(("OnHold",) if before == "PaymentSettled" else ())):
        raise stuck(before, wanted)
    if wanted == "Cancelled":
        return cancel(shop, {"input": {"orderId": sale.number}})
    if wanted in STAFF_HOLDS:
        sale.doc |= {"held": True, "held_as": wanted}
        shop.market.changed(sale, "held")
    elif sale.doc["held"]:
        act(shop.market, sale.number, "release", {})
    else:
        raise stuck(before, wanted, f'Cannot transition Order to the "{wanted}" state by hand')
    return shown(shop, sale.number)


def settle_payment(shop: Shop, args: Args) -> Doc:
    """settlePayment: money that was only authorised is taken."""
    sale, kept = part_of(shop, "Payment", args["id"], "payments")
    if kept["state"] != "Authorized":
        words = f'Cannot transition Payment from "{kept["state"]}" to "Settled"'
        raise Refused("PaymentStateTransitionError", words, transitionError=words, fromState=kept["state"],
                      toState="Settled")  # fmt: skip
    if sale.doc["status"] == "unpaid":
        act(shop.market, sale.number, "pay", {})
    else:
        sale.doc["paid_ms"] = shop.market.now_ms()
        shop.market.changed(sale, "paid")
    return _payment(shop, sale.number, kept["k"])


def cancel_payment(shop: Shop, args: Args) -> Doc:
    """cancelPayment: an authorisation is given up."""
    sale, kept = part_of(shop, "Payment", args["id"], "payments")
    if kept["state"] != "Authorized":
        words = f'Cannot transition Payment from "{kept["state"]}" to "Cancelled"'
        raise Refused("PaymentStateTransitionError", words, transitionError=words, fromState=kept["state"],
                      toState="Cancelled")  # fmt: skip
    kept |= {"state": "Cancelled", "changed_ms": shop.market.now_ms()}
    shop.market.shelves.save(sale)
    return _payment(shop, sale.number, kept["k"])


def _payment(shop: Shop, number: str, k: int) -> Doc:
    doc = shop.market.find_sale(number).doc
    return money.payment(doc, doc["payments"][k - 1])


def add_note(shop: Shop, args: Args) -> Doc:
    """addNoteToOrder: notes pile up, none takes the place of another."""
    told = args["input"]
    sale = sale_of(shop, str(told["id"]))
    booking.add_note(sale.doc, told["note"], shop.market.now_ms(), is_public=told["isPublic"])
    booking.gather_memo(sale.doc)
    shop.market.changed(sale, "memo")
    return shown(shop, sale.number)


def update_note(shop: Shop, args: Args) -> Doc:
    """updateOrderNote: the words of a note are changed."""
    told = args["input"]
    sale, kept = part_of(shop, "Note", str(told["noteId"]), "notes")
    kept |= {"note": told.get("note", kept["note"]), "changed_ms": shop.market.now_ms()}
    kept["is_public"] = bool(told.get("isPublic", kept["is_public"]))
    booking.gather_memo(sale.doc)
    shop.market.changed(sale, "memo")
    return money.note(sale.doc, kept)


def shown(shop: Shop, number: str) -> Doc:
    """An order's document as it is now."""
    return order_document(shop, shop.market.find_sale(number))
