"""What was paid for an order and paid back, as the Admin API tells it. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.lines import price_of, total_of, units_of
from connectors.sandbox.medusa.money import bigs, major
from connectors.sandbox.medusa.parcels import version_of
from connectors.sandbox.medusa.shop import Shop, at, stamps

Doc = dict[str, Any]


def payment_of(sale: Mapping[str, Any]) -> str:
    """The identifier of an order's payment."""
    return "pay_" + str(sale["number"])[6:]


def collection_of(sale: Mapping[str, Any]) -> str:
    return made("pay_col", sale["number"])


def refunded(sale: Mapping[str, Any]) -> int:
    """What was paid back, in minor units."""
    return sum(found["amount"] for found in sale["refunds"])


def payment_status(sale: Mapping[str, Any]) -> str:
    """How far the money of an order has come."""
    back, taken = refunded(sale), sale["captured"]
    if not sale["authorized_ms"]:
        return "canceled" if sale["status"] == "cancelled" else "not_paid"
    if not taken:
        return "canceled" if sale["status"] == "cancelled" else "authorized"
    if back:
        return "refunded" if back >= taken else "partially_refunded"
    return "captured" if taken >= sale["authorized"] else "partially_captured"


def current_total(shop: Shop, sale: Mapping[str, Any], *, requested: bool = False) -> Decimal:
    """The order's total now: without what came back and what was credited; with `requested` without what will come."""
    if sale["status"] == "cancelled" and sale["captured"]:
        return Decimal(0)
    total = total_of(shop, sale) - major(sum(found["credit"] for found in sale["refunds"]))
    names = ("received", "dismissed", "requested") if requested else ("received", "dismissed")
    for line in sale["lines"]:
        counts = sale["returned"].get(line["no"], {})
        units = sum(counts.get(name, 0) for name in names)
        if units and units_of(line):
            total -= price_of(shop, sale, line).total / units_of(line) * units
    return total


def pending(shop: Shop, sale: Mapping[str, Any]) -> Decimal:
    """What the buyer still owes; negative: what is owed to the buyer."""
    return current_total(shop, sale, requested=True) - major(sale["captured"] - refunded(sale))


def summary(shop: Shop, sale: Mapping[str, Any]) -> Doc:
    """The `summary` of an order."""
    taken, back, now = major(sale["captured"]), major(refunded(sale)), current_total(shop, sale)
    credit = major(sum(found["credit"] for found in sale["refunds"]))
    return bigs(
        paid_total=taken, refunded_total=back, accounting_total=now, credit_line_total=credit,
        transaction_total=taken - back, pending_difference=pending(shop, sale), current_order_total=now,
        original_order_total=total_of(shop, sale),
    )  # fmt: skip


def credit_lines(sale: Mapping[str, Any]) -> list[Doc]:
    """What was taken off an order's total when money went back without goods."""
    return [
        {"id": made("ordcl", found["id"]), "order_id": sale["number"], "version": version_of(sale), "reference": "refund",
         "reference_id": found["id"], "metadata": None, **bigs(amount=major(found["credit"])),
         **stamps(found["created_ms"])}
        for found in sale["refunds"] if found["credit"]
    ]  # fmt: skip


def transactions(shop: Shop, sale: Mapping[str, Any]) -> list[Doc]:
    """Captures and refunds as the order's book has them."""
    rows = [("capture", made("capt", sale["number"]), sale["captured"], sale["captured_ms"])] if sale["captured"] else []
    rows += [("refund", found["id"], -found["amount"], found["created_ms"]) for found in sale["refunds"]]
    return [
        {"id": made("ordtrx", number), "order_id": sale["number"], "currency_code": shop.setup.currency,
         "reference": what, "reference_id": number, "version": version_of(sale), **bigs(amount=major(amount)),
         **stamps(moment)}
        for what, number, amount, moment in rows
    ]  # fmt: skip


def payment_document(shop: Shop, sale: Mapping[str, Any]) -> Doc:
    """A payment with its captures and refunds."""
    collection = collection_of(sale)
    cancelled = sale["ended_ms"] if payment_status(sale) == "canceled" else 0
    return {
        "id": payment_of(sale), "currency_code": shop.setup.currency, "provider_id": "pp_system_default", "data": {},
        "metadata": None, "captured_at": at(sale["captured_ms"]), "canceled_at": at(cancelled),
        "payment_collection_id": collection, "payment_session_id": made("payses", sale["number"]),
        **bigs(amount=major(sale["authorized"])), **stamps(sale["authorized_ms"], sale["payment_ms"]),
        "captures": _captures(sale), "refunds": [refund_document(sale, found) for found in sale["refunds"]],
        "payment_collection": {"id": collection, "order": {"id": sale["number"]}},
    }  # fmt: skip


def refund_document(sale: Mapping[str, Any], found: Mapping[str, Any]) -> Doc:
    """One refund of a payment."""
    return {
        "id": found["id"], **bigs(amount=major(found["amount"])), "note": found["note"], "payment_id": payment_of(sale),
        "refund_reason_id": found["reason"], "refund_reason": None, "metadata": None,
        "created_by": made("user", "staff"), **stamps(found["created_ms"]),
    }  # fmt: skip


def collection_document(shop: Shop, sale: Mapping[str, Any]) -> Doc:
    """The payment collection of an order."""
    paid, taken = bool(sale["authorized_ms"]), sale["captured"]
    status = (
        "canceled" if sale["status"] == "cancelled" else "completed" if taken else "authorized" if paid else "not_paid"
    )
    amount = sale["authorized"] or sale["payment"]
    changed = max([sale["payment_ms"], *(found["created_ms"] for found in sale["refunds"])])
    return {
        "id": collection_of(sale), "currency_code": shop.setup.currency, "completed_at": at(sale["captured_ms"]),
        "status": status, "metadata": None, **stamps(sale["created_ms"], changed),
        "payments": [payment_document(shop, sale)] if paid else [],
        **bigs(amount=major(amount), authorized_amount=major(sale["authorized"]), captured_amount=major(taken),
               refunded_amount=major(refunded(sale))),
    }  # fmt: skip


def _captures(sale: Mapping[str, Any]) -> list[Doc]:
    if not sale["captured"]:
        return []
    number = made("capt", sale["number"])
    return [{"id": number, **bigs(amount=major(sale["captured"])), "payment_id": payment_of(sale), "metadata": None,
             "created_by": None, **stamps(sale["captured_ms"])}]  # fmt: skip
