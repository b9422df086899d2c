"""Pays money back on Saleor, books returned goods and cancels orders.

Money goes back in two calls: the shop grants a refund, then asks the payment's app to pay it. The key stands in the
grant's reason, so a grant that was made and not paid is found and paid, never made twice.
"""

from __future__ import annotations

from connectors.contract.errors import ConnectorError, Refused
from connectors.contract.money import to_major
from connectors.contract.notices import Receipt, RefundNotice
from connectors.marketplaces.saleor import codes, documents
from connectors.marketplaces.saleor.client import Api
from connectors.marketplaces.saleor.progress import progress_of
from connectors.marketplaces.saleor.reading import Json, currency_of, inner, money, required, rows, text, whole


def split_case(case_no: str) -> tuple[str, str]:
    """The order and the part of it that a case's number names."""
    order, _, part = case_no.partition(":")
    if not part:
        raise Refused(f"{case_no:.60} is not a case of Saleor; those are an order's id and a refund's or return's")
    return order, part


def cancel_order(api: Api, order_no: str) -> Receipt:
    """Cancel an order that nothing of has left; Saleor pays nothing back by itself and keeps no reason."""
    try:
        api.write(documents.CANCEL, "orderCancel", id=order_no)
    except Refused as refusal:
        if refusal.code and _is_cancelled(api, order_no):
            return Receipt(order_no, "the platform had cancelled this order already")
        raise
    return Receipt(order_no)


def goods_received(api: Api, case_no: str) -> Receipt:
    """Book the goods of a granted refund as come back, without money; a return is booked by being there."""
    order_no, part = split_case(case_no)
    order = api.read(documents.CASE, "order", id=order_no)
    granted = _granted(order, part)
    back = _parcel_lines(order, granted) if granted is not None else []
    if not back:
        return Receipt(case_no, "the platform had these goods already")
    done = api.write(
        documents.RETURN_GOODS,
        "orderFulfillmentReturnProducts",
        order=order_no,
        input={"fulfillmentLines": back, "refund": False},
    )
    return Receipt(text(inner(done, "returnFulfillment"), "id") or case_no)


def refund_case(api: Api, notice: RefundNotice) -> Receipt:
    """Pay a granted refund, or grant and pay one; the payments that hold the most are paid back first."""
    order = _read_money(api, notice)
    granted = _granted(order, split_case(notice.case_no)[1]) if notice.case_no else None
    if granted is not None:
        return _pay_granted(api, order, granted, notice)
    ours = _ours(order, notice)
    for row in ours:
        if text(row, "status") not in codes.ON_ITS_WAY:
            _pay(api, order, row, notice.currency)
    left = notice.amount - sum(money(row, "amount", notice.currency) for row in ours)
    if ours and left > 0:
        order = _read_money(api, notice)
    receipt = Receipt(text(ours[0], "id")) if ours else None
    for index, (transaction, amount) in enumerate(_repayments(order, left, notice.currency), start=len(ours)):
        number = _grant(api, order, notice, transaction, amount, index)
        api.write(documents.PAY_BACK, "transactionRequestRefundForGrantedRefund", granted=number, id=transaction)
        receipt = receipt or Receipt(number)
    return receipt or Receipt(notice.key, "there was nothing to pay back")


def find_refund(api: Api, notice: RefundNotice) -> Receipt | None:
    """The refund under the notice's key, or of its case, that is paid or on its way; None for one only granted."""
    order = _read_money(api, notice)
    granted = _granted(order, split_case(notice.case_no)[1]) if notice.case_no else None
    found = [granted] if granted is not None else _ours(order, notice)
    moving = [row for row in found if text(row, "status") in codes.ON_ITS_WAY]
    if moving and sum(money(row, "amount", notice.currency) for row in moving) >= notice.amount:
        return Receipt(text(moving[0], "id"))
    return None


def _is_cancelled(api: Api, order_no: str) -> bool:
    """Whether a refused cancellation stands already; a look-up that fails leaves the refusal to speak."""
    try:
        return text(api.read(documents.ORDER_STATUS, "order", id=order_no), "status") == codes.CANCELLED
    except ConnectorError:
        return False


