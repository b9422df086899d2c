"""An order as the platform's order calls show it: every value a text, amounts in yuan, times in GMT+8."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.suning import COD, PLATFORM_STORE
from connectors.sandbox.suning.clock import text_of
from connectors.sandbox.suning.people import receiver_fields, user_name
from connectors.sandbox.suning.shop import Shop
from connectors.sandbox.suning.spoil import SPOILERS
from connectors.sandbox.suning.states import line_state, order_state
from connectors.sandbox.traffic import shares, yuan

Doc = dict[str, Any]
#: Ways of paying by their number: the wallet, a gift card, points; coupons of the shop and of the platform, which stand
#: beside what the buyer pays.
WALLET, GIFT_CARD, POINTS = "4148", "5002", "6901"
SHOP_COUPON, PLATFORM_COUPON = "5998", "9994"
INVOICE_TYPES = {"vat": "01", "company": "02", "person": "05"}


def order_document(shop: Shop, sale: Sale, *, with_changes: bool = False) -> Doc:
    """One order; `with_changes` adds the time of change to each line, as only the list by change does."""
    doc = sale.doc
    shown = {**_head(shop, doc), **receiver_fields(doc, masked=_masked(shop)), **_invoice(doc),
             "orderDetail": _lines(shop, doc)}  # fmt: skip
    if with_changes:
        for line in shown["orderDetail"]:
            line["orderLineStatusChangeTime"] = text_of(doc["changed_ms"])
    if sale.spoil:
        SPOILERS[sale.spoil](shown)
    if shop.settings.get("single_as_object"):
        _unwrap(shown)
    return shown


def line_discounts(line: Doc) -> tuple[int, int]:
    """What the seller takes off a line: by promotions on the goods, and by the line's share of the order's coupon."""
    return int(line["price"] * line["num"] - line["total"]), int(line["share"])


def freights(doc: Doc) -> list[int]:
    """The order's freight by line."""
    parts = shares(doc["post_fee"], [line["total"] for line in doc["lines"]])
    parts[0] += doc["post_fee"] - sum(parts)
    return parts


def _masked(shop: Shop) -> bool:
    return bool(shop.settings.get("masked", True))


def _head(shop: Shop, doc: Doc) -> Doc:
    head = {
        "orderCode": doc["number"], "orderTotalStatus": order_state(doc), "orderSaleTime": text_of(doc["created_ms"]),
        "userName": user_name(doc["buyer"]["nick"]), "buyerOrdRemark": doc["message"], "sellerOrdRemark": doc["memo"],
        "colorMarkFlags": str(doc["flag"]) if doc["flag"] else "",
    }  # fmt: skip
    return {**head, "payTime": text_of(doc["paid_ms"])} if shop.settings.get("pay_time", True) else head


def _invoice(doc: Doc) -> Doc:
    asked = doc["invoice"]
    if asked is None:
        return {"invoiceType": "", "invoiceHead": "", "invoice": "", "vatTaxNo": ""}
    kind = INVOICE_TYPES[asked["kind"]]
    return {"invoiceType": kind, "invoiceHead": asked["title"], "invoice": "明细", "vatTaxNo": asked["tax_no"]}


def _lines(shop: Shop, doc: Doc) -> list[Doc]:
    fees = freights(doc)
    weights = [line["total"] - line["share"] for line in doc["lines"]]
    puts_in = [shares(doc[name], weights) for name in ("red_packet", "points")]
    return [
        _line(shop, doc, line, fees[place], tuple(parts[place] for parts in puts_in))
        for place, line in enumerate(doc["lines"])
    ]


def _line(shop: Shop, doc: Doc, line: Doc, freight: int, puts_in: tuple[int, ...]) -> Doc:
    sku, due = line["sku"], line["total"] - line["share"]
    promotion, coupon = line_discounts(line)
    company, waybill = _parcel(shop, doc, line)
    name = " ".join([sku["title"], *(part.partition(":")[2] for part in sku["properties"].split(";") if part)])
    return {
        "orderLineNumber": line["no"], "orderLineStatus": line_state(doc, line), "productCode": sku["sku_id"],
        "itemCode": "" if doc["kind"] == "missing_code" else sku["code"], "productName": name,
        "unitPrice": yuan(line["price"]), "saleNum": f"{line['num']}.0", "payAmount": yuan(due),
        "vouchertotalMoney": yuan(promotion), "coupontotalMoney": yuan(coupon), "transportFee": yuan(freight),
        "returnOrderFlag": "0" if line["refund"] == "none" else "1",
        "invCode": PLATFORM_STORE if doc["by_platform"] else "", "expressno": waybill,
        "expresscompanycode": company, "orderchannel": doc["channel"], **_deposit(doc),
        "paymentList": [*_payments(shop, doc, due + freight, puts_in), *_coupons(line)],
    }  # fmt: skip


def _deposit(doc: Doc) -> Doc:
    if not doc["is_presale"]:
        return {"activitytype": "", "reservestatus": "", "reservedepositamount": "", "reservebalanceamount": ""}
    return {"activitytype": "05", "reservestatus": "1" if doc["paid_ms"] else "0",
            "reservedepositamount": yuan(doc["deposit"]),
            "reservebalanceamount": yuan(doc["payment"] - doc["deposit"])}  # fmt: skip


def _payments(shop: Shop, doc: Doc, due: int, puts_in: tuple[int, ...]) -> list[Doc]:
    """Ways of paying; together they are what the buyer pays for the line and its freight."""
    if doc["is_cod"]:
        code = str(shop.settings.get("cod_code", COD))
        return [{"banktypecode": code, "payamount": yuan(due)}]
    if not doc["paid_ms"]:
        return []
    parts = dict(zip((GIFT_CARD, POINTS), puts_in, strict=True))
    parts = {WALLET: due - sum(puts_in), **{code: amount for code, amount in parts.items() if amount}}
    return [{"banktypecode": code, "payamount": yuan(amount)} for code, amount in parts.items()]


def _coupons(line: Doc) -> list[Doc]:
    """The line's share of coupons, which together are its coupontotalMoney."""
    parts = {SHOP_COUPON: line["share"] - line["platform"], PLATFORM_COUPON: line["platform"]}
    return [{"banktypecode": code, "payamount": yuan(amount)} for code, amount in parts.items() if amount]


def _parcel(shop: Shop, doc: Doc, line: Doc) -> tuple[str, str]:
    if not line["waybills"]:
        return "", ""
    held = [found for found in shop.market.shelves.shipments_of(doc["number"]) if line["no"] in found["oids"]]
    return (held[-1]["company_code"], held[-1]["out_sid"]) if held else ("", line["waybills"][-1])


def _unwrap(shown: Doc) -> None:
    """Lists of one become the one, as a gateway does that makes JSON of XML."""
    lines = shown.get("orderDetail", [])
    for line in lines:
        if len(line["paymentList"]) == 1:
            line["paymentList"] = line["paymentList"][0]
    if len(lines) == 1:
        shown["orderDetail"] = lines[0]
