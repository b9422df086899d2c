"""Pays money back on Vendure and cancels orders. The key of a refund stands in its reason, so it is found again."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, RefundNotice
from connectors.marketplaces.vendure import codes, documents
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.reading import Coins, Json, required, rows, text, whole


def split_case(case_no: str) -> tuple[str, str]:
    """The order and the refund that a case's number names."""
    order, _, refund = case_no.partition(":")
    if not refund:
        raise Refused(f"{case_no:.60} is not a case of Vendure; those are an order's id and a refund's")
    return order, refund


def cancel_order(admin: Admin, order_no: str, words: str) -> Receipt:
    """Cancel what of an order has not left, shipping too if nothing has; Vendure pays nothing back by itself.

    Without lines Vendure would cancel what has left as well, as if it had come back.
    """
    order = admin.read(documents.ORDER_SHIPPING, "order", id=order_no)
    if text(order, "state") == codes.CANCELLED:
        return Receipt(order_no, "the platform had cancelled this order already")
    left, is_whole = _not_gone(order)
    if not is_whole and not left:
        raise Refused("all of this order has left; stop its parcels or pay it back instead", code="nothing-left")
    wanted: dict[str, object] = {"orderId": order_no, "cancelShipping": is_whole, "reason": words}
    if not is_whole:
        wanted["lines"] = [{"orderLineId": line, "quantity": units} for line, units in left.items()]
    admin.write(documents.CANCEL, "cancelOrder", input=wanted)
    return Receipt(order_no)


def _not_gone(order: Json) -> tuple[dict[str, int], bool]:
    """Units by line that no parcel took away, and whether those are all there are."""
    left = {required(line, "id", "lines.id"): whole(line, "quantity") for line in rows(order, "lines")}
    gone = [row for row in rows(order, "fulfillments") if text(row, "state") in codes.GONE]
    for row in (line for fulfilment in gone for line in rows(fulfilment, "lines")):
        number = text(row, "orderLineId")
        left[number] = left.get(number, 0) - whole(row, "quantity")
    return {line: units for line, units in left.items() if units > 0}, not gone


def refund_case(admin: Admin, notice: RefundNotice, digits: int) -> Receipt:
    """Pay money back to the payments it came from, the largest first; what is paid under the key counts."""
    order, coins = _read_money(admin, notice, digits)
    done = _under_key(order, notice)
    receipt = Receipt(text(done[0], "id"), "the platform had this refund already") if done else None
    left = notice.amount - sum(coins.of(row, "total") for row in done)
    for payment, amount in _repayments(order, max(left, 0), coins):
        wanted = {
            "paymentId": payment,
            "amount": coins.theirs(amount),
            # The amount alone counts; older releases of 3.x still want the others beside it.
            "lines": [],
            "shipping": 0,
            "adjustment": 0,
            "reason": f"{notice.words} [{notice.key}]".strip(),
        }
        made = admin.write(documents.REFUND, "refundOrder", input=wanted)
        if text(made, "state") == codes.FAILED:
            raise Refused("the payment's provider refused the refund; see the refund in Vendure", code="refund-failed")
        receipt = receipt or Receipt(required(made, "id", "refundOrder.id"))
    return receipt or Receipt(notice.key, "there was nothing to pay back")


def find_refund(admin: Admin, notice: RefundNotice, digits: int) -> Receipt | None:
    """The refund under the notice's key, when all of its amount is paid or on its way."""
    order, coins = _read_money(admin, notice, digits)
    done = _under_key(order, notice)
    if done and sum(coins.of(row, "total") for row in done) >= notice.amount:
        return Receipt(text(done[0], "id"))
    return None


def _read_money(admin: Admin, notice: RefundNotice, digits: int) -> tuple[Json, Coins]:
    order = admin.read(documents.ORDER_MONEY, "order", id=notice.order_no)
    coins = Coins(order, digits)
    if notice.currency != coins.currency:
        raise Refused(f"this order pays back in {coins.currency}, not in {notice.currency}")
    return order, coins


def _under_key(order: Json, notice: RefundNotice) -> list[Json]:
    """Refunds of the key, or the notice's own case, that did not fail."""
    of_case = split_case(notice.case_no)[1] if notice.case_no else ""
    return [
        refund
        for payment in rows(order, "payments")
        for refund in rows(payment, "refunds")
        if text(refund, "state") != codes.FAILED
        and (f"[{notice.key}]" in text(refund, "reason") or (of_case and refund.get("id") == of_case))
    ]


def _repayments(order: Json, amount: int, coins: Coins) -> list[tuple[str, int]]:
    """Parts of an amount by payment; Refused when the payments hold too little."""
    held = []
    for payment in rows(order, "payments"):
        if text(payment, "state") == codes.SETTLED:
            back = [coins.of(row, "total") for row in rows(payment, "refunds") if text(row, "state") != codes.FAILED]
            held.append((coins.of(payment, "amount") - sum(back), required(payment, "id", "payments.id")))
    found, left = [], amount
    for rest, number in sorted(held, key=lambda part: -part[0]):
        part = min(left, rest)
        if part > 0:
            found.append((number, part))
            left -= part
    if left > 0:
        raise Refused(f"the payments of this order hold {left} minor units too little to pay this back", code="too-much")
    return found
