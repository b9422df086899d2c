"""An order's payment with its events, and the refunds that were granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.market import Case
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.documents.money import money
from connectors.sandbox.saleor.ids import global_id, key_of, transaction_id
from connectors.sandbox.saleor.shop import utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
WITHDRAWN = frozenset({"closed", "refused"})


def transactions(doc: Order, order: Doc) -> list[Doc]:
    """The order's one TransactionItem; none when nothing was ever tried."""
    return [transaction(doc, order)] if doc["payments"] else []


def transaction(doc: Order, order: Doc) -> Doc:
    first, last = doc["payments"][0], doc["payments"][-1]
    amounts = {"authorizedAmount": books.authorized(doc), "chargedAmount": books.charged(doc),
               "refundedAmount": books.refunded(doc), "refundPendingAmount": books.refund_pending(doc),
               "canceledAmount": 0, "cancelPendingAmount": 0, "authorizePendingAmount": 0,
               "chargePendingAmount": 0}  # fmt: skip
    actions = [*(["CHARGE", "CANCEL"] if books.authorized(doc) else []), *(["REFUND"] if books.charged(doc) else [])]
    id_ = transaction_id(doc["number"])
    return {
        "__typename": "TransactionItem", "id": id_, "token": key_of("TransactionItem", id_), "name": "Credit card",
        "message": last["message"], "pspReference": first["psp"], "externalUrl": "", "createdAt": utc(first["at_ms"]),
        "modifiedAt": utc(last["at_ms"]), "actions": actions, "order": order,
        **{name: money(doc, cents) for name, cents in amounts.items()},
        "events": [event_document(doc, event) for event in doc["payments"]],
    }  # fmt: skip


def event_document(doc: Order, event: Order) -> Doc:
    return {"id": global_id("TransactionEvent", event["k"]), "createdAt": utc(event["at_ms"]), "type": event["type"],
            "pspReference": event["psp"], "message": event["message"], "externalUrl": "",
            "amount": money(doc, event["amount"])}  # fmt: skip


def grants(cases: Sequence[Case]) -> list[Case]:
    """The cases that are granted refunds: all but those that give other goods instead of money."""
    return [case for case in cases if case.doc["kind"] != "exchange"]


def granted_amount(case: Case) -> int:
    """What a granted refund is about; one that was withdrawn is brought down to nothing."""
    return 0 if case.doc["state"] in WITHDRAWN else int(case.doc["amount"])


def grant_status(case: Case) -> str:
    return "SUCCESS" if case.doc["state"] == "succeeded" else str(case.doc.get("pay", "NONE"))


def granted_refund(doc: Order, case: Case, order: Doc) -> Doc:
    """An OrderGrantedRefund."""
    told = case.doc
    lines = {line["id"]: line for line in order["lines"]({})}
    events = [event for event in doc["payments"] if event.get("case") == case.number]
    return {
        "__typename": "OrderGrantedRefund", "id": case.number, "createdAt": utc(told["created_ms"]),
        "updatedAt": utc(told["changed_ms"]), "amount": money(doc, granted_amount(case)), "reason": told["reason"],
        "shippingCostsIncluded": bool(told.get("shipping")), "status": grant_status(case),
        "lines": [
            {"id": global_id("OrderGrantedRefundLine", f"{key_of('OrderGrantedRefund', case.number)}{n}"),
             "quantity": part["num"], "reason": told["reason"], "orderLine": lines[part["no"]]}
            for n, part in enumerate([] if told["state"] in WITHDRAWN else told["lines"]) if part["no"] in lines
        ],
        "transactionEvents": [event_document(doc, event) for event in events],
        "transaction": transaction(doc, order) if doc["payments"] else None,
    }  # fmt: skip
