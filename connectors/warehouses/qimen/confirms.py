"""Reads deliveryorder.confirm and the answer of deliveryorder.query, which share their tree."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from connectors.contract.errors import BadRecord
from connectors.contract.notices import (
    LineReport,
    ParcelItem,
    ParcelReport,
    ProgressReport,
    ShipmentReport,
    WarehouseState,
)
from connectors.warehouses.qimen.codes import STATUSES
from connectors.warehouses.qimen.xml import children, moment, required, text, units

_HEAVIEST_KG = 1_000_000
_LEFT = (WarehouseState.SHIPPED, WarehouseState.PART_SHIPPED)


@dataclass(frozen=True, slots=True)
class _Line:
    """An orderLine as it was sent, with its lots."""

    line_no: str
    sku_code: str
    planned: int | None
    shipped: int | None
    lots: tuple[tuple[str, str, int], ...]
    serials: tuple[str, ...]


def read_confirm(root: Element, received_at: datetime) -> ShipmentReport | ProgressReport:
    """What one confirm says: goods that left, or a step such as refused or cancelled.

    `root` holds deliveryOrder, packages and orderLines. BadRecord when lots and line disagree.
    """
    order = root.find("deliveryOrder")
    number = required(order, "deliveryOrderCode")
    status, final = text(order, "status"), _is_final(order)
    at = _told_at(order, received_at)
    lines = [_read_line(node) for node in children(root, "orderLines/orderLine")]
    parcels = _parcels(root, lines)
    goods_left = bool(parcels) or any(line.shipped for line in lines)
    state = _state(status, final, goods_left)
    if state not in _LEFT:
        key = f"{number}|{status}|{at:%Y%m%d%H%M%S}"
        return ProgressReport(number, key, state, status, at, _unknown_words(status))
    return ShipmentReport(
        number=number,
        key=text(order, "outBizCode") or _content_key(number, final, parcels),
        state=state,
        final=final,
        shipped_at=at,
        parcels=parcels,
        lines=_line_reports(lines, parcels),
        warehouse_code=text(order, "warehouseCode"),
        warehouse_ref=text(order, "deliveryOrderId"),
    )


def _state(status: str, final: bool, goods_left: bool) -> WarehouseState:
    """The hub's state; where the status is absent or unknown, goods that left and confirmType decide.

    A waybill beside "accepted" or "cancelled" was only assigned; nothing left with it. A document closed
    after goods left was shipped short.
    """
    state = STATUSES.get(status.upper())
    if state is None and not goods_left:
        return WarehouseState.WORKING
    if state is None or (status.upper() == "CLOSED" and goods_left):
        return WarehouseState.SHIPPED if final else WarehouseState.PART_SHIPPED
    return WarehouseState.PART_SHIPPED if state is WarehouseState.SHIPPED and not final else state


def _unknown_words(status: str) -> str:
    return "" if status.upper() in STATUSES else f"unknown status {status}".rstrip()


def _is_final(order: Element | None) -> bool:
    confirm = text(order, "confirmType")
    return confirm == "0" or (confirm != "1" and text(order, "status").upper() != "PARTDELIVERED")


def _told_at(order: Element | None, received_at: datetime) -> datetime:
    told = text(order, "orderConfirmTime") or text(order, "operateTime")
    return moment(told, "orderConfirmTime") or received_at


def _content_key(number: str, final: bool, parcels: Sequence[ParcelReport]) -> str:
    """A key for reports without outBizCode: the same parcels of the same document are the same report."""
    content = "|".join(
        sorted(f"{p.carrier_code}:{p.waybill_no}:{i.sku_code}:{i.units}" for p in parcels for i in p.items)
    )
    return f"{number}|{int(final)}|{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _read_line(node: Element) -> _Line:
    lots = [
        (text(b, "batchCode"), text(b, "expireDate"), units(b, "actualQty") or 0) for b in children(node, "batchs/batch")
    ]
    shipped = units(node, "actualQty")
    if lots:
        total = sum(quantity for _, _, quantity in lots)
        if shipped is not None and shipped != total:
            raise BadRecord("the lots do not add up to the line", field="orderLine/actualQty")
        shipped = total
    elif text(node, "batchCode"):
        lots = [(text(node, "batchCode"), text(node, "expireDate"), shipped or 0)]
    serials = [sn.text.strip() for sn in children(node, "snList/sn") if sn.text]
    return _Line(
        line_no=text(node, "orderLineNo"),
        sku_code=required(node, "itemCode"),
        planned=units(node, "planQty"),
        shipped=shipped,
        lots=tuple(lots),
        serials=tuple(serials or filter(None, [text(node, "snCode")])),
    )


def _parcels(root: Element, lines: Sequence[_Line]) -> tuple[ParcelReport, ...]:
    """Packages by waybill; a waybill named twice is one parcel."""
    nodes = list(children(root, "packages/package"))
    found: dict[tuple[str, str], ParcelReport] = {}
    for node in nodes:
        carrier, waybill = required(node, "logisticsCode"), required(node, "expressCode")
        items = tuple(_items(node, lines))
        if not items and len(nodes) == 1:
            items = tuple(item for line in lines for item in _of_line(line, line.shipped or 0))
        earlier = found.get((carrier, waybill))
        found[carrier, waybill] = ParcelReport(
            carrier_code=carrier,
            waybill_no=waybill,
            items=(earlier.items if earlier else ()) + items,
            weight_g=_grams(text(node, "weight")) or (earlier.weight_g if earlier else None),
            external_no=text(node, "packageCode") or (earlier.external_no if earlier else ""),
        )
    return tuple(found.values())


def _items(package: Element, lines: Sequence[_Line]) -> Iterator[ParcelItem]:
    for node in children(package, "items/item"):
        sku_code, quantity = required(node, "itemCode"), units(node, "quantity")
        if quantity is None:
            raise BadRecord("is missing", field="package/quantity")
        line = _line_of(sku_code, text(node, "orderLineNo"), lines)
        if line is None:
            yield ParcelItem(sku_code, quantity, text(node, "orderLineNo"))
        else:
            yield from _of_line(line, quantity)


def _line_of(sku_code: str, line_no: str, lines: Sequence[_Line]) -> _Line | None:
    """The line an item came from, when there is no doubt about it."""
    fitting = [
        line
        for line in lines
        if line.sku_code == sku_code and (not line_no or not line.line_no or line.line_no == line_no)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _of_line(line: _Line, quantity: int) -> Iterator[ParcelItem]:
    """Units of a line in a parcel; lots and serials only where it is certain which ones they are."""
    if len(line.lots) > 1 and quantity == line.shipped:
        for lot, expires_on, part in line.lots:
            yield ParcelItem(line.sku_code, part, line.line_no, lot, expires_on)
        return
    lot, expires_on, _ = line.lots[0] if len(line.lots) == 1 else ("", "", 0)
    serials = line.serials if quantity == line.shipped else ()
    yield ParcelItem(line.sku_code, quantity, line.line_no, lot, expires_on, serials)


def _line_reports(lines: Sequence[_Line], parcels: Sequence[ParcelReport]) -> tuple[LineReport, ...]:
    """Units that left by line; from the parcels where the lines do not say."""
    by_line = Counter[tuple[str, str]]()
    for parcel in parcels:
        for item in parcel.items:
            by_line[item.line_no, item.sku_code] += item.units
    if not lines:
        return tuple(LineReport(line_no, sku, count, count) for (line_no, sku), count in by_line.items())
    reports = []
    for line in lines:
        shipped = line.shipped if line.shipped is not None else by_line.get((line.line_no, line.sku_code))
        if shipped is None:
            raise BadRecord("neither line nor packages say how many left", field="orderLine/actualQty")
        planned = shipped if line.planned is None else line.planned
        reports.append(LineReport(line.line_no, line.sku_code, planned, shipped))
    return tuple(reports)


def _grams(kilograms: str) -> int | None:
    """Grams of a weight in kilograms; a weight that is no number is not worth parking a shipment for."""
    try:
        weight = Decimal(kilograms or "NaN")
        return round(weight * 1000) if 0 <= weight < _HEAVIEST_KG else None
    except InvalidOperation:
        return None
