"""The kinds of orders a Douyin shop has, and what each adds to a sale."""

from __future__ import annotations

import random
from typing import Any

from connectors.sandbox.kit.market.model import HOUR
from connectors.sandbox.traffic import shares

Doc = dict[str, Any]

#: Kind → share in free traffic.
KINDS = {
    "plain": 600, "cod": 30, "presale_paid": 40, "presale_unpaid": 15, "full_presale": 20, "merge_pairs": 40,
    "split": 60, "bundle": 60, "gift": 50, "held": 15, "group_buy": 10, "unpaid": 30, "unknown_sku": 2,
    "platform_warehouse": 20, "address_change": 10, "virtual": 4,
}  # fmt: skip
#: Kinds that are drawn as a plain order and then changed here.
OWN = frozenset({"full_presale", "platform_warehouse", "address_change", "virtual"})
PAY_TYPES = (1, 2, 2, 4, 5, 8)
PRESALE_DAYS = 15


def adorn(doc: Doc, rng: random.Random) -> None:
    """Add what Douyin's orders have besides: line numbers, ways of paying, who bears discounts, presale, warehouse."""
    kind = doc["kind"]
    for position, line in enumerate(doc["lines"], start=1):
        line["no"] = str(int(doc["number"]) + position)
    doc["pay_type"] = 0 if doc["is_cod"] else rng.choice(PAY_TYPES)
    doc["order_type"] = 2 if kind == "virtual" else 0
    doc["trade_type"] = 1 if kind == "group_buy" else 2 if doc["is_presale"] else 0
    doc["pre_sale_type"] = 1 if kind == "full_presale" else 2 if doc["is_presale"] else 0
    doc["cloud"] = kind == "platform_warehouse"
    doc["by_platform"] = kind in ("platform_warehouse", "virtual")
    doc["post_promotion"] = 600 if not doc["post_fee"] and rng.random() < 0.2 else 0
    doc["address_request"] = None
    if kind == "full_presale":
        doc["ship_by_ms"] = doc["created_ms"] + PRESALE_DAYS * 24 * HOUR
    _move_subsidies(doc)


def _move_subsidies(doc: Doc) -> None:
    """Here the platform and the talent who sells lower what the buyer pays, and pay the seller the difference."""
    weights = [line["total"] - line["share"] for line in doc["lines"]]
    for source, name in (("platform_subsidy", "platform_share"), ("red_packet", "talent_share")):
        amount = min(int(doc[source]), sum(weights) // 3)
        for line, share in zip(doc["lines"], shares(amount, weights), strict=True):
            line[name] = share
            line["share"] += share
        doc["payment"] -= amount
        doc["coupon"] += amount
