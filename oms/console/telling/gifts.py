"""The words of gifts and discounts by rules: what became of them, why, and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oms.console.messages import _l

#: What became of a gift: words and tone.
STATE: Final[Mapping[str, tuple[Any, str]]] = {
    "given": (_l("已送"), "ok"), "dropped": (_l("已撤"), ""), "out": (_l("没送上"), "warn"),
}  # fmt: skip
REASON: Final[Mapping[str, Any]] = {
    "limit": _l("赠完即止，到上限了"),
    "buyer": _l("这位买家到上限了"),
    "stock": _l("赠品缺货"),
    "unplanned": _l("和订单凑不到一起发"),
    "left": _l("订单已发，赠品没跟上"),
    "not_earned": _l("规则不再要求送"),
    "changed": _l("件数变了，重新送"),
    "closed": _l("订单取消"),
    "merged": _l("合单时重新计算"),
}
FUNDER: Final[Mapping[str, Any]] = {
    "merchant": _l("商家承担"), "member": _l("会员承担"), "distributor": _l("分销商承担"),
}  # fmt: skip
