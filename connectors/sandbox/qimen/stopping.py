"""Stopping what has begun: cancel, hold and restore in the warehouse, interception on the road."""

import json
from sqlite3 import Row
from typing import Any
from xml.etree.ElementTree import Element

from connectors.sandbox.kit import post
from connectors.sandbox.qimen import floor, movements
from connectors.sandbox.qimen.documents import require
from connectors.sandbox.qimen.lifecycle import can_stop
from connectors.sandbox.qimen.site import Refused, Site, as_json, now_text
from connectors.sandbox.qimen.xmltext import Fields, text

TOO_LATE = "当前状态不允许取消"


def bind(site: Site) -> None:
    """Tell the timer which function tells the road of an interception."""
    site.scheduler.on("intercepted", lambda payload: _tell_road(site, payload))


def cancel(site: Site, customer: str, root: Element) -> Fields:
    """order.cancel: the whole document, or the lines of some platform sub-orders; a repeat succeeds."""
    require(root, ("warehouseCode", "orderCode"))
    code = text(root, "orderCode")
    subs = [text(node, "subSourceOrderCode") for node in root.findall("subSourceOrders/subSourceOrder")]
    if _is_return(site, customer, code):
        return _cancel_return(site, code)
    if movements.cancel(site, customer, code):
        return {}
    row = _delivery(site, customer, root)
    with site.storage.write():
        reason = _cancel_delivery(site, row, subs)
        site.storage.execute(
            "insert into cancel (delivery, at, ok, reason, subs) values (?, ?, ?, ?, ?)",
            (code, now_text(), int(not reason), reason, as_json(subs)),
        )
    if reason:
        raise Refused(reason)
    return {}


def pend(site: Site, customer: str, root: Element) -> Fields:
    """order.pending: hold an order before packing, or let it go on; both can be repeated."""
    require(root, ("actionType", "warehouseCode", "orderCode"))
    action = text(root, "actionType")
    if action not in ("pending", "restore"):
        raise Refused("actionType不合法")
    with site.storage.write():
        row = _delivery(site, customer, root)
        if action == "pending" and not can_stop(row["status"], row["stage"]):
            raise Refused("当前状态不允许挂起")
        site.storage.execute("update delivery set on_hold = ? where code = ?", (int(action == "pending"), row["code"]))
        if action == "restore":
            floor.resume(site, row["code"])
    return {}


def call_back(site: Site, customer: str, root: Element) -> Fields:
    """order.callback: ask the courier to bring a parcel back; the answer also comes as a report."""
    require(root, ("deliveryOrderCode",))
    row = site.delivery(text(root, "deliveryOrderCode"), customer)
    express = text(root, "expressCode")
    parcels = [
        parcel
        for parcel in site.storage.rows("select * from parcel where delivery = ?", (row["code"],))
        if express in ("", parcel["express_code"])
    ]
    if not parcels:
        raise Refused("包裹未发出,请使用取消接口")
    outcomes = [_intercept(site, row, parcel) for parcel in parcels]
    if not all(outcomes):
        raise Refused("拦截失败,快件已无法拦截")
    return {}


def _delivery(site: Site, customer: str, root: Element) -> Row:
    row = site.delivery(text(root, "orderCode"), customer)
    if text(root, "warehouseCode") not in (row["warehouse"], "OTHER"):
        raise Refused("单据与仓库不一致")
    if text(root, "orderId") not in ("", row["id"]):
        raise Refused("单据与仓储系统单号不一致")
    return row


def _cancel_delivery(site: Site, row: Row, subs: list[str]) -> str:
    """Cancel what is asked; the reason why not, or an empty text."""
    with site.storage.write():
        lines = [line for line in site.lines(row["code"]) if not subs or line["sub_source"] in subs]
        if {*subs} - {line["sub_source"] for line in lines}:
            return "子订单不存在"
        if row["status"] == "CANCELED" or all(line["cancelled"] == line["plan"] for line in lines):
            return ""
        row = site.delivery(row["code"])
        if not can_stop(row["status"], row["stage"]):
            return TOO_LATE
        for line in lines:
            site.storage.execute(
                "update line set cancelled = plan, picked = 0 where delivery = ? and line_no = ?",
                (row["code"], line["line_no"]),
            )
        if all(line["cancelled"] == line["plan"] for line in site.lines(row["code"])):
            floor.set_status(site, row, "CANCELED")
    return ""


def _intercept(site: Site, row: Row, parcel: Row) -> bool:
    if parcel["intercepted"]:
        return True
    is_caught = site.happens("intercept", parcel["express_code"])
    site.storage.execute(
        "update parcel set intercepted = ? where express_code = ?", (int(is_caught), parcel["express_code"])
    )
    floor.note_process(site, row, "TMSCANCELED" if is_caught else "TMSCANCELFAILED")
    if is_caught and site.settings.tracker_url:
        site.scheduler.after(0, "intercepted", {"express_code": parcel["express_code"]})
    return is_caught


def _tell_road(site: Site, payload: dict[str, Any]) -> None:
    url = f"{site.settings.tracker_url}/_twin/parcels/{payload['express_code']}"
    post(url, json.dumps({"outcome": "returned"}).encode(), "application/json")


def _is_return(site: Site, customer: str, code: str) -> bool:
    found = site.storage.one("select 1 from return_order where code = ? and customer = ?", (code, customer))
    return found is not None


def _cancel_return(site: Site, code: str) -> Fields:
    with site.storage.write():
        status = site.storage.scalar("select status from return_order where code = ?", (code,))
        if status == "FULFILLED":
            raise Refused(TOO_LATE)
        site.storage.execute("update return_order set status = 'CANCELED' where code = ?", (code,))
    return {}
