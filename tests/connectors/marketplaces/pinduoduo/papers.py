"""Hand-made Pinduoduo documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

SN = "260302-100000000000001"
CASE = 77000000001
CASE_NO = f"{CASE}@{SN}"
NAME, PHONE, STREET = "林**", "159****5521", "枫**巷**号"
CIPHERS = {"receiver_name": "~cipher-of-lin~0~", "receiver_phone": "$cipher-phone$0$", "receiver_address": "~street~1~"}


def an_item(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One item of an order: 2 × 40.00."""
    item = {
        "goods_id": 8800000 + number,
        "sku_id": 9900000 + number,
        "outer_id": f"CUP{number}-RED",
        "outer_goods_id": f"CUP{number}",
        "goods_name": "陶瓷杯",
        "goods_spec": "红",
        "goods_price": 40.0,
        "goods_count": 2,
    }
    return item | changes


def an_order(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A paid order of the items given (default: one), nothing discounted, its payment what the parts add up to."""
    order = {
        "order_sn": SN,
        "order_status": 1,
        "refund_status": 1,
        "after_sales_status": 0,
        "confirm_status": 1,
        "group_status": 1,
        "risk_control_status": 0,
        "trade_type": 0,
        "is_lucky_flag": 1,
        "created_time": "2026-03-02 09:00:00",
        "pay_time": "2026-03-02 09:01:00",
        "confirm_time": "2026-03-02 09:01:01",
        "updated_at": "2026-03-02 09:30:00",
        "last_ship_time": "2026-03-04 09:01:01",
        "shipping_time": "",
        "platform_discount": 0.0,
        "seller_discount": 0.0,
        "capital_free_discount": 0.0,
        "order_change_amount": 0.0,
        "postage": 0.0,
        "pay_no": "XP0001",
        "pay_type": "WEIXIN",
        "province": "广东省",
        "city": "广州市",
        "town": "天河区",
        "receiver_name_mask": NAME,
        "receiver_phone_mask": PHONE,
        "receiver_address_mask": STREET,
        "open_address_id": "place-1",
        "buyer_memo": "",
        "remark": "",
        "remark_tag": None,
        "logistics_id": 0,
        "tracking_number": "",
        "item_list": list(items) or [an_item()],
        "gift_list": [],
        **CIPHERS,
    }
    order |= changes
    discounts = ("platform_discount", "seller_discount", "capital_free_discount")
    goods = sum(item["goods_price"] * item["goods_count"] for item in order["item_list"])
    order.setdefault("discount_amount", round(sum(order[name] for name in discounts), 2))
    order.setdefault("goods_amount", round(goods - order["order_change_amount"], 2))
    due = order["goods_amount"] - order["discount_amount"] + order["postage"]
    order.setdefault("pay_amount", round(due, 2))
    return order


def order_body(order: dict[str, Any]) -> bytes:
    """An order as order.information.get answers it."""
    return orjson.dumps({"order_info_get_response": {"order_info": order, "request_id": "r1"}})


def a_case(**changes: Any) -> dict[str, Any]:
    """A refund asked before shipment, as refund.information.get tells it: without a root, amounts in fen."""
    case = {
        "id": CASE,
        "order_sn": SN,
        "after_sales_type": 1,
        "after_sales_status": 2,
        "after_sales_reason": "拍错了",
        "remark": "多拍了一件",
        "images": ["https://img.example.invalid/1.jpg"],
        "goods_number": 2,
        "goods_price": 4000,
        "order_amount": 8000,
        "refund_amount": 8000,
        "sku_id": "9900001",
        "shipping_status": 0,
        "user_shipping_status": "1",
        "shipping_name": "",
        "express_no": "",
        "expire_time": 1772510400000,
        "recreated_at": 1772416800000,
        "updated_time": "2026-03-02 10:05:00",
        "request_id": "r2",
    }
    return case | changes


def a_row(**changes: Any) -> dict[str, Any]:
    """The same case as a row of the list: amounts are texts in yuan."""
    row = {
        "id": CASE,
        "order_sn": SN,
        "after_sales_type": 1,
        "after_sales_status": 2,
        "after_sale_reason": "拍错了",
        "created_time": "2026-03-02 10:00:00",
        "updated_time": "2026-03-02 10:05:00",
        "refund_amount": "80.00",
        "goods_number": "2",
        "sku_id": "9900001",
        "user_shipping_status": "1",
        "tracking_number": "",
    }
    return row | changes


def error_body(code: int, words: str = "no", sub_words: str = "") -> bytes:
    """An error as POP answers it, with HTTP status 200."""
    error = {"error_msg": words, "sub_msg": sub_words, "sub_code": None, "error_code": code, "request_id": "r3"}
    return orjson.dumps({"error_response": error})
