"""Orders: who may ask, every status, the money, the lists with pages, windows and chosen fields, changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.medusa import credentials
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.status import STATUS_SQL, shown_status
from connectors.sandbox.medusa.twin import MedusaTwin

from .caller import SEED, Caller, refused, told

SHOWN = {
    "plain": ("pending", "captured"), "split": ("pending", "captured"), "bundle": ("pending", "captured"),
    "gift": ("pending", "captured"), "unpaid": ("pending", "not_paid"),
    "requires_action": ("requires_action", "captured"),
    "draft": ("draft", "not_paid"), "authorized": ("pending", "authorized"), "unknown_sku": ("pending", "captured"),
    "part_captured": ("pending", "partially_captured"), "tax_excluded": ("pending", "captured"),
    "untaxed": ("pending", "captured"), "tax_included_promotion": ("pending", "captured"),
    "custom_item": ("pending", "captured"), "digital": ("pending", "captured"),
}  # fmt: skip


def exact(row: dict[str, Any], name: str) -> Decimal:
    return Decimal(row[f"raw_{name}"]["value"])


def test_the_secret_key_opens_raw_and_as_a_user_name(store: Caller) -> None:
    raw = {"Authorization": f"Basic {credentials(SEED)['api_key']}"}
    assert store.client.get("/admin/orders", headers=raw).status_code == 200
    assert store.get("/stores")["stores"][0]["supported_currencies"][0]["currency_code"] == "cny"


@pytest.mark.parametrize("value", ["", "Basic sk_wrong", "Basic c2tfd3Jvbmc6", "Basic %%%", "x-medusa-access-token"])
def test_anybody_else_is_unauthorized(store: Caller, value: str) -> None:
    response = store.client.get("/admin/orders", headers={"Authorization": value} if value else {})
    assert (response.status_code, response.json) == (401, {"message": "Unauthorized"})


def test_a_secret_key_as_bearer_is_told_to_use_basic(store: Caller) -> None:
    response = store.client.get("/admin/orders", headers={"Authorization": f"Bearer {credentials(SEED)['api_key']}"})
    assert response.status_code == 401
    assert "HTTP Basic" in told(response)["message"]


@pytest.mark.parametrize(("kind", "shown"), list(SHOWN.items()))
def test_every_kind_shows_its_status_and_adds_up(store: Caller, kind: str, shown: tuple[str, str]) -> None:
    number = store.make(kind)
    order = store.order(number)
    assert (order["status"], order["payment_status"]) == shown
    assert order["fulfillment_status"] == "not_fulfilled"
    rows = [*order["items"], *order["shipping_methods"]]
    total = sum(exact(row, "total") for row in rows)
    assert round(total, 10) == round(exact(order, "total"), 10)
    assert round(total * 100) == store.trade(number)["payment"]
    assert [item["id"] for item in order["items"]] == [line["oid"] for line in store.trade(number)["lines"]]


@pytest.mark.parametrize("kind", ["plain", "tax_excluded", "untaxed", "tax_included_promotion"])
def test_the_total_follows_from_prices_discounts_and_rates(store: Caller, kind: str) -> None:
    for number in store.twin.create({kind: 12})[kind]:
        for item in store.order(number)["items"]:
            factor = 1 + sum((exact(tax, "rate") for tax in item["tax_lines"]), Decimal(0)) / 100
            gross = item["is_tax_inclusive"]
            before = exact(item, "unit_price") * item["quantity"] * (1 if gross else factor)
            off = sum(exact(a, "amount") * (1 if a["is_tax_inclusive"] else factor) for a in item["adjustments"])
            assert round(before - off, 8) == round(exact(item, "total"), 8)
            assert isinstance(item["unit_price"], int | float)
            assert (kind == "tax_excluded") is not gross


def test_an_order_looks_like_the_platforms(store: Caller) -> None:
    order = store.order(store.make())
    assert order["id"].startswith("order_01")
    assert order["created_at"].endswith("Z")
    assert (order["shipping_address"]["country_code"], order["shipping_address"]["province"][:3]) == ("cn", "cn-")
    assert "email" not in order
    payment = order["payment_collections"][0]["payments"][0]
    assert (payment["provider_id"], payment["captures"][0]["amount"]) == ("pp_system_default", order["total"])
    assert order["summary"]["pending_difference"] == 0


def test_fields_choose_add_and_take_away(store: Caller) -> None:
    number = store.make()
    default = store.order(number)
    assert set(store.order(number, "+email")) == {*default, "email"}
    assert set(store.order(number, "-metadata,+email")) == {*default, "email"} - {"metadata"}
    named = store.order(number, "id,email,items.quantity,*payment_collections.payments,*transactions")
    assert set(named) == {
        "id", "email", "items", "status", "version", "payment_collections", "fulfillments", "payment_status",
        "fulfillment_status", "transactions",
    }  # fmt: skip
    assert set(named["items"][0]) == {"quantity", "raw_quantity"}
    assert "captures" not in named["payment_collections"][0]["payments"][0]
    assert "total" not in store.order(number, "id,*items")["items"][0]
    assert "total" in store.order(number, "id,total,*items")["items"][0]
    listed = store.get("/orders")["orders"][0]
    assert "payment_collections" not in listed
    assert "items" in listed
    assert set(store.order(number, "id,nope")) == set(store.order(number, "id"))


def test_lists_page_and_sort(store: Caller) -> None:
    made = store.twin.create({"plain": 5, "draft": 1})["plain"]
    seen: list[str] = []
    for offset in (0, 2, 4, 6):
        page = store.get("/orders", limit=2, offset=offset, order="updated_at")
        assert (page["count"], page["limit"], page["offset"]) == (5, 2, offset)
        seen += [order["id"] for order in page["orders"]]
    assert seen == made
    assert [order["id"] for order in store.get("/orders")["orders"]] == sorted(made)
    assert [order["id"] for order in store.get("/orders", order="-created_at")["orders"]] == made[::-1]
    assert store.get("/orders")["limit"] == 15
    assert store.get("/orders", {"id[]": made[:2]})["count"] == 2


def test_windows_know_their_operators(store: Caller) -> None:
    number = store.make()
    moment = store.order(number)["updated_at"]
    counts = {
        operator: store.get("/orders", {f"updated_at[{operator}]": moment})["count"]
        for operator in ("$gte", "$gt", "$lte", "$lt")
    }
    assert counts == {"$gte": 1, "$gt": 0, "$lte": 1, "$lt": 0}
    assert store.get("/orders", {"created_at[$gte]": moment, "updated_at[$lt]": moment})["count"] == 0
    # What filters nothing changes nothing.
    assert store.get("/orders", {"updated_at[$foo]": moment, "fulfillment_status": "shipped", "x": 1})["count"] == 1


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("limit", "x", (400, "invalid_data")), ("order", "color", (500, "unknown_error")),
        ("order", "updated_at,id", (500, "unknown_error")), ("updated_at[$gte]", "x", (500, "unknown_error")),
        ("offset", "-1", (500, "unknown_error")), ("status", "paid", (500, "unknown_error")),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(store: Caller, name: str, value: str, answer: tuple[int, str]) -> None:
    assert refused(store.call("GET", "/orders", **{name: value})) == answer


def test_lists_filter_by_status_as_documents_show_it(store: Caller) -> None:
    numbers = [store.make(kind) for kind in ("plain", "requires_action", "unpaid", "draft")]
    for number, path in zip((store.make(), store.make(), store.make()), ("cancel", "complete", "archive"), strict=True):
        store.post(f"/orders/{number}/{path}")
        numbers.append(number)
    rows = store.twin.storage.rows(f"select number, {STATUS_SQL} as shown from sale")
    shown = {sale.number: shown_status(sale.doc) for sale in store.twin.market.shelves.sales()}
    assert {row["number"]: row["shown"] for row in rows} == shown
    assert {*shown.values()} == {"pending", "requires_action", "draft", "canceled", "completed", "archived"}
    for status in ("pending", "canceled", "archived"):
        listed = store.get("/orders", {"status[]": status})["orders"]
        assert {order["id"] for order in listed} == {n for n, found in shown.items() if found == status}


def test_metadata_is_merged_and_emptied(store: Caller) -> None:
    number = store.make()
    store.verb(number, "edit_memo", memo="老客户")
    before = store.order(number)["updated_at"]
    store.post(f"/orders/{number}", {"metadata": {"hub_memo": "已改发", "a": "b"}})
    order = store.post(f"/orders/{number}", {"metadata": {"a": ""}})["order"]
    assert order["metadata"] == {"memo": "老客户", "hub_memo": "已改发"} | (order["metadata"] or {})
    assert "a" not in order["metadata"]
    assert order["updated_at"] > before
    assert store.trade(number)["memo"] == "老客户\n已改发"
    assert refused(store.call("POST", f"/orders/{number}", {"memo": "x"})) == (400, "invalid_data")


def test_a_new_address_is_shown(store: Caller) -> None:
    number = store.make()
    address = {"first_name": "明", "last_name": "王", "city": "杭州市", "province": "cn-zj", "country_code": "cn"}
    order = store.post(f"/orders/{number}", {"shipping_address": address})["order"]
    assert address.items() <= order["shipping_address"].items()
    assert store.trade(number)["address_changed"]


def test_a_payment_moves_no_stamp_of_its_order(store: Caller) -> None:
    number = store.make("unpaid")
    before = store.order(number)["updated_at"]
    assert store.get("/payments")["count"] == 0
    store.verb(number, "pay")
    order = store.order(number)
    assert (order["payment_status"], order["updated_at"]) == ("captured", before)
    (payment,) = store.get("/payments", {"updated_at[$gt]": before}, fields="id,payment_collection.order.id")["payments"]
    assert payment["payment_collection"]["order"]["id"] == number
    waiting = store.make("authorized")
    number = store.order(waiting)["payment_collections"][0]["payments"][0]["id"]
    assert store.post(f"/payments/{number}/capture")["payment"]["captured_at"]
    assert store.order(waiting)["payment_status"] == "captured"


def test_a_cancelled_order_pays_everything_back(store: Caller) -> None:
    number = store.make()
    order = store.post(f"/orders/{number}/cancel")["order"]
    assert (order["status"], order["payment_status"], order["total"]) == ("canceled", "refunded", 0)
    assert order["payment_collections"][0]["refunded_amount"] * 100 == pytest.approx(store.trade(number)["payment"])
    assert store.trade(number)["payable"] is False
    assert refused(store.call("POST", f"/orders/{number}/cancel")) == (400, "invalid_data")
    unpaid = store.make("authorized")
    assert store.post(f"/orders/{unpaid}/cancel")["order"]["payment_status"] == "canceled"


def test_unknown_addresses_and_orders_are_told(store: Caller) -> None:
    response = store.call("GET", "/orders/order_nope")
    assert response.json == {"type": "not_found", "message": "Order id not found: order_nope"}
    page = store.call("GET", "/nope")
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    broken = store.client.post(f"/admin/orders/{store.make()}", data="{x", headers=store.basic)
    assert refused(broken) == (400, "invalid_data")


def test_identifiers_sort_by_their_serial() -> None:
    found = [counted("order", serial, SEED) for serial in (1, 31, 32, 1023, 1024, 10**7)]
    assert found == sorted(found)
    assert {len(number) for number in found} == {32}


@pytest.mark.parametrize("spoil", MedusaTwin.spoils)
def test_a_damaged_order_is_shown_damaged_until_mended(store: Caller, spoil: str) -> None:
    number = store.twin.create({"bad": len(MedusaTwin.spoils)})["bad"][spoil][0]
    before = store.order(number)
    store.verb(number, "mend")
    after = store.order(number)
    wanted = {"amount_text": "items", "missing_lines": "items", "unknown_status": "status",
              "amounts_do_not_add_up": "payment_collections", "time_text": "created_at"}  # fmt: skip
    assert before.get(wanted[spoil]) != after[wanted[spoil]]


def test_a_restart_on_the_same_folder_goes_on(start: Callable[..., Caller]) -> None:
    number = start().make()
    store = start()
    assert store.order(number)["id"] == number
    assert store.make() > number


@pytest.mark.parametrize(
    ("fault", "status"),
    [("rate_limit", 429), ("expired_session", 401), ("outage", 503), ("http_5xx", 503)],
)
def test_faults_answer_in_the_platforms_place(store: Caller, fault: str, status: int) -> None:
    store.faults({"kind": fault, "seconds": 2, "max_times": 1})
    response = store.call("GET", "/orders")
    assert response.status_code == status
    assert response.headers.get("Retry-After") == ("2" if fault == "rate_limit" else None)
    store.faults()
    assert store.call("GET", "/orders").status_code == 200


def test_a_rate_limit_may_name_no_time(store: Caller) -> None:
    store.faults({"kind": "rate_limit", "seconds": 0})
    assert "Retry-After" not in store.call("GET", "/orders").headers


def test_lists_misbehave_on_demand(store: Caller) -> None:
    made = store.twin.create({"plain": 3})["plain"]
    store.faults({"kind": "duplicate_rows"})
    assert [order["id"] for order in store.get("/orders")["orders"]] == [made[0], *made]
    store.faults({"kind": "late_rows", "ms": 60_000})
    assert store.get("/orders", order="updated_at")["orders"] == []
    store.faults({"kind": "moving_rows", "max_times": 1})
    assert [order["id"] for order in store.get("/orders", order="updated_at")["orders"]] == [*made[1:], made[0]]
    whole = len(store.call("GET", "/orders").get_data())
    store.faults({"kind": "broken_page"})
    assert len(store.call("GET", "/orders").get_data()) == whole // 2
