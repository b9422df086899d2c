"""Refunds, cancellations, returns and stock."""

from __future__ import annotations

from typing import Any

from tests.sandbox.shopify.caller import HOME, REFUND, Caller, cents

CANCEL = """mutation C($id: ID!, $method: OrderCancelRefundMethodInput) {
  orderCancel(orderId: $id, reason: INVENTORY, restock: true, refundMethod: $method) {
    job { id done } orderCancelUserErrors { code message } } }"""
ANSWER = "{ return { id status } userErrors { code message } } }"
APPROVE = "mutation A($i: ReturnApproveRequestInput!) { returnApproveRequest(input: $i) " + ANSWER
DECLINE = "mutation D($i: ReturnDeclineRequestInput!) { returnDeclineRequest(input: $i) " + ANSWER
FINISH = "mutation P($i: ReturnProcessInput!) { returnProcess(input: $i) " + ANSWER
CLOSE = "mutation C($id: ID!) { returnClose(id: $id) " + ANSWER
STOCK = """mutation S($i: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $i) @idempotent(key: $key) {
    inventoryAdjustmentGroup { reason changes { delta quantityAfterChange } } userErrors { code message } } }"""


def paid_by(found: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in found["transactions"] if one["kind"] == "SALE")


def money_back(found: dict[str, Any], amount: str) -> dict[str, Any]:
    paid = paid_by(found)
    return {
        "orderId": found["id"],
        "parentId": paid["id"],
        "kind": "REFUND",
        "gateway": paid["gateway"],
        "amount": amount,
    }


def asked_return(shop: Caller, **body: Any) -> tuple[str, dict[str, Any]]:
    """A shipped order whose first line the buyer wants to return."""
    id_ = shop.make("split")
    shop.ship(id_, "Z1")
    shop.ship(id_, "Z2", place=1)
    line = shop.order(id_)["lineItems"]["nodes"][0]["id"]
    assert shop.verb(id_, "refund", line=line, reason="质量问题", **{"return": True, **body}).status_code == 200
    return id_, shop.order(id_)["returns"]["nodes"][0]


def test_an_order_is_cancelled_once_with_its_money_or_without(shop: Caller) -> None:
    paid, kept = shop.make(), shop.make()
    job = shop.mutate(CANCEL, {"id": paid, "method": {"originalPaymentMethodsRefund": True}})["job"]
    assert shop.ask("query J($id: ID!) { job(id: $id) { done } }", {"id": job["id"]})["job"]["done"]
    found = shop.order(paid)
    assert (found["displayFinancialStatus"], found["cancelReason"]) == ("REFUNDED", "INVENTORY")
    assert cents(found["totalRefundedSet"]) == cents(found["totalPriceSet"])
    shop.mutate(CANCEL, {"id": kept})
    assert shop.order(kept)["displayFinancialStatus"] == "PAID"
    assert shop.mutate(CANCEL, {"id": kept})["orderCancelUserErrors"][0]["code"] == "INVALID"
    gone = shop.mutate(CANCEL, {"id": "gid://shopify/Order/1"})["orderCancelUserErrors"]
    assert gone[0]["code"] == "NOT_FOUND"
    shipped = shop.make()
    shop.ship(shipped)
    assert shop.mutate(CANCEL, {"id": shipped})["orderCancelUserErrors"][0]["code"] == "INVALID"


def test_a_refund_needs_its_key_and_happens_once(shop: Caller) -> None:
    id_ = shop.make()
    told = {"orderId": id_, "note": "R", "transactions": [money_back(shop.order(id_), "5.00")]}
    bare = REFUND.replace("@idempotent(key: $key)", "").replace(", $key: String!", "")
    assert shop.errors(bare, {"input": told})[0][0] == "BAD_REQUEST"
    first = shop.mutate(REFUND, {"input": told, "key": "k1"})
    again = shop.mutate(REFUND, {"input": told, "key": "k1"})
    assert first["refund"] == again["refund"]
    assert cents(shop.order(id_)["totalRefundedSet"]) == 500
    other = shop.mutate(REFUND, {"input": {**told, "note": "other"}, "key": "k1"})
    assert other["refund"] is None
    assert shop.order(id_)["displayFinancialStatus"] == "PARTIALLY_REFUNDED"


def test_no_more_money_goes_back_than_came(shop: Caller) -> None:
    id_ = shop.make()
    told = {"orderId": id_, "transactions": [money_back(shop.order(id_), "999999.00")]}
    assert "greater" in shop.mutate(REFUND, {"input": told, "key": "k"})["userErrors"][0]["message"]
    line = shop.order(id_)["lineItems"]["nodes"][0]
    many = {"lineItemId": line["id"], "quantity": 99, "restockType": "CANCEL", "locationId": HOME}
    assert shop.mutate(REFUND, {"input": {"orderId": id_, "refundLineItems": [many]}, "key": "m"})["userErrors"]
    assert cents(shop.order(id_)["totalRefundedSet"]) == 0


