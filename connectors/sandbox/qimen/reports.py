"""The documents that the warehouse sends: confirmations and reports as XML."""

from collections.abc import Iterable, Sequence
from sqlite3 import Row
from typing import Any

from connectors.sandbox.qimen.lifecycle import STEP_TEXT
from connectors.sandbox.qimen.site import Site, now_text
from connectors.sandbox.qimen.xmltext import Fields, Rows, render

COMPANY_NAMES = {
    "SF": "顺丰", "ZTO": "中通", "YTO": "圆通", "STO": "申通", "YUNDA": "韵达", "JD": "京东配送", "EMS": "标准快递",
}  # fmt: skip
OPERATOR: Fields = {"operatorCode": "op1", "operatorName": "仓库操作员"}


def order_process(row: Row, status: str, at: str) -> bytes:
    """orderprocess.report: one step of one order."""
    order = _order(row["code"], row["id"], row["order_type"], row["warehouse"])
    return render("request", {"order": order, "process": process(status, at)})


def order_exception(row: Row, message: str, at: str) -> bytes:
    """orderexception.report: an order that cannot go on by itself."""
    order = _order(row["code"], row["id"], row["order_type"], row["warehouse"])
    words: Fields = {"outBizCode": message, "operateTime": at, "exceptionDesc": STEP_TEXT["EXCEPTION"]}
    return render("request", {"order": {**order, **words}})


def batch_answer(answers: Iterable[Fields]) -> bytes:
    """deliveryorder.batchcreate.answer: each order accepted or refused, with the reason."""
    return render("request", {"orders": Rows("order", list(answers))})


def process(status: str, at: str) -> Fields:
    """One step of an order's trail."""
    return {"processStatus": status, **OPERATOR, "operateTime": at, "operateInfo": STEP_TEXT.get(status, status)}


def delivery_confirm(site: Site, row: Row, shipment: Row) -> bytes:
    """deliveryorder.confirm: one shipment with its parcels; quantities are those of this shipment."""
    lines = {line["line_no"]: line for line in site.lines(row["code"])}
    taken = site.storage.rows("select * from shipped_line where shipment = ? order by rowid", (shipment["id"],))
    parcels = site.storage.rows("select * from parcel where shipment = ? order by rowid", (shipment["id"],))
    head = delivery_head(row, shipment)
    fields: Fields = {
        "deliveryOrder": head,
        "packages": Rows("package", [package(site, parcel, lines) for parcel in parcels]),
        "orderLines": Rows("orderLine", confirmed_lines(lines, taken)),
    }
    return render("request", fields)


def delivery_head(row: Row, shipment: Row) -> Fields:
    """The head of a confirmation; intermediate (1) or final (0)."""
    return {
        "deliveryOrderCode": row["code"],
        "deliveryOrderId": row["id"],
        "warehouseCode": row["warehouse"],
        "orderType": row["order_type"],
        "status": "DELIVERED" if shipment["final"] else "PARTDELIVERED",
        "outBizCode": shipment["out_biz_code"],
        "confirmType": 0 if shipment["final"] else 1,
        "orderConfirmTime": shipment["at"],
        **OPERATOR,
        "operateTime": shipment["at"],
        "storageFee": "2.50",
    }


def package(site: Site, parcel: Row, lines: dict[str, Row]) -> Fields:
    """One parcel with what is in it."""
    items = site.storage.rows(
        "select * from parcel_item where express_code = ? order by rowid", (parcel["express_code"],)
    )
    weight = f"{0.2 * sum(item['quantity'] for item in items):.3f}"
    return {
        "logisticsCode": parcel["company"],
        "logisticsName": COMPANY_NAMES.get(parcel["company"], parcel["company"]),
        "expressCode": parcel["express_code"],
        "packageCode": parcel["package_code"],
        "length": "30.00",
        "width": "20.00",
        "height": "5.00",
        "theoreticalWeight": weight,
        "weight": weight,
        "volume": "3.000",
        "packageMaterialList": Rows("packageMaterial", [{"type": "BOX-3", "quantity": 1}]),
        "items": Rows("item", [_packed(item, lines[item["line_no"]]) for item in items]),
    }


