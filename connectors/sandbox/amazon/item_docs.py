"""A line of a sale as an order item: product, proceeds, cancellation, what is shipped of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connectors.sandbox.amazon.kinds import asin_of, item_total
from connectors.sandbox.amazon.shop import Shop
from connectors.sandbox.amazon.states import is_cancel_request, is_pending
from connectors.sandbox.kit.market import Case, Sale

Doc = dict[str, Any]


def line_parts(line: Mapping[str, Any]) -> dict[str, int]:
    """A line's proceeds by kind, those that are nought left out; a discount counts negative."""
    goods = line["price"] * line["num"]
    parts = {"ITEM": goods, "SHIPPING": line["shipping"], "GIFT_WRAP": line["wrap"], "COD_FEE": line["cod_fee"],
             "TAX": line["tax"], "DISCOUNT": line["total"] - line["share"] - goods}  # fmt: skip
    return {kind: cents for kind, cents in parts.items() if cents or kind == "ITEM"}


def item_of(shop: Shop, sale: Sale, line: Doc, cases: Sequence[Case], wanted: Collection[str]) -> Doc:
    """The order item of a line, with the data sets of `wanted`."""
    doc = sale.doc
    told: Doc = {
        "orderItemId": line["no"], "quantityOrdered": line["num"], "programs": [],
        "product": {
            "asin": asin_of(line["sku"]), "title": line["sku"]["title"], "sellerSku": line["sku"]["code"],
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": ""},
        },
    }  # fmt: skip
    if not is_pending(doc):
        told["product"]["price"] = _price(shop, doc, line)
        told |= _money(shop, doc, line, wanted)
    if "CANCELLATION" in wanted and (cancellation := _cancellation(line, cases)):
        told["cancellation"] = cancellation
    if "FULFILLMENT" in wanted:
        told["fulfillment"] = _fulfillment(doc, line)
    return told


def _price(shop: Shop, doc: Doc, line: Doc) -> Doc:
    told: Doc = {"unitPrice": shop.money(line["price"])}
    if doc["kind"] == "business":
        told["priceDesignation"] = "BUSINESS_PRICE"
    return told


def _money(shop: Shop, doc: Doc, line: Doc, wanted: Collection[str]) -> Doc:
    told: Doc = {}
    parts = line_parts(line)
    if "PROCEEDS" in wanted:
        told["proceeds"] = {
            "proceedsTotal": shop.money(item_total(line)),
            "breakdowns": [_breakdown(shop, kind, cents) for kind, cents in parts.items()],
        }
    if "PROMOTION" in wanted and "DISCOUNT" in parts:
        told["promotion"] = {"breakdowns": [{"promotionId": f"PROMO-{doc['number'][-7:]}"}]}
    if "EXPENSE" in wanted and doc["points"] and line is doc["lines"][0]:
        granted = {"pointsNumber": doc["points"], "pointsMonetaryValue": shop.money(doc["points"])}
        told["expense"] = {"pointsCost": {"pointsGranted": granted}}
    if "TAX" in wanted and doc["kind"] == "facilitator":
        told["tax"] = {
            "taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon Services, Inc."}]
        }
    return told


def _breakdown(shop: Shop, kind: str, cents: int) -> Doc:
    told: Doc = {"type": kind, "subtotal": shop.money(cents)}
    if kind in ("TAX", "DISCOUNT"):
        told["detailedBreakdowns"] = [{"subtype": "ITEM", "value": shop.money(cents)}]
    return told


def _cancellation(line: Doc, cases: Sequence[Case]) -> Doc:
    told: Doc = {}
    for case in cases:
        if is_cancel_request(case) and case.doc["state"] == "asked" and case.doc["lines"][0]["no"] == line["no"]:
            told["cancellationRequest"] = {"requester": "BUYER", "cancelReason": case.doc["reason"]}
    if line["cancelled_num"]:
        told["cancellationExecution"] = {
            "cancelledBy": line.get("cancelled_by") or "BUYER",
            "cancelReason": line.get("cancel_reason") or "Buyer requested cancellation",
        }
    return told


def _fulfillment(doc: Doc, line: Doc) -> Doc:
    told: Doc = {
        "quantityFulfilled": line["shipped_num"],
        "quantityUnfulfilled": line["num"] - line["shipped_num"] - line["cancelled_num"],
    }
    if line["wrap"]:
        told["packing"] = {"giftOption": {"giftMessage": "生日快乐", "giftWrapLevel": "PREMIUM"}}
    if doc["is_cod"]:
        told["shipping"] = {"shippingConstraints": {"cashOnDelivery": "MANDATORY"}}
    return told
