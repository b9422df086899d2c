"""Decides returns on Medusa, receives their goods and pays money back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.money import to_major
from connectors.contract.notices import Receipt, RefundNotice, ShipmentNotice
from connectors.marketplaces.medusa import codes, trades
from connectors.marketplaces.medusa.amounts import scale_of
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.payments import payments_in, refundable, refunds_of
from connectors.marketplaces.medusa.reading import Json, part, required, rounded, rows, text, units

_CONFIRMED = frozenset({"requested", "partially_received", "received"})


def decide_case(admin: Admin, case_no: str, agree: bool) -> Receipt:
    """Confirm a drafted return, or cancel one that no goods came back for; the buyer's own are confirmed already."""
    if case_no.startswith("claim_"):
        raise Refused("a claim is made by the seller; change it in Medusa's own console")
    status = _status(admin, case_no)
    if agree and status in _CONFIRMED:
        return Receipt(case_no, "the store had confirmed it already")
    if not agree and status == "canceled":
        return Receipt(case_no, "the store had cancelled it already")
    if agree:
        admin.write(f"returns/{case_no}/request", {}, fields="")
    else:
        _cancel_return(admin, case_no)
    return Receipt(case_no)


def _cancel_return(admin: Admin, case_no: str) -> None:
    """A return that a buyer made has a fulfilment of its own for the way back, which must be cancelled first."""
    case = part(admin.read(f"returns/{case_no}", fields="id,status,*fulfillments"), "return")
    for fulfilment in rows(case, "fulfillments"):
        if not fulfilment.get("canceled_at"):
            admin.write(f"fulfillments/{required(fulfilment, 'id')}/cancel", {}, fields="")
    admin.write(f"returns/{case_no}/cancel", {}, fields="")


def goods_received(admin: Admin, case_no: str, facts: Mapping[str, str]) -> Receipt:
    """Receive a return's goods, all that are still out unless `facts` say otherwise.

    `received` and `damaged` are lists like "ordli_1:2,ordli_2:1"; damaged units go back to no shelf.
    """
    case = part(admin.read(f"returns/{case_no}"), "return")
    if text(case, "status") == "received":
        return Receipt(case_no, "the store has these goods already")
    out = {required(row, "item_id"): _still_out(row) for row in rows(case, "items")}
    damaged = _listed(facts.get("damaged", ""))
    received = _listed(facts.get("received", ""))
    if not received:
        received = {number: count - damaged.get(number, 0) for number, count in out.items()}
    _begin_receipt(admin, case_no)
    for path, goods in (("receive-items", received), ("dismiss-items", damaged)):
        items = [{"id": number, "quantity": count} for number, count in goods.items() if count > 0]
        if items:
            admin.write(f"returns/{case_no}/{path}", {"items": items}, fields="")
    admin.write(f"returns/{case_no}/receive/confirm", {}, fields="")
    return Receipt(case_no)


def _begin_receipt(admin: Admin, case_no: str) -> None:
    """A receipt that was begun and never confirmed, by us or by people, is in the way; it is dropped first."""
    try:
        admin.write(f"returns/{case_no}/receive", {}, fields="")
    except Refused as refusal:
        try:
            admin.remove(f"returns/{case_no}/receive")
        except Refused:
            raise refusal from None
        admin.write(f"returns/{case_no}/receive", {}, fields="")


def refund_case(admin: Admin, notice: RefundNotice) -> Receipt:
    """Pay back from the captured payments, newest last; the notice's key goes into each refund's note.

    Medusa has no key of its own for this, so what was paid under ours is looked up and only the rest is sent.
    """
    order = _money_of(admin, notice.order_no)
    paid = _paid_under(order, notice.key)
    scale = scale_of(notice.currency)
    rest = Decimal(notice.amount) - rounded(sum((refund.amount for refund in paid), Decimal(0)) * scale)
    numbers = [refund.number for refund in paid]
    if rest <= 0 and numbers:
        return Receipt(numbers[0], "the store had paid this refund already")
    taken = _parts(order, rest, scale)
    note = " ".join(word for word in (notice.key, notice.case_no, notice.words) if word)
    for payment, part_minor, exact in taken:
        body = {"amount": _number(part_minor, exact, notice.currency), "note": note}
        answer = admin.write(f"payments/{payment}/refund", body, fields="id,*refunds")
        numbers += [text(row, "id") for row in rows(part(answer, "payment"), "refunds") if text(row, "note") == note]
    if not numbers:
        raise OutcomeUnknown("the answer does not show the refund", code="not-an-answer")
    return Receipt(numbers[-1])


def find_refund(admin: Admin, notice: RefundNotice) -> Receipt | None:
    """The refund already paid in full under the notice's key."""
    paid = _paid_under(_money_of(admin, notice.order_no), notice.key)
    total = rounded(sum((refund.amount for refund in paid), Decimal(0)) * scale_of(notice.currency))
    return Receipt(paid[-1].number) if paid and total >= notice.amount else None


def exchange_lines(admin: Admin, case_no: str) -> tuple[str, tuple[str, ...]]:
    """The order of an exchange, and those of its lines that leave in exchange."""
    body = trades.read_case(admin, case_no)
    numbers = tuple(text(row, "item_id") for row in rows(part(body, "exchange"), "additional_items"))
    if not numbers:
        raise Refused("this case has no goods to send in exchange")
    return required(part(body, "return"), "order_id"), numbers


def exchange_notice(notice: ShipmentNotice, order_no: str, numbers: tuple[str, ...]) -> ShipmentNotice:
    """The same parcel, of the lines that Medusa added to the order for the exchange."""
    return ShipmentNotice(
        order_no,
        notice.carrier_code,
        notice.waybill_no,
        False,
        notice.shipped_at,
        numbers,
        notice.is_cod,
        notice.idempotency_key,
    )


def _status(admin: Admin, case_no: str) -> str:
    return text(part(admin.read(f"returns/{case_no}", fields="id,status"), "return"), "status")


def _still_out(row: Json) -> int:
    return units(row, "quantity") - units(row, "received_quantity") - units(row, "damaged_quantity")


def _listed(told: str) -> dict[str, int]:
    pairs = [pair.partition(":") for pair in told.replace(" ", "").split(",") if pair]
    if any(not count.isdecimal() for _, _, count in pairs):
        raise Refused("write received goods as line:units, like ordli_1:2,ordli_2:1")
    return {number: int(count) for number, _, count in pairs}


def _money_of(admin: Admin, order_no: str) -> Json:
    return part(admin.read(f"orders/{order_no}", fields=codes.REFUND_FIELDS), "order")


def _paid_under(order: Json, key: str) -> list[Any]:
    return [refund for refund in refunds_of(order) if refund.note == key or refund.note.startswith(f"{key} ")]


def _parts(order: Json, wanted: Decimal, scale: Decimal) -> list[tuple[str, int, Decimal]]:
    """Payment, minor units to take of it, and what it can give at all, in minor units and unrounded."""
    parts = []
    for payment in payments_in(order):
        most = refundable(payment) * scale
        part_minor = min(int(wanted), rounded(most))
        if part_minor > 0 and not payment.get("canceled_at"):
            parts.append((required(payment, "id"), part_minor, most))
            wanted -= part_minor
    if wanted > 0:
        raise Refused("the payments of this order have less left to give back; capture them first", code="too-much")
    return parts


def _number(part_minor: int, most: Decimal, currency: str) -> float:
    """What goes out as a JSON number; the whole of a payment goes with its fraction, so that nothing stays."""
    if part_minor == rounded(most):
        return float(most / scale_of(currency))
    return float(to_major(part_minor, currency))
