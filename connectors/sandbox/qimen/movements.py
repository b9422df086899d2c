"""Goods that come in or leave besides parcels: entryorder.* and stockout.*, worked on after a while or by hand."""

from sqlite3 import Row
from typing import Any
from xml.etree.ElementTree import Element

from connectors.sandbox.qimen import outbox, stockroom
from connectors.sandbox.qimen.documents import INVENTORY_TYPES, quantity, require
from connectors.sandbox.qimen.site import Refused, Site, now_text
from connectors.sandbox.qimen.xmltext import Fields, Rows, render, text

ENTRY_TYPES = ("SCRK", "LYRK", "CCRK", "CGRK", "DBRK", "QTRK", "B2BRK", "XNRK")
STOCKOUT_TYPES = ("PTCK", "DBCK", "B2BCK", "QTCK", "CGTH", "XNCK", "JITCK")
LINE_REQUIRED = ("ownerCode", "itemCode", "planQty")
#: (element of the head, element of its number, required fields, types, prefix of our ids) by direction.
SHAPES: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...], str]] = {
    "in": ("entryOrder", "entryOrderCode", ("entryOrderCode", "ownerCode", "warehouseCode"), ENTRY_TYPES, "WMSRK"),
    "out": (
        "deliveryOrder", "deliveryOrderCode", ("deliveryOrderCode", "orderType", "warehouseCode", "createTime"),
        STOCKOUT_TYPES, "WMSCK",
    ),
}  # fmt: skip
METHOD = {"in": "entryorder.confirm", "out": "stockout.confirm"}
ENDED = ("FULFILLED", "DELIVERED", "CANCELED")
SCHEMA = """
create table if not exists movement (code text primary key, id text not null, customer text not null,
    warehouse text not null, direction text not null, order_type text not null, status text not null);
create table if not exists movement_line (movement text not null, line_no text not null, owner text not null,
    item text not null, inventory_type text not null, plan integer not null, actual integer not null default 0,
    primary key (movement, line_no));
"""


def bind(site: Site) -> None:
    """Tell the timer which function works on a document: half of it first, then the rest."""
    site.scheduler.on("movement", lambda payload: _work(site, str(payload["code"]), is_last=bool(payload["last"])))


def create(direction: str) -> Any:
    """The method that announces a document of this direction; the same code again has the same answer."""

    def announce(site: Site, customer: str, root: Element) -> Fields:
        element, code_name, required, types, prefix = SHAPES[direction]
        head = root.find(element)
        require(head, required)
        code, order_type = text(head, code_name), text(head, "orderType") or types[0]
        if order_type not in types:
            raise Refused("orderType不合法")
        lines = [_line(node, number) for number, node in enumerate(root.findall("orderLines/orderLine"), 1)]
        if not lines:
            raise Refused("orderLines不能为空")
        warehouse = site.warehouse(text(head, "warehouseCode"), customer)
        with site.storage.write() as tx:
            known = site.storage.one("select * from movement where code = ?", (code,))
            if known is not None and known["customer"] != customer:
                raise Refused("单号已被其他货主占用")
            if known is None:
                id_ = f"{prefix}-{site.storage.next_number('movement', 700)}"
                tx.execute(
                    "insert into movement values (?, ?, ?, ?, ?, ?, 'ACCEPT')",
                    (code, id_, customer, warehouse.code, direction, order_type),
                )
                tx.executemany(
                    "insert into movement_line (movement, line_no, owner, item, inventory_type, plan)"
                    " values (?, ?, ?, ?, ?, ?)",
                    [(code, *line) for line in lines],
                )
                if site.settings.auto_returns:
                    for share, last in ((1, False), (2, True)):
                        wait = site.settings.return_minutes * 60 * share
                        site.scheduler.after(wait, "movement", {"code": code, "last": last})
                known = site.storage.one("select * from movement where code = ?", (code,))
        assert known is not None  # noqa: S101 - it was written in this very transaction
        return {"entryOrderId": known["id"]} if direction == "in" else {
            "deliveryOrderId": known["id"], "createTime": now_text()}  # fmt: skip

    return announce


def query(direction: str) -> Any:
    """The method that shows a document with its lines; quantities are totals so far."""

    def show(site: Site, customer: str, root: Element) -> Fields:
        element, code_name, *_ = SHAPES[direction]
        asked = text(root, code_name)
        row = site.storage.one(
            "select * from movement where code = ? and customer = ? and direction = ?", (asked, customer, direction)
        )
        if row is None:
            raise Refused(f"单据不存在:{asked}")
        head: Fields = {
            code_name: row["code"], "entryOrderId" if direction == "in" else "deliveryOrderId": row["id"],
            "warehouseCode": row["warehouse"], "status": row["status"],
        }  # fmt: skip
        lines = _lines(site, row["code"])
        told = [_confirmed(line, line["actual"]) for line in lines]
        return {"totalLines": len(lines), element: head, "orderLines": Rows("orderLine", told)}

    return show


