"""Returns and exchanges as the Admin API tells them. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.money import bigs
from connectors.sandbox.medusa.parcels import version_of
from connectors.sandbox.medusa.shop import Shop, at, stamps

Doc = dict[str, Any]
RETURN = ("id", "order_id", "exchange_id", "claim_id", "display_id", "location_id", "order_version", "status", "metadata",
          "no_notification", "refund_amount", "created_by", "created_at", "updated_at", "canceled_at", "requested_at",
          "received_at")  # fmt: skip
EXCHANGE = ("id", "order_id", "return_id", "display_id", "order_version", "created_by", "created_at", "updated_at",
            "canceled_at")  # fmt: skip


def status_of(case: Mapping[str, Any]) -> str:
    """The platform's status of a return; whether its money went back is not in it."""
    if case.get("draft"):
        return "open"
    if case["state"] in ("refused", "closed"):
        return "canceled"
    back = sum(part.get("received", 0) for part in case["lines"])
    if not back:
        return "requested"
    return "received" if back >= sum(part["num"] for part in case["lines"]) else "partially_received"


def return_document(shop: Shop, sale: Sale, case: Case) -> Doc:
    """A return with its items; the money that went back for it is told by the order's payment alone."""
    doc = case.doc
    return {
        "id": case.number, "order_id": sale.number, "exchange_id": exchange_of(case) or None, "claim_id": None,
        "display_id": doc["display_id"], "location_id": shop.location, "order_version": version_of(sale.doc),
        "status": status_of(doc), "metadata": None, "no_notification": None, "refund_amount": None,
        "created_by": None, **stamps(doc["created_ms"], doc["changed_ms"]),
        "canceled_at": at(doc["changed_ms"] if status_of(doc) == "canceled" else 0),
        "requested_at": at(0 if doc.get("draft") else doc["requested_ms"]), "received_at": at(doc["received_ms"]),
        "items": [] if doc.get("draft") else [_item(case, part) for part in doc["lines"]],
        "order": {"id": sale.number, "currency_code": shop.setup.currency, "display_id": sale.doc["display_id"]},
        "exchange": exchange_document(sale, case) if exchange_of(case) else None,
    }  # fmt: skip


def exchange_of(case: Case) -> str:
    """The identifier of a case's exchange; empty for one that is a return alone."""
    return "oexc_" + case.number.removeprefix("return_") if case.doc["kind"] == "exchange" else ""


def exchange_document(sale: Sale, case: Case) -> Doc:
    """An exchange with the goods that go out for it."""
    number = exchange_of(case)
    lines = [line for line in sale.doc["exchange_lines"] if line["case"] == case.number]
    return {
        "id": number, "order_id": sale.number, "return_id": case.number, "display_id": case.doc["display_id"],
        "order_version": version_of(sale.doc), "created_by": None, "allow_backorder": False, "no_notification": None,
        "metadata": None, **bigs(difference_due=None), **stamps(case.doc["created_ms"], case.doc["changed_ms"]),
        "canceled_at": at(case.doc["changed_ms"] if status_of(case.doc) == "canceled" else 0),
        "additional_items": [
            {"id": made("oexcitem", line["no"]), "note": None, "metadata": {}, "exchange_id": number,
             "item_id": line["no"], "item": {"id": line["no"]}, **bigs(quantity=line["num"]),
             **stamps(case.doc["created_ms"])}
            for line in lines
        ],
    }  # fmt: skip


def _item(case: Case, part: Mapping[str, Any]) -> Doc:
    return {
        "id": made("retitem", case.number, part["no"]), "note": part.get("note"), "metadata": {},
        "reason_id": part.get("reason_id"), "reason": None, "return_id": case.number, "item_id": part["no"],
        "item": {"id": part["no"]},
        **bigs(quantity=part["num"], received_quantity=part.get("received", 0), damaged_quantity=part.get("damaged", 0)),
        **stamps(case.doc["created_ms"], case.doc["changed_ms"]),
    }  # fmt: skip
