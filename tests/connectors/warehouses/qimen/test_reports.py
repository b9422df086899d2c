"""What the other reports of a warehouse mean."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.notices import LineReport, ProgressReport, ShortageReport, StockReport, WarehouseState
from connectors.warehouses.qimen.codes import STEPS
from tests.connectors.warehouses.qimen.factories import NOW, a_confirm, a_push, a_warehouse

PROCESS = (
    "<order><orderCode>DO1</orderCode><warehouseCode>WH-HZ-01</warehouseCode></order><process>"
    "<processStatus>{}</processStatus><operateTime>2026-11-21 13:00:00</operateTime>"
    "<operateInfo>拣货完成</operateInfo></process>"
)
LACK = (
    "<warehouseCode>WH-HZ-01</warehouseCode><deliveryOrderCode>DO1</deliveryOrderCode>"
    "<createTime>2026-11-21 13:10:00</createTime><outBizCode>LACK-1</outBizCode><items><item><itemCode>A</itemCode>"
    "<planQty>2</planQty><lackQty>1</lackQty><reason>实物报缺</reason></item></items>"
)
CHANGE = (
    "<item><ownerCode>O</ownerCode><warehouseCode>{place}</warehouseCode><orderCode>ADJ-1</orderCode>"
    "<outBizCode>{code}</outBizCode><itemCode>A</itemCode><inventoryType>{kind}</inventoryType>"
    "<quantity>{units}</quantity><changeTime>2026-11-23 10:00:00</changeTime></item>"
)
TAKE = (
    "<totalPage>2</totalPage><currentPage>{page}</currentPage><pageSize>1</pageSize>"
    "<warehouseCode>WH-HZ-01</warehouseCode><checkOrderCode>CK-1</checkOrderCode><ownerCode>O</ownerCode>"
    "<checkTime>2026-11-30 23:00:00</checkTime><outBizCode>CKMSG-1</outBizCode><items><item><itemCode>A</itemCode>"
    "<quantity>-1</quantity><totalQty>9</totalQty></item></items><adjustType>CHECK</adjustType>"
)
ANSWER = (
    "<orders><order><deliveryOrderCode>DO1</deliveryOrderCode><orderInfo><createTime>2026-11-21 10:06:00</createTime>"
    "<deliveryOrderId>W1</deliveryOrderId></orderInfo><flag>success</flag></order>"
    "<order><deliveryOrderCode>DO2</deliveryOrderCode><flag>failure</flag><message>超出配送范围</message></order></orders>"
)


def read(method: str, content: str) -> tuple[object, ...]:
    return a_warehouse().parse_push_reports(a_push(method, content))


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_state(step: str) -> None:
    (report,) = read("orderprocess.report", PROCESS.format(step))
    assert isinstance(report, ProgressReport)
    assert (report.number, report.step, report.state) == ("DO1", step, STEPS[step])
    assert (report.words, report.at) == ("拣货完成", datetime(2026, 11, 21, 5, 0, tzinfo=UTC))


def test_an_unknown_step_is_told_and_changes_nothing() -> None:
    (report,) = read("orderprocess.report", PROCESS.format("TELEPORT"))
    assert isinstance(report, ProgressReport)
    assert (report.state, report.words) == (WarehouseState.WORKING, "unknown status TELEPORT: 拣货完成")


def test_a_shortage_says_what_can_still_be_packed() -> None:
    (report,) = read("itemlack.report", LACK)
    assert isinstance(report, ShortageReport)
    assert (report.number, report.key, report.words) == ("DO1", "LACK-1", "实物报缺")
    assert report.lines == (LineReport("", "A", 2, 1),)


def test_stock_changes_are_signed_and_by_kind() -> None:
    items = "".join(
        CHANGE.format(place="W1", code=f"C{i}", kind=kind, units=units)
        for i, (kind, units) in enumerate([("ZP", -1), ("CC", 1), ("JS", 2), ("ZT", 4), ("XX", 5)])
    )
    (report,) = read("stockchange.report", f"<items>{items}</items>")
    assert isinstance(report, StockReport)
    assert report.is_delta
    assert report.levels == (("A", "good", -1), ("A", "defective", 3), ("A", "in_transit", 4), ("A", "XX", 5))
    assert report.as_of == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_stock_changes_of_two_warehouses_are_two_reports() -> None:
    items = CHANGE.format(place="W1", code="a", kind="ZP", units=1) + CHANGE.format(
        place="W2", code="b", kind="ZP", units=2
    )
    push = a_push("stockchange.report", f"<items>{items}</items>")
    reports = a_warehouse().parse_push_reports(push)
    assert [r.warehouse_code for r in reports if isinstance(r, StockReport)] == ["W1", "W2"]
    with pytest.raises(BadRecord, match="2 reports"):
        a_warehouse().parse_push(push)


def test_the_pages_of_a_stock_take_are_different_reports() -> None:
    (first,), (second,) = (read("inventory.report", TAKE.format(page=page)) for page in (1, 2))
    assert isinstance(first, StockReport)
    assert isinstance(second, StockReport)
    assert first.key != second.key
    assert first.levels == (("A", "good", -1),)
    vendor = a_warehouse()
    keys = {vendor.verify_push(a_push("inventory.report", TAKE.format(page=page))).key for page in (1, 2)}
    assert len(keys) == 2


def test_an_answer_to_a_batch_accepts_and_refuses_each_document() -> None:
    accepted, refused = read("deliveryorder.batchcreate.answer", ANSWER)
    assert isinstance(accepted, ProgressReport)
    assert isinstance(refused, ProgressReport)
    assert (accepted.number, accepted.state) == ("DO1", WarehouseState.ACCEPTED)
    assert (refused.number, refused.state, refused.words) == ("DO2", WarehouseState.REFUSED, "超出配送范围")


def test_a_batch_of_confirms_is_read_one_by_one() -> None:
    content = f"<orders><order>{a_confirm()}</order><order>{a_confirm(out_biz_code='MSG-2')}</order></orders>"
    reports = read("deliveryorder.batchconfirm", content)
    assert [getattr(report, "key", "") for report in reports] == ["MSG-1", "MSG-2"]


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("orderprocess.report", "<order><orderCode>DO1</orderCode></order>"),
        ("orderprocess.report", PROCESS.format("PICK").replace("2026-11-21", "someday")),
        ("itemlack.report", LACK.replace("<lackQty>1</lackQty>", "")),
        ("itemlack.report", LACK.replace("DO1", "")),
        ("stockchange.report", "<items><item/></items>"),
        ("inventory.report", TAKE.format(page=1).replace("-1", "")),
        ("deliveryorder.batchcreate.answer", ANSWER.replace("failure", "perhaps")),
    ],
)
def test_what_cannot_be_understood_is_a_bad_record(method: str, content: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(method, content)
    assert caught.value.field


def test_reports_without_own_time_count_from_their_arrival() -> None:
    content = PROCESS.format("PICK").replace("<operateTime>2026-11-21 13:00:00</operateTime>", "")
    (report,) = read("orderprocess.report", content)
    assert isinstance(report, ProgressReport)
    assert report.at == NOW


PUSHES = [
    ("deliveryorder.confirm", a_confirm()),
    ("orderprocess.report", PROCESS.format("PICK")),
    ("itemlack.report", LACK),
    ("stockchange.report", f"<items>{CHANGE.format(place='W1', code='C', kind='ZP', units=1)}</items>"),
    ("inventory.report", TAKE.format(page=1)),
    ("deliveryorder.batchcreate.answer", ANSWER),
]


@pytest.mark.parametrize(("method", "content"), PUSHES)
@pytest.mark.parametrize("wrong", ["", " ", "?", "-1", "1e9", "9" * 40, "٣", "<deep><deeper/></deep>"])
def test_whatever_is_wrong_in_a_push_is_a_bad_record_and_nothing_else(method: str, content: str, wrong: str) -> None:
    leaves = re.findall(r"<(\w+)>([^<]+)</\1>", content)
    assert leaves
    for name, text in leaves:
        whole = f"<{name}>{text}</{name}>"
        for changed in (f"<{name}>{wrong}</{name}>", ""):
            with contextlib.suppress(BadRecord):
                read(method, content.replace(whole, changed, 1))
