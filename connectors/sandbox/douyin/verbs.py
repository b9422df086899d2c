"""What buyers and the platform do to an order, where Douyin differs from other platforms, and verbs of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.douyin.opening import ask
from connectors.sandbox.douyin.parcels import FIRST_PACK
from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed, Sale, ship
from connectors.sandbox.kit.market.buying import act, take_over
from connectors.sandbox.kit.market.model import HOUR, open_num
from connectors.sandbox.traffic import draw_receiver

Body = Mapping[str, Any]
Result = dict[str, Any]


def play(shop: Shop, number: str, verb: str, body: Body) -> Result:
    """Do one thing to one order in one transaction.

    LookupError for an unknown order or verb, NotAllowed when the order's state forbids it.
    """
    own = OWN.get(verb)
    if own is None:
        return act(shop.market, number, verb, body)
    with shop.market.storage.write():
        result = own(shop, shop.market.find_sale(number), body)
        now = shop.market.find_sale(number).doc
        return {"number": number, "status": now["status"], "changed_ms": now["changed_ms"], **result}


def refund(shop: Shop, sale: Sale, body: Body) -> Result:
    """As everywhere, and `kind`: price, resend or repair."""
    return {"cases": ask(shop, sale, body)}


def ask_address(shop: Shop, sale: Sale, body: Body) -> Result:
    """The buyer asks for another receiver; the seller agrees or refuses (order/addressConfirm)."""
    if any(line["shipped_num"] for line in sale.lines) or sale.doc["status"] in ("completed", "cancelled"):
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot have its address changed")
    receiver = {**draw_receiver(shop.market.random), **body.get("receiver", {})}
    sale.doc["address_request"] = {"receiver": receiver, "at_ms": shop.market.now_ms()}
    shop.market.changed(sale, "address_asked")
    return {}


def modify_case(shop: Shop, sale: Sale, body: Body) -> Result:
    """The buyer changes an open request: another `amount`, other `words`."""
    case = _open_case(shop, sale, body)
    case.doc |= {name: body[name] for name in ("amount", "words") if name in body}
    shop.market.case_changed(case, "case_modified")
    return {"cases": [case.number]}


def arbitrate(shop: Shop, sale: Sale, body: Body) -> Result:
    """The platform's service steps in: `status` is its arbitrate_status."""
    case = _open_case(shop, sale, body)
    case.doc["arbitrate_status"] = int(body.get("status", 1))
    shop.market.case_changed(case, "case_arbitrated")
    return {"cases": [case.number]}


def delay_shipping(shop: Shop, sale: Sale, body: Body) -> Result:
    """The promised time of shipping moves by `hours` (24)."""
    sale.doc["ship_by_ms"] += int(body.get("hours", 24)) * HOUR
    shop.market.changed(sale, "ship_by")
    return {}


def platform_ships(shop: Shop, sale: Sale, body: Body) -> Result:
    """The platform's warehouse ships an order that is its own to ship."""
    if not sale.doc["by_platform"] or not any(open_num(line) for line in sale.lines):
        raise NotAllowed(f"order {sale.number} has nothing that the platform ships")
    waybill = f"YC{sale.number[-12:]}"
    units = {line["no"]: open_num(line) for line in sale.lines if open_num(line)}
    pack = str(shop.market.storage.next_number("douyin_pack", FIRST_PACK))
    shop.add_pack(pack, sale.number, "jd", waybill, units)
    shipment = ship(shop.market, sale.number, "jd", waybill, oids=list(units), kind="platform")
    shop.set_pack(pack, sale.number, "jd", waybill, shipment)
    return {"waybill": waybill}


def taken_over(shop: Shop, sale: Sale, body: Body) -> Result:
    """The platform's cloud warehouse ships the order, which the document says too."""
    sale.doc["cloud"] = True
    take_over(shop.market, sale, body)
    return {}


def _open_case(shop: Shop, sale: Sale, body: Body) -> Case:
    cases = [case for case in shop.market.shelves.cases_of(sale.number) if case.doc["state"] not in CASE_OVER]
    wanted = [case for case in cases if str(body.get("case", case.number)) == case.number]
    if not wanted:
        raise NotAllowed(f"order {sale.number} has no such open case")
    return wanted[-1]


OWN: dict[str, Callable[[Shop, Sale, Body], Result]] = {
    "refund": refund,
    "ask_address": ask_address,
    "modify_case": modify_case,
    "arbitrate": arbitrate,
    "delay_shipping": delay_shipping,
    "platform_ships": platform_ships,
    "take_over": taken_over,
}
