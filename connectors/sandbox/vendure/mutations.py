"""The functions behind the fields of the mutation root: transactions, refusals as members of the unions."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.vendure import hooks, sessions
from connectors.sandbox.vendure.doing import orders, parcels, refunds, stock
from connectors.sandbox.vendure.doing.answers import Refused
from connectors.sandbox.vendure.queries import me
from connectors.sandbox.vendure.sessions import Caller
from connectors.sandbox.vendure.shop import Shop

Args = Mapping[str, Any]
Mutation = Callable[[Shop, Caller, Args], Any]


def _login(shop: Shop, caller: Caller, args: Args) -> dict[str, Any]:
    """A new session for the administrator; its token stands in a header of the answer."""
    names = (str(args["username"]), str(args["password"]))
    wanted = (shop.keys["username"], shop.keys["password"])
    if not all(hmac.compare_digest(told.encode(), held.encode()) for told, held in zip(names, wanted, strict=True)):
        raise Refused("InvalidCredentialsError", "The provided credentials are invalid",
                      authenticationError="Invalid credentials")  # fmt: skip
    caller.fresh = sessions.open_session(shop)
    return me(shop, {})


def _logout(shop: Shop, caller: Caller, args: Args) -> dict[str, Any]:
    sessions.close_session(shop, caller)
    return {"success": True}


def _of_shop(work: Callable[[Shop, Args], Any]) -> Mutation:
    return lambda shop, caller, args: work(shop, args)


MUTATIONS: dict[str, Mutation] = {
    "login": _login, "logout": _logout, "addFulfillmentToOrder": _of_shop(parcels.add),
    "transitionFulfillmentToState": _of_shop(parcels.transition), "transitionOrderToState": _of_shop(orders.transition),
    "cancelOrder": _of_shop(orders.cancel), "refundOrder": _of_shop(refunds.refund),
    "settleRefund": _of_shop(refunds.settle), "settlePayment": _of_shop(orders.settle_payment),
    "cancelPayment": _of_shop(orders.cancel_payment), "addNoteToOrder": _of_shop(orders.add_note),
    "updateOrderNote": _of_shop(orders.update_note), "updateProductVariants": _of_shop(stock.update_variants),
    "setWebhooks": _of_shop(lambda shop, args: hooks.replace_all(shop, args["webhooks"])),
}  # fmt: skip


def perform(shop: Shop, caller: Caller, name: str, args: Args) -> Any:
    """Do one mutation in a transaction of its own; a refusal is the answer, and a refused parcel stays in the ledger."""
    try:
        with shop.market.storage.write():
            return MUTATIONS[name](shop, caller, args)
    except Refused as refused:
        if refused.shipment is not None:
            number, oids, method, tracking = refused.shipment
            shop.market.shelves.add_shipment(number, oids, method, tracking, "fulfillment", reason=str(refused))
        return refused.document()
