"""What Saleor's order documents become: states, receivers, lines, holds, notes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.records import Fulfiller, OrderRecord, OrderState, PaymentKind, RefundState
from connectors.marketplaces.saleor.orders import Customs, order_of
from tests.connectors.marketplaces.saleor.papers import (
    ANNEX,
    DOCK,
    GRANT,
    LINES,
    NAME,
    ORDER,
    PHONE,
    RETURN,
    STREET,
    a_grant,
    a_line,
    a_parcel,
    a_payment,
    an_order,
    coin,
    gid,
)
from tests.connectors.marketplaces.saleor.stage import Stage

CUSTOMS = Customs(ship_authorised=True, our_warehouses=frozenset(), cod_names=frozenset({"cash on delivery"}))


def read(order: dict[str, Any], **customs: Any) -> OrderRecord:
    return order_of(order, CUSTOMS._replace(**customs))


@pytest.mark.parametrize(
    ("status", "state", "holds"),
    [
        ("UNFULFILLED", OrderState.OPEN, ()),
        ("UNCONFIRMED", OrderState.OPEN, ("not_confirmed",)),
        ("DRAFT", OrderState.OPEN, ("draft",)),
        ("CANCELED", OrderState.CANCELLED, ()),
        ("EXPIRED", OrderState.CANCELLED, ()),
        ("ASCENDED", OrderState.OPEN, ("unknown_status",)),
    ],
)
def test_every_status_of_an_order_without_parcels(status: str, state: OrderState, holds: tuple[str, ...]):
    order = read(an_order(status=status))
    assert (order.state, order.platform_holds) == (state, holds)
    assert bool(order.alerts) == (status == "ASCENDED")


@pytest.mark.parametrize(
    ("charged", "authorised", "ships", "state"),
    [
        ("FULL", "NONE", False, OrderState.OPEN),
        ("OVERCHARGED", "FULL", True, OrderState.OPEN),
        ("NONE", "FULL", True, OrderState.OPEN),
        ("NONE", "FULL", False, OrderState.UNPAID),
        ("PARTIAL", "PARTIAL", True, OrderState.UNPAID),
        ("NONE", "NONE", True, OrderState.UNPAID),
    ],
)
def test_money_decides_whether_an_order_may_ship(charged: str, authorised: str, ships: bool, state: OrderState):
    order = an_order(chargeStatus=charged, authorizeStatus=authorised, transactions=[], totalCharged=coin(0.0))
    assert read(order, ship_authorised=ships).state is state


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({}, OrderState.UNPAID),
        ({"ship_authorised": ""}, OrderState.UNPAID),
        ({"ship_authorised": "no"}, OrderState.UNPAID),
        ({"ship_authorised": "yes"}, OrderState.OPEN),
    ],
)
def test_what_is_authorised_alone_ships_only_where_the_account_says_so(settings: dict[str, str], state: OrderState):
    order = an_order(chargeStatus="NONE", authorizeStatus="FULL", transactions=[], totalCharged=coin(0.0))
    with Stage(**settings) as stage:
        assert stage.saleor.parse_order(orjson.dumps({"order": order})).state is state


def test_an_unknown_charge_status_waits_and_tells():
    order = read(an_order(chargeStatus="MAYBE", authorizeStatus="NONE"))
    assert (order.state, order.platform_holds) == (OrderState.UNPAID, ("unknown_status",))
    assert order.alerts == ("chargeStatus=MAYBE",)


def test_parcels_tell_how_far_lines_and_order_are():
    part = read(an_order(fulfillments=[a_parcel((1, 2)), a_parcel((2, 1), waybill="SF200")]))
    assert part.state is OrderState.PART_SHIPPED
    assert [line.state for line in part.lines] == [OrderState.SHIPPED, OrderState.PART_SHIPPED]
    assert [line.waybill_no for line in part.lines] == ["SF100", "SF200"]
    whole = read(an_order(fulfillments=[a_parcel((1, 2), (2, 2))], status="FULFILLED"))
    assert whole.state is OrderState.SHIPPED
    assert whole.lines[0].shipped_at is not None


@pytest.mark.parametrize("status", ["CANCELED", "WAITING_FOR_APPROVAL"])
def test_a_parcel_undone_or_not_approved_has_not_left(status: str):
    order = read(an_order(fulfillments=[a_parcel((1, 2), (2, 2), status=status)]))
    assert order.state is OrderState.OPEN
    assert order.lines[0].waybill_no == ""


def test_goods_that_came_back_had_left_and_keep_the_waybill_of_their_parcel():
    back = a_parcel((1, 1), id=RETURN, status="RETURNED", waybill="")
    order = read(an_order(a_line(1), fulfillments=[a_parcel((1, 1)), back], status="PARTIALLY_RETURNED"))
    assert order.state is OrderState.SHIPPED
    line = order.lines[0]
    assert (line.waybill_no, line.refund, line.case_no) == ("SF100", RefundState.RETURNED, f"{ORDER}:{RETURN}")


def test_a_line_is_refunded_only_when_all_of_it_is_paid_back():
    part = read(an_order(grantedRefunds=[a_grant((1, 1), status="SUCCESS")])).lines[0]
    assert (part.refund, part.case_no) == (RefundState.NONE, f"{ORDER}:{GRANT}")
    whole = read(an_order(grantedRefunds=[a_grant((1, 2), status="SUCCESS")])).lines[0]
    assert whole.refund is RefundState.SUCCEEDED
    waits = read(an_order(grantedRefunds=[a_grant((1, 2), status="PENDING")])).lines[0]
    assert waits.refund is RefundState.AGREED


def test_unknown_words_of_parts_are_alerts():
    order = read(an_order(fulfillments=[a_parcel((1, 1), status="LOST")], grantedRefunds=[a_grant(status="ODD")]))
    assert order.alerts == ("fulfillments.status=LOST", "grantedRefunds.status=ODD")


def test_an_order_paid_back_wholly_is_held_though_nobody_cancelled_it():
    payment = a_payment(0.0, refundedAmount=coin(160.0))
    order = read(an_order(chargeStatus="NONE", totalCharged=coin(0.0), totalRefunded=coin(160.0), transactions=[payment]))
    assert (order.state, order.platform_holds) == (OrderState.OPEN, ("refunded_in_full",))
    assert order.payments[0].amount == 16000


def test_the_receiver_is_one_name_and_one_street():
    receiver = read(an_order()).receiver
    assert (receiver.name, receiver.phone, receiver.address) == (f"{NAME} Vale", PHONE, STREET)
    assert (receiver.country, receiver.city, receiver.postcode) == ("NO", "BERGEN", "5003")


def test_an_order_to_be_picked_up_names_its_store_and_has_no_receiver():
    order = read(an_order(shippingAddress=None, collectionPointName="Dock"))
    assert order.receiver.is_blank
    assert order.platform_holds == ()
    assert order.delivery is not None
    assert (order.delivery.mode, order.delivery.leg, order.delivery.store_code) == ("store_pickup", "pickup", "Dock")
    assert "no receiver" in order.alerts[0]


def test_cash_on_delivery_ships_unpaid_and_is_due():
    unpaid = {"chargeStatus": "NONE", "authorizeStatus": "NONE", "totalCharged": coin(0.0)}
    by_method = read(an_order(shippingMethodName="Cash on delivery", transactions=[], **unpaid))
    by_payment = read(an_order(transactions=[a_payment(0.0, name="Cash on Delivery", events=[])], **unpaid))
    for order in (by_method, by_payment):
        assert order.is_cod
        assert order.state is OrderState.OPEN
        assert [(part.kind, part.amount, part.paid_at) for part in order.payments] == [(PaymentKind.COD, 16000, None)]


def test_kinds_of_lines():
    card = a_line(2)
    card["variant"]["product"]["productType"]["kind"] = "GIFT_CARD"
    order = read(an_order(a_line(1), card, a_line(3, isShippingRequired=False), a_line(4, isGift=True)))
    assert [line.kind for line in order.lines] == ["goods", "gift_card", "service", "goods"]
    assert [line.is_gift for line in order.lines] == [False, False, False, True]


def test_a_line_whose_variant_is_gone_keeps_what_was_sold():
    line = read(an_order(a_line(1, variant=None))).lines[0]
    assert (line.seller_code, line.listing_no, line.title, line.variant) == ("LAMP-1", "", "Lamp", "Brass")
    assert line.variant_no


def test_goods_set_aside_elsewhere_are_not_ours_to_ship():
    away = a_line(2, allocations=[{"quantity": 2, "warehouse": {"id": ANNEX}}])
    order = read(an_order(a_line(1), away, a_line(3, allocations=[])), our_warehouses=frozenset({DOCK}))
    assert [line.fulfiller for line in order.lines] == [Fulfiller.US, Fulfiller.PLATFORM, Fulfiller.US]


def test_notes_of_the_staff_are_the_memo_as_they_were_edited_last():
    events = [
        {"id": "1", "type": "PLACED", "message": None},
        {"id": "2", "type": "NOTE_ADDED", "message": "wrap it"},
        {"id": "3", "type": "NOTE_ADDED", "message": "call first"},
        {"id": "4", "type": "NOTE_UPDATED", "message": "wrap it twice", "related": {"id": "2"}},
    ]
    order = read(an_order(events=events, flag="red", customerNote="by noon"))
    assert (order.seller_memo, order.flag, order.buyer_message) == ("call first\nwrap it twice", "red", "by noon")


def test_the_newest_stamp_of_the_order_and_its_parts_counts():
    order = read(an_order(grantedRefunds=[a_grant(updatedAt="2026-03-02T03:30:00+00:00")]))
    assert order.changed_at.isoformat() == "2026-03-02T03:30:00+00:00"
    assert read(an_order(transactions=[])).changed_at.isoformat() == "2026-03-02T01:30:00.500000+00:00"


def test_a_guest_has_no_number():
    assert read(an_order(user=None)).buyer.external_id == ""
    assert read(an_order()).buyer.external_id == gid("User", 41)


def test_lines_keep_their_numbers():
    assert [line.external_no for line in read(an_order(shipping=5.0)).lines] == [LINES[1], LINES[2], "freight"]
