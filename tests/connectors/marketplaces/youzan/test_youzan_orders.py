"""Youzan's documents become orders and cases: statuses, money, parcels, receivers."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.manifest import Account
from connectors.contract.records import OrderState, PaymentKind, RefundState
from connectors.marketplaces.youzan import Youzan, codes
from connectors.marketplaces.youzan.orders import FREIGHT
from tests.connectors.marketplaces.youzan.papers import (
    CASE,
    NAME,
    PHONE,
    STREET,
    a_case,
    a_line,
    a_parcel,
    an_order,
    case_body,
    order_body,
)

YOUZAN = Youzan(Account())
FIRST, SECOND = "2600000000000000001", "2600000000000000002"


def parsed(order: dict[str, Any]) -> Any:
    """The order as the hub gets it."""
    return YOUZAN.parse_order(order_body(order))


@pytest.mark.parametrize("status", codes.STATES)
def test_every_status_of_an_order_is_known(status: str) -> None:
    order = parsed(an_order(status=status))
    assert (order.state, order.alerts) == (codes.STATES[status], ())
    assert order.platform_holds == ((codes.NOT_YET[status],) if status in codes.NOT_YET else ())


@pytest.mark.parametrize("status", codes.REFUNDS)
def test_every_status_of_a_case_is_known(status: str) -> None:
    case = YOUZAN.parse_case(case_body(a_case(status=status)))
    assert (case.state, case.alerts) == (codes.REFUNDS[status], ())


def test_an_unknown_status_is_held_and_told() -> None:
    order = parsed(an_order(status="MOON"))
    assert (order.state, order.alerts) == (OrderState.OPEN, ("status=MOON",))
    assert order.platform_holds == ("unknown_status",)
    assert YOUZAN.parse_case(case_body(a_case(status="MOON"))).state is RefundState.ASKED


@pytest.mark.parametrize(
    ("way", "hold", "kind"),
    [(0, (), "goods"), (1, (), "goods"), (2, (), "goods"), (9, (), "service"), (5, ("unknown_delivery",), "goods")],
)  # fmt: skip
def test_only_ways_that_nobody_knows_are_held(way: int, hold: tuple[str, ...], kind: str) -> None:
    order = parsed(an_order(express_type=way))
    assert order.platform_holds == hold
    assert order.lines[0].kind == kind


def test_orders_through_a_store_tell_the_way_the_place_and_the_time() -> None:
    body = an_order(express_type=2, node_kdt_id=4455)
    address = {"address_extra": '{"lon":120.15,"lat":30.27}', "delivery_start_time": "2026-03-02 14:00:00",
               "delivery_end_time": "2026-03-02 15:00:00"}  # fmt: skip
    body["full_order_info"]["address_info"] |= address
    told = parsed(body).delivery
    assert told is not None
    assert (told.mode, told.leg, told.store_code) == ("store_delivery", "delivery", "4455")
    assert (told.latitude, told.longitude) == (30.27, 120.15)
    assert [str(at) for at in (told.wanted_from, told.promise_at)] == [
        "2026-03-02 06:00:00+00:00", "2026-03-02 07:00:00+00:00",
    ]  # fmt: skip
    assert parsed(an_order(express_type=0)).delivery is None


@pytest.mark.parametrize("changes", [{"address_extra": "here"}, {"address_extra": "[]"}, {"delivery_end_time": "soon"}])
def test_what_cannot_be_read_of_a_store_s_order_is_told_and_stops_nothing(changes: dict[str, str]) -> None:
    body = an_order(express_type=1, node_kdt_id=0)
    body["full_order_info"]["address_info"] |= changes
    order = parsed(body)
    assert order.delivery is not None
    assert (order.delivery.leg, order.delivery.store_code, order.delivery.promise_at) == ("pickup", "", None)
    assert order.alerts == (f"{next(iter(changes))} cannot be read",)


def test_lines_may_tell_their_part_without_the_freight() -> None:
    order = parsed(an_order())
    assert [(line.external_no, line.paid_amount) for line in order.lines][2:] == [(FREIGHT, 600)]
    assert order.paid_total == 16600


def test_lines_may_tell_their_part_with_the_freight_to_the_last_fen() -> None:
    lines = (a_line(1, payment="80.01"), a_line(2, payment="85.99"))
    order = parsed(an_order(*lines))
    goods = [line.paid_amount for line in order.lines if line.kind == "goods"]
    assert sum(goods) == 16000
    assert goods == [8001 - 289, 8599 - 311]
    assert order.paid_total == 16600


def test_discounts_are_the_shops_and_a_raised_price_is_the_price() -> None:
    order = parsed(an_order(a_line(1, payment="70.10"), a_line(2, payment="95.90"), pay={"post_fee": "0"}))
    assert [(line.list_amount, line.discount_merchant) for line in order.lines] == [(8000, 990), (9590, 0)]


def test_a_presale_is_paid_in_two_phases() -> None:
    phases = [{"phase": 1, "real_price": "20.00"}, {"phase": 2, "real_price": "146.00"}]
    order = parsed(an_order(pay={"phase_payments": phases}, status="WAIT_BUYER_PAY"))
    assert order.is_presale
    assert [(part.kind, part.amount) for part in order.payments] == [
        (PaymentKind.DEPOSIT, 2000),
        (PaymentKind.BALANCE, 14600),
    ]
    assert order.payments[1].paid_at is None
    assert order.state is OrderState.UNPAID


@pytest.mark.parametrize("oids", [[{"oid": FIRST}], [FIRST], [int(FIRST)]])
def test_a_part_that_has_left_is_told_by_its_parcel(oids: list[Any]) -> None:
    parcels = [a_parcel("77001") | {"oids": oids}, a_parcel("", SECOND, state=0)]
    order = parsed(an_order() | {"delivery_order": parcels})
    assert order.state is OrderState.PART_SHIPPED
    assert [(line.state, line.waybill_no) for line in order.lines[:2]] == [
        (OrderState.SHIPPED, "77001"),
        (OrderState.OPEN, ""),
    ]


@pytest.mark.parametrize(("told", "state"), [*codes.LINE_REFUNDS.items(), (77, RefundState.ASKED)])
def test_a_lines_refund_stands_where_the_order_tells_it(told: int, state: RefundState) -> None:
    order = parsed(an_order() | {"refund_order": [{"refund_id": CASE, "refund_state": told, "oids": [FIRST]}]})
    assert [(line.refund, line.case_no) for line in order.lines[:2]] == [(state, CASE), (RefundState.NONE, "")]
    assert order.alerts == (() if told in codes.LINE_REFUNDS else ("refund_state=77",))


def test_ciphertexts_stay_ciphertexts() -> None:
    receiver = parsed(an_order()).receiver
    assert receiver.masked
    assert receiver.tokens == {"name": NAME, "phone": PHONE, "address": STREET}
    assert (receiver.name, receiver.phone, receiver.address) == ("", "", "")
    assert receiver.city == "广州市"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"demand": 2}, "return"), ({"demand": 3}, "exchange"), ({"demand": None, "return_goods": True}, "return"),
     ({"demand": None}, "refund")],
)  # fmt: skip
def test_a_case_says_what_is_asked_for(changes: dict[str, Any], kind: str) -> None:
    assert YOUZAN.parse_case(case_body(a_case(**changes))).kind == kind


def test_a_case_without_its_times_has_the_time_in_its_number() -> None:
    case = YOUZAN.parse_case(case_body(a_case(created="", modified="")))
    assert case.created_at == case.changed_at == YOUZAN.parse_case(case_body(a_case())).created_at
