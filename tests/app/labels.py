"""Labels of our own for tests: the setting of a stock point and a carrier, and what became of the numbers."""

from __future__ import annotations

from typing import Any

from tests.factories import World

TRACK_ACCOUNT = 3


def own_labels(world: World, point: int = 1, carrier: str = "ZTO", account: int = TRACK_ACCOUNT) -> None:
    """What leaves this point with this carrier gets its number from us."""
    world.run(
        """insert into e_waybill_setting (stock_point_id, carrier_id, account_id, sender_name, sender_phone, province,
             city, district, street) values (:point, :carrier, :account, '示例仓', '13000000001', '浙江省', '杭州市',
             '余杭区', '示例路一号')""",
        point=point, carrier=world.carriers[carrier], account=account,
    )  # fmt: skip


def numbers(world: World) -> list[Any]:
    """Every number asked for, oldest first."""
    return world.rows("select * from e_waybill order by id")


def states(world: World) -> list[str]:
    """What became of them."""
    return [row.state for row in numbers(world)]
