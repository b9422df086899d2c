"""Amazon's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

STATES = {
    "PENDING_AVAILABILITY": OrderState.UNPAID,  # a pre-order before its release
    "PENDING": OrderState.UNPAID,  # the payment is not authorised yet; prices and address are missing
    "UNSHIPPED": OrderState.OPEN,
    "PARTIALLY_SHIPPED": OrderState.PART_SHIPPED,
    "SHIPPED": OrderState.SHIPPED,
    "CANCELLED": OrderState.CANCELLED,
    "UNFULFILLABLE": OrderState.OPEN,  # with a hold
}
PREORDER = "PENDING_AVAILABILITY"
UNFULFILLABLE = "UNFULFILLABLE"
DELIVERED = "DELIVERED"
CANCELLED = "CANCELLED"
PACKAGES = frozenset({"PENDING", "IN_TRANSIT", "SHIPPED", DELIVERED, CANCELLED, "UNDELIVERABLE"})
#: Packages that have left; a pending one is only a label.
LEFT = frozenset({"IN_TRANSIT", "SHIPPED", DELIVERED, "UNDELIVERABLE"})

PROGRAMS = frozenset(
    {"AMAZON_BAZAAR", "AMAZON_BUSINESS", "AMAZON_EASY_SHIP", "AMAZON_HAUL", "DELIVERY_BY_AMAZON", "FBM_SHIP_PLUS"}
    | {"INVOICE_BY_AMAZON", "IN_STORE_PICK_UP", "PREMIUM", "PREORDER", "PRIME"}
)
#: Programmes in which a parcel of our own carrier is wrong → the hold that says so.
HELD_PROGRAMS = {
    "AMAZON_EASY_SHIP": "easy_ship",
    "DELIVERY_BY_AMAZON": "delivery_by_amazon",
    "IN_STORE_PICK_UP": "in_store_pick_up",
}
#: The one marketplace where a confirmation says how cash is collected.
JAPAN = "A1VC38T7YXB528"
CASH_ON_DELIVERY = frozenset({"cashondelivery", "cod"})
COMPANY_TAX = frozenset({"BUSINESS", "VAT", "CNPJ"})

#: What `includedData` is asked for: everything the parser reads, so that no order needs a second call.
INCLUDED = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"

#: Marketplace → its currency, for orders that have no price yet.
CURRENCIES = {
    "ATVPDKIKX0DER": "USD",
    "A2EUQ1WTGCTBG2": "CAD",
    "A1AM78C64UM0Y8": "MXN",
    "A2Q3Y263D00KWC": "BRL",
    "A1F83G8C2ARO7P": "GBP",
    "A1PA6795UKMFR9": "EUR",
    "A13V1IB3VIYZZH": "EUR",
    "APJ6JRA9NG5V4": "EUR",
    "A1RKKUPIHCS9HS": "EUR",
    "A1805IZSGTT6HS": "EUR",
    "AMEN7PMS3EDWL": "EUR",
    "A28R8C7NBKEWEA": "EUR",
    "A2NODRKZP88ZB9": "SEK",
    "A1C3SOZRARQ6R3": "PLN",
    "A33AVAJ2PDY3EV": "TRY",
    "A2VIGQ35RCS4UG": "AED",
    "A17E79C6D8DWNP": "SAR",
    "ARBP9OOSHTCHU": "EGP",
    "AE08WJ6YKNBMC": "ZAR",
    "A21TJRUUN4KGV": "INR",
    "A1VC38T7YXB528": "JPY",
    "A39IBJ37TRP1C6": "AUD",
    "A19VAU5U5O7RUS": "SGD",
}

#: Hub carrier code → Amazon's; the account's own setting goes before, and what neither knows is sent as "Other".
CARRIERS = {
    "UPS": "UPS",
    "USPS": "USPS",
    "FEDEX": "FedEx",
    "DHL": "DHL",
    "SF": "SF Express",
    "EMS": "China Post",
    "POSTB": "China Post",
    "EYB": "China Post",
    "4PX": "4PX",
    "YANWEN": "Yanwen",
    "YUNEXPRESS": "Yun Express",
}
OTHER_CARRIER = "Other"
#: Names people know, for carriers sent as "Other".
CARRIER_NAMES = {
    "ZTO": "ZTO Express",
    "YTO": "YTO Express",
    "STO": "STO Express",
    "YUNDA": "Yunda Express",
    "JD": "JD Logistics",
    "JT": "J&T Express",
    "HTKY": "Best Express",
    "DBKD": "Deppon Express",
}
#: What a package's carrier is called there → hub carrier code.
CARRIERS_BY_NAME = {name.lower(): ours for ours, name in reversed((CARRIERS | CARRIER_NAMES).items())}

#: "Return request status" of the returns report, in small letters. Amazon publishes no list, so others are alerts.
RETURN_STATES = {
    "pending": RefundState.ASKED,
    "pending approval": RefundState.ASKED,
    "pendingapproval": RefundState.ASKED,
    "requested": RefundState.ASKED,
    "approved": RefundState.AGREED,
    "authorized": RefundState.AGREED,
    "authorised": RefundState.AGREED,
    "denied": RefundState.REFUSED,
    "declined": RefundState.REFUSED,
    "rejected": RefundState.REFUSED,
    "completed": RefundState.SUCCEEDED,
    "refunded": RefundState.SUCCEEDED,
    "closed": RefundState.CLOSED,
    "cancelled": RefundState.CLOSED,
    "canceled": RefundState.CLOSED,
}
#: "Resolution" → kind of case; the rest are returns for money.
RESOLUTIONS = {
    "exchange": "exchange",
    "replacement": "exchange",
    "refundwithoutreturn": "refund",
    "returnlessrefund": "refund",
}

#: Breakdowns of a financial transaction, in small letters → kind of a statement's line; the rest is "other".
BREAKDOWNS = {
    "sales": "sale",
    "productcharges": "sale",
    "refunds": "refund",
    "shipping": "freight",
    "shippingcharges": "freight",
    "promotions": "promotion",
    "promos": "promotion",
    "promotionalrebates": "promotion",
    "tax": "tax",
    "taxes": "tax",
    "commission": "commission",
    "referralfee": "commission",
    "amazonfees": "fee",
    "expenses": "fee",
    "fees": "fee",
    "transfer": "transfer",
}
