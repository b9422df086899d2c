"""Pinduoduo's numbers and the hub's words, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

STATES = {"1": OrderState.OPEN, "2": OrderState.SHIPPED, "3": OrderState.COMPLETED}

WAITING = "1"
CONFIRMED, CANCELLED = "1", "2"
FORMED, FAILED = "1", "2"
LOTTERY = "2"

NO_REFUND, REFUNDING, REFUNDED = "1", "3", "4"
REFUND_STATUSES = frozenset({"1", "2", "3", "4"})

#: after_sales_status; it speaks of refunds, exchanges and repairs alike.
CASES = {
    "0": RefundState.NONE,
    "2": RefundState.ASKED,  # 买家申请退款，待商家处理
    "3": RefundState.ASKED,  # 退货退款，待商家处理
    "4": RefundState.AGREED,  # 商家同意退款，退款中
    "5": RefundState.AGREED,  # 平台同意退款，退款中
    "6": RefundState.REFUSED,  # 驳回退款，待买家处理
    "7": RefundState.AGREED,  # 已同意退货，待买家发货
    "8": RefundState.ASKED,  # 平台处理中
    "9": RefundState.CLOSED,  # 平台拒绝退款
    "10": RefundState.SUCCEEDED,
    "11": RefundState.CLOSED,  # 买家撤销
    "12": RefundState.CLOSED,  # 买家逾期未处理
    "13": RefundState.CLOSED,  # 买家逾期
    "14": RefundState.ASKED,  # 换货补寄，待商家处理
    "15": RefundState.AGREED,  # 换货补寄，待用户处理
    "16": RefundState.SUCCEEDED,  # 换货补寄成功
    "17": RefundState.CLOSED,  # 换货补寄失败
    "18": RefundState.RETURNED,  # 换货补寄，待用户确认
    "21": RefundState.ASKED,  # 待商家同意维修
    "22": RefundState.AGREED,  # 待用户确认发货
    "24": RefundState.CLOSED,  # 维修关闭
    "25": RefundState.SUCCEEDED,  # 维修成功
    "27": RefundState.RETURNED,  # 待用户确认收货
    "31": RefundState.AGREED,  # 已同意拒收退款，待用户拒收
    "32": RefundState.AGREED,  # 补寄，待商家发货
    "33": RefundState.AGREED,  # 待商家召回
}
CASE_CLOSED = frozenset({"9", "11", "12", "13"})
#: The goods of an exchange or a second shipment are the seller's to send, or have been sent.
SELLER_SHIPS, BUYER_CONFIRMS = frozenset({"14", "32"}), frozenset({"18", "27"})

#: after_sales_type in answers; in questions every number is one higher.
CASE_KINDS = {"1": "refund", "2": "return", "3": "exchange", "4": "reship", "5": "repair"}
COMES_BACK = frozenset({"return", "exchange", "repair"})

FLAGS = {"1": "red", "2": "yellow", "3": "green", "4": "blue", "5": "purple"}
FLAG_NUMBERS = {colour: number for number, colour in FLAGS.items()}

#: Tags on an order that mean "do not ship".
HOLDING_TAGS = frozenset({"ship_hold", "self_contained"})
#: A payment of the difference for a better carrier: an order without goods.
DIFFERENCE_TAG = "ship_additional_order"

TRADE_IN = "30"

#: Hub carrier code → (Pinduoduo's id, a part of the name it writes). The platform's own list knows the rest.
CARRIERS = {
    "STO": ("1", "申通"),
    "HTKY": ("3", "百世"),
    "SF": ("44", "顺丰"),
    "YTO": ("85", "圆通"),
    "ZTO": ("115", "中通"),
    "EMS": ("118", "EMS"),
    "JD": ("120", "京东"),
    "YUNDA": ("121", "韵达"),
    "DBKD": ("131", "德邦"),
    "POSTB": ("132", "邮政"),
    "JT": ("384", "极兔"),
    "UC": ("", "优速"),
    "ZJS": ("", "宅急送"),
    "TTKDEX": ("", "天天"),
    "GTO": ("", "国通"),
    "FAST": ("", "快捷"),
}

COMPANIES = {number: ours for ours, (number, _) in CARRIERS.items() if number} | {"": "", "0": ""}

#: data_type of a decrypted text.
DECRYPTED = {"5": "name", "6": "phone", "7": "address", "8": "address"}
