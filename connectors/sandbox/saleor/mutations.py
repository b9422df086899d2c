"""The functions behind the fields of the mutation root: one transaction each, refusals as the platform answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.saleor.doing import fulfilling, hooks, orders, refunding, stock
from connectors.sandbox.saleor.doing.answers import Refused
from connectors.sandbox.saleor.doing.quiet import quietly
from connectors.sandbox.saleor.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
Mutation = Callable[[Shop, Args], Doc]
MUTATIONS: dict[str, Mutation] = {
    "orderFulfill": fulfilling.fulfill, "orderFulfillmentUpdateTracking": fulfilling.update_tracking,
    "orderFulfillmentCancel": fulfilling.cancel, "orderFulfillmentApprove": fulfilling.approve,
    "orderFulfillmentReturnProducts": orders.take_back, "orderCancel": orders.cancel, "orderConfirm": orders.confirm,
    "orderMarkAsPaid": orders.mark_paid, "orderUpdate": orders.update, "orderNoteAdd": orders.add_note,
    "updateMetadata": orders.update_metadata, "updatePrivateMetadata": orders.update_private,
    "orderGrantRefundCreate": refunding.grant, "orderGrantRefundUpdate": refunding.change,
    "transactionRequestRefundForGrantedRefund": refunding.request_granted,
    "transactionRequestAction": refunding.request_action, "productVariantStocksUpdate": stock.update,
    "stockBulkUpdate": stock.bulk_update, "webhookCreate": hooks.create, "webhookUpdate": hooks.update,
    "webhookDelete": hooks.delete,
}  # fmt: skip


def perform(shop: Shop, name: str, args: Args) -> Doc:
    """Do one mutation in a transaction of its own; `errors` of the payload say why it was not done."""
    try:
        with shop.market.storage.write():
            return {"errors": [], **quietly(shop, name, args, MUTATIONS[name])}
    except Refused as refused:
        if name == "orderFulfill":
            _note_refused(shop, args, str(refused))
        empty = {"count": 0, "results": []} if name == "stockBulkUpdate" else {}
        return {**empty, "errors": [refused.document()]}


def _note_refused(shop: Shop, args: Args, why: str) -> None:
    """Keep a refused shipment in the ledger, with the lines that it was about."""
    told = args["input"]
    lines = [str(row.get("orderLineId")) for row in told["lines"]]
    shop.market.shelves.add_shipment(str(args.get("order")), lines, "", told.get("trackingNumber") or "", "fulfillment",
                                     reason=why)  # fmt: skip
