"""Money moved: one transaction for each shipment and each refund, as the finances call lists them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.amazon.clock import ms_of, text_of
from connectors.sandbox.amazon.errors import invalid
from connectors.sandbox.amazon.item_docs import line_parts
from connectors.sandbox.amazon.kinds import asin_of
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.kit.market.model import line_of

POSTING_SCHEMA = """
create table if not exists posting (
    id integer primary key, sale text not null, kind text not null, posted_ms integer not null, doc text not null);
"""
COMMISSION_PERCENT = 15
LAG_MS = 120_000
WIDEST_MS = 180 * 86_400_000
PAGE = 100
NAMES = {"item-price-adj": "Principal", "item-tax-adj": "Tax", "shipping-price-adj": "Shipping",
         "shipping-tax-adj": "ShippingTax", "gift-wrap-price-adj": "GiftWrap",
         "gift-wrap-tax-adj": "GiftWrapTax"}  # fmt: skip
CHARGES = {"ITEM": "Principal", "SHIPPING": "Shipping", "GIFT_WRAP": "GiftWrap", "COD_FEE": "COD", "TAX": "Tax",
           "DISCOUNT": "Promotion"}  # fmt: skip


def shipped(shop: Shop, sale: Sale, units: Mapping[str, int]) -> None:
    """Post a shipment: what the units bring, less the platform's commission."""
    items = []
    for number, num in units.items():
        line = line_of(sale.doc, number)
        charges = {CHARGES[kind]: _share(cents, num, line) for kind, cents in line_parts(line).items()}
        fee = -(sum(charges.values()) * COMMISSION_PERCENT // 100)
        items.append(_item(line, num, charges, fee))
    _post(shop, sale, "Shipment", items, {"SHIPMENT_ID": f"D{sale.number[-7:]}{len(sale.doc['packages'])}"})


def refunded(shop: Shop, sale: Sale, number: str, parts: Mapping[str, int], units: int) -> None:
    """Post a refund: what goes back to the buyer, with the commission given back."""
    charges = {NAMES.get(name, "Other"): -cents for name, cents in parts.items()}
    fee = sum(parts.values()) * COMMISSION_PERCENT // 100
    refund_id = str(shop.market.storage.next_number("refund", 70_000_000_001))
    _post(shop, sale, "Refund", [_item(line_of(sale.doc, number), units, charges, fee)], {"REFUND_ID": refund_id})


def listed(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """Transactions of a window or of an order, the oldest first."""
    start, where, args = 0, "1", list[Any]()
    order = _related(asked)
    if asked.text("nextToken"):
        start = _position(asked.text("nextToken"))
    if order:
        where, args = "sale = ?", [order]
    if not order or asked.text("postedAfter"):
        since, until = _window(shop, asked)
        where += " and posted_ms >= ? and posted_ms < ?"
        args += [since, until]
    rows = shop.market.storage.rows(f"select * from posting where {where} order by posted_ms, id limit ? offset ?",
                                    (*args, PAGE + 1, start))  # fmt: skip
    told: Doc = {"transactions": [_told(shop, row) for row in rows[:PAGE]]}
    if len(rows) > PAGE:
        told["nextToken"] = base64.urlsafe_b64encode(str(start + PAGE).encode()).decode()
    return 200, {"payload": told}


def _related(asked: Asked) -> str:
    name, value = asked.text("relatedIdentifierName"), asked.text("relatedIdentifierValue")
    if name and name not in ("ORDER_ID", "FINANCIAL_EVENT_GROUP_ID"):
        raise invalid("relatedIdentifierName must be ORDER_ID or FINANCIAL_EVENT_GROUP_ID.")
    if bool(name) != bool(value):
        raise invalid("relatedIdentifierName and relatedIdentifierValue go together.")
    return value if name == "ORDER_ID" else ""


def _window(shop: Shop, asked: Asked) -> tuple[int, int]:
    if not asked.text("postedAfter"):
        raise invalid("postedAfter is required without a related identifier.")
    latest = shop.market.now_ms() - round(float(shop.settings.get("end_lag", LAG_MS / 1000)) * 1000)
    since = ms_of(asked.text("postedAfter"), "postedAfter")
    until = ms_of(asked.text("postedBefore"), "postedBefore") if asked.text("postedBefore") else latest
    if since > latest or until > latest or (asked.text("postedBefore") and until <= since):
        raise invalid("postedAfter and postedBefore must be in order and more than two minutes ago.")
    return (since, until) if until - since <= WIDEST_MS else (since, since)


def _position(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise invalid("nextToken is not valid.") from None


def _share(cents: int, num: int, line: Doc) -> int:
    return int(cents * num // line["num"])


def _item(line: Doc, units: int, charges: Mapping[str, int], fee: int) -> Doc:
    return {"sku": line["sku"]["code"], "asin": asin_of(line["sku"]), "title": line["sku"]["title"], "units": units,
            "charges": dict(charges), "fee": fee}  # fmt: skip


def _post(shop: Shop, sale: Sale, kind: str, items: list[Doc], identifiers: Doc) -> None:
    doc = {"items": items, "identifiers": {"ORDER_ID": sale.number, **identifiers},
           "network": "AFN" if sale.doc["by_platform"] else "MFN"}  # fmt: skip
    shop.market.storage.execute(
        "insert into posting (sale, kind, posted_ms, doc) values (?, ?, ?, ?)",
        (sale.number, kind, shop.market.now_ms(), json.dumps(doc, ensure_ascii=False)),
    )


def _told(shop: Shop, row: Any) -> Doc:
    doc = json.loads(row["doc"])
    items = [_item_told(shop, item, doc["network"]) for item in doc["items"]]
    charges = sum(sum(item["charges"].values()) for item in doc["items"])
    fees = sum(item["fee"] for item in doc["items"])
    place = {"marketplaceId": shop.marketplace, "marketplaceName": shop.marketplace_name}
    names = [
        {"relatedIdentifierName": name, "relatedIdentifierValue": value} for name, value in doc["identifiers"].items()
    ]
    return {
        "sellingPartnerMetadata": {"sellingPartnerId": shop.keys["seller_id"], "accountType": "Standard Orders",
                                   "marketplaceId": shop.marketplace},
        "relatedIdentifiers": names, "transactionType": row["kind"], "transactionId": f"amzn1:txn:{row['id']:012d}",
        "transactionStatus": "RELEASED", "postedDate": text_of(row["posted_ms"]),
        "description": "Order Payment" if row["kind"] == "Shipment" else "Refund Order",
        "totalAmount": _amount(shop, charges + fees), "marketplaceDetails": place, "items": items, "contexts": [],
        "breakdowns": [_breakdown(shop, "Sales", charges), _breakdown(shop, "Expenses", fees)],
    }  # fmt: skip


def _item_told(shop: Shop, item: Doc, network: str) -> Doc:
    total = sum(item["charges"].values())
    charges = {**_breakdown(shop, "ProductCharges", total),
               "breakdowns": [_breakdown(shop, name, cents) for name, cents in item["charges"].items()]}  # fmt: skip
    fees = {**_breakdown(shop, "AmazonFees", item["fee"]), "breakdowns": [_breakdown(shop, "Commission", item["fee"])]}
    context = {"contextType": "ProductContext", "asin": item["asin"], "sku": item["sku"],
               "quantityShipped": item["units"],               "fulfillmentNetwork": network}  # fmt: skip
    return {"description": item["title"], "relatedIdentifiers": [], "totalAmount": _amount(shop, total + item["fee"]),
            "breakdowns": [charges, fees], "contexts": [context]}  # fmt: skip


def _breakdown(shop: Shop, kind: str, cents: int) -> Doc:
    return {"breakdownType": kind, "breakdownAmount": _amount(shop, cents)}


def _amount(shop: Shop, cents: int) -> Doc:
    return {"currencyCode": shop.currency, "currencyAmount": cents if shop.currency == "JPY" else cents / 100}


OPERATIONS = (Operation("listTransactions", "GET", "/finances/2024-06-19/transactions", 0.5, 10, listed),)
