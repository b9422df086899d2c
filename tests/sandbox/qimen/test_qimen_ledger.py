"""Enquiries, the ledger and its falsification, and what a started twin tells about itself."""

from typing import Any

import pytest

from connectors.sandbox.qimen import describe
from connectors.sandbox.qimen.settings import read_settings

from .documents import a_delivery, a_line, request
from .harness import Caller, verdict


def query(caller: Caller, **changes: Any) -> Any:
    fields = {"orderCode": "DO1", "page": "1", "pageSize": "50", **changes}
    return caller.send("deliveryorder.query", request(**fields))


def a_shipped_order(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1, planQty="2"), a_line(2, itemCode="SKU-B")]))
    caller.advance("DO1", "DELIVERED")


def test_an_enquiry_tells_totals_after_two_shipments(caller: Caller) -> None:
    caller.control("share", partial=1.0)
    a_shipped_order(caller)
    answer = query(caller)
    assert answer.findtext("totalLines") == "2"
    assert answer.findtext("deliveryOrder/status") == "DELIVERED"
    assert answer.findtext("deliveryOrder/confirmType") == "0"
    assert [node.findtext("actualQty") for node in answer.findall("orderLines/orderLine")] == ["2", "1"]
    assert len(answer.findall("packages/package")) == 2


@pytest.mark.parametrize(
    ("stage", "status"), [("NEW", "NEW"), ("ACCEPT", "ACCEPT"), ("WEIGH", "ACCEPT"), ("DELIVERED", "DELIVERED")]
)
def test_an_enquiry_tells_the_status(caller: Caller, stage: str, status: str) -> None:
    caller.send("deliveryorder.create", a_delivery())
    if stage != "NEW":
        caller.advance("DO1", stage)
    assert query(caller).findtext("deliveryOrder/status") == status


def test_lines_are_answered_in_pages(caller: Caller) -> None:
    a_shipped_order(caller)
    second = query(caller, page="2", pageSize="1")
    assert [node.findtext("itemCode") for node in second.findall("orderLines/orderLine")] == ["SKU-B"]


def test_an_unknown_or_incomplete_enquiry_is_refused(caller: Caller) -> None:
    assert verdict(query(caller, orderCode="DO9")) == ("failure", "单据不存在")
    for name in ("orderCode", "page", "pageSize"):
        assert verdict(query(caller, **{name: None})) == ("failure", f"{name}不能为空")


def test_the_trail_is_told_oldest_first(caller: Caller) -> None:
    a_shipped_order(caller)
    answer = caller.send("orderprocess.query", request(orderCode="DO1"))
    steps = [node.findtext("processStatus") for node in answer.findall("orderProcess/processes/process")]
    assert steps == ["ACCEPT", "PRINT", "PICK", "CHECK", "PACKAGE", "WEIGH", "DELIVERED"]


def test_the_ledger_names_platform_orders_and_what_left(caller: Caller) -> None:
    lines = [a_line(1, sourceOrderCode="T1"), a_line(2, sourceOrderCode="T2", itemCode="SKU-B")]
    caller.send("deliveryorder.create", a_delivery(lines=lines))
    caller.advance("DO1", "DELIVERED")
    order = caller.ledger("DO1")
    assert order["source_orders"] == ["T1", "T2"]
    assert [(line["item"], line["plan"], line["actual"]) for line in order["lines"]] == [
        ("SKU-A", 1, 1), ("SKU-B", 1, 1),
    ]  # fmt: skip
    assert order["parcels"][0]["company"] == "ZTO"


def test_a_removed_shipment_never_left(caller: Caller) -> None:
    a_shipped_order(caller)
    caller.control("tamper", remove_shipment="DO1")
    order = caller.ledger("DO1")
    assert order["parcels"] == []
    assert [line["actual"] for line in order["lines"]] == [0, 0]


def test_a_doubled_shipment_left_twice(caller: Caller) -> None:
    a_shipped_order(caller)
    number = caller.control("tamper", double_shipment="DO1")["express_code"]
    order = caller.ledger("DO1")
    assert [parcel["express_code"] for parcel in order["parcels"]][1] == number
    assert [line["actual"] for line in order["lines"]] == [4, 2]


def test_only_shipped_orders_can_be_falsified(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert "no shipment" in caller.control("tamper", status=409, remove_shipment="DO1")["error"]
    assert "no shipment" in caller.control("tamper", status=409, double_shipment="DO1")["error"]
    assert "say what" in caller.control("tamper", status=400)["error"]


def test_a_reset_forgets_everything(caller: Caller) -> None:
    a_shipped_order(caller)
    caller.control("reset")
    assert caller.client.get("/_twin/ledger").get_json() == {"orders": [], "returns": [], "callbacks": {}}


def test_the_description_holds_the_defaults_of_the_same_seed() -> None:
    told, settings = describe("http://127.0.0.1:9201", 5), read_settings({}, 5)
    assert (told["app_key"], told["secret"]) == (settings.app_key, settings.secret)
    assert [row["code"] for row in told["warehouses"]] == list(settings.warehouses)
    assert read_settings({}, 6).secret != settings.secret


def test_wrong_settings_are_named() -> None:
    with pytest.raises(ValueError, match="at least one warehouse"):
        read_settings({"warehouses": []}, 1)
    with pytest.raises(ValueError, match="unknown share"):
        read_settings({"shares": {"luck": 1}}, 1)
