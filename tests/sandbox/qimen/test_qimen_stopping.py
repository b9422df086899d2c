"""Cancel, hold, stall and interception by stage."""

from collections.abc import Callable

import pytest

from .documents import a_cancel, a_delivery, a_line, a_pending, request
from .harness import Caller, Hub, verdict


def cancel(caller: Caller, *subs: str) -> tuple[str | None, str | None]:
    return verdict(caller.send("order.cancel", a_cancel("DO1", "WH-HZ-01", *subs)))


@pytest.mark.parametrize("stage", ["NEW", "ACCEPT", "PRINT", "PICK", "CHECK"])
def test_an_order_can_be_cancelled_until_it_is_packed(caller: Caller, hub: Hub, stage: str) -> None:
    caller.send("deliveryorder.create", a_delivery())
    if stage != "NEW":
        caller.advance("DO1", stage)
    assert cancel(caller) == ("success", "ok")
    caller.pass_time(40)
    order = caller.ledger("DO1")
    assert (order["status"], order["parcels"]) == ("CANCELED", [])
    assert [attempt["ok"] for attempt in order["cancels"]] == [True]
    assert "deliveryorder.confirm" not in hub.methods()


@pytest.mark.parametrize("stage", ["PACKAGE", "WEIGH", "DELIVERED"])
def test_a_packed_order_cannot_be_cancelled_and_ships(caller: Caller, stage: str) -> None:
    caller.send("deliveryorder.create", a_delivery())
    caller.advance("DO1", stage)
    assert cancel(caller) == ("failure", "当前状态不允许取消")
    caller.pass_time(20)
    order = caller.ledger("DO1")
    assert (order["status"], len(order["parcels"])) == ("DELIVERED", 1)
    assert order["cancels"][0]["ok"] is False


def test_a_repeated_cancel_succeeds(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert [cancel(caller)[0] for _ in range(2)] == ["success", "success"]


def test_a_part_of_the_platform_orders_can_be_cancelled(caller: Caller, hub: Hub) -> None:
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1), a_line(2, itemCode="SKU-B")]))
    assert cancel(caller, "T1-2")[0] == "success"
    assert cancel(caller, "T1-2")[0] == "success"
    caller.pass_time(40)
    assert [line["actual"] for line in caller.ledger("DO1")["lines"]] == [1, 0]
    (confirm,) = hub.documents("deliveryorder.confirm")
    assert [node.text for node in confirm.findall("orderLines/orderLine/itemCode")] == ["SKU-A"]


def test_cancelling_every_part_cancels_the_order(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery(lines=[a_line(1), a_line(2)]))
    cancel(caller, "T1-1")
    cancel(caller, "T1-2")
    assert caller.ledger("DO1")["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (a_cancel(None), "orderCode不能为空"),
        (a_cancel("DO1", None), "warehouseCode不能为空"),
        (a_cancel("DO9"), "单据不存在"),
        (a_cancel("DO1", "WH-GZ-01"), "单据与仓库不一致"),
        (a_cancel("DO1", "WH-HZ-01", "T9"), "子订单不存在"),
    ],
)
def test_a_wrong_cancel_is_refused(caller: Caller, body: str, message: str) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert verdict(caller.send("order.cancel", body)) == ("failure", message)


