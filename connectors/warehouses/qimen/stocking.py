"""Bodies and answers of entryorder.* and stockout.*: goods that come in or leave besides buyers' parcels."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from connectors.contract.errors import BadRecord
from connectors.contract.stocking import (
    StockMoved,
    StockOrderFound,
    StockOrderLine,
    StockOrderNotice,
    StockOrderRef,
    StockOrderReport,
    StockOrderState,
)
from connectors.warehouses.qimen.codes import stock_kind
from connectors.warehouses.qimen.documents import QUERY_LINES
from connectors.warehouses.qimen.orders import NAME_LENGTH, WORDS_LENGTH, fitting_code, required_code
from connectors.warehouses.qimen.reports import digest
from connectors.warehouses.qimen.xml import children, china_time, moment, request, required, tag, text, units

#: (direction, kind) → orderType.
ORDER_TYPES: Final = {
    ("in", "purchase"): "CGRK",  # 采购入库
    ("in", "transfer"): "DBRK",  # 调拨入库
    ("in", "other"): "QTRK",  # 其他入库
    ("out", "transfer"): "DBCK",  # 调拨出库
    ("out", "vendor_return"): "CGTH",  # 采购退货出库
    ("out", "other"): "QTCK",  # 其他出库
}
#: Kind → orderType of the related document.
RELATED: Final = {"purchase": "CG", "transfer": "DB", "vendor_return": "CG"}
STATUSES: Final = {
    "NEW": StockOrderState.ACCEPTED,
    "ACCEPT": StockOrderState.ACCEPTED,
    "PARTFULFILLED": StockOrderState.PART_DONE,
    "PARTDELIVERED": StockOrderState.PART_DONE,
    "FULFILLED": StockOrderState.DONE,
    "DELIVERED": StockOrderState.DONE,
    "EXCEPTION": StockOrderState.FAILED,
    "CANCELED": StockOrderState.CANCELLED,
    "CLOSED": StockOrderState.CANCELLED,
    "REJECT": StockOrderState.REFUSED,
    "CANCELEDFAIL": StockOrderState.ACCEPTED,
}
#: Kinds of stock → inventoryType; what the warehouse inspects lies with its faulty goods.
INVENTORY_TYPES: Final = {"good": "ZP", "defective": "CC", "inspecting": "CC"}
METHODS: Final = {"in": "entryorder", "out": "stockout"}
#: The head of a message by direction: its element and the one that holds our number.
HEADS: Final = {"in": ("entryOrder", "entryOrderCode"), "out": ("deliveryOrder", "deliveryOrderCode")}


def order_type(direction: str, kind: str) -> str:
    """Qimen's type of such a document."""
    return ORDER_TYPES.get((direction, kind), ORDER_TYPES[direction, "other"])


def ref_of(notice: StockOrderNotice) -> StockOrderRef:
    """Names the document of a notice."""
    return StockOrderRef(notice.number, notice.direction, notice.kind, notice.warehouse_code, notice.owner_code)


def build_stock_order(notice: StockOrderNotice) -> bytes:
    """entryorder.create or stockout.create."""
    if not notice.lines:
        raise BadRecord("there is no line", field="lines")
    root = HEADS[notice.direction][0]
    head = _entry(notice) if notice.direction == "in" else _stockout(notice)
    lines = "".join(_line(line, notice.owner_code) for line in notice.lines)
    return request(f"<{root}>{head}</{root}><orderLines>{lines}</orderLines>")


def _entry(notice: StockOrderNotice) -> str:
    is_purchase = notice.kind == "purchase"
    return (
        f"<totalOrderLines>{len(notice.lines)}</totalOrderLines>"
        + tag("entryOrderCode", required_code(notice.number, "number"))
        + tag("ownerCode", required_code(notice.owner_code, "owner_code"))
        + (tag("purchaseOrderCode", fitting_code(notice.related_no, "related_no")) if is_purchase else "")
        + tag("warehouseCode", required_code(notice.warehouse_code, "warehouse_code"))
        + tag("orderCreateTime", china_time(notice.created_at))
        + tag("orderType", order_type("in", notice.kind))
        + _related(notice)
        + (tag("expectStartTime", china_time(notice.expected_at)) if notice.expected_at else "")
        + tag("supplierCode", fitting_code(notice.supplier_code, "supplier_code"))
        + tag("supplierName", notice.supplier_name[:NAME_LENGTH])
        + tag("sourceWarehouseCode", fitting_code(notice.other_warehouse, "other_warehouse"))
        + tag("remark", notice.words[:WORDS_LENGTH])
    )


def _stockout(notice: StockOrderNotice) -> str:
    return (
        f"<totalOrderLines>{len(notice.lines)}</totalOrderLines>"
        + tag("deliveryOrderCode", required_code(notice.number, "number"))
        + tag("orderType", order_type("out", notice.kind))
        + _related(notice)
        + tag("warehouseCode", required_code(notice.warehouse_code, "warehouse_code"))
        + tag("createTime", china_time(notice.created_at))
        + tag("supplierCode", fitting_code(notice.supplier_code, "supplier_code"))
        + tag("supplierName", notice.supplier_name[:NAME_LENGTH])
        + "<transportMode>到仓自提</transportMode>"
        + tag("targetWarehouseCode", fitting_code(notice.other_warehouse, "other_warehouse"))
        + tag("remark", notice.words[:WORDS_LENGTH])
    )


