"""Words of stock for the console: kinds, reasons of movements, classes of differences, what became of a report's line."""

from __future__ import annotations

from typing import Any, Final

from oms.console.messages import _l

KINDS: Final = {
    "good": _l("良品"),
    "defective": _l("次品"),
    "inspecting": _l("待检"),
    "in_transit": _l("在途"),
    "presale": _l("预售"),
}
REASONS: Final = {
    "opening": _l("期初"),
    "reserve": _l("占用"),
    "release": _l("释放"),
    "ship": _l("发出"),
    "short": _l("仓库缺货"),
    "ghost": _l("撤回后仍发出"),
    "sale": _l("门店销售"),
    "count": _l("盘差"),
    "counted": _l("盘点里已含"),
    "beyond": _l("账上不够，先欠着"),
    "warehouse_change": _l("仓库异动"),
    "receipt": _l("采购入库"),
    "transfer_out": _l("调拨出"),
    "transfer_in": _l("调拨到"),
    "transfer_lost": _l("调拨丢失"),
    "adjustment": _l("调整"),
}
CLASSES: Final = {
    "counted": _l("盘点"),
    "adjusted": _l("仓库调整"),
    "compared": _l("查库存对账"),
    "first": _l("第一次盘"),
    "loss": _l("盘亏"),
    "found": _l("盘盈"),
    "damaged": _l("破损"),
    "misplaced": _l("放错位置"),
    "mistake": _l("记错"),
    "other": _l("其他"),
    "supplier_short": _l("供应商少发"),
    "supplier_over": _l("供应商多发"),
    "lost": _l("丢失"),
    "wrong": _l("发错货"),
}
LINE_STATES: Final = {
    "booked": (_l("已记"), "ok"),
    "same": (_l("一致"), "ok"),
    "waiting": (_l("等人处理"), "warn"),
    "older": (_l("比账旧，没用"), "off"),
    "told": (_l("别处已记"), "off"),
    "refused": (_l("不认"), "off"),
    "unknown": (_l("没有这个货品"), "late"),
}
SOURCES: Final = {"push": _l("仓库报告"), "query": _l("查库存"), "count": _l("盘点")}
RESULTS: Final = {
    "open": _l("未收完"),
    "equal": _l("数对"),
    "short": _l("少"),
    "over": _l("多"),
    "unplanned": _l("没订过"),
}
POINT_STATES: Final = {"open": (_l("营业"), "ok"), "outage": (_l("停用中"), "warn"), "closed": (_l("已关闭"), "off")}
POLICIES: Final = {
    "whole_first": _l("先整单"),
    "main_first": _l("先主仓"),
    "cheapest": _l("先便宜"),
    "fastest": _l("先快"),
}
DOCUMENTS: Final = {
    "fulfilment": _l("发货单"),
    "goods_receipt": _l("采购入库"),
    "transfer": _l("调拨"),
    "adjustment": _l("调整"),
    "stock_report_line": _l("盘差"),
}
FILTERS: Final = {
    "": _l("全部"),
    "oversold": _l("超卖"),
    "low": _l("不高于安全库存"),
    "owed": _l("欠着"),
    "none": _l("没货"),
}
AREA_KINDS: Final = {"division": _l("行政区"), "list": _l("配送清单"), "radius": _l("半径"), "polygon": _l("围栏")}
WEEKDAYS: Final = {
    "mon": _l("周一"),
    "tue": _l("周二"),
    "wed": _l("周三"),
    "thu": _l("周四"),
    "fri": _l("周五"),
    "sat": _l("周六"),
    "sun": _l("周日"),
}
TONES: Final = {
    "expected": "wait",
    "part_received": "now",
    "received": "ok",
    "closed": "off",
    "cancelled": "off",
    "sending": "now",
    "sent": "now",
    "refused": "late",
    "part_done": "now",
    "done": "ok",
}


def names() -> dict[str, Any]:
    """What the stock templates call."""
    return {
        "kinds": KINDS, "reasons": REASONS, "classes": CLASSES, "line_states": LINE_STATES, "sources": SOURCES,
        "results": RESULTS, "point_states": POINT_STATES, "policies": POLICIES, "documents": DOCUMENTS,
        "area_kinds": AREA_KINDS, "weekdays": WEEKDAYS, "tones": TONES,
    }  # fmt: skip
