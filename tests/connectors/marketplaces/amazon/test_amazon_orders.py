"""Parsing orders: every status, who fulfils, money in its hard cases, what is missing, what is not known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.records import Fulfiller, OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.amazon.orders import parse_order
from tests.connectors.marketplaces.amazon.papers import (
    NAME,
    PHONE,
    STREET,
    a_package,
    a_part,
    an_item,
    body,
    usd,
)

TAX = a_part("TAX", "2.40", item="2.00", shipping="0.40")
PARTS = [a_part("ITEM", "20.00"), a_part("SHIPPING", "4.00"), TAX]


def fulfilled_by(who: str, status: str = "UNSHIPPED") -> dict[str, str]:
    return {"fulfillmentStatus": status, "fulfilledBy": who}


def lines_by_kind(order: OrderRecord) -> dict[str, tuple[int, int, int, int]]:
    return {
        line.kind: (line.list_amount, line.discount_merchant, line.tax_amount, line.paid_amount) for line in order.lines
    }


@pytest.mark.parametrize(
    ("status", "state", "holds"),
    [
        ("PENDING_AVAILABILITY", OrderState.UNPAID, ()),
        ("PENDING", OrderState.UNPAID, ()),
        ("UNSHIPPED", OrderState.OPEN, ()),
        ("PARTIALLY_SHIPPED", OrderState.PART_SHIPPED, ()),
        ("SHIPPED", OrderState.SHIPPED, ()),
        ("CANCELLED", OrderState.CANCELLED, ()),
        ("UNFULFILLABLE", OrderState.OPEN, ("unfulfillable",)),
        ("TELEPORTED", OrderState.UNPAID, ("unknown_status",)),
    ],
)
def test_each_status_becomes_a_state(status: str, state: OrderState, holds: tuple[str, ...]):
    order = parse_order(body(status=status))
    assert (order.state, order.platform_holds, order.platform_status) == (state, holds, status)
    assert bool(order.alerts) is (status == "TELEPORTED")


def test_an_order_tells_receiver_deadline_and_times():
    order = parse_order(body())
    assert (order.receiver.name, order.receiver.phone, order.receiver.address) == (NAME, PHONE, STREET)
    assert (order.receiver.country, order.receiver.state, order.receiver.postcode) == ("US", "OR", "97201")
    assert order.ship_by == datetime(2026, 3, 4, 7, 59, 59, tzinfo=UTC)
    assert order.paid_at == order.created_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert order.buyer.external_id == "alias-7@marketplace.example"


def test_an_order_amazon_fulfils_is_told_as_the_platform_s():
    order = parse_order(body(fulfillment=fulfilled_by("AMAZON"), recipient=None))
    assert {line.fulfiller for line in order.lines} == {Fulfiller.PLATFORM}
    assert not order.alerts


def test_an_order_of_an_unknown_fulfiller_is_held():
    order = parse_order(body(fulfillment=fulfilled_by("ROBOTS")))
    assert order.platform_holds == ("unknown_fulfiller",)
    assert order.alerts == ("fulfilledBy=ROBOTS",)


@pytest.mark.parametrize(
    ("program", "hold"),
    [("AMAZON_EASY_SHIP", "easy_ship"), ("IN_STORE_PICK_UP", "in_store_pick_up"), ("PREMIUM", None), ("ODD", None)],
)
def test_programmes_with_a_carrier_of_their_own_are_held(program: str, hold: str | None):
    order = parse_order(body(programs=[program]))
    assert order.platform_holds == ((hold,) if hold else ())
    assert bool(order.alerts) is (program == "ODD")


def test_a_receiver_that_is_left_out_names_the_role_that_is_lacking():
    order = parse_order(body(recipient=None))
    assert order.receiver.is_blank
    assert "role" in order.alerts[0]


def test_a_pending_order_without_prices_is_unpaid_and_takes_its_currency_from_the_marketplace():
    bare = an_item(proceeds=None, product={"asin": "B00TEST1", "title": "Mug", "sellerSku": "MUG-1"})
    order = parse_order(body(bare, status="PENDING", proceeds=None, recipient=None))
    assert (order.currency, order.paid_total, order.paid_at, order.payments) == ("USD", 0, None, ())
    assert order.alerts == ()


def test_an_unknown_marketplace_without_prices_needs_the_account_s_currency():
    bare = an_item(proceeds=None, product={"asin": "B00TEST1"})
    unknown = body(bare, proceeds=None, salesChannel={"channelName": "AMAZON", "marketplaceId": "A0NEW"})
    assert parse_order(unknown, "SEK").currency == "SEK"
    with pytest.raises(BadRecord, match="currency"):
        parse_order(unknown)


def test_an_item_names_its_offer_as_listings_do():
    line = parse_order(body(an_item())).lines[0]
    assert (line.listing_no, line.variant_no, line.seller_code) == ("B00TEST1", "MUG-1", "MUG-1")


def test_american_prices_have_their_tax_added():
    order = parse_order(body(an_item(total="26.40", parts=PARTS)))
    assert lines_by_kind(order) == {"goods": (2000, 0, 200, 2200), "freight": (400, 0, 40, 440)}
    assert not any(line.tax_included for line in order.lines)
    assert order.paid_total == 2640


def test_european_prices_hold_their_tax():
    order = parse_order(body(an_item(total="24.00", parts=PARTS)))
    assert lines_by_kind(order) == {"goods": (2000, 0, 200, 2000), "freight": (400, 0, 40, 400)}
    assert all(line.tax_included for line in order.lines)
    assert order.paid_total == 2400


def test_tax_that_amazon_remits_and_keeps_out_of_the_total_is_not_the_seller_s():
    facilitated = {"taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon"}]}
    order = parse_order(body(an_item(total="24.00", parts=PARTS, tax=facilitated)))
    assert lines_by_kind(order) == {"goods": (2000, 0, 0, 2000), "freight": (400, 0, 0, 400)}


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_discount_counts_with_either_sign_and_goes_where_it_belongs(sign: str):
    discount = a_part("DISCOUNT", f"{sign}7.00", item=f"{sign}3.00", shipping=f"{sign}4.00")
    item = an_item(
        total="17.00",
        parts=[a_part("ITEM", "20.00"), a_part("SHIPPING", "4.00"), discount],
        promotion={"breakdowns": [{"promotionId": "SPRING"}, {"promotionId": "FREESHIP"}]},
    )
    order = parse_order(body(item))
    assert lines_by_kind(order) == {"goods": (2000, 300, 0, 1700), "freight": (400, 400, 0, 0)}
    assert [(each.amount, each.promotion_no, each.line_no) for each in order.promotions] == [
        (300, "SPRING,FREESHIP", "90001")
    ]


def test_shipping_of_several_items_is_one_line_and_gift_wrap_another():
    first = an_item(1, "25.00", [a_part("ITEM", "20.00"), a_part("SHIPPING", "3.00"), a_part("GIFT_WRAP", "2.00")])
    second = an_item(2, "22.00", [a_part("ITEM", "20.00"), a_part("SHIPPING", "2.00")])
    order = parse_order(body(first, second))
    assert [(line.external_no, line.kind, line.paid_amount) for line in order.lines] == [
        ("90001", "goods", 2000),
        ("90002", "goods", 2000),
        ("shipping", "freight", 500),
        ("gift_wrap", "service", 200),
    ]


def test_a_delivery_tip_is_a_line_of_its_own():
    proceeds = {"grandTotal": usd("25.00"), "breakdowns": [a_part("ITEM", "20.00"), a_part("DELIVERY_TIP", "5.00")]}
    order = parse_order(body(proceeds=proceeds))
    assert [(line.kind, line.paid_amount) for line in order.lines] == [("goods", 2000), ("tip", 500)]
    assert order.alerts == ()


@pytest.mark.parametrize(("total", "paid", "kinds"), [("23.00", 2300, ["goods", "fee"]), ("18.00", 2000, ["goods"])])
def test_a_total_that_differs_from_its_items_is_alerted(total: str, paid: int, kinds: list[str]):
    order = parse_order(body(proceeds={"grandTotal": usd(total)}))
    assert order.paid_total == paid
    assert [line.kind for line in order.lines] == kinds
    assert "grandTotal" in order.alerts[0]


@pytest.mark.parametrize(("total", "paid"), [("21.50", 2150), ("18.50", 1850)])
def test_an_item_s_total_that_its_parts_do_not_explain_still_adds_up(total: str, paid: int):
    order = parse_order(body(an_item(total=total)))
    assert order.paid_total == paid
    assert "proceedsTotal" in order.alerts[0]


def test_yen_have_no_cents():
    item = an_item(
        parts=[a_part("ITEM", "19940", "JPY")],
        product={"asin": "B0", "sellerSku": "S", "price": {"unitPrice": usd("19940", "JPY")}},
    )
    item["proceeds"]["proceedsTotal"] = usd("19940", "JPY")
    order = parse_order(body(item, proceeds={"grandTotal": usd("19940", "JPY")}))
    assert (order.currency, order.paid_total) == ("JPY", 19940)


def test_a_replacement_costs_nothing_and_is_no_gift():
    item = an_item(total="0.00", parts=[a_part("ITEM", "0.00")])
    order = parse_order(body(item, associatedOrders=[{"orderId": "1", "associationType": "REPLACEMENT_ORIGINAL_ID"}]))
    assert (order.state, order.paid_total, order.payments) == (OrderState.OPEN, 0, ())
    assert not order.lines[0].is_gift


@pytest.mark.parametrize(
    "changes",
    [
        {"payment": {"paymentExecutions": [{"paymentMethod": "CashOnDelivery", "paymentAmount": usd("20.00")}]}},
        {"items": {"shipping": {"shippingConstraints": {"cashOnDelivery": "MANDATORY"}}, "quantityUnfulfilled": 2}},
    ],
)
def test_cash_on_delivery_is_known_by_payment_or_by_item(changes: dict[str, Any]):
    item = an_item(fulfillment=changes.pop("items")) if "items" in changes else an_item()
    order = parse_order(body(item, **changes))
    assert order.is_cod
    assert order.paid_at is None
    assert [(each.kind, each.amount, each.paid_at) for each in order.payments] == [(PaymentKind.COD, 2000, None)]


def test_payments_that_add_up_are_told_one_by_one():
    executions = [
        {"paymentMethod": "GiftCard", "paymentAmount": usd("5.00")},
        {"paymentMethod": "CreditCard", "paymentAmount": usd("15.00")},
    ]
    order = parse_order(body(payment={"paymentExecutions": executions}))
    assert [(each.amount, each.reference) for each in order.payments] == [(500, "GiftCard"), (1500, "CreditCard")]


def test_a_buyer_who_asks_to_cancel_is_told_on_the_items_asked_for():
    asked = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "changed my mind"}}
    order = parse_order(body(an_item(1, cancellation=asked), an_item(2)))
    assert [line.refund for line in order.lines] == [RefundState.ASKED, RefundState.NONE]


def test_a_cancelled_item_is_cancelled_in_an_order_that_goes_on():
    gone = an_item(
        2,
        "0.00",
        [],
        quantityOrdered=0,
        product={"asin": "B0", "sellerSku": "S"},
        cancellation={"cancellationExecution": {"cancelledBy": "MERCHANT"}},
        fulfillment={"quantityFulfilled": 0, "quantityUnfulfilled": 0},
    )
    order = parse_order(body(an_item(1), gone))
    assert [(line.state, line.units) for line in order.lines] == [(OrderState.OPEN, 2), (OrderState.CANCELLED, 1)]
    assert order.paid_total == 2000


def test_items_of_a_part_shipment_have_their_own_states_and_waybills():
    sent = an_item(1, fulfillment={"quantityFulfilled": 2, "quantityUnfulfilled": 0})
    half = an_item(2, fulfillment={"quantityFulfilled": 1, "quantityUnfulfilled": 1})
    packages = [
        a_package("1", "1Z1", _90001=2) | {"carrier": "SF Express"},
        a_package("2", "1ZX", "CANCELLED", _90003=2),
        a_package("3", "1Z3", _90002=1) | {"carrier": "Pony"},
    ]
    order = parse_order(body(sent, half, an_item(3), status="PARTIALLY_SHIPPED", packages=packages))
    assert [(line.state, line.waybill_no) for line in order.lines] == [
        (OrderState.SHIPPED, "1Z1"),
        (OrderState.PART_SHIPPED, "1Z3"),
        (OrderState.OPEN, ""),
    ]
    assert order.lines[0].shipped_at == datetime(2026, 3, 1, 20, tzinfo=UTC)
    assert [line.carrier for line in order.lines] == ["SF", "Pony", ""]


@pytest.mark.parametrize(("last", "state"), [("DELIVERED", OrderState.COMPLETED), ("IN_TRANSIT", OrderState.SHIPPED)])
def test_an_order_is_complete_once_every_package_arrived(last: str, state: OrderState):
    packages = [a_package("1", "1Z1", "DELIVERED", _90001=1), a_package("2", "1Z2", last, _90001=1)]
    assert parse_order(body(status="SHIPPED", packages=packages)).state is state


def test_gift_words_wishes_presale_and_tax_number_are_told():
    gift = {"quantityUnfulfilled": 2, "packing": {"giftOption": {"giftMessage": "Many happy returns"}}}
    order = parse_order(
        body(
            an_item(fulfillment=gift),
            status="PENDING_AVAILABILITY",
            recipient={"deliveryPreference": {"dropOffLocation": "Porch"}},
            tax={
                "taxRegistrations": [
                    {"entityType": "MERCHANT", "taxRegistrationNumber": "1"},
                    {
                        "entityType": "BUYER",
                        "legalName": "Works Ltd",
                        "taxRegistrationType": "VAT",
                        "taxRegistrationNumber": "GB77",
                    },
                ]
            },
        )
    )
    assert order.buyer_message == "Many happy returns\nPorch"
    assert order.is_presale
    assert order.invoice is not None
    assert (order.invoice.title, order.invoice.kind, order.invoice.tax_no) == ("Works Ltd", "company", "GB77")