def test_a_return_is_approved_comes_back_and_is_paid(shop: Caller) -> None:
    id_, asked = asked_return(shop)
    assert (asked["status"], shop.order(id_)["returnStatus"]) == ("REQUESTED", "RETURN_REQUESTED")
    assert shop.mutate(APPROVE, {"i": {"id": asked["id"]}})["return"]["status"] == "OPEN"
    shop.verb(id_, "return_goods")
    found = shop.order(id_)
    back = found["returns"]["nodes"][0]
    reverse = back["reverseFulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["id"]
    row = back["returnLineItems"]["nodes"][0]
    kept = {"reverseFulfillmentOrderLineItemId": reverse, "quantity": row["quantity"], "dispositionType": "RESTOCKED",
            "locationId": HOME}  # fmt: skip
    line = {"id": row["id"], "quantity": row["quantity"], "dispositions": [kept]}
    shop.mutate(FINISH, {"i": {"returnId": back["id"], "returnLineItems": [line]}})
    assert shop.order(id_)["returnStatus"] == "INSPECTION_COMPLETE"
    pay = {"parentId": paid_by(found)["id"], "transactionAmount": {"amount": "7.00", "currencyCode": "CNY"}}
    told = {"returnId": back["id"], "financialTransfer": {"issueRefund": {"orderTransactions": [pay]}}}
    assert shop.mutate(FINISH, {"i": told})["return"]["status"] == "CLOSED"
    found = shop.order(id_)
    assert (found["returnStatus"], cents(found["totalRefundedSet"])) == ("RETURNED", 700)
    assert found["refunds"][0]["return"]["id"] == back["id"]
    assert found["refunds"][0]["refundLineItems"]["nodes"][0]["restockType"] == "RETURN"
    told = shop.trade(id_)["refunds"][0]
    assert (told["status"], told["paid_back"], told["received"]) == ("succeeded", 700, True)


def test_a_return_is_declined_with_a_reason_and_only_once(shop: Caller) -> None:
    id_, asked = asked_return(shop)
    told = {"id": asked["id"], "declineReason": "RETURN_PERIOD_ENDED", "declineNote": "超过七天"}
    assert shop.mutate(DECLINE, {"i": told})["return"]["status"] == "DECLINED"
    found = shop.order(id_)
    assert found["returns"]["nodes"][0]["decline"] == {"reason": "RETURN_PERIOD_ENDED", "note": "超过七天"}
    assert found["returnStatus"] == "RETURN_FAILED"
    assert shop.mutate(APPROVE, {"i": {"id": asked["id"]}})["userErrors"][0]["code"] == "INVALID_STATE"
    assert shop.mutate(CLOSE, {"id": "gid://shopify/Return/9"})["userErrors"][0]["code"] == "NOT_FOUND"


def test_an_approved_return_may_be_closed_or_paid_by_a_refund(shop: Caller) -> None:
    closed, asked = asked_return(shop)
    shop.mutate(APPROVE, {"i": {"id": asked["id"]}})
    assert shop.mutate(CLOSE, {"id": asked["id"]})["return"]["status"] == "CLOSED"
    id_, asked = asked_return(shop)
    shop.mutate(APPROVE, {"i": {"id": asked["id"]}})
    found = shop.order(id_)
    line = found["lineItems"]["nodes"][0]
    part = {"lineItemId": line["id"], "quantity": line["quantity"], "restockType": "RETURN", "locationId": HOME}
    told = {"orderId": id_, "refundLineItems": [part], "transactions": [money_back(found, "3.00")]}
    assert shop.mutate(REFUND, {"input": told, "key": "k"})["userErrors"] == []
    assert shop.order(id_)["returns"]["nodes"][0]["status"] == "CLOSED"
    assert shop.trade(id_)["refunds"][0]["paid_back"] == 300
    assert shop.order(closed)["returnStatus"] == "RETURNED"


def test_goods_that_never_left_cannot_be_returned(shop: Caller) -> None:
    assert shop.verb(shop.make(), "refund", **{"return": True}).status_code == 409


def test_stock_is_set_with_compare_and_set(shop: Caller) -> None:
    goods = "{ productVariants(first: 1) { nodes { sku inventoryItem { id } } } }"
    item = shop.ask(goods)["productVariants"]["nodes"][0]
    row = {"inventoryItemId": item["inventoryItem"]["id"], "locationId": HOME, "quantity": 17, "changeFromQuantity": 500}
    told = {"name": "available", "reason": "correction", "quantities": [row]}
    done = shop.mutate(STOCK, {"i": told, "key": "a"})
    assert done["inventoryAdjustmentGroup"]["changes"] == [{"delta": -483, "quantityAfterChange": 17}]
    assert shop.client.get("/_twin/stock").get_json()["stock"][item["sku"]] == 17
    assert shop.mutate(STOCK, {"i": told, "key": "b"})["userErrors"][0]["code"] == "CHANGE_FROM_QUANTITY_STALE"
    assert shop.mutate(STOCK, {"i": told, "key": "a"})["userErrors"] == []
    other = {**told, "reason": "other"}
    assert shop.mutate(STOCK, {"i": other, "key": "a"})["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    assert shop.mutate(STOCK, {"i": {**told, "reason": "whim"}, "key": "c"})["userErrors"][0]["code"] == "INVALID_REASON"
    nothing = {**row, "inventoryItemId": "gid://shopify/InventoryItem/1"}
    bad = shop.mutate(STOCK, {"i": {**told, "quantities": [nothing]}, "key": "d"})["userErrors"]
    assert bad[0]["code"] == "INVALID_INVENTORY_ITEM"
