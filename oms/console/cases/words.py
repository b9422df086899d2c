"""Words of the pages of cases: kinds, steps of the history, and the facts that platforms ask for with a decision."""

from __future__ import annotations

import re
import sys
from typing import Any, Final
from urllib.parse import urlsplit

from oms.console.messages import _l

KINDS: Final = {
    "refund": _l("仅退款"),
    "return": _l("退货退款"),
    "exchange": _l("换货"),
    "repair": _l("维修"),
    "reship": _l("补寄"),
    "other": _l("其他"),
}
STEPS: Final = {
    "asked": _l("申请售后"),
    "agreed": _l("平台：已同意"),
    "returned": _l("买家已寄回"),
    "refused": _l("平台：已拒绝"),
    "succeeded": _l("平台：已退款"),
    "closed": _l("平台：已关闭"),
    "none": _l("平台：没有售后"),
    "goods_at_store": _l("买家把货退到门店"),
    "store_paid_back": _l("门店柜台退了钱"),
    "goods_given_back": _l("货还给买家"),
    "paid_by_hand": _l("另外转账退了"),
    "paid_on_platform": _l("平台已按这张售后退款"),
    "not_told": _l("没能自动处理"),
    "agree": _l("同意"),
    "refuse": _l("拒绝"),
    "goods_received": _l("已收到退货"),
    "refund": _l("退款给买家"),
    "ship_exchange": _l("换货已寄出"),
    "agree_told": _l("平台收到：同意"),
    "refuse_told": _l("平台收到：拒绝"),
    "goods_received_told": _l("平台收到：已收到退货"),
    "refund_told": _l("平台收到：退款"),
    "ship_exchange_told": _l("平台收到：换货已寄出"),
    "agree_refused": _l("没生效：同意"),
    "refuse_refused": _l("没生效：拒绝"),
    "goods_received_refused": _l("没生效：已收到退货"),
    "refund_refused": _l("没退成：退款"),
    "ship_exchange_refused": _l("没生效：换货已寄出"),
}
#: Facts that connectors take with a decision; each names its own in the documentation of the call.
FACTS: Final = {
    "address_no": _l("退货地址号"),
    "reason_no": _l("拒绝原因号"),
    "code": _l("付款短信验证码"),
    "evidence": _l("凭证图片地址，逗号隔开"),
    "refused_delivery": _l("买家拒收写 yes"),
    "shipped": _l("已发货写 yes"),
    "answer": _l("同意的方式"),
    "reject_type": _l("拒绝类型"),
    "units": _l("收到几件"),
    "accepted": _l("退货不收写 no"),
    "restock": _l("退回货架写 yes"),
    "received": _l("收到的明细"),
    "damaged": _l("坏了的明细"),
}
_NAMED: Final = re.compile(r'[`"](\w+)[`"]')


def kind_of(code: str) -> str:
    """What a case asks for."""
    return str(KINDS.get(code, code))


def step_of(action: str) -> str:
    """What a step of the history is; an unknown one shows its code."""
    return str(STEPS.get(action, action))


def facts_of(vendor: type[Any] | None) -> list[tuple[str, str]]:
    """The facts a connector documents for its decisions: the name of each and what it means."""
    named = set(_NAMED.findall(_documented(vendor)))
    return [(name, str(told)) for name, told in FACTS.items() if name in named]


def _documented(vendor: type[Any] | None) -> str:
    """What a connector writes about deciding, in its class or in its module of after-sales."""
    if vendor is None:
        return ""
    places = (vendor, sys.modules.get(f"{vendor.__module__}.aftersales"))
    calls = [getattr(place, name, None) for place in places for name in ("decide_case", "goods_received")]
    return "\n".join(call.__doc__ or "" for call in calls if call is not None)


def links_of(told: dict[str, Any]) -> list[str]:
    """The buyer's evidence that a browser may be sent to; anything but a web address is left out."""
    return [url for url in told.get("urls", ()) if isinstance(url, str) and _is_web(url)]


def _is_web(url: str) -> bool:
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and bool(found.hostname)
