"""The list of detectors, their thresholds, whether they look unless told otherwise; and finding with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Finder, Goods
from oms.app.pipeline.detecting import goods as of_goods
from oms.app.pipeline.detecting import people as of_people


@dataclass(frozen=True, slots=True)
class Threshold:
    """A whole number that an admin may set for a detector."""

    name: str
    zh: str
    en: str
    default: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector of the kind of hold that it places.

    `asks` names what must be loaded for it; a fixed one cannot be switched off; a routed one looks at what sourcing
    came to, and one of sourcing itself has neither finder nor thresholds here. `why_zh` and `why_en` say why it is off
    unless switched on, or cannot be switched off.
    """

    kind: str
    finders: tuple[Finder, ...] = ()
    is_on: bool = True
    is_fixed: bool = False
    is_routed: bool = False
    asks: str = ""
    thresholds: tuple[Threshold, ...] = ()
    why_zh: str = ""
    why_en: str = ""


_NEEDED: Final = ("没有它订单做不下去", "the order cannot go on without it")
_MONEY: Final = ("关掉会把不该发的货发出去", "goods would leave that must not")
_ADVICE: Final = ("只是提醒，多数订单会命中，按店打开", "it only advises and meets many orders; switch it on by shop")
_SOURCING: Final = ("寻源的结果，不是检测", "it is what sourcing came to")
_SHORT: Final = ("缺货已经拦住，打开是为了分清超卖", "short of stock holds it already; this tells overselling apart")
_HOURS: Final = Threshold("hours", "只看多少小时内下的单", "only orders placed within so many hours", 24, 1, 720)
_WEIGHT: Final = Threshold(
    "weight_g", "单件超过多少克也算（0 不看）", "also goods above so many grams each (0: never)", 0, 0, 10_000_000
)
_MARGIN: Final = Threshold(
    "margin_bp", "最低毛利，成本的万分之几", "least margin, in hundredths of a percent of the cost", 0, -10_000, 100_000
)
_TOLERANCE: Final = Threshold(
    "tolerance_bp", "低于限价万分之几以内放过", "let pass so many hundredths of a percent below", 0, 0, 10_000
)
_ATTEMPTS: Final = Threshold(
    "attempts", "连续多少次分仓不成", "after sourcing has failed so many times in a row", 20, 2, 1000
)


def _fixed(kind: str, *finders: Finder, why: tuple[str, str]) -> Detector:
    return Detector(kind, finders, is_fixed=True, why_zh=why[0], why_en=why[1])


def _advice(kind: str, finder: Finder, asks: str = "", *thresholds: Threshold) -> Detector:
    return Detector(kind, (finder,), is_on=False, asks=asks, thresholds=thresholds, why_zh=_ADVICE[0], why_en=_ADVICE[1])


ALL_DETECTORS: Final = (
    _fixed("unmatched_sku", of_goods.unmatched_sku, of_goods.empty_bundle, why=_NEEDED),
    Detector("bad_address", (of_people.bad_address,)),
    Detector("bad_phone", (of_people.bad_phone,)),
    Detector("double_address", (of_people.double_address,)),
    Detector("ciphertext_address", (of_people.ciphertext_address,)),
    Detector("blacklist", (of_people.blacklist,), asks="blacklist"),
    _fixed("platform_hold", of_people.platform_hold, why=_MONEY),
    Detector("fraud_flag", (of_people.fraud_flag,)),
    _fixed("refund_asked", of_goods.refund_asked, why=_MONEY),
    _fixed("already_shipped", of_goods.already_shipped, why=_MONEY),
    Detector("possible_duplicate", (of_goods.possible_duplicate,)),
    Detector("balance_unpaid", (of_people.balance_unpaid,), asks="owing"),
    Detector("large_goods", (of_goods.large_goods,), thresholds=(_WEIGHT,)),
    Detector("negative_margin", (of_goods.negative_margin,), thresholds=(_MARGIN,)),
    Detector("below_floor", (of_goods.below_floor,), thresholds=(_TOLERANCE,)),
    _advice("gift_only", of_goods.gift_only),
    _advice("memo_present", of_people.memo_present),
    _advice("message_present", of_people.message_present),
    _advice("invoice_wanted", of_people.invoice_wanted, "invoiced"),
    _advice("unpaid_sibling", of_people.unpaid_sibling, "siblings", _HOURS),
    _advice("mergeable_sibling", of_people.mergeable_sibling, "siblings", _HOURS),
    _advice("sibling_refund", of_people.sibling_refund, "refunding"),
    _fixed("short_of_stock", why=_SOURCING),
    _fixed("out_of_zone", why=_SOURCING),
    _fixed("no_stock_point", why=_SOURCING),
    _fixed("too_many_parcels", why=_SOURCING),
    Detector("oversold", is_on=False, is_routed=True, why_zh=_SHORT[0], why_en=_SHORT[1]),
    Detector("courier_suspended", is_routed=True),
    Detector("routed_too_often", is_routed=True, thresholds=(_ATTEMPTS,)),
)
DETECTORS_BY_KIND: Final = {detector.kind: detector for detector in ALL_DETECTORS}
#: Those that look before sourcing. A finding that is gone clears its hold if that kind clears by itself.
DETECTORS: Final = {detector.kind: detector for detector in ALL_DETECTORS if detector.finders}


def detect(order: OrderWork, goods: Goods) -> dict[str, dict[str, Any]]:
    """Hold kind → what was seen, for everything abnormal about an order that its shop wants to know of."""
    found = {}
    goods.seen_order = None
    for kind, finders, limits in goods.plans[order.shop_id].finders:
        for finder in finders:
            seen = finder(order, goods, limits)
            if seen is not None:
                found[kind] = seen
                break
    return found
