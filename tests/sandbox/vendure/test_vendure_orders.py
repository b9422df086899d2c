"""Orders as they are listed and shown: filters, paging, states, money, stamps, damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sandbox.kit import TwinOptions
from connectors.sandbox.vendure.twin import VendureTwin
from tests.sandbox.vendure.caller import Caller

PLACED = {"active": {"eq": False}, "orderPlacedAt": {"isNull": False}}


def ids(found: dict[str, object]) -> list[str]:
    return [row["id"] for row in found["items"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "state", "payment"),
    [
        ("plain", "PaymentSettled", "Settled"), ("cod", "PaymentAuthorized", "Authorized"),
        ("pre_auth", "PaymentAuthorized", "Authorized"), ("held", "OnHold", "Settled"),
        ("modifying", "Modifying", "Settled"), ("additional_payment", "ArrangingAdditionalPayment", "Settled"),
    ],
)  # fmt: skip
def test_placed_orders_show_their_state(shop: Caller, kind: str, state: str, payment: str) -> None:
    (number,) = shop.buy(kind)
    order = shop.order(number)
    assert (order["state"], order["active"], order["payments"][0]["state"]) == (state, False, payment)
    assert order["orderPlacedAt"].endswith("Z")


@pytest.mark.parametrize(
    ("kind", "state", "active"),
    [("unpaid", "ArrangingPayment", True), ("cart", "AddingItems", True), ("draft", "Draft", False),
     ("declined", "ArrangingPayment", True)],
)  # fmt: skip
def test_carts_are_orders_that_a_filter_keeps_out(shop: Caller, kind: str, state: str, active: bool) -> None:
    (number,) = shop.buy(kind)
    order = shop.order(number)
    assert (order["state"], order["active"], order["orderPlacedAt"]) == (state, active, None)
    assert ids(shop.list()) == [number]
    assert ids(shop.list(filter=PLACED)) == []


def test_a_cart_that_is_paid_becomes_an_order(shop: Caller) -> None:
    (number,) = shop.buy("unpaid")
    shop.act(number, "pay")
    order = shop.order(number)
    assert order["state"] == "PaymentSettled"
    assert [one["amount"] for one in order["payments"]] == [order["totalWithTax"]]
    assert ids(shop.list(filter=PLACED)) == [number]


def test_lists_are_paged_by_skip_and_take_and_bounded(shop: Caller) -> None:
    made = shop.buy("plain", 7)
    sort = {"updatedAt": "ASC"}
    pages = [shop.list(skip=skip, take=3, sort=sort) for skip in (0, 3, 6)]
    assert [number for page in pages for number in ids(page)] == made
    assert {page["totalItems"] for page in pages} == {7}
    assert ids(shop.list(sort={"updatedAt": "DESC"}, take=1)) == made[-1:]
    query = "query L($o: OrderListOptions) { orders(options: $o) { totalItems } }"
    (error,) = shop.errors(query, o={"take": 1001})
    assert error["extensions"]["code"] == "USER_INPUT_ERROR"


def test_after_is_strict_and_before_too(shop: Caller) -> None:
    made = shop.buy("plain", 3)
    stamps = [shop.order(number)["updatedAt"] for number in made]
    assert ids(shop.list(filter={"id": {"in": made[:2]}})) == made[:2]
    shop.act(made[1], "edit_address")
    moved = shop.order(made[1])["updatedAt"]
    assert ids(shop.list(filter={"updatedAt": {"after": max(stamps)}})) == [made[1]]
    assert ids(shop.list(filter={"updatedAt": {"after": moved}})) == []
    assert made[1] not in ids(shop.list(filter={"updatedAt": {"before": moved}}))
    assert ids(shop.list(filter={"updatedAt": {"between": {"start": moved, "end": moved}}})) == [made[1]]


def test_filters_combine(shop: Caller) -> None:
    (plain,), (cod,) = shop.buy("plain"), shop.buy("cod")
    (cart,) = shop.buy("cart")
    code = shop.order(plain)["code"]
    assert ids(shop.list(filter={"code": {"eq": code}})) == [plain]
    assert ids(shop.list(filter={"state": {"notIn": ["AddingItems", "PaymentSettled"]}})) == [cod]
    either = {"_or": [{"state": {"eq": "AddingItems"}}, {"code": {"contains": code[:6].lower()}}]}
    assert set(ids(shop.list(filter=either))) == {plain, cart}
    both = {"state": {"eq": "AddingItems"}, "code": {"eq": code}}
    assert ids(shop.list(filter=both)) == []
    assert set(ids(shop.list(filter=both, filterOperator="OR"))) == {plain, cart}


@pytest.mark.parametrize("kind", ["plain", "tax_excluded", "untaxed", "surcharge", "bundle", "gift"])
def test_money_adds_up_with_and_without_tax(shop: Caller, kind: str) -> None:
    for number in shop.buy(kind, 5):
        order = shop.order(number)
        surcharges = sum(one["priceWithTax"] for one in order["surcharges"])
        goods = sum(line["proratedLinePriceWithTax"] for line in order["lines"])
        assert goods + surcharges == order["subTotalWithTax"]
        assert order["subTotalWithTax"] + order["shippingWithTax"] == order["totalWithTax"]
        assert order["subTotal"] + order["shipping"] == order["total"]
        (tax,) = order["taxSummary"]
        assert (tax["taxBase"], tax["taxBase"] + tax["taxTotal"]) == (order["total"], order["totalWithTax"])
        assert order["totalWithTax"] == shop.trade(number)["payment"]
        for line in order["lines"]:
            assert line["lineTax"] == line["proratedLinePriceWithTax"] - line["proratedLinePrice"]
            assert line["linePrice"] + sum(cut["amount"] for cut in line["discounts"]) - line["proratedLinePrice"] in (
                -1,
                0,
                1,
            )


def test_children_and_new_states_leave_the_orders_stamp_and_new_amounts_move_it(shop: Caller) -> None:
    (number,) = shop.buy("split")
    first, second = (line["id"] for line in shop.order(number)["lines"])
    before = shop.order(number)["updatedAt"]
    shop.do("addNoteToOrder", input={"id": number, "note": "速发", "isPublic": False})
    shop.parcel({first: 1})
    shop.ship(number, {second: 1}, "ZT2")
    assert shop.order(number)["state"] == "PartiallyShipped"
    assert shop.order(number)["updatedAt"] == before
    shop.do("cancelOrder", input={"orderId": number, "lines": [{"orderLineId": first, "quantity": 1}]})
    assert shop.order(number)["updatedAt"] > before


def test_a_cart_that_is_paid_is_placed_later_than_it_was_changed(shop: Caller) -> None:
    (number,) = shop.buy("unpaid")
    before = shop.order(number)["updatedAt"]
    shop.act(number, "pay")
    order = shop.order(number)
    assert order["updatedAt"] == before < order["orderPlacedAt"]


def test_the_setting_lets_children_move_the_stamp(tmp_path: Path) -> None:
    twin = VendureTwin(TwinOptions(tmp_path, settings={"children_touch": True}))
    shop = Caller(twin)
    (number,) = shop.buy()
    before = shop.order(number)["updatedAt"]
    shop.do("addNoteToOrder", input={"id": number, "note": "速发", "isPublic": False})
    assert shop.order(number)["updatedAt"] > before
    twin.close()


def test_a_changed_order_takes_or_gives_back_the_difference(shop: Caller) -> None:
    (number,) = shop.buy("split")
    shop.act(number, "edit_quantity")
    (more,) = shop.order(number)["modifications"]
    assert more["priceChange"] > 0
    shop.act(number, "remove_line")
    order = shop.order(number)
    assert order["modifications"][-1]["priceChange"] < 0
    taken = sum(one["amount"] for one in order["payments"])
    back = sum(one["total"] for paid in order["payments"] for one in paid["refunds"])
    assert taken - back == order["totalWithTax"] == shop.trade(number)["payment"]


def test_multivendor_orders_tell_their_type_and_owe_once(shop: Caller) -> None:
    (seller,), (aggregate,) = shop.buy("seller"), shop.buy("aggregate")
    assert (shop.order(seller)["type"], shop.order(aggregate)["type"]) == ("Seller", "Aggregate")
    assert ids(shop.list(filter={"type": {"in": ["Regular", "Seller"]}})) == [seller]
    assert (shop.trade(seller)["payable"], shop.trade(aggregate)["payable"]) == (True, False)


def test_damaged_documents_are_damaged_one_way_each_until_mended(shop: Caller) -> None:
    made = shop.twin.create({"bad": 5})["bad"]
    shown = {kind: shop.order(number) for kind, (number,) in made.items()}
    assert shown["amount_text"]["totalWithTax"] == "abc"
    assert shown["missing_lines"]["lines"] == []
    assert shown["unknown_status"]["state"] == "AwaitingAlignment"
    assert shown["time_text"]["orderPlacedAt"] == "昨天下午"
    wrong = shown["amounts_do_not_add_up"]
    assert sum(line["proratedLinePriceWithTax"] for line in wrong["lines"]) != wrong["subTotalWithTax"]
    (number,) = made["amount_text"]
    assert shop.trade(number)["payable"] is False
    before = shown["amount_text"]["updatedAt"]
    shop.act(number, "mend")
    assert isinstance(shop.order(number)["totalWithTax"], int)
    assert shop.order(number)["updatedAt"] > before


def test_notes_are_history_and_the_newest_private_one_is_the_memo(shop: Caller) -> None:
    (number,) = shop.buy()
    shop.do("addNoteToOrder", input={"id": number, "note": "一", "isPublic": False})
    shop.do("addNoteToOrder", input={"id": number, "note": "二", "isPublic": True})
    notes = [row for row in shop.order(number)["history"]["items"] if row["type"] == "ORDER_NOTE"]
    assert [(row["data"]["note"], row["isPublic"]) for row in notes[-2:]] == [("一", False), ("二", True)]
    assert shop.trade(number)["memo"] == "一"


def test_faults_of_lists(shop: Caller) -> None:
    made = shop.buy("plain", 3)
    sort = {"updatedAt": "ASC"}
    shop.fault("duplicate_rows")
    assert ids(shop.list(sort=sort, take=4)) == [made[0], *made]
    shop.fault("late_rows", ms=60_000)
    assert ids(shop.list(sort=sort)) == []
    shop.fault("moving_rows", max_times=1)
    assert ids(shop.list(sort=sort)) == [*made[1:], made[0]]
    shop.fault("unmoved_stamp")
    before = shop.order(made[1])["updatedAt"]
    shop.act(made[1], "edit_address")
    assert shop.order(made[1])["updatedAt"] == before


def test_a_skewed_clock_stamps_ahead(shop: Caller) -> None:
    (number,) = shop.buy()
    before = shop.order(number)["updatedAt"]
    shop.fault("clock_skew", ms=3_600_000)
    (later,) = shop.buy()
    assert shop.order(later)["createdAt"][11:16] != before[11:16]
