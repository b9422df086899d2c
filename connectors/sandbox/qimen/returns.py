"""Goods that come back: returnorder.create is kept, received after a while or by hand, and confirmed."""

import json
from sqlite3 import Row
from typing import Any
from xml.etree.ElementTree import Element

from connectors.sandbox.qimen import outbox, reports, stockroom
from connectors.sandbox.qimen.documents import PERSON, quantity, require
from connectors.sandbox.qimen.site import Refused, Site, as_json, now_text
from connectors.sandbox.qimen.xmltext import Fields, Rows, render, text

HEADER_REQUIRED = (
    "returnOrderCode", "warehouseCode", "preDeliveryOrderCode", "logisticsCode",
    *(f"senderInfo/{name}" for name in PERSON),
)  # fmt: skip
LINE_REQUIRED = ("ownerCode", "itemCode", "planQty")
ORDER_TYPES = ("THRK", "HHRK")


def bind(site: Site) -> None:
    """Tell the timer which function receives a return."""
    site.scheduler.on("receive", lambda payload: _receive_when_due(site, str(payload["code"])))


def create_return(site: Site, customer: str, root: Element) -> Fields:
    """Announce a return; the same code again is answered with the same id."""
    head = root.find("returnOrder")
    require(head, HEADER_REQUIRED)
    code = text(head, "returnOrderCode")
    if (text(head, "orderType") or "THRK") not in ORDER_TYPES:
        raise Refused("orderType不合法")
    lines = [_line(node, number) for number, node in enumerate(root.findall("orderLines/orderLine"), 1)]
    if not lines:
        raise Refused("orderLines不能为空")
    warehouse = site.warehouse(text(head, "warehouseCode"), customer)
    with site.storage.write():
        known = site.storage.one("select * from return_order where code = ?", (code,))
        if known is not None and known["customer"] != customer:
            raise Refused("退货单号已被其他货主占用")
        if known is None:
            known = _store(site, customer, warehouse.code, head, lines)
            if site.settings.auto_returns:
                site.scheduler.after(site.settings.return_minutes * 60, "receive", {"code": code})
    return {"returnOrderId": known["id"]}


def receive(site: Site, code: str, found: list[dict[str, Any]]) -> None:
    """Put what came back on the shelves and confirm it; unplanned goods may be among it.

    `found`: [{"line_no", "good", "defective"}] or, unplanned, [{"owner", "item", "good", "defective"}].
    """
    with site.storage.write():
        row = site.storage.one("select * from return_order where code = ?", (code,))
        if row is None:
            raise Refused(f"no return {code} is known; send returnorder.create first")
        if row["status"] != "NEW":
            raise Refused(f"return {code} is {row['status']}; only a NEW one can be received")
        for part in found:
            _put_away(site, row, part)
        site.storage.execute("update return_order set status = 'FULFILLED' where code = ?", (code,))
        outbox.send(site, "returnorder.confirm", row["customer"], code, _confirm(site, row))


def _receive_when_due(site: Site, code: str) -> None:
    row = site.storage.one("select * from return_order where code = ?", (code,))
    if row is None or row["status"] != "NEW":
        return
    found: list[dict[str, Any]] = [
        {"line_no": line["line_no"], "good": line["plan"], "defective": 0} for line in _lines(site, code)
    ]
    if site.happens("return_short", code):
        found[0]["good"] -= 1
    if site.happens("return_defect", code) and found[-1]["good"]:
        found[-1]["good"] -= 1
        found[-1]["defective"] = 1
    receive(site, code, found)


def _line(node: Element, number: int) -> tuple[str | int, ...]:
    require(node, LINE_REQUIRED)
    names = ("sourceOrderCode", "subSourceOrderCode", "ownerCode", "itemCode", "itemId")
    return (text(node, "orderLineNo") or str(number), *(text(node, n) for n in names), quantity(node, "planQty"))


def _store(site: Site, customer: str, warehouse: str, head: Element | None, lines: list[Any]) -> Row:
    code = text(head, "returnOrderCode")
    sender = {name: text(head, f"senderInfo/{name}") for name in PERSON}
    site.storage.execute(
        "insert into return_order values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'NEW')",
        (code, f"WMSRO-{site.storage.next_number('return', 900)}", customer, warehouse,
         text(head, "orderType") or "THRK", text(head, "logisticsCode"), text(head, "expressCode"),
         text(head, "returnReason"), as_json(sender)),
    )  # fmt: skip
    with site.storage.write() as tx:
        tx.executemany(
            "insert into return_line (return_order, line_no, source_order, sub_source, owner, item, item_id, plan)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(code, *line) for line in lines],
        )
    row = site.storage.one("select * from return_order where code = ?", (code,))
    assert row is not None  # noqa: S101 - it was written in this very transaction
    return row


def _lines(site: Site, code: str) -> list[Row]:
    return site.storage.rows("select * from return_line where return_order = ? order by rowid", (code,))


def _put_away(site: Site, row: Row, part: dict[str, Any]) -> None:
    line_no = str(part.get("line_no") or f"U{site.storage.next_number('unplanned', 1)}")
    good, defective = int(part.get("good", 0)), int(part.get("defective", 0))
    if "line_no" not in part:
        site.storage.execute(
            "insert into return_line (return_order, line_no, source_order, sub_source, owner, item, item_id, plan)"
            " values (?, ?, '', '', ?, ?, '', 0)",
            (row["code"], line_no, part["owner"], part["item"]),
        )
    changed = site.storage.execute(
        "update return_line set good = ?, defective = ? where return_order = ? and line_no = ?",
        (good, defective, row["code"], line_no),
    )
    if not changed:
        raise Refused(f"return {row['code']} has no line {line_no}")
    line = next(line for line in _lines(site, row["code"]) if line["line_no"] == line_no)
    stockroom.change(site, row["warehouse"], line["owner"], line["item"], "ZP", good)
    stockroom.change(site, row["warehouse"], line["owner"], line["item"], "CC", defective)


def _confirm(site: Site, row: Row) -> bytes:
    head: Fields = {
        "returnOrderCode": row["code"],
        "returnOrderId": row["id"],
        "warehouseCode": row["warehouse"],
        "outBizCode": f"RMSG-{site.storage.next_number('message', 1)}",
        "orderType": row["order_type"],
        "orderConfirmTime": now_text(),
        "logisticsCode": row["company"],
        "logisticsName": reports.COMPANY_NAMES.get(row["company"]),
        "expressCode": row["express_code"] or None,
        "returnReason": row["reason"] or None,
        "senderInfo": json.loads(row["sender"]),
        "confirmType": 0,
    }
    lines = [_confirmed(line) for line in _lines(site, row["code"])]
    return render("request", {"returnOrder": head, "orderLines": Rows("orderLine", lines)})


def _confirmed(line: Row) -> Fields:
    batches: list[Fields] = [
        {"batchCode": "RETURN", "inventoryType": kind, "actualQty": pieces}
        for kind, pieces in (("ZP", line["good"]), ("CC", line["defective"]))
        if pieces
    ]
    return {
        "orderLineNo": line["line_no"],
        "sourceOrderCode": line["source_order"] or None,
        "subSourceOrderCode": line["sub_source"] or None,
        "ownerCode": line["owner"],
        "itemCode": line["item"],
        "itemId": line["item_id"] or None,
        "inventoryType": "ZP",
        "planQty": line["plan"],
        "batchs": Rows("batch", batches),
        "actualQty": line["good"] + line["defective"],
    }
