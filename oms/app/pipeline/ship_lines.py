"""Compares what a report's packages hold with its lines, and with what a fulfilment still expects to leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.contract.notices import LineReport, ParcelItem, ParcelReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.told_before import Fresh


def unpacked(batch: Batch, work: FulfilmentWork, told: Sequence[LineReport]) -> set[int]:
    """Order lines of which the report says that more has left than is booked, and of which units are open."""
    if not told:
        return set()
    claimed = _units(batch, ((line.sku_code, line.shipped) for line in told))
    for line in work.lines:
        claimed[line.sku_id] -= line.shipped
    return {line.line_id for line in work.lines if line.open_units and claimed[line.sku_id] > 0}


def overpacked(batch: Batch, work: FulfilmentWork, fresh: Iterable[Fresh], told: Sequence[LineReport]) -> set[int]:
    """Order lines of which the packages hold more than the report's lines say, be these cumulative or not.

    Goods that the lines do not name are no contradiction: warehouses leave out what they add of their own accord.
    """
    packed, said = Counter[str](), Counter[str]()
    for one in fresh:
        for item in one.parcel.items:
            packed[item.sku_code] += item.units
    for line in told:
        said[line.sku_code] += line.shipped
    codes = [code for code in said if packed[code] > said[code]]
    if not codes:
        return set()
    skus = _units(batch, ((code, 1) for code in codes))
    return {line.line_id for line in work.lines if skus[line.sku_id]}


def split_expected(batch: Batch, work: FulfilmentWork, fresh: Sequence[Fresh]) -> tuple[list[Fresh], list[ParcelReport]]:
    """Of a fulfilment that has ended: parcels with what it may still send, and those with what it cannot have.

    It may send what was called short and is planned nowhere else. A parcel without items is one of it.
    """
    codes = [item.sku_code for one in fresh for item in one.parcel.items]
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)", (codes,)))
    free = {demand.id: demand.open_units for id_ in work.order_ids for demand in batch.orders[id_].demands}
    room = Counter[int]()
    for line in work.lines:
        late = min(line.short, free[line.demand_id])
        free[line.demand_id] -= late
        room[line.sku_id] += line.open_units + late
    expected: list[Fresh] = []
    beyond: list[ParcelReport] = []
    for one in fresh:
        mine, strange = _split(one.parcel.items, skus, room)
        if mine or not strange:
            expected.append(replace(one, parcel=replace(one.parcel, items=mine)))
        if strange:
            beyond.append(replace(one.parcel, items=strange))
    return expected, beyond


def _split(
    items: Iterable[ParcelItem], skus: dict[str, int], room: Counter[int]
) -> tuple[tuple[ParcelItem, ...], tuple[ParcelItem, ...]]:
    mine: list[ParcelItem] = []
    strange: list[ParcelItem] = []
    for item in items:
        sku_id = skus.get(item.sku_code, 0)
        fits = min(item.units, room[sku_id])
        room[sku_id] -= fits
        if fits == item.units:
            mine.append(item)
            continue
        strange.append(replace(item, units=item.units - fits))
        if fits:
            mine.append(replace(item, units=fits))
    return tuple(mine), tuple(strange)


def at_least(told: Sequence[LineReport], earlier: Sequence[LineReport]) -> tuple[LineReport, ...]:
    """The lines of a report, of which no less has left than an earlier report has said."""
    units, before = Counter[str](), Counter[str]()
    for lines, sums in ((told, units), (earlier, before)):
        for line in lines:
            sums[line.sku_code] += line.shipped
    return tuple(LineReport("", code, count, count) for code, count in (units | before).items())


def _units(batch: Batch, told: Iterable[tuple[str, int]]) -> Counter[int]:
    """Units by SKU; codes nobody knows count as SKU 0."""
    by_code = Counter[str]()
    for code, units in told:
        by_code[code] += units
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)", (list(by_code),)))
    found = Counter[int]()
    for code, units in by_code.items():
        found[skus.get(code, 0)] += units
    return found
