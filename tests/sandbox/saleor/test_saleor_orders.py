"""Orders: every status, amounts that add up, fulfilments, returns, refunds, stock."""

from __future__ import annotations

import pytest

from connectors.sandbox.saleor.shop import FAR, HOME
from connectors.sandbox.saleor.twin import SaleorTwin
from tests.sandbox.saleor.caller import (
    ACTION,
    BACK,
    CANCEL,
    CONFIRM,
    GRANT,
    PAY_GRANT,
    SHIP,
    STOCK,
    TRACK,
    UNDO,
    Caller,
)


@pytest.mark.parametrize(
    ("kind", "status", "charge", "authorize"),
    [
        ("plain", "UNFULFILLED", "FULL", "FULL"), ("unpaid", "UNFULFILLED", "NONE", "NONE"),
        ("held", "UNCONFIRMED", "FULL", "FULL"), ("pre_auth", "UNFULFILLED", "NONE", "FULL"),
        ("part_paid", "UNFULFILLED", "PARTIAL", "PARTIAL"), ("overcharged", "UNFULFILLED", "OVERCHARGED", "FULL"),
    ],
)  # fmt: skip
def test_new_orders_have_the_states_of_their_kind(
    shop: Caller, kind: str, status: str, charge: str, authorize: str
) -> None:
    order = shop.order(shop.make(kind))
    assert (order["status"], order["chargeStatus"], order["authorizeStatus"]) == (status, charge, authorize)


def test_own_kinds_differ_in_one_thing(shop: Caller) -> None:
    assert shop.order(shop.make("tax_excluded"))["displayGrossPrices"] is False
    pickup = shop.order(shop.make("pickup"))
    assert (pickup["collectionPointName"], pickup["shippingAddress"]) == ("杭州仓", None)
    assert shop.order(shop.make("reissue"))["origin"] == "REISSUE"
    assert shop.order(shop.make("from_draft"))["origin"] == "DRAFT"
    assert shop.order(shop.make("unknown_sku"))["lines"][0]["productVariantId"] is None
    assert any(line["isGift"] for line in shop.order(shop.make("gift"))["lines"])


def test_amounts_add_up(shop: Caller) -> None:
    for id_ in shop.twin.create({"plain": 12, "bundle": 3})["plain"]:
        order = shop.order(id_)
        lines = sum(line["totalPrice"]["gross"]["fractionalAmount"] for line in order["lines"])
        listed = sum(line["undiscountedTotalPrice"]["gross"]["fractionalAmount"] for line in order["lines"])
        total, fee = (order[name]["gross"]["fractionalAmount"] for name in ("total", "shippingPrice"))
        assert order["subtotal"]["gross"]["fractionalAmount"] == lines
        assert total == lines + fee == order["totalCharged"]["fractionalAmount"]
        assert order["undiscountedTotal"]["gross"]["fractionalAmount"] == listed + fee
        assert total == shop.trade(id_)["payment"]
        assert order["total"]["net"]["fractionalAmount"] + order["total"]["tax"]["fractionalAmount"] == total
        assert order["total"]["gross"]["amount"] == total / 100
        assert order["totalBalance"]["fractionalAmount"] == 0


def test_an_order_ships_whole_and_only_once(shop: Caller) -> None:
    id_ = shop.make()
    lines = shop.order(id_)["lines"]
    assert shop.ship(id_)["fulfillments"][0]["trackingNumber"] == "T1"
    order = shop.order(id_)
    assert order["status"] == "FULFILLED"
    assert [line["quantityToFulfill"] for line in order["lines"]] == [0] * len(lines)
    stocks = [{"quantity": 1, "warehouse": HOME}]
    again = shop.mutate(SHIP, {"order": id_, "input": {"lines": [{"orderLineId": lines[0]["id"], "stocks": stocks}]}})
    assert again["errors"][0]["code"] == "FULFILL_ORDER_LINE"
    assert len(shop.trade(id_)["shipments"]) == 1
    assert shop.twin.ledger()["refused_shipments"][0]["reason"].startswith("Only 0 items remaining")


