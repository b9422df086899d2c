"""The platform's numbers for the states of orders, their lines and after-sale cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.kit.market import Case

Doc = dict[str, Any]

UNPAID, PENDING, TO_SHIP, PART_SHIPPED, SHIPPED, CANCELLED, DONE = 1, 105, 2, 101, 3, 4, 5
PART_PAID, BACK_BEFORE_SHIPPING, BACK_AFTER_SHIPPING, BACK_AFTER_RECEIPT = 103, 21, 22, 39
TEXTS = {
    UNPAID: "待支付", PENDING: "已支付", TO_SHIP: "备货中", PART_SHIPPED: "部分发货", SHIPPED: "已发货",
    CANCELLED: "已关闭", DONE: "已完成", PART_PAID: "部分支付", BACK_BEFORE_SHIPPING: "发货前退款完结",
    BACK_AFTER_SHIPPING: "发货后退款完结", BACK_AFTER_RECEIPT: "收货后退款完结",
}  # fmt: skip
#: How an order of each status is found among the kept ones.
WHERE = {
    UNPAID: "status = 'unpaid'",
    PENDING: "(status = 'open' and json_extract(doc, '$.held'))",
    TO_SHIP: "(status = 'open' and not json_extract(doc, '$.held'))",
    PART_SHIPPED: "status = 'part_shipped'",
    SHIPPED: "status = 'shipped'",
    CANCELLED: "status = 'cancelled'",
    DONE: "status = 'completed'",
}
_PLAIN = {"unpaid": UNPAID, "part_shipped": PART_SHIPPED, "shipped": SHIPPED, "cancelled": CANCELLED, "completed": DONE}

#: Kind of case → aftersale_type, for those that do not depend on the shipment.
TYPES = {"return": 0, "exchange": 3, "price": 6, "resend": 7, "repair": 8}
TYPE_TEXTS = {0: "退货退款", 1: "已发货仅退款", 2: "未发货仅退款", 3: "换货", 6: "价保", 7: "补寄", 8: "维修"}
CASE_TEXTS = {
    6: "待商家处理", 7: "待买家退货", 8: "待商家发货", 11: "待商家收货", 12: "售后成功", 13: "换货待买家收货",
    14: "换货成功", 27: "拒绝售后申请", 28: "售后关闭", 29: "退货后商家拒绝", 51: "订单取消成功",
}  # fmt: skip


def order_status(doc: Doc) -> int:
    """The shop order's order_status."""
    if doc["status"] == "open":
        return PENDING if doc["held"] else TO_SHIP
    return _PLAIN[doc["status"]]


def main_status(doc: Doc) -> int:
    """The shop order's main_status, which also tells deposits and how refunds ended it."""
    status = order_status(doc)
    if status == UNPAID and doc["is_presale"]:
        return PART_PAID
    return _after_refunds(status, doc["lines"])


def line_status(doc: Doc, line: Doc) -> int:
    """The order_status of a sku order: lines of one order may differ."""
    if line["cancelled_num"] >= line["num"]:
        return CANCELLED
    status = order_status(doc)
    if status in (UNPAID, PENDING, CANCELLED, DONE):
        return status
    if not line["shipped_num"]:
        return TO_SHIP
    return SHIPPED if line["shipped_num"] + line["cancelled_num"] >= line["num"] else PART_SHIPPED


def line_main_status(doc: Doc, line: Doc) -> int:
    """The main_status of a sku order."""
    status = line_status(doc, line)
    return PART_PAID if status == UNPAID and doc["is_presale"] else _after_refunds(status, [line])


def _after_refunds(status: int, lines: Sequence[Doc]) -> int:
    if any(line["refund"] != "succeeded" or line.get("case_kind") not in ("refund", "return") for line in lines):
        return status
    ends = {CANCELLED: BACK_BEFORE_SHIPPING, SHIPPED: BACK_AFTER_SHIPPING, DONE: BACK_AFTER_RECEIPT}
    return ends.get(status, status)


def case_type(case: Case) -> int:
    """The aftersale_type of a case."""
    kind = case.doc["kind"]
    return TYPES[kind] if kind in TYPES else 1 if case.doc["line_shipped_when_asked"] else 2


def case_status(case: Case) -> int:
    """The aftersale_status of a case."""
    doc = case.doc
    if doc["state"] == "succeeded":
        return 14 if doc["kind"] == "exchange" else 51 if doc.get("nothing_paid") else 12
    if doc["state"] == "refused":
        return 29 if doc.get("refused_after_return") else 27
    waits = 8 if doc["kind"] == "resend" else 7
    return {"asked": 6, "agreed": waits, "returned": 11, "sent": 13, "closed": 28}[doc["state"]]


def refund_status(case: Case) -> int:
    """1 waiting, 3 paid back, 4 failed. A withdrawn request stays 1 although it is closed (28)."""
    if case.doc["state"] == "succeeded" and case.doc["amount"]:
        return 3
    return 4 if case.doc["state"] == "refused" else 1
