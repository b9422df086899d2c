"""Orders: every status, the money, the lists with their pages and windows, changes, the trash."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.woocommerce.status import STATUS_SQL, shown_status
from connectors.sandbox.woocommerce.twin import WooTwin

from .caller import Caller, refused

SHOWN = {
    "plain": "processing", "split": "processing", "bundle": "processing", "gift": "processing", "cod": "processing",
    "held": "on-hold", "unpaid": "pending", "draft": "checkout-draft", "failed": "failed", "bank_transfer": "on-hold",
    "custom_status": "wait-supplier", "untaxed": "processing", "tax_excluded": "processing", "fee": "processing",
    "product_gone": "processing", "unknown_sku": "processing",
}  # fmt: skip


def gross(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["total"]) + Decimal(row["total_tax"]) for row in rows), Decimal(0))


@pytest.mark.parametrize(("kind", "status"), list(SHOWN.items()))
def test_every_kind_shows_its_status_and_adds_up(shop: Caller, kind: str, status: str) -> None:
    number = shop.make(kind)
    order = shop.get(f"/orders/{number}")
    assert order["status"] == status
    parts = gross(order["line_items"]) + gross(order["shipping_lines"]) + gross(order["fee_lines"])
    assert Decimal(order["total"]) == parts == Decimal(shop.trade(number)["payment"]) / 100
    assert order["total_tax"] == f"{Decimal(order['cart_tax']) + Decimal(order['shipping_tax']):.2f}"
    assert order["number"] != str(order["id"]) == number
    assert [line["id"] for line in order["line_items"]] == [int(line["oid"]) for line in shop.trade(number)["lines"]]


def test_an_order_looks_like_the_platforms(shop: Caller) -> None:
    order = shop.get(f"/orders/{shop.make()}")
    line = order["line_items"][0]
    assert isinstance(line["price"], int | float)
    assert line["price"] * line["quantity"] == pytest.approx(float(line["total"]))
    assert "T" in order["date_created_gmt"]
    assert "Z" not in order["date_created_gmt"]
    assert order["date_created"] != order["date_created_gmt"]
    assert (order["shipping"]["country"], order["shipping"]["state"][:2]) == ("CN", "CN")
    assert "email" in order["billing"]
    assert "email" not in order["shipping"]
    assert order["date_paid_gmt"] is not None
    assert shop.get(f"/orders/{shop.make('unpaid')}")["date_paid_gmt"] is None
    assert shop.get(f"/orders/{shop.make('cod')}")["payment_method"] == "cod"
    assert shop.get(f"/orders/{shop.make('product_gone')}")["line_items"][0]["sku"] is None
    assert shop.get(f"/orders/{order['id']}", dp=4)["total"] == order["total"] + "00"
    assert set(shop.get(f"/orders/{order['id']}", _fields="id,status")) == {"id", "status"}


def test_lists_page_with_totals_and_links(shop: Caller) -> None:
    shop.twin.create({"plain": 5})
    seen: list[int] = []
    for page in (1, 2, 3, 4):
        response = shop.call("GET", "/orders", per_page=2, page=page, orderby="modified", order="asc")
        seen += [order["id"] for order in response.json]
        assert (response.headers["X-WP-Total"], response.headers["X-WP-TotalPages"]) == ("5", "3")
        assert ('rel="next"' in response.headers.get("Link", "")) is (page < 3)
    assert seen == sorted(seen)
    assert len(seen) == 5
    assert [order["id"] for order in shop.get("/orders")] == seen[::-1]


def test_windows_exclude_their_ends_and_follow_the_time_zone(shop: Caller) -> None:
    order = shop.get(f"/orders/{shop.make()}")
    gmt, local = order["date_modified_gmt"], order["date_modified"]
    assert shop.get("/orders", modified_after=gmt, dates_are_gmt="true") == []
    assert shop.get("/orders", modified_before=gmt, dates_are_gmt="true") == []
    assert shop.get("/orders", modified_after=local) == []
    # Without the flag a GMT time is taken for local time, eight hours too early.
    assert len(shop.get("/orders", modified_after=gmt)) == 1
    assert len(shop.get("/orders", after="2020-01-01T00:00:00", modified_after="2020-01-01T00:00:00")) == 1
    assert shop.get("/orders", after="2020-01-01T00:00:00", modified_before="2020-01-01T00:00:00") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("per_page", "101"), ("per_page", "0"), ("page", "0"), ("page", "x"), ("orderby", "color"), ("order", "up"),
        ("status", "paid"), ("modified_after", "yesterday"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_named(shop: Caller, name: str, value: str) -> None:
    response = shop.call("GET", "/orders", **{name: value})
    assert refused(response) == (400, "rest_invalid_param")
    assert list(response.json["data"]["params"]) == [name]


def test_lists_filter_by_status_as_documents_show_it(shop: Caller) -> None:
    numbers = {shop.make(kind): status for kind, status in SHOWN.items()}
    for status in {*numbers.values()}:
        listed = shop.get("/orders", status=status, per_page=100)
        assert {str(order["id"]) for order in listed} == {n for n, found in numbers.items() if found == status}
    both = shop.get("/orders", **{"status[]": ["pending", "failed"]})
    assert {order["status"] for order in both} == {"pending", "failed"}
    assert len(shop.get("/orders", include=",".join(list(numbers)[:2]))) == 2


def sql_statuses(twin: WooTwin) -> dict[str, str]:
    rows: list[sqlite3.Row] = twin.storage.rows(f"select number, {STATUS_SQL} as shown from sale")
    return {row["number"]: row["shown"] for row in rows}


def test_the_list_and_the_document_agree_on_every_status(shop: Caller) -> None:
    numbers = [shop.make(kind) for kind in SHOWN]
    for n, status in enumerate(("completed", "cancelled", "refunded", "failed", "on-hold", "pending", "processing")):
        assert shop.call("PUT", f"/orders/{numbers[n]}", {"status": status}).json["status"] == status
    shop.verb(numbers[-1], "trash")
    sales = {sale.number: shown_status(sale.doc) for sale in shop.twin.market.shelves.sales()}
    assert sql_statuses(shop.twin) == sales
    assert {"completed", "cancelled", "refunded", "trash"} <= set(sales.values())


def test_a_change_is_shown_and_reaches_the_sale(shop: Caller) -> None:
    number = shop.make()
    body = {"meta_data": [{"key": "_hub", "value": "h1"}], "customer_note": "请轻放", "status": "on-hold"}
    order = shop.call("PUT", f"/orders/{number}", body).json
    assert ({"key": "_hub", "value": "h1"}.items() <= order["meta_data"][-1].items(), order["customer_note"]) == (
        True, "请轻放",
    )  # fmt: skip
    assert not shop.trade(number)["payable"]
    assert shop.call("PUT", f"/orders/{number}", {"status": "processing"}).json["status"] == "processing"
    assert shop.trade(number)["payable"]
    assert shop.call("PUT", f"/orders/{number}", {"status": "cancelled"}).json["status"] == "cancelled"
    assert shop.trade(number)["status"] == "cancelled"


def test_completing_ships_with_the_waybill_of_the_meta(shop: Caller) -> None:
    number = shop.make("cod")
    meta = [{"key": "_tracking_number", "value": "SF1"}, {"key": "_tracking_provider", "value": "SF Express"}]
    order = shop.call("PUT", f"/orders/{number}", {"meta_data": meta, "status": "completed"}).json
    assert order["date_completed_gmt"]
    assert order["date_paid_gmt"]
    told = [(s["company_code"], s["out_sid"], s["kind"]) for s in shop.trade(number)["shipments"]]
    assert told == [("SF Express", "SF1", "completed")]


def test_a_line_is_removed_by_quantity_zero(shop: Caller) -> None:
    number = shop.make("split")
    first, second = shop.get(f"/orders/{number}")["line_items"]
    order = shop.call("PUT", f"/orders/{number}", {"line_items": [{"id": first["id"], "quantity": 0}]}).json
    assert [line["id"] for line in order["line_items"]] == [second["id"]]
    foreign = shop.call("PUT", f"/orders/{number}", {"line_items": [{"id": 1, "quantity": 0}]})
    assert refused(foreign) == (400, "woocommerce_rest_invalid_item_id")


def test_unknown_orders_and_statuses_are_refused(shop: Caller) -> None:
    assert refused(shop.call("GET", "/orders/1")) == (404, "woocommerce_rest_shop_order_invalid_id")
    assert refused(shop.call("PUT", "/orders/1", {})) == (400, "woocommerce_rest_shop_order_invalid_id")
    assert refused(shop.call("PUT", f"/orders/{shop.make()}", {"status": "paid"})) == (400, "rest_invalid_param")


def test_the_trash_hides_an_order_until_it_is_restored_or_deleted(shop: Caller) -> None:
    number = shop.make()
    assert shop.call("DELETE", f"/orders/{number}").json["status"] == "trash"
    assert shop.get("/orders") == []
    assert [order["status"] for order in shop.get("/orders", status="trash")] == ["trash"]
    assert (shop.get(f"/orders/{number}")["status"], shop.trade(number)["payable"]) == ("trash", False)
    assert refused(shop.call("DELETE", f"/orders/{number}")) == (410, "woocommerce_rest_already_trashed")
    assert shop.verb(number, "restore").status_code == 200
    assert (shop.get("/orders")[0]["status"], shop.trade(number)["payable"]) == ("processing", True)
    assert shop.verb(number, "restore").status_code == 409
    shop.call("DELETE", f"/orders/{number}", force="true")
    assert refused(shop.call("GET", f"/orders/{number}")) == (404, "woocommerce_rest_shop_order_invalid_id")
    assert shop.get("/orders", status="trash") == []


def test_notes_are_the_memo(shop: Caller) -> None:
    number = shop.make()
    assert refused(shop.call("POST", f"/orders/{number}/notes", {})) == (400, "rest_missing_callback_param")
    assert shop.call("POST", f"/orders/{number}/notes", {"note": "老客户"}).status_code == 201
    shop.call("POST", f"/orders/{number}/notes", {"note": "已发货", "customer_note": True})
    assert [note["note"] for note in shop.get(f"/orders/{number}/notes")] == ["已发货", "老客户"]
    assert shop.trade(number)["memo"] == "老客户"


def test_plain_permalinks_and_slashes_reach_the_same_order(start: Callable[..., Caller]) -> None:
    shop = start()
    number = shop.make()
    plain = shop.client.get("/", query_string={"rest_route": f"/wc/v3/orders/{number}"}, headers=shop.basic)
    assert plain.json["id"] == int(number)
    assert shop.call("GET", f"/orders/{number}/").json["id"] == int(number)


@pytest.mark.parametrize("spoil", WooTwin.spoils)
def test_a_damaged_order_is_shown_damaged_until_mended(shop: Caller, spoil: str) -> None:
    made = shop.twin.create({"bad": len(WooTwin.spoils)})["bad"]
    number = made[spoil][0]
    before = shop.get(f"/orders/{number}")
    shop.verb(number, "mend")
    after = shop.get(f"/orders/{number}")
    changed = {name for name in after if before.get(name) != after[name]}
    wanted = {"amount_text": "total", "missing_lines": "line_items", "unknown_status": "status",
              "amounts_do_not_add_up": "line_items", "time_text": "date_created_gmt"}  # fmt: skip
    assert wanted[spoil] in changed
