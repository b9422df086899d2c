"""Shopify's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

#: displayFinancialStatus → whether an order with it may be shipped, where the account's settings say nothing else.
FINANCIAL = {
    "PAID": True,
    "AUTHORIZED": True,  # the money is reserved; it is captured when the goods leave
    "PARTIALLY_REFUNDED": True,
    "REFUNDED": True,
    "PARTIALLY_PAID": False,
    "PENDING": False,
    "EXPIRED": False,
    "VOIDED": False,
}
OPEN_STATUSES = ",".join(status for status, may in FINANCIAL.items() if may)
REFUNDED = "REFUNDED"
CAPTURED = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})

#: displayFulfillmentStatus of an order that is paid; the unpaid wait, except when they have left already.
FULFILMENT = {
    "UNFULFILLED": OrderState.OPEN,
    "OPEN": OrderState.OPEN,
    "PENDING_FULFILLMENT": OrderState.OPEN,
    "IN_PROGRESS": OrderState.OPEN,
    "ON_HOLD": OrderState.OPEN,
    "SCHEDULED": OrderState.OPEN,
    "REQUEST_DECLINED": OrderState.OPEN,
    "RESTOCKED": OrderState.OPEN,
    "PARTIALLY_FULFILLED": OrderState.PART_SHIPPED,
    "FULFILLED": OrderState.SHIPPED,
}

#: Fulfilment orders whose remaining units are still to be shipped.
FULFILLABLE = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "INCOMPLETE"})
FULFILMENT_ORDER = FULFILLABLE | {"CLOSED", "CANCELLED"}
ON_HOLD = "ON_HOLD"
SCHEDULED = "SCHEDULED"
#: A fulfilment service was asked to ship, so it is not ours to.
ASKED_A_SERVICE = frozenset({"SUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED"})
#: Ways of delivery in which nobody packs a parcel.
NOT_SHIPPED = frozenset({"PICK_UP", "RETAIL"})
#: Those that a store of the shop hands out or brings → the hub's mode.
THROUGH_STORE = {"PICK_UP": "store_pickup", "LOCAL": "store_delivery"}
CAN_FULFIL = "CREATE_FULFILLMENT"
DONE = "SUCCESS"
#: Deprecated states in which a fulfilment counts all the same.
FULFILLED = frozenset({"SUCCESS", "OPEN", "PENDING"})

RETURNS = {
    "REQUESTED": RefundState.ASKED,
    "OPEN": RefundState.AGREED,
    "DECLINED": RefundState.REFUSED,
    "CANCELED": RefundState.CLOSED,
    "CLOSED": RefundState.CLOSED,  # or succeeded, when money went back
}
#: What `decide_case` may give as reason_no of a refusal.
DECLINE_REASONS = ("RETURN_PERIOD_ENDED", "FINAL_SALE", "OTHER")
CANCEL_REASONS = ("CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF")

#: Flags stand in an order's tags, because Shopify has none.
FLAG_TAG = "flag:"
#: What the hub writes below a buyer's own note.
MEMO_MARK = "[memo] "

#: Hub carrier code → the company's name as Shopify links it; others go by the name people know.
COMPANIES = {
    "SF": "SF Express",
    "ZTO": "ZTO Express",
    "YTO": "YTO Express",
    "STO": "STO Express",
    "YUNDA": "Yunda Express",
    "EMS": "China Post",
    "POSTB": "China Post",
    "EYB": "China Post",
    "JD": "JD Logistics",
    "JT": "J&T Express",
    "HTKY": "Best Express",
    "DBKD": "Deppon Express",
    "UPS": "UPS",
    "USPS": "USPS",
    "FEDEX": "FedEx",
    "DHL": "DHL Express",
    "4PX": "4PX",
    "YANWEN": "Yanwen",
    "YUNEXPRESS": "YunExpress",
    "OTHER": "Other",
}
CARRIERS = {company.lower(): carrier for carrier, company in reversed(COMPANIES.items())}
#: Goods without a parcel: the hub's carrier code for "nothing is carried".
NO_CARRIER = "NONE"

#: Type of a balance transaction → kind of a statement's line; the rest is "other".
BALANCE_KINDS = {
    "CHARGE": "sale",
    "REFUND": "refund",
    "REFUND_FAILURE": "refund",
    "TRANSFER": "transfer",
    "PAYOUT": "transfer",
    "PAYOUT_FAILURE": "transfer",
    "SHOPIFY_COLLECTIVE_CREDIT": "sale",
    "APPLICATION_FEE": "fee",
    "TAX_ADJUSTMENT_CREDIT": "tax",
    "TAX_ADJUSTMENT_DEBIT": "tax",
}

#: Topics of webhooks about an order itself, whose body is the order.
ORDER_TOPICS = "orders/"
RETURN_TOPICS = "returns/"
REFUND_TOPICS = "refunds/"
