"""The company's own little warehouse and its pool, how orders find their points, what is planned and bought anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import import put_masters
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.replanning.settings import Wanted, set_replanning
from oms.app.pipeline.steering.plans import PlanSetting, compute_now, find_plan, set_plan
from oms.app.pipeline.steering.policies import find_setting, set_setting
from oms.app.pipeline.steering.setting import Setting
from oms.app.stock.adjusting import Change, adjust
from oms.app.stock.points import PointForm, save_point, save_pool
from oms.app.stock.replenishing import Setting as Watching
from oms.app.stock.replenishing_settings import set_replenishing
from oms.demo.company.range import Range

OWN, STORE, POOL = "WH-SZ-01", "ST-NJ-01", "MINI"
#: What lies in the own warehouse of the best seller, and of what else it keeps; what the store has of each.
BEST_SELLER_UNITS, OWN_UNITS, STORE_UNITS = 150, 40, 25
#: Minutes between plans, hours of orders they are made from, hours that the stock must last: two months, by sea.
PLANNED: Final = (5, 1, 1_440)
#: So many orders tell enough for a first plan.
BEFORE_PLAN: Final = 60
#: Carrier, first kilogram near and far, in yuan as in the file of tariffs.
TARIFFS: Final = (
    ("ZTO", "3.50", "5.80"), ("YTO", "3.90", "6.10"), ("STO", "4.10", "6.30"), ("YUNDA", "4.00", "6.20"),
    ("EMS", "10.00", "15.00"), ("SF", "11.00", "17.00"),
)  # fmt: skip
NEAR: Final = ("31", "32", "33")


@dataclass(frozen=True, slots=True)
class Places:
    """Ids of what was set up."""

    pool_id: int
    common_pool_id: int
    own_id: int
    store_id: int


def set_stock_up(hub: Hub, goods: Range, actor: str) -> Places:
    """Points, pool, stock, tariffs and settings; a second run finds them there."""
    with hub.engine.connect() as connection:
        points = dict(fetch(connection, "select code, id from stock_point"))
        pools = dict(fetch(connection, "select code, id from stock_pool"))
    if POOL in pools:
        return Places(pools[POOL], pools["CN"], points[OWN], points[STORE])
    own = PointForm(OWN, "苏州自营小仓", division_code="320505", handling_amount=80, daily_capacity=400, cut_off="18:00")
    own_id = save_point(hub, None, own, actor)
    store = PointForm(
        STORE, "南京新街口店", kind="store", division_code="320104", latitude=32.0415, longitude=118.7842, hours={}
    )
    store_id = save_point(hub, None, store, actor)
    members = [(own_id, 0), (points["WH-HZ-01"], 1), (points["WH-GZ-01"], 2), (store_id, 3)]
    pool_id = save_pool(hub, None, POOL, "小程序与门店库存池", "main_first", own_id, members, actor)
    put_masters(hub, "tariff", _tariffs(), actor)
    _fill(hub, goods, actor)
    places = Places(pool_id, pools["CN"], own_id, store_id)
    _steer(hub, places, points, goods, actor)
    return places


def _tariffs() -> list[Row]:
    """Prices from the own warehouse; a first kilogram, then 1.50 a kilogram."""
    return [
        Row({"carrier": carrier, "stock_point": OWN, "division": division, "first_g": "1000", "first_amount": amount,
             "step_g": "1000", "step_amount": "1.50"})
        for carrier, near, far in TARIFFS
        for division, amount in [("", far), *[(prefix, near) for prefix in NEAR]]
    ]  # fmt: skip


def _fill(hub: Hub, goods: Range, actor: str) -> None:
    """What was counted on the shelves when the pool was opened."""
    own = [
        Change(goods.best_seller["code"], BEST_SELLER_UNITS),
        *[Change(i["code"], OWN_UNITS) for i in (*goods.own, *goods.gifts)],
    ]
    adjust(hub, OWN, own, "found", "开仓盘点", actor)
    adjust(hub, STORE, [Change(item["code"], STORE_UNITS) for item in goods.store], "found", "开店盘点", actor)


def _steer(hub: Hub, places: Places, points: dict[str, int], goods: Range, actor: str) -> None:
    """The plan and its prices for the common pool, looking again at plans, and what is bought anew."""
    with hub.engine.connect() as connection:
        pool = find_setting(connection, "pool", places.common_pool_id)
        plan = find_plan(connection, places.common_pool_id)
    usual = Setting(policy="whole_first", pressure_amount=200, hour_amount=2, split_gain=100)
    set_setting(hub, "pool", places.common_pool_id, usual, pool.revision, actor)
    set_plan(hub, places.common_pool_id, PlanSetting(True, *PLANNED), plan.revision, actor)
    for pool_id in (places.common_pool_id, places.pool_id):
        set_replanning(hub, pool_id, Wanted(True, least_amount=0, every_min=1, quiet_min=1), actor)
    watched = Watching(lead_days=5, cover_days=14, look_back_days=14, multiple=10, supplier_name="示例供应商")
    set_replenishing(hub, places.pool_id, "", watched)
    set_replenishing(hub, places.pool_id, goods.best_seller["code"], watched)


def order_points(hub: Hub, places: Places, shop_id: int, actor: str) -> None:
    """主备货仓 for one shop: the own warehouse, then Hangzhou, then Guangzhou, and nobody else."""
    with hub.engine.connect() as connection:
        points = dict(fetch(connection, "select code, id from stock_point"))
        kept = find_setting(connection, "shop", shop_id)
    order = (places.own_id, points["WH-HZ-01"], points["WH-GZ-01"])
    wanted = Setting(policy="main_first", points=order, only_points=False, together_lines=True, max_parcels=2)
    set_setting(hub, "shop", shop_id, wanted, kept.revision, actor)


@dataclass
class FirstPlan:
    """Has a plan made once enough orders have come, without waiting for its turn."""

    hub: Hub
    pool_id: int
    actor: str
    is_over: bool = False

    def tick(self) -> None:
        """Ask for it, once."""
        if self.is_over:
            return
        with self.hub.engine.connect() as connection:
            orders = fetch(connection, "select count(*) from orders where phase not in ('captured', 'unpaid')")[0][0]
        if orders >= BEFORE_PLAN:
            compute_now(self.hub, self.pool_id, self.actor)
            self.is_over = True
