"""Facts of the goods to pack: the SKUs that the lines were matched to, with weight, volume and size class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import DemandWork, OrderWork
from oms.app.rulebook.facts.binding import MATCHED, Facts, gathered, kept
from oms.app.rulebook.facts.lines import GOODS_SQL, goods_lines, is_unmatched
from oms.db.bulk import array_of
from rules.facts import UNKNOWN
from rules.model import ValueType as V

SIZES: Final = (("small", "小件", "small"), ("medium", "中件", "medium"), ("large", "大件", "large"))
CARDS: Final = """
select id, code, category, size_class, weight_g, volume_cm3, is_virtual from sku where id = any(%s)"""
BUNDLES: Final = "select id, code from bundle where id = any(%s)"

#: Goods that are still wanted, with their SKU.
PACKED_SQL: Final = "demand d join sku k on k.id = d.sku_id where d.order_id = o.id and d.units > d.cancelled"
_UNMATCHED_SQL: Final = (
    f"exists (select from {GOODS_SQL} and l.fulfiller = 'us' and l.sku_id is null and l.bundle_id is null)"
)


class Card(NamedTuple):
    """What rules may ask of a SKU; weights in grams, volumes in cubic centimetres, 0 when nobody has measured."""

    id: int
    code: str
    category: str
    size_class: str
    weight_g: int
    volume_cm3: int
    is_virtual: bool


def _wanted(order: OrderWork) -> list[DemandWork]:
    return [demand for demand in order.demands if demand.units > demand.cancelled]


def _packed(batch: Batch, order: OrderWork) -> list[tuple[Card, int]]:
    """(SKU, units) still wanted; SKUs of the whole batch are looked up together."""
    cards = kept(batch, "sku cards")
    mine = _wanted(order)
    if any(demand.sku_id not in cards for demand in mine):
        ids = {demand.sku_id for other in (*batch.orders.values(), order) for demand in other.demands} - cards.keys()
        cards.update({row[0]: Card(*row) for row in fetch(batch.connection, CARDS, (array_of(sorted(ids)),))})
    return [(cards[demand.sku_id], demand.units - demand.cancelled) for demand in mine]


def _bundle_codes(order: OrderWork, _shop: ShopCard, batch: Batch) -> frozenset[str]:
    codes = kept(batch, "bundle codes")
    mine = {line.bundle_id for line in goods_lines(order) if line.bundle_id}
    if not mine <= codes.keys():
        ids = {line.bundle_id for other in (*batch.orders.values(), order) for line in other.lines if line.bundle_id}
        codes.update(dict(fetch(batch.connection, BUNDLES, (array_of(sorted(ids)),))))
    return frozenset([codes[id_] for id_ in mine])


Measure = Callable[[Card], int]


def _measured(batch: Batch, order: OrderWork, measure: Measure) -> list[tuple[int, int]] | None:
    """(measure of a unit, units) of goods, None when some are unmatched or were never measured."""
    if any(is_unmatched(line) for line in goods_lines(order)):
        return None
    goods = [(measure(card), units) for card, units in _packed(batch, order) if not card.is_virtual]
    return None if any(each == 0 for each, _ in goods) else goods


def _sum(measure: Measure) -> Callable[[OrderWork, ShopCard, Batch], Any]:
    def total(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        goods = _measured(batch, order, measure)
        return UNKNOWN if goods is None else sum([each * units for each, units in goods])

    return total


def _heaviest(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
    goods = _measured(batch, order, lambda card: card.weight_g)
    return UNKNOWN if goods is None else max([each for each, _ in goods], default=0)


def _sum_sql(column: str, expression: str) -> str:
    """Null when some goods are unmatched or were never measured."""
    return f"""(select case when {_UNMATCHED_SQL} or bool_or(k.{column} = 0) then null
    else cast(coalesce({expression}, 0) as bigint) end from {PACKED_SQL} and not k.is_virtual)"""


_fact = Facts("goods", MATCHED)
_unsure = Facts("goods", MATCHED, may_be_unknown=True)

FACTS: Final = (
    _fact("skus", V.SET, "货品编码", "SKU codes", gathered("k.code", PACKED_SQL),
          lambda o, s, b: frozenset([card.code for card, _ in _packed(b, o)])),
    _fact("sku_count", V.COUNT, "货品种数", "distinct SKUs", f"(select count(distinct k.id) from {PACKED_SQL})",
          lambda o, s, b: len({demand.sku_id for demand in _wanted(o)})),
    _fact("packed_units", V.COUNT, "需发件数", "units to pack",
          f"(select coalesce(sum(d.units - d.cancelled), 0) from {PACKED_SQL})",
          lambda o, s, b: sum([demand.units - demand.cancelled for demand in _wanted(o)])),
    _fact("bundles", V.SET, "组合装编码", "bundle codes",
          gathered("(select u.code from bundle u where u.id = l.bundle_id)", f"{GOODS_SQL} and l.bundle_id is not null"),
          _bundle_codes),
    _fact("categories", V.SET, "货品类目", "categories of goods",
          gathered("k.category", f"{PACKED_SQL} and k.category <> ''"),
          lambda o, s, b: frozenset([card.category for card, _ in _packed(b, o) if card.category])),
    _fact("sizes", V.SET, "尺寸等级", "size classes", gathered("k.size_class", PACKED_SQL),
          lambda o, s, b: frozenset([card.size_class for card, _ in _packed(b, o)]), choices=SIZES),
    _fact("has_virtual", V.BOOL, "含虚拟货品", "virtual goods", f"exists (select from {PACKED_SQL} and k.is_virtual)",
          lambda o, s, b: any(card.is_virtual for card, _ in _packed(b, o))),
    _unsure("weight", V.COUNT, "总重量", "weight of goods",
          _sum_sql("weight_g", "sum(k.weight_g * (d.units - d.cancelled))"),
          _sum(lambda card: card.weight_g), unit="克", unit_en="g"),
    _unsure("heaviest", V.COUNT, "最重单件", "heaviest unit", _sum_sql("weight_g", "max(k.weight_g)"),
          _heaviest, unit="克", unit_en="g"),
    _unsure("volume", V.COUNT, "总体积", "volume of goods",
          _sum_sql("volume_cm3", "sum(k.volume_cm3 * (d.units - d.cancelled))"), _sum(lambda card: card.volume_cm3),
          unit="立方厘米", unit_en="cm3"),
)  # fmt: skip
