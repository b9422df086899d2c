"""Reads the other reports of a warehouse: progress, shortage, stock, answers to batches."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from xml.etree.ElementTree import Element

from connectors.contract.errors import BadRecord
from connectors.contract.notices import LineReport, ProgressReport, ShortageReport, StockReport, WarehouseState
from connectors.contract.stocking import StockChange
from connectors.warehouses.qimen.codes import STEPS, stock_kind
from connectors.warehouses.qimen.xml import children, moment, required, text, units


def read_progress(root: Element, received_at: datetime) -> ProgressReport:
    """orderprocess.report: one step; an unknown step is work in progress and says so in its words."""
    number, step = required(root, "order/orderCode"), required(root, "process/processStatus")
    state = STEPS.get(step.upper())
    words = text(root, "process/operateInfo")
    return ProgressReport(
        number=number,
        key=f"{number}|{step}|{text(root, 'process/operateTime')}",
        state=state or WarehouseState.WORKING,
        step=step,
        at=moment(text(root, "process/operateTime"), "operateTime") or received_at,
        words=words if state else f"unknown status {step}: {words}".rstrip(": "),
    )


def read_exception(root: Element, received_at: datetime) -> ProgressReport:
    """orderexception.report: something is wrong with an order; where partners put its words differs, so all are read."""
    number = text(root, "order/orderCode") or text(root, "order/deliveryOrderCode") or required(root, "deliveryOrderCode")
    places = ("exceptionType", "exceptionDesc", "operateInfo", "remark")
    said = [text(root, f"{where}{place}") for place in places for where in ("order/", "process/", "")]
    told = text(root, "order/operateTime") or text(root, "operateTime")
    return ProgressReport(
        number=number,
        key=text(root, "order/outBizCode") or text(root, "outBizCode") or f"{number}|EXCEPTION|{told}",
        state=WarehouseState.FAILED,
        step="EXCEPTION",
        at=moment(told, "operateTime") or received_at,
        words=", ".join(dict.fromkeys(filter(None, said)))[:300],
    )


def read_shortage(root: Element, received_at: datetime) -> ShortageReport:
    """itemlack.report: `shipped` of each line is what the warehouse can still pack."""
    lines, reasons = [], []
    for item in children(root, "items/item"):
        planned, lack = units(item, "planQty"), units(item, "lackQty")
        if planned is None or lack is None:
            raise BadRecord("planQty or lackQty is missing", field="items/item")
        lines.append(LineReport(text(item, "orderLineNo"), required(item, "itemCode"), planned, planned - lack))
        reasons.append(text(item, "reason"))
    number = required(root, "deliveryOrderCode")
    told = text(root, "createTime")
    return ShortageReport(
        number=number,
        key=text(root, "outBizCode") or f"{number}|{told}",
        lines=tuple(lines),
        at=moment(told, "createTime") or received_at,
        words="; ".join(dict.fromkeys(filter(None, reasons))),
    )


def read_stock_changes(root: Element, received_at: datetime) -> tuple[StockReport, ...]:
    """stockchange.report: signed changes, one report per warehouse."""
    reports = []
    nodes = list(children(root, "items/item"))
    for warehouse in dict.fromkeys(required(node, "warehouseCode") for node in nodes):
        own = [node for node in nodes if text(node, "warehouseCode") == warehouse]
        times = [moment(text(node, "changeTime"), "changeTime") or received_at for node in own]
        key = digest("|".join(required(node, "outBizCode") for node in own).encode())
        changes = tuple(change for node, at in zip(own, times, strict=True) for change in _changes(node, at))
        reports.append(StockReport(warehouse, key, max(times), _levels(own), True, changes, page=1,
                                   owner_code=text(own[0], "ownerCode")))  # fmt: skip
    return tuple(reports)


def _changes(node: Element, at: datetime) -> list[StockChange]:
    """An item's change by kind of stock; its lots say where they are of several kinds."""
    kinds = Counter[str]()
    for lot in children(node, "batchs/batch"):
        kinds[stock_kind(text(lot, "inventoryType") or text(node, "inventoryType"))] += units(lot, "quantity") or 0
    kinds = kinds or Counter({stock_kind(text(node, "inventoryType")): units(node, "quantity") or 0})
    key, sku = required(node, "outBizCode"), required(node, "itemCode")
    document, words = text(node, "orderCode"), text(node, "remark")
    return [StockChange(sku, kind, count, f"{key}|{sku}|{kind}", at, document, words=words)
            for kind, count in kinds.items()]  # fmt: skip


