"""Facts of the lines as the platform told them: any, all, how many. What is packed for them is in goods."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.work import LineWork, OrderWork
from oms.app.rulebook.facts.binding import MATCHED, Facts, gathered
from oms.app.rulebook.facts.order import FULFILLERS
from rules.model import ValueType as V

#: Goods lines that the platform still tells of.
GOODS_SQL: Final = "order_line l where l.order_id = o.id and l.kind = 'goods' and not l.is_gone"
KINDS: Final = (
    ("goods", "货品", "goods"), ("freight", "运费", "freight"), ("fee", "服务费", "fee"), ("tip", "小费", "tip"),
    ("gift_card", "礼品卡", "gift card"), ("service", "服务", "service"),
)  # fmt: skip
REFUNDS: Final = (
    ("asked", "已申请", "asked"), ("agreed", "已同意", "agreed"), ("returned", "已退货", "returned"),
    ("refused", "已拒绝", "refused"), ("succeeded", "已退款", "succeeded"), ("closed", "已撤销", "closed"),
)  # fmt: skip


def goods_lines(order: OrderWork) -> list[LineWork]:
    """Goods lines that the platform still tells of."""
    return [line for line in order.lines if line.kind == "goods" and not line.is_gone]


def _titles(order: OrderWork) -> str:
    return "\n".join([line.title for line in sorted(goods_lines(order), key=lambda line: line.id)])


def is_unmatched(line: LineWork) -> bool:
    """Whether it is for us to ship, and nobody knows what it is."""
    return line.fulfiller == "us" and line.sku_id is None and line.bundle_id is None


_fact = Facts("lines")
_order = Facts("order")
_matched = Facts("lines", MATCHED)

FACTS: Final = (
    _order("lines", V.COUNT, "货品行数", "goods lines", f"(select count(*) from {GOODS_SQL})",
           lambda o, s, b: sum([line.kind == "goods" and not line.is_gone for line in o.lines])),
    _order("units", V.COUNT, "货品件数", "goods units", f"(select coalesce(sum(l.ordered), 0) from {GOODS_SQL})",
           lambda o, s, b: sum([line.ordered for line in o.lines if line.kind == "goods" and not line.is_gone])),
    _fact("most_units", V.COUNT, "单行最多件数", "most units of a line",
          f"(select coalesce(max(l.ordered), 0) from {GOODS_SQL})",
          lambda o, s, b: max([line.ordered for line in goods_lines(o)], default=0)),
    _fact("seller_codes", V.SET, "商家编码", "seller codes",
          gathered("l.seller_code", GOODS_SQL),
          lambda o, s, b: frozenset([line.seller_code for line in goods_lines(o)])),
    _fact("listings", V.SET, "平台货品编号", "listing numbers",
          gathered("l.listing_no", GOODS_SQL),
          lambda o, s, b: frozenset([line.listing_no for line in goods_lines(o)])),
    _fact("variants", V.SET, "平台规格编号", "variant numbers",
          gathered("l.variant_no", GOODS_SQL),
          lambda o, s, b: frozenset([line.variant_no for line in goods_lines(o)])),
    _fact("titles", V.TEXT, "货品标题", "titles of goods",
          f"(select coalesce(string_agg(l.title, chr(10) order by l.id), '') from {GOODS_SQL})",
          lambda o, s, b: _titles(o)),
    _fact("gift_units", V.COUNT, "赠品件数", "gift units",
          f"(select coalesce(sum(l.ordered), 0) from {GOODS_SQL} and l.is_gift)",
          lambda o, s, b: sum([line.ordered for line in goods_lines(o) if line.is_gift])),
    _fact("are_gifts", V.BOOL, "全是赠品", "gifts alone",
          f"(select coalesce(bool_and(l.is_gift), false) from {GOODS_SQL})",
          lambda o, s, b: bool(goods_lines(o)) and all(line.is_gift for line in goods_lines(o))),
    _fact("kinds", V.SET, "明细类型", "kinds of lines",
          gathered("l.kind", "order_line l where l.order_id = o.id and not l.is_gone"),
          lambda o, s, b: frozenset([line.kind for line in o.lines if not line.is_gone]), choices=KINDS),
    _fact("refunds", V.SET, "明细退款状态", "refund states of lines",
          gathered("l.refund_state", f"{GOODS_SQL} and l.refund_state <> 'none'"),
          lambda o, s, b: frozenset([line.refund_state for line in goods_lines(o) if line.refund_state != "none"]),
          choices=REFUNDS),
    _fact("fulfillers", V.SET, "明细发货方", "fulfillers of lines",
          gathered("l.fulfiller", GOODS_SQL),
          lambda o, s, b: frozenset([line.fulfiller for line in goods_lines(o)]), choices=FULFILLERS),
    _fact("are_bound", V.BOOL, "有须同发的明细", "lines bound together",
          f"(select coalesce(bool_or(l.bound_group <> ''), false) from {GOODS_SQL})",
          lambda o, s, b: any(line.bound_group for line in goods_lines(o))),
    _matched("unmatched", V.COUNT, "未匹配行数", "unmatched lines",
             f"(select count(*) from {GOODS_SQL} and l.fulfiller = 'us' and l.sku_id is null and l.bundle_id is null)",
             lambda o, s, b: sum([is_unmatched(line) for line in goods_lines(o)])),
)  # fmt: skip
