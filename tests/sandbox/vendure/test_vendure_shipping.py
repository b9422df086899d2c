"""Fulfillments, cancelling, stock: what the shop's system writes and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller


def units(shop: Caller, number: str) -> dict[str, int]:
    return {line["id"]: line["quantity"] for line in shop.order(number)["lines"]}


def test_an_order_ships_whole_and_arrives(shop: Caller) -> None:
    (number,) = shop.buy()
    id_ = shop.ship(number, tracking="ZT77")
    order = shop.order(number)
    assert (order["state"], order["fulfillments"][0]["trackingCode"]) == ("Shipped", "ZT77")
    assert [row["fulfillmentId"] for line in order["lines"] for row in line["fulfillmentLines"]] == [id_] * len(
        order["lines"]
    )
    assert [found["out_sid"] for found in shop.trade(number)["shipments"]] == ["ZT77"]
    assert shop.do("transitionFulfillmentToState", id=id_, state="Delivered")["state"] == "Delivered"
    assert shop.order(number)["state"] == "Delivered"
    assert shop.trade(number)["status"] == "completed"


def test_a_parcel_counts_once_it_is_shipped_not_while_it_is_pending(shop: Caller) -> None:
    (number,) = shop.buy()
    made = shop.parcel(units(shop, number))
    assert (made["state"], made["nextStates"]) == ("Pending", ["Shipped", "Delivered", "Cancelled"])
    assert shop.order(number)["state"] == "PaymentSettled"
    assert shop.trade(number)["shipments"] == []


def test_an_order_ships_in_parts(shop: Caller) -> None:
    (number,) = shop.buy("split")
    (first, one), (second, two) = units(shop, number).items()
    a = shop.ship(number, {first: one}, "ZT1")
    assert shop.order(number)["state"] == "PartiallyShipped"
    shop.do("transitionFulfillmentToState", id=a, state="Delivered")
    assert shop.order(number)["state"] == "PartiallyDelivered"
    b = shop.ship(number, {second: two}, "ZT2")
    assert shop.order(number)["state"] == "PartiallyDelivered"
    shop.do("transitionFulfillmentToState", id=b, state="Delivered")
    assert shop.order(number)["state"] == "Delivered"
    assert [found["oids"] for found in shop.trade(number)["shipments"]] == [[first], [second]]


def test_what_is_in_a_parcel_cannot_be_in_another(shop: Caller) -> None:
    (number,) = shop.buy()
    whole = units(shop, number)
    shop.ship(number)
    refused = shop.parcel(whole, "ZT9")
    assert (refused["__typename"], refused["errorCode"]) == (
        "ItemsAlreadyFulfilledError",
        "ITEMS_ALREADY_FULFILLED_ERROR",
    )
    assert len(shop.trade(number)["shipments"]) == 1
    (kept,) = shop.client.get("/_twin/ledger").get_json()["refused_shipments"]
    assert (kept["tid"], kept["out_sid"]) == (number, "ZT9")


def test_a_waybill_changes_by_cancelling_and_making_the_parcel_anew(shop: Caller) -> None:
    (number,) = shop.buy()
    whole = units(shop, number)
    id_ = shop.ship(number, tracking="ZT1")
    assert shop.do("transitionFulfillmentToState", id=id_, state="Cancelled")["state"] == "Cancelled"
    assert shop.order(number)["state"] == "Shipped"
    shop.ship(number, whole, "ZT2")
    assert [found["state"] for found in shop.order(number)["fulfillments"]] == ["Cancelled", "Shipped"]
    assert [found["out_sid"] for found in shop.trade(number)["shipments"]] == ["ZT2"]
    assert {bill for line in shop.trade(number)["lines"] for bill in line["waybills"]} == {"ZT2"}


def test_states_that_the_machine_does_not_know_are_refused(shop: Caller) -> None:
    (number,) = shop.buy()
    id_ = shop.ship(number)
    refused = shop.do("transitionFulfillmentToState", id=id_, state="Shipped")
    assert (refused["fromState"], refused["toState"]) == ("Shipped", "Shipped")
    assert refused["errorCode"] == "FULFILLMENT_STATE_TRANSITION_ERROR"


@pytest.mark.parametrize("kind", ["held", "modifying", "unpaid", "draft"])
def test_an_order_that_is_not_due_takes_no_parcel(shop: Caller, kind: str) -> None:
    (number,) = shop.buy(kind)
    assert shop.parcel(units(shop, number))["__typename"] == "FulfillmentStateTransitionError"


def test_a_parcel_wants_lines_and_a_known_handler(shop: Caller) -> None:
    (number,) = shop.buy()
    line = next(iter(units(shop, number)))
    assert shop.parcel({})["errorCode"] == "EMPTY_ORDER_LINE_SELECTION_ERROR"
    assert shop.parcel({line: 0})["errorCode"] == "EMPTY_ORDER_LINE_SELECTION_ERROR"
    assert shop.parcel({line: 1}, code="dhl")["errorCode"] == "INVALID_FULFILLMENT_HANDLER_ERROR"
    query = "mutation M($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) { __typename } }"
    empty = {"code": "manual-fulfillment", "arguments": []}
    (error,) = shop.errors(query, i={"lines": [{"orderLineId": "1", "quantity": 1}], "handler": empty})
    assert error["extensions"]["code"] == "ENTITY_NOT_FOUND"
    (handler,) = shop.ask("{ fulfillmentHandlers { code args { name } } }")["fulfillmentHandlers"]
    assert [arg["name"] for arg in handler["args"]] == ["method", "trackingCode"]


def test_lines_are_cancelled_without_moving_money(shop: Caller) -> None:
    (number,) = shop.buy("split")
    (first, one), (second, _) = units(shop, number).items()
    paid = shop.order(number)["totalWithTax"]
    answer = shop.do("cancelOrder", input={"orderId": number, "lines": [{"orderLineId": first, "quantity": one}],
                                           "cancelShipping": False, "reason": "OOS"})  # fmt: skip
    assert answer["state"] == "PaymentSettled"
    order = shop.order(number)
    assert [line["quantity"] for line in order["lines"]] == [0, units(shop, number)[second]]
    assert order["lines"][0]["orderPlacedQuantity"] == one
    assert order["totalWithTax"] < paid
    assert order["payments"][0]["refunds"] == []
    assert shop.parcel({first: 1})["errorCode"] == "ITEMS_ALREADY_FULFILLED_ERROR"


def test_a_whole_order_is_cancelled_once(shop: Caller) -> None:
    (number,) = shop.buy()
    pending = shop.parcel(units(shop, number))
    assert shop.do("cancelOrder", input={"orderId": number})["state"] == "Cancelled"
    assert shop.do("cancelOrder", input={"orderId": number})["errorCode"] == "ORDER_STATE_TRANSITION_ERROR"
    late = shop.do("transitionFulfillmentToState", id=pending["id"], state="Shipped")
    assert late["__typename"] == "FulfillmentStateTransitionError"
    assert shop.trade(number)["status"] == "cancelled"


def test_cancelled_shipping_is_a_discount_of_all_its_price(shop: Caller) -> None:
    (number,) = shop.buy()
    paid = shop.order(number)["shippingLines"][0]["priceWithTax"]
    shop.do("cancelOrder", input={"orderId": number, "cancelShipping": True})
    order = shop.order(number)
    (way,) = order["shippingLines"]
    assert (way["priceWithTax"], way["discountedPriceWithTax"], order["totalWithTax"]) == (paid, 0, 0)
    told = [(one["adjustmentSource"], one["amountWithTax"]) for one in way["discounts"]]
    assert told == ([("CANCEL_ORDER", -paid)] if paid else [])


def test_what_cannot_be_cancelled(shop: Caller) -> None:
    (cart,), (number,), (other,) = shop.buy("cart"), shop.buy(), shop.buy()
    line, foreign = next(iter(units(shop, number))), next(iter(units(shop, other)))

    def refusal(**told: object) -> str:
        return str(shop.do("cancelOrder", input={"orderId": number, **told})["errorCode"])

    assert refusal(orderId=cart) == "CANCEL_ACTIVE_ORDER_ERROR"
    assert refusal(lines=[]) == "EMPTY_ORDER_LINE_SELECTION_ERROR"
    assert refusal(lines=[{"orderLineId": line, "quantity": 99}]) == "QUANTITY_TOO_GREAT_ERROR"
    assert refusal(lines=[{"orderLineId": foreign, "quantity": 1}]) == "MULTIPLE_ORDER_ERROR"


def test_a_buyers_cancellation_is_paid_back_by_staff(shop: Caller) -> None:
    (number,) = shop.buy()
    paid = shop.order(number)["totalWithTax"]
    shop.act(number, "cancel")
    order = shop.order(number)
    assert order["state"] == "Cancelled"
    assert [one["total"] for one in order["payments"][0]["refunds"]] == [paid]


def test_orders_are_held_and_let_go_by_hand(shop: Caller) -> None:
    (number,) = shop.buy()
    assert shop.do("transitionOrderToState", id=number, state="Modifying")["state"] == "Modifying"
    assert shop.do("transitionOrderToState", id=number, state="PaymentSettled")["state"] == "PaymentSettled"
    assert shop.do("transitionOrderToState", id=number, state="Draft")["errorCode"] == "ORDER_STATE_TRANSITION_ERROR"
    shop.act(number, "hold")
    assert shop.order(number)["state"] == "OnHold"


def test_stock_is_written_as_an_absolute_number(shop: Caller) -> None:
    query = "query V($o: ProductVariantListOptions) { productVariants(options: $o) { totalItems items { id sku } } }"
    found = shop.ask(query, o={"filter": {"sku": {"eq": "TS001-BLK-M"}}})["productVariants"]
    (variant,) = found["items"]
    level = {"stockLocationId": "1", "stockOnHand": 12}
    told = {"i": [{"id": variant["id"], "stockLevels": [level]}]}
    write = """mutation S($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) {
      id stockLevels { stockOnHand } } }"""
    (written,) = shop.ask(write, **told)["updateProductVariants"]
    assert written["stockLevels"] == [{"stockOnHand": 12}]
    assert shop.client.get("/_twin/stock").get_json()["stock"]["TS001-BLK-M"] == 12
    change = "mutation S($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }"
    for wrong, code in (
        ({"id": "1"}, "ENTITY_NOT_FOUND"),
        ({"id": variant["id"], "stockOnHand": -1}, "USER_INPUT_ERROR"),
    ):
        (error,) = shop.errors(change, i=[wrong])
        assert error["extensions"]["code"] == code
    below = {"id": variant["id"], "stockLevels": [{"stockLocationId": "1", "stockOnHand": -1}]}
    (written,) = shop.ask(write, i=[below])["updateProductVariants"]
    assert written["stockLevels"] == [{"stockOnHand": -1}]


def test_open_orders_hold_stock_and_a_strict_shop_refuses_what_is_not_there(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"strict_stock": True}))
    shop = Caller(twin)
    (number,) = shop.buy()
    query = """query O($id: ID!) { order(id: $id) { lines { quantity productVariant { id
      stockLevels { stockAllocated } } } } }"""
    (line, *_) = shop.ask(query, id=number)["order"]["lines"]
    assert line["productVariant"]["stockLevels"][0]["stockAllocated"] == line["quantity"]
    shop.do("updateProductVariants", input=[{"id": line["productVariant"]["id"], "stockOnHand": 0}])
    assert shop.parcel(units(shop, number))["errorCode"] == "INSUFFICIENT_STOCK_ON_HAND_ERROR"
    twin.close()
