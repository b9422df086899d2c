"""The API's words for where an order, a cancelled line and a returned line are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Case

STATUSES = frozenset({"PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED",
                      "UNFULFILLABLE"})  # fmt: skip
BY_STATUS = {"open": "UNSHIPPED", "part_shipped": "PARTIALLY_SHIPPED", "shipped": "SHIPPED", "completed": "SHIPPED",
             "cancelled": "CANCELLED"}  # fmt: skip
#: The older API's spelling, which notifications keep.
OLD_SPELLING = {"PENDING_AVAILABILITY": "PendingAvailability", "PENDING": "Pending", "UNSHIPPED": "Unshipped",
                "PARTIALLY_SHIPPED": "PartiallyShipped", "SHIPPED": "Shipped", "CANCELLED": "Canceled",
                "UNFULFILLABLE": "Unfulfillable"}  # fmt: skip
RETURN_STATES = {"asked": "Pending Approval", "agreed": "Approved", "returned": "Approved", "refused": "Denied",
                 "succeeded": "Completed", "closed": "Closed"}  # fmt: skip

#: `fulfillmentStatus` of a row of the table of sales, for filters.
STATUS_SQL = """case when json_extract(doc, '$.unfulfillable') then 'UNFULFILLABLE'
 when status = 'unpaid' and json_extract(doc, '$.is_presale') then 'PENDING_AVAILABILITY'
 when status = 'unpaid' or (json_extract(doc, '$.held') and status = 'open') then 'PENDING'
 when status = 'open' then 'UNSHIPPED' when status = 'part_shipped' then 'PARTIALLY_SHIPPED'
 when status = 'cancelled' then 'CANCELLED' else 'SHIPPED' end"""


def fulfillment_status(doc: Mapping[str, Any]) -> str:
    """`fulfillmentStatus` of a sale."""
    if doc["unfulfillable"]:
        return "UNFULFILLABLE"
    if doc["status"] == "unpaid":
        return "PENDING_AVAILABILITY" if doc["is_presale"] else "PENDING"
    if doc["held"] and doc["status"] == "open":
        return "PENDING"
    return BY_STATUS[doc["status"]]


def is_pending(doc: Mapping[str, Any]) -> bool:
    return fulfillment_status(doc) in ("PENDING", "PENDING_AVAILABILITY")


def is_cancel_request(case: Case) -> bool:
    """A refund asked for before shipment is a request to cancel: it stands on the item, not in a report."""
    return case.doc["kind"] == "refund" and not case.doc["line_shipped_when_asked"]
