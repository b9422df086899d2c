"""What happens to an order by the control endpoints and by time: the market's verbs, bookkeeping, own verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale, goods_are_back, stop
from connectors.sandbox.kit.market.buying import VERBS, act
from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.saleor.settling import move_back, settle
from connectors.sandbox.saleor.shop import Shop

Body = Mapping[str, Any]
#: Kinds that this platform has besides the market's; each is a plain order with one thing different.
OWN_KINDS = ("tax_excluded", "pickup", "reissue", "bulk", "from_draft", "overcharged", "part_paid")


def perform(shop: Shop, number: str, verb: str, body: Body) -> dict[str, Any]:
    """Do one thing to one order and bring its books up to date, in one transaction."""
    market = shop.market
    with market.storage.write():
        sale = market.find_sale(number)
        if verb in OWN_VERBS:
            result: dict[str, Any] = {"number": number, **(OWN_VERBS[verb](shop, sale, body) or {})}
        elif verb not in VERBS or verb == "take_over":
            raise LookupError(f"no verb {verb}; use {', '.join((*VERBS, *OWN_VERBS))}")
        else:
            _check(sale, verb, body)
            result = act(market, number, verb, body)
        if verb == "refund" and not body.get("granted"):
            _end_at_once(shop, number)
        settle(market, number, pays=verb == "cancel")
        now = market.find_sale(number).doc
        return {**result, "status": now["status"], "changed_ms": now["changed_ms"]}


def _check(sale: Sale, verb: str, body: Body) -> None:
    """Goods can come back only once they left."""
    if verb != "refund" or not (body.get("return") or body.get("exchange")):
        return
    lines = [line for line in sale.lines if not body.get("line") or line["no"] == body["line"]]
    if not lines or not all(line["shipped_num"] for line in lines):
        raise NotAllowed(f"order {sale.number} has lines that never left; they cannot be returned")


def _end_at_once(shop: Shop, number: str) -> None:
    """Nobody asks for money or other goods beforehand: the shop's staff gave them in the dashboard."""
    for case in shop.market.shelves.cases_of(number):
        if case.doc["kind"] != "return" and case.doc["state"] == "asked":
            case.doc["paid_back"] = case.doc["amount"] if case.doc["kind"] == "refund" else 0
            end_case(shop.market, case, "succeeded")


def _expire(shop: Shop, sale: Sale, body: Body) -> None:
    """An unpaid order is given up by the platform."""
    if sale.doc["status"] != "unpaid":
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot expire")
    sale.doc["expired"] = True
    shop.market.shelves.save(sale)
    stop(shop.market, sale.number, "expired")


def _pay_granted(shop: Shop, sale: Sale, body: Body) -> dict[str, Any]:
    """The shop's staff pay granted refunds in the dashboard."""
    open_ = [case for case in shop.market.shelves.cases_of(sale.number)
             if case.doc["state"] in ("asked", "agreed", "returned") and case.doc.get("pay") != "PENDING"]  # fmt: skip
    if not open_:
        raise NotAllowed(f"order {sale.number} has no granted refund to pay")
    for case in open_:
        case.doc["paid_back"] = case.doc["amount"]
        end_case(shop.market, case, "succeeded")
    return {"cases": [case.number for case in open_]}


def _take_back(shop: Shop, sale: Sale, body: Body) -> dict[str, Any]:
    """The shop's staff record goods that came back in the dashboard."""
    market = shop.market
    found = [case for case in market.shelves.cases_of(sale.number)
             if case.doc["kind"] == "return" and case.doc["state"] in ("asked", "agreed", "returned")]  # fmt: skip
    if not found:
        raise NotAllowed(f"order {sale.number} expects no goods back")
    for case in found:
        if case.doc["state"] == "asked":
            move_case(market, case, "agreed")
        case = goods_are_back(market, case.number, pays=False)
        case.doc["moved"] = True
        market.shelves.save_case(case)
        now = market.find_sale(sale.number)
        move_back(market, now.doc, "RETURNED", case.doc["lines"], case.doc["reason"])
        market.changed(now, "touched")
    return {"cases": [case.number for case in found]}


def _fail_refund(shop: Shop, sale: Sale, body: Body) -> None:
    """The payment app will refuse the next refund of this order."""
    sale.doc["fail_refunds"] = sale.doc.get("fail_refunds", 0) + 1
    shop.market.shelves.save(sale)


OWN_VERBS: dict[str, Callable[[Shop, Sale, Body], dict[str, Any] | None]] = {
    "expire": _expire, "pay_granted": _pay_granted, "take_back": _take_back, "fail_refund": _fail_refund,
}  # fmt: skip
