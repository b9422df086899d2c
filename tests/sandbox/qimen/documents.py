"""Request documents with defaults, each part of which a test can change or leave out. Invented people."""

from typing import Any

from connectors.sandbox.qimen.xmltext import Fields, Rows, render

PERSON = {
    "name": "张某", "mobile": "13000000001", "province": "浙江省", "city": "杭州市", "area": "余杭区",
    "detailAddress": "示例路1号",
}  # fmt: skip
HEAD = {
    "orderType": "JYCK", "warehouseCode": "WH-HZ-01", "createTime": "2026-11-21 10:05:00",
    "placeOrderTime": "2026-11-21 09:30:12", "operateTime": "2026-11-21 10:04:58", "shopNick": "示例旗舰店",
    "logisticsCode": "ZTO",
}  # fmt: skip
LINE = {
    "orderLineNo": "1", "sourceOrderCode": "T1", "subSourceOrderCode": "T1-1", "ownerCode": "OWNER01",
    "itemCode": "SKU-A", "planQty": "1", "actualPrice": "90.00",
}  # fmt: skip


def a_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {**LINE, "orderLineNo": str(number), "subSourceOrderCode": f"T1-{number}", **changes}


def a_delivery(code: str | None = "DO1", lines: list[dict[str, Any]] | None = None, **changes: Any) -> str:
    """A deliveryorder.create body; a header field that is None is left out, sender and receiver are replaced."""
    head = {"deliveryOrderCode": code, **HEAD, "senderInfo": PERSON, "receiverInfo": PERSON, **changes}
    rows = Rows("orderLine", [a_line()] if lines is None else lines)
    return render("request", {"deliveryOrder": head, "orderLines": rows}).decode()


def a_cancel(code: str | None = "DO1", warehouse: str | None = "WH-HZ-01", *subs: str) -> str:
    rows = [{"subSourceOrderCode": sub} for sub in subs]
    fields: Fields = {"warehouseCode": warehouse, "orderCode": code, "cancelReason": "买家申请退款"}
    return render("request", {**fields, "subSourceOrders": Rows("subSourceOrder", rows) if rows else None}).decode()


def a_pending(action: str | None, code: str | None = "DO1", warehouse: str | None = "WH-HZ-01") -> str:
    return render("request", {"actionType": action, "warehouseCode": warehouse, "orderCode": code}).decode()


def an_item(code: str | None = "SKU-A", action: str | None = "add", **changes: Any) -> str:
    item = {"itemCode": code, "itemName": "示例T恤", "barCode": "6900000000012", "itemType": "ZC", **changes}
    head = {"actionType": action, "warehouseCode": "WH-HZ-01", "ownerCode": "OWNER01"}
    return render("request", {**head, "item": item}).decode()


def items(*codes: str) -> str:
    rows = [{"itemCode": code, "itemName": "示例", "barCode": "69", "itemType": "ZC"} for code in codes]
    head = {"actionType": "add", "warehouseCode": "WH-HZ-01", "ownerCode": "OWNER01"}
    return render("request", {**head, "items": Rows("item", rows)}).decode()


def a_return(code: str | None = "RO1", lines: list[dict[str, Any]] | None = None, **changes: Any) -> str:
    head = {
        "returnOrderCode": code, "warehouseCode": "WH-HZ-01", "orderType": "THRK", "preDeliveryOrderCode": "DO1",
        "logisticsCode": "YTO", "expressCode": "YT1", "returnReason": "七天无理由", "senderInfo": PERSON, **changes,
    }  # fmt: skip
    rows = Rows("orderLine", [a_line(planQty="2", actualPrice=None)] if lines is None else lines)
    return render("request", {"returnOrder": head, "orderLines": rows}).decode()


def request(**fields: Any) -> str:
    return render("request", fields).decode()
