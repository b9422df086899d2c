"""Finds orders by a number somebody typed or scanned: ours, the platform's, a waybill, a buyer's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from oms.db.fulfilments import FulfilmentLine, Parcel
from oms.db.orders import Order
from oms.db.parties import Customer
from oms.domain.numbers import parse_document_no

ORIGINS = ("platform", "distributor", "pos", "manual", "exchange", "reship")
MOST = 200


def find_order_ids(connection: Connection, number: str, shop_ids: Sequence[int]) -> list[int]:
    """Ids of the orders in these shops that a number leads to; empty when it leads nowhere."""
    number = number.strip()
    if not number or len(number) > 64:
        return []
    ids = _ours(connection, number) | _platforms(connection, number, shop_ids) | _waybills(connection, number)
    if not ids:
        return []
    seen = select(Order.id).where(Order.id.in_(ids), Order.shop_id.in_(shop_ids)).order_by(Order.id.desc())
    return list(connection.execute(seen.limit(MOST)).scalars())


def find_customer_ids(connection: Connection, number: str, channel_ids: Sequence[int]) -> list[int]:
    """Customers with exactly this buyer id on one of these channels."""
    statement = select(Customer.id).where(Customer.channel_id.in_(channel_ids), Customer.external_id == number.strip())
    return list(connection.execute(statement).scalars())


def _ours(connection: Connection, number: str) -> set[int]:
    parsed = parse_document_no(number)
    if parsed is None:
        return set()
    kind, id_, _version = parsed
    if id_ >= 2**63:
        return set()
    if kind == "order":
        return {id_}
    if kind == "fulfilment":
        return _of_fulfilments(connection, [id_])
    if kind == "parcel":
        statement = select(Parcel.fulfilment_id).where(Parcel.id == id_)
        return _of_fulfilments(connection, list(connection.execute(statement).scalars()))
    return set()


def _platforms(connection: Connection, number: str, shop_ids: Sequence[int]) -> set[int]:
    statement = select(Order.id).where(
        Order.shop_id.in_(shop_ids), Order.origin.in_(ORIGINS), Order.external_no == number
    )
    return set(connection.execute(statement).scalars())


def _waybills(connection: Connection, number: str) -> set[int]:
    statement = select(Parcel.fulfilment_id).where(Parcel.waybill_no == number).limit(MOST)
    return _of_fulfilments(connection, list(connection.execute(statement).scalars()))


def _of_fulfilments(connection: Connection, fulfilment_ids: Sequence[int]) -> set[int]:
    if not fulfilment_ids:
        return set()
    statement = select(FulfilmentLine.order_id).where(FulfilmentLine.fulfilment_id.in_(fulfilment_ids)).distinct()
    return set(connection.execute(statement.limit(MOST)).scalars())
