"""Fulfilment orders: which units of an order wait at which place. Kept in the order, counted here.

`doc["fos"]`: k, location, at_ms, closed, request (UNSUBMITTED, ACCEPTED, REJECTED), lines [{j, no, total, shipped}].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.shopify.shop import LOCATIONS, THIRD_PARTY

Doc = dict[str, Any]
Order = Mapping[str, Any]


def place(doc: Doc, at_ms: int) -> None:
    """Lay out the first fulfilment orders of a new order: one for each place its lines are stocked at."""
    by_place: dict[int, list[Doc]] = {}
    for line in doc["lines"]:
        stocked = str(line["sku"].get("stocked_at", "both"))
        where = next((n for n, found in enumerate(LOCATIONS) if stocked in found[5]), 0)
        by_place.setdefault(where, []).append({"no": line["no"], "total": line["num"]})
    doc["fos"] = []
    for where, lines in sorted(by_place.items()):
        add(doc, where, lines, at_ms)


def add(doc: Doc, location: int, lines: list[Doc], at_ms: int) -> Doc:
    """Open another fulfilment order with units [{no, total}]."""
    parts = [{"j": j, "shipped": 0, **line} for j, line in enumerate(lines, start=1)]
    found = {"k": len(doc["fos"]) + 1, "location": location, "at_ms": at_ms, "closed": False,
             "request": "UNSUBMITTED", "lines": parts}  # fmt: skip
    doc["fos"].append(found)
    return found


def remaining(doc: Order) -> dict[tuple[int, str], int]:
    """(k, line) → units that wait there, so that all together are the line's open units."""
    found: dict[tuple[int, str], int] = {}
    for line in doc["lines"]:
        left = open_num(line)
        holders = [(fo, part) for fo in reversed(doc["fos"]) for part in fo["lines"]
                   if part["no"] == line["no"] and not fo["closed"]]  # fmt: skip
        for fo, part in holders:
            taken = min(left, part["total"] - part["shipped"])
            found[fo["k"], line["no"]] = taken
            left -= taken
        if left and holders:
            # Units that were added to the order later join the newest fulfilment order of their line.
            found[holders[0][0]["k"], line["no"]] += left
    return found


def status_of(doc: Order, fo: Order, left: int) -> str:
    """One of the platform's seven words."""
    shipped = sum(part["shipped"] for part in fo["lines"])
    if not left:
        return "CLOSED" if shipped or doc["status"] != "cancelled" else "CANCELLED"
    if doc["held"]:
        return "ON_HOLD"
    if doc["is_presale"] and not doc["paid_ms"]:
        return "SCHEDULED"
    if doc["by_platform"] or shipped:
        return "IN_PROGRESS"
    return "OPEN"


def location_of(doc: Order, fo: Order) -> int:
    return THIRD_PARTY if doc["by_platform"] else int(fo["location"])


def request_status(doc: Order, fo: Order) -> str:
    return "ACCEPTED" if doc["by_platform"] else str(fo["request"])


def fulfilment_status(doc: Order) -> str:
    """The order's displayFulfillmentStatus."""
    if any(line["shipped_num"] for line in doc["lines"]):
        return "PARTIALLY_FULFILLED" if any(open_num(line) for line in doc["lines"]) else "FULFILLED"
    if not any(open_num(line) for line in doc["lines"]):
        return "UNFULFILLED"
    if doc["held"]:
        return "ON_HOLD"
    if doc["is_presale"] and not doc["paid_ms"]:
        return "SCHEDULED"
    if doc["by_platform"]:
        return "IN_PROGRESS"
    return "REQUEST_DECLINED" if any(fo["request"] == "REJECTED" for fo in doc["fos"]) else "UNFULFILLED"