def confirmed_lines(lines: dict[str, Row], taken: Iterable[Row]) -> list[Fields]:
    """Order lines with the quantities of `taken` rows, summed by line and listed by batch."""
    batches: dict[str, list[Row]] = {}
    for row in taken:
        batches.setdefault(row["line_no"], []).append(row)
    return [confirmed_line(lines[line_no], rows) for line_no, rows in batches.items()]


def item_lack(row: Row, lacks: Sequence[tuple[Row, int]], message: str, at: str) -> bytes:
    """itemlack.report: what the picker did not find."""
    items: list[Fields] = [
        {**_item(line), "planQty": line["plan"] - line["cancelled"], "lackQty": missing, "reason": "实物报缺"}
        for line, missing in lacks
    ]
    fields: Fields = {
        "warehouseCode": row["warehouse"],
        "deliveryOrderCode": row["code"],
        "deliveryOrderId": row["id"],
        "createTime": at,
        "outBizCode": message,
        "items": Rows("item", items),
    }
    return render("request", fields)


def stock_change(
    site: Site, warehouse: str, owner: str, order_code: str, changes: Sequence[tuple[str, str, int]]
) -> bytes:
    """stockchange.report: signed changes, a message code of its own for each."""
    items: list[Fields] = [
        {
            "ownerCode": owner,
            "warehouseCode": warehouse,
            "orderCode": order_code,
            "outBizCode": f"CHG-{site.storage.next_number('message', 1)}",
            "itemCode": item,
            "inventoryType": kind,
            "quantity": pieces,
            "changeTime": now_text(),
        }
        for item, kind, pieces in changes
    ]
    return render("request", {"items": Rows("item", items)})


def inventory(
    site: Site, wish: dict[str, Any], order_code: str, paging: tuple[int, int, int],
    found: Sequence[tuple[str, int, int]],
) -> bytes:  # fmt: skip
    """inventory.report: one page of counted differences; `paging` is page, pages, page size."""
    items: list[Fields] = [
        {"itemCode": item, "inventoryType": "ZP", "quantity": difference, "totalQty": total}
        for item, difference, total in found
    ]
    fields: Fields = {
        "totalPage": paging[1],
        "currentPage": paging[0],
        "pageSize": paging[2],
        "warehouseCode": wish["warehouse"],
        "checkOrderCode": order_code,
        "ownerCode": wish["owner"],
        "checkTime": now_text(),
        "outBizCode": f"CKMSG-{site.storage.next_number('message', 1)}",
        "items": Rows("item", items),
        "adjustType": wish.get("adjust_type", "CHECK"),
    }
    return render("request", fields)


def _order(code: str, order_id: str, order_type: str, warehouse: str) -> Fields:
    return {"orderCode": code, "orderId": order_id, "orderType": order_type, "warehouseCode": warehouse}


def _item(line: Row) -> Fields:
    return {
        "itemCode": line["item"],
        "itemId": line["item_id"] or None,
        "inventoryType": line["inventory_type"],
    }


def _packed(item: Row, line: Row) -> Fields:
    return {
        "itemCode": line["item"],
        "itemId": line["item_id"] or None,
        "quantity": item["quantity"],
        "orderLineNo": line["line_no"],
    }


def confirmed_line(line: Row, taken: Sequence[Row]) -> Fields:
    """One order line with what was taken for it, by batch."""
    kind = line["inventory_type"]
    batches: list[Fields] = [
        {"batchCode": row["batch"], "inventoryType": kind, "actualQty": row["quantity"]} for row in taken
    ]
    return {
        "orderLineNo": line["line_no"],
        "orderSourceCode": line["source_order"] or None,
        "subSourceCode": line["sub_source"] or None,
        **_item(line),
        "ownerCode": line["owner"],
        "planQty": line["plan"],
        "actualQty": sum(row["quantity"] for row in taken),
        "batchs": Rows("batch", batches),
    }
