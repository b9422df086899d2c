"""Who must look at an order before it may leave."""

from __future__ import annotations

from typing import Final

from oms.app.rulebook.actions.making import action, choices
from oms.domain.review import TIERS
from rules.model import ParamSpec, ValueType

TIER: Final = ParamSpec(
    "tier", ValueType.CODE, "级别", "tier", choices=choices(*[(tier.code, tier.zh, tier.en) for tier in TIERS])
)

ACTIONS: Final = (
    action("send_to_tier", "转人工审核", "send to review", {"review"}, TIER),
    action("pass", "直接通过", "pass", {"review"}),
)
