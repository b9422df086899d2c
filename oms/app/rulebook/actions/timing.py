"""By when an order must be out, and who is told in time if it is not."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import TEAM, WORDS, action
from rules.model import ParamSpec
from rules.model import ValueType as V

AFTER: Final = ParamSpec("after", V.DURATION, "付款后多久", "time after payment")
BEFORE: Final = ParamSpec("before", V.DURATION, "到期前多久", "time before the deadline")

ACTIONS: Final = (
    action("set_deadline", "最晚发货", "ship at the latest", {"sla"}, AFTER, exclusive=True),
    action("escalate", "升级提醒", "escalate", {"sla"}, BEFORE, TEAM, WORDS, subject="team"),
)
