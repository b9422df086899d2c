"""The functions behind the fields of the mutation root: rights, idempotency, refusals as the platform answers them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.shopify.doing import hooks, orders, returning, shipments, stock
from connectors.sandbox.shopify.doing.answers import UserError
from connectors.sandbox.shopify.ids import owner
from connectors.sandbox.shopify.queries import BY_KIND
from connectors.sandbox.shopify.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
Mutation = Callable[[Shop, Args], Doc]
MUTATIONS: dict[str, Mutation] = {
    "fulfillmentCreate": shipments.create, "fulfillmentTrackingInfoUpdate": shipments.update_tracking,
    "fulfillmentCancel": shipments.cancel, "fulfillmentEventCreate": shipments.add_event,
    "fulfillmentOrderHold": shipments.hold, "fulfillmentOrderReleaseHold": shipments.release_hold,
    "orderCancel": orders.cancel, "orderUpdate": orders.update, "orderMarkAsPaid": orders.mark_paid,
    "orderCapture": orders.capture, "tagsAdd": orders.add_tags, "tagsRemove": orders.remove_tags,
    "refundCreate": orders.refund, "returnApproveRequest": returning.approve,
    "returnDeclineRequest": returning.decline, "returnProcess": returning.handle_goods, "returnClose": returning.close,
    "returnCancel": returning.cancel, "returnCreate": returning.create,
    "reverseFulfillmentOrderDispose": returning.dispose, "inventorySetQuantities": stock.set_quantities,
    "inventoryAdjustQuantities": stock.adjust_quantities, "webhookSubscriptionCreate": hooks.create,
    "webhookSubscriptionUpdate": hooks.update, "webhookSubscriptionDelete": hooks.delete,
}  # fmt: skip
IDEMPOTENT = frozenset({"refundCreate", "inventorySetQuantities", "inventoryAdjustQuantities"})
FIRST_STRICT_VERSION = "2026-04"
ORDER_ERRORS = frozenset({"orderCancel"})


def perform(shop: Shop, name: str, args: Args, directives: Mapping[str, Mapping[str, Any]]) -> Doc:
    """Do one mutation in a transaction of its own; userErrors say why it was not done."""
    key = str(directives.get("idempotent", {}).get("key") or "")
    if name in IDEMPOTENT and not key and shop.version >= FIRST_STRICT_VERSION:
        raise FieldRefusal("The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST")
    try:
        with shop.market.storage.write():
            return _once(shop, name, args, key if name in IDEMPOTENT else "")
    except UserError as refused:
        if name == "fulfillmentCreate":
            _note_refused(shop, args, str(refused))
        return _refusal(name, refused)


def _once(shop: Shop, name: str, args: Args, key: str) -> Doc:
    """The same key answers the first answer again; with other arguments it is refused."""
    storage, text = shop.market.storage, json.dumps(args, sort_keys=True, ensure_ascii=False)
    before = storage.one("select args, answer from idempotency where name = ? and key = ?", (name, key)) if key else None
    if before is not None:
        if before["args"] != text:
            raise UserError(None, "The idempotency key was used with other parameters.",
                            "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")  # fmt: skip
        return _again(shop, name, json.loads(before["answer"]))
    answer = {"userErrors": [], "orderCancelUserErrors": [], **MUTATIONS[name](shop, args)}
    if key:
        told = answer.get("refund") or answer.get("inventoryAdjustmentGroup") or {}
        plain = {part: value for part, value in told.items() if isinstance(value, str | int | bool)}
        storage.execute("insert into idempotency (name, key, args, answer) values (?, ?, ?, ?)",
                        (name, key, text, json.dumps(plain)))  # fmt: skip
    return answer


def _again(shop: Shop, name: str, kept: Doc) -> Doc:
    if name != "refundCreate":
        return {"inventoryAdjustmentGroup": {**kept, "changes": []}, "userErrors": []}
    refund = BY_KIND["Refund"](shop, {"id": kept["id"]})
    return {"refund": refund, "order": refund["order"] if refund else None, "userErrors": []}


def _refusal(name: str, refused: UserError) -> Doc:
    told = refused.document()
    return {"userErrors": [told], "orderCancelUserErrors": [told] if name in ORDER_ERRORS else []}


def _note_refused(shop: Shop, args: Args, why: str) -> None:
    """Keep a refused shipment in the ledger, with the lines that it was about."""
    parts = args["fulfillment"]["lineItemsByFulfillmentOrder"]
    found = owner("FulfillmentOrder", parts[0]["fulfillmentOrderId"]) if parts else None
    tracking = args["fulfillment"].get("trackingInfo") or {}
    shop.market.shelves.add_shipment(found[0] if found else "", [], tracking.get("company") or "",
                                     tracking.get("number") or "", "fulfillment", reason=why)  # fmt: skip
