"""Facts of what sourcing planned: points, carriers, parcels, what is short. They stand for now alone."""

from __future__ import annotations

from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.rulebook.facts.binding import MOVED_ON, PLANNED, Facts, Stands, kept
from rules.model import ValueType as V

ENDED: Final = frozenset({"shipped", "cancelled", "merged", "closed_short"})
POINTS: Final = (("warehouse", "仓库", "warehouse"), ("store", "门店", "store"))
FAILURES: Final = (
    ("short_of_stock", "缺货", "short of stock"), ("out_of_zone", "超区", "out of zone"),
    ("no_stock_point", "无可用库存点", "no stock point"), ("too_many_parcels", "拆包过多", "too many parcels"),
    ("capacity_full", "产能已满", "capacity used up"),
)  # fmt: skip
_FAILED: Final = frozenset([code for code, _, _ in FAILURES])


def live(order: OrderWork) -> list[FulfilmentWork]:
    """Its fulfilments that have not ended."""
    return [work for work in order.fulfilments if work.status not in ENDED]


def _points(order: OrderWork, batch: Batch, field: str) -> frozenset[str]:
    points = batch.masters.points
    return frozenset([getattr(points[work.stock_point_id], field) for work in live(order)])


def _carriers(order: OrderWork, _shop: ShopCard, batch: Batch) -> frozenset[str]:
    carriers = batch.masters.carriers
    return frozenset([carriers[work.carrier_id].code for work in live(order) if work.carrier_id is not None])


def _is_from_main(order: OrderWork, shop: ShopCard, batch: Batch) -> bool | None:
    """Whether everything leaves from the pool's preferred point; missing while nothing is planned."""
    members = batch.masters.pools.get(shop.pool_id or 0, [])
    works = live(order)
    return all(work.stock_point_id == members[0][1] for work in works) if works and members else None


def _stock_left(order: OrderWork, _shop: ShopCard, batch: Batch) -> int | None:
    """Units still sellable of the scarcest of its goods where they are planned; looked up for all orders at once."""
    stock = kept(batch, "stock left")
    mine = {(work.stock_point_id, line.sku_id) for work in live(order) for line in work.lines}
    if not stock and mine:
        works = [work for other in (*batch.orders.values(), order) for work in live(other)]
        points = {work.stock_point_id for work in works}
        stock[0] = sellable(batch, points, {line.sku_id for work in works for line in work.lines})
    return min([stock[0].get(key, 0) for key in mine], default=None)


def _failure(order: OrderWork, _shop: ShopCard, _batch: Batch) -> str | None:
    return next((hold.kind for hold in order.holds if hold.kind in _FAILED), None)


def _fact(subject: str, name: str, kind: V, zh: str, en: str, bind: Any, choices: Any = ()) -> Any:
    return Facts(subject, PLANNED, Stands.NOW)(name, kind, zh, en, None, bind, reason=MOVED_ON, choices=choices)


FACTS: Final = (
    _fact("order", "parcels", V.COUNT, "拆包数", "parcels", lambda o, s, b: len(live(o))),
    _fact("plan", "points", V.SET, "计划库存点", "planned stock points", lambda o, s, b: _points(o, b, "code")),
    _fact("plan", "point_kinds", V.SET, "计划库存点类型", "kinds of planned points",
          lambda o, s, b: _points(o, b, "kind"), POINTS),
    _fact("plan", "is_from_main", V.BOOL, "全由主仓发出", "all from the main point", _is_from_main),
    _fact("plan", "carriers", V.SET, "计划快递", "planned carriers", _carriers),
    _fact("plan", "stock_left", V.INTEGER, "计划后剩余库存", "stock left where it is planned", _stock_left),
    Facts("plan", PLANNED, Stands.NOW)(
        "short_units", V.COUNT, "未计划件数", "units not planned",
        """(select coalesce(sum(d.units - d.planned - d.shipped - d.cancelled), 0) from demand d
        where d.order_id = o.id)""",
        lambda o, s, b: sum([demand.open_units for demand in o.demands])),
    Facts("plan", PLANNED, Stands.NOW)(
        "failure", V.CODE, "寻源失败原因", "why sourcing failed",
        f"""(select h.kind from hold h where h.order_id = o.id and h.cleared_at is null
        and h.kind in ({", ".join(f"'{code}'" for code, _, _ in FAILURES)}) order by h.id limit 1)""",
        _failure, choices=FAILURES),
    Facts("plan", PLANNED, Stands.NOW)(
        "attempts", V.COUNT, "寻源次数", "attempts to source", "o.attempts", lambda o, s, b: o.attempts),
)  # fmt: skip
