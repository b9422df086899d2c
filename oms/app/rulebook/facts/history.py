"""Facts of the buyer's history on the channel, the order itself left out; missing where no buyer was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import Facts, LookUp, Stands
from oms.db.bulk import array_of
from rules.model import ValueType as V

#: Orders of the buyers, also those that this batch has not written yet; `t` are the orders that ask.
_KNOWN: Final = """
with known as (
  select id, customer_id, status, ordered_at, paid_at, paid_total, currency from orders where customer_id = any(%s)
  union all select * from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::bigint[], %s::text[])),
t as (select * from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::timestamptz[])
  as t(id, customer_id, ordered_at, currency, now))"""
ORDERS: Final = f"""{_KNOWN}
select t.id,
  count(*) filter (where p.status <> 'cancelled' and p.ordered_at > t.now - interval '30 days'),
  count(*) filter (where p.status <> 'cancelled' and p.ordered_at > t.now - interval '90 days'),
  count(*) filter (where p.status = 'open'), count(*) filter (where p.status = 'unpaid'),
  count(*) filter (where (p.ordered_at, p.id) < (t.ordered_at, t.id)),
  coalesce(sum(p.paid_total) filter (where p.paid_at is not null and p.status <> 'cancelled'
    and p.currency = t.currency), 0)::bigint,
  max(p.ordered_at)
from t join known p on p.customer_id = t.customer_id and p.id <> t.id and p.ordered_at <= t.now group by t.id"""
CASES: Final = f"""{_KNOWN}
select t.id, count(*) filter (where k.opened_at > t.now - interval '30 days'), count(*)
from t join known p on p.customer_id = t.customer_id and p.id <> t.id join cases k on k.order_id = p.id
where k.kind in ('refund', 'return') and k.outcome <> 'withdrawn' and k.opened_at <= t.now
  and k.opened_at > t.now - interval '90 days'
group by t.id"""
BUYERS: Final = "select id, external_id, member_level from customer where id = any(%s)"
LISTED: Final = """select blind from blacklist_entry
where kind = 'buyer' and blind = any(%s) and (expires_at is null or expires_at > %s)"""


class Past(NamedTuple):
    """Other orders of the buyer up to the moment; money in minor units of the order's currency."""

    orders_30d: int = 0
    orders_90d: int = 0
    open: int = 0
    unpaid: int = 0
    before: int = 0
    paid_total: int = 0
    last_at: datetime | None = None


class Buyer(NamedTuple):
    """What is known of the buyer."""

    level: str = ""
    is_blacklisted: bool = False


def _asked(batch: Batch, orders: Sequence[OrderWork]) -> list[Any]:
    """The parameters of a question about other orders of the buyers of these."""
    mine = [order for order in orders if order.customer_id is not None]
    new = [order for order, _ in batch.new_orders if order.customer_id is not None]
    columns = ("id", "customer_id", "status", "ordered_at", "paid_at", "paid_total", "currency")
    told = [array_of([getattr(order, name) for order in new]) for name in columns]
    asking = [array_of([getattr(o, name) for o in mine]) for name in ("id", "customer_id", "ordered_at", "currency")]
    buyers = array_of(sorted({order.customer_id for order in mine if order.customer_id is not None}))
    return [buyers, *told, *asking, array_of([batch.now for _ in mine])]


def _load_orders(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Past]:
    return {row[0]: Past(*row[1:]) for row in fetch(batch.connection, ORDERS, _asked(batch, orders))}


def _load_cases(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, tuple[int, int]]:
    return {row[0]: (row[1], row[2]) for row in fetch(batch.connection, CASES, _asked(batch, orders))}


def _load_buyers(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Buyer]:
    """The blacklist knows buyers by keyed hashes alone."""
    ids = sorted({order.customer_id for order in orders if order.customer_id is not None})
    found = {row[0]: row[1:] for row in fetch(batch.connection, BUYERS, (array_of(ids),))}
    blinds = {id_: batch.hub.keys.blinds("buyer", external_id) for id_, (external_id, _) in found.items()}
    asked = sorted({blind for mine in blinds.values() for blind in mine})
    listed = {bytes(row[0]) for row in fetch(batch.connection, LISTED, (array_of(asked), batch.now))}
    buyers = {id_: Buyer(level, not listed.isdisjoint(blinds[id_])) for id_, (_, level) in found.items()}
    return {order.id: buyers[order.customer_id] for order in orders if order.customer_id in buyers}


