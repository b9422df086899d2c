"""A sale and a case as plain JSON objects, and the rules of what may happen to them. Nothing is stored here.

Sale: number, status (unpaid, open, part_shipped, shipped, completed, cancelled), is_cod, is_presale, held, buyer,
receiver (in clear), lines, money in minor units, texts, times in epoch milliseconds (0: not yet). Line: no, sku (an
item of the catalogue), num, price, discount (on the item), adjust, share (of the order's coupon), total (what the
line costs before the coupon), gift, shipped_num, cancelled_num, refund, case. Case: number, order, kind (refund,
return, exchange), lines, amount, state, reason, version, times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Doc = dict[str, Any]

#: Line refund states under which the seller must not ship.
LIVE_REFUND = frozenset({"asked", "agreed", "returned"})
CASE_OVER = frozenset({"refused", "succeeded", "closed"})
PAID = frozenset({"open", "part_shipped", "shipped", "completed"})
HOUR = 3_600_000


class NotAllowed(Exception):
    """The state of a sale or case forbids what was asked; the text says which state."""


def sale_from(plan: Mapping[str, Any], number: str, at_ms: int, *, line_no: str = "{number}-{n}") -> Doc:
    """A sale from a plan of the traffic; `line_no` makes line numbers from the order's number and the position."""
    paid = bool(plan["pay_time"])
    is_cod = plan["type"] == "cod"
    lines = [_line(line, line_no.format(number=number, n=n)) for n, line in enumerate(plan["lines"], start=1)]
    return {
        "number": number, "kind": plan["kind"], "status": "open" if paid or is_cod else "unpaid",
        "is_cod": is_cod, "is_presale": plan["type"] == "step", "deposit": plan["deposit"],
        "held": bool(plan["top_hold"] or plan["team_buy_hold"]), "group_buy": bool(plan["team_buy_hold"]),
        "buyer": {"id": plan["buyer"]["open_uid"], "nick": plan["buyer"]["nick"]},
        "receiver": dict(plan["buyer"]["receiver"]), "lines": lines,
        "coupon": plan["coupon"], "post_fee": plan["post_fee"], "payment": plan["payment"],
        "platform_subsidy": plan["platform_subsidy"], "red_packet": plan["red_packet"], "points": plan["points"],
        "message": plan["buyer_message"], "memo": plan["seller_memo"], "flag": plan["seller_flag"],
        "invoice": None, "address_changed": False, "by_platform": False,
        "created_ms": at_ms, "changed_ms": at_ms, "paid_ms": at_ms if paid else 0,
        "ship_by_ms": at_ms + 48 * HOUR if paid or is_cod else 0, "shipped_ms": 0, "ended_ms": 0,
    }  # fmt: skip


def _line(line: Mapping[str, Any], number: str) -> Doc:
    names = ("num", "price", "discount", "adjust", "share", "total", "gift")
    return {
        "no": number, "sku": line["sku"], **{name: line[name] for name in names},
        "shipped_num": 0, "cancelled_num": 0, "refund": "none", "case": "", "waybills": [],
    }  # fmt: skip


def line_of(sale: Mapping[str, Any], number: str) -> Doc:
    """The line of this number; LookupError names it when there is none."""
    for line in sale["lines"]:
        if line["no"] == number:
            found: Doc = line
            return found
    raise LookupError(f"order {sale['number']} has no line {number}")


def open_num(line: Mapping[str, Any]) -> int:
    """Units that are neither shipped nor cancelled."""
    return int(line["num"] - line["shipped_num"] - line["cancelled_num"])


def is_live(line: Mapping[str, Any]) -> bool:
    """Whether the line has shipped or is still to be: not cancelled and not under an open refund."""
    if line["shipped_num"]:
        return True
    return line["cancelled_num"] < line["num"] and line["refund"] not in (*LIVE_REFUND, "succeeded")


def is_payable(sale: Mapping[str, Any]) -> bool:
    """Whether the seller owes goods: paid or cash on delivery, not held, ours to ship, with a live line."""
    if sale["status"] not in PAID or sale["held"] or sale["by_platform"]:
        return False
    if sale["is_presale"] and not sale["paid_ms"]:
        return False
    return any(is_live(line) for line in sale["lines"])


def status_after(sale: Mapping[str, Any]) -> str:
    """The order's status by its lines, when something of it shipped or was cancelled."""
    if sale["status"] == "completed":
        return "completed"  # A refund afterwards changes money, not how far the order got.
    if all(line["cancelled_num"] >= line["num"] for line in sale["lines"]):
        return "cancelled"
    if not any(line["shipped_num"] for line in sale["lines"]):
        return str(sale["status"])
    return "part_shipped" if any(open_num(line) for line in sale["lines"]) else "shipped"


def goods_amount(sale: Mapping[str, Any]) -> int:
    """What the goods cost the buyer, freight left out."""
    return sum(line["total"] - line["share"] for line in sale["lines"])


def line_paid(line: Mapping[str, Any]) -> int:
    """What the buyer pays for the line after all discounts of the seller."""
    return int(line["total"] - line["share"])
