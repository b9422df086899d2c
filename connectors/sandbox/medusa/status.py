"""The status an order shows, from what the sale has come to: once for documents, once for lists in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATUSES = ("pending", "completed", "draft", "archived", "canceled", "requires_action")


def shown_status(sale: Mapping[str, Any]) -> str:
    """The platform's status of a sale; a status that staff set stands before the sale's own."""
    if sale["status"] == "cancelled":
        return "canceled"
    if sale["shown"]:
        return str(sale["shown"])
    if sale["status"] == "completed":
        return "completed"
    if sale["kind"] == "draft":
        return "draft"
    return "requires_action" if sale["held"] else "pending"


#: The same on the columns of the kit's table `sale`.
STATUS_SQL = (
    "case when status = 'cancelled' then 'canceled'"
    " when json_extract(doc, '$.shown') <> '' then json_extract(doc, '$.shown')"
    " when status = 'completed' then 'completed' when kind = 'draft' then 'draft'"
    " when json_extract(doc, '$.held') then 'requires_action' else 'pending' end"
)
