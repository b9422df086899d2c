"""Facts of the shop: its codes, groups, channel, owner and mode, and what happened in it of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Facts, LookUp, Stands
from oms.app.rulebook.facts.order import OWNERS
from oms.db.bulk import array_of
from rules.model import ValueType as V

MODES: Final = (("live", "正式", "live"), ("observing", "观察", "observing"), ("closed", "关闭", "closed"))
CARDS: Final = """
select s.id, c.code, s.timezone, g.code, u.code, p.code from shop s join channel c on c.id = s.channel_id
left join shop_group g on g.id = s.shop_group_id left join user_group u on u.id = s.user_group_id
left join stock_pool p on p.id = s.stock_pool_id where s.id = any(%s)"""
#: Orders and cases of a shop within a window, itself left out by the binding.
ORDERS: Final = """select shop_id, count(*) from orders where shop_id = any(%s) and ordered_at > %s and ordered_at <= %s
group by 1"""
CASES: Final = """select shop_id, count(*) from cases where shop_id = any(%s) and opened_at > %s and opened_at <= %s
group by 1"""


class Card(NamedTuple):
    """What the pipeline does not carry of a shop."""

    channel: str
    timezone: str
    shop_group: str | None
    user_group: str | None
    pool: str | None


def _load(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Card]:
    shops = sorted({order.shop_id for order in orders})
    cards = {row[0]: Card(*row[1:]) for row in fetch(batch.connection, CARDS, (array_of(shops),))}
    return {order.id: cards[order.shop_id] for order in orders}


def _load_orders(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, int]:
    """Other orders of the shop in the last hour, those counted that this batch has not written yet."""
    shops, since = sorted({order.shop_id for order in orders}), batch.now - timedelta(hours=1)
    counts = dict(fetch(batch.connection, ORDERS, (array_of(shops), since, batch.now)))
    for order, _ in batch.new_orders:
        if since < order.ordered_at <= batch.now:
            counts[order.shop_id] = counts.get(order.shop_id, 0) + 1
    return {
        order.id: counts.get(order.shop_id, 0) - (since < order.ordered_at <= batch.now) for order in orders
    }  # fmt: skip


def _load_cases(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, int]:
    shops, since = sorted({order.shop_id for order in orders}), batch.now - timedelta(days=7)
    counts = dict(fetch(batch.connection, CASES, (array_of(shops), since, batch.now)))
    return {order.id: counts.get(order.shop_id, 0) for order in orders}


NOWHERE: Final = Card("", "UTC", None, None, None)
SHOP: Final = LookUp[Card]("shops", _load, NOWHERE)
BUSY: Final = LookUp[int]("orders of the shop", _load_orders, 0)
COMPLAINED: Final = LookUp[int]("cases of the shop", _load_cases, 0)


def _of(field: str) -> Any:
    return lambda o, s, b: getattr(SHOP.of(b, o), field)


def _code_sql(table: str, column: str) -> str:
    return f"(select x.code from {table} x where x.id = s.{column})"


_fact = Facts("shop")
_late = Facts("shop", stands=Stands.AS_OF)

FACTS: Final = (
    _fact("code", V.TEXT, "店铺", "shop", "s.code", lambda o, s, b: s.code),
    _fact("name", V.TEXT, "店铺名称", "shop name", "s.name", lambda o, s, b: s.name),
    _fact("platform", V.TEXT, "平台", "platform", "c.platform_code", lambda o, s, b: s.platform_code),
    _fact("channel", V.TEXT, "渠道", "channel", "c.code", _of("channel")),
    _fact("vendor", V.TEXT, "接口", "connector", "c.vendor", lambda o, s, b: s.vendor),
    _fact("group", V.TEXT, "店铺组", "shop group", _code_sql("shop_group", "shop_group_id"), _of("shop_group")),
    _fact("user_group", V.TEXT, "用户组", "user group", _code_sql("user_group", "user_group_id"), _of("user_group")),
    _fact("pool", V.TEXT, "库存池", "stock pool", _code_sql("stock_pool", "stock_pool_id"), _of("pool")),
    _fact("owner", V.CODE, "店铺归属", "owner of the shop", "s.owner", lambda o, s, b: s.owner, choices=OWNERS),
    Facts("shop", stands=Stands.NOW)("mode", V.CODE, "店铺模式", "mode of the shop", "s.mode", lambda o, s, b: s.mode,
                                     choices=MODES),
    _fact("currency", V.TEXT, "店铺币种", "currency of the shop", "s.currency", lambda o, s, b: s.currency),
    _fact("live_since", V.DATETIME, "店铺上线时间", "went live", "s.go_live_at", lambda o, s, b: s.go_live_at),
    _late("orders_1h", V.COUNT, "店铺近一小时订单数", "orders of the shop in the last hour",
          """(select count(*) from orders x where x.shop_id = o.shop_id and x.id <> o.id
          and x.ordered_at > m.at - interval '1 hour' and x.ordered_at <= m.at)""", lambda o, s, b: BUSY.of(b, o)),
    _late("cases_7d", V.COUNT, "店铺近七天售后数", "cases of the shop in the last week",
          """(select count(*) from cases k where k.shop_id = o.shop_id
          and k.opened_at > m.at - interval '7 days' and k.opened_at <= m.at)""", lambda o, s, b: COMPLAINED.of(b, o)),
)  # fmt: skip