def test_lines_in_two_warehouses_make_two_fulfilments(shop: Caller) -> None:
    id_ = shop.make("split")
    assert len(shop.ship(id_)["fulfillments"]) == 2
    assert {one["warehouse"]["id"] for one in shop.order(id_)["fulfillments"]} == {HOME, FAR}
    assert len(shop.trade(id_)["shipments"]) == 2


def test_parcels_follow_one_another_and_a_waybill_changes(shop: Caller) -> None:
    id_ = shop.make("split")
    first, second = shop.order(id_)["lines"]
    made = shop.ship(id_, "T1", {first["id"]: first["quantity"]})["fulfillments"][0]
    assert shop.order(id_)["status"] == "PARTIALLY_FULFILLED"
    shop.ship(id_, "T2", {second["id"]: second["quantity"]})
    changed = shop.mutate(TRACK, {"id": made["id"], "input": {"trackingNumber": "T9", "notifyCustomer": False}})
    assert changed["fulfillment"]["trackingNumber"] == "T9"
    assert [one["trackingNumber"] for one in shop.order(id_)["fulfillments"]] == ["T9", "T2"]
    assert [(one["kind"], one["out_sid"]) for one in shop.trade(id_)["shipments"]][-1] == ("resend", "T9")


def test_a_fulfilment_is_undone_with_a_warehouse_alone(shop: Caller) -> None:
    id_ = shop.make()
    made = shop.ship(id_)["fulfillments"][0]
    assert shop.mutate(CANCEL, {"id": id_})["errors"] == [{"code": "CANNOT_CANCEL_ORDER"}]
    assert shop.mutate(UNDO, {"id": made["id"]})["errors"][0] == {"field": "warehouseId", "code": "REQUIRED"}
    assert shop.mutate(UNDO, {"id": made["id"], "input": {"warehouseId": HOME}})["fulfillment"]["status"] == "CANCELED"
    assert shop.order(id_)["status"] == "UNFULFILLED"
    assert shop.mutate(UNDO, {"id": made["id"]})["errors"][0]["code"] == "CANNOT_CANCEL_FULFILLMENT"
    assert shop.mutate(CANCEL, {"id": id_})["order"] == {"status": "CANCELED"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [("unpaid", "CANNOT_FULFILL_UNPAID_ORDER"), ("held", "INVALID"), ("pre_auth", "CANNOT_FULFILL_UNPAID_ORDER")],
)
def test_orders_that_are_not_ready_do_not_ship(shop: Caller, kind: str, code: str) -> None:
    id_ = shop.make(kind)
    assert shop.ship(id_)["errors"][0]["code"] == code
    assert shop.trade(id_)["shipments"] == []


def test_wrong_lines_units_and_stock_are_told_apart(shop: Caller) -> None:
    id_ = shop.make()
    line = shop.order(id_)["lines"][0]

    def refused(no: str, quantity: int, where: str, **more: object) -> str:
        rows = [{"orderLineId": no, "stocks": [{"quantity": quantity, "warehouse": where}]}]
        found = shop.mutate(SHIP, {"order": id_, "input": {"lines": rows, **more}})
        return str(found["errors"][0]["code"]) if found["errors"] else "ok"

    assert refused("T3JkZXJMaW5lOjE=", 1, HOME) == "NOT_FOUND"
    assert refused(line["id"], 1, "V2FyZWhvdXNlOjE=") == "NOT_FOUND"
    assert refused(line["id"], 0, HOME) == "ZERO_QUANTITY"
    assert refused(line["id"], 99, HOME) == "FULFILL_ORDER_LINE"
    assert refused(line["id"], 1, FAR) == "INSUFFICIENT_STOCK"
    assert refused(line["id"], 1, FAR, allowStockToBeExceeded=True) == "ok"