def test_another_customers_order_is_unknown(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert verdict(caller.send("order.cancel", a_cancel(), customerId="c2")) == ("failure", "单据不存在")


def test_a_held_order_waits_until_it_is_restored(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    assert verdict(caller.send("order.pending", a_pending("pending")))[0] == "success"
    caller.pass_time(60)
    assert caller.ledger("DO1")["stage"] == "NEW"
    assert verdict(caller.send("order.pending", a_pending("restore")))[0] == "success"
    caller.pass_time(40)
    assert caller.ledger("DO1")["status"] == "DELIVERED"


def test_a_hold_is_refused_after_packing_and_for_wrong_requests(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    caller.advance("DO1", "PACKAGE")
    assert verdict(caller.send("order.pending", a_pending("pending"))) == ("failure", "当前状态不允许挂起")
    for body, message in [
        (a_pending(None), "actionType不能为空"),
        (a_pending("stop"), "actionType不合法"),
        (a_pending("pending", None), "orderCode不能为空"),
        (a_pending("pending", "DO1", None), "warehouseCode不能为空"),
    ]:
        assert verdict(caller.send("order.pending", body)) == ("failure", message)


@pytest.mark.parametrize("stage", ["NEW", "ACCEPT", "PRINT", "PICK", "CHECK", "PACKAGE", "WEIGH"])
def test_a_stalled_order_stops_before_it_leaves_the_stage(caller: Caller, stage: str) -> None:
    caller.control("stall", source_order="T1", stage=stage)
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(60)
    assert caller.ledger("DO1")["stage"] == stage
    assert caller.control("release", source_order="T1")["matching"] == ["DO1"]
    caller.pass_time(40)
    assert caller.ledger("DO1")["status"] == "DELIVERED"


def test_an_order_stalled_at_delivered_has_left_but_nobody_is_told(caller: Caller, hub: Hub) -> None:
    caller.send("deliveryorder.create", a_delivery())
    caller.control("stall", order="DO1", stage="DELIVERED")
    caller.pass_time(60)
    assert len(caller.ledger("DO1")["parcels"]) == 1
    assert "deliveryorder.confirm" not in hub.methods()
    caller.control("release", order="DO1")
    caller.pass_time(2)
    assert hub.methods()["deliveryorder.confirm"] == 1


def test_a_stall_survives_a_restart(start: Callable[..., Caller]) -> None:
    caller = start()
    caller.control("stall", order="DO1", stage="PICK")
    caller.send("deliveryorder.create", a_delivery())
    caller = start()
    caller.pass_time(60)
    assert caller.ledger("DO1")["stage"] == "PICK"


def test_a_wrong_stall_is_named(caller: Caller) -> None:
    assert "stage must be" in caller.control("stall", status=400, order="DO1", stage="LOST")["error"]
    assert "name the target" in caller.control("stall", status=400, stage="PICK")["error"]


def test_an_ended_order_cannot_be_advanced(caller: Caller) -> None:
    caller.send("deliveryorder.create", a_delivery())
    cancel(caller)
    assert "cannot move" in caller.control("orders/DO1/advance", status=409)["error"]


def test_a_parcel_on_the_road_can_be_intercepted_with_luck(caller: Caller, hub: Hub) -> None:
    caller.send("deliveryorder.create", a_delivery())
    body = request(warehouseCode="WH-HZ-01", deliveryOrderCode="DO1")
    assert verdict(caller.send("order.callback", body)) == ("failure", "包裹未发出,请使用取消接口")
    caller.advance("DO1", "DELIVERED")
    caller.control("share", intercept=0.0)
    assert verdict(caller.send("order.callback", body)) == ("failure", "拦截失败,快件已无法拦截")
    caller.control("share", intercept=1.0)
    assert verdict(caller.send("order.callback", body))[0] == "success"
    assert caller.ledger("DO1")["parcels"][0]["intercepted"] is True
    caller.pass_time(2)
    steps = [root.findtext("process/processStatus") for root in hub.documents("orderprocess.report")]
    assert steps[-2:] == ["TMSCANCELFAILED", "TMSCANCELED"]


def test_the_road_is_told_of_an_interception(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False, tracker_url=hub.url, shares={"intercept": 1.0})
    caller.send("deliveryorder.create", a_delivery(expressCode="75999999999999"))
    caller.advance("DO1", "DELIVERED")
    caller.send("order.callback", request(deliveryOrderCode="DO1", expressCode="75999999999999"))
    caller.pass_time(2)
    place = hub.paths.index("/hooks/qimen/_twin/parcels/75999999999999")
    assert hub.received[place][1] == b'{"outcome": "returned"}'
