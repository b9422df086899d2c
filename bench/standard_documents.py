"""Documents of the standard interface, as another system would push them, from the traffic's plans."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.contract.records import RawDocument
from connectors.sandbox.traffic import plan_trade

KINDS: Final = {"plain": 70, "cod": 8, "split": 6, "bundle": 6, "gift": 6, "unpaid": 4}
FIRST: Final = datetime(2026, 1, 15, 1, 0, tzinfo=UTC)
STEP: Final = timedelta(milliseconds=700)
RECEIVER: Final = {"name": "name", "phone": "mobile", "state": "state", "city": "city", "district": "district",
                   "town": "town", "address": "address", "postcode": "zip"}  # fmt: skip


def standard_documents(count: int, seed: int) -> list[RawDocument]:
    """So many orders of a seed."""
    rng = random.Random(f"bench:standard:{seed}")
    kinds = rng.choices(tuple(KINDS), tuple(KINDS.values()), k=count)
    return [_document(plan_trade(rng, kind, tid=1), f"M-{seed}-{number:07d}", FIRST + number * STEP)
            for number, kind in enumerate(kinds)]  # fmt: skip


def _document(plan: dict[str, Any], number: str, at: datetime) -> RawDocument:
    return RawDocument("order", number, orjson.dumps(order_of(plan, number, at)), at + timedelta(seconds=1), at)


def order_of(plan: dict[str, Any], number: str, at: datetime) -> dict[str, Any]:
    """The order that a plan of the traffic becomes."""
    lines = [_line(str(position), line) for position, line in enumerate(plan["lines"], start=1)]
    if plan["post_fee"]:
        freight = {"external_no": "freight", "kind": "freight", "title": "运费", "units": 1}
        lines.append(freight | {"list_amount": plan["post_fee"], "paid_amount": plan["post_fee"]})
    total = sum(line["paid_amount"] for line in lines)
    is_paid, moment, person = bool(plan["pay_time"]), at.isoformat(), plan["buyer"]["receiver"]
    payment = {"kind": "online", "amount": total, "paid_at": moment, "reference": f"P-{number}"}
    return {
        "external_no": number,
        "state": "open" if is_paid or plan["type"] == "cod" else "unpaid",
        "currency": "CNY",
        "paid_total": total,
        "created_at": moment,
        "changed_at": moment,
        "paid_at": moment if is_paid else None,
        "is_cod": plan["type"] == "cod",
        "buyer": {"external_id": plan["buyer"]["open_uid"], "nick": plan["buyer"]["nick"]},
        "receiver": {"country": "CN", **{ours: person.get(theirs, "") for ours, theirs in RECEIVER.items()}},
        "buyer_message": plan["buyer_message"],
        "seller_memo": plan["seller_memo"],
        "lines": lines,
        "payments": [payment] if is_paid else [],
    }


def _line(number: str, line: dict[str, Any]) -> dict[str, Any]:
    listed = line["price"] * line["num"]
    paid = line["total"] - line["share"]
    # A price that was put up by hand is the list price; what is less than the list is the merchant's discount.
    return {
        "external_no": number,
        "listing_no": str(line["sku"]["num_iid"]),
        "variant_no": line["sku"]["sku_id"],
        "seller_code": line["sku"]["code"],
        "title": line["sku"]["title"],
        "units": line["num"],
        "list_amount": max(listed, paid),
        "discount_merchant": max(listed, paid) - paid,
        "paid_amount": paid,
        "is_gift": bool(line["gift"]),
    }