def test_confirming_paying_and_expiring(shop: Caller) -> None:
    held, unpaid, reserved = shop.make("held"), shop.make("unpaid"), shop.make("pre_auth")
    assert shop.mutate(CONFIRM, {"id": held})["order"]["status"] == "UNFULFILLED"
    assert shop.mutate(CONFIRM, {"id": held})["errors"] == [{"code": "INVALID"}]
    assert shop.verb(unpaid, "expire").status_code == 200
    assert shop.order(unpaid)["status"] == "EXPIRED"
    payment = shop.order(reserved)["transactions"][0]
    assert payment["actions"] == ["CHARGE", "CANCEL"]
    shop.mutate(ACTION, {"id": payment["id"], "action": "CHARGE"})
    assert shop.order(reserved)["chargeStatus"] == "FULL"


def test_returned_goods_make_a_fulfilment_of_their_own(shop: Caller) -> None:
    id_ = shop.make("split")
    shop.ship(id_)
    first, second = shop.order(id_)["fulfillments"]
    for kept, status in ((first, "PARTIALLY_RETURNED"), (second, "RETURNED")):
        rows = [{"fulfillmentLineId": line["id"], "quantity": line["quantity"]} for line in kept["lines"]]
        found = shop.mutate(BACK, {"order": id_, "input": {"fulfillmentLines": rows, "refund": False}})
        assert found["returnFulfillment"]["status"] == "RETURNED"
        assert shop.order(id_)["status"] == status
    assert [one["status"] for one in shop.order(id_)["fulfillments"]] == [
        "FULFILLED",
        "FULFILLED",
        "RETURNED",
        "RETURNED",
    ]
    assert shop.mutate(BACK, {"order": id_, "input": {"refund": True}})["errors"] == [{"code": "CANNOT_REFUND"}]


def test_a_granted_refund_is_paid_by_the_payment_app_later(twin: SaleorTwin, shop: Caller) -> None:
    id_ = shop.make("split")
    order = shop.order(id_)
    line, payment = order["lines"][0], order["transactions"][0]["id"]
    told = {"transactionId": payment, "lines": [{"id": line["id"], "quantity": line["quantity"]}], "reason": "Damaged"}
    granted = shop.mutate(GRANT, {"id": id_, "input": told})["grantedRefund"]
    assert granted["status"] == "NONE"
    assert shop.order(id_)["chargeStatus"] == "OVERCHARGED"
    asked = shop.mutate(PAY_GRANT, {"id": granted["id"]})
    assert asked["transaction"]["refundPendingAmount"] == granted["amount"]
    assert shop.mutate(PAY_GRANT, {"id": granted["id"]})["errors"] == [{"code": "REFUND_IS_PENDING"}]
    assert shop.order(id_)["grantedRefunds"][0]["status"] == "PENDING"
    twin.scheduler.advance(10)
    order = shop.order(id_)
    assert order["grantedRefunds"][0]["status"] == "SUCCESS"
    assert order["totalRefunded"] == granted["amount"]
    assert order["lines"][0]["quantityToFulfill"] == 0
    assert shop.mutate(PAY_GRANT, {"id": granted["id"]})["errors"] == [{"code": "REFUND_ALREADY_PROCESSED"}]
    assert shop.trade(id_)["refunds"][0]["paid_back"] == granted["amount"]["fractionalAmount"]


def test_a_refund_that_the_bank_refuses_can_be_asked_again(twin: SaleorTwin, shop: Caller) -> None:
    id_ = shop.make()
    shop.verb(id_, "fail_refund")
    shop.verb(id_, "refund", granted=True, line=shop.order(id_)["lines"][0]["id"])
    case = shop.order(id_)["grantedRefunds"][0]
    shop.mutate(PAY_GRANT, {"id": case["id"]})
    twin.scheduler.advance(10)
    assert shop.order(id_)["grantedRefunds"][0]["status"] == "FAILURE"
    assert shop.order(id_)["totalRefunded"]["fractionalAmount"] == 0
    shop.mutate(PAY_GRANT, {"id": case["id"]})
    twin.scheduler.advance(10)
    assert shop.order(id_)["grantedRefunds"][0]["status"] == "SUCCESS"


