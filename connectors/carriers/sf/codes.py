"""SF's code tables: states of parcels, and what its refusals mean. Codes marked * are not in its published tables."""

from __future__ import annotations

from typing import Final

from connectors.contract.labels import LabelInUse, LabelRefused, SenderUnknown, Unreachable
from connectors.contract.notices import ParcelState as State

#: opCode → state. The rest that was seen (99, 123, 407, 501, 607) has no meaning that is certain.
STATES: Final = {
    "50": State.COLLECTED,  # 收件
    "54": State.COLLECTED,
    "30": State.ON_THE_WAY,  # 分拣、装车
    "31": State.ON_THE_WAY,  # 到达
    "36": State.ON_THE_WAY,  # 离开
    "130": State.ON_THE_WAY,  # 到目的网点
    "80": State.DELIVERED,  # 签收
    "8000": State.DELIVERED,
    "648": State.RETURNING,  # 退回转单: goes on under a new number
    "631": State.RETURNED,  # 退回
}
SEEN: Final = frozenset({"99", "123", "407", "501", "607"})
#: A state that is told by words alone, where the code says nothing certain.
WORDS: Final = (("派送", State.OUT_FOR_DELIVERY), ("派件", State.OUT_FOR_DELIVERY), ("拒收", State.REFUSED))
RETURNED_ANEW: Final = "648"

#: Codes of the gateway*.
GATEWAY_OK: Final = "A1000"
LIMITED: Final = frozenset({"A1005"})
BAD_CREDENTIALS: Final = frozenset({"A1003", "A1004", "A1006", "A1010"})
GATEWAY_DOWN: Final = frozenset({"A1009", "A1099"})
#: The order is there already*: a look-up tells its number.
DUPLICATE: Final = frozenset({"8016"})
#: There is no such order*.
NO_ORDER: Final = frozenset({"8018", "8024", "8017"})

REASONS: Final[tuple[tuple[type[LabelRefused], tuple[str, ...]], ...]] = (
    (Unreachable, ("不可收派", "超区", "不可达", "超出服务范围")),
    (SenderUnknown, ("寄件", "月结卡号", "发件")),
    (LabelInUse, ("已收件", "已揽收", "不能取消", "已派件")),
)
#: filterResult: what SF says of an address.
FILTER_MANUAL, FILTER_YES, FILTER_NO = 1, 2, 3


def state_of(code: str, words: str) -> State | None:
    """The state of a scan; None for a code that nobody has seen and words that say nothing."""
    if code in STATES:
        return STATES[code]
    by_words = next((state for word, state in WORDS if word in words), None)
    return by_words or (State.UNKNOWN if code in SEEN else None)


def reason_of(words: str) -> type[LabelRefused] | None:
    """What a refusal means for the hub, None when it says nothing we know."""
    return next((kind for kind, needles in REASONS if any(needle in words for needle in needles)), None)