def cancel(site: Site, customer: str, code: str) -> bool:
    """Cancel a document of ours; False when the code is none of them. Refused once goods have moved."""
    row = site.storage.one("select * from movement where code = ? and customer = ?", (code, customer))
    if row is None:
        return False
    if row["status"] not in ("ACCEPT", "CANCELED"):
        raise Refused("当前状态不允许取消")
    site.storage.execute("update movement set status = 'CANCELED' where code = ?", (code,))
    return True


def move(site: Site, code: str, found: list[dict[str, Any]], *, final: bool, sends: int = 1) -> None:
    """Book what came in or left and confirm it as an increment; a correction after the last word is allowed.

    `found`: [{"line_no", "quantity", "inventory_type"}]; several kinds of one line are lots of it.
    """
    with site.storage.write():
        row = site.storage.one("select * from movement where code = ?", (code,))
        if row is None or row["status"] == "CANCELED":
            raise Refused(f"no open movement {code} is known")
        lines = {line["line_no"]: line for line in _lines(site, code)}
        told: dict[str, list[tuple[str, int]]] = {}
        for part in found:
            line, pieces = lines[str(part["line_no"])], int(part["quantity"])
            kind = str(part.get("inventory_type") or line["inventory_type"])
            sign = 1 if row["direction"] == "in" else -1
            stockroom.change(site, row["warehouse"], line["owner"], line["item"], kind, sign * pieces)
            site.storage.execute(
                "update movement_line set actual = actual + ? where movement = ? and line_no = ?",
                (pieces, code, line["line_no"]),
            )
            told.setdefault(line["line_no"], []).append((kind, pieces))
        status = _status(row["direction"], final or row["status"] in ENDED)
        site.storage.execute("update movement set status = ? where code = ?", (status, code))
        body = _confirm(site, row, status, [_lots(lines[no], lots) for no, lots in told.items()], final=final)
        outbox.send(site, METHOD[row["direction"]], row["customer"], code, body, sends)


def _work(site: Site, code: str, *, is_last: bool) -> None:
    row = site.storage.one("select * from movement where code = ?", (code,))
    if row is None or row["status"] in ENDED:
        return
    found = []
    for line in _lines(site, code):
        left = line["plan"] - line["actual"]
        pieces = left if is_last else left // 2
        if pieces:
            found.append({"line_no": line["line_no"], "quantity": pieces})
    if found or is_last:
        move(site, code, found, final=is_last)


def _status(direction: str, is_done: bool) -> str:
    if direction == "in":
        return "FULFILLED" if is_done else "PARTFULFILLED"
    return "DELIVERED" if is_done else "PARTDELIVERED"


def _line(node: Element, number: int) -> tuple[str | int, ...]:
    require(node, LINE_REQUIRED)
    kind = text(node, "inventoryType") or "ZP"
    if kind not in INVENTORY_TYPES:
        raise Refused("inventoryType不合法")
    return (text(node, "orderLineNo") or str(number), text(node, "ownerCode"), text(node, "itemCode"), kind,
            quantity(node, "planQty"))  # fmt: skip


def _lines(site: Site, code: str) -> list[Row]:
    return site.storage.rows("select * from movement_line where movement = ? order by rowid", (code,))


def _confirmed(line: Row, actual: int) -> dict[str, Any]:
    return {
        "orderLineNo": line["line_no"],
        "ownerCode": line["owner"],
        "itemCode": line["item"],
        "inventoryType": line["inventory_type"],
        "planQty": line["plan"],
        "actualQty": actual,
    }


def _lots(line: Row, lots: list[tuple[str, int]]) -> Fields:
    told: list[Fields] = [{"batchCode": "B1", "inventoryType": kind, "actualQty": pieces} for kind, pieces in lots]
    return {**_confirmed(line, sum(pieces for _, pieces in lots)), "batchs": Rows("batch", told)}


def _confirm(site: Site, row: Row, status: str, lines: list[Fields], *, final: bool) -> bytes:
    element, code_name, *_ = SHAPES[row["direction"]]
    is_in = row["direction"] == "in"
    head: Fields = {
        code_name: row["code"],
        "entryOrderId" if is_in else "deliveryOrderId": row["id"],
        "ownerCode": (_lines(site, row["code"])[0]["owner"] if is_in else None),
        "warehouseCode": row["warehouse"],
        "entryOrderType" if is_in else "orderType": row["order_type"],
        "outBizCode": f"MVMSG-{site.storage.next_number('message', 1)}",
        "confirmType": 0 if final else 1,
        "status": status,
        "operateTime" if is_in else "orderConfirmTime": now_text(),
        "shopNick": "-" if is_in else None,
        "shopCode": "-" if is_in else None,
    }
    return render("request", {element: head, "orderLines": Rows("orderLine", lines)})
