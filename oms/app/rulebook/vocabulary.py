"""Facts and actions that rules may speak of, bound to orders. Pickers, validation and docs are made from these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.db.rulebook import STAGES
from oms.domain.review import TIERS
from rules.model import ActionSpec, Choice, FactSpec, ParamSpec, ValueType, Vocabulary

Binding = Callable[[OrderWork, ShopCard], Any]
EVERYWHERE: Final = frozenset(STAGES)


def _fact(
    name: str, kind: ValueType, zh: str, en: str, sql: str | None, bind: Binding, unit: str = "", reason: str = ""
) -> tuple[FactSpec, Binding]:
    return FactSpec(name, kind, zh, en, EVERYWHERE, unit=unit, sql=sql, python_only_reason=reason), bind


_BOUND: Final = (
    _fact("order.is_cod", ValueType.BOOL, "货到付款", "cash on delivery", "o.is_cod", lambda o, s: o.is_cod),
    _fact("order.is_presale", ValueType.BOOL, "预售", "presale", "o.is_presale", lambda o, s: o.is_presale),
    _fact("order.paid", ValueType.MONEY, "实付金额", "amount paid", "o.paid_total", lambda o, s: o.paid_total, "CNY"),
    _fact("order.origin", ValueType.TEXT, "订单来源", "origin", "o.origin", lambda o, s: o.origin),
    _fact("order.has_memo", ValueType.BOOL, "有卖家备注", "has a memo", "o.has_memo", lambda o, s: o.has_memo),
    _fact("order.has_message", ValueType.BOOL, "有买家留言", "has a message", "o.has_message",
          lambda o, s: o.has_message),
    _fact("order.flag", ValueType.TEXT, "旗帜颜色", "flag colour", "o.flag", lambda o, s: o.flag),
    _fact("order.owner", ValueType.TEXT, "归属", "ownership", "o.owner", lambda o, s: o.owner),
    _fact("order.division", ValueType.TEXT, "收货地区代码", "division code", "o.division_code",
          lambda o, s: o.division_code),
    _fact("order.lines", ValueType.COUNT, "货品行数", "goods lines",
          "(select count(*) from order_line l where l.order_id = o.id and l.kind = 'goods')",
          lambda o, s: sum([line.kind == "goods" for line in o.lines])),
    _fact("order.units", ValueType.COUNT, "货品件数", "goods units",
          "(select coalesce(sum(l.ordered), 0) from order_line l where l.order_id = o.id and l.kind = 'goods')",
          lambda o, s: sum([line.ordered for line in o.lines if line.kind == "goods"])),
    _fact("order.discount_merchant", ValueType.MONEY, "商家优惠", "merchant discount",
          "(select coalesce(sum(l.discount_merchant), 0) from order_line l where l.order_id = o.id)",
          lambda o, s: sum([line.discount_merchant for line in o.lines]), "CNY"),
    _fact("order.holds", ValueType.SET, "挂起原因", "open holds",
          "(select array_agg(h.kind) from hold h where h.order_id = o.id and h.cleared_at is null)",
          lambda o, s: frozenset([hold.kind for hold in o.holds])),
    _fact("order.parcels", ValueType.COUNT, "拆包数", "parcels", None,
          lambda o, s: len(o.fulfilments), reason="the plan has moved on since"),
    _fact("shop.code", ValueType.TEXT, "店铺", "shop", "s.code", lambda o, s: s.code),
    _fact("shop.platform", ValueType.TEXT, "平台", "platform", "c.platform_code", lambda o, s: s.platform_code),
)  # fmt: skip

TIER_CHOICES: Final = tuple(Choice(tier.code, tier.zh, tier.en) for tier in TIERS)
VOCABULARY: Final = Vocabulary.of(
    facts=tuple(spec for spec, _ in _BOUND),
    actions=(
        ActionSpec(
            "send_to_tier", "转人工审核", "send to review", frozenset({"review"}),
            (ParamSpec("tier", ValueType.CODE, "级别", "tier", choices=TIER_CHOICES),),
        ),
        ActionSpec("pass", "直接通过", "pass", frozenset({"review"})),
    ),
)  # fmt: skip
BINDINGS: Final = {spec.name: bind for spec, bind in _BOUND}


def facts_of(order: OrderWork, shop: ShopCard, names: frozenset[str]) -> dict[str, Any]:
    """The values of the named facts, as the rules see them."""
    return {name: BINDINGS[name](order, shop) for name in names}
