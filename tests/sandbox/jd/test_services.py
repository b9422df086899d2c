"""Service orders after shipping: returns, refunds, exchanges, goods sent after; decisions, look-ups, refunds told."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .caller import Caller, text_of

RECEIVED = {"receivePin": "depot", "receiveName": "收货员", "packingState": 10, "qualityState": 10}


@pytest.fixture
def sold(shop: Caller) -> str:
    """The number of a shipped order with one line."""
    number = shop.make("transfer")
    while len(shop.trade(number)["lines"]) > 1:
        shop.verb(number, "remove_line")
    shop.ship(number)
    return number


def test_a_return_goes_from_asking_to_being_paid(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    asked = shop.service(sold)
    assert (asked["serviceStatus"], asked["customerExpect"], asked["approveResult"]) == (10001, 10, None)
    assert shop.act("audit.send", asked)["success"] is True
    agreed = shop.service(sold)
    assert (agreed["serviceStatus"], agreed["approveResult"], agreed["expressCode"]) == (10005, 33, "")
    shop.verb(sold, "return_goods", waybill="YT9000000001")
    assert shop.service(sold)["expressCode"] == "YT9000000001"
    assert shop.act("freight.view", agreed)["data"]["expressCompany"] == "中通快递"
    shop.act("receive.register", agreed, **RECEIVED)
    assert shop.service(sold)["serviceStatus"] == 10007
    shop.advance(300)
    assert shop.service(sold)["serviceStatus"] == 10041
    shop.advance(300)
    assert shop.service(sold)["serviceStatus"] == 10010
    refund = shop.trade(sold)["refunds"][0]
    assert (refund["status"], refund["received"], refund["line_shipped_when_asked"]) == ("succeeded", True, True)


def test_what_was_refunded_is_told_in_yuan_once_it_is_paid(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund")
    service = shop.service(sold)
    detail = shop.ok("jingdong.b2c.shop.aftersales.refund.get", afsServiceId=service["serviceId"])["result"]
    assert "afsEstimateRefundDetail" in detail["data"]
    assert shop.ok("jingdong.asc.serviceAndRefund.view", orderId=sold)["pageResult"]["data"] == []
    shop.act("audit.compensate", service)
    shop.advance(300)
    shop.advance(300)
    (paid,) = shop.ok("jingdong.asc.serviceAndRefund.view", orderId=sold)["pageResult"]["data"]
    amount = shop.trade(sold)["refunds"][0]["amount"]
    assert (paid["status"], paid["refoundAmount"]) == (13, amount / 100)
    assert paid["sameOrderServiceBill"]["serviceId"] == service["serviceId"]
    detail = shop.ok("jingdong.b2c.shop.aftersales.refund.get", afsServiceId=service["serviceId"])["result"]
    assert detail["data"]["afsActualRefundDetail"]["actualRefundAmount"] == amount / 100
    shop.verb(sold, "fail_payment")
    assert shop.ok("jingdong.asc.serviceAndRefund.view", orderId=sold)["pageResult"]["data"][0]["status"] == 14


def test_refunds_are_looked_up_in_windows_of_limited_width(shop: Caller) -> None:
    method, now = "jingdong.asc.serviceAndRefund.view", time.time()
    for name, days in (("applyTime", 7), ("approveTime", 10)):
        wide = {f"{name}Begin": text_of(now - (days + 1) * 86_400), f"{name}End": text_of(now)}
        assert shop.call(method, **wide)["error_response"]["code"] == "10100002"
        fits = {f"{name}Begin": text_of(now - days * 86_400 + 60), f"{name}End": text_of(now)}
        assert shop.ok(method, **fits)["pageResult"]["code"] == "00000"
    assert shop.call(method)["error_response"]["code"] == "10100001"


def test_a_refused_service_order_is_closed_and_may_come_again(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    service = shop.service(sold)
    shop.act("audit.refuse", service)
    closed = shop.service(sold)
    assert (closed["serviceStatus"], closed["approveNotes"]) == (10004, "同意")
    again = shop.act("audit.send", service)
    assert (again["success"], again["code"]) == (False, "40014")
    assert shop.verb(sold, "refund")["cases"] != [str(service["serviceId"])]


def test_an_exchange_is_sent_by_the_seller_and_confirmed_by_the_buyer(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", exchange=True)
    service = shop.service(sold)
    parcel = {"shipWayId": "467", "shipWayName": "顺丰", "expressCode": "SF3000000003"}
    shop.act("audit.delivery", service)
    assert shop.act("process.offline.change", service, **parcel)["code"] == "40014"
    shop.act("receive.register", service, **RECEIVED)
    shop.act("process.offline.change", service, **parcel)
    assert (shop.service(sold)["serviceStatus"], shop.service(sold)["processResult"]) == (10009, 80)
    assert shop.act("process.offline.change", service, **parcel)["code"] == "40016"
    shop.advance(3600)
    assert shop.service(sold)["serviceStatus"] == 10010
    assert shop.ok("jingdong.asc.serviceAndRefund.view", orderId=sold)["pageResult"]["data"] == []


def test_an_exchange_may_come_as_a_new_order(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", exchange=True)
    service = shop.service(sold)
    shop.act("audit.doorRenew", service)
    shop.act("receive.register", service, **RECEIVED)
    number = str(shop.act("process.renew", service)["data"]["newOrderId"])
    order = shop.order(number)
    assert (order["returnOrder"], order["shouldPay"], order["orderState"]) == ("2", "0.00", "WAIT_SELLER_STOCK_OUT")
    assert order["itemInfoList"][0]["skuId"] == str(service["skuId"])
    shop.verb(sold, "confirm")
    assert shop.service(sold)["serviceStatus"] == 10010


def test_missing_goods_are_sent_after(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", expect=80)
    service = shop.service(sold)
    assert service["customerExpectName"] == "补发商品"
    shop.act("audit.reissue", service, shipWayId="467", expressCode="SF4000000004")
    assert (shop.service(sold)["serviceStatus"], shop.service(sold)["approveResult"]) == (10009, 87)


def test_a_withdrawn_service_order_is_cancelled(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    shop.verb(sold, "withdraw_refund")
    assert shop.service(sold)["serviceStatus"] == 10011


def test_an_old_version_is_refused(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    service = shop.service(sold)
    assert shop.act("audit.send", service, sysVersion=service["sysVersion"] - 1)["code"] == "40015"
    assert shop.act("audit.send", service, sysVersion=service["sysVersion"])["success"] is True


def test_the_documents_demands_on_an_audit_can_be_switched_on(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    service = shop.service(sold)
    shop.twin.options.settings["strict_audit"] = True
    ids = {"serviceId": service["serviceId"], "orderId": sold, "approveNotes": "同意"}
    answer = shop.call("jingdong.asc.audit.send", **shop.operator, **ids)
    assert answer["error_response"]["en_desc"].endswith("sysVersion")


def test_any_status_of_a_service_order_can_be_shown(shop: Caller, sold: str) -> None:
    shop.verb(sold, "refund", **{"return": True})
    for status in (10000, 10002, 10006, 10012, 10013, 1100, 12000, 13000, 14000):
        shop.verb(sold, "set_status", status=status)
        assert shop.service(sold)["serviceStatus"] == status


def test_service_orders_are_listed_by_asking_approval_end_and_change(shop: Caller) -> None:
    made = []
    for _ in range(3):
        number = shop.make()
        shop.ship(number)
        shop.verb(number, "refund", line=shop.trade(number)["lines"][0]["oid"], **{"return": True})
        made.append(number)
    shop.act("audit.send", shop.service(made[1]))
    window = {"Begin": text_of(time.time() - 3600), "End": text_of(time.time() + 60)}

    def listed(method: str, name: str, **business: Any) -> list[str]:
        times = {f"{name}{end}": moment for end, moment in window.items()}
        found = shop.ok(f"jingdong.asc.{method}", **shop.operator, **times, **business)["pageResult"]
        return [str(row["orderId"]) for row in found["data"]]

    assert listed("query.list", "applyTime") == made
    assert listed("query.list", "approveTime") == [made[1]]
    assert listed("query.list", "finishTime") == []
    assert listed("sync.list", "updateTime") == [made[0], made[2], made[1]]
    assert listed("query.list", "applyTime", serviceStatus=10005) == [made[1]]
    assert listed("query.list", "applyTime", pageNumber=2, pageSize=2) == made[2:]


@pytest.mark.parametrize("name", ["buId", "operatePin", "operateNick"])
def test_a_look_up_must_name_its_operator(shop: Caller, name: str) -> None:
    rest = {key: value for key, value in shop.operator.items() if key != name}
    assert shop.call("jingdong.asc.query.list", **rest)["error_response"]["en_desc"].endswith(name)


def test_another_shop_and_another_order_are_refused(shop: Caller, sold: str) -> None:
    told = shop.ok("jingdong.asc.query.list", **{**shop.operator, "buId": "1"})["pageResult"]
    assert (told["success"], told["code"]) == (False, "40001")
    shop.verb(sold, "refund")
    service = shop.service(sold)
    assert shop.act("query.view", {**service, "orderId": 1})["code"] == "40003"
    assert shop.act("query.view", {**service, "serviceId": 1})["code"] == "10500003"
