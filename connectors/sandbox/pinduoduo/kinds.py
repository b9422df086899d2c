"""What Pinduoduo's orders have besides: one line an order, subsidies, groups, lotteries, reviews, depots, fees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Doc = dict[str, Any]

#: Kinds of its own → the kind of plan they begin as.
OWN_KINDS: Mapping[str, str] = {
    "risk": "held", "lottery": "held", "presale_goods": "plain", "depot": "plain", "own_depot": "plain",
    "home_delivery": "plain", "pickup": "plain", "consolidated": "plain", "trade_in": "plain",
}  # fmt: skip
KINDS: Mapping[str, int] = {
    "plain": 60, "split": 6, "bundle": 6, "gift": 5, "merge_pairs": 4, "group_buy": 4, "risk": 2, "held": 1,
    "lottery": 1, "presale_paid": 2, "presale_unpaid": 1, "presale_goods": 2, "depot": 2, "own_depot": 1,
    "home_delivery": 1, "pickup": 1, "consolidated": 1, "trade_in": 1, "unpaid": 2, "unknown_sku": 1,
}  # fmt: skip
#: Why an order is held, by its kind.
HOLDS = {"group_buy": "group", "risk": "risk", "lottery": "lottery", "held": "ship_hold"}
SEVERAL_LINES = ("split", "bundle")
DAY = 86_400_000


def finish(doc: Doc) -> None:
    """Make a sale of the traffic one of this platform; its money adds up before and after."""
    if doc["kind"] not in SEVERAL_LINES:
        doc["lines"] = [doc["lines"][0], *(line for line in doc["lines"][1:] if line["gift"])]
    for line in doc["lines"]:
        line["no"] = f"{doc['number']}-{line['sku']['sku_id']}"
    doc["coupon"] = sum(line["share"] for line in doc["lines"])
    subsidy = 1000 if doc["kind"] == "trade_in" else doc["platform_subsidy"]
    leader = 100 if doc["kind"] == "group_buy" else 0
    doc["platform_discount"] = _take_off(doc, subsidy)
    doc["capital_free"] = _take_off(doc, leader)
    doc["service_fee"] = 2000 if doc["kind"] == "home_delivery" else 0
    paid = sum(line["total"] - line["share"] for line in doc["lines"])
    doc["payment"] = paid + doc["post_fee"] + doc["service_fee"]
    doc["deposit"] = doc["payment"] // 10 if doc["is_presale"] else 0
    _say_what_is_special(doc)


def _take_off(doc: Doc, amount: int) -> int:
    """Take a discount that the seller does not bear off the first line; answers how much could be taken."""
    line = doc["lines"][0]
    taken = min(amount, (line["total"] - line["share"]) // 2)
    line["share"] += taken
    doc["coupon"] += taken
    return int(taken)


def _say_what_is_special(doc: Doc) -> None:
    kind = doc["kind"]
    doc["hold"] = HOLDS.get(kind, "")
    doc["by_platform"] = kind == "depot"
    doc["deposit_paid"] = kind == "presale_paid"
    doc["tag_name"], doc["printed"], doc["stock_out"] = "", {}, 0
    doc["pre_sale_ms"] = doc["created_ms"] + 7 * DAY if kind == "presale_goods" else 0
    if doc["pre_sale_ms"]:
        doc["ship_by_ms"] = doc["pre_sale_ms"]
    doc["confirmed_ms"] = doc["paid_ms"] if not waits_for_confirmation(doc) else 0


def waits_for_confirmation(doc: Mapping[str, Any]) -> bool:
    """Whether the deal is not yet made: unpaid, the group still forming, the lottery not yet drawn."""
    return not doc["paid_ms"] or (doc["held"] and doc["hold"] in ("group", "lottery"))
