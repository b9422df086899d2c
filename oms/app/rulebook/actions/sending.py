"""By which carrier an order goes."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import CARRIER, action
from oms.app.rulebook.actions.sourcing import EXTRA

ACTIONS: Final = (
    action("only_carrier", "只用快递", "only this carrier", {"carrier"}, CARRIER, exclusive=True, subject="carrier",
           contradicts={"forbid_carrier"}),
    action("prefer_carrier", "优先快递", "prefer the carrier", {"carrier"}, CARRIER, EXTRA, subject="carrier",
           contradicts={"forbid_carrier"}),
    action("forbid_carrier", "禁用快递", "forbid the carrier", {"carrier"}, CARRIER, subject="carrier"),
)  # fmt: skip
