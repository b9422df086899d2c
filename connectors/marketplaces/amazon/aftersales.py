"""Cancels orders and pays money back. Amazon takes both as files only, so a receipt says "taken", not "done"."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.money import to_major
from connectors.contract.notices import Receipt, RefundNotice
from connectors.marketplaces.amazon.amounts import Amounts, amounts_of
from connectors.marketplaces.amazon.client import Json, Selling
from connectors.marketplaces.amazon.feeds import TABS, feeds_since, outcome_of, read_feed, send_feed, table
from connectors.marketplaces.amazon.finances import refunds_of
from connectors.marketplaces.amazon.reading import part, required, rows, text, units
from connectors.marketplaces.amazon.settings import setting
from connectors.marketplaces.amazon.shipments import marketplace_of, read_order

CANCEL_FEED = "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA"
REFUND_FEED = "POST_FLAT_FILE_PAYMENT_ADJUSTMENT_DATA"
CANCEL_COLUMNS = ("order-id", "amazon-order-item-code", "cancellation-reason-code")
REFUND_COLUMNS = (
    *("order-id", "order-item-id", "adjustment-reason-code", "currency"),
    *("item-price-adj", "item-tax-adj", "shipping-price-adj", "shipping-tax-adj", "quantity-cancelled"),
)
#: How long a refund's file may take until the money shows in the seller's transactions.
SETTLES = timedelta(days=3)


class _Refund:
    """What is paid back for one item: price, tax, shipping, tax of shipping."""

    def __init__(self, item: str) -> None:
        self.item = item
        self.price = self.tax = self.shipping = self.shipping_tax = 0


def cancel_order(selling: Selling, order_no: str) -> Receipt:
    """Cancel every item that has not left; the reason code is the account's `cancel_reason`."""
    order = read_order(selling, order_no)
    if text(part(order, "fulfillment"), "fulfilledBy") == "AMAZON":
        raise Refused("Amazon fulfils this order itself; only the buyer can cancel it", code="fulfilled-by-amazon")
    status = text(part(order, "fulfillment"), "fulfillmentStatus")
    if status == "CANCELLED":
        return Receipt(order_no, "Amazon had cancelled it already")
    items = [item for item in rows(order, "orderItems") if units(item, "quantityOrdered")]
    if any(units(part(item, "fulfillment"), "quantityFulfilled") for item in items):
        raise Refused("goods of this order have left; pay them back instead", code="shipped")
    reason = setting(selling.account, "cancel_reason")
    body = table(CANCEL_COLUMNS, [(order_no, required(item, "orderItemId"), reason) for item in items])
    feed = send_feed(selling, CANCEL_FEED, body, TABS, [marketplace_of(selling, order)])
    return Receipt(feed, "Amazon took the file; the order's status will tell whether it was accepted")


def refund_case(selling: Selling, notice: RefundNotice) -> Receipt:
    """Pay back by file, over the notice's items, or all of them; goods first, shipping with what is left."""
    order = read_order(selling, notice.order_no)
    if text(part(order, "fulfillment"), "fulfilledBy") == "AMAZON":
        raise Refused("Amazon fulfils this order itself and pays its refunds", code="fulfilled-by-amazon")
    parts = _shared_out(order, notice)
    reason = setting(selling.account, "refund_reason")
    lines = [
        (
            *(notice.order_no, each.item, reason, notice.currency),
            *(to_major(value, notice.currency) for value in (each.price, each.tax, each.shipping, each.shipping_tax)),
            "0",
        )
        for each in parts
    ]
    body = table(REFUND_COLUMNS, lines)
    feed = send_feed(selling, REFUND_FEED, body, TABS, [marketplace_of(selling, order)])
    return Receipt(feed, "Amazon took the file and works it off later", is_pending=True)


def follow_up(selling: Selling, feed: str) -> Receipt:
    """How a file ended: Refused with its words when none of its rows was taken, unknown when only some were."""
    outcome = outcome_of(selling, read_feed(selling, feed))
    if outcome.status in ("CANCELLED", "FATAL"):
        raise Refused(f"Amazon could not read the file ({outcome.status})", code="feed-failed")
    if outcome.status != "DONE":
        return Receipt(feed, "Amazon has not worked the file off yet", is_pending=True)
    if outcome.accepted is None or (outcome.accepted and outcome.refused):
        words = f"Amazon took {outcome.accepted or 'nobody knows how many'} rows of file {feed}: {outcome.words}"
        raise OutcomeUnknown(f"{words}; look at the order in Seller Central", code="feed-in-part")
    if not outcome.accepted:
        raise Refused(f"Amazon refused the file: {outcome.words or 'it does not say why'}", code="feed-failed")
    return Receipt(feed, "Amazon worked the file off")


def find_refund(selling: Selling, notice: RefundNotice) -> Receipt | None:
    """The refund by the order's transactions.

    A file names no key of ours, so while one of the last days may be it, nobody can say that nothing was paid:
    OutcomeUnknown, and a person looks before money goes out twice.
    """
    for number, amount, currency in refunds_of(selling, notice.order_no):
        if currency == notice.currency and abs(amount) == notice.amount:
            return Receipt(number)
    for feed in feeds_since(selling, REFUND_FEED, selling.clock() - SETTLES):
        if text(feed, "processingStatus") in ("CANCELLED", "FATAL"):
            continue
        if outcome_of(selling, feed).accepted != 0:
            raise OutcomeUnknown(
                "a refund file of the last three days may be this one; look at the order in Seller Central",
                code="refund-file-pending",
            )
    return None


def _shared_out(order: Json, notice: RefundNotice) -> list[_Refund]:
    items = rows(order, "orderItems")
    wanted = {number for number, _ in notice.lines}
    amounts = amounts_of(order, items, notice.currency, True, [])
    rest = notice.amount
    found = []
    for item, share in zip(items, amounts.goods, strict=True):
        number = required(item, "orderItemId")
        if (wanted and number not in wanted) or not rest or not share.paid:
            continue
        refund, paid = _Refund(number), min(rest, share.paid)
        refund.tax = 0 if share.included else share.tax * paid // share.paid
        refund.price = paid - refund.tax
        rest -= paid
        found.append(refund)
    _add_shipping(found, amounts, rest, items)
    return found


def _add_shipping(found: list[_Refund], amounts: Amounts, rest: int, items: list[Json]) -> None:
    if not rest:
        return
    shipping = amounts.charges.get("SHIPPING")
    if shipping is None or rest > shipping.paid:
        raise Refused("this is more than these items and their shipping cost; refund less, or more items")
    refund = found[0] if found else _Refund(required(items[0], "orderItemId"))
    refund.shipping_tax = 0 if shipping.included else shipping.tax * rest // shipping.paid
    refund.shipping = rest - refund.shipping_tax
    if not found:
        found.append(refund)
