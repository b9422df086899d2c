"""What a plan of the batch planner says, for people: who sends how much of what, what scarce stock is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.sourcing_plans import unpack_plan
from oms.domain.sourcing.plan import Key, Kind, Plan
from oms.domain.sourcing.terms import Goods

#: Figures of a division code that name a province, and a city.
ZONES: Final = {"province": 2, "city": 4}
MOST_ROWS: Final = 60
MOST_PRICES: Final = 100
#: Types of orders, by what they consist of.
TYPES: Final = ("one_unit", "one_sku", "several")
_BODY: Final = text("select body from sourcing_plan where pool_id = :id")
_NAMES: Final = text("select code, name from division where code = any(:codes)")
_POINTS: Final = text("select id, code, name from stock_point where id = any(:ids)")
_SCARCE: Final = text("""
select v.point_id, v.sku_id, v.price, p.code as point, p.name as point_name, k.code as sku, k.name as sku_name,
  coalesce(l.on_hand - l.reserved - l.safety, 0) as sellable
from unnest(cast(:points as bigint[]), cast(:skus as bigint[]), cast(:prices as bigint[])) as v(point_id, sku_id, price)
left join stock_point p on p.id = v.point_id left join sku k on k.id = v.sku_id
left join stock_level l on l.stock_point_id = v.point_id and l.sku_id = v.sku_id and l.kind = 'good'
order by v.price desc, v.point_id, v.sku_id""")


@dataclass(slots=True)
class Carried:
    """A zone or a type of orders: orders expected, how many of them leave in several parcels, parcels by point."""

    code: str
    name: str = ""
    orders: float = 0.0
    split: float = 0.0
    parcels: dict[int, float] = field(default_factory=lambda: defaultdict(float))

    def share(self, point_id: int) -> int:
        """The point's percent of these parcels."""
        total = sum(self.parcels.values())
        return round(100 * self.parcels.get(point_id, 0.0) / total) if total else 0


@dataclass(frozen=True, slots=True)
class PlanTold:
    """A pool's plan; without zones it holds no kinds of orders, since nothing is scarce or none was made."""

    points: Sequence[AnyRow]
    zones: Sequence[Carried]
    types: Sequence[Carried]
    prices: Sequence[AnyRow]
    more_zones: int = 0
    more_prices: int = 0


def tell_plan(connection: Connection, pool_id: int, zone: str = "province") -> PlanTold:
    """What each point should carry of each zone (province or city) and each type of orders; prices of scarce stock."""
    body = connection.execute(_BODY, {"id": pool_id}).scalar_one_or_none()
    plan = unpack_plan(body) if body is not None else Plan()
    figures = ZONES.get(zone, ZONES["province"])
    zones = _carried(plan, lambda key: key[0].rstrip("$")[:figures])
    types = _carried(plan, lambda key: type_of(key[1]))
    _name_zones(connection, zones)
    points = sorted({point_id for one in types for point_id in one.parcels})
    prices = sorted(plan.prices.items(), key=lambda one: (-one[1], one[0]))
    return PlanTold(
        connection.execute(_POINTS, {"ids": points}).all(), zones[:MOST_ROWS],
        sorted(types, key=lambda one: TYPES.index(one.code)), _scarce(connection, dict(prices[:MOST_PRICES])),
        max(0, len(zones) - MOST_ROWS), max(0, len(prices) - MOST_PRICES),
    )  # fmt: skip


def type_of(goods: Goods) -> str:
    """Of which type orders for these goods are."""
    if len(goods) > 1:
        return "several"
    return "one_unit" if sum([units for _, units in goods]) == 1 else "one_sku"


def _carried(plan: Plan, code_of: Callable[[Key], str]) -> list[Carried]:
    """Kinds of orders gathered by a code, those with most orders first."""
    found: dict[str, Carried] = {}
    for key, kind in plan.kinds.items():
        code = code_of(key)
        _add(found.setdefault(code, Carried(code)), kind)
    return sorted(found.values(), key=lambda one: (-one.orders, one.code))


def _add(into: Carried, kind: Kind) -> None:
    into.orders += kind.expected
    for method in kind.methods:
        into.split += kind.expected * method.share if len(method.parts) > 1 else 0.0
        for point_id, _goods in method.parts:
            into.parcels[point_id] += kind.expected * method.share


def _name_zones(connection: Connection, zones: Iterable[Carried]) -> None:
    names = {one.code: one.code.ljust(6, "0") for one in zones if one.code}
    rows = connection.execute(_NAMES, {"codes": sorted(names.values())})
    known: Mapping[str, str] = {row.code: row.name for row in rows}
    for one in zones:
        one.name = known.get(names.get(one.code, ""), one.code)


def _scarce(connection: Connection, prices: Mapping[tuple[int, int], int]) -> Sequence[AnyRow]:
    return connection.execute(_SCARCE, {
        "points": [point for point, _ in prices], "skus": [sku for _, sku in prices], "prices": list(prices.values()),
    }).all()  # fmt: skip
