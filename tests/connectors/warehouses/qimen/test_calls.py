"""What is sent for each call, and what the answers become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from connectors.contract import notices as n
from connectors.contract.errors import (
    AuthFailed,
    BadRecord,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.manifest import Account
from connectors.contract.records import ReceiverRecord
from connectors.warehouses.qimen import QimenWarehouse
from connectors.warehouses.qimen.signing import is_genuine
from connectors.warehouses.qimen.xml import parse
from tests.connectors.warehouses.qimen.factories import (
    GATEWAY,
    NOW,
    REF,
    SECRET,
    a_confirm,
    a_line,
    a_notice,
    a_warehouse,
    an_order_line,
    failure,
    success,
)

CREATED = success("<createTime>2026-11-21 10:05:03</createTime><deliveryOrderId>WMSDO-55001</deliveryOrderId>")
FOUND = success(a_confirm())


@pytest.fixture
def wms() -> Iterator[responses.RequestsMock]:
    """The warehouse's gateway."""
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def answers(wms: responses.RequestsMock, *bodies: bytes) -> None:
    for body in bodies:
        wms.add(responses.POST, GATEWAY, body=body, content_type="text/xml")


def query_of(wms: responses.RequestsMock, index: int = -1) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(wms.calls[index].request.url)).query))


def body_of(wms: responses.RequestsMock, index: int = -1) -> bytes:
    body = wms.calls[index].request.body
    assert isinstance(body, bytes)
    return body


def methods(wms: responses.RequestsMock) -> list[str]:
    return [query_of(wms, i)["method"].removeprefix("taobao.qimen.") for i in range(len(wms.calls))]


def leaves(wms: responses.RequestsMock) -> dict[str, str]:
    return {node.tag: node.text or "" for node in parse(body_of(wms)).iter() if not len(node)}


# ---- the call ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
def test_a_call_is_signed_over_query_and_raw_body(wms: responses.RequestsMock, sign_method: str) -> None:
    answers(wms, CREATED)
    a_warehouse(sign_method=sign_method).create_fulfilment(a_notice())
    query = query_of(wms)
    assert query["method"] == "taobao.qimen.deliveryorder.create"
    assert (query["timestamp"], query["format"], query["v"]) == ("2026-11-21 10:05:00", "xml", "2.0")
    assert (query["app_key"], query["customerId"], query["sign_method"]) == ("erp-app", "c1", sign_method)
    assert is_genuine(SECRET, query, body_of(wms))
    assert wms.calls[0].request.headers["Content-Type"] == "text/xml; charset=utf-8"


def test_a_warehouse_without_gateway_is_called_without_prefix(wms: responses.RequestsMock) -> None:
    answers(wms, CREATED)
    a_warehouse(method_prefix="none").create_fulfilment(a_notice())
    assert query_of(wms)["method"] == "deliveryorder.create"


# ---- create --------------------------------------------------------------------------------------


def test_the_receipt_has_the_warehouse_s_number(wms: responses.RequestsMock) -> None:
    answers(wms, CREATED)
    assert a_warehouse().create_fulfilment(a_notice()).reference == "WMSDO-55001"


def test_a_document_split_by_the_warehouse_keeps_all_numbers(wms: responses.RequestsMock) -> None:
    parts = "".join(f"<deliveryOrder><deliveryOrderId>W-{i}</deliveryOrderId></deliveryOrder>" for i in (1, 2))
    answers(wms, success(f"<deliveryOrders>{parts}</deliveryOrders>"))
    receipt = a_warehouse().create_fulfilment(a_notice())
    assert (receipt.reference, receipt.answer["split"]) == ("W-1", "W-1,W-2")


@pytest.mark.parametrize("words", ["单据已存在", "请勿重复提交", "Order already exists", "DUPLICATE order"])
def test_a_document_that_exists_already_is_accepted_after_a_look(wms: responses.RequestsMock, words: str) -> None:
    answers(wms, failure(words), FOUND)
    receipt = a_warehouse().create_fulfilment(a_notice())
    assert (receipt.reference, receipt.answer["repeated"]) == ("WMSDO-55001", "true")
    assert methods(wms) == ["deliveryorder.create", "deliveryorder.query"]


@pytest.mark.parametrize(
    "found", [failure("单据不存在"), success(a_confirm(status="CANCELED")), success(a_confirm(status="REJECT"))]
)
def test_existing_words_are_not_believed_when_nothing_alive_is_found(
    wms: responses.RequestsMock, found: bytes
) -> None:
    answers(wms, failure("商品编码重复"), found)
    with pytest.raises(Refused, match="商品编码重复"):
        a_warehouse().create_fulfilment(a_notice())


def test_a_refusal_never_quotes_the_receiver_or_the_secret(wms: responses.RequestsMock) -> None:
    receiver = ReceiverRecord("李小四", "13000000009", "", "", "广东省", "东莞市", "", "", "示例街2号3栋")
    answers(wms, failure(f"收件人李小四 13000000009 示例街2号3栋 13111111111 无法送达 {SECRET}"))
    with pytest.raises(Refused) as caught:
        a_warehouse().create_fulfilment(a_notice(receiver=receiver))
    assert caught.value.words == "收件人* * * * 无法送达 *"
    assert caught.value.code == "-1"


