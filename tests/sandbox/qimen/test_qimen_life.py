"""An order's way through the warehouse and what the hub is told on the way."""

from collections.abc import Callable

from connectors.sandbox.qimen.signing import is_signed

from .documents import a_cancel, a_delivery, a_line
from .harness import SECRET, Caller, Hub, verdict

TRAIL = ["ACCEPT", "PRINT", "PICK", "CHECK", "PACKAGE", "WEIGH", "DELIVERED"]


def trail(hub: Hub) -> list[str | None]:
    return [root.findtext("process/processStatus") for root in hub.documents("orderprocess.report")]


def test_an_order_passes_every_stage_within_half_an_hour_and_is_confirmed(caller: Caller, hub: Hub) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert caller.ledger("DO1")["status"] == "NEW"
    caller.pass_time(40)
    assert trail(hub) == TRAIL
    (confirm,) = hub.documents("deliveryorder.confirm")
    head = confirm.find("deliveryOrder")
    assert head is not None
    told = {name: head.findtext(name) for name in ("deliveryOrderCode", "deliveryOrderId", "status", "confirmType")}
    assert told == {
        "deliveryOrderCode": "DO1", "deliveryOrderId": "WMSDO-55001", "status": "DELIVERED", "confirmType": "0",
    }  # fmt: skip
    order = caller.ledger("DO1")
    assert order["status"] == "DELIVERED"
    assert confirm.findtext("packages/package/expressCode") == order["parcels"][0]["express_code"]
    assert order["parcels"][0]["items"] == [{"line_no": "1", "item": "SKU-A", "quantity": 1}]


def test_a_call_back_is_signed_like_the_platform_does_it(caller: Caller, hub: Hub) -> None:
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(40)
    for params, body in hub.received:
        assert is_signed(params, body, SECRET)
        assert (params["customerId"], params["app_key"], params["v"]) == ("c1", "erp-app", "2.0")
    assert not is_signed(hub.received[-1][0], hub.received[-1][1], "another")


def test_process_reports_can_be_switched_off(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False)
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(40)
    assert hub.methods() == {"deliveryorder.confirm": 1}


def test_a_partial_shipment_is_confirmed_twice_and_adds_up(caller: Caller, hub: Hub) -> None:
    caller.control("share", partial=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1, planQty="2"), a_line(2, itemCode="SKU-B")]))
    caller.pass_time(90)
    first, last = hub.documents("deliveryorder.confirm")
    assert [root.findtext("deliveryOrder/status") for root in (first, last)] == ["PARTDELIVERED", "DELIVERED"]
    assert [root.findtext("deliveryOrder/confirmType") for root in (first, last)] == ["1", "0"]
    assert first.findtext("deliveryOrder/outBizCode") != last.findtext("deliveryOrder/outBizCode")
    assert [root.findtext("orderLines/orderLine/actualQty") for root in (first, last)] == ["2", "1"]
    assert [line["actual"] for line in caller.ledger("DO1")["lines"]] == [2, 1]


def test_a_single_line_is_shipped_in_two_parts_too(caller: Caller, hub: Hub) -> None:
    caller.control("share", partial=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(planQty="3")]))
    caller.pass_time(90)
    quantities = [root.findtext("orderLines/orderLine/actualQty") for root in hub.documents("deliveryorder.confirm")]
    assert quantities == ["1", "2"]


def test_a_part_shipped_order_shows_as_such_and_cannot_be_cancelled(caller: Caller) -> None:
    caller.control("share", partial=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1), a_line(2)]))
    caller.advance("DO1", "WEIGH")
    assert caller.control("orders/DO1/advance")["status"] == "PARTDELIVERED"
    assert verdict(caller.send("order.cancel", a_cancel())) == ("failure", "当前状态不允许取消")


def test_confirmations_may_arrive_out_of_order(caller: Caller, hub: Hub) -> None:
    caller.control("share", partial=1.0, out_of_order=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1), a_line(2)]))
    caller.pass_time(90)
    kinds = [root.findtext("deliveryOrder/confirmType") for root in hub.documents("deliveryorder.confirm")]
    assert kinds == ["0", "1"]


