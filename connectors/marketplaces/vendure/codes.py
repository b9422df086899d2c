"""Vendure's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import RefundState

#: States of orders that nobody has paid yet; carts are among them.
UNPAID = frozenset({"Created", "Draft", "AddingItems", "ArrangingPayment"})
AUTHORISED = "PaymentAuthorized"
PAID = frozenset(
    {
        "PaymentSettled",
        "PartiallyShipped",
        "Shipped",
        "PartiallyDelivered",
        "Delivered",
        "Modifying",
        "ArrangingAdditionalPayment",
    }
)
DELIVERED = "Delivered"
CANCELLED = "Cancelled"
#: States in which the platform lets nobody ship, and the hold each means.
HOLDS = {"Modifying": "modifying", "ArrangingAdditionalPayment": "awaits_payment", "Draft": "draft"}

#: Fulfilments: not yet told as shipped, gone, undone.
WAITING = frozenset({"Created", "Pending"})
GONE = frozenset({"Shipped", "Delivered"})
UNDONE = "Cancelled"
SHIPPED = "Shipped"

SETTLED = "Settled"
#: Source of the discount that takes cancelled shipping off.
CANCELLATION = "CANCEL_ORDER"
PAYMENTS = frozenset({"Created", "Authorized", "Settled", "Declined", "Error", "Cancelled"})

REFUNDS = {
    "Pending": RefundState.AGREED,
    "Settled": RefundState.SUCCEEDED,
    "Failed": RefundState.AGREED,
}
FAILED = "Failed"

#: Orders of several sellers are told twice: whole, and once for each seller.
WHOLE_OF_SELLERS = "Aggregate"
#: Mark of a note that holds the flag's colour.
FLAG = "flag:"
#: Goods without a parcel: the hub's carrier code for "nothing is carried".
NO_CARRIER = "NONE"

#: Hub carrier code → the way of delivery as buyers read it; others go by their code.
METHODS = {
    "SF": "SF Express",
    "ZTO": "ZTO Express",
    "YTO": "YTO Express",
    "STO": "STO Express",
    "YUNDA": "Yunda Express",
    "EMS": "China Post",
    "POSTB": "China Post",
    "JD": "JD Logistics",
    "JT": "J&T Express",
    "DBKD": "Deppon Express",
    "FEDEX": "FedEx",
    "DHL": "DHL Express",
    "NONE": "No carrier",
    "OTHER": "Other",
}
#: What a fulfilment's way of delivery is called there → hub carrier code.
CARRIERS = {method.lower(): ours for ours, method in reversed(METHODS.items())}

FORBIDDEN = "FORBIDDEN"
UNAUTHORISED = "UNAUTHORIZED"
#: Top-level errors that would come again for the same call; any other may be passing.
REFUSALS = frozenset(
    {
        "",
        FORBIDDEN,
        "USER_INPUT_ERROR",
        "BAD_USER_INPUT",
        "BAD_REQUEST",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
        "OPERATION_RESOLUTION_FAILURE",
        "ENTITY_NOT_FOUND",
        "CHANNEL_NOT_FOUND",
        "ILLEGAL_OPERATION",
    }
)
