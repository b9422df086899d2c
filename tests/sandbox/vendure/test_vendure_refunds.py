"""Refunds by the shop's system and by its staff, and authorised payments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller


def payment(shop: Caller, number: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.order(number)["payments"][0]
    return found


def refund(shop: Caller, number: str, amount: int) -> dict[str, Any]:
    told = {"paymentId": payment(shop, number)["id"], "amount": amount, "reason": "Damaged"}
    return shop.do("refundOrder", input=told)


def test_an_amount_is_refunded_up_to_what_was_paid(shop: Caller) -> None:
    (number,) = shop.buy()
    paid = payment(shop, number)["amount"]
    assert (refund(shop, number, 500)["state"], refund(shop, number, 0)["errorCode"]) == (
        "Settled",
        "NOTHING_TO_REFUND_ERROR",
    )
    refused = refund(shop, number, paid)
    assert (refused["errorCode"], refused["maximumRefundable"]) == ("REFUND_AMOUNT_ERROR", paid - 500)
    (made,) = payment(shop, number)["refunds"]
    assert (made["total"], made["reason"], made["items"], made["lines"]) == (500, "Damaged", 0, [])


def test_a_manual_gateway_leaves_a_refund_pending_until_it_is_settled(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"manual_refunds": True}))
    shop = Caller(twin)
    (number,) = shop.buy()
    made = refund(shop, number, 500)
    assert (made["state"], made["transactionId"]) == ("Pending", None)
    settled = shop.do("settleRefund", input={"id": made["id"], "transactionId": "re_1"})
    assert (settled["state"], settled["transactionId"]) == ("Settled", "re_1")
    again = shop.do("settleRefund", input={"id": made["id"], "transactionId": "re_1"})
    assert again["errorCode"] == "REFUND_STATE_TRANSITION_ERROR"
    refund(shop, number, 100)
    assert shop.act(number, "fail_refund").status_code == 200
    assert [one["state"] for one in payment(shop, number)["refunds"]] == ["Settled", "Failed"]
    twin.close()


def test_money_that_was_only_authorised_is_not_refunded_but_settled(shop: Caller) -> None:
    for kind in ("pre_auth", "cod"):
        (number,) = shop.buy(kind)
        assert refund(shop, number, 1)["errorCode"] == "REFUND_ORDER_STATE_ERROR"
        assert shop.do("settlePayment", id=payment(shop, number)["id"])["state"] == "Settled"
        assert shop.order(number)["state"] == "PaymentSettled"
        again = shop.do("settlePayment", id=payment(shop, number)["id"])
        assert again["errorCode"] == "PAYMENT_STATE_TRANSITION_ERROR"


def test_what_buyers_ask_for_before_shipment_staff_pays_back_and_takes_off(shop: Caller) -> None:
    (number,) = shop.buy("split")
    line = shop.order(number)["lines"][0]
    shop.act(number, "refund", line=line["id"])
    shop.pass_time()
    order = shop.order(number)
    assert order["lines"][0]["quantity"] == 0
    assert [one["total"] for one in order["payments"][0]["refunds"]] == [line["proratedLinePriceWithTax"]]
    assert [found["status"] for found in shop.trade(number)["refunds"]] == ["succeeded"]


def test_goods_come_back_before_their_money_goes(shop: Caller) -> None:
    (number,) = shop.buy("split")
    line = shop.order(number)["lines"][0]
    shop.ship(number)
    before = shop.order(number)["updatedAt"]
    shop.act(number, "refund", line=line["id"], **{"return": True})
    shop.pass_time()
    assert payment(shop, number)["refunds"] == []
    shop.act(number, "return_goods")
    shop.pass_time()
    order = shop.order(number)
    assert [one["total"] for one in order["payments"][0]["refunds"]] == [line["proratedLinePriceWithTax"]]
    assert order["lines"][0]["quantity"] == 0
    assert order["updatedAt"] > before


def test_exchanges_are_refused(shop: Caller) -> None:
    (number,) = shop.buy()
    shop.ship(number)
    shop.act(number, "refund", exchange=True)
    shop.pass_time()
    assert {found["status"] for found in shop.trade(number)["refunds"]} == {"refused"}


def test_the_shops_system_can_pay_a_case_before_staff_does(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"staff_refunds_after": 10_000}))
    shop = Caller(twin)
    (number,) = shop.buy("split")
    line = shop.order(number)["lines"][0]
    shop.act(number, "refund", line=line["id"])
    refund(shop, number, line["proratedLinePriceWithTax"])
    shop.pass_time(20_000)
    assert len(payment(shop, number)["refunds"]) == 1
    (case,) = shop.trade(number)["refunds"]
    assert (case["status"], case["paid_back"]) == ("succeeded", line["proratedLinePriceWithTax"])
    twin.close()


def test_a_refund_by_lines_is_worth_what_they_cost(shop: Caller) -> None:
    (number,) = shop.buy("split")
    order = shop.order(number)
    line = order["lines"][1]
    told = {"paymentId": order["payments"][0]["id"], "reason": "x", "shipping": 0, "adjustment": 0,
            "lines": [{"orderLineId": line["id"], "quantity": line["quantity"]}]}  # fmt: skip
    made = shop.do("refundOrder", input=told)
    assert made["total"] == line["proratedLinePriceWithTax"]
    (shown,) = payment(shop, number)["refunds"]
    assert shown["lines"] == [{"orderLineId": line["id"], "quantity": line["quantity"]}]
