"""Goods that come in or leave besides parcels: what is asked, what confirms add, and stock told change by change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from connectors.contract import stocking as s
from connectors.contract.errors import BadRecord, Refused
from connectors.warehouses.qimen.xml import children, parse, text
from tests.connectors.warehouses.qimen.factories import (
    NOW,
    a_push,
    a_warehouse,
    answers,
    body_of,
    failure,
    query_of,
    success,
)

LINE = s.StockOrderLine("1", "SKU-A", "示例", 10)
CONFIRM = (
    "<entryOrder><entryOrderCode>{no}</entryOrderCode><ownerCode>O</ownerCode><warehouseCode>WH</warehouseCode>"
    "<entryOrderId>W9</entryOrderId><outBizCode>{key}</outBizCode><confirmType>{type}</confirmType>"
    "<status>{status}</status><operateTime>2026-11-21 12:00:00</operateTime></entryOrder><orderLines>{lines}</orderLines>"
)
LOTS = (
    "<orderLine><orderLineNo>1</orderLineNo><ownerCode>O</ownerCode><itemCode>SKU-A</itemCode><planQty>10</planQty>"
    "<actualQty>{total}</actualQty><batchs><batch><inventoryType>ZP</inventoryType><actualQty>6</actualQty></batch>"
    "<batch><inventoryType>JS</inventoryType><actualQty>1</actualQty></batch></batchs></orderLine>"
)
TAKE = (
    "<totalPage>3</totalPage><currentPage>2</currentPage><pageSize>9</pageSize><warehouseCode>WH</warehouseCode>"
    "<checkOrderCode>CK-1</checkOrderCode><ownerCode>O</ownerCode><checkTime>2026-11-21 12:00:00</checkTime>"
    "<outBizCode>M-2</outBizCode><items>{items}</items><adjustType>CHECK</adjustType>"
)


def a_notice(direction: str = "in", kind: str = "purchase", **changes: Any) -> s.StockOrderNotice:
    given: dict[str, Any] = {"number": "E12", "direction": direction, "kind": kind, "warehouse_code": "WH",
                             "owner_code": "O", "created_at": NOW, "lines": (LINE,), "related_no": "PO-7"}  # fmt: skip
    return s.StockOrderNotice(**given | changes)


def read(method: str, content: str) -> Any:
    (report,) = a_warehouse().parse_push_reports(a_push(method, content))
    return report


def test_a_purchase_is_announced_with_its_own_number_and_the_buyers(wms: responses.RequestsMock) -> None:
    answers(wms, success("<entryOrderId>W9</entryOrderId>"))
    assert a_warehouse().create_stock_order(a_notice()).reference == "W9"
    method, root = query_of(wms)["method"], parse(body_of(wms))
    assert method == "taobao.qimen.entryorder.create"
    told = {name: text(root, f"entryOrder/{name}") for name in ("entryOrderCode", "orderType", "purchaseOrderCode")}
    assert told == {"entryOrderCode": "E12", "orderType": "CGRK", "purchaseOrderCode": "PO-7"}
    (line,) = children(root, "orderLines/orderLine")
    assert [text(line, name) for name in ("itemCode", "planQty", "inventoryType")] == ["SKU-A", "10", "ZP"]


def test_a_transfer_leaves_for_the_other_warehouse(wms: responses.RequestsMock) -> None:
    answers(wms, success("<deliveryOrderId>W8</deliveryOrderId><createTime>x</createTime>"))
    notice = a_notice(
        "out", "transfer", other_warehouse="WH-2", lines=(s.StockOrderLine("1", "A", "", 3, kind="defective"),)
    )
    assert a_warehouse().create_stock_order(notice).reference == "W8"
    method, root = query_of(wms)["method"], parse(body_of(wms))
    assert method == "taobao.qimen.stockout.create"
    assert text(root, "deliveryOrder/orderType") == "DBCK"
    assert text(root, "deliveryOrder/targetWarehouseCode") == "WH-2"
    assert text(root, "orderLines/orderLine/inventoryType") == "CC"


@pytest.mark.parametrize(("status", "is_taken"), [("ACCEPT", True), ("CANCELED", False)])
def test_what_exists_already_counts_only_while_it_lives(wms: responses.RequestsMock, status: str, is_taken: bool) -> None:
    found = f"<entryOrderCode>E12</entryOrderCode><entryOrderId>W9</entryOrderId><status>{status}</status>"
    answers(wms, failure("单据已存在"), success(f"<entryOrder>{found}</entryOrder>"))
    if is_taken:
        assert a_warehouse().create_stock_order(a_notice()).reference == "W9"
    else:
        with pytest.raises(Refused):
            a_warehouse().create_stock_order(a_notice())


@pytest.mark.parametrize(
    ("direction", "named"),
    [
        ("in", {"entryOrderCode": "E12", "entryOrderId": "W9", "orderType": "CGRK"}),
        ("out", {"deliveryOrderCode": "E12", "deliveryOrderId": "W9", "orderType": "", "orderCode": ""}),
    ],
)
def test_a_document_is_asked_for_by_the_names_of_its_own_kind(
    wms: responses.RequestsMock, direction: str, named: dict[str, str]
) -> None:
    head = "entryOrder" if direction == "in" else "deliveryOrder"
    answers(wms, success(f"<{head}><{head}Code>E12</{head}Code><status>ACCEPT</status></{head}>"))
    found = a_warehouse().find_stock_order(s.StockOrderRef("E12", direction, "purchase", "WH", "O", "W9"))
    assert found is not None
    root = parse(body_of(wms))
    assert {name: text(root, name) for name in named} == named
    assert (text(root, "ownerCode"), text(root, "warehouseCode"), text(root, "pageSize")) == ("O", "WH", "100")


def test_a_number_nobody_knows_is_found_nowhere(wms: responses.RequestsMock) -> None:
    answers(wms, failure("单据不存在"))
    assert a_warehouse().find_stock_order(s.StockOrderRef("E12", "in", "purchase", "WH", "O")) is None


@pytest.mark.parametrize(
    ("kind", "status", "state", "final"),
    [
        ("1", "PARTFULFILLED", s.StockOrderState.PART_DONE, False),
        ("0", "FULFILLED", s.StockOrderState.DONE, True),
        ("", "FULFILLED", s.StockOrderState.DONE, True),
        ("0", "REJECT", s.StockOrderState.REFUSED, True),
    ],
)
def test_a_confirm_says_what_it_adds_by_kind(kind: str, status: str, state: s.StockOrderState, final: bool) -> None:
    content = CONFIRM.format(no="E12", key="B-1", type=kind, status=status, lines=LOTS.format(total=7))
    report = read("entryorder.confirm", content)
    assert isinstance(report, s.StockOrderReport)
    assert (report.number, report.key, report.state, report.final) == ("E12", "B-1", state, final)
    assert report.at == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert [(m.sku_code, m.kind, m.units) for m in report.lines] == [("SKU-A", "good", 6), ("SKU-A", "defective", 1)]


def test_lots_that_do_not_add_up_are_a_bad_record() -> None:
    with pytest.raises(BadRecord):
        read(
            "entryorder.confirm",
            CONFIRM.format(no="E1", key="K", type="0", status="FULFILLED", lines=LOTS.format(total=8)),
        )


def test_a_stock_take_has_a_total_only_where_it_is_told_once() -> None:
    item = "<item><itemCode>{}</itemCode><quantity>{}</quantity><totalQty>{}</totalQty></item>"
    report = read("inventory.report", TAKE.format(items=item.format("A", -1, 9) + item.format("B", 1, 5) * 2))
    assert (report.number, report.page, report.pages, report.is_check) == ("CK-1", 2, 3, True)
    assert [(c.sku_code, c.units, c.total) for c in report.changes] == [("A", -1, 9), ("B", 2, None)]
    assert len({change.key for change in report.changes}) == 2


def test_stock_changes_keep_their_own_moment_key_and_cause() -> None:
    item = (
        "<item><ownerCode>O</ownerCode><warehouseCode>WH</warehouseCode><orderCode>{}</orderCode><outBizCode>{}</outBizCode>"
        "<itemCode>A</itemCode><quantity>{}</quantity><changeTime>2026-11-21 1{}:00:00</changeTime></item>"
    )
    report = read("stockchange.report", f"<items>{item.format('X', 'K1', -2, 0)}{item.format('Y', 'K2', 5, 1)}</items>")
    assert [(c.document_no, c.key, c.units, c.at.hour) for c in report.changes] == [
        ("X", "K1|A|good", -2, 2), ("Y", "K2|A|good", 5, 3)]  # fmt: skip
