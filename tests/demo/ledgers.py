"""Small hand-made ledgers of a platform and a warehouse, and hub books that agree with them."""

from __future__ import annotations

from typing import Any

from oms.demo.compare import HubBooks

Doc = dict[str, Any]


def a_line(oid: str, code: str = "A", num: int = 1, **changes: Any) -> Doc:
    """A line that has been shipped, as the platform's ledger tells it."""
    line = {"oid": oid, "status": "WAIT_BUYER_CONFIRM_GOODS", "refund_status": "NO_REFUND", "outer_sku_id": code}
    return {**line, "num": num, "live": True, **changes}


def a_shipment(*oids: str, waybill: str, kind: str = "offline") -> Doc:
    return {"oids": list(oids), "out_sid": waybill, "kind": kind}


def a_trade(tid: str, lines: list[Doc], shipments: list[Doc] | None = None, **changes: Any) -> Doc:
    trade = {"tid": tid, "payable": True, "spoiled": "", "held": False, "lines": lines, "refunds": []}
    return {**trade, "shipments": shipments or [], **changes}


def a_refund(oid: str, status: str = "WAIT_SELLER_AGREE", *, shipped: bool = False) -> Doc:
    return {"oid": oid, "refund_id": f"R{oid}", "status": status, "line_shipped_when_asked": shipped}


def a_delivery(code: str, tid: str, waybill: str, *items: tuple[str, str, int], warehouse: str = "WH") -> Doc:
    """A warehouse order of one trade whose items (line of the trade, SKU, pieces) left in one parcel."""
    lines = [
        {"line_no": str(number), "source_order": tid, "sub_source": oid, "item": sku, "actual": pieces}
        for number, (oid, sku, pieces) in enumerate(items)
    ]
    packed = [{"line_no": line["line_no"], "item": line["item"], "quantity": line["actual"]} for line in lines]
    parcels = [{"express_code": waybill, "items": packed}]
    return {"code": code, "warehouse": warehouse, "lines": lines, "parcels": parcels, "source_orders": [tid]}


def books_of(trades: list[Doc], deliveries: list[Doc], **changes: Any) -> HubBooks:
    """Books of a hub that took in every trade and booked exactly what left."""
    books = HubBooks(orders={trade["tid"]: frozenset() for trade in trades})
    for delivery in deliveries:
        for line in delivery["lines"]:
            key = (line["source_order"].partition("-")[0], line["sub_source"], line["item"])
            books.units[key] = books.units.get(key, 0) + line["actual"]
            item = (delivery["warehouse"], line["item"])
            books.left_stock[item] = books.left_stock.get(item, 0) + line["actual"]
    for name, value in changes.items():
        setattr(books, name, value)
    return books
