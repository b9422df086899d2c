"""Transactions and refunds of an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.lines import shipping_line
from connectors.sandbox.shopify.documents.money import bag
from connectors.sandbox.shopify.documents.shipping import line_in
from connectors.sandbox.shopify.ids import child, gid
from connectors.sandbox.shopify.shop import utc

Doc = dict[str, Any]
Order = Mapping[str, Any]


def transactions(doc: Order) -> list[Doc]:
    """All OrderTransactions, oldest first; a refund's parent is the payment it undoes."""
    found: list[Doc] = []
    for kept in doc["transactions"]:
        parent = next((one for one in found if one["id"] == _id(doc, kept["parent"])), None)
        found.append({
            "id": _id(doc, kept["k"]), "kind": kept["kind"], "status": kept["status"], "gateway": kept["gateway"],
            "formattedGateway": kept["gateway"], "test": bool(doc["test"]), "amountSet": bag(doc, kept["amount"]),
            "processedAt": utc(kept["at_ms"]), "createdAt": utc(kept["at_ms"]), "parentTransaction": parent,
            "errorCode": None, "paymentId": f"{doc['number']}.{kept['k']}", "totalUnsettledSet": bag(doc, 0),
            "manualPaymentGateway": kept["gateway"] != "shopify_payments",
        })  # fmt: skip
    return found


def _id(doc: Order, k: int) -> str:
    return gid("OrderTransaction", child("OrderTransaction", doc["number"], k))


def refunds(doc: Order, order: Doc) -> list[Doc]:
    """All Refunds, oldest first."""
    return [refund(doc, order, kept) for kept in doc["refunds"]]


def refund(doc: Order, order: Doc, kept: Doc) -> Doc:
    """One Refund: what came off, and the money that moved, which need not agree."""
    number = child("Refund", doc["number"], kept["k"])
    moved = [one for one, row in zip(order["transactions"]({}), doc["transactions"], strict=True)
             if row["refund"] == kept["k"]]  # fmt: skip
    money = sum(row["amount"] for row in doc["transactions"] if row["refund"] == kept["k"])

    def belonging(args: Mapping[str, Any]) -> Doc | None:
        wanted = gid("Return", kept["case"])
        return next((found for found in order["returns"]({}) if found["id"] == wanted), None)

    return {
        "__typename": "Refund", "id": gid("Refund", number), "legacyResourceId": number, "note": kept["note"] or None,
        "createdAt": utc(kept["at_ms"]), "processedAt": utc(kept["at_ms"]), "updatedAt": utc(kept["at_ms"]),
        "totalRefundedSet": bag(doc, money), "return": belonging if kept["case"] else None, "order": order,
        "duties": [],
        "refundLineItems": lambda args: [_line(doc, order, kept, n) for n in range(len(kept["lines"]))],
        "refundShippingLines": [_shipping(doc, kept)] if kept["shipping"] else [],
        "orderAdjustments": lambda args: _adjustments(doc, kept, money),
        "transactions": moved,
    }  # fmt: skip


def _line(doc: Order, order: Doc, kept: Doc, n: int) -> Doc:
    part = kept["lines"][n]
    gross = gross_of(doc, part["no"])
    net = books.paid_for(gross, part["num"])
    return {
        "id": gid("RefundLineItem", child("RefundLineItem", doc["number"], kept["k"], n + 1)), "quantity": part["num"],
        "restockType": part["restock"], "restocked": part["restock"] != "NO_RESTOCK",
        "location": goods.location(0) if part["restock"] != "NO_RESTOCK" else None,
        "lineItem": line_in(order, part["no"]), "priceSet": bag(doc, gross["price"]), "subtotalSet": bag(doc, net),
        "totalTaxSet": bag(doc, books.tax_on(doc, net)),
    }  # fmt: skip


def gross_of(doc: Order, no: str) -> Doc:
    """A line at its largest."""
    return next(gross for gross, _ in books.gross_lines(doc) if gross["no"] == no)


def _shipping(doc: Order, kept: Doc) -> Doc:
    return {"id": gid("RefundShippingLine", child("RefundShippingLine", doc["number"], kept["k"])),
            "shippingLine": shipping_line(doc), "subtotalAmountSet": bag(doc, kept["shipping"]),
            "taxAmountSet": bag(doc, books.tax_on(doc, kept["shipping"]))}  # fmt: skip


def _adjustments(doc: Order, kept: Doc, money: int) -> list[Doc]:
    """The difference between what came off and what was paid back, when there is one."""
    off = sum(books.line_total(doc, gross_of(doc, part["no"]), part["num"]) for part in kept["lines"])
    gap = off + kept["shipping"] - money
    if not gap:
        return []
    return [{"id": gid("OrderAdjustment", child("OrderAdjustment", doc["number"], kept["k"])),
             "reason": "REFUND_DISCREPANCY", "amountSet": bag(doc, gap), "taxAmountSet": bag(doc, 0)}]  # fmt: skip


def suggested(doc: Order, order: Doc, args: Mapping[str, Any]) -> Doc:
    """What refunding these units (or everything) would pay back."""
    cents = 0
    for asked in args.get("refundLineItems") or []:
        gross = next((g for g, _ in books.gross_lines(doc) if gid("LineItem", g["no"]) == asked["lineItemId"]), None)
        cents += books.line_total(doc, gross, min(asked["quantity"], gross["num"])) if gross is not None else 0
    if args.get("suggestFullRefund"):
        cents = books.refundable(doc)
    elif args.get("refundShipping"):
        cents += books.shipping_total(doc)
    cents = min(cents, books.refundable(doc))
    paid = next((one for one in order["transactions"]({}) if one["kind"] in ("SALE", "CAPTURE")), None)
    offers = [{"amountSet": bag(doc, cents), "gateway": paid["gateway"], "kind": "SUGGESTED_REFUND",
               "parentTransaction": paid}] if paid is not None and cents else []  # fmt: skip
    return {"amountSet": bag(doc, cents), "maximumRefundableSet": bag(doc, books.refundable(doc)),
            "subtotalSet": bag(doc, cents), "totalTaxSet": bag(doc, books.tax_on(doc, cents)),
            "suggestedTransactions": offers}  # fmt: skip
