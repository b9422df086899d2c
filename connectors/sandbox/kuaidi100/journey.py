"""The lives that a parcel can have: what happens, how long after what came before, in whose words. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

USUAL_HOURS = 48.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a parcel `hours` after the step before; code abort ends it without a delivery."""

    hours: float
    code: str
    words: str


ABORT = "abort"
ROAD: Sequence[Step] = (
    Step(2, "103", "【{origin}】快件已由揽收员揽收"),
    Step(4, "1002", "【{origin}】快件已发往【{target}】转运中心"),
    Step(12, "1002", "【{target}】快件已到达【{target}】转运中心"),
    Step(10, "1001", "【{target}】快件已到达派件城市营业点"),
    Step(8, "5", "【{target}】快件正在派送中,请保持电话畅通"),
)
TAILS: Mapping[str, tuple[int, Sequence[Step]]] = {
    "delivered": (5, (Step(4, "301", "【{target}】快件已签收,签收人:本人"),)),
    "by_neighbour": (5, (Step(5, "303", "【{target}】快件已由他人代签收"),)),
    "to_locker": (
        5,
        (
            Step(2, "501", "【{target}】快件已投递至丰巢柜,请及时取件"),
            Step(9, "304", "【{target}】快件已从丰巢柜取出,签收成功"),
        ),
    ),
    "refused": (
        5,
        (
            Step(3, "203", "【{target}】收件人拒收,快件将退回"),
            Step(6, "6", "【{target}】快件已发出退回【{origin}】"),
            Step(30, "4", "【{origin}】退回件已由寄件方签收"),
        ),
    ),
    "troubled": (
        5,
        (
            Step(3, "206", "【{target}】电话无法联系收件人,快件暂存营业点"),
            Step(20, "5", "【{target}】快件再次派送中"),
            Step(4, "302", "【{target}】快件已签收"),
        ),
    ),
    "stuck": (
        3,
        (
            Step(30, "202", "【{target}】快件超时未更新"),
            Step(24, "208", "【{target}】快件滞留转运中心"),
            Step(24 * 60, ABORT, "60天无变化"),
        ),
    ),
    "lost": (
        2,
        (
            Step(40, "202", "【{origin}】快件超时未更新"),
            Step(48, "210", "【{origin}】快件遗失,运单已销单"),
            Step(24 * 60, ABORT, "60天无变化"),
        ),
    ),
    "returned": (
        1,
        (
            Step(1, "6", "【{target}】快件应寄件方要求已拦截,正退回【{origin}】"),
            Step(24, "4", "【{origin}】退回件已由寄件方签收"),
        ),
    ),
    "no_record": (0, (Step(72, ABORT, "3天查询无记录"),)),
}
# What a control call or a share can ask for; a delivered parcel may also end with a neighbour or in a locker.
OUTCOMES = ("delivered", "refused", "troubled", "stuck", "lost", "no_record", "returned")
DELIVERIES = ("delivered", "delivered", "to_locker", "by_neighbour")


def plan(tail: str) -> list[Step]:
    """The whole life that ends with `tail`, one of TAILS."""
    on_road, steps = TAILS[tail]
    return [*ROAD[:on_road], *steps]


def resumed_at(tail: str, happened: int) -> int:
    """The index in the plan of `tail` at which a parcel goes on that has `happened` steps of its road behind it."""
    on_road, _ = TAILS[tail]
    return min(happened, on_road)


def choose(shares: Mapping[str, float], rng: Random) -> str:
    """One of TAILS, by the shares of outcomes; what they leave is delivered."""
    lot = rng.random()
    for outcome in OUTCOMES[1:]:
        lot -= shares.get(outcome, 0.0)
        if lot < 0:
            return outcome
    return rng.choice(DELIVERIES)


def seconds_before(step: Step, parcel_hours: float, rng: Random) -> float:
    """Twin time until `step`; aborts come after fixed days, the rest scales with the life of a parcel."""
    if step.code == ABORT:
        return step.hours * 3600
    return step.hours * 3600 * parcel_hours / USUAL_HOURS * rng.uniform(0.8, 1.2)


def city(address: str) -> str:
    """The city named in an address text, or 杭州市 when none is."""
    found = re.search(r"(?:省|自治区|^)\s*([^省市区\s]{1,8}市)", address)
    return found.group(1) if found else "杭州市"
