"""With what an order leaves, and how long it waits for others."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import action
from rules.model import ParamSpec
from rules.model import ValueType as V

SPAN: Final = ParamSpec("span", V.DURATION, "等待时长", "time to wait")

ACTIONS: Final = (
    action("wait_for_merge", "等待合单", "wait for orders to merge with", {"merge"}, SPAN, exclusive=True,
           contradicts={"never_merge", "merge_at_once"}),
    action("never_merge", "单独发", "leave alone", {"merge"}, contradicts={"merge_at_once"}),
    action("merge_at_once", "不等待合单", "merge without waiting", {"merge"}),
)  # fmt: skip
