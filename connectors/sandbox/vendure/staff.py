"""What the shop's people do about refunds that buyers ask for outside of the platform."""

from __future__ import annotations

from connectors.sandbox.kit.market.selling import end_case, move_case
from connectors.sandbox.vendure import books
from connectors.sandbox.vendure.shop import Shop


def answer_case(shop: Shop, number: str) -> None:
    """Pay back what a buyer asks for; goods that are out must come back first, exchanges are refused."""
    market = shop.market
    with market.storage.write():
        case = market.find_case(number)
        if case.doc["state"] not in ("asked", "returned"):
            return
        doc = market.find_sale(case.doc["order"]).doc
        left = sum(books.refundable(doc, one) for one in doc["payments"] if one["state"] == "Settled")
        waits = case.doc["kind"] == "return" and case.doc["line_shipped_when_asked"]
        if case.doc["kind"] == "exchange" or books.both(doc, case.doc["amount"])[1] > left:
            end_case(market, case, "refused")
        elif case.doc["state"] == "asked" and waits:
            move_case(market, case, "agreed")
        else:
            case.doc["received"] = case.doc["state"] == "returned"
            end_case(market, case, "succeeded")
