"""Refunds: made by staff, made through the API, listed over all orders, refused; stock and goods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connectors.sandbox.kit.market import ship

from .caller import Caller, refused


def ask_for(line: dict[str, Any], num: int, **more: Any) -> dict[str, Any]:
    """The body that refunds some units of a line with their tax."""
    share = Decimal(num) / line["quantity"]
    tax = {"id": "4", "refund_total": str(round(Decimal(line["total_tax"]) * share, 2))}
    item = {"id": str(line["id"]), "quantity": num, "refund_total": str(round(Decimal(line["total"]) * share, 2))}
    return {"reason": "破损", "line_items": [{**item, "refund_tax": [tax]}], **more}


def test_staff_refunds_an_order_before_it_ships(shop: Caller) -> None:
    number = shop.make("split")
    shop.verb(number, "refund", reason="不要了")
    order, trade = shop.get(f"/orders/{number}"), shop.trade(number)
    assert (order["status"], trade["status"]) == ("refunded", "cancelled")
    assert sum(Decimal(refund["total"]) for refund in order["refunds"]) == -Decimal(order["total"])
    assert {refund["status"] for refund in trade["refunds"]} == {"succeeded"}


def test_an_order_goes_on_while_its_free_item_is_not_refunded_too(shop: Caller) -> None:
    number = shop.make("gift")
    paid, free = [], []
    for line in shop.get(f"/orders/{number}")["line_items"]:
        (paid if Decimal(line["total"]) else free).append(line)
    freight = shop.get(f"/orders/{number}")["shipping_lines"][0]
    amount = str(Decimal(freight["total"]) + Decimal(freight["total_tax"]))
    shop.call("POST", f"/orders/{number}/refunds", {"amount": amount})
    for line in paid:
        shop.call("POST", f"/orders/{number}/refunds", ask_for(line, line["quantity"]))
    order = shop.get(f"/orders/{number}")
    assert sum(Decimal(refund["total"]) for refund in order["refunds"]) == -Decimal(order["total"])
    assert order["status"] == "processing"
    assert [found["id"] for found in shop.get("/orders", status="refunded")] == []
    for line in free:
        shop.call("POST", f"/orders/{number}/refunds", ask_for(line, line["quantity"]))
    assert shop.get(f"/orders/{number}")["status"] == "refunded"
    assert [found["id"] for found in shop.get("/orders", status="refunded")] == [int(number)]


def test_staff_pays_a_return_when_the_goods_are_back(shop: Caller) -> None:
    number = shop.make()
    ship(shop.twin.market, number, "ZTO", "Z1")
    shop.verb(number, "refund", **{"return": True})
    assert shop.get("/refunds") == []
    shop.verb(number, "return_goods")
    refunds = shop.get("/refunds")
    assert {refund["parent_id"] for refund in refunds} == {int(number)}
    assert len(refunds) == len(shop.trade(number)["lines"])


def test_staff_takes_its_time_when_told_to(start: Callable[..., Caller]) -> None:
    shop = start(staff_refunds_after=600)
    number = shop.make()
    shop.verb(number, "refund")
    assert shop.get(f"/orders/{number}")["refunds"] == []
    shop.verb(number, "withdraw_refund")
    shop.client.post("/_twin/advance", json={"seconds": 600})
    assert (shop.get(f"/orders/{number}")["refunds"], shop.trade(number)["payable"]) == ([], True)


def test_a_refund_through_the_api_points_back_to_its_line(shop: Caller) -> None:
    number = shop.make("split")
    line = shop.get(f"/orders/{number}")["line_items"][0]
    body = ask_for(line, line["quantity"], meta_data=[{"key": "_hub_refund", "value": "r1"}])
    made = shop.call("POST", f"/orders/{number}/refunds", body)
    refund = made.json
    back = refund["line_items"][0]
    assert (made.status_code, refund["amount"], refund["refunded_payment"]) == (
        201, str(Decimal(line["total"]) + Decimal(line["total_tax"])), True,
    )  # fmt: skip
    assert (back["quantity"], back["total"], back["total_tax"]) == (
        -line["quantity"], f"-{line['total']}", f"-{line['total_tax']}",
    )  # fmt: skip
    assert back["meta_data"][0]["value"] == str(line["id"])
    assert refund["meta_data"][0]["value"] == "r1"
    assert shop.get(f"/orders/{number}/refunds/{refund['id']}") == refund
    assert shop.get(f"/orders/{number}")["refunds"][0]["total"] == f"-{refund['amount']}"
    states = {found["oid"]: found["status"] for found in shop.trade(number)["lines"]}
    assert states.pop(str(line["id"])) == "cancelled"
    assert set(states.values()) == {"open"}


def test_part_of_a_line_leaves_the_rest_to_ship(shop: Caller) -> None:
    number = shop.make()
    line = shop.trade(number)["lines"][0]["oid"]
    shop.verb(number, "edit_quantity", line=line, num=3)
    found = shop.get(f"/orders/{number}")["line_items"][0]
    shop.call("POST", f"/orders/{number}/refunds", ask_for(found, 1))
    told = shop.trade(number)["lines"][0]
    assert (told["cancelled_num"], told["live"], told["refund_status"]) == (1, True, "none")


def test_an_amount_alone_has_no_lines_and_too_much_is_refused(shop: Caller) -> None:
    number = shop.make()
    made = shop.call("POST", f"/orders/{number}/refunds", {"amount": "1.50", "reason": "补差"}).json
    assert (made["amount"], made["line_items"]) == ("1.50", [])
    assert [found["amount"] for found in shop.trade(number)["refunds"]] == [150]
    over = shop.call("POST", f"/orders/{number}/refunds", {"amount": "99999999"})
    assert (refused(over), over.json["message"]) == (
        (500, "woocommerce_rest_cannot_create_order_refund"), "Invalid refund amount.",
    )  # fmt: skip
    assert over.json["data"] == 500
    negative = shop.call("POST", f"/orders/{number}/refunds", {"amount": "-1"})
    assert refused(negative) == (500, "woocommerce_rest_invalid_order_refund")
    assert refused(shop.call("POST", "/orders/1/refunds", {"amount": "1"})) == (500, "woocommerce_rest_invalid_order_id")


def test_the_gateway_pays_only_what_was_paid_through_it(start: Callable[..., Caller]) -> None:
    shop = start()
    number = shop.make("cod")
    body = {"amount": "1.00"}
    assert "does not support" in shop.call("POST", f"/orders/{number}/refunds", body).json["message"]
    by_hand = shop.call("POST", f"/orders/{number}/refunds", {**body, "api_refund": False})
    assert by_hand.json["refunded_payment"] is False
    shop = start(gateway_refunds=False)
    assert shop.call("POST", f"/orders/{shop.make()}/refunds", body).status_code == 500


def test_a_refund_made_twice_is_two_refunds(shop: Caller) -> None:
    number = shop.make()
    for _ in range(2):
        assert shop.call("POST", f"/orders/{number}/refunds", {"amount": "0.50"}).status_code == 201
    assert len(shop.get(f"/orders/{number}/refunds")) == 2
    assert len(shop.get("/refunds", per_page=1, page=2)) == 1


def test_refunds_of_all_orders_filter_by_date(shop: Caller) -> None:
    number = shop.make()
    refund = shop.call("POST", f"/orders/{number}/refunds", {"amount": "0.50"}).json
    at = refund["date_created_gmt"]
    assert shop.get("/refunds", after=at, dates_are_gmt="true") == []
    assert len(shop.get("/refunds", after="2020-01-01T00:00:00", orderby="modified", order="asc")) == 1


def test_restocking_puts_units_back_unless_told_not_to(shop: Caller) -> None:
    number = shop.make("split")
    first, second = shop.get(f"/orders/{number}")["line_items"]
    shop.call("POST", f"/orders/{number}/refunds", ask_for(first, 1))
    shop.call("POST", f"/orders/{number}/refunds", ask_for(second, 1, api_restock=False))
    stock = shop.client.get("/_twin/stock").json["stock"]
    assert (stock[first["sku"]], stock[second["sku"]]) == (501, 500)


def variable(shop: Caller) -> dict[str, Any]:
    return next(product for product in shop.get("/products", per_page=100) if product["type"] == "variable")


def test_stock_is_pushed_to_variations_and_simple_products(shop: Caller) -> None:
    product = variable(shop)
    path = f"/products/{product['id']}/variations"
    wanted = shop.get(path)[0]
    changed = shop.call("PUT", f"{path}/{wanted['id']}", {"manage_stock": True, "stock_quantity": 12}).json
    assert (changed["stock_quantity"], changed["sku"]) == (12, wanted["sku"])
    simple = next(found for found in shop.get("/products", per_page=100) if found["type"] == "simple")
    shop.call("PUT", f"/products/{simple['id']}", {"stock_quantity": 0})
    assert shop.get(f"/products/{simple['id']}")["stock_status"] == "outofstock"
    stock = shop.client.get("/_twin/stock").json["stock"]
    assert (stock[wanted["sku"]], stock[simple["sku"]]) == (12, 0)


def test_a_batch_tells_errors_in_their_places(shop: Caller) -> None:
    product = variable(shop)
    path = f"/products/{product['id']}/variations"
    good = product["variations"][0]
    update = [{"id": good, "stock_quantity": 3}, {"id": 1, "stock_quantity": 3}, {"id": good, "stock_quantity": "x"}]
    found = shop.call("POST", f"{path}/batch", {"update": update}).json["update"]
    assert found[0]["stock_quantity"] == 3
    assert [row["error"]["code"] for row in found[1:]] == [
        "woocommerce_rest_product_variation_invalid_id", "rest_invalid_param",
    ]  # fmt: skip
    many = shop.call("POST", "/products/batch", {"update": [{"id": 1}] * 101})
    assert refused(many) == (413, "woocommerce_rest_request_entity_too_large")
    assert refused(shop.call("PUT", "/products/1", {})) == (400, "woocommerce_rest_product_invalid_id")


def test_goods_are_found_by_sku(shop: Caller) -> None:
    product = variable(shop)
    code = shop.get(f"/products/{product['id']}/variations", per_page=1)[0]["sku"]
    assert [found["id"] for found in shop.get("/products", sku=code)] == [product["id"]]
    assert [found["sku"] for found in shop.get(f"/products/{product['id']}/variations", sku=code)] == [code]