PAST: Final = LookUp[Past]("orders of the buyer", _load_orders, Past())
RETURNED: Final = LookUp[tuple[int, int]]("cases of the buyer", _load_cases, (0, 0))
BUYER: Final = LookUp[Buyer]("buyers", _load_buyers, Buyer())


def _known(order: OrderWork, value: Any) -> Any:
    """Missing where the platform told no buyer."""
    return None if order.customer_id is None else value()


def _past(field: str) -> Any:
    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        return _known(order, lambda: getattr(PAST.of(batch, order), field))

    return value


def _cases(index: int) -> Any:
    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        return _known(order, lambda: RETURNED.of(batch, order)[index])

    return value


_PAST_SQL: Final = "orders x where x.customer_id = o.customer_id and x.id <> o.id and x.ordered_at <= m.at"


def _sql(expression: str, condition: str = "") -> str:
    return f"(case when o.customer_id is not null then (select {expression} from {_PAST_SQL}{condition}) end)"


def _within_sql(days: int) -> str:
    return _sql("count(*)", f" and x.status <> 'cancelled' and x.ordered_at > m.at - interval '{days} days'")


def _cases_sql(days: int) -> str:
    return f"""(case when o.customer_id is not null then (select count(*) from orders x join cases k on k.order_id = x.id
    where x.customer_id = o.customer_id and x.id <> o.id and x.ordered_at <= m.at and k.kind in ('refund', 'return')
    and k.outcome <> 'withdrawn' and k.opened_at <= m.at and k.opened_at > m.at - interval '{days} days') end)"""


_buyer = Facts("buyer")
_fact = Facts("buyer", stands=Stands.AS_OF)
_now = Facts("buyer", stands=Stands.NOW)

FACTS: Final = (
    _buyer("is_known", V.BOOL, "已知买家", "buyer is known", "o.customer_id is not null",
           lambda o, s, b: o.customer_id is not None),
    _now("level", V.TEXT, "会员等级", "member level",
         "(select x.member_level from customer x where x.id = o.customer_id)",
         lambda o, s, b: _known(o, lambda: BUYER.of(b, o).level)),
    _fact("is_blacklisted", V.BOOL, "买家在黑名单", "buyer is blacklisted", None,
          lambda o, s, b: BUYER.of(b, o).is_blacklisted, reason="kept as a keyed hash"),
    _fact("orders_30d", V.COUNT, "买家近30天订单数", "orders of the buyer in 30 days", _within_sql(30),
          _past("orders_30d")),
    _fact("orders_90d", V.COUNT, "买家近90天订单数", "orders of the buyer in 90 days", _within_sql(90),
          _past("orders_90d")),
    _fact("refunds_30d", V.COUNT, "买家近30天退款数", "refunds of the buyer in 30 days", _cases_sql(30), _cases(0)),
    _fact("refunds_90d", V.COUNT, "买家近90天退款数", "refunds of the buyer in 90 days", _cases_sql(90), _cases(1)),
    _fact("paid_total", V.MONEY, "买家累计实付", "paid by the buyer so far",
          _sql("cast(coalesce(sum(x.paid_total), 0) as bigint)",
               " and x.paid_at is not null and x.status <> 'cancelled' and x.currency = o.currency"),
          _past("paid_total")),
    _buyer("is_first_order", V.BOOL, "首单", "first order of the buyer",
           _sql("count(*) = 0", " and (x.ordered_at, x.id) < (o.ordered_at, o.id)"),
           lambda o, s, b: _known(o, lambda: PAST.of(b, o).before == 0)),
    _fact("last_order_at", V.DATETIME, "买家上次下单时间", "last order of the buyer", _sql("max(x.ordered_at)"),
          _past("last_at")),
    _now("open_orders", V.COUNT, "买家其他进行中订单数", "other open orders of the buyer",
         _sql("count(*)", " and x.status = 'open'"), _past("open")),
    _now("unpaid_orders", V.COUNT, "买家待付款订单数", "unpaid orders of the buyer",
         _sql("count(*)", " and x.status = 'unpaid'"), _past("unpaid")),
)  # fmt: skip
