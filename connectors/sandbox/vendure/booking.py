"""Bookkeeping that follows from what happened to an order: payments, refunds, modifications, parcels at their goal."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.vendure import books, states
from connectors.sandbox.vendure.shop import order_code

Doc = dict[str, Any]
METHODS = {"cod": "cash-on-delivery", "pre_auth": "card"}
WRAPPING = 500


def open_books(doc: Doc, currency: str, tax_percent: str) -> None:
    """Give a new order what the platform's orders have besides."""
    kind = doc["kind"]
    doc |= {
        "currency": "EUR" if kind == "foreign" else currency, "prices_with_tax": kind != "tax_excluded",
        "tax_rate": "0" if kind == "untaxed" else tax_percent, "payments": [], "refunds": [], "fulfillments": [],
        "modifications": [], "notes": [], "transitions": [], "returned": {}, "shipping_cancelled": False,
        "cancel_booked": {}, "cases_booked": [], "placed_ms": 0, "touches": 0, "face": "", "state": "Created",
        "code": order_code(doc["number"]), "type": {"seller": "Seller", "aggregate": "Aggregate"}.get(kind, "Regular"),
        "memo_noted": "", "placed_units": {}, "held_as": states.HELD.get(kind, "OnHold"),
        "surcharges": [{"price": WRAPPING, "words": "礼品包装"}] if kind == "surcharge" else [],
    }  # fmt: skip
    settle(doc, doc["created_ms"])


def settle(doc: Doc, at_ms: int) -> None:
    """Bring payments, refunds and the state up to date with what was done to the order."""
    doc["payment"] = books.total(doc, gross=True)
    _book_payment(doc, at_ms)
    _book_modification(doc, at_ms)
    _book_cancelled(doc, at_ms)
    if doc["memo"] != doc["memo_noted"]:
        add_note(doc, doc["memo"], at_ms)
        gather_memo(doc)
    if doc["status"] == "completed":
        _deliver(doc, at_ms)
    state = states.after(doc["state"], states.order_state(doc))
    if state != doc["state"]:
        doc["transitions"].append({"from": doc["state"], "to": state, "at_ms": at_ms})
        doc["state"] = state
    if not doc["placed_ms"] and state in states.FULFILLABLE | {"OnHold", "Modifying", "ArrangingAdditionalPayment"}:
        doc["placed_ms"] = doc["paid_ms"] or at_ms
        doc["placed_units"] = {line["no"]: line["num"] for line in doc["lines"]}
    doc |= {"active": states.is_active(doc), "total": books.total(doc),
            "units": sum(books.units(doc, line) for line in doc["lines"])}  # fmt: skip


def gather_memo(doc: Doc) -> None:
    """The seller's memo is all private notes together: one more adds to it."""
    doc["memo"] = doc["memo_noted"] = "\n".join(one["note"] for one in doc["notes"] if not one["is_public"])


def add_note(doc: Doc, note: str, at_ms: int, *, is_public: bool = False) -> Doc:
    found = {"k": len(doc["notes"]) + 1, "note": note, "is_public": is_public, "at_ms": at_ms, "changed_ms": at_ms}
    doc["notes"].append(found)
    return found


def add_refund(doc: Doc, payment: int, cents: int, at_ms: int, *, reason: str, state: str = "Settled",
               case: str = "", lines: Doc | None = None) -> Doc:  # fmt: skip
    """Write a refund of a payment into the books."""
    k = len(doc["refunds"]) + 1
    found = {"k": k, "payment": payment, "total": cents, "state": state, "reason": reason, "at_ms": at_ms,
             "changed_ms": at_ms, "txn": f"re_{doc['number']}{k}" if state == "Settled" else "",
             "case": case, "lines": lines or {}}  # fmt: skip
    doc["refunds"].append(found)
    return found


