"""Rows to read through the API: shops, orders, a fulfilment with a parcel, stock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from oms.db.activity import Event
from oms.db.channels import Channel, Shop
from oms.db.fulfilments import Fulfilment, FulfilmentLine, Parcel
from oms.db.goods import Sku
from oms.db.logistics import Carrier
from oms.db.orders import Demand, Hold, Order, OrderLine
from oms.db.stock import StockLevel, StockPoint

NOW = datetime.now(UTC).replace(microsecond=0)


def add(connection: Connection, table: Any, **values: Any) -> int:
    """One row; answers its id."""
    return int(connection.execute(insert(table).values(**values).returning(table.id)).scalar_one())


def a_shop(connection: Connection, code: str) -> int:
    channel = add(connection, Channel, code=f"c-{code}", vendor="toy", label_zh="玩具", label_en="Toy", mark="玩")
    return add(connection, Shop, code=code, name=f"Shop {code}", channel_id=channel)


def an_order(connection: Connection, shop_id: int, number: str, *, minutes: int = 0, **changes: Any) -> int:
    """An order that waits for a review by customer service, with one line."""
    at = NOW - timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "shop_id": shop_id, "external_no": number, "status": "open", "review": "waiting", "phase": "review",
        "platform_state": "paid", "paid_total": 9900, "ordered_at": at, "captured_at": at, "changed_at": at,
        "fetched_at": at, "content_hash": b"x", "tiers_waiting": 1,
    }  # fmt: skip
    order_id = add(connection, Order, **(values | changes))
    line_id = add(
        connection, OrderLine, order_id=order_id, line_no=1, external_no=f"{number}-1", title="杯子", ordered=2,
        list_amount=9900, paid_amount=9900, platform_state="paid", sku_id=a_sku(connection, f"S-{number}"),
    )  # fmt: skip
    add(connection, Demand, order_id=order_id, order_line_id=line_id, sku_id=1, units=2)
    month = at.date().replace(day=1)
    event = {"month": month, "order_id": order_id, "id": order_id, "kind": "captured", "at": at, "detail": {"lines": 1}}
    connection.execute(insert(Event).values(**event))
    return order_id


def a_line(connection: Connection, order_id: int, number: str) -> int:
    """One more line of an order."""
    return add(connection, OrderLine, order_id=order_id, line_no=int(number), external_no=number, title="杯垫", ordered=1,
               list_amount=100, paid_amount=100, platform_state="paid")  # fmt: skip


def a_hold(connection: Connection, order_id: int, kind: str = "manual") -> int:
    return add(connection, Hold, order_id=order_id, kind=kind, blocks=14, clears="person")


def a_sku(connection: Connection, code: str) -> int:
    return add(connection, Sku, code=code, name=code)


def a_point(connection: Connection, code: str) -> int:
    return add(connection, StockPoint, code=code, name=code)


def a_level(connection: Connection, point_id: int, sku_id: int, on_hand: int, reserved: int = 0) -> None:
    values = {"stock_point_id": point_id, "sku_id": sku_id, "kind": "good", "on_hand": on_hand, "reserved": reserved}
    connection.execute(insert(StockLevel).values(**values))


def a_fulfilment(connection: Connection, shop_id: int, order_ids: list[int]) -> int:
    """A shipped fulfilment of some orders with one parcel."""
    carrier = add(connection, Carrier, code=f"ZTO{order_ids[0]}", name="中通")
    point = a_point(connection, f"WH{order_ids[0]}")
    fulfilment_id = add(
        connection, Fulfilment, status="shipped", lead_order_id=order_ids[0], shop_id=shop_id, stock_point_id=point,
        carrier_id=carrier, order_count=len(order_ids),
    )  # fmt: skip
    for order_id in order_ids:
        demand = connection.execute(Demand.__table__.select().where(Demand.order_id == order_id)).one()
        add(
            connection, FulfilmentLine, fulfilment_id=fulfilment_id, demand_id=demand.id, order_id=order_id,
            order_line_id=demand.order_line_id, sku_id=demand.sku_id, planned=2, shipped=2,
        )  # fmt: skip
    add(connection, Parcel, fulfilment_id=fulfilment_id, carrier_id=carrier, waybill_no="75300001", state="handed_over")
    return fulfilment_id
