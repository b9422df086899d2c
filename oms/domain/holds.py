"""All kinds of holds by code, and the groups of kinds that are asked for of every order."""

from __future__ import annotations

from typing import Final

from oms.domain.hold_findings import FINDINGS
from oms.domain.hold_kind import ALL, OUT, Back, Block, HoldKind
from oms.domain.hold_kinds import OTHERS

__all__ = [
    "ALL",
    "BEFORE_GO_LIVE",
    "CALLING_BACK",
    "CLOSED",
    "KINDS",
    "OUT",
    "STOPPING_PLANS",
    "Back",
    "Block",
    "HoldKind",
]

KINDS: Final = {kind.code: kind for kind in (*FINDINGS, *OTHERS)}

#: The flag, beside those of the platform, of an order older than its shop's going live: the system before us ships it.
BEFORE_GO_LIVE: Final = "before_go_live"
#: Why holds of a closed order are cleared: nobody has lifted them, so they come again should the order open again.
CLOSED: Final = "order closed"
#: Kinds that take the whole order back, and kinds that keep it from being planned, for what asks them of every order.
CALLING_BACK: Final = frozenset(kind.code for kind in KINDS.values() if kind.calls_back is Back.ORDER)
STOPPING_PLANS: Final = frozenset(kind.code for kind in KINDS.values() if kind.stops_planning)
