"""Hand-made Suning documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

ORDER = "30000000077"
NAME, PHONE, STREET = "梁**", "139****7788", "梧**路**号"


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One line: 2 × 40.00, nothing discounted, no freight."""
    line = {
        "orderLineNumber": f"{ORDER}0{number}",
        "orderLineStatus": "10",
        "productCode": f"18000000{number}",
        "itemCode": f"CUP{number}-RED",
        "productName": "陶瓷杯",
        "unitPrice": "40.00",
        "saleNum": "2.0",
        "payAmount": "80.00",
        "coupontotalMoney": "0.00",
        "transportFee": "0.00",
        "returnOrderFlag": "0",
        "invCode": "",
        "expressno": "",
        "expresscompanycode": "",
        "paymentList": [{"banktypecode": "7901", "payamount": "80.00"}],
    }
    return line | changes


def an_order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A paid order of the lines given (default: two)."""
    order = {
        "orderCode": ORDER,
        "orderTotalStatus": "10",
        "orderSaleTime": "2026-03-02 09:00:00",
        "payTime": "2026-03-02 09:01:00",
        "userName": "sn***77",
        "customerName": NAME,
        "customerAddress": f"广东省广州市天河区{STREET}",
        "provinceName": "广东省",
        "cityName": "广州市",
        "districtName": "天河区",
        "mobNum": PHONE,
        "buyerOrdRemark": "",
        "sellerOrdRemark": "",
        "invoiceType": "02",
        "invoiceHead": "",
        "orderDetail": list(lines) or [a_line(1), a_line(2)],
    }
    return order | changes


def a_return(**changes: Any) -> dict[str, Any]:
    """A row of the list of returns: money asked back for one line."""
    row = {
        "orderCode": ORDER,
        "orderLineNumber": f"{ORDER}01",
        "productCode": "180000001",
        "productName": "陶瓷杯",
        "returnMoney": "80.00",
        "dealMoney": "80.00",
        "applyTime": "2026-03-02 10:00:00",
        "statusDesc": "退款待处理",
        "returnReason": "拍错了",
    }
    return row | changes


def order_body(order: dict[str, Any]) -> bytes:
    """An order as it is stored."""
    return orjson.dumps({"orderGet": order})


def case_body(row: dict[str, Any]) -> bytes:
    """A return as it is stored."""
    return orjson.dumps({"batchQueryRejected": row})


def answer(root: str, content: Any, **head: str) -> bytes:
    """An answer with `content` under its root, and a head where the call has one."""
    inner: dict[str, Any] = {"sn_body": {root: content}}
    if head:
        inner["sn_head"] = {"returnMessage": "biz.handler.data-get:success", **head}
    return orjson.dumps({"sn_responseContent": inner})


def error_body(code: str, words: str = "出错了") -> bytes:
    """An error as SOP answers it, with HTTP status 200."""
    return orjson.dumps({"sn_responseContent": {"sn_error": {"error_code": code, "error_msg": words}}})
