"""Orders that JD makes of others: children of a split order, and the new order of an exchange."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from connectors.sandbox.kit.market import Market, NotAllowed, Sale, stop
from connectors.sandbox.traffic import shares

Doc = dict[str, Any]
FRESH = {"shipped_num": 0, "cancelled_num": 0, "refund": "none", "case": ""}
PLATFORM = ("platform_subsidy", "red_packet", "points")


class OrdersMade:
    """Makes such orders; `next_number` gives the platform's next order number, `number_lines` its line numbers."""

    def __init__(self, market: Market, next_number: Callable[[], str], number_lines: Callable[[Doc], None]) -> None:
        self._market = market
        self._next_number = next_number
        self._number_lines = number_lines

    def create(self, sale: Sale, lines: Sequence[Doc], **more: Any) -> str:
        """An order of these lines of another one; with `free` nobody pays for it."""
        free = more.pop("free", False)
        doc = copy.deepcopy(sale.doc)
        doc |= {"number": self._next_number(), "status": "open", "shipped_ms": 0, "ended_ms": 0, "coupon": 0,
                "post_fee": 0, "refunded": 0, **dict.fromkeys(PLATFORM, 0), **more}  # fmt: skip
        doc["created_ms"] = doc["changed_ms"] = self._market.now_ms()
        doc["lines"] = [{**copy.deepcopy(line), **FRESH, "waybills": []} for line in lines]
        for line in doc["lines"]:
            if free:
                line |= {"discount": line["price"] * line["num"], "adjust": 0, "share": 0, "total": 0}
        doc["coupon"] = sum(line["share"] for line in doc["lines"])
        doc["payment"] = sum(line["total"] - line["share"] for line in doc["lines"]) + doc["post_fee"]
        self._number_lines(doc)
        self._market.shelves.add_sales([Sale(doc, sale.tag)])
        self._market.announce("created", doc["number"])
        return str(doc["number"])

    def split(self, number: str) -> list[str]:
        """Split a paid order into one child a line: the parent is cancelled, the money stands on the children."""
        sale = self._market.find_sale(number)
        if sale.doc["status"] != "open" or len(sale.lines) < 2:
            raise NotAllowed(f"order {number} in {sale.doc['status']} cannot be split")
        weights = [line["total"] - line["share"] for line in sale.lines]
        parts = {name: shares(sale.doc[name], weights) for name in PLATFORM}
        children = [
            self.create(sale, [line], kind=sale.doc["kind"], parent=number,
                        post_fee=0 if place else sale.doc["post_fee"],
                        **{name: part[place] for name, part in parts.items()})
            for place, line in enumerate(sale.lines)
        ]  # fmt: skip
        stop(self._market, number, "split")
        return children
