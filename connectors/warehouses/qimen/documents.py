"""Bodies of the small Qimen calls: query, cancel, hold, call back, stock, items, returns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from connectors.contract.errors import BadRecord
from connectors.contract.notices import FulfilmentLineNotice, FulfilmentRef
from connectors.warehouses.qimen.codes import ORDER_TYPES
from connectors.warehouses.qimen.orders import (
    NAME_LENGTH,
    WORDS_LENGTH,
    fitting_code,
    reference_code,
    required_code,
    sender_xml,
)
from connectors.warehouses.qimen.xml import request, tag

#: Lines a query may answer at once.
QUERY_LINES = 100

#: Keys of an item to synchronise → Qimen's elements, in the order of the schema.
ITEM_ELEMENTS = {
    "sku_code": "itemCode",
    "item_id": "itemId",
    "goods_code": "goodsCode",
    "name": "itemName",
    "barcode": "barCode",
    "variant": "skuProperty",
    "unit": "stockUnit",
    "length_cm": "length",
    "width_cm": "width",
    "height_cm": "height",
    "volume_l": "volume",
    "gross_weight_kg": "grossWeight",
    "net_weight_kg": "netWeight",
}


def build_query(ref: FulfilmentRef, page: int = 1) -> bytes:
    """deliveryorder.query for one page of a document's lines."""
    return request(
        tag("ownerCode", ref.owner_code)
        + tag("warehouseCode", ref.warehouse_code)
        + tag("orderCode", required_code(ref.number, "number"))
        + tag("orderId", ref.warehouse_ref)
        + f"<page>{page}</page><pageSize>{QUERY_LINES}</pageSize>"
    )


def build_cancel(ref: FulfilmentRef) -> bytes:
    """order.cancel, of the platform lines in `ref.line_nos` alone when there are any."""
    parts = "".join(
        f"<subSourceOrder>{tag('subSourceOrderCode', required_code(number, 'line_nos'))}</subSourceOrder>"
        for number in ref.line_nos
    )
    return request(
        _naming(ref)
        + tag("cancelReason", ref.reason[:WORDS_LENGTH])
        + (f"<subSourceOrders>{parts}</subSourceOrders>" if parts else "")
    )


def build_pending(ref: FulfilmentRef, on: bool) -> bytes:
    """order.pending: pause or resume."""
    action = "pending" if on else "restore"
    return request(f"<actionType>{action}</actionType>" + _naming(ref) + tag("reason", ref.reason[:WORDS_LENGTH]))


def build_call_back(ref: FulfilmentRef, waybill_no: str) -> bytes:
    """order.callback: stop a parcel that left."""
    return request(
        tag("warehouseCode", ref.warehouse_code)
        + tag("ownerCode", ref.owner_code)
        + tag("deliveryOrderCode", required_code(ref.number, "number"))
        + tag("orderId", ref.warehouse_ref)
        + tag("expressCode", required_code(waybill_no, "waybill_no"))
    )


def build_stock_query(sku_codes: Sequence[str], warehouse_code: str, owner_code: str) -> bytes:
    """inventory.query for all kinds of stock of some SKUs."""
    place = tag("warehouseCode", warehouse_code) + tag("ownerCode", owner_code)
    return request(
        "<criteriaList>"
        + "".join(f"<criteria>{place}{tag('itemCode', required_code(code, 'sku_code'))}</criteria>" for code in sku_codes)
        + "</criteriaList>"
    )


def build_item(item: Mapping[str, str], action: str, warehouse_code: str, owner_code: str) -> bytes:
    """singleitem.synchronize of one item with the keys of ITEM_ELEMENTS and `item_type` (ZC)."""
    for key in ("sku_code", "name"):
        if not item.get(key):
            raise BadRecord("is missing", field=key)
    known = {"barcode": item["sku_code"]} | {key: value for key, value in item.items() if value}
    return request(
        f"<actionType>{action}</actionType>"
        + tag("warehouseCode", warehouse_code or "OTHER")
        + tag("ownerCode", required_code(owner_code, "owner_code"))
        + "<item>"
        + "".join(tag(element, known.get(key, "")[:NAME_LENGTH]) for key, element in ITEM_ELEMENTS.items())
        + tag("itemType", known.get("item_type", "ZC"))
        + "<isValid>Y</isValid><isSku>Y</isSku></item>"
    )


def return_number(ref: FulfilmentRef, lines: Sequence[FulfilmentLineNotice]) -> str:
    """A return's document number: of its fulfilment and what comes back, so that a repeat has the same."""
    content = "|".join(sorted(f"{line.line_no}:{line.sku_code}:{line.units}" for line in lines))
    return fitting_code(f"{ref.number}-R{hashlib.sha256(content.encode()).hexdigest()[:6]}", "number")


def build_return(
    ref: FulfilmentRef, lines: Sequence[FulfilmentLineNotice], settings: Mapping[str, str]
) -> tuple[str, bytes]:
    """returnorder.create as (its number, body); `ref` names the fulfilment the goods left with."""
    if not lines:
        raise BadRecord("there is no line", field="lines")
    number = return_number(ref, lines)
    body = request(
        "<returnOrder>"
        + tag("returnOrderCode", number)
        + tag("warehouseCode", required_code(ref.warehouse_code, "warehouse_code"))
        + tag("orderType", "HHRK" if ref.kind == "exchange" else "THRK")
        + tag("preDeliveryOrderCode", required_code(ref.number, "number"))
        + tag("preDeliveryOrderId", ref.warehouse_ref)
        + "<logisticsCode>OTHER</logisticsCode>"
        + tag("returnReason", ref.reason[:NAME_LENGTH])
        + sender_xml(settings, ref.warehouse_code)
        + "</returnOrder><orderLines>"
        + "".join(_return_line(line, ref.owner_code) for line in lines)
        + "</orderLines>"
    )
    return number, body


def _return_line(line: FulfilmentLineNotice, owner_code: str) -> str:
    return (
        "<orderLine>"
        + tag("orderLineNo", line.line_no)
        + tag("sourceOrderCode", reference_code(line.order_no))
        + tag("subSourceOrderCode", reference_code(line.order_line_no))
        + tag("ownerCode", required_code(owner_code, "owner_code"))
        + tag("itemCode", required_code(line.sku_code, "sku_code"))
        + tag("itemId", line.item_id)
        + f"<inventoryType>ZP</inventoryType><planQty>{line.units}</planQty></orderLine>"
    )


def _naming(ref: FulfilmentRef) -> str:
    return (
        tag("warehouseCode", required_code(ref.warehouse_code, "warehouse_code"))
        + tag("ownerCode", ref.owner_code)
        + tag("orderCode", required_code(ref.number, "number"))
        + tag("orderId", ref.warehouse_ref)
        + tag("orderType", ORDER_TYPES.get(ref.kind, "QTCK"))
    )