def _read_money(api: Api, notice: RefundNotice) -> Json:
    order = api.read(documents.ORDER_MONEY, "order", id=notice.order_no)
    currency = currency_of(order, "total")
    if notice.currency != currency:
        raise Refused(f"this order pays back in {currency}, not in {notice.currency}")
    return order


def _granted(order: Json, part: str) -> Json | None:
    return next((row for row in rows(order, "grantedRefunds") if row.get("id") == part), None)


def _ours(order: Json, notice: RefundNotice) -> list[Json]:
    marks = (f"[{notice.key}]", f"[{notice.key}/")
    return [row for row in rows(order, "grantedRefunds") if any(mark in text(row, "reason") for mark in marks)]


def _pay_granted(api: Api, order: Json, granted: Json, notice: RefundNotice) -> Receipt:
    number, amount = required(granted, "id"), money(granted, "amount", notice.currency)
    if text(granted, "status") in codes.ON_ITS_WAY:
        return Receipt(number, "the platform pays this already")
    if amount != notice.amount:
        raise Refused(
            f"Saleor granted {amount} minor units, not {notice.amount}; change the granted refund there", code="amount"
        )
    _pay(api, order, granted, notice.currency)
    return Receipt(number)


def _pay(api: Api, order: Json, granted: Json, currency: str) -> None:
    """Ask for the money of a grant; the payment is named for those that were granted without one."""
    (transaction, _), *more = _repayments(order, money(granted, "amount", currency), currency) or [("", 0)]
    api.write(
        documents.PAY_BACK,
        "transactionRequestRefundForGrantedRefund",
        granted=required(granted, "id"),
        id=transaction if transaction and not more else None,
    )


def _grant(api: Api, order: Json, notice: RefundNotice, transaction: str, amount: int, index: int) -> str:
    key = f"[{notice.key}/{index}]" if index else f"[{notice.key}]"
    wanted: dict[str, object] = {
        "amount": to_major(amount, notice.currency),
        "reason": f"{notice.words} {key}".strip(),
        "transactionId": transaction,
    }
    # The lines stand in the first part only: units can be granted once.
    lines = [{"id": number, "quantity": units} for number, units in notice.lines if number not in ("freight", "charges")]
    if lines and not index:
        wanted["lines"] = lines
    made = api.write(documents.GRANT, "orderGrantRefundCreate", id=required(order, "id"), input=wanted)
    return required(inner(made, "grantedRefund"), "id", "grantedRefund.id")


def _repayments(order: Json, amount: int, currency: str) -> list[tuple[str, int]]:
    """Parts of an amount by transaction, the largest payment first; Refused when they hold too little."""
    found, left = [], amount
    held = [
        (money(row, "chargedAmount", currency), required(row, "id", "transactions.id"))
        for row in rows(order, "transactions")
        if codes.CAN_REFUND in (row.get("actions") or ())
    ]
    for charged, number in sorted(held, key=lambda part: -part[0]):
        part = min(left, charged)
        if part > 0:
            found.append((number, part))
            left -= part
    if left > 0:
        raise Refused(
            f"the transactions of this order hold {left} minor units too little to pay this back; money of Saleor's "
            "older payments goes back in its dashboard",
            code="too-much",
        )
    return found


def _parcel_lines(order: Json, granted: Json) -> list[dict[str, object]]:
    """Lines of parcels with the granted units that have not come back yet."""
    returned = progress_of(order, text(order, "id"), []).returned
    found: list[dict[str, object]] = []
    for row in rows(granted, "lines"):
        number = text(inner(row, "orderLine"), "id")
        left = whole(row, "quantity") - returned.get(number, 0)
        for fulfilment in rows(order, "fulfillments"):
            for sent in rows(fulfilment, "lines") if fulfilment.get("status") == codes.PARCEL else ():
                units = min(left, whole(sent, "quantity"))
                if text(inner(sent, "orderLine"), "id") == number and units > 0:
                    found.append({"fulfillmentLineId": required(sent, "id"), "quantity": units})
                    left -= units
    return found
