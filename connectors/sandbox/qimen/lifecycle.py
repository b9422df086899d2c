"""The life of an outbound order in the warehouse: stages, what each allows, how long each takes. Pure."""

from collections.abc import Mapping
from random import Random

STAGES = ("NEW", "ACCEPT", "PRINT", "PICK", "CHECK", "PACKAGE", "WEIGH", "DELIVERED")

# Shares of the whole life that an order spends in a stage before it leaves it.
_WEIGHTS = {"NEW": 1, "ACCEPT": 4, "PRINT": 2, "PICK": 5, "CHECK": 3, "PACKAGE": 3, "WEIGH": 2}
_TOTAL = sum(_WEIGHTS.values())

STEP_TEXT: Mapping[str, str] = {
    "ACCEPT": "仓库接单",
    "PRINT": "面单打印完成",
    "PICK": "拣货完成",
    "CHECK": "复核完成",
    "PACKAGE": "打包完成",
    "WEIGH": "称重完成",
    "DELIVERED": "已交接快递",
    "REJECT": "仓库拒单",
    "CANCELED": "单据已取消",
    "EXCEPTION": "实物缺货",
    "TMSCANCELED": "快递拦截成功",
    "TMSCANCELFAILED": "快递拦截失败",
}

# Statuses in which an order has no further life of its own.
ENDED = frozenset({"DELIVERED", "CANCELED", "REJECT", "CLOSED"})


def next_stage(stage: str) -> str | None:
    """The stage after this one; None after the last."""
    index = STAGES.index(stage) + 1
    return STAGES[index] if index < len(STAGES) else None


def status_at(stage: str) -> str:
    """The order status that the interface shows for a stage."""
    return stage if stage in ("NEW", "DELIVERED") else "ACCEPT"


def can_stop(status: str, stage: str) -> bool:
    """Whether a cancel or a hold is still possible: until the parcel is being packed, never after a part has left."""
    if status in ENDED or status == "PARTDELIVERED":
        return False
    return STAGES.index(stage) < STAGES.index("PACKAGE")


def seconds_in(stage: str, minutes: float, rng: Random) -> float:
    """How long an order stays in `stage` when its whole life takes about `minutes`; twin time."""
    share = _WEIGHTS.get(stage, 0) / _TOTAL
    return minutes * 60 * share * rng.uniform(0.7, 1.3)