def pay_back(doc: Doc, cents: int, at_ms: int, *, reason: str, case: str = "",
             lines: Doc | None = None) -> list[Doc]:  # fmt: skip
    """Refund an amount out of the settled payments, one after the other; the first one names the lines."""
    made: list[Doc] = []
    for payment in doc["payments"]:
        part = min(cents, books.refundable(doc, payment)) if payment["state"] == "Settled" else 0
        if part > 0:
            made.append(add_refund(doc, payment["k"], part, at_ms, reason=reason, case=case,
                                   lines=None if made else lines))  # fmt: skip
            cents -= part
    return made


def add_payment(doc: Doc, cents: int, state: str, at_ms: int, *, method: str = "") -> Doc:
    k = len(doc["payments"]) + 1
    found = {"k": k, "method": method or METHODS.get(doc["kind"], "dummy-payment"), "amount": cents, "state": state,
             "at_ms": at_ms, "changed_ms": at_ms, "txn": f"pi_{doc['number']}{k}",
             "error": "card declined" if state == "Declined" else None}  # fmt: skip
    doc["payments"].append(found)
    return found


def _book_payment(doc: Doc, at_ms: int) -> None:
    waiting = next((one for one in doc["payments"] if one["state"] == "Authorized"), None)
    if not doc["payments"] and doc["kind"] == "declined":
        add_payment(doc, doc["payment"], "Declined", at_ms)
    if doc["status"] == "cancelled" and waiting:
        waiting |= {"state": "Cancelled", "changed_ms": at_ms}
    elif doc["paid_ms"] and waiting:
        waiting |= {"state": "Settled", "changed_ms": doc["paid_ms"]}
    elif doc["paid_ms"] and not books.settled(doc):
        add_payment(doc, doc["payment"], "Settled", doc["paid_ms"])
    elif waiting:
        waiting["amount"] = doc["payment"]
    elif not doc["paid_ms"] and (doc["is_cod"] or doc["kind"] == "pre_auth") and doc["status"] != "cancelled":
        add_payment(doc, doc["payment"], "Authorized", at_ms)


def _book_modification(doc: Doc, at_ms: int) -> None:
    """An order that was changed after its payment: the difference is taken or paid back."""
    if not doc["paid_ms"] or doc["status"] == "cancelled":
        return
    booked = books.settled(doc) - sum(one["total"] for one in doc["refunds"] if one["case"] == "modification")
    change = doc["payment"] - booked
    if not change:
        return
    found: Doc = {"k": len(doc["modifications"]) + 1, "at_ms": at_ms, "change": change, "payment": 0, "refund": 0}
    if change > 0:
        found["payment"] = add_payment(doc, change, "Settled", at_ms)["k"]
    else:
        made = pay_back(doc, -change, at_ms, reason="Order modification", case="modification")
        found["refund"] = made[0]["k"] if made else 0
    doc["modifications"].append(found)


def _book_cancelled(doc: Doc, at_ms: int) -> None:
    """Units that the buyer cancelled: staff pays them back, with the shipping when nothing is left."""
    cents, lines = 0, {}
    for line in doc["lines"]:
        new = line["cancelled_num"] - doc["cancel_booked"].get(line["no"], 0)
        doc["cancel_booked"][line["no"]] = line["cancelled_num"]
        if new > 0 and line["refund"] != "succeeded":
            cents += books.both(doc, books.prorated(line, new))[1]
            lines[line["no"]] = new
    if not cents or not books.settled(doc):
        return
    if doc["status"] == "cancelled":
        left = [books.refundable(doc, one) for one in doc["payments"] if one["state"] == "Settled"]
        cents, doc["shipping_cancelled"] = sum(left), True
    pay_back(doc, cents, at_ms, reason=str(doc.get("cancel_reason") or "buyer"), lines=lines)


def _deliver(doc: Doc, at_ms: int) -> None:
    for one in doc["fulfillments"]:
        if one["state"] == "Shipped":
            one |= {"state": "Delivered", "changed_ms": at_ms}
