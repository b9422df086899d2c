"""Facts of the order itself: where it comes from, what the platform says of it, its term, flags, holds and tiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import ORDER_GIVEN
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import MATCHED, PLANNED, Facts, LookUp, Stands, gathered
from oms.db.bulk import array_of
from oms.domain.holds import CLOSED, KINDS
from oms.domain.review import TIERS, tiers_in
from rules.model import ValueType as V

ORIGINS: Final = (
    ("platform", "平台", "platform"), ("distributor", "分销", "distributor"), ("pos", "门店收银", "till"),
    ("manual", "手工", "manual"), ("exchange", "换货", "exchange"), ("reship", "补寄", "reship"),
)  # fmt: skip
OWNERS: Final = (("own", "自营", "own"), ("agent", "代销", "agent"), ("distributor", "分销商", "distributor"))
FULFILLERS: Final = (("us", "我方", "us"), ("platform", "平台仓", "platform"), ("owner", "货主", "owner"))
STATES: Final = (
    ("unpaid", "待付款", "unpaid"), ("open", "待发货", "open"), ("part_shipped", "部分发货", "part shipped"),
    ("shipped", "已发货", "shipped"), ("completed", "交易成功", "completed"), ("cancelled", "交易关闭", "cancelled"),
)  # fmt: skip
TERMS: Final = (
    ("cod", "货到付款", "COD"), ("presale", "预售", "presale"), ("prepaid", "已付款", "prepaid"),
    ("unpaid", "未付款", "awaiting payment"),
)  # fmt: skip
HOLD_WORDS: Final = tuple((kind.code, kind.zh, kind.en) for kind in KINDS.values())
TIER_WORDS: Final = tuple((tier.code, tier.zh, tier.en) for tier in TIERS)

#: Columns that the pipeline does not carry: (tags, platform's own status, presentment currency, collect by).
STORED: Final = "select id, tags, platform_status, presentment_currency, collect_by from orders where id = any(%s)"
_GIVEN: Final = [ORDER_GIVEN.index(name) for name in ("platform_status", "presentment_currency", "collect_by")]
LIFTED: Final = """
select order_id, array_agg(distinct kind) from hold where order_id = any(%s) and cleared_at is not null
and cleared_by not in ('system', 'platform') and clear_reason <> %s group by 1"""


def _load_stored(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Any]:
    """Of orders that are not written yet what will be written."""
    wanted = [order.id for order in orders if not order.is_new]
    found = {row[0]: row[1:] for row in fetch(batch.connection, STORED, (array_of(wanted),))} if wanted else {}
    for order, given in batch.new_orders:
        found[order.id] = ((), *(given[index] for index in _GIVEN))
    return found


def _load_lifted(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, frozenset[str]]:
    rows = fetch(batch.connection, LIFTED, (array_of([order.id for order in orders]), CLOSED))
    return {id_: frozenset(kinds) for id_, kinds in rows}


Columns = tuple[Sequence[str], str, str | None, Any]
_NO_COLUMNS: Final[Columns] = ((), "", None, None)
COLUMNS: Final = LookUp[Columns]("order columns", _load_stored, _NO_COLUMNS)
LIFTED_HOLDS: Final = LookUp[frozenset[str]]("lifted holds", _load_lifted, frozenset())


def _tags(order: OrderWork, _shop: ShopCard, batch: Batch) -> frozenset[str]:
    """Those that are stored, with what this batch has put on and taken off."""
    changed = batch.tags.get(order.id, {})
    stored = [word for word in COLUMNS.of(batch, order)[0] if changed.get(word, True)]
    return frozenset([*stored, *[word for word, is_on in changed.items() if is_on]])


def _term(order: OrderWork, _shop: ShopCard, _batch: Batch) -> str:
    if order.is_cod:
        return "cod"
    if order.paid_at is None:
        return "unpaid"
    return "presale" if order.is_presale else "prepaid"


_TERM_SQL: Final = """case when o.is_cod then 'cod' when o.paid_at is null then 'unpaid'
when o.is_presale then 'presale' else 'prepaid' end"""
_TIER_SQL: Final = ", ".join(f"case when o.tiers_passed & {tier.bit} <> 0 then '{tier.code}' end" for tier in TIERS)

_fact = Facts("order")
_now = Facts("order", MATCHED, Stands.NOW)
_reviewed = Facts("order", PLANNED, Stands.NOW)

FACTS: Final = (
    _fact("origin", V.CODE, "订单来源", "origin", "o.origin", lambda o, s, b: o.origin, choices=ORIGINS),
    _fact("number", V.TEXT, "平台订单号", "order number", "o.external_no", lambda o, s, b: o.external_no),
    _fact("owner", V.CODE, "归属", "ownership", "o.owner", lambda o, s, b: o.owner, choices=OWNERS),
    _fact("fulfiller", V.CODE, "发货方", "fulfiller", "o.fulfiller", lambda o, s, b: o.fulfiller, choices=FULFILLERS),
    _fact("is_cod", V.BOOL, "货到付款", "cash on delivery", "o.is_cod", lambda o, s, b: o.is_cod),
    _fact("is_presale", V.BOOL, "预售", "presale", "o.is_presale", lambda o, s, b: o.is_presale),
    _fact("term", V.CODE, "付款条件", "payment term", _TERM_SQL, _term, choices=TERMS),
    _fact("currency", V.TEXT, "币种", "currency", "o.currency", lambda o, s, b: o.currency),
    _fact("buyer_currency", V.TEXT, "买家币种", "currency shown to the buyer", "o.presentment_currency",
          lambda o, s, b: COLUMNS.of(b, o)[2]),
    _fact("platform_state", V.CODE, "平台状态", "platform state", "o.platform_state", lambda o, s, b: o.platform_state,
          choices=STATES),
    _fact("platform_status", V.TEXT, "平台原始状态", "status in the platform's words", "o.platform_status",
          lambda o, s, b: COLUMNS.of(b, o)[1]),
    _fact("platform_holds", V.SET, "平台限制发货", "platform's reasons against shipping", "o.platform_holds",
          lambda o, s, b: frozenset(o.platform_holds)),
    _fact("keeps_together", V.BOOL, "不可拆单", "may not be split", "o.keeps_together",
          lambda o, s, b: o.keeps_together),
    _fact("is_sealed", V.BOOL, "不可拆合", "sealed", "o.is_sealed", lambda o, s, b: o.is_sealed),
    _fact("has_memo", V.BOOL, "有卖家备注", "has a memo", "o.has_memo", lambda o, s, b: o.has_memo),
    _fact("has_message", V.BOOL, "有买家留言", "has a message", "o.has_message", lambda o, s, b: o.has_message),
    _fact("flag", V.TEXT, "旗帜颜色", "flag colour", "o.flag", lambda o, s, b: o.flag),
    _now("tags", V.SET, "订单标签", "tags", "o.tags", _tags),
    _now("priority", V.INTEGER, "优先级", "priority", "o.priority", lambda o, s, b: o.priority),
    _now("holds", V.SET, "挂起原因", "open holds",
         gathered("h.kind", "hold h where h.order_id = o.id and h.cleared_at is null"),
         lambda o, s, b: frozenset([hold.kind for hold in o.holds]), choices=HOLD_WORDS),
    _now("holds_lifted", V.SET, "人工解除的挂起", "holds lifted by people",
         gathered("h.kind", f"""hold h where h.order_id = o.id and h.cleared_at is not null
         and h.cleared_by not in ('system', 'platform') and h.clear_reason <> '{CLOSED}'"""),
         lambda o, s, b: LIFTED_HOLDS.of(b, o), choices=HOLD_WORDS),
    _reviewed("tiers_passed", V.SET, "已通过级别", "tiers passed", f"array_remove(array[{_TIER_SQL}], null)",
              lambda o, s, b: frozenset([tier.code for tier in tiers_in(o.tiers_passed)]), choices=TIER_WORDS),
)  # fmt: skip
