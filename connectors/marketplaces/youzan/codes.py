"""Youzan's words and the hub's. Tables alone; a word that is in none becomes an alert."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

CURRENCY = "CNY"

STATES = {
    "WAIT_BUYER_PAY": OrderState.UNPAID,  # a deposit or balance that is due too
    "TRADE_PAID": OrderState.OPEN,  # 瞬时
    "WAIT_CONFIRM": OrderState.OPEN,  # 待成团、待接单
    "WAIT_SELLER_SEND_GOODS": OrderState.OPEN,
    "WAIT_BUYER_CONFIRM_GOODS": OrderState.SHIPPED,
    "TRADE_SUCCESS": OrderState.COMPLETED,
    "TRADE_CLOSED": OrderState.CANCELLED,
}
#: Statuses that are paid and not to be shipped yet → the hub's reason.
NOT_YET = {"TRADE_PAID": "paid_not_released", "WAIT_CONFIRM": "waits_for_acceptance"}

#: express_type of orders that a store hands out or brings → the hub's mode; 9 needs no delivery at all.
COURIER, NO_DELIVERY = 0, 9
THROUGH_STORE = {1: "store_pickup", 2: "store_delivery"}

#: `status` of a case.
REFUNDS = {
    "WAIT_SELLER_AGREE": RefundState.ASKED,
    "WAIT_BUYER_RETURN_GOODS": RefundState.AGREED,
    "WAIT_SELLER_CONFIRM_GOODS": RefundState.RETURNED,
    "SELLER_REFUSE_BUYER": RefundState.REFUSED,
    "SELLER_REFUSE_BUYER_RETURN_GOODS": RefundState.REFUSED,
    "SUCCESS": RefundState.SUCCEEDED,
    "CLOSED": RefundState.CLOSED,
}
#: `refund_state` of an order's refund_order; 50 and 60 are not in what is published.
LINE_REFUNDS = {
    1: RefundState.ASKED,
    10: RefundState.REFUSED,
    20: RefundState.AGREED,
    30: RefundState.RETURNED,
    40: RefundState.REFUSED,
    50: RefundState.CLOSED,
    60: RefundState.SUCCEEDED,
}
#: `demand` of a case.
CASE_KINDS = {1: "refund", 2: "return", 3: "exchange"}

#: Hub carrier code → the word by which Youzan's own list of carriers is searched.
CARRIER_WORDS = {
    "SF": "顺丰",
    "ZTO": "中通",
    "YTO": "圆通",
    "STO": "申通",
    "YUNDA": "韵达",
    "EMS": "EMS",
    "POSTB": "邮政",
    "JD": "京东",
    "JT": "极兔",
    "DBKD": "德邦",
}


def pairs(told: str) -> dict[str, str]:
    """A setting like `ZTO=3,SF=7` as a table."""
    parts = (pair.partition("=") for pair in told.split(","))
    return {name.strip(): value.strip() for name, _, value in parts if name.strip() and value.strip()}
