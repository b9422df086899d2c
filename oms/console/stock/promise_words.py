"""Words of promises: the steps to what a shop is told, the states of proposals."""

from __future__ import annotations

from typing import Final

from oms.console.messages import _l

#: Steps of oms.domain.quotas.tell.
STEPS: Final = {
    "there": _l("池里可发"),
    "promised": _l("减预占"),
    "exclusive": _l("自己独占 + 共享"),
    "ratio": _l("按比例"),
    "last_units": _l("最后几件归更合算的店"),
    "kept_back": _l("减推送保留"),
    "threshold": _l("低于门槛"),
    "backorder": _l("加允许超卖"),
}
PROPOSAL_STATES: Final = {
    "open": (_l("待定"), "wait"),
    "ordered": (_l("已订"), "run"),
    "dismissed": (_l("不补"), ""),
    "gone": (_l("不用补了"), ""),
}
