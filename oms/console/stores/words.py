"""Words of stores: what is told of, and of returns there: why, how goods look, why an order may not come back."""

from __future__ import annotations

from typing import Final

from oms.console.messages import _l

#: What notices are of.
EVENTS: Final = {
    "ready": _l("可以取货"), "out": _l("出门送货"), "overdue_soon": _l("快到期还没取"), "overdue": _l("逾期没取"),
    "handed_over": _l("已交付"), "refused": _l("拒收"), "new_task": _l("门店有新任务"),
    "promised": _l("答应备好的时间"), "task_late": _l("没按时备好"),
    "bring_late": _l("没按时送"),
}  # fmt: skip
REASONS: Final = {"not_wanted": _l("不想要了"), "does_not_fit": _l("不合适"), "bad_quality": _l("质量问题"),
                  "wrong_goods": _l("发错了"), "damaged": _l("货坏了"), "other": _l("其他")}  # fmt: skip
CONDITIONS: Final = {"good": _l("完好，能再卖"), "opened": _l("拆用过"), "damaged": _l("坏了"),
                     "parts_missing": _l("少配件")}  # fmt: skip
WHY_NOT: Final = {
    "the order was cancelled": _l("订单取消了"),
    "nothing of it has reached the buyer": _l("货还没到买家手上"),
    "the time for bringing it back is over": _l("过了退货期，找客服"),
    "nothing of it is left to come back": _l("没有能退的了"),
    "the platform has an open request for it; customer service answers that first": _l("平台上有没结的申请，先等客服"),
    "it has not reached the buyer": _l("还没到买家手上"),
    "it has come back already": _l("已经退过了"),
}
