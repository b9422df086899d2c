"""An order as JD's order calls show it: every value a text, receivers in cipher or in clear."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from connectors.sandbox.jd.clock import text_of
from connectors.sandbox.jd.shop import Shop
from connectors.sandbox.jd.spoil import SPOILERS
from connectors.sandbox.jd.states import REMARKS, order_state
from connectors.sandbox.jd.tde import masked_pin
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.traffic import yuan

Doc = dict[str, Any]


def order_document(shop: Shop, sale: Sale, fields: Collection[str], *, encrypted: bool) -> Doc:
    """The fields asked for of one order; `orderId` always."""
    doc = sale.doc
    whole = {
        **_head(shop, doc), **_amounts(doc), **_times(doc), **_invoice(shop, doc, encrypted), **_buyer(doc),
        **_delivery(shop, doc), "consigneeInfo": consignee(shop, doc, encrypted=encrypted),
        "itemInfoList": [_item(doc, line) for line in doc["lines"]], "couponDetailList": coupons(shop, doc),
    }  # fmt: skip
    if sale.spoil:
        SPOILERS[sale.spoil](whole)
    shown = {name: value for name, value in whole.items() if name == "orderId" or name in fields}
    return shown if not shop.settings.get("plain_codes") else _plain_codes(shown)


def platform_pays(doc: Doc) -> int:
    """What JD puts in: its coupons, red packets or gift cards, and points."""
    return int(doc["platform_subsidy"] + doc["red_packet"] + doc["points"])


def buyer_pays(doc: Doc) -> int:
    """What the buyer pays; the seller receives what JD puts in besides."""
    return int(doc["payment"]) - platform_pays(doc)


def line_discount(line: Doc) -> int:
    """What the seller takes off a line beside the order's coupon."""
    return int(line["price"] * line["num"] - line["total"])


def coupons(shop: Shop, doc: Doc) -> list[Doc]:
    """The discounts: of the seller on a line (with its SKU) and on the order, of JD on the order."""
    found = [_coupon(doc, "30-单品促销优惠", line_discount(line), line["sku"]["sku_id"]) for line in doc["lines"]]
    found.append(_coupon(doc, doc["coupon_type"], doc["coupon"]))
    found.append(_coupon(doc, "41-京东券优惠", doc["platform_subsidy"]))
    found.append(_coupon(doc, "52-礼品卡优惠" if doc["gift_card"] else "34-手机红包", doc["red_packet"]))
    found.append(_coupon(doc, "39-京豆优惠", doc["points"]))
    return [coupon for coupon in found if coupon["couponPrice"] != "0.00"]


def consignee(shop: Shop, doc: Doc, *, encrypted: bool) -> Doc:
    """The receiver; the encrypted calls leave only the places readable."""
    receiver = doc["receiver"]
    places = [receiver["state"].removesuffix("省"), receiver["city"], receiver["district"], receiver["town"]]
    clear = {
        "fullname": receiver["name"], "telephone": receiver["phone"] or receiver["mobile"],
        "mobile": receiver["mobile"], "fullAddress": "".join(places) + receiver["address"],
    }  # fmt: skip
    shown = {name: shop.keys.encrypt(text, doc["number"]) for name, text in clear.items()} if encrypted else clear
    code = receiver["division_code"]
    ids = {"provinceId": code[:2], "cityId": code[:4], "countyId": code, "townId": f"{code}001"}
    return {**shown, **dict(zip(("province", "city", "county", "town"), places, strict=True)), **ids}


def _head(shop: Shop, doc: Doc) -> Doc:
    state = order_state(doc)
    return {
        "orderId": doc["number"], "venderId": shop.vender_id, "storeId": "0", "orderType": doc["order_type"],
        "payType": doc["pay_type"], "orderState": state, "orderStateRemark": REMARKS[state],
        "orderSource": doc["source"], "returnOrder": doc["return_order"], "parentOrderId": doc["parent"],
        "directParentOrderId": doc["parent"], "storeOrder": doc["store_order"],
        "idSopShipmenttype": doc["shipment_type"], "orderMarkDesc": "预售订单" if doc["is_presale"] else "",
        "orderRemark": doc["message"], "venderRemark": doc["memo"], "menDianId": "", "customs": "",
    }  # fmt: skip


