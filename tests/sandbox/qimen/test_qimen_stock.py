"""Item master, stock enquiries, stock changes and counts."""

import pytest

from connectors.sandbox.qimen.xmltext import Rows

from .documents import a_delivery, a_line, an_item, items, request
from .harness import Caller, Hub, verdict

GZ = {"warehouseCode": "WH-GZ-01"}


def stock(caller: Caller, item: str, kind: str = "ZP") -> tuple[str | None, str | None]:
    criteria = {"warehouseCode": "WH-GZ-01", "ownerCode": "OWNER02", "itemCode": item, "inventoryType": kind}
    answer = caller.send("inventory.query", request(criteriaList=Rows("criteria", [criteria])), customerId="c2")
    return answer.findtext("items/item/quantity"), answer.findtext("items/item/lockQuantity")


def create(caller: Caller, code: str, pieces: int) -> None:
    line = a_line(planQty=str(pieces), ownerCode="OWNER02")
    answer = caller.send("deliveryorder.create", a_delivery(code, [line], **GZ), customerId="c2")
    assert verdict(answer)[0] == "success"


def test_an_item_keeps_its_id(caller: Caller) -> None:
    ids = [caller.send("singleitem.synchronize", an_item(action=a)).findtext("itemId") for a in ("add", "update")]
    assert ids == ["WMS-10001", "WMS-10001"]
    assert caller.send("singleitem.synchronize", an_item("SKU-B")).findtext("itemId") == "WMS-10002"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (an_item(None), "itemCode不能为空"),
        (an_item(action=None), "actionType不能为空"),
        (an_item(action="drop"), "actionType不合法"),
        (an_item(itemName=None), "itemName不能为空"),
        (an_item(barCode=None), "barCode不能为空"),
        (an_item(itemType=None), "itemType不能为空"),
        (an_item(itemType="QQ"), "itemType不合法"),
        (an_item("SKU-NEW", "update"), "商品不存在:SKU-NEW"),
    ],
)
def test_a_wrong_item_is_refused(caller: Caller, body: str, message: str) -> None:
    assert verdict(caller.send("singleitem.synchronize", body)) == ("failure", message)


def test_a_batch_of_items_names_only_those_that_failed(caller: Caller) -> None:
    answer = caller.send("items.synchronize", items("SKU-A", "", "SKU-B"))
    assert verdict(answer)[0] == "success"
    assert [node.findtext("message") for node in answer.findall("items/item")] == ["itemCode不能为空"]
    assert verdict(caller.send("items.synchronize", items())) == ("failure", "items不能为空")


def test_open_orders_lock_stock_and_shipping_takes_it(caller: Caller) -> None:
    assert stock(caller, "SKU-A") == ("3", "0")
    create(caller, "DO1", 2)
    assert stock(caller, "SKU-A") == ("1", "2")
    caller.advance("DO1", "DELIVERED")
    assert stock(caller, "SKU-A") == ("1", "0")


def test_what_is_not_there_is_reported_as_lacking(caller: Caller, hub: Hub) -> None:
    create(caller, "DO1", 2)
    create(caller, "DO2", 2)
    caller.pass_time(40)
    shipped = sorted(caller.ledger(code)["lines"][0]["actual"] for code in ("DO1", "DO2"))
    assert shipped == [1, 2]
    assert [root.findtext("items/item/lackQty") for root in hub.documents("itemlack.report")] == ["1"]
    assert stock(caller, "SKU-A") == ("0", "0")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (request(criteriaList=Rows("criteria", [])), "criteriaList不能为空"),
        (request(criteriaList=Rows("criteria", [{"ownerCode": "OWNER02"}])), "itemCode不能为空"),
        (request(criteriaList=Rows("criteria", [{"itemCode": "A", "warehouseCode": "X"}])), "仓库不存在:X"),
    ],
)
def test_a_wrong_inventory_query_is_refused(caller: Caller, body: str, message: str) -> None:
    assert verdict(caller.send("inventory.query", body, customerId="c2")) == ("failure", message)


def test_every_kind_is_answered_when_none_is_named(caller: Caller) -> None:
    caller.control("stock", warehouse="WH-GZ-01", owner="OWNER02", changes=[
        {"item": "SKU-A", "quantity": -1}, {"item": "SKU-A", "inventory_type": "CC", "quantity": 1},
    ])  # fmt: skip
    body = request(criteriaList=Rows("criteria", [{"itemCode": "SKU-A"}]))
    answer = caller.send("inventory.query", body, customerId="c2")
    found = {node.findtext("inventoryType"): node.findtext("quantity") for node in answer.findall("items/item")}
    assert found == {"ZP": "2", "CC": "1"}


def test_a_change_is_reported_with_a_code_of_its_own_for_each_item(caller: Caller, hub: Hub) -> None:
    caller.control("stock", warehouse="WH-GZ-01", owner="OWNER02", changes=[
        {"item": "SKU-A", "quantity": -1}, {"item": "SKU-A", "inventory_type": "CC", "quantity": 1},
    ])  # fmt: skip
    caller.pass_time(2)
    (report,) = hub.documents("stockchange.report")
    assert [node.findtext("quantity") for node in report.findall("items/item")] == ["-1", "1"]
    assert len({node.findtext("outBizCode") for node in report.findall("items/item")}) == 2


def test_stock_never_falls_below_nothing(caller: Caller) -> None:
    change = {"item": "SKU-A", "quantity": -4}
    caller.control("stock", status=409, warehouse="WH-GZ-01", owner="OWNER02", changes=[change])
    assert stock(caller, "SKU-A") == ("3", "0")


def test_a_count_is_reported_page_by_page(caller: Caller, hub: Hub) -> None:
    wish = {"warehouse": "WH-GZ-01", "owner": "OWNER02", "page_size": 2}
    caller.control("count", counted={"SKU-A": 2, "SKU-B": 5, "SKU-C": 1, "SKU-D": 0}, **wish)
    caller.pass_time(2)
    reports = hub.documents("inventory.report")
    assert [(root.findtext("currentPage"), root.findtext("totalPage")) for root in reports] == [
        ("1", "2"),
        ("2", "2"),
    ]
    rows = [node for root in reports for node in root.findall("items/item")]
    assert [node.findtext("quantity") for node in rows] == ["-1", "5", "1"]
    assert stock(caller, "SKU-A") == ("2", "0")


def test_stock_is_listed_in_pages(caller: Caller) -> None:
    caller.control("count", warehouse="WH-GZ-01", owner="OWNER02", counted={"SKU-A": 2, "SKU-B": 5, "SKU-C": 1})
    seen = []
    for page in ("1", "2"):
        answer = caller.send("stock.query", request(**GZ, page=page, pageSize="2"), customerId="c2")
        assert answer.findtext("totalCount") == "3"
        seen += [node.findtext("itemCode") for node in answer.findall("items/item")]
    assert seen == ["SKU-A", "SKU-B", "SKU-C"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pageSize": "2"}, "page不能为空"),
        ({"page": "1"}, "pageSize不能为空"),
        ({"page": "0", "pageSize": "2"}, "page不合法"),
        ({"page": "1", "pageSize": "101"}, "pageSize最多100"),
    ],
)
def test_a_wrong_page_is_refused(caller: Caller, fields: dict[str, str], message: str) -> None:
    assert verdict(caller.send("stock.query", request(**GZ, **fields), customerId="c2")) == ("failure", message)
