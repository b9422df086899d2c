"""What happens to an order by the control endpoints and by time: the market's verbs, bookkeeping, own verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale
from connectors.sandbox.kit.market.buying import VERBS, act
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.shopify.doing.shipments import set_hold
from connectors.sandbox.shopify.settling import settle
from connectors.sandbox.shopify.shop import Shop

Body = Mapping[str, Any]
#: Kinds that this platform has besides the market's; each is a plain order with one thing different.
OWN_KINDS = ("test", "tax_excluded", "marketplace_tax", "presentment", "tip", "pickup", "pos", "platform_shipped")


def perform(shop: Shop, number: str, verb: str, body: Body) -> dict[str, Any]:
    """Do one thing to one order and bring its books up to date, in one transaction."""
    market = shop.market
    body = {**body, "line": _line(body)} if body.get("line") else body
    with market.storage.write():
        sale = market.find_sale(number)
        if verb in OWN_VERBS:
            OWN_VERBS[verb](shop, sale, body)
            result: dict[str, Any] = {"number": number}
        elif verb not in VERBS:
            raise LookupError(f"no verb {verb}; use {', '.join((*VERBS, *OWN_VERBS))}")
        else:
            _check(sale, verb, body)
            result = act(market, number, verb, body)
        _pay_at_once(shop, number)
        settle(market, number)
        now = market.find_sale(number).doc
        return {**result, "status": now["status"], "changed_ms": now["changed_ms"]}


def _check(sale: Sale, verb: str, body: Body) -> None:
    """Goods can come back only once they left."""
    if verb != "refund" or not (body.get("return") or body.get("exchange")):
        return
    lines = [line for line in sale.lines if not body.get("line") or line["no"] == body["line"]]
    if not lines or not all(line["shipped_num"] for line in lines):
        raise NotAllowed(f"order {sale.number} has lines that never left; they cannot be returned")


def _line(body: Body) -> str:
    """The line's number, however it was written."""
    return str(body["line"]).rpartition("/")[2]


def _pay_at_once(shop: Shop, number: str) -> None:
    """Money without goods needs nobody's agreement here: the shop's staff paid it back in the admin."""
    for case in shop.market.shelves.cases_of(number):
        if case.doc["kind"] == "refund" and case.doc["state"] == "asked":
            case.doc["paid_back"] = case.doc["amount"]
            end_case(shop.market, case, "succeeded")


def _hold(shop: Shop, sale: Sale, body: Body) -> None:
    if sale.doc["held"] or sale.doc["status"] not in ("open", "part_shipped"):
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot be held")
    set_hold(shop, sale, held=True, reason=str(body.get("reason", "OTHER")), notes=str(body.get("notes", "")))


def _unhold(shop: Shop, sale: Sale, body: Body) -> None:
    if not sale.doc["held"]:
        raise NotAllowed(f"order {sale.number} is not held")
    set_hold(shop, sale, held=False)


def _expire(shop: Shop, sale: Sale, body: Body) -> None:
    """The authorisation of a payment runs out before it was captured."""
    if sale.doc["kind"] != "pre_auth" or sale.doc["status"] != "unpaid":
        raise NotAllowed(f"order {sale.number} has no open authorisation")
    sale.doc["expired"] = True
    shop.market.changed(sale, "touched")


def _reject(shop: Shop, sale: Sale, body: Body) -> None:
    """A fulfilment service declines what it was asked to ship."""
    if sale.doc["status"] != "open":
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot be declined")
    sale.doc["by_platform"] = False
    for fo in sale.doc["fos"]:
        fo["request"] = "REJECTED"
    shop.market.changed(sale, "touched")


OWN_VERBS: dict[str, Callable[[Shop, Sale, Body], None]] = {
    "hold": _hold, "unhold": _unhold, "expire": _expire, "decline_fulfilment": _reject,
}  # fmt: skip
