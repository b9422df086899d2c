"""Orders of Shopify as the hub sees them: states, units, holds, who ships, notes, receivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.manifest import Account
from connectors.contract.records import Fulfiller, OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.shopify import Shopify
from tests.connectors.marketplaces.shopify.papers import (
    LINES,
    NAME,
    PHONE,
    RETURN,
    STREET,
    a_line,
    a_payment,
    a_return,
    an_order,
    fulfilled,
    nodes,
    order_body,
    refunded,
    waiting,
)


def parsed(*lines: dict[str, Any], settings: dict[str, str] | None = None, **changes: Any) -> OrderRecord:
    shopify = Shopify(Account({"shop": "lamps", **(settings or {})}, {}))
    return shopify.parse_order(order_body(an_order(*lines, **changes)))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PAID", OrderState.OPEN),
        ("AUTHORIZED", OrderState.OPEN),
        ("PARTIALLY_REFUNDED", OrderState.OPEN),
        ("PARTIALLY_PAID", OrderState.UNPAID),
        ("PENDING", OrderState.UNPAID),
        ("EXPIRED", OrderState.UNPAID),
        ("VOIDED", OrderState.UNPAID),
    ],
)
def test_the_payment_says_whether_an_order_may_leave(status: str, state: OrderState):
    order = parsed(displayFinancialStatus=status)
    assert order.state is state
    assert {line.state for line in order.lines} == {state}
    assert not order.alerts


def test_the_shop_may_say_that_reserved_money_is_not_enough():
    settings = {"open_statuses": "PAID, PARTIALLY_REFUNDED"}
    assert parsed(displayFinancialStatus="AUTHORIZED", settings=settings).state is OrderState.UNPAID


@pytest.mark.parametrize(
    "status",
    ["UNFULFILLED", "OPEN", "PENDING_FULFILLMENT", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "REQUEST_DECLINED"],
)
def test_what_has_not_left_is_open(status: str):
    order = parsed(displayFulfillmentStatus=status)
    assert order.state is OrderState.OPEN
    assert order.platform_status == f"PAID/{status}"


def test_unknown_statuses_alert_and_hold_and_wait():
    order = parsed(displayFinancialStatus="BARTERED", displayFulfillmentStatus="TELEPORTED")
    assert order.state is OrderState.UNPAID
    assert order.alerts == ("displayFinancialStatus=BARTERED", "displayFulfillmentStatus=TELEPORTED")
    assert order.platform_holds == ("unknown_status",)


def test_a_part_that_left_keeps_its_waybill_and_the_rest_stays_open():
    order = parsed(
        displayFulfillmentStatus="PARTIALLY_FULFILLED",
        fulfillments=[fulfilled((1, 2))],
        fulfillmentOrders=nodes(waiting((1, 0), (2, 2))),
    )
    first, second = order.lines
    assert order.state is OrderState.PART_SHIPPED
    assert (first.state, first.waybill_no, first.carrier) == (OrderState.SHIPPED, "SF100", "SF")
    assert first.shipped_at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    assert (second.state, second.waybill_no) == (OrderState.OPEN, "")


def test_a_line_of_which_some_units_left_is_partly_shipped():
    order = parsed(
        a_line(1),
        displayFulfillmentStatus="PARTIALLY_FULFILLED",
        fulfillments=[fulfilled((1, 1))],
        fulfillmentOrders=nodes(waiting((1, 1))),
    )
    assert (order.lines[0].state, order.lines[0].units) == (OrderState.PART_SHIPPED, 2)


def test_an_order_is_completed_when_all_was_delivered_or_it_was_closed():
    gone = {"displayFulfillmentStatus": "FULFILLED"}
    assert parsed(a_line(1), fulfillments=[fulfilled((1, 2))], **gone).state is OrderState.SHIPPED
    delivered = fulfilled((1, 2), displayStatus="DELIVERED")
    assert parsed(a_line(1), fulfillments=[delivered], **gone).state is OrderState.COMPLETED
    closed = parsed(a_line(1), fulfillments=[fulfilled((1, 2))], closedAt="2026-03-09T00:00:00Z", **gone)
    assert (closed.state, closed.lines[0].state) == (OrderState.COMPLETED, OrderState.COMPLETED)


def test_a_cancelled_fulfilment_does_not_count():
    order = parsed(a_line(1), fulfillments=[fulfilled((1, 2), status="CANCELLED")])
    assert (order.lines[0].state, order.lines[0].waybill_no) == (OrderState.OPEN, "")


def test_a_cancelled_order_is_cancelled_whatever_else_it_says():
    order = parsed(cancelledAt="2026-03-02T02:00:00Z", displayFinancialStatus="REFUNDED")
    assert order.state is OrderState.CANCELLED
    assert {line.state for line in order.lines} == {OrderState.CANCELLED}


def test_units_refunded_before_they_left_are_not_shipped_although_quantity_never_falls():
    order = parsed(a_line(1, quantity=3, currentQuantity=2), refunds=[refunded((1, 1, "CANCEL"))])
    assert (order.lines[0].units, order.lines[0].refund) == (2, RefundState.NONE)
    both = parsed(
        a_line(1, quantity=3, currentQuantity=2),
        refunds=[refunded((1, 1, "CANCEL"))],
        fulfillmentOrders=nodes(waiting((1, 3))),
    )
    assert both.lines[0].units == 2


def test_units_that_came_back_after_they_left_still_count_as_shipped():
    order = parsed(
        a_line(1, quantity=3, currentQuantity=2),
        refunds=[refunded((1, 1, "RETURN"))],
        fulfillments=[fulfilled((1, 2))],
        displayFulfillmentStatus="PARTIALLY_FULFILLED",
    )
    assert (order.lines[0].units, order.lines[0].state) == (3, OrderState.PART_SHIPPED)


def test_fulfilment_orders_tell_what_remains_better_than_the_line():
    order = parsed(
        a_line(1, quantity=3, currentQuantity=3),
        fulfillmentOrders=nodes(waiting((1, 1)), waiting((1, 3), status="CANCELLED")),
    )
    assert order.lines[0].units == 1


def test_a_line_refunded_whole_is_void():
    order = parsed(a_line(1, currentQuantity=0), a_line(2), refunds=[refunded((1, 2, "CANCEL"))])
    first, second = order.lines
    assert (first.refund, first.state, first.units) == (RefundState.SUCCEEDED, OrderState.CANCELLED, 2)
    assert (second.refund, second.state) == (RefundState.NONE, OrderState.OPEN)
    assert order.state is OrderState.OPEN


def test_an_order_with_nothing_left_is_cancelled():
    line = a_line(1, currentQuantity=0)
    order = parsed(line, refunds=[refunded((1, 2, "CANCEL"))], displayFulfillmentStatus="RESTOCKED")
    assert order.state is OrderState.CANCELLED


def test_money_paid_back_in_full_with_the_goods_still_there_holds_the_order():
    order = parsed(displayFinancialStatus="REFUNDED")
    assert (order.state, order.platform_holds) == (OrderState.OPEN, ("refunded_in_full",))


@pytest.mark.parametrize(
    ("status", "refund"),
    [
        ("REQUESTED", RefundState.ASKED),
        ("OPEN", RefundState.AGREED),
        ("DECLINED", RefundState.REFUSED),
        ("CANCELED", RefundState.CLOSED),
        ("CLOSED", RefundState.NONE),
        ("LOST", RefundState.ASKED),
    ],
)
def test_a_return_shows_on_its_line(status: str, refund: RefundState):
    order = parsed(returns=nodes(a_return(status=status)))
    assert (order.lines[0].refund, order.lines[0].case_no) == (refund, RETURN)
    assert order.lines[1].refund is RefundState.NONE
    assert order.alerts == (() if status != "LOST" else ("returns.status=LOST",))


def test_a_hold_names_its_reason_and_moves_the_order_s_stamp():
    held = waiting(
        (1, 2), status="ON_HOLD", updatedAt="2026-03-02T05:00:00Z", fulfillmentHolds=[{"reason": "HIGH_RISK_OF_FRAUD"}]
    )
    order = parsed(a_line(1), displayFulfillmentStatus="ON_HOLD", fulfillmentOrders=nodes(held))
    assert order.platform_holds == ("on_hold:high_risk_of_fraud",)
    assert order.changed_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "hold"),
    [
        ({"status": "SCHEDULED"}, "scheduled"),
        ({"status": "ON_HOLD"}, "on_hold"),
        ({"deliveryMethod": {"methodType": "RETAIL"}}, "delivery:retail"),
    ],
)
def test_goods_that_must_not_leave_now_are_held(changes: dict[str, Any], hold: str):
    assert parsed(a_line(1), fulfillmentOrders=nodes(waiting((1, 2), **changes))).platform_holds == (hold,)


@pytest.mark.parametrize(
    ("method", "way"), [("PICK_UP", "store_pickup pickup"), ("LOCAL", "store_delivery delivery"), ("SHIPPING", "")]
)
def test_a_store_that_hands_out_or_brings_is_told_by_its_location(method: str, way: str):
    place = {"name": "Dock", "location": {"id": "gid://shopify/Location/77"}}
    row = waiting((1, 2), deliveryMethod={"methodType": method}, assignedLocation=place)
    order = parsed(a_line(1), fulfillmentOrders=nodes(row))
    told = order.delivery
    assert (f"{told.mode} {told.leg}" if told else "") == way
    assert order.platform_holds == ()
    assert told is None or told.store_code == "77"


def test_goods_that_go_several_ways_are_held():
    rows = [waiting((1, 1), deliveryMethod={"methodType": method}) for method in ("PICK_UP", "SHIPPING")]
    order = parsed(a_line(1), fulfillmentOrders=nodes(*rows))
    assert (order.delivery, order.platform_holds) == (None, ("delivery:pick_up",))


def test_test_orders_and_unconfirmed_ones_are_held():
    assert parsed(test=True, confirmed=False).platform_holds == ("test_order", "not_confirmed")


def test_an_unknown_status_of_waiting_goods_alerts():
    order = parsed(a_line(1), fulfillmentOrders=nodes(waiting((1, 2), status="DREAMING")))
    assert order.alerts == ("fulfillmentOrders.status=DREAMING",)
    assert order.lines[0].units == 2


def test_the_earliest_deadline_of_waiting_goods_is_the_order_s():
    late, early = (waiting((n, 2), fulfillBy=f"2026-03-0{n + 3}T12:00:00Z") for n in (2, 1))
    assert parsed(fulfillmentOrders=nodes(late, early)).ship_by == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_goods_of_a_fulfilment_service_are_not_ours_to_ship():
    order = parsed(fulfillmentOrders=nodes(waiting((1, 2), requestStatus="ACCEPTED"), waiting((2, 2))))
    assert [line.fulfiller for line in order.lines] == [Fulfiller.PLATFORM, Fulfiller.US]


def test_only_goods_at_our_locations_are_ours_when_they_are_named():
    elsewhere = waiting((2, 2), assignedLocation={"location": {"id": "gid://shopify/Location/99"}})
    order = parsed(settings={"our_locations": "31"}, fulfillmentOrders=nodes(waiting((1, 2)), elsewhere))
    assert [line.fulfiller for line in order.lines] == [Fulfiller.US, Fulfiller.PLATFORM]


def test_the_receiver_is_read_whole():
    receiver = parsed().receiver
    assert (receiver.name, receiver.phone, receiver.address) == (NAME, PHONE, STREET)
    assert (receiver.country, receiver.city, receiver.postcode, receiver.masked) == ("NO", "Bergen", "5003", False)


def test_a_hidden_receiver_alerts_unless_nothing_is_shipped():
    assert "protected customer data" in parsed(shippingAddress=None).alerts[0]
    assert not parsed(a_line(1, requiresShipping=False), shippingAddress=None).alerts


def test_one_note_holds_the_buyer_s_words_and_our_memo():
    order = parsed(note="Ring twice\n[memo] call first", tags=["vip", "flag:red"])
    assert (order.buyer_message, order.seller_memo, order.flag) == ("Ring twice", "call first", "red")
    assert parsed(note="Ring twice").buyer_message == "Ring twice"


def test_lines_that_are_no_goods_are_told_apart():
    card = a_line(1, requiresShipping=False, isGiftCard=True)
    service = a_line(2, requiresShipping=False)
    assert [line.kind for line in parsed(card, service, a_line(3)).lines] == ["gift_card", "service", "goods"]


def test_a_variant_that_was_deleted_keeps_its_sku():
    line = parsed(a_line(1, variant=None, product=None)).lines[0]
    assert (line.external_no, line.listing_no, line.variant_no, line.seller_code) == (LINES[1], "", "", "LAMP-1")


def test_cash_on_delivery_is_open_and_due():
    cash = a_payment("80.00", status="PENDING", gateway="Cash on Delivery (COD)")
    order = parsed(a_line(1), displayFinancialStatus="PENDING", transactions=[cash])
    assert (order.state, order.is_cod, order.paid_at) == (OrderState.OPEN, True, None)
    assert [(part.kind, part.amount, part.paid_at) for part in order.payments] == [(PaymentKind.COD, 8000, None)]


def test_a_deposit_leaves_a_balance():
    order = parsed(a_line(1), displayFinancialStatus="PARTIALLY_PAID", transactions=[a_payment("30.00")])
    assert [(part.kind, part.amount) for part in order.payments] == [
        (PaymentKind.ONLINE, 3000),
        (PaymentKind.BALANCE, 5000),
    ]
    assert order.paid_at is None


def test_only_money_that_came_in_is_a_payment():
    rows = [
        a_payment("80.00", kind="AUTHORIZATION"),
        a_payment("80.00", status="FAILURE"),
        a_payment("80.00", kind="CAPTURE", processedAt="2026-03-02T02:00:00Z"),
        a_payment("40.00", kind="REFUND"),
    ]
    order = parsed(a_line(1), transactions=rows)
    assert [part.amount for part in order.payments] == [8000]
    assert order.paid_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_the_same_order_parses_the_same_from_a_push_like_wrapper():
    assert parsed() == replace(parsed())
