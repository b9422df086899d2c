"""补货参数: how a pool's SKUs are watched, for all of them or one by one."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.replenishing import MOST_UNITS, Setting
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound

DAYS: Final = {"lead_days": (0, 365), "cover_days": (1, 365), "look_back_days": (3, 180)}
MOST_MONEY: Final = 1_000_000_000_00
MEMBER: Final = """
select m.stock_point_id from pool_member m join stock_point p on p.id = m.stock_point_id and p.state <> 'closed'
where m.pool_id = %s and m.stock_point_id = %s"""
SET: Final = """
insert into replenish_setting (pool_id, sku_id, is_watched, lead_days, cover_days, look_back_days, multiple, least_units,
  user_group_id, is_ordering_itself, order_limit, stock_point_id, supplier_name)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (pool_id, sku_id) do update set is_watched = excluded.is_watched, lead_days = excluded.lead_days,
  cover_days = excluded.cover_days, look_back_days = excluded.look_back_days, multiple = excluded.multiple,
  least_units = excluded.least_units, user_group_id = excluded.user_group_id,
  is_ordering_itself = excluded.is_ordering_itself, order_limit = excluded.order_limit,
  stock_point_id = excluded.stock_point_id, supplier_name = excluded.supplier_name"""


def set_replenishing(hub: Hub, pool_id: int, sku: str, setting: Setting) -> None:
    """Set how a pool's SKU is watched (empty code: every SKU without a setting of its own)."""
    for name, (least, most) in DAYS.items():
        if not least <= getattr(setting, name) <= most:
            raise Invalid(name, "this number is too small or too large", f"write {least} to {most}")
    if not 1 <= setting.multiple <= MOST_UNITS:
        raise Invalid("multiple", "this number is too small or too large", f"write 1 to {MOST_UNITS}")
    if not 0 <= setting.least_units <= MOST_UNITS:
        raise Invalid("least_units", "this number is too small or too large", f"write 0 to {MOST_UNITS}")
    if setting.is_ordering_itself and not 0 < (setting.order_limit or 0) <= MOST_MONEY:
        raise Invalid("order_limit", "what orders itself needs a limit of money", "write what one order may cost")
    with hub.begin() as connection:
        if not fetch(connection, "select id from stock_pool where id = %s", (pool_id,)):
            raise NotFound("there is no such pool", "choose one of the list")
        is_to_come = setting.is_ordering_itself or setting.stock_point_id is not None
        if is_to_come and not fetch(connection, MEMBER, (pool_id, setting.stock_point_id)):
            raise Invalid("stock_point_id", "what orders itself needs a stock point of the pool", "choose where it comes")
        sku_id = 0
        if sku:
            found = fetch(connection, "select id from sku where code = %s and not is_archived", (sku,))
            if not found:
                raise Invalid("sku", f"there is no SKU {sku} in use", "look at its spelling")
            sku_id = found[0][0]
        values = (setting.is_watched, setting.lead_days, setting.cover_days, setting.look_back_days, setting.multiple)
        with psycopg_connection(connection).cursor() as cursor:
            itself = (setting.is_ordering_itself, setting.order_limit, setting.stock_point_id, setting.supplier_name)
            cursor.execute(SET, (pool_id, sku_id, *values, setting.least_units, setting.user_group_id, *itself))
