"""Receipts and stock-outs: announced once, worked on in parts, corrected, cancelled; and how the connector reads them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.serving import make_server

from connectors.contract import stocking as s
from connectors.contract.errors import Refused
from connectors.contract.manifest import Account
from connectors.contract.notices import PushRequest, StockReport
from connectors.sandbox.qimen.xmltext import Rows, render
from connectors.warehouses.qimen import QimenWarehouse

from .documents import a_cancel
from .harness import SECRET, Caller, Hub, Quiet, verdict


def a_line(**changes: Any) -> dict[str, Any]:
    return {"orderLineNo": "1", "ownerCode": "OWNER01", "itemCode": "SKU-A", "planQty": "10", **changes}


def an_entry(code: str | None = "E1", lines: list[dict[str, Any]] | None = None, **changes: Any) -> str:
    head = {"entryOrderCode": code, "ownerCode": "OWNER01", "warehouseCode": "WH-HZ-01", "orderType": "CGRK", **changes}
    return render(
        "request", {"entryOrder": head, "orderLines": Rows("orderLine", [a_line()] if lines is None else lines)}
    ).decode()


def a_stockout(code: str | None = "C1", lines: list[dict[str, Any]] | None = None, **changes: Any) -> str:
    head = {"deliveryOrderCode": code, "orderType": "DBCK", "warehouseCode": "WH-HZ-01",
            "createTime": "2026-11-21 10:00:00", **changes}  # fmt: skip
    return render(
        "request", {"deliveryOrder": head, "orderLines": Rows("orderLine", [a_line()] if lines is None else lines)}
    ).decode()


def test_every_missing_field_is_named_and_wrong_types_are_refused(caller: Caller) -> None:
    assert verdict(caller.send("entryorder.create", an_entry(None)))[1] == "entryOrderCode不能为空"
    for name in ("ownerCode", "warehouseCode"):
        assert verdict(caller.send("entryorder.create", an_entry(**{name: None})))[1] == f"{name}不能为空"
    for name in ("orderType", "warehouseCode", "createTime"):
        assert verdict(caller.send("stockout.create", a_stockout(**{name: None})))[1] == f"{name}不能为空"
    for name in ("ownerCode", "itemCode", "planQty"):
        assert verdict(caller.send("entryorder.create", an_entry(lines=[a_line(**{name: None})])))[1] == f"{name}不能为空"
    assert verdict(caller.send("entryorder.create", an_entry(lines=[])))[1] == "orderLines不能为空"
    assert verdict(caller.send("entryorder.create", an_entry(orderType="DBCK")))[1] == "orderType不合法"
    assert verdict(caller.send("stockout.create", a_stockout(orderType="CGRK")))[1] == "orderType不合法"


def test_an_entry_is_announced_once_and_confirmed_in_two_increments(caller: Caller, hub: Hub) -> None:
    ids = {caller.send("entryorder.create", an_entry()).findtext("entryOrderId") for _ in range(2)}
    assert ids == {"WMSRK-700"}
    caller.pass_time(130)
    told = [(d.findtext("entryOrder/confirmType"), d.findtext("orderLines/orderLine/actualQty"),
             d.findtext("entryOrder/status")) for d in hub.documents("entryorder.confirm")]  # fmt: skip
    assert told == [("1", "5", "PARTFULFILLED"), ("0", "5", "FULFILLED")]
    question = render("request", {"entryOrderCode": "E1", "page": 1, "pageSize": 10}).decode()
    assert caller.send("entryorder.query", question).findtext("orderLines/orderLine/actualQty") == "10"


def test_what_left_is_off_the_shelf_and_cannot_be_cancelled_any_more(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(auto_returns=False, default_stock=20)
    for code in ("C1", "C2"):
        caller.send("stockout.create", a_stockout(code))
    caller.control("movements/C1", lines=[{"line_no": "1", "quantity": 4}])
    asked = render(
        "request", {"criteriaList": Rows("criteria", [{"itemCode": "SKU-A", "ownerCode": "OWNER01"}])}
    ).decode()
    assert caller.send("inventory.query", asked).findtext("items/item/quantity") == "16"
    assert verdict(caller.send("order.cancel", a_cancel("C1")))[1] == "当前状态不允许取消"
    assert verdict(caller.send("order.cancel", a_cancel("C2")))[0] == "success"
    assert "is known" in caller.control("movements/C2", 409, lines=[{"line_no": "1", "quantity": 1}])["error"]


def told_to(hub: Hub, connector: QimenWarehouse) -> list[Any]:
    """What the connector reads in everything the hub was sent."""
    return [
        report
        for params, body in hub.received
        for report in connector.parse_push_reports(PushRequest("POST", "/", params, {}, body, datetime.now(UTC)))
    ]


def test_the_connector_and_the_warehouse_understand_each_other(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(auto_returns=False, default_stock=100)
    server = make_server("127.0.0.1", 0, caller.twin, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        given = {"app_key": "erp-app", "customer_id": "c1", "owner_code": "OWNER01", "warehouse_code": "WH-HZ-01"}
        gateway = f"http://127.0.0.1:{server.server_port}/router/qimen/service"
        connector = QimenWarehouse(Account(given, {"secret": SECRET}, gateway))
        notice = s.StockOrderNotice("E9", "in", "purchase", "WH-HZ-01", "OWNER01", datetime.now(UTC),
                                    (s.StockOrderLine("11", "SKU-A", "示例", 6),), "PO-1")  # fmt: skip
        ref = s.StockOrderRef("E9", "in", "purchase", "WH-HZ-01", "OWNER01")
        assert connector.find_stock_order(ref) is None
        assert connector.create_stock_order(notice).reference == "WMSRK-700"
        caller.control("movements/E9", lines=[{"line_no": "11", "quantity": 4}, {"line_no": "11", "quantity": 1,
                                                                               "inventory_type": "CC"}])  # fmt: skip
        caller.control("movements/E9", lines=[{"line_no": "11", "quantity": 1}], final=True)
        found = connector.find_stock_order(ref)
        assert found is not None
        assert found.state is s.StockOrderState.DONE
        caller.control("count", warehouse="WH-HZ-01", owner="OWNER01", counted={"SKU-A": 90, "SKU-B": 7}, page_size=1)
        caller.control("stock", warehouse="WH-HZ-01", owner="OWNER01", changes=[{"item": "SKU-A", "quantity": -3}])
        caller.pass_time(2)
        report = connector.pull_stock(["SKU-A"], "WH-HZ-01", "OWNER01")
        assert report.levels == (("SKU-A", "good", 87), ("SKU-A", "defective", 1))
        with pytest.raises(Refused, match="不允许取消"):
            connector.cancel_stock_order(ref)
    finally:
        server.shutdown()
        thread.join()
    reports = told_to(hub, connector)
    moved = [(m.kind, m.units, r.final) for r in reports if isinstance(r, s.StockOrderReport) for m in r.lines]
    assert moved == [("good", 4, False), ("defective", 1, False), ("good", 1, True)]
    changes = [(c.sku_code, c.units, c.total) for r in reports if isinstance(r, StockReport) for c in r.changes]
    assert changes == [("SKU-A", -15, 90), ("SKU-B", -93, 7), ("SKU-A", -3, None)]
    pages = [(r.page, r.pages) for r in reports if isinstance(r, StockReport) and r.number]
    assert pages == [(1, 2), (2, 2)]
