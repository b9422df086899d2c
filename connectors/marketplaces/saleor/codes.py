"""Saleor's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import RefundState

#: Order statuses and the platform hold each of them means, empty for none.
STATUSES = {
    "DRAFT": "draft",
    "UNCONFIRMED": "not_confirmed",
    "UNFULFILLED": "",
    "PARTIALLY_FULFILLED": "",
    "PARTIALLY_RETURNED": "",
    "RETURNED": "",
    "FULFILLED": "",
    "CANCELED": "",
    "EXPIRED": "",
}
CLOSED = frozenset({"CANCELED", "EXPIRED"})
CANCELLED = "CANCELED"

CHARGED = {"NONE": False, "PARTIAL": False, "FULL": True, "OVERCHARGED": True}
AUTHORISED = {"NONE": False, "PARTIAL": False, "FULL": True}

#: Fulfilments are parcels, and also the books of what came back or was paid back.
PARCEL = "FULFILLED"
WAITING = "WAITING_FOR_APPROVAL"
UNDONE = "CANCELED"
RETURNED = frozenset({"RETURNED", "REPLACED", "REFUNDED_AND_RETURNED"})
REFUNDED = frozenset({"REFUNDED", "REFUNDED_AND_RETURNED"})
FULFILMENTS = RETURNED | REFUNDED | {PARCEL, WAITING, UNDONE}
#: Fulfilments that are after-sales: kind of case, and where its money stands.
CASES = {
    "RETURNED": ("return", RefundState.RETURNED),
    "REFUNDED": ("refund", RefundState.SUCCEEDED),
    "REFUNDED_AND_RETURNED": ("return", RefundState.SUCCEEDED),
    "REPLACED": ("exchange", RefundState.SUCCEEDED),
}

#: Granted refunds: nobody asks on Saleor, the shop grants and then pays.
GRANTED = {
    "NONE": RefundState.AGREED,
    "PENDING": RefundState.AGREED,
    "SUCCESS": RefundState.SUCCEEDED,
    "FAILURE": RefundState.AGREED,
}
#: The payment was asked for and is on its way, or done.
ON_ITS_WAY = frozenset({"PENDING", "SUCCESS"})
PAID_BACK = "SUCCESS"
CAN_REFUND = "REFUND"

CHARGE = "CHARGE_SUCCESS"
FULLY_PAID = frozenset({"ORDER_FULLY_PAID", "ORDER_MARKED_AS_PAID"})
NOTES = frozenset({"NOTE_ADDED", "NOTE_UPDATED"})
GIFT_CARD = "GIFT_CARD"

#: Key of the private metadata that holds the flag's colour.
FLAG = "flag"
#: Goods without a parcel: the hub's carrier code for "nothing is carried".
NO_CARRIER = "NONE"

#: Top-level errors: the token is no good.
TOKEN_ERRORS = frozenset(
    {
        "ExpiredSignatureError",
        "ImmatureSignatureError",
        "InvalidSignatureError",
        "InvalidTokenError",
        "InvalidAudienceError",
        "InvalidIssuerError",
        "DecodeError",
        "JSONWebTokenError",
        "PyJWTError",
    }
)
DENIED = "PermissionDenied"
#: Top-level errors that would come again for the same call; any other may be passing.
REFUSALS = frozenset({"", "GraphQLError", "GraphQLSyntaxError", "QueryCostError", "ValidationError", "ValueError"})