def read_stock_take(root: Element, received_at: datetime) -> StockReport:
    """inventory.report: differences found by a stock-take, one page of it; a total is the level after it."""
    page = units(root, "currentPage") or 1
    key, number = required(root, "outBizCode"), text(root, "checkOrderCode")
    at = moment(text(root, "checkTime"), "checkTime") or received_at
    nodes = list(children(root, "items/item"))
    levels = _levels(nodes)
    totals = {}
    for node in nodes:  # Of goods told lot by lot nobody knows whether the total is the lot's, so it is not believed.
        place = required(node, "itemCode"), stock_kind(text(node, "inventoryType"))
        totals[place] = None if place in totals else units(node, "totalQty")
    changes = tuple([
        StockChange(sku, kind, count, f"{number or key}|{page}|{sku}|{kind}", at, number, totals[sku, kind])
        for sku, kind, count in levels
    ])  # fmt: skip
    return StockReport(
        warehouse_code=required(root, "warehouseCode"),
        key=f"{key}|{page}",
        as_of=at,
        levels=levels,
        is_delta=True,
        changes=changes,
        number=number,
        page=page,
        pages=units(root, "totalPage") or 1,
        owner_code=text(root, "ownerCode"),
        is_check=text(root, "adjustType").upper() != "ADJUST",
    )


def read_stock_levels(root: Element, warehouse_code: str, asked_at: datetime) -> tuple[StockReport, ...]:
    """The answer of inventory.query by warehouse: frozen units are on hand too."""
    nodes = list(children(root, "items/item"))
    places = dict.fromkeys(text(node, "warehouseCode") or warehouse_code for node in nodes)
    return tuple(
        StockReport(
            place,
            f"{place}|{asked_at:%Y%m%d%H%M%S%f}",
            asked_at,
            _levels([node for node in nodes if (text(node, "warehouseCode") or warehouse_code) == place]),
        )
        for place in places or {warehouse_code: None}
    )


def read_batch_answer(root: Element, received_at: datetime) -> tuple[ProgressReport, ...]:
    """deliveryorder.batchcreate.answer: each document accepted or refused, with the partner's words."""
    reports = []
    for order in children(root, "orders/order"):
        number, flag = required(order, "deliveryOrderCode"), text(order, "flag").lower()
        if flag not in ("success", "failure"):
            raise BadRecord("is neither success nor failure", field="orders/order/flag")
        accepted = flag == "success"
        reports.append(
            ProgressReport(
                number=number,
                key=f"{number}|{flag}",
                state=WarehouseState.ACCEPTED if accepted else WarehouseState.REFUSED,
                step="ACCEPT" if accepted else "REJECT",
                at=moment(text(order, "orderInfo/createTime"), "createTime") or received_at,
                words="" if accepted else text(order, "message"),
            )
        )
    return tuple(reports)


def digest(content: bytes) -> str:
    """A short fingerprint for keys."""
    return hashlib.sha256(content).hexdigest()[:32]


def _levels(items: list[Element]) -> tuple[tuple[str, str, int], ...]:
    """(sku, kind, units) summed over lots; frozen units count where they are told."""
    sums = Counter[tuple[str, str]]()
    for item in items:
        quantity = units(item, "quantity")
        if quantity is None:
            raise BadRecord("is missing", field="items/item/quantity")
        sums[required(item, "itemCode"), stock_kind(text(item, "inventoryType"))] += quantity + (
            units(item, "lockQuantity") or 0
        )
    return tuple((sku, kind, count) for (sku, kind), count in sums.items())
