"""What this marketplace's orders have besides: numbers, tax, gift wrap, who ships, programmes, replacements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.traffic.money import shares

Doc = dict[str, Any]

#: Kinds of its own; each begins as a plain sale.
OWN_KINDS = frozenset({"fba", "business", "gift_wrap", "tax_excluded", "facilitator", "replacement", "exchange_order",
                       "pickup", "prime", "unfulfillable"})  # fmt: skip
KINDS: Mapping[str, int] = {
    "plain": 60, "split": 6, "bundle": 6, "gift": 4, "merge_pairs": 4, "fba": 5, "cod": 2, "business": 2, "gift_wrap": 2,
    "tax_excluded": 1, "facilitator": 1, "replacement": 1, "exchange_order": 1, "pickup": 1, "prime": 2, "held": 1,
    "presale_paid": 1, "presale_unpaid": 1, "unpaid": 3, "unfulfillable": 0, "unknown_sku": 1,
}  # fmt: skip
BY_AMAZON = frozenset({"fba", "unfulfillable"})
FREE = {"replacement": "REPLACEMENT_ORIGINAL_ID", "exchange_order": "EXCHANGE_ORIGINAL_ID"}
TAXED = frozenset({"tax_excluded", "facilitator"})
TAX_PERCENT = 8
WRAP_CENTS = 500
COD_FEE_CENTS = 300


def order_number(serial: int) -> str:
    """3-7-7 digits."""
    return f"{250 + serial // 10**14:03d}-{serial // 10**7 % 10**7:07d}-{serial % 10**7:07d}"


def asin_of(sku: Mapping[str, Any]) -> str:
    return f"B0{int(sku['sku_id']) % 10**8:08d}"


def finish(doc: Doc) -> None:
    """Make a sale of the traffic one of this marketplace; its money adds up before and after."""
    kind = doc["kind"]
    serial = int(doc["number"].replace("-", "")[3:])
    weights = [line["total"] for line in doc["lines"]]
    free = kind in FREE
    if free:
        _make_free(doc)
    freight = shares(doc["post_fee"], weights)
    for position, line in enumerate(doc["lines"]):
        line["no"] = f"{serial % 10**12:012d}{position + 1:02d}"
        line["shipping"] = freight[position] if not free else 0
        line["wrap"] = WRAP_CENTS if kind == "gift_wrap" and position == 0 else 0
        line["cod_fee"] = COD_FEE_CENTS if doc["is_cod"] and position == 0 else 0
        line["tax"] = (line["total"] - line["share"] + line["shipping"]) * TAX_PERCENT // 100 if kind in TAXED else 0
        line["cancel_reason"], line["cancelled_by"] = "", ""
    doc["payment"] = grand_total(doc)
    doc["by_platform"] = kind in BY_AMAZON
    doc["unfulfillable"] = kind == "unfulfillable"
    doc |= {"packages": [], "original": "", "deposit": 0, "transactions": 0}


def _make_free(doc: Doc) -> None:
    """Replacements and exchanges cost nothing."""
    for line in doc["lines"]:
        line |= {"price": 0, "discount": 0, "adjust": 0, "share": 0, "total": 0}
    doc["coupon"] = doc["post_fee"] = 0


def item_total(line: Mapping[str, Any]) -> int:
    """What the seller gets for a line: goods less discounts, shipping, gift wrap, fee of collection, tax."""
    extras = sum(line.get(name, 0) for name in ("shipping", "wrap", "cod_fee", "tax"))
    return int(line["total"] - line["share"] + extras)


def grand_total(doc: Mapping[str, Any]) -> int:
    return sum(item_total(line) for line in doc["lines"])
