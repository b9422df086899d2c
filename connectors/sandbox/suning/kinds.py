"""The kinds of orders a Suning shop has, and what each adds to a sale."""

from __future__ import annotations

import random
from typing import Any

from connectors.sandbox.traffic import shares

Doc = dict[str, Any]

#: Kind → share in free traffic.
KINDS = {
    "plain": 600, "cod": 60, "presale_paid": 30, "presale_unpaid": 10, "merge_pairs": 40, "split": 50, "bundle": 50,
    "gift": 40, "group_buy": 30, "unpaid": 30, "unknown_sku": 2, "missing_code": 10, "repeated_goods": 10,
    "e_invoice": 10, "paper_invoice": 4, "vat_invoice": 6,
}  # fmt: skip
#: Kinds that are drawn as another one and then changed here.
DRAWN_AS = {"repeated_goods": "gift", **dict.fromkeys(
    ("missing_code", "e_invoice", "paper_invoice", "vat_invoice"), "plain",
)}  # fmt: skip
CHANNELS = ("PC", "MOBILE|01|01|9.5.0|20000C|IPHONE", "WAP")
INVOICES = {"e_invoice": "person", "paper_invoice": "company", "vat_invoice": "vat"}


def adorn(doc: Doc, rng: random.Random) -> None:
    """Add what the platform's orders have besides: channel, invoice, a gift of the very goods that are bought."""
    kind = doc["kind"]
    doc["channel"] = rng.choice(CHANNELS)
    if kind in INVOICES:
        person = kind == "e_invoice"
        doc["invoice"] = {"title": "个人" if person else "示例科技有限公司", "kind": INVOICES[kind],
                          "tax_no": "" if person else "91330100MA00000000"}  # fmt: skip
    if kind == "repeated_goods":
        doc["lines"][-1]["sku"] = doc["lines"][0]["sku"]
    _take_coupons(doc)


def _take_coupons(doc: Doc) -> None:
    """Coupons of the platform lower what the buyer pays; a line's share of them is kept beside it."""
    amount, weights = doc["platform_subsidy"], [line["total"] - line["share"] for line in doc["lines"]]
    for line, part in zip(doc["lines"], shares(amount, weights), strict=True):
        line["platform"] = part
        line["share"] += part
    doc["coupon"] += amount
    doc["payment"] -= amount
