"""Statuses of the documents that move stock; `lifecycle` holds the tables of all others and what a table is."""

from __future__ import annotations

from oms.domain.lifecycle import Machine, Transition


def _t(action: str, sources: str, target: str) -> Transition:
    return Transition(action, tuple(sources.split()), target)


#: 采购入库单. A warehouse may correct what it received after its last word, so a receipt that is received may go on.
GOODS_RECEIPT = Machine(
    "goods receipt",
    {"expected": "待到货", "part_received": "部分收货", "received": "已收货", "closed": "已关闭", "cancelled": "已取消"},
    (
        _t("receive_part", "expected part_received", "part_received"),
        _t("receive", "expected part_received received", "received"),
        _t("close", "received part_received", "closed"),
        _t("cancel", "expected", "cancelled"),
    ),
)
#: What a warehouse with a system of its own was asked to take in or to send.
WAREHOUSE_ORDER = Machine(
    "warehouse order",
    {
        "sending": "下发中",
        "sent": "已下发",
        "refused": "被拒绝",
        "part_done": "部分完成",
        "done": "已完成",
        "cancelled": "已取消",
    },
    (
        _t("receive", "sending", "sent"),
        _t("refuse", "sending", "refused"),
        _t("retry", "refused", "sending"),
        _t("confirm_part", "sending sent part_done", "part_done"),
        _t("confirm", "sending sent part_done done", "done"),
        _t("cancel", "sending sent refused", "cancelled"),
    ),
)
STOCK_MACHINES = (GOODS_RECEIPT, WAREHOUSE_ORDER)
