"""Facts of the margin: income against the cost prices in force at the moment; unknown where a cost price is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.rulebook.facts.binding import MATCHED, Facts, Stands, kept
from oms.app.rulebook.facts.lines import GOODS_SQL, goods_lines
from oms.app.rulebook.facts.money import percent
from oms.db.bulk import array_of
from rules.facts import UNKNOWN
from rules.model import ValueType as V

#: (SKU or 0, bundle or 0, units of the SKU in it, cost price of a unit, its currency) of SKUs sold alone or in bundles.
COSTS: Final = """
with sold as (
  select u.id as sku_id, cast(0 as bigint) as bundle_id, cast(1 as bigint) as units from unnest(%s::bigint[]) as u(id)
  union all select sku_id, bundle_id, units from bundle_part where bundle_id = any(%s))
select s.sku_id, s.bundle_id, s.units, p.amount, p.currency from sold s
left join lateral (select amount, currency from cost_price p where p.sku_id = s.sku_id and p.valid_from <= %s
  order by p.valid_from desc limit 1) p on true"""

#: What a line costs, from the newest prices in the order's currency; null when one of them is not known.
_PRICE_SQL: Final = """(select case when p.currency = o.currency then p.amount end as amount from cost_price p
where p.sku_id = {sku} and p.valid_from <= m.at order by p.valid_from desc limit 1)"""
_COST_SQL: Final = f"""case when l.sku_id is not null then l.ordered * {_PRICE_SQL.format(sku="l.sku_id")}
else l.ordered * (select case when count(*) = count(x.amount) then sum(x.amount * q.units) end from bundle_part q
left join lateral {_PRICE_SQL.format(sku="q.sku_id")} x on true where q.bundle_id = l.bundle_id) end"""
SOLD_SQL: Final = (
    GOODS_SQL.replace("order_line l where", f"order_line l cross join lateral (select {_COST_SQL} as cost) k where")
    + " and l.refund_state <> 'succeeded' and l.platform_state <> 'cancelled'"
)
_INCOME: Final = "l.list_amount - l.discount_merchant"


def _look_up(batch: Batch, order: OrderWork) -> dict[int, Any]:
    """Unit costs by SKU, and by minus the number of a bundle: (amount, currency) of each part, None when not known."""
    costs = kept(batch, "costs")
    sold = [line for line in goods_lines(order) if line.sku_id or line.bundle_id]
    if all((line.sku_id or -(line.bundle_id or 0)) in costs for line in sold):
        return costs
    lines = [line for other in (*batch.orders.values(), order) for line in other.lines]
    skus = sorted({line.sku_id for line in lines if line.sku_id} - costs.keys())
    bundles = sorted({line.bundle_id for line in lines if line.bundle_id})
    costs.update({key: [] for key in (*skus, *(-bundle for bundle in bundles))})
    for sku_id, bundle_id, units, amount, currency in fetch(
        batch.connection, COSTS, (array_of(skus), array_of(bundles), batch.now)
    ):
        costs[-bundle_id or sku_id].append((units, amount, currency))
    return costs


def _cost(line: LineWork, currency: str, costs: dict[int, Any]) -> int | None:
    parts = costs.get(line.sku_id or -(line.bundle_id or 0))
    if not parts or any(amount is None or told != currency for _, amount, told in parts):
        return None
    return line.ordered * sum([int(units * amount) for units, amount, _ in parts])


Sold = list[tuple[LineWork, int | None]]


def sold_lines(order: OrderWork, batch: Batch) -> Sold:
    """Goods lines that still count as sold, with their cost."""
    costs = _look_up(batch, order)
    return [(line, _cost(line, order.currency, costs)) for line in goods_lines(order) if not line.is_void]


def _from(ask: Callable[[list[tuple[int, int]]], Any], *, gifts: bool = True) -> Callable[..., Any]:
    """A value from (income, cost) of each line; unknown when a cost is, missing when nothing is sold."""

    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        sold = [(line, cost) for line, cost in sold_lines(order, batch) if gifts or not line.is_gift]
        known = [(line.list_amount - line.discount_merchant, cost) for line, cost in sold if cost is not None]
        if len(known) < len(sold):
            return UNKNOWN
        return ask(known) if known else None

    return value


def _percent(sold: list[tuple[int, int]]) -> Any:
    return percent(sum([income - cost for income, cost in sold]), sum([income for income, _ in sold]))


def _sql(expression: str, *, gifts: bool = True) -> str:
    condition = "" if gifts else " and not l.is_gift"
    return f"(select case when count(*) = count(k.cost) then {expression} end from {SOLD_SQL}{condition})"


_fact = Facts("order", MATCHED, Stands.AS_OF)
_unsure = Facts("order", MATCHED, Stands.AS_OF, may_be_unknown=True)

FACTS: Final = (
    _fact("has_cost", V.BOOL, "成本齐全", "costs are known", f"(select count(*) = count(k.cost) from {SOLD_SQL})",
          lambda o, s, b: all(cost is not None for _, cost in sold_lines(o, b))),
    _unsure("cost", V.MONEY, "成本总额", "cost of goods", _sql("cast(sum(k.cost) as bigint)"),
          _from(lambda sold: sum([cost for _, cost in sold]))),
    _unsure("margin", V.MONEY, "毛利", "margin", _sql(f"cast(sum({_INCOME} - k.cost) as bigint)"),
          _from(lambda sold: sum([income - cost for income, cost in sold]))),
    _unsure("margin_percent", V.DECIMAL, "毛利率", "margin of the income",
          _sql(f"round(100.0 * sum({_INCOME} - k.cost) / nullif(sum({_INCOME}), 0), 2)"), _from(_percent), unit="%"),
    _unsure("worst_line_margin", V.MONEY, "最低行毛利", "margin of the worst line",
          _sql(f"cast(min({_INCOME} - k.cost) as bigint)", gifts=False),
          _from(lambda sold: min([income - cost for income, cost in sold]), gifts=False)),
)  # fmt: skip
