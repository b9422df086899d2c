"""What the open API reads besides orders: fulfilments with their parcels, stock levels, emergency stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, tuple_

from oms.db.activity import EmergencyStop
from oms.db.fulfilments import Fulfilment, FulfilmentLine, Parcel
from oms.db.goods import Sku
from oms.db.logistics import Carrier
from oms.db.orders import Order
from oms.db.stock import StockLevel, StockPoint

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class FulfilmentPage:
    """A fulfilment with its lines and parcels; `shop_ids` are those of all its orders."""

    head: Any
    lines: Rows
    parcels: Rows
    shop_ids: frozenset[int]


def find_fulfilment(connection: Connection, fulfilment_id: int) -> FulfilmentPage | None:
    """Everything of one fulfilment; None when there is none."""
    head = connection.execute(
        select(*Fulfilment.__table__.c, StockPoint.code.label("stock_point"), Carrier.code.label("carrier"))
        .join(StockPoint, StockPoint.id == Fulfilment.stock_point_id, isouter=True)
        .join(Carrier, Carrier.id == Fulfilment.carrier_id, isouter=True)
        .where(Fulfilment.id == fulfilment_id)
    ).one_or_none()
    if head is None:
        return None
    lines = connection.execute(
        select(*FulfilmentLine.__table__.c, Sku.code.label("sku"), Order.shop_id)
        .join(Sku, Sku.id == FulfilmentLine.sku_id, isouter=True)
        .join(Order, Order.id == FulfilmentLine.order_id, isouter=True)
        .where(FulfilmentLine.fulfilment_id == fulfilment_id)
        .order_by(FulfilmentLine.id)
    ).all()
    parcels = connection.execute(
        select(*Parcel.__table__.c, Carrier.code.label("carrier"))
        .join(Carrier, Carrier.id == Parcel.carrier_id, isouter=True)
        .where(Parcel.fulfilment_id == fulfilment_id)
        .order_by(Parcel.id)
    ).all()
    shops = {line.shop_id for line in lines if line.shop_id is not None} | {head.shop_id}
    return FulfilmentPage(head, lines, parcels, frozenset(shops))


def stock_levels(
    connection: Connection, after: tuple[int, int, str] | None, *, sku: str = "", stock_point: str = "", size: int = 200
) -> Rows:
    """Levels in the order of (stock point, SKU, kind), beginning after a place."""
    keys = (StockLevel.stock_point_id, StockLevel.sku_id, StockLevel.kind)
    statement = (
        select(*StockLevel.__table__.c, Sku.code.label("sku"), StockPoint.code.label("stock_point"))
        .join(Sku, Sku.id == StockLevel.sku_id)
        .join(StockPoint, StockPoint.id == StockLevel.stock_point_id)
        .order_by(*keys)
        .limit(size)
    )
    if after is not None:
        statement = statement.where(tuple_(*keys) > after)
    if sku:
        statement = statement.where(Sku.code == sku)
    if stock_point:
        statement = statement.where(StockPoint.code == stock_point)
    return connection.execute(statement).all()


def order_ids_of(connection: Connection, shop_ids: Sequence[int], external_no: str) -> list[int]:
    """Orders with this platform number in these shops."""
    statement = select(Order.id).where(Order.shop_id.in_(shop_ids), Order.external_no == external_no).limit(50)
    return list(connection.execute(statement).scalars())


def find_stop(connection: Connection, stop_id: int) -> Any:
    """An emergency stop, in force or not; None when there is none."""
    return connection.execute(select(*EmergencyStop.__table__.c).where(EmergencyStop.id == stop_id)).one_or_none()


def stops(connection: Connection) -> Rows:
    """Emergency stops in force."""
    return connection.execute(
        select(*EmergencyStop.__table__.c).where(EmergencyStop.ended_at.is_(None)).order_by(EmergencyStop.id)
    ).all()
