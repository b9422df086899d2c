"""What warehouses and carriers say in tests: shipments, progress, scans."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta

from connectors.contract import notices as n
from oms.domain.numbers import document_no
from tests.factories import START, World, report

WAYBILLS = itertools.count(1)


def number_of(fulfilment_id: int, version: int = 1) -> str:
    return document_no("fulfilment", fulfilment_id, version)


def version_of(world: World, fulfilment_id: int) -> int:
    """The version that its warehouse was told last."""
    return int(world.one("select version from fulfilment where id = :id", id=fulfilment_id))


def a_waybill() -> str:
    """A number no parcel has yet."""
    return f"YT{next(WAYBILLS):08d}"


def a_parcel(*items: tuple[str, int], waybill: str = "", carrier: str = "ZTO") -> n.ParcelReport:
    """A parcel with units of SKUs."""
    return n.ParcelReport(carrier, waybill or a_waybill(), tuple(n.ParcelItem(code, units) for code, units in items))


def a_shipment(fulfilment_id: int, *parcels: n.ParcelReport, final: bool = True, version: int = 1) -> n.ShipmentReport:
    """A warehouse's word that these parcels left."""
    state = n.WarehouseState.SHIPPED if final else n.WarehouseState.PART_SHIPPED
    key = "+".join(parcel.waybill_no for parcel in parcels)
    return n.ShipmentReport(number_of(fulfilment_id, version), key, state, final, START, parcels, ())


def open_items(world: World, fulfilment_id: int) -> list[tuple[str, int]]:
    """What a fulfilment still has to send: SKU code and units."""
    rows = world.rows(
        """select k.code, sum(l.planned - l.shipped - l.short - l.cancelled)::int from fulfilment_line l
           join sku k on k.id = l.sku_id where l.fulfilment_id = :id group by 1
           having sum(l.planned - l.shipped - l.short - l.cancelled) > 0 order by 1""",
        id=fulfilment_id,
    )
    return [(code, units) for code, units in rows]


def ship_fulfilment(world: World, fulfilment_id: int, waybill: str = "", *, version: int = 0) -> None:
    """Everything of a fulfilment leaves in one parcel; by the number that the warehouse was told last, or another."""
    parcel = a_parcel(*open_items(world, fulfilment_id), waybill=waybill)
    report(world, a_shipment(fulfilment_id, parcel, version=version or version_of(world, fulfilment_id)))


def ship_all(world: World, order_id: int) -> None:
    """Everything the warehouses hold of an order leaves."""
    for work in world.fulfilments(order_id):
        if work.status in ("sent", "accepted", "part_shipped"):
            ship_fulfilment(world, work.id)


def progress(world: World, fulfilment_id: int, state: n.WarehouseState, step: str = "", *, version: int = 0) -> None:
    """The warehouse tells a step of its work."""
    number = number_of(fulfilment_id, version or version_of(world, fulfilment_id))
    report(world, n.ProgressReport(number, f"{step}{state}", state, step or state.value, START, "words"))


def a_trail(world: World, waybill: str, *states: n.ParcelState, first: int = 0) -> n.TrackReport:
    """A parcel's scans, an hour between them, told newest first."""
    events = [
        n.TrackEvent(START + timedelta(hours=first + index), state, f"scan {first + index}", str(first + index))
        for index, state in enumerate(states)
    ]
    return n.TrackReport("ZTO", waybill, states[-1], tuple(reversed(events)))


def waybills(world: World, order_id: int) -> Sequence[str]:
    """The waybills of an order's parcels."""
    rows = world.rows(
        """select distinct p.waybill_no from parcel p join parcel_item i on i.parcel_id = p.id
           where i.order_id = :id order by 1""",
        id=order_id,
    )
    return [row[0] for row in rows]


def deliver(world: World, order_id: int) -> None:
    """Every parcel of an order is signed for."""
    for waybill in waybills(world, order_id):
        report(world, a_trail(world, waybill, n.ParcelState.COLLECTED, n.ParcelState.DELIVERED))
