"""Hand-made Taobao documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

TID = "7300000000000000100"
NAME, PHONE, STREET = "林**", "*******5521", "枫**巷**号"
OAID = "oaid-of-lin-week-10"


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One order of a trade: 2 × 40.00, nothing discounted."""
    oid = int(TID) + number
    line = {
        "oid": oid,
        "oid_str": str(oid),
        "num_iid": 8800000 + number,
        "sku_id": str(9900000 + number),
        "outer_iid": f"CUP{number}",
        "outer_sku_id": f"CUP{number}-RED",
        "title": "陶瓷杯",
        "sku_properties_name": "颜色:红",
        "num": 2,
        "price": "40.00",
        "payment": "80.00",
        "discount_fee": "0.00",
        "adjust_fee": "0.00",
        "divide_order_fee": "80.00",
        "part_mjz_discount": "0.00",
        "status": "WAIT_SELLER_SEND_GOODS",
        "refund_status": "NO_REFUND",
    }
    return line | changes


def a_trade(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A paid trade of the lines given (default: two), its payment the sum of its lines and postage."""
    orders = list(lines) or [a_line(1), a_line(2)]
    post = float(changes.get("post_fee", "0.00"))
    payment = sum(float(line.get("divide_order_fee") or 0) for line in orders) + post
    trade = {
        "tid": int(TID),
        "tid_str": TID,
        "status": "WAIT_SELLER_SEND_GOODS",
        "type": "fixed",
        "created": "2026-03-02 09:00:00",
        "pay_time": "2026-03-02 09:01:00",
        "modified": "2026-03-02 09:30:00",
        "payment": f"{payment:.2f}",
        "post_fee": "0.00",
        "buyer_nick": "林**",
        "buyer_open_uid": "AAHopenUidOfLin",
        "receiver_name": NAME,
        "receiver_mobile": PHONE,
        "receiver_address": STREET,
        "receiver_state": "广东省",
        "receiver_city": "广州市",
        "receiver_district": "天河区",
        "receiver_town": "石牌街道",
        "receiver_zip": "510000",
        "oaid": OAID,
        "seller_flag": 0,
        "orders": {"order": orders},
    }
    return trade | changes


def order_body(trade: dict[str, Any]) -> bytes:
    """A trade as trade.fullinfo.get answers it."""
    return orjson.dumps({"trade_fullinfo_get_response": {"trade": trade, "request_id": "r1"}})


def a_refund(**changes: Any) -> dict[str, Any]:
    """A refund asked before shipment for one line."""
    refund = {
        "refund_id": "5500000000000001",
        "tid": int(TID),
        "oid": int(TID) + 1,
        "status": "WAIT_SELLER_AGREE",
        "good_status": "BUYER_NOT_RECEIVED",
        "has_good_return": False,
        "refund_fee": "80.00",
        "created": "2026-03-02 10:00:00",
        "modified": "2026-03-02 10:05:00",
        "reason": "拍错了",
        "desc": "多拍了一件",
        "num": 2,
        "refund_phase": "onsale",
        "refund_version": 1772416800000,
        "dispute_type": "REFUND",
    }
    return refund | changes


def case_body(refund: dict[str, Any]) -> bytes:
    """A refund as refund.get answers it."""
    return orjson.dumps({"refund_get_response": {"refund": refund, "request_id": "r2"}})


def error_body(code: int, sub_code: str = "", sub_msg: str = "", msg: str = "error") -> bytes:
    """An error as TOP answers it, with HTTP status 200."""
    error: dict[str, Any] = {"code": code, "msg": msg, "request_id": "r3"}
    if sub_code:
        error["sub_code"] = sub_code
    if sub_msg:
        error["sub_msg"] = sub_msg
    return orjson.dumps({"error_response": error})
