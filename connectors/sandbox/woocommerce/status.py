"""The status an order shows, from what the sale has come to: once for documents, once for lists in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
            "wait-supplier")  # fmt: skip
#: What an unpaid order of these kinds shows; others show `pending`.
UNPAID = {"failed": "failed", "draft": "checkout-draft", "bank_transfer": "on-hold"}
#: What a paid order of these kinds shows until it is completed; others show `processing`.
OWN_STATUS = {"custom_status": "wait-supplier"}
DERIVED = {"completed": "completed", "cancelled": "cancelled"}


def state_of(doc: Mapping[str, Any]) -> str:
    """What the sale has come to; a status that the seller set holds until this changes."""
    return f"{doc['status']}/{int(doc['held'])}/{int(_is_paid_back(doc))}"


def shown_status(doc: Mapping[str, Any]) -> str:
    """The platform's status of a sale."""
    if doc.get("trashed"):
        return "trash"
    shown = doc.get("shown") or {}
    if shown.get("state") == state_of(doc):
        return str(shown["status"])
    return _derived(doc)


def show(doc: dict[str, Any], status: str) -> None:
    """Let a sale show a status until something happens to it."""
    doc["shown"] = {"status": status, "state": state_of(doc)}


def _derived(doc: Mapping[str, Any]) -> str:
    if _is_paid_back(doc):
        return "refunded"
    if doc["status"] in DERIVED:
        return DERIVED[doc["status"]]
    if doc["status"] == "unpaid":
        return UNPAID.get(doc["kind"], "pending")
    if doc["held"]:
        return "on-hold"
    return OWN_STATUS.get(doc["kind"], "processing")


def _is_paid_back(doc: Mapping[str, Any]) -> bool:
    return bool(0 < doc["payment"] <= doc.get("refunded", 0)) and not doc.get("free_left")


def _field(name: str) -> str:
    return f"json_extract(doc, '$.{name}')"


def _cases(column: str, table: Mapping[str, str], otherwise: str) -> str:
    found = " ".join(f"when {column} = '{key}' then '{value}'" for key, value in table.items())
    return f"case {found} else '{otherwise}' end"


_ALL_MONEY = f"{_field('payment')} between 1 and coalesce({_field('refunded')}, 0)"
_PAID_BACK = f"({_ALL_MONEY} and not coalesce({_field('free_left')}, 0))"
_STATE = f"(status || '/' || {_field('held')} || '/' || {_PAID_BACK})"
#: The same as `shown_status`, on the columns of the kit's table `sale`.
STATUS_SQL = (
    f"case when {_field('trashed')} then 'trash'"
    f" when {_field('shown.state')} = {_STATE} then {_field('shown.status')}"
    f" when {_PAID_BACK} then 'refunded'"
    f" when status in ('cancelled', 'completed') then status"
    f" when status = 'unpaid' then {_cases('kind', UNPAID, 'pending')}"
    f" when {_field('held')} then 'on-hold'"
    f" else {_cases('kind', OWN_STATUS, 'processing')} end"
)
NOT_DELETED_SQL = f"coalesce({_field('deleted')}, 0) = 0"
