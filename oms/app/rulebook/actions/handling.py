"""Taking an order up: whether and when it is ours, hold, wait, tag, priority, seal, cancel, tell a team."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import REASON, TAG, TEAM, WORDS, action, choices
from oms.db.rulebook import STAGES
from rules.model import ParamSpec
from rules.model import ValueType as V

OWNER: Final = ParamSpec(
    "owner", V.CODE, "归属", "ownership",
    choices=choices(("own", "自营", "own"), ("agent", "代销", "agent"), ("distributor", "分销商", "distributor")),
)  # fmt: skip
MINUTES: Final = ParamSpec("span", V.DURATION, "付款后多久", "time after payment")
PRIORITY: Final = ParamSpec("priority", V.INTEGER, "优先级", "priority")

ACTIONS: Final = (
    action("leave_to_owner", "由货主发货", "leave to the owner", {"fetch"}, is_grave=True),
    action("set_owner", "设为归属", "set the ownership", {"fetch"}, OWNER, exclusive=True),
    action("wait", "等到付款后", "wait after payment", {"fetch", "preprocess"}, MINUTES, exclusive=True),
    action("hold", "挂起", "hold", {"preprocess"}, REASON, is_grave=True),
    action("cancel", "取消订单", "cancel the order", {"preprocess"}, REASON, contradicts={"hold", "wait"}, is_grave=True),
    action("add_tag", "打标签", "add a tag", {"fetch", "preprocess", "intercept", "aftersales"}, TAG, subject="tag",
           contradicts={"remove_tag"}),
    action("remove_tag", "去标签", "remove a tag", {"preprocess", "intercept", "aftersales"}, TAG, subject="tag"),
    action("set_priority", "设优先级", "set the priority", {"fetch", "preprocess"}, PRIORITY, exclusive=True),
    action("seal", "不拆不合", "seal", {"preprocess"}),
    action("notify", "通知", "notify", STAGES, TEAM, WORDS, subject="team"),
    action("stop", "截停", "stop", {"intercept"}, REASON, is_grave=True),
)  # fmt: skip
