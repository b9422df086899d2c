"""What buyers and staff do to a sale here otherwise than on other marketplaces: control verbs of this twin's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import LIVE_REFUND, NotAllowed, Sale
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.medusa import returning
from connectors.sandbox.medusa.booking import pay_all_back, value_of
from connectors.sandbox.medusa.lines import units_of
from connectors.sandbox.medusa.parcels import live
from connectors.sandbox.medusa.shop import Shop

Body = Mapping[str, Any]
Result = dict[str, Any]


def pay(shop: Shop, sale: Sale, body: Body) -> None:
    """The buyer pays: the order's own row is not touched by that."""
    _expect(sale, sale.doc["status"] == "unpaid", "be paid")
    now = shop.market.now_ms()
    payment = sale.doc["payment"]
    sale.doc |= {"status": "open", "paid_ms": now, "authorized": payment, "captured": payment, "authorized_ms": now,
                 "captured_ms": now, "payment_ms": now}  # fmt: skip
    shop.save_quietly(sale)
    shop.market.announce("captured", sale.number)


def capture(shop: Shop, sale: Sale, body: Body) -> None:
    """Staff takes an authorised payment."""
    _expect(sale, bool(sale.doc["authorized"]) and not sale.doc["captured"], "be captured")
    now = shop.market.now_ms()
    sale.doc |= {"captured": sale.doc["authorized"], "captured_ms": now, "payment_ms": now}
    shop.save_quietly(sale)
    shop.market.announce("captured", sale.number)


def refund(shop: Shop, sale: Sale, body: Body) -> Result:
    """A buyer wants money back (staff sees to it), or with `return` or `exchange` sends goods back."""
    back = bool(body.get("return") or body.get("exchange"))
    wanted = str(body.get("line", ""))
    lines = [line_of(sale.doc, wanted)] if wanted else [line for line in sale.lines if units_of(line)]
    lines = [line for line in lines if line["refund"] not in (*LIVE_REFUND, "succeeded")]
    lines = [line for line in lines if line["shipped_num"] or not back]
    _expect(sale, bool(lines) and sale.doc["status"] != "unpaid", "be refunded")
    cases: list[str] = []
    for line in lines:
        num = int(body.get("num", line["shipped_num"] if back else units_of(line)))
        amount = int(body.get("amount", value_of(shop, sale.doc, line, num)))
        told = {**body, "line": line["no"], "num": num, "amount": amount}
        cases += act(shop.market, sale.number, "refund", told)["cases"]
    return {"cases": cases}


def withdraw_refund(shop: Shop, sale: Sale, body: Body) -> Result:
    """The buyer calls off what is not settled yet."""
    running = returning.running(shop, sale)
    asked = [case for case in shop.market.shelves.cases_of(sale.number) if case.doc["state"] == "asked"]
    _expect(sale, bool(running or asked), "have a refund withdrawn: none is open")
    for case in running:
        returning.cancel(shop, shop.market.find_sale(sale.number), case, "closed")
    for case in asked:
        end_case(shop.market, case, "closed")
    return {"cases": [case.number for case in (*running, *asked)]}


def return_goods(shop: Shop, sale: Sale, body: Body) -> Result:
    """The buyer sends goods back; the platform has no place for the waybill."""
    agreed = [case for case in returning.running(shop, sale) if case.doc["state"] == "agreed"]
    _expect(sale, bool(agreed), "have goods returned: no return is requested")
    for case in agreed:
        move_case(shop.market, case, "returned")
    return {"cases": [case.number for case in agreed]}


def cancel(shop: Shop, sale: Sale, body: Body) -> None:
    """Staff cancels the order: what is packed is unpacked, what was paid goes back."""
    for found in live(sale.doc):
        _expect(sale, not found["shipped_ms"], "be cancelled")
        found["canceled_ms"] = shop.market.now_ms()
    shop.save_quietly(sale)
    act(shop.market, sale.number, "cancel", body)
    pay_all_back(shop, sale.number, "order canceled")


def edit(verb: str) -> Callable[[Shop, Sale, Body], Result]:
    """An order edit: the kit's verb, and one more version of the order. What is packed is not edited."""

    def work(shop: Shop, sale: Sale, body: Body) -> Result:
        line = str(body.get("line") or sale.lines[-1 if verb == "remove_line" else 0]["no"])
        packed = {part["line"] for found in sale.doc["fulfillments"] for part in found["items"]}
        _expect(sale, line not in packed, "have what is packed edited")
        done = act(shop.market, sale.number, verb, body)
        fresh = shop.market.find_sale(sale.number)
        fresh.doc["edits"] += 1
        shop.save_quietly(fresh)
        return done

    return work


def edit_memo(shop: Shop, sale: Sale, body: Body) -> None:
    """Staff writes into the order's metadata."""
    memo = str(body.get("memo", "客服：客户要求尽快发货"))
    sale.doc["meta"] = {**sale.doc["meta"], "memo": memo}
    sale.doc["memo"] = memo
    shop.market.changed(sale, "memo")


def deliver(shop: Shop, sale: Sale, body: Body) -> None:
    """Every parcel that is out has arrived."""
    out = [found for found in live(sale.doc) if found["shipped_ms"] and not found["delivered_ms"]]
    _expect(sale, bool(out), "be delivered")
    for found in out:
        found["delivered_ms"] = found["changed_ms"] = shop.market.now_ms()
    shop.market.changed(sale, "delivered")


def no_platform_ships(shop: Shop, sale: Sale, body: Body) -> None:
    """Nobody ships in the place of a store of one's own, so an order is never taken over."""
    raise LookupError("no verb take_over here")


def run(shop: Shop, number: str, verb: str, body: Body) -> Result:
    """Do one of these in one transaction; LookupError and NotAllowed as the kit's `act`."""
    with shop.market.storage.write():
        done = OWN_VERBS[verb](shop, shop.market.find_sale(number), body) or {}
        now = shop.market.find_sale(number).doc
        return {"number": number, "status": now["status"], "changed_ms": now["changed_ms"], **done}


def _expect(sale: Sale, holds: bool, what: str) -> None:
    if not holds:
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot {what}")


OWN_VERBS: dict[str, Callable[[Shop, Sale, Body], Result | None]] = {
    "pay": pay, "capture": capture, "refund": refund, "withdraw_refund": withdraw_refund, "return_goods": return_goods,
    "cancel": cancel, "edit_memo": edit_memo, "edit_quantity": edit("edit_quantity"), "remove_line": edit("remove_line"),
    "deliver": deliver, "take_over": no_platform_ships,
}  # fmt: skip
