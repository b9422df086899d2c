"""Cases as the list shows them (texts of yuan) and as the detail does (whole fen, times in milliseconds)."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.pinduoduo.clock import text_of
from connectors.sandbox.pinduoduo.sealing import ADDRESS, NAME, PHONE, clear_texts, mask, seal
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.states import EXCHANGE, PAYING, case_status, type_of
from connectors.sandbox.traffic import yuan

Doc = dict[str, Any]
BUYER, MERCHANT, PLATFORM = 1, 2, 3
CARRIER_NAMES = {"ZTO": "中通快递"}


def list_item(shop: Shop, case: Case) -> Doc:
    """A row of the list: amounts are texts of yuan, the number of goods is a text."""
    doc, sale = case.doc, shop.market.find_sale(case.doc["order"])
    line = _line(sale, case)
    return {
        "id": int(case.number), **_heads(shop, case), "after_sale_reason": doc["reason"],
        "created_time": text_of(doc["created_ms"]), "updated_time": text_of(doc["changed_ms"]),
        "confirm_time": text_of(sale.doc["confirmed_ms"]), "order_amount": yuan(sale.doc["payment"]),
        "refund_amount": yuan(doc["amount"]), "discount_amount": yuan(line["discount"] + line["share"]),
        "goods_id": line["sku"]["num_iid"], "sku_id": line["sku"]["sku_id"], "outer_id": line["sku"]["code"],
        "outer_goods_id": line["sku"]["outer_iid"], "goods_name": line["sku"]["title"],
        "good_image": "https://img.example.invalid/a.jpg", "goods_number": str(doc["lines"][0]["num"]),
        "goods_price": yuan(line["price"]), "shipping_name": CARRIER_NAMES.get(doc["return_carrier"], ""),
        "tracking_number": doc["return_waybill"],
    }  # fmt: skip


def detail(shop: Shop, case: Case) -> Doc:
    """The flat answer of the detail: amounts are whole fen."""
    doc, sale = case.doc, shop.market.find_sale(case.doc["order"])
    line = _line(sale, case)
    return {
        "id": int(case.number), **_heads(shop, case), "after_sales_reason": doc["reason"], "remark": doc["words"],
        "images": doc["evidence"], "goods_number": doc["lines"][0]["num"], "goods_price": line["price"],
        "order_amount": sale.doc["payment"], "refund_amount": doc["amount"],
        "discount_amount": line["discount"] + line["share"], "goods_id": line["sku"]["num_iid"],
        "goods_name": line["sku"]["title"], "sku_id": line["sku"]["sku_id"], "outer_id": line["sku"]["code"],
        "shipping_status": int(bool(doc["return_waybill"])), "express_no": doc["return_waybill"],
        "shipping_name": CARRIER_NAMES.get(doc["return_carrier"], ""), "join_or_not": "0",
        "expire_time": doc["respond_by_ms"], "confirm_time": sale.doc["confirmed_ms"] or None,
        "recreated_at": doc["created_ms"], "updated_time": text_of(doc["changed_ms"]),
        "exchange_shipping_detail": _exchange(shop, sale, case),
    }  # fmt: skip


def _heads(shop: Shop, case: Case) -> Doc:
    """What the list and the detail tell alike."""
    doc = case.doc
    status = case_status(case, returned_as=int(shop.settings.get("returned_as", 7)))
    return {
        "order_sn": doc["order"], "after_sales_type": type_of(case), "after_sales_status": status,
        "speed_refund_flag": int(is_speedy(case)), "speed_refund_status": _speed(case),
        "dispute_refund_status": int(status == 8), "refund_operator_role": _operator(case, status),
        "user_shipping_status": "2" if doc["line_shipped_when_asked"] else "1",
    }  # fmt: skip


def is_speedy(case: Case) -> bool:
    """Whether the platform would pay as soon as the seller confirms that nothing will be shipped."""
    return type_of(case) == 1 and not case.doc["line_shipped_when_asked"]


def _speed(case: Case) -> str:
    if not is_speedy(case):
        return ""
    if any(report["what"] == "not_stopped" for report in case.doc["reports"]):
        return "2"
    return "3" if case.doc["state"] == "succeeded" else "1"


def _operator(case: Case, status: int) -> int:
    if status in (8, 9, *PAYING[1:]):
        return PLATFORM
    return MERCHANT if case.doc["reports"] else BUYER


def _line(sale: Sale, case: Case) -> Doc:
    """The line that the case is about; one that was taken off the order since is told by the first."""
    number = case.doc["lines"][0]["no"]
    return next((line for line in sale.lines if line["no"] == number), sale.lines[0])


def _exchange(shop: Shop, sale: Sale, case: Case) -> Doc | None:
    if type_of(case) < EXCHANGE:
        return None
    doc, clear = case.doc, clear_texts(sale.doc["receiver"])
    sent = doc.get("sent", {})
    name, phone, address = (seal(sale.number, kind, clear[kind]) for kind in (NAME, PHONE, ADDRESS))
    return {
        "sku_id_exchange": _line(sale, case)["sku"]["sku_id"], "exchange_goods_number": doc["lines"][0]["num"],
        "customer_send_back_ship_id": 115 if doc["return_waybill"] else None,
        "customer_send_back_trunk_number": doc["return_waybill"],
        "merchant_exchange_ship_id": sent.get("shipping_id"),
        "merchant_exchange_trunk_number": sent.get("tracking_number", ""),
        "merchant_exchange_detail_receiver": name, "merchant_exchange_detail_phone": phone,
        "merchant_exchange_detail_address": address,
        "merchant_exchange_detail_receiver_mask": mask(NAME, clear[NAME]),
        "merchant_exchange_detail_phone_mask": mask(PHONE, clear[PHONE]),
        "merchant_exchange_detail_address_mask": mask(ADDRESS, clear[ADDRESS]),
        "exchange_receiver_province": sale.doc["receiver"]["state"],
        "exchange_receiver_city": sale.doc["receiver"]["city"],
        "exchange_receiver_town": sale.doc["receiver"]["district"],
    }  # fmt: skip