def test_nothing_private_is_logged(wms: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    receiver = ReceiverRecord("李小四", "13000000009", "", "", "广东省", "东莞市", "", "", "示例街2号3栋")
    answers(wms, failure("李小四 13000000009 示例街2号3栋"), CREATED)
    with caplog.at_level("DEBUG"):
        with pytest.raises(Refused):
            a_warehouse().create_fulfilment(a_notice(receiver=receiver))
        a_warehouse().create_fulfilment(a_notice(receiver=receiver))
    for private in ("李小四", "13000000009", "示例街2号3栋", SECRET):
        assert private not in caplog.text


# ---- errors --------------------------------------------------------------------------------------

GATEWAY_ERROR = (
    "<response><success>false</success><errorCode>{}</errorCode><errorMsg>Illegal request</errorMsg></response>"
)
TOP_ERROR = "<error_response><code>25</code><msg>Invalid</msg><sub_code>{}</sub_code></error_response>"


@pytest.mark.parametrize("form", [GATEWAY_ERROR, TOP_ERROR, failure("x", "{}").decode().partition("?>")[2]])
@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        ("sign-check-failure", AuthFailed, AuthFailed),
        ("isv.invalid-signature", AuthFailed, AuthFailed),
        ("invalid-app-key", AuthFailed, AuthFailed),
        ("insufficient-isv-permissions", AuthFailed, AuthFailed),
        ("app-call-limited", RateLimited, RateLimited),
        ("isp.remote-service-error", Retryable, OutcomeUnknown),
        ("remote-service-timeout", Retryable, OutcomeUnknown),
        ("invalid-timestamp", Retryable, OutcomeUnknown),
        ("warehouse-not-assigned", Refused, Refused),
        ("-1", Refused, Refused),
    ],
)
def test_both_failure_envelopes_are_sorted_by_what_to_do_next(
    wms: responses.RequestsMock, form: str, code: str, reading: type, writing: type
) -> None:
    body = form.format(code).encode()
    answers(wms, body, body)
    with pytest.raises(ConnectorError) as read:
        a_warehouse().pull_stock(["A"])
    with pytest.raises(ConnectorError) as written:
        a_warehouse().hold(REF, True)
    assert (type(read.value), type(written.value)) == (reading, writing)
    assert read.value.code == written.value.code == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<response/>",
        b"<response><flag>maybe</flag></response>",
        b"<!DOCTYPE r [<!ENTITY a 'b'>]><response/>",
    ],
)
def test_an_answer_that_says_nothing_leaves_a_write_open(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body, body)
    with pytest.raises(OutcomeUnknown):
        a_warehouse().cancel_fulfilment(REF)
    with pytest.raises(Retryable) as caught:
        a_warehouse().find_fulfilment(REF)
    assert type(caught.value) is Retryable


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (429, RateLimited), (403, AuthFailed), (404, Refused)]
)
def test_http_failures_are_sorted_too(wms: responses.RequestsMock, status: int, error: type) -> None:
    wms.add(responses.POST, GATEWAY, status=status)
    with pytest.raises(error):
        a_warehouse().create_fulfilment(a_notice())


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


# ---- check ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [failure("单据不存在"), failure("whatever"), success()])
def test_any_answer_of_the_partner_proves_the_account(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body)
    assert a_warehouse().check().ok


@pytest.mark.parametrize("body", [GATEWAY_ERROR.format("sign-check-failure").encode(), b"<html>"])
def test_a_refused_or_lost_check_is_told(wms: responses.RequestsMock, body: bytes) -> None:
    answers(wms, body)
    report = a_warehouse().check()
    assert not report.ok
    assert "check" in report.words


def test_a_wrong_address_is_told(wms: responses.RequestsMock) -> None:
    wms.add(responses.POST, GATEWAY, status=404)
    assert not a_warehouse().check().ok


def test_an_incomplete_account_is_told_without_a_call() -> None:
    report = QimenWarehouse(Account(settings={"app_key": "a"})).check()
    assert not report.ok
    assert "customer_id" in report.words


WRITES: list[Callable[[QimenWarehouse], Any]] = [
    lambda vendor: vendor.create_fulfilment(a_notice()),
    lambda vendor: vendor.cancel_fulfilment(REF),
    lambda vendor: vendor.hold(REF, True),
    lambda vendor: vendor.call_back(REF, "75000000000001"),
    lambda vendor: vendor.announce_return(REF, [a_line()]),
    lambda vendor: vendor.sync_items([{"sku_code": "A", "name": "甲"}]),
]


@pytest.mark.parametrize("write", WRITES)
def test_every_write_without_answer_is_of_unknown_outcome(
    wms: responses.RequestsMock, write: Callable[[QimenWarehouse], Any]
) -> None:
    wms.add(responses.POST, GATEWAY, status=502)
    with pytest.raises(OutcomeUnknown):
        write(a_warehouse())