def test_several_parcels_and_batches_add_up_to_the_line(caller: Caller, hub: Hub) -> None:
    caller.control("share", multi_package=1.0, batches=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(planQty="3")]))
    caller.pass_time(40)
    (confirm,) = hub.documents("deliveryorder.confirm")
    packed = [int(node.findtext("items/item/quantity") or 0) for node in confirm.findall("packages/package")]
    batches = [int(node.findtext("actualQty") or 0) for node in confirm.findall("orderLines/orderLine/batchs/batch")]
    assert packed == [1, 2]
    assert batches == [2, 1]
    assert len({node.findtext("expressCode") for node in confirm.iter("package")}) == 2


def test_a_short_pick_is_reported_and_the_rest_is_shipped(caller: Caller, hub: Hub) -> None:
    caller.control("share", lack=1.0)
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(planQty="3")]))
    caller.pass_time(40)
    (lack,) = hub.documents("itemlack.report")
    assert (lack.findtext("items/item/planQty"), lack.findtext("items/item/lackQty")) == ("3", "1")
    (confirm,) = hub.documents("deliveryorder.confirm")
    assert confirm.findtext("orderLines/orderLine/actualQty") == "2"
    assert confirm.findtext("deliveryOrder/confirmType") == "0"


def test_an_order_without_any_goods_waits_as_an_exception(caller: Caller, hub: Hub) -> None:
    caller.control("share", lack=1.0)
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(40)
    assert caller.ledger("DO1")["status"] == "EXCEPTION"
    assert trail(hub)[-1] == "EXCEPTION"
    caller.advance("DO1", "DELIVERED")
    assert caller.ledger("DO1")["lines"][0]["actual"] == 1


def test_an_exception_can_be_cancelled(caller: Caller) -> None:
    caller.control("share", lack=1.0)
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(40)
    assert verdict(caller.send("order.cancel", a_cancel()))[0] == "success"
    assert caller.ledger("DO1")["status"] == "CANCELED"


def test_an_accepted_order_may_be_rejected_later(caller: Caller, hub: Hub) -> None:
    caller.control("share", reject=1.0)
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(40)
    assert caller.ledger("DO1")["status"] == "REJECT"
    assert trail(hub) == ["REJECT"]


def test_express_numbers_look_like_the_couriers_and_never_repeat(caller: Caller) -> None:
    numbers = []
    for company in ("ZTO", "YTO", "SF", "ZTO", "YTO", "SF", "UC"):
        code = f"DO{len(numbers)}"
        caller.send("deliveryorder.create", a_delivery(code, logisticsCode=company))
        caller.advance(code, "DELIVERED")
        numbers.append(caller.ledger(code)["parcels"][0]["express_code"])
    assert [number[:2] for number in numbers] == ["75", "YT", "SF", "75", "YT", "SF", "UC"]
    assert [len(number) for number in numbers[:3]] == [14, 15, 15]
    assert len(set(numbers)) == len(numbers)


def test_the_hubs_own_waybill_number_is_used(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery(expressCode="75999999999999"))
    caller.advance("DO1", "DELIVERED")
    assert caller.ledger("DO1")["parcels"][0]["express_code"] == "75999999999999"


def test_a_changed_receiver_leaves_another_mark_and_no_name(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery("DO1"))
    caller.send("deliveryorder.create", a_delivery("DO2"))
    receiver = {
        "name": "李某",
        "mobile": "13000000002",
        "province": "上海市",
        "city": "上海市",
        "detailAddress": "甲路",
    }
    caller.send("deliveryorder.create", a_delivery("DO3", receiverInfo=receiver))
    marks = [caller.ledger(code)["receiver_mark"] for code in ("DO1", "DO2", "DO3")]
    assert marks[0] == marks[1] != marks[2]
    assert "张某" not in caller.client.get("/_twin/ledger").get_data(as_text=True)