def test_wrong_grants_are_refused(shop: Caller) -> None:
    id_ = shop.make()
    order = shop.order(id_)
    payment, line = order["transactions"][0]["id"], order["lines"][0]["id"]

    def code(**told: object) -> str:
        return str(shop.mutate(GRANT, {"id": id_, "input": {"transactionId": payment, **told}})["errors"][0]["code"])

    assert code() == "REQUIRED"
    assert code(amount="99999999.00") == "AMOUNT_GREATER_THAN_AVAILABLE"
    assert code(lines=[{"id": line, "quantity": 99}]) == "INVALID"
    assert code(amount="1.00", transactionId="VHJhbnNhY3Rpb25JdGVtOjE=") == "NOT_FOUND"
    assert shop.error(GRANT, {"id": id_, "input": {}})[0] == 400
    assert shop.mutate(ACTION, {"id": payment, "action": "CHARGE"})["errors"][0]["code"] == "INVALID"


def test_a_return_goes_from_grant_over_goods_to_money(twin: SaleorTwin, shop: Caller) -> None:
    id_ = shop.make()
    shop.ship(id_)
    assert shop.verb(shop.make(), "refund", **{"return": True}).status_code == 409
    shop.verb(id_, "refund", **{"return": True})
    assert {one["status"] for one in shop.order(id_)["grantedRefunds"]} == {"NONE"}
    shop.verb(id_, "take_back")
    assert shop.order(id_)["status"] == "RETURNED"
    shop.verb(id_, "pay_granted")
    order = shop.order(id_)
    assert {one["status"] for one in order["grantedRefunds"]} == {"SUCCESS"}
    assert order["totalRefunded"]["fractionalAmount"] == order["subtotal"]["gross"]["fractionalAmount"]
    assert {part["status"] for part in shop.trade(id_)["refunds"]} == {"succeeded"}


def test_replacements_withdrawals_and_cancelling(shop: Caller) -> None:
    id_, other, third = shop.make(), shop.make(), shop.make()
    shop.ship(id_)
    shop.verb(id_, "refund", exchange=True)
    assert "REPLACED" in [one["status"] for one in shop.order(id_)["fulfillments"]]
    shop.verb(other, "refund", granted=True)
    shop.verb(other, "withdraw_refund")
    assert shop.order(other)["totalGrantedRefund"]["fractionalAmount"] == 0
    shop.verb(third, "cancel")
    order = shop.order(third)
    assert (order["status"], order["totalCharged"]["fractionalAmount"]) == ("CANCELED", 0)


def test_stock_is_set_by_sku_and_warehouse(twin: SaleorTwin, shop: Caller) -> None:
    item = next(item for item in twin.shop.items() if item["stocked_at"] == "both")
    stocks = [{"warehouse": HOME, "quantity": 7}, {"warehouse": FAR, "quantity": 3}]
    found = shop.mutate(STOCK, {"sku": item["code"], "stocks": stocks})["productVariant"]["stocks"]
    assert [row["quantity"] for row in found] == [7, 3]
    shelf = next(row for row in twin.ledger()["shelves"] if row["variant"] == item["sku_id"])
    assert (shelf["units"], shelf["pushes"]) == (7, 1)
    assert shop.mutate(STOCK, {"sku": "none", "stocks": stocks})["errors"][0]["code"] == "NOT_FOUND"
    bad = [{"warehouse": HOME, "quantity": 1}, {"warehouse": HOME, "quantity": 2}]
    assert shop.mutate(STOCK, {"sku": item["code"], "stocks": bad})["errors"][0] == {
        "field": "warehouse", "code": "UNIQUE", "index": 1,
    }  # fmt: skip


def test_damaged_orders_are_damaged_as_named_until_they_are_mended(shop: Caller) -> None:
    made = shop.twin.create({"bad": 5})["bad"]
    assert set(made) == set(shop.twin.spoils)
    assert shop.order(made["amount_text"][0])["total"]["gross"]["amount"] == "abc"
    assert shop.order(made["missing_lines"][0])["lines"] is None
    assert shop.order(made["unknown_status"][0])["status"] == "ON_THE_MOON"
    shop.verb(made["time_text"][0], "mend")
    assert shop.order(made["time_text"][0])["updatedAt"].endswith("+00:00")
