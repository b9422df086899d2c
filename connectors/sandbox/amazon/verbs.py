"""What happens here beside the kit's verbs: what the seller does by hand in Seller Central, and what Amazon ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.amazon import postings
from connectors.sandbox.amazon.shop import Shop
from connectors.sandbox.amazon.states import is_cancel_request
from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed, Sale, decide, ship
from connectors.sandbox.kit.market.model import open_num

Body = Mapping[str, Any]
Result = dict[str, Any]
PACKAGE_STATES = frozenset({"PENDING", "IN_TRANSIT", "SHIPPED", "DELIVERED", "CANCELLED", "UNDELIVERABLE"})


def authorise(shop: Shop, sale: Sale, body: Body) -> Result:
    """Return requests are authorised: by Amazon's rules after a while, or by the seller by hand."""
    return _decide(shop, sale, body, True)


def deny(shop: Shop, sale: Sale, body: Body) -> Result:
    """The seller closes requests without a refund, by hand: no call for it is known."""
    return _decide(shop, sale, body, False)


def deliver_return(shop: Shop, sale: Sale, body: Body) -> Result:
    """Goods that were sent back have arrived."""
    found = [case for case in _cases(shop, sale, body) if case.doc["state"] == "returned"]
    _expect(sale, bool(found), "have a return delivered: nothing is on its way")
    for case in found:
        case.doc |= {"delivered_ms": shop.market.now_ms(), "received": True}
        shop.market.case_changed(case, "case_delivered")
    return {"cases": [case.number for case in found]}


def package(shop: Shop, sale: Sale, body: Body) -> None:
    """A parcel is somewhere else: `status`, of the package `ref` or of the last."""
    packages = [one for one in sale.doc["packages"] if one["ref"] == str(body.get("ref", one["ref"]))]
    _expect(sale, bool(packages) and body.get("status") in PACKAGE_STATES, "have a package in this status")
    packages[-1]["status"] = body["status"]
    shop.market.changed(sale, "package")


def ship_by_amazon(shop: Shop, sale: Sale, body: Body) -> None:
    """Amazon ships an order from its own warehouse."""
    _expect(sale, sale.doc["by_platform"] and not sale.doc["unfulfillable"], "be shipped by Amazon")
    waybill = f"TBA{shop.market.storage.next_number('fba_waybill', 300_000_000_001)}"
    units = {line["no"]: open_num(line) for line in sale.lines if open_num(line)}
    ship(shop.market, sale.number, "AMZN_CN", waybill, kind="platform")
    postings.shipped(shop, shop.market.find_sale(sale.number), units)


def _decide(shop: Shop, sale: Sale, body: Body, agree: bool) -> Result:
    found = [case for case in _cases(shop, sale, body) if case.doc["state"] == "asked" and case.doc["kind"] != "refund"]
    if not agree:
        found += [case for case in _cases(shop, sale, body) if case.doc["state"] == "asked" and case not in found
                  and not is_cancel_request(case)]  # fmt: skip
    _expect(sale, bool(found), "have a request decided: none is open")
    for case in found:
        decide(shop.market, case.number, agree, str(body.get("words", "")), report="authorise" if agree else "deny")
    return {"cases": [case.number for case in found]}


def _cases(shop: Shop, sale: Sale, body: Body) -> list[Case]:
    wanted = str(body.get("case", ""))
    cases = shop.market.shelves.cases_of(sale.number)
    return [case for case in cases if case.doc["state"] not in CASE_OVER and wanted in ("", case.number)]


def _expect(sale: Sale, holds: bool, what: str) -> None:
    if not holds:
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot {what}")


VERBS: dict[str, Callable[[Shop, Sale, Body], Result | None]] = {
    "authorise": authorise, "deny": deny, "deliver_return": deliver_return, "package": package,
    "ship_by_amazon": ship_by_amazon,
}  # fmt: skip