def _amounts(doc: Doc) -> Doc:
    total = sum(line["price"] * line["num"] for line in doc["lines"])
    seller = sum(line_discount(line) for line in doc["lines"]) + doc["coupon"]
    due = buyer_pays(doc)
    amounts = {
        "orderTotalPrice": total, "orderSellerPrice": total - seller, "sellerDiscount": seller, "orderPayment": due,
        "freightPrice": doc["post_fee"], "shouldPay": due, "actualPay": due if doc["paid_ms"] else 0,
        "totalOriginalPrice": total, "totalSellerReceivable": doc["payment"], "totalSellerDiscount": seller,
        "payDiscount": 0, "balanceUsed": 0, "taxFee": 0, "serviceFee": 0,
    }  # fmt: skip
    return {name: yuan(amount) for name, amount in amounts.items()}


def _times(doc: Doc) -> Doc:
    return {
        "orderStartTime": text_of(doc["created_ms"]), "modified": text_of(doc["changed_ms"]),
        "paymentConfirmTime": text_of(doc["paid_ms"]), "orderEndTime": text_of(doc["ended_ms"]),
        "scDT": text_of(doc["ship_by_ms"]),
    }  # fmt: skip


def _buyer(doc: Doc) -> Doc:
    digest = hashlib.sha256(doc["buyer"]["id"].encode()).hexdigest()
    pin = masked_pin(doc["buyer"]["nick"])
    return {"pin": pin, "realPin": pin, "open_id_buyer": f"oJD{digest[:26]}", "xid_buyer": f"o*{digest[26:56]}"}


def _delivery(shop: Shop, doc: Doc) -> Doc:
    shipments = shop.market.shelves.shipments_of(doc["number"])
    last = shipments[-1] if shipments else {"company_code": "", "out_sid": ""}
    kind = "上门自提" if doc["shipment_type"] == "69" else "工作日、双休日与假日均可送货"
    return {"deliveryType": kind, "logisticsId": last["company_code"], "waybill": last["out_sid"]}


def _item(doc: Doc, line: Doc) -> Doc:
    sku = line["sku"]
    name = " ".join([sku["title"], *(part.partition(":")[2] for part in sku["properties"].split(";") if part)])
    return {
        "skuId": sku["sku_id"], "outerSkuId": "" if doc["kind"] == "missing_code" else sku["code"],
        "wareId": str(sku["num_iid"]), "skuName": name, "jdPrice": yuan(line["price"]), "itemTotal": str(line["num"]),
        "giftPoint": "0", "productNo": sku["outer_iid"], "serviceName": "", "newStoreId": "0",
    }  # fmt: skip


def _coupon(doc: Doc, kind: str, amount: int, sku_id: str = "") -> Doc:
    return {"orderId": doc["number"], "skuId": sku_id, "couponType": kind, "couponPrice": yuan(amount)}


def _invoice(shop: Shop, doc: Doc, encrypted: bool) -> Doc:
    asked = doc["invoice"]
    if asked is None:
        easy = {"invoiceType": "0", "invoiceTitle": "", "invoiceContentId": "", "invoiceConsigneeEmail": "",
                "invoiceConsigneePhone": "", "invoiceCode": ""}  # fmt: skip
        return {"invoiceInfo": "不需要开具发票", "invoiceCode": "", "invoiceEasyInfo": easy, "vatInfo": {}}
    is_vat, phone = asked["kind"] == "vat", doc["receiver"]["mobile"]
    code = "" if asked["kind"] == "person" else asked["tax_no"]
    easy = {"invoiceType": "2" if is_vat else "3", "invoiceTitle": asked["title"], "invoiceContentId": "1",
            "invoiceConsigneeEmail": "", "invoiceCode": code,
            "invoiceConsigneePhone": shop.keys.encrypt(phone, doc["number"]) if encrypted else phone}  # fmt: skip
    vat = {"vatNo": code, "addressRegIstered": "星河路1号", "phoneRegIstered": "0571-00000000",
           "depositBank": "示例银行", "bankAccount": "6200000000000000"} if is_vat else {}  # fmt: skip
    words = f"发票类型:{'增值税发票' if is_vat else '电子发票'};发票抬头:{asked['title']};发票内容:商品明细;"
    return {"invoiceInfo": words, "invoiceCode": code, "invoiceEasyInfo": easy, "vatInfo": vat}


def _plain_codes(shown: Doc) -> Doc:
    """Codes without their words, as some answers of JD have them."""
    if "payType" in shown:
        shown["payType"] = shown["payType"].partition("-")[0]
    for coupon in shown.get("couponDetailList", ()):
        coupon["couponType"] = coupon["couponType"].partition("-")[0]
    return shown
