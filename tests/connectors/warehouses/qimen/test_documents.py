"""Finding, stopping, returning and counting at a Qimen warehouse: what is sent, what the answers become."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from connectors.contract import notices as n
from connectors.contract.errors import (
    BadRecord,
    Refused,
)
from connectors.warehouses.qimen.xml import parse
from tests.connectors.warehouses.qimen.factories import (
    NOW,
    REF,
    a_confirm,
    a_line,
    a_warehouse,
    an_order_line,
    answers,
    body_of,
    failure,
    leaves,
    query_of,
    success,
)

FOUND = success(a_confirm())


# ---- find ----------------------------------------------------------------------------------------


def test_a_shipped_fulfilment_is_found_with_its_shipment(wms: responses.RequestsMock) -> None:
    answers(wms, FOUND)
    found = a_warehouse().find_fulfilment(REF)
    assert found is not None
    assert (found.state, found.warehouse_ref) == (n.WarehouseState.SHIPPED, "WMSDO-55001")
    assert found.shipment is not None
    assert found.shipment.parcels[0].waybill_no == "75000000000001"
    assert leaves(wms) | {"orderCode": REF.number, "page": "1", "pageSize": "100"} == leaves(wms)


def test_a_look_up_never_passes_for_the_last_confirm(wms: responses.RequestsMock) -> None:
    answers(wms, FOUND)
    found = a_warehouse().find_fulfilment(REF)
    assert found is not None
    assert found.shipment is not None
    assert found.shipment.key == "query|MSG-1"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NEW", n.WarehouseState.ACCEPTED),
        ("ACCEPT", n.WarehouseState.ACCEPTED),
        ("CANCELED", n.WarehouseState.CANCELLED),
        ("REJECT", n.WarehouseState.REFUSED),
        ("EXCEPTION", n.WarehouseState.FAILED),
        ("NOVEL", n.WarehouseState.WORKING),
    ],
)
def test_an_unshipped_fulfilment_is_found_without_shipment(
    wms: responses.RequestsMock, status: str, state: n.WarehouseState
) -> None:
    answers(wms, success(a_confirm(status=status, packages="", lines=an_order_line("1", "SKU-RED-L", 1, ""))))
    found = a_warehouse().find_fulfilment(REF)
    assert found is not None
    assert (found.state, found.shipment) == (state, None)
    assert found.words == ("unknown status NOVEL" if status == "NOVEL" else "")


@pytest.mark.parametrize(
    "body", [failure("单据不存在"), failure("Order NOT FOUND"), success(), success("<deliveryOrder/>")]
)
def test_what_the_warehouse_does_not_know_is_none(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body)
    assert a_warehouse().find_fulfilment(REF) is None


def test_another_failure_is_not_taken_for_unknown(wms: responses.RequestsMock) -> None:
    answers(wms, failure("货主未开通"))
    with pytest.raises(Refused, match="货主未开通"):
        a_warehouse().find_fulfilment(REF)


def test_all_pages_of_lines_are_read(wms: responses.RequestsMock) -> None:
    pages = [
        a_confirm(lines="".join(an_order_line(str(i), f"S{i}", 1, 1) for i in part)) + "<totalLines>150</totalLines>"
        for part in (range(100), range(100, 150))
    ]
    answers(wms, *map(success, pages))
    found = a_warehouse().find_fulfilment(REF)
    assert found is not None
    assert found.shipment is not None
    assert len(found.shipment.lines) == 150
    assert leaves(wms)["page"] == "2"


# ---- stop ----------------------------------------------------------------------------------------


def test_a_whole_cancel_names_the_document(wms: responses.RequestsMock) -> None:
    answers(wms, success())
    assert a_warehouse().cancel_fulfilment(REF).reference == "WMSDO-55001"
    sent = leaves(wms)
    assert (sent["orderCode"], sent["orderId"], sent["orderType"]) == (REF.number, "WMSDO-55001", "JYCK")
    assert (sent["warehouseCode"], sent["cancelReason"]) == ("WH-HZ-01", "买家申请退款")
    assert b"subSourceOrder" not in body_of(wms)


def test_a_partial_cancel_names_the_platform_s_lines(wms: responses.RequestsMock) -> None:
    answers(wms, success())
    a_warehouse().cancel_fulfilment(replace(REF, line_nos=("71", "72")))
    codes = [node.text for node in parse(body_of(wms)).iterfind("subSourceOrders/subSourceOrder/subSourceOrderCode")]
    assert codes == ["71", "72"]


def test_a_cancel_past_the_point_of_no_return_is_refused_in_the_partner_s_words(wms: responses.RequestsMock) -> None:
    answers(wms, failure("当前状态不允许取消"))
    with pytest.raises(Refused, match="当前状态不允许取消"):
        a_warehouse().cancel_fulfilment(REF)


def test_a_second_cancel_counts_as_done_when_the_document_is_cancelled(wms: responses.RequestsMock) -> None:
    answers(wms, failure("单据已取消"), success(a_confirm(status="CANCELED", packages="")))
    assert a_warehouse().cancel_fulfilment(REF).answer == {"repeated": "true"}


def test_words_of_cancelling_are_not_believed_for_a_document_at_work(wms: responses.RequestsMock) -> None:
    answers(wms, failure("取消失败，部分行已取消"), success(a_confirm(status="ACCEPT", packages="")))
    with pytest.raises(Refused):
        a_warehouse().cancel_fulfilment(REF)


@pytest.mark.parametrize(("on", "action"), [(True, "pending"), (False, "restore")])
def test_work_is_paused_and_resumed(wms: responses.RequestsMock, on: bool, action: str) -> None:
    answers(wms, success())
    a_warehouse().hold(REF, on)
    sent = leaves(wms)
    assert (query_of(wms)["method"], sent["actionType"], sent["orderCode"]) == (
        "taobao.qimen.order.pending",
        action,
        REF.number,
    )


def test_a_parcel_that_left_is_called_back(wms: responses.RequestsMock) -> None:
    answers(wms, success())
    a_warehouse().call_back(REF, "75000000000001")
    sent = leaves(wms)
    assert query_of(wms)["method"] == "taobao.qimen.order.callback"
    assert (sent["deliveryOrderCode"], sent["expressCode"]) == (REF.number, "75000000000001")


# ---- returns, items, stock ---------------------------------------------------------------------


def test_a_return_is_announced_under_a_number_of_its_own(wms: responses.RequestsMock) -> None:
    answers(wms, success("<returnOrderId>WMSRO-900</returnOrderId>"), success())
    receipt = a_warehouse().announce_return(REF, [a_line()])
    again = a_warehouse().announce_return(REF, [a_line()])
    sent = leaves(wms)
    assert receipt.reference == "WMSRO-900"
    assert sent["returnOrderCode"] == receipt.answer["return_no"] == again.answer["return_no"] != REF.number
    assert (sent["preDeliveryOrderCode"], sent["orderType"], sent["logisticsCode"]) == (REF.number, "THRK", "OTHER")
    assert (sent["ownerCode"], sent["itemCode"], sent["planQty"]) == ("OWNER01", "SKU-RED-L", "1")


def test_items_are_made_known_and_bring_their_ids(wms: responses.RequestsMock) -> None:
    answers(wms, success("<itemId>W-1</itemId>"), success())
    items = [
        {"sku_code": "A", "name": "甲", "gross_weight_kg": "0.2"},
        {"sku_code": "B", "name": "乙", "barcode": "69"},
    ]
    assert a_warehouse(warehouse_code="WH-1").sync_items(items) == {"A": "W-1"}
    first = {node.tag: node.text for node in parse(body_of(wms, 0)).iter()}
    assert (first["actionType"], first["itemCode"], first["barCode"], first["grossWeight"]) == (
        "add",
        "A",
        "A",
        "0.2",
    )
    assert (first["warehouseCode"], first["ownerCode"], first["itemType"]) == ("WH-1", "OWNER01", "ZC")


def test_an_item_that_exists_is_updated(wms: responses.RequestsMock) -> None:
    answers(wms, failure("商品已存在"), success("<itemId>W-1</itemId>"))
    assert a_warehouse().sync_items([{"sku_code": "A", "name": "甲"}]) == {"A": "W-1"}
    assert leaves(wms)["actionType"] == "update"


def test_an_item_without_name_is_a_bad_record() -> None:
    with pytest.raises(BadRecord) as caught:
        a_warehouse().sync_items([{"sku_code": "A"}])
    assert caught.value.field == "name"


def stock_item(sku: str, kind: str, free: int, frozen: int, place: str = "WH-1") -> str:
    return (
        f"<item><warehouseCode>{place}</warehouseCode><itemCode>{sku}</itemCode><inventoryType>{kind}</inventoryType>"
        f"<quantity>{free}</quantity><lockQuantity>{frozen}</lockQuantity></item>"
    )


def test_stock_on_hand_counts_frozen_units_and_sums_lots(wms: responses.RequestsMock) -> None:
    items = stock_item("A", "ZP", 97, 2) + stock_item("A", "ZP", 1, 0) + stock_item("A", "CC", 1, 0)
    answers(wms, success(f"<items>{items}</items>"))
    report = a_warehouse(warehouse_code="WH-1").pull_stock(["A"])
    assert report.levels == (("A", "good", 100), ("A", "defective", 1))
    assert (report.warehouse_code, report.as_of, report.is_delta) == ("WH-1", NOW, False)


def test_no_stock_at_all_is_an_empty_report(wms: responses.RequestsMock) -> None:
    answers(wms, success("<items/>"))
    assert a_warehouse(warehouse_code="WH-1").pull_stock(["A"]).levels == ()


def test_stock_of_several_warehouses_asks_for_the_setting(wms: responses.RequestsMock) -> None:
    answers(wms, success(f"<items>{stock_item('A', 'ZP', 1, 0)}{stock_item('A', 'ZP', 1, 0, 'WH-2')}</items>"))
    with pytest.raises(Refused, match="warehouse_code"):
        a_warehouse().pull_stock(["A"])
