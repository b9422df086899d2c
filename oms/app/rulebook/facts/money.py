"""Facts of the money: paid, list, discounts by funder, freight, tax. Amounts are minor units of the order's currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import LINE_GIVEN
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.rulebook.facts.binding import Facts, LookUp, Stands
from oms.app.rulebook.facts.lines import GOODS_SQL, goods_lines
from oms.db.bulk import array_of
from rules.model import ValueType as V

#: Lines of every kind that the platform still tells of.
LINES_SQL: Final = "order_line l where l.order_id = o.id and not l.is_gone"
_NAMES: Final = ("discount_platform", "discount_coin", "discount_member", "discount_distributor", "tax_amount")
_GIVEN: Final = [LINE_GIVEN.index(name) for name in _NAMES]
SUMS: Final = f"""
select order_id, {", ".join(f"sum({name})::bigint" for name in _NAMES)}, sum(refunded_amount)::bigint
from order_line where order_id = any(%s) and not is_gone group by order_id"""


class Shares(NamedTuple):
    """Sums over the lines of an order that the pipeline does not carry, in minor units."""

    platform: int = 0
    coin: int = 0
    member: int = 0
    distributor: int = 0
    tax: int = 0
    refunded: int = 0


def _load_shares(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Shares]:
    """Lines that are not written yet count with what will be written."""
    wanted = [order.id for order in orders if not order.is_new]
    found = {row[0]: Shares(*row[1:]) for row in fetch(batch.connection, SUMS, (array_of(wanted),))} if wanted else {}
    for line, given in batch.new_lines:
        if not line.is_gone:
            before = found.get(line.order_id, Shares())
            new = [given[index] for index in _GIVEN]
            platform, coin, member, distributor, tax = [old + more for old, more in zip(before, new, strict=False)]
            found[line.order_id] = Shares(platform, coin, member, distributor, tax, before.refunded)
    return found


SHARES: Final = LookUp[Shares]("money shares", _load_shares, Shares())


def _lines(order: OrderWork) -> list[LineWork]:
    return [line for line in order.lines if not line.is_gone]


def _merchant(order: OrderWork) -> int:
    return sum([line.discount_merchant for line in _lines(order)])


def _discount(order: OrderWork, batch: Batch) -> int:
    return _merchant(order) + sum(SHARES.of(batch, order)[:4])


def percent(part: int, whole: int) -> Decimal | None:
    """A share of a hundred with two digits, None of nothing."""
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else None


def _listed(order: OrderWork) -> int:
    return sum([line.list_amount for line in _lines(order)])


def _goods_paid(order: OrderWork) -> int:
    return sum([line.paid_amount for line in goods_lines(order)])


def _paid_per_unit(order: OrderWork) -> int | None:
    units = sum([line.ordered for line in goods_lines(order)])
    return _goods_paid(order) // units if units else None


def _dearest(order: OrderWork) -> int | None:
    return max([line.paid_amount for line in goods_lines(order)], default=None)


def _cheapest(order: OrderWork) -> int | None:
    return min([line.paid_amount // line.ordered for line in goods_lines(order) if not line.is_gift], default=None)


def _sum_sql(expression: str, source: str = LINES_SQL) -> str:
    return f"(select cast(coalesce(sum({expression}), 0) as bigint) from {source})"


_FUNDERS: Final = ("merchant", "platform", "coin", "member", "distributor")
_ALL_SQL: Final = " + ".join(f"l.discount_{funder}" for funder in _FUNDERS)
_fact = Facts("order")


def _share(name: str, zh: str, en: str, column: str, field: str) -> Any:
    return _fact(name, V.MONEY, zh, en, _sum_sql(f"l.{column}"), lambda o, s, b: getattr(SHARES.of(b, o), field))


FACTS: Final = (
    _fact("paid", V.MONEY, "实付金额", "amount paid", "o.paid_total", lambda o, s, b: o.paid_total),
    _fact("list", V.MONEY, "标价总额", "list total", _sum_sql("l.list_amount"), lambda o, s, b: _listed(o)),
    _fact("goods_paid", V.MONEY, "货品实付", "paid for goods", _sum_sql("l.paid_amount", GOODS_SQL),
          lambda o, s, b: _goods_paid(o)),
    _fact("freight", V.MONEY, "买家运费", "freight paid",
          _sum_sql("l.paid_amount", f"{LINES_SQL} and l.kind = 'freight'"),
          lambda o, s, b: sum([line.paid_amount for line in _lines(o) if line.kind == "freight"])),
    _fact("paid_per_unit", V.MONEY, "单件均价", "paid per unit",
          f"(select cast(floor(sum(l.paid_amount) / nullif(sum(l.ordered), 0)) as bigint) from {GOODS_SQL})",
          lambda o, s, b: _paid_per_unit(o)),
    _fact("dearest_line", V.MONEY, "最贵一行", "dearest line", f"(select max(l.paid_amount) from {GOODS_SQL})",
          lambda o, s, b: _dearest(o)),
    _fact("cheapest_unit", V.MONEY, "最低单价", "cheapest unit",
          "(select cast(min(floor(cast(l.paid_amount as numeric) / l.ordered)) as bigint)"
          f" from {GOODS_SQL} and not l.is_gift)", lambda o, s, b: _cheapest(o)),
    _fact("discount_merchant", V.MONEY, "商家优惠", "merchant discount", _sum_sql("l.discount_merchant"),
          lambda o, s, b: _merchant(o)),
    _share("discount_platform", "平台优惠", "platform discount", "discount_platform", "platform"),
    _share("discount_coin", "红包积分抵扣", "paid with coins", "discount_coin", "coin"),
    _share("discount_member", "会员优惠", "member discount", "discount_member", "member"),
    _share("discount_distributor", "分销商优惠", "distributor discount", "discount_distributor", "distributor"),
    _fact("discount", V.MONEY, "优惠总额", "total discount", _sum_sql(_ALL_SQL), lambda o, s, b: _discount(o, b)),
    _fact("discount_percent", V.DECIMAL, "优惠比例", "discount of the list total",
          f"(select round(100.0 * sum({_ALL_SQL}) / nullif(sum(l.list_amount), 0), 2) from {LINES_SQL})",
          lambda o, s, b: percent(_discount(o, b), _listed(o)), unit="%"),
    _share("tax", "税额", "tax", "tax_amount", "tax"),
    Facts("order", stands=Stands.NOW)("refunded", V.MONEY, "已退金额", "amount refunded", _sum_sql("l.refunded_amount"),
                                      lambda o, s, b: SHARES.of(b, o).refunded),
)  # fmt: skip
