"""Where an order is, as people see it: one function with a written precedence, stored by the writer of statuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phase:
    """A place on the seven steps (1 归集 … 7 回传, 8 done, 0 none); tone is the colour of the step."""

    code: str
    zh: str
    en: str
    step: int
    tone: str = "now"


PHASES: Final = {
    phase.code: phase
    for phase in (
        Phase("unpaid", "待付款", "Unpaid", 1),
        Phase("captured", "待预处理", "Captured", 2),
        Phase("held", "挂起", "On hold", 2, "held"),
        Phase("short", "缺货等待", "Short of stock", 2, "held"),
        Phase("review", "待审核", "In review", 3),
        Phase("sent_back", "已驳回", "Sent back", 3, "held"),
        Phase("merging", "待合单", "Merging", 4),
        Phase("to_dispatch", "待下发", "To dispatch", 5),
        Phase("blocked", "停发", "Not to be shipped", 5, "held"),
        Phase("dispatching", "下发中", "Dispatching", 5),
        Phase("stopping", "截停中", "Stopping", 5, "held"),
        Phase("at_warehouse", "仓库处理中", "At the warehouse", 5),
        Phase("part_shipped", "部分发货", "Partly shipped", 6),
        Phase("shipped", "已发货", "Shipped", 6),
        Phase("trouble", "未妥投", "Delivery trouble", 6, "failed"),
        Phase("delivered", "已签收", "Delivered", 7),
        Phase("elsewhere", "别处发货", "Shipped elsewhere", 7),
        Phase("nothing", "无需发货", "Nothing to ship", 7),
        Phase("completed", "已完成", "Completed", 8, "done"),
        Phase("cancelled", "已取消", "Cancelled", 0, "done"),
    )
}

LIVE_BEYOND_PLAN: Final = ("sending", "sent", "accepted", "part_shipped", "stopping")


@dataclass(slots=True)
class Sight:
    """What phase_of looks at. Units are of demands; `fulfilments` are statuses, `parcels` states.

    `is_elsewhere`: the platform shows that somebody else shipped all that we have not.
    """

    status: str
    review: str
    fulfiller: str
    is_ready: bool
    blocks_review: bool
    blocks_dispatch: bool
    open_units: int
    planned_units: int
    shipped_units: int
    is_short: bool
    fulfilments: Iterable[str] = ()
    parcels: Iterable[str] = ()
    is_elsewhere: bool = False


def phase_of(seen: Sight) -> str:
    """The phase's code. Precedence: the end, then what is worst, then how far the slowest part is."""
    if seen.status in ("completed", "cancelled", "unpaid"):
        return seen.status
    if seen.fulfiller != "us":
        return "elsewhere"
    statuses = frozenset(seen.fulfilments)
    if "stopping" in statuses:
        return "stopping"
    if seen.is_elsewhere and not seen.planned_units and not seen.shipped_units:
        return "elsewhere"
    if not seen.open_units:
        return _gone(seen)
    if seen.shipped_units:
        return "blocked" if seen.blocks_dispatch and "planned" in statuses else "part_shipped"
    if statuses & {"sent", "accepted", "part_shipped"}:
        return "at_warehouse"
    if "sending" in statuses:
        return "dispatching"
    return _inside(seen, statuses)


def _gone(seen: Sight) -> str:
    """Nothing is left to ship; of services and goods without a parcel nothing ever was."""
    if not seen.shipped_units:
        if seen.is_ready:
            return "captured"
        return "held" if seen.blocks_review or seen.blocks_dispatch else "nothing"
    parcels = frozenset(seen.parcels)
    if parcels & {"trouble", "refused", "returning", "returned", "lost"}:
        return "trouble"
    return "delivered" if parcels and parcels <= {"delivered"} else "shipped"


def _inside(seen: Sight, statuses: frozenset[str]) -> str:
    """Nothing has left the hub yet."""
    if seen.blocks_review:
        return "held"
    if seen.review == "sent_back":
        return "sent_back"
    if seen.review == "waiting":
        return "review"
    if seen.is_short:
        return "short"
    if seen.blocks_dispatch:
        return "blocked"
    if statuses & {"planned", "on_hold"} and seen.review == "passed":
        return "to_dispatch" if "on_hold" in statuses else "merging"
    return "captured"
