"""A return or refund as the platform's calls show it: one row for each line."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Case
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.suning.clock import text_of
from connectors.sandbox.suning.people import user_name
from connectors.sandbox.suning.shop import Shop
from connectors.sandbox.suning.states import STEPS, step_of
from connectors.sandbox.traffic import yuan

Doc = dict[str, Any]
#: What the platform calls a refund without goods, and one with them.
MONEY_ONLY, WITH_GOODS = "1", "2"
#: Steps at which the seller's or the platform's word has been said.
DECIDED = frozenset(STEPS) - {"C030"}


def rejected_row(shop: Shop, case: Case) -> Doc:
    """One row of a list of returns."""
    doc = case.doc
    sale = shop.market.find_sale(doc["order"])
    part = doc["lines"][0]
    line, step = line_of(sale.doc, part["no"]), step_of(doc)
    dealt = doc["paid_back"] or doc["amount"]
    return {
        "orderCode": doc["order"], "orderLineNumber": part["no"], "productCode": line["sku"]["sku_id"],
        "itemCode": line["sku"]["code"], "productName": line["sku"]["title"],
        "customer": user_name(sale.doc["buyer"]["nick"]),
        "returnMoney": yuan(doc["amount"]), "dealMoney": yuan(dealt), "saleNum": f"{part['num']}.0",
        "applyTime": text_of(doc["created_ms"]), "statusPassTime": text_of(doc["changed_ms"]) if step in DECIDED else "",
        "statusDesc": STEPS[step], "orderLineStatus": step, "returnReason": doc["reason"],
        "refundtype": MONEY_ONLY if doc["kind"] == "refund" else WITH_GOODS,
        "expressNo": doc["return_waybill"], "expressCompanyCode": _carrier(doc),
    }  # fmt: skip


def _carrier(doc: Doc) -> str:
    return "Z01" if doc["return_waybill"] else ""
