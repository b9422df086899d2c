"""Facts of the goods to pack: the SKUs that the lines were matched to, with weight, volume and size class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import REFUNDED, OrderWork
from oms.app.rulebook.facts.binding import MATCHED, Binding, Facts, gathered, kept
from oms.app.rulebook.facts.lines import GOODS_SQL, goods_lines
from oms.db.bulk import array_of
from rules.facts import UNKNOWN
from rules.model import ValueType as V

SIZES: Final = (("small", "小件", "small"), ("medium", "中件", "medium"), ("large", "大件", "large"))
CARDS: Final = """
select id, code, category, size_class, weight_g, volume_cm3, is_virtual from sku where id = any(%s)"""
BUNDLES: Final = "select id, code from bundle where id = any(%s)"

#: Goods that are still wanted, with their SKU.
PACKED_SQL: Final = "demand d join sku k on k.id = d.sku_id where d.order_id = o.id and d.units > d.cancelled"
#: A line with something left to ship by us of which nobody has said yet what is packed for it.
_OPEN_SQL: Final = f"""exists (select from {GOODS_SQL} and l.fulfiller = 'us' and l.ordered > l.cancelled + l.shipped
and l.refund_state not in ({", ".join(f"'{state}'" for state in sorted(REFUNDED))}) and l.platform_state <> 'cancelled'
and not exists (select from demand d where d.order_id = o.id and d.order_line_id = l.id))"""


class Card(NamedTuple):
    """What rules may ask of a SKU; weights in grams, volumes in cubic centimetres, 0 when nobody has measured."""

    id: int
    code: str
    category: str
    size_class: str
    weight_g: int
    volume_cm3: int
    is_virtual: bool


Packed = list[tuple[Card, int]]


def _is_open(order: OrderWork) -> bool:
    """Whether it is not known yet what is packed for some line: before it was preprocessed, or while it is unmatched."""
    packed = {demand.line_id for demand in order.demands}
    return any(
        line.id not in packed and line.is_goods and not line.is_lost and line.ordered > line.cancelled + line.shipped
        for line in order.lines
    )


def _packed(batch: Batch, order: OrderWork) -> Packed:
    """(SKU, units) still wanted; SKUs of the whole batch are looked up together."""
    cards = kept(batch, "sku cards")
    mine = [demand for demand in order.demands if demand.units > demand.cancelled]
    if any(demand.sku_id not in cards for demand in mine):
        ids = {demand.sku_id for other in (*batch.orders.values(), order) for demand in other.demands} - cards.keys()
        cards.update({row[0]: Card(*row) for row in fetch(batch.connection, CARDS, (array_of(sorted(ids)),))})
    return [(cards[demand.sku_id], demand.units - demand.cancelled) for demand in mine]


def _bundle_codes(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    if _is_open(order):
        return UNKNOWN
    codes = kept(batch, "bundle codes")
    mine = {line.bundle_id for line in goods_lines(order) if line.bundle_id}
    if not mine <= codes.keys():
        ids = {line.bundle_id for other in (*batch.orders.values(), order) for line in other.lines if line.bundle_id}
        codes.update(dict(fetch(batch.connection, BUNDLES, (array_of(sorted(ids)),))))
    return frozenset([codes[id_] for id_ in mine])


def _ask(question: Callable[[Packed], Any]) -> Binding:
    """A value from what is packed; unknown while that is not known of every line."""
    return lambda o, s, b: UNKNOWN if _is_open(o) else question(_packed(b, o))


def _measure(measure: Callable[[Card], int], total: Callable[[list[tuple[int, int]]], int]) -> Binding:
    """A value from (measure of a unit, units) of what can be weighed; unknown when something was never measured."""

    def question(packed: Packed) -> Any:
        goods = [(measure(card), units) for card, units in packed if not card.is_virtual]
        return UNKNOWN if any(each == 0 for each, _ in goods) else total(goods)

    return _ask(question)


def _total(goods: list[tuple[int, int]]) -> int:
    return sum([each * units for each, units in goods])


def _most(goods: list[tuple[int, int]]) -> int:
    return max([each for each, _ in goods], default=0)


def _sure(expression: str) -> str:
    """Null while it is not known of every line what is packed for it."""
    return f"case when not {_OPEN_SQL} then {expression} end"


def _measure_sql(column: str, expression: str) -> str:
    """Null also when something was never measured."""
    return _sure(f"""(select case when not coalesce(bool_or(k.{column} = 0), false)
    then cast(coalesce({expression}, 0) as bigint) end from {PACKED_SQL} and not k.is_virtual)""")


_fact = Facts("goods", MATCHED, may_be_unknown=True)

FACTS: Final = (
    _fact("skus", V.SET, "货品编码", "SKU codes", _sure(gathered("k.code", PACKED_SQL)),
          _ask(lambda packed: frozenset([card.code for card, _ in packed]))),
    _fact("sku_count", V.COUNT, "货品种数", "distinct SKUs", _sure(f"(select count(distinct k.id) from {PACKED_SQL})"),
          _ask(lambda packed: len({card.id for card, _ in packed}))),
    _fact("packed_units", V.COUNT, "需发件数", "units to pack",
          _sure(f"(select coalesce(sum(d.units - d.cancelled), 0) from {PACKED_SQL})"),
          _ask(lambda packed: sum([units for _, units in packed]))),
    _fact("bundles", V.SET, "组合装编码", "bundle codes",
          _sure(gathered("(select u.code from bundle u where u.id = l.bundle_id)",
                         f"{GOODS_SQL} and l.bundle_id is not null")), _bundle_codes),
    _fact("categories", V.SET, "货品类目", "categories of goods",
          _sure(gathered("k.category", f"{PACKED_SQL} and k.category <> ''")),
          _ask(lambda packed: frozenset([card.category for card, _ in packed if card.category]))),
    _fact("sizes", V.SET, "尺寸等级", "size classes", _sure(gathered("k.size_class", PACKED_SQL)),
          _ask(lambda packed: frozenset([card.size_class for card, _ in packed])), choices=SIZES),
    _fact("has_virtual", V.BOOL, "含虚拟货品", "virtual goods",
          _sure(f"exists (select from {PACKED_SQL} and k.is_virtual)"),
          _ask(lambda packed: any(card.is_virtual for card, _ in packed))),
    _fact("weight", V.COUNT, "总重量", "weight of goods",
          _measure_sql("weight_g", "sum(k.weight_g * (d.units - d.cancelled))"),
          _measure(lambda card: card.weight_g, _total), unit="克", unit_en="g"),
    _fact("heaviest", V.COUNT, "最重单件", "heaviest unit", _measure_sql("weight_g", "max(k.weight_g)"),
          _measure(lambda card: card.weight_g, _most), unit="克", unit_en="g"),
    _fact("volume", V.COUNT, "总体积", "volume of goods",
          _measure_sql("volume_cm3", "sum(k.volume_cm3 * (d.units - d.cancelled))"),
          _measure(lambda card: card.volume_cm3, _total), unit="立方厘米", unit_en="cm3"),
)  # fmt: skip
