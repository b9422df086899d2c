"""An order's lines with their discounts, taxes and counts, and its shipping line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market.model import line_paid, open_num
from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.money import bag, money
from connectors.sandbox.shopify.ids import child, gid
from connectors.sandbox.shopify.shop import Shop

Doc = dict[str, Any]
Order = Mapping[str, Any]
SHIPPING_TITLE = "标准配送"


def discounts(doc: Order) -> list[Doc]:
    """The order's discount applications by index: what was off single lines, then the code on all of them."""
    found: list[Doc] = []
    cut = sum(_own_cut(gross) for gross, _ in books.gross_lines(doc))
    if cut:
        found.append(_application(0, "AutomaticDiscountApplication", "ENTITLED", money(cut, doc["currency"]),
                                  title="店铺满减"))  # fmt: skip
    if doc["coupon"]:
        worth = {"__typename": "MoneyV2", **money(doc["coupon"], doc["currency"])}
        found.append(_application(len(found), "DiscountCodeApplication", "ALL", worth, code="WELCOME"))
    return found


def _application(index: int, kind: str, selection: str, value: Doc, **named: str) -> Doc:
    return {"__typename": kind, "index": index, "targetType": "LINE_ITEM", "targetSelection": selection,
            "allocationMethod": "ACROSS", "value": {"__typename": "MoneyV2", **value}, **named}  # fmt: skip


def _own_cut(line: Doc) -> int:
    return int(line["discount"] - line["adjust"])


def allocations(doc: Order, line: Doc) -> list[Doc]:
    """What each discount application takes off a line."""
    found = []
    for one in discounts(doc):
        cut = _own_cut(line) if one["__typename"].startswith("Automatic") else line["share"]
        if cut:
            found.append({"allocatedAmountSet": bag(doc, cut), "discountApplication": one})
    return found


def tax_lines(doc: Order, cents: int) -> list[Doc]:
    """The tax on an amount as the platform tells it; none when there is none."""
    tax = books.tax_on(doc, cents)
    if not tax:
        return []
    rate = float(doc["tax_rate"])
    return [{"title": doc["tax_title"], "rate": rate, "ratePercentage": rate * 100, "priceSet": bag(doc, tax),
             "channelLiable": bool(doc["channel_liable"]), "source": "shopify"}]  # fmt: skip


def line_item(shop: Shop, doc: Order, gross: Doc, now: Doc | None) -> Doc:
    """A LineItem; counts follow what is left of it, amounts stay those of its largest quantity."""
    sku, num = gross["sku"], gross["num"]
    known = sku["kind"] != "unknown" and doc["kind"] != "unknown_sku"
    title = goods.variant_title(sku)
    current = books.current_units(doc, now)
    waiting = open_num(now) if now is not None else 0
    counts = {"quantity": num, "currentQuantity": current, "refundableQuantity": current,
              "unfulfilledQuantity": waiting, "nonFulfillableQuantity": 0}  # fmt: skip
    return {
        "__typename": "LineItem", "id": gid("LineItem", gross["no"]), "sku": sku["code"], "title": sku["title"],
        "name": sku["title"] if title == "Default Title" else f"{sku['title']} - {title}", "vendor": "示例品牌",
        "variantTitle": None if title == "Default Title" else title, **counts, "requiresShipping": True,
        "taxable": True, "isGiftCard": False, "merchantEditable": True, "restockable": True,
        "variant": (lambda args: goods.variant(shop, sku)) if known else None,
        "product": (lambda args: goods.product(shop, sku)) if known else None,
        "taxLines": lambda args: tax_lines(doc, line_paid(gross)), "duties": [], "lineItemGroup": None,
        "discountAllocations": lambda args: allocations(doc, gross),
        "customAttributes": [{"key": "gift", "value": "true"}] if gross["gift"] else [],
        **_amounts(doc, gross, waiting),
    }  # fmt: skip


def _amounts(doc: Order, gross: Doc, waiting: int) -> Doc:
    num, full, own = gross["num"], gross["price"] * gross["num"], _own_cut(gross)

    def discounted(args: Mapping[str, Any]) -> Doc:
        # Codes on the whole order count only when they are asked for.
        return bag(doc, full - own - (gross["share"] if args.get("withCodeDiscounts") else 0))

    return {
        "originalUnitPriceSet": bag(doc, gross["price"]), "originalTotalSet": bag(doc, full),
        "discountedTotalSet": discounted, "discountedUnitPriceSet": bag(doc, (full - own) // num),
        "discountedUnitPriceAfterAllDiscountsSet": bag(doc, line_paid(gross) // num),
        "totalDiscountSet": bag(doc, own), "unfulfilledOriginalTotalSet": bag(doc, gross["price"] * waiting),
        "unfulfilledDiscountedTotalSet": bag(doc, (full - own) * waiting // num),
    }  # fmt: skip


def shipping_line(doc: Order) -> Doc:
    """The order's one ShippingLine."""
    fee = int(doc["post_fee"])
    code = "PICKUP" if doc["kind"] == "pickup" else "STD"
    return {
        "id": gid("ShippingLine", child("ShippingLine", doc["number"])), "code": code, "title": SHIPPING_TITLE,
        "carrierIdentifier": None, "source": "shopify", "custom": False, "isRemoved": False, "phone": None,
        "originalPriceSet": bag(doc, fee), "discountedPriceSet": bag(doc, fee), "deliveryCategory": None,
        "currentDiscountedPriceSet": bag(doc, fee), "discountAllocations": [],
        "taxLines": lambda args: tax_lines(doc, fee),
    }  # fmt: skip
