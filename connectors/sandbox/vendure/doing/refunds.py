"""Refunds out of payments, and the second step of those that a gateway leaves pending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, Sale
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.vendure import booking, books
from connectors.sandbox.vendure.documents import money
from connectors.sandbox.vendure.doing.answers import Refused, order_of_lines, part_of
from connectors.sandbox.vendure.shop import Shop

Doc = dict[str, Any]
Args = Mapping[str, Any]


def refund(shop: Shop, args: Args) -> Doc:
    """refundOrder: an amount of a payment goes back; pending when the shop's gateway is a manual one."""
    told = args["input"]
    sale, payment = part_of(shop, "Payment", str(told["paymentId"]), "payments")
    if payment["state"] != "Settled":
        words = f'Cannot refund an Order in the "{sale.doc["state"]}" state'
        raise Refused("RefundOrderStateError", words, orderState=sale.doc["state"])
    lines, cents = _amount(shop, sale, told)
    if cents <= 0:
        raise Refused("NothingToRefundError", "Nothing to refund")
    left = books.refundable(sale.doc, payment)
    if cents > left:
        words = "The amount specified exceeds the refundable amount for this payment"
        raise Refused("RefundAmountError", words, maximumRefundable=left)
    state = "Pending" if shop.settings.get("manual_refunds") else "Settled"
    case = _case_about(shop, sale.number, cents)
    made = booking.add_refund(sale.doc, payment["k"], cents, shop.market.now_ms(), reason=told.get("reason") or "",
                              state=state, case=case)  # fmt: skip
    made["lines"] = lines
    sale.doc["refunded"] = sale.doc.get("refunded", 0) + cents
    shop.market.changed(sale, "refund_made")
    if case:
        _end(shop, case, cents)
    return money.refund(sale.doc, made)


def _amount(shop: Shop, sale: Sale, told: Doc) -> tuple[dict[str, int], int]:
    """(units by line, cents): the amount as told, or of the lines as the deprecated inputs have it."""
    lines: dict[str, int] = {}
    if told.get("lines"):
        theirs, lines = order_of_lines(shop, told["lines"])
        if theirs.number != sale.number:
            raise Refused("PaymentOrderMismatchError", "The Payment and OrderLines do not belong to the same Order")
        if any(num > line["num"] for no, num in lines.items() for line in sale.lines if line["no"] == no):
            raise Refused("QuantityTooGreatError", "The specified quantity is greater than the available OrderItems")
    if told.get("amount") is not None:
        return lines, int(told["amount"])
    worth = sum(books.both(sale.doc, books.prorated(line, lines[line["no"]]))[1]
                for line in sale.lines if line["no"] in lines)  # fmt: skip
    return lines, worth + int(told.get("shipping") or 0) + int(told.get("adjustment") or 0)


def _case_about(shop: Shop, number: str, cents: int) -> str:
    """The open case of the order that is about this amount, if there is one."""
    doc = shop.market.find_sale(number).doc
    cases = [case for case in shop.market.shelves.cases_of(number) if case.doc["state"] not in CASE_OVER]
    return next((case.number for case in cases if books.both(doc, case.doc["amount"])[1] == cents), "")


def _end(shop: Shop, number: str, cents: int) -> None:
    case = shop.market.find_case(number)
    case.doc["paid_back"] = cents
    case.doc["reports"].append({"what": "refund", "words": "", "at_ms": shop.market.now_ms()})
    end_case(shop.market, case, "succeeded")


def settle(shop: Shop, args: Args) -> Doc:
    """settleRefund: a pending refund was paid outside, under a number of its own."""
    told = args["input"]
    sale, kept = part_of(shop, "Refund", str(told["id"]), "refunds")
    if kept["state"] != "Pending":
        words = f'Cannot transition Refund from "{kept["state"]}" to "Settled"'
        raise Refused("RefundStateTransitionError", words, transitionError=words, fromState=kept["state"],
                      toState="Settled")  # fmt: skip
    kept |= {"state": "Settled", "txn": told["transactionId"], "changed_ms": shop.market.now_ms()}
    shop.market.changed(sale, "refund_settled")
    return money.refund(sale.doc, kept)
