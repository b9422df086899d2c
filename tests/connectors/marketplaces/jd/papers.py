"""Hand-made JD documents with defaults: a test names only what it is about."""

from __future__ import annotations

from typing import Any

import orjson

ORDER_NO = "310000000077"
CIPHERS = {
    "fullname": "ENC-name-of-wu",
    "mobile": "ENC-mobile-of-wu",
    "telephone": "ENC-tel-of-wu",
    "fullAddress": "ENC-street-of-wu",
}
NAME, PHONE, STREET = "吴小舟", "13900008888", "云栖巷七号"
EASY_INVOICE = {"invoiceType": "3", "invoiceTitle": "个人", "invoiceContentId": "1", "invoiceCode": ""}
NO_TIME = "0001-01-01 00:00:00"


def an_item(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One line of an order: 2 × 60.00."""
    item = {
        "skuId": str(55000 + number),
        "outerSkuId": f"LAMP{number}",
        "wareId": str(44000 + number),
        "skuName": "台灯 白色",
        "jdPrice": "60.00",
        "itemTotal": "2",
        "giftPoint": "0",
    }
    return item | changes


def a_coupon(kind: str, price: str, sku: str = "") -> dict[str, Any]:
    """One discount of an order."""
    return {"orderId": ORDER_NO, "skuId": sku, "couponType": kind, "couponPrice": price}


def an_order(*items: dict[str, Any], coupons: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """A paid order of the items given (default: one), which costs what they add up to."""
    lines = list(items) or [an_item()]
    goods = sum(float(item["jdPrice"] or 0) * int(item["itemTotal"] or 0) for item in lines)
    off = sum(float(coupon["couponPrice"]) for coupon in coupons)
    freight = float(changes.get("freightPrice", "0.00"))
    order = {
        "orderId": ORDER_NO,
        "venderId": "7001",
        "orderType": "22",
        "payType": "4-在线支付",
        "orderTotalPrice": f"{goods:.2f}",
        "shouldPay": f"{goods - off + freight:.2f}",
        "freightPrice": "0.00",
        "balanceUsed": "0.00",
        "orderState": "WAIT_SELLER_STOCK_OUT",
        "orderStartTime": "2026-03-02 09:00:00",
        "paymentConfirmTime": "2026-03-02 09:01:00",
        "modified": "2026-03-02 09:30:00",
        "orderEndTime": NO_TIME,
        "orderRemark": "请轻放",
        "venderRemark": "",
        "invoiceInfo": "不需要开具发票",
        "consigneeInfo": {**CIPHERS, "province": "浙江", "city": "杭州市", "county": "西湖区", "town": "灵隐街道"},
        "itemInfoList": lines,
        "couponDetailList": list(coupons),
        "pin": "jd_w***u",
        "open_id_buyer": "oOpenWu",
        "returnOrder": "0",
        "waybill": "",
        "logisticsId": "",
        "storeOrder": "",
        "scDT": "2026-03-04 09:01:00",
    }
    return order | changes


def order_body(order: dict[str, Any], *, encrypted: bool = True) -> bytes:
    """An order as the connector cuts it out of an answer."""
    return orjson.dumps({"encrypted": encrypted, "orderInfo": order})


def plain_person() -> dict[str, str]:
    """A receiver as the calls without encryption give it."""
    person = {"fullname": NAME, "mobile": PHONE, "telephone": "", "fullAddress": STREET}
    return {**person, "province": "浙江", "city": "杭州市", "county": "西湖区", "town": ""}


def detail_answer(order: dict[str, Any]) -> dict[str, Any]:
    """The inner object of the detail call's answer."""
    return {"code": "0", "orderDetailInfo": {"apiResult": {"success": True, "numberCode": 0}, "orderInfo": order}}


def list_answer(total: int, *orders: dict[str, Any]) -> dict[str, Any]:
    """The inner object of a list call's answer."""
    result = {"apiResult": {"success": "true"}, "orderTotal": total, "orderInfoList": list(orders)}
    return {"code": "0", "searchorderinfo_result": result}


def an_apply(**changes: Any) -> dict[str, Any]:
    """A refund asked before shipment; its sum is in fen."""
    apply = {
        "id": 8100001,
        "orderId": ORDER_NO,
        "buyerId": "jd_w***u",
        "buyerName": "吴**",
        "applyTime": "2026-03-02 10:00:00",
        "applyRefundSum": 12000,
        "status": 0,
        "checkTime": "",
        "reason": "买多了",
    }
    return apply | changes


def a_service(**changes: Any) -> dict[str, Any]:
    """A return after shipment, waiting for the seller's word."""
    service = {
        "applyId": 9100000,
        "serviceId": 9100001,
        "orderId": int(ORDER_NO),
        "applyTime": "2026-03-02 10:00:00",
        "customerExpect": 10,
        "customerExpectName": "退货",
        "serviceStatus": 10001,
        "customerName": "吴**",
        "actualPayPrice": 120.5,
        "skuId": 55001,
        "wareId": 44001,
        "serviceCount": 2,
        "approveResult": None,
        "processResult": None,
        "questionDesc": "灯不亮",
    }
    return service | changes


def case_body(case: dict[str, Any]) -> bytes:
    """A case as the connector cuts it out of an answer."""
    return orjson.dumps({"serviceOrder" if "serviceId" in case else "refundApply": case})


def error_body(code: str, words: str = "error") -> bytes:
    """An error of the gateway, with HTTP status 200."""
    return orjson.dumps({"error_response": {"code": code, "zh_desc": words, "en_desc": "error"}})


def answer_body(method: str, inner: dict[str, Any]) -> bytes:
    """A whole answer, its root in the platform's spelling."""
    return orjson.dumps({method.replace(".", "_") + "_responce": inner})