def _related(notice: StockOrderNotice) -> str:
    kind = RELATED.get(notice.kind)
    if not kind or not notice.related_no:
        return ""
    number = tag("orderCode", fitting_code(notice.related_no, "related_no"))
    return f"<relatedOrders><relatedOrder><orderType>{kind}</orderType>{number}</relatedOrder></relatedOrders>"


def _line(line: StockOrderLine, owner_code: str) -> str:
    if line.units < 1:
        raise BadRecord("a line needs at least one unit", field="units")
    return (
        "<orderLine>"
        + tag("orderLineNo", fitting_code(line.line_no, "line_no"))
        + tag("ownerCode", required_code(owner_code, "owner_code"))
        + tag("itemCode", required_code(line.sku_code, "sku_code"))
        + tag("itemId", fitting_code(line.item_id, "item_id"))
        + tag("itemName", line.sku_name[:NAME_LENGTH])
        + tag("inventoryType", INVENTORY_TYPES.get(line.kind, "ZP"))
        + f"<planQty>{line.units}</planQty></orderLine>"
    )


def build_stock_query(ref: StockOrderRef) -> bytes:
    """entryorder.query or stockout.query, each by the name that its own document has; at most a hundred lines a page.

    Fields as two published SDKs of the platform have them; never tried on a warehouse.
    """
    number = tag(HEADS[ref.direction][1], required_code(ref.number, "number"))
    named = number + tag("entryOrderId" if ref.direction == "in" else "deliveryOrderId", ref.reference)
    return request(
        named
        + (tag("orderType", order_type("in", ref.kind)) if ref.direction == "in" else "")
        + tag("ownerCode", ref.owner_code)
        + tag("warehouseCode", ref.warehouse_code)
        + f"<page>1</page><pageSize>{QUERY_LINES}</pageSize>"
    )


def build_stock_cancel(ref: StockOrderRef) -> bytes:
    """order.cancel of such a document."""
    return request(
        tag("warehouseCode", required_code(ref.warehouse_code, "warehouse_code"))
        + tag("ownerCode", ref.owner_code)
        + tag("orderCode", required_code(ref.number, "number"))
        + tag("orderId", ref.reference)
        + tag("orderType", order_type(ref.direction, ref.kind))
    )


def read_found(answer: Element, direction: str) -> StockOrderFound | None:
    """What a query tells, None when the answer names no document."""
    root, code = HEADS[direction]
    number = text(answer, f"{root}/{code}")
    if not number:
        return None
    status = text(answer, f"{root}/status").upper()
    reference = text(answer, f"{root}/{'entryOrderId' if direction == 'in' else 'deliveryOrderId'}")
    words = "" if status in STATUSES else f"unknown status {status}".rstrip()
    return StockOrderFound(number, STATUSES.get(status, StockOrderState.ACCEPTED), reference, words)


def read_stock_confirm(root: Element, direction: str, received_at: datetime) -> StockOrderReport:
    """entryorder.confirm or stockout.confirm: what this message adds; kinds by lot where it says so."""
    head_name, code = HEADS[direction]
    head = root.find(head_name)
    number = required(head, code)
    status, confirm = text(head, "status").upper(), text(head, "confirmType")
    final = confirm == "0" or (confirm != "1" and status in ("FULFILLED", "DELIVERED"))
    told = text(head, "operateTime") if direction == "in" else text(head, "orderConfirmTime")
    lines = tuple(moved for node in children(root, "orderLines/orderLine") for moved in _moved(node))
    state = STATUSES.get(status)
    if state is None:
        state = StockOrderState.DONE if final and lines else StockOrderState.PART_DONE
    content = "|".join(sorted(f"{m.line_no}:{m.sku_code}:{m.kind}:{m.units}" for m in lines))
    return StockOrderReport(
        number=number,
        direction=direction,
        key=text(head, "outBizCode") or digest(f"{confirm}|{told}|{content}".encode()),
        state=state,
        final=final,
        at=moment(told, "operateTime") or received_at,
        lines=lines,
        reference=text(head, "entryOrderId" if direction == "in" else "deliveryOrderId"),
        line_count=units(head, "totalOrderLines") if head is not None else None,
        words=text(head, "remark"),
    )


def _moved(node: Element) -> list[StockMoved]:
    """A line's units by kind; lots must add up to it."""
    line_no, sku, total = text(node, "orderLineNo"), required(node, "itemCode"), units(node, "actualQty")
    kinds = Counter[str]()
    for lot in children(node, "batchs/batch"):
        kinds[stock_kind(text(lot, "inventoryType") or text(node, "inventoryType"))] += units(lot, "actualQty") or 0
    if not kinds:
        if total is None:
            raise BadRecord("is missing", field="orderLine/actualQty")
        kinds[stock_kind(text(node, "inventoryType"))] = total
    if total is not None and sum(kinds.values()) != total:
        raise BadRecord("the lots do not add up to the line", field="orderLine/actualQty")
    return [StockMoved(line_no, sku, kind, count) for kind, count in kinds.items() if count]
