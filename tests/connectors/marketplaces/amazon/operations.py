"""Which operation each address of Amazon's belongs to, read from its documents and not from the connector."""

from __future__ import annotations

import re

#: Verb and path of every call the connector may make, with Amazon's name for it.
CALLS = {
    r"GET /orders/2026-01-01/orders": "searchOrders",
    r"GET /orders/2026-01-01/orders/[^/]+": "getOrder",
    r"GET /orders/v0/orders/[^/]+/address": "getOrderAddress",
    r"POST /orders/v0/orders/[^/]+/shipmentConfirmation": "confirmShipment",
    r"POST /tokens/2021-03-01/restrictedDataToken": "createRestrictedDataToken",
    r"POST /reports/2021-06-30/reports": "createReport",
    r"GET /reports/2021-06-30/reports/[^/]+": "getReport",
    r"GET /reports/2021-06-30/documents/[^/]+": "getReportDocument",
    r"POST /feeds/2021-06-30/documents": "createFeedDocument",
    r"POST /feeds/2021-06-30/feeds": "createFeed",
    r"GET /feeds/2021-06-30/feeds": "getFeeds",
    r"GET /feeds/2021-06-30/feeds/[^/]+": "getFeed",
    r"GET /feeds/2021-06-30/documents/[^/]+": "getFeedDocument",
    r"GET /listings/2021-08-01/items/[^/]+": "searchListingsItems",
    r"PATCH /listings/2021-08-01/items/[^/]+/.+": "patchListingsItem",
    r"GET /finances/2024-06-19/transactions": "listTransactions",
    r"GET /notifications/v1/destinations": "getDestinations",
    r"POST /notifications/v1/destinations": "createDestination",
    r"GET /notifications/v1/subscriptions/[^/]+": "getSubscription",
    r"POST /notifications/v1/subscriptions/[^/]+": "createSubscription",
}


def operation_of(call: str) -> str:
    """Amazon's name for a verb and path; none for tokens and files, which no operation counts."""
    return next((name for pattern, name in CALLS.items() if re.fullmatch(pattern, call)), "")


class Gate:
    """Lets every call pass and keeps what it was told."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.rested: list[tuple[float | None, str]] = []
        self.rates: list[tuple[str, float]] = []

    def before(self, operation: str = "") -> None:
        self.passed.append(operation)

    def limited(self, seconds: float | None, operation: str = "") -> None:
        self.rested.append((seconds, operation))

    def told(self, operation: str, per_second: float) -> None:
        self.rates.append((operation, per_second))
