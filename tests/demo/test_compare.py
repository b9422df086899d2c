"""The comparison names the order and what differs, for every way in which a shipment can be wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from oms.demo.compare import Flag, HubBooks, compare
from tests.demo.ledgers import a_delivery, a_line, a_refund, a_shipment, a_trade, books_of

Doc = dict[str, Any]
BUNDLES = {"BD1": [("A", 2), ("B", 1)]}


def a_whole_story() -> tuple[list[Doc], list[Doc]]:
    """Two merged trades, a bundle split over two parcels and buildings, one trade that was never paid."""
    trades = [
        a_trade("T1", [a_line("11"), a_line("12", "B", 2)], [a_shipment("11", "12", waybill="W1")]),
        a_trade("T2", [a_line("T2", "A")], [a_shipment("T2", waybill="W1")]),
        a_trade("T3", [a_line("T3", "BD1", 2)], [a_shipment("T3", waybill="W3")]),
        a_trade("T4", [a_line("T4", live=True, status="WAIT_BUYER_PAY")], payable=False),
    ]
    deliveries = [
        a_delivery("F1", "T1", "W1", ("11", "A", 1), ("12", "B", 2)),
        a_delivery("F2", "T2", "W1", ("T2", "A", 1)),
        a_delivery("F3", "T3-ab", "W2", ("T3", "A", 4), warehouse="WH2"),
        a_delivery("F4", "T3", "W3", ("T3", "B", 2)),
    ]
    return trades, deliveries


def differences(trades: list[Doc], deliveries: list[Doc], books: HubBooks | None = None) -> list[str]:
    return compare({"trades": trades}, {"orders": deliveries}, books or books_of(trades, deliveries), BUNDLES)


def test_ledgers_that_agree_differ_in_nothing() -> None:
    assert differences(*a_whole_story()) == []


def test_numbers_that_a_warehouse_had_to_shorten_are_known_again() -> None:
    order, line = "T" * 56, "L" * 56
    trades = [a_trade(order, [a_line(line)], [a_shipment(line, waybill="W1")])]
    books = books_of(trades, [a_delivery("F1", order, "W1", (line, "A", 1))])
    shortened = [a_delivery("F1", order[:36] + "~0badcafe-ab", "W1", (line[:41] + "~0badcafe", "A", 1))]
    assert differences(trades, shortened, books) == []


def test_a_shipment_removed_from_the_warehouse_is_named() -> None:
    trades, deliveries = a_whole_story()
    books = books_of(trades, deliveries)
    deliveries[1]["parcels"] = []
    found = differences(trades, deliveries, books)
    assert any("T2" in sentence and "0 of 1 A left" in sentence for sentence in found)
    assert any("T2" in sentence and "books 1 A as shipped, the warehouse sent 0" in sentence for sentence in found)
    assert not any("T1" in sentence for sentence in found)


def test_a_shipment_that_happened_twice_is_named() -> None:
    trades, deliveries = a_whole_story()
    books = books_of(trades, deliveries)
    again = deepcopy(deliveries[0]["parcels"][0])
    deliveries[0]["parcels"].append({**again, "express_code": "W9"})
    found = differences(trades, deliveries, books)
    assert any("T1 line 11" in sentence and "2 A left the warehouse although 1 were" in sentence for sentence in found)
    assert any("stock of B at WH" in sentence for sentence in found)


@pytest.mark.parametrize(("shipments", "count"), [([], 0), (["W1", "W1"], 2)])
def test_a_line_is_written_back_once(shipments: list[str], count: int) -> None:
    trades, deliveries = a_whole_story()
    trades[1]["shipments"] = [a_shipment("T2", waybill=waybill) for waybill in shipments]
    assert differences(trades, deliveries) == [f"order T2 line T2 (A) was written back {count} times"]


def test_a_changed_waybill_and_a_booking_without_one_are_no_second_shipment() -> None:
    trades, deliveries = a_whole_story()
    trades[1]["shipments"] += [a_shipment("T2", waybill="W7", kind="resend"), a_shipment("T2", waybill="", kind="online")]
    assert differences(trades, deliveries) == []


def test_only_a_waybill_of_the_warehouse_counts() -> None:
    trades, deliveries = a_whole_story()
    trades[2]["shipments"] = [a_shipment("T3", waybill="W1")]
    assert differences(trades, deliveries) == [
        "order T3 line T3 (BD1) was written back with waybill W1, under which the warehouse did not send it"
    ]


def test_nothing_leaves_for_an_order_that_was_not_paid() -> None:
    trades, deliveries = a_whole_story()
    deliveries.append(a_delivery("F5", "T4", "W5", ("T4", "A", 1)))
    trades[3]["shipments"] = [a_shipment("T4", waybill="W5")]
    found = differences(trades, deliveries)
    assert any("T4" in sentence and "1 units left the warehouse although" in sentence for sentence in found)
    assert any("T4" in sentence and "was written back 1 times although" in sentence for sentence in found)


def late_refund(status: str = "WAIT_SELLER_AGREE") -> tuple[list[Doc], list[Doc]]:
    trade = a_trade("T5", [a_line("T5")], [a_shipment("T5", waybill="W5")], refunds=[a_refund("T5", status)])
    return [trade], [a_delivery("F5", "T5", "W5", ("T5", "A", 1))]


def test_a_refund_that_came_too_late_must_be_flagged() -> None:
    trades, deliveries = late_refund()
    (sentence,) = differences(trades, deliveries)
    assert "order T5" in sentence
    assert "refund RT5" in sentence
    flags = {"T5": [Flag("failed", frozenset({"T5"}))]}
    held = {"T5": frozenset({"refund_asked"})}
    assert differences(trades, deliveries, books_of(trades, deliveries, flags=flags, orders=held)) == []


@pytest.mark.parametrize(
    ("flag", "holds"),
    [
        (Flag("succeeded", frozenset({"T5"})), frozenset({"refund_asked"})),
        (Flag("failed", frozenset({"other"})), frozenset({"refund_asked"})),
        (Flag("failed", frozenset({"T5"})), frozenset()),
    ],
)
def test_a_flag_without_its_hold_or_for_another_line_does_not_count(flag: Flag, holds: frozenset[str]) -> None:
    trades, deliveries = late_refund()
    books = books_of(trades, deliveries, flags={"T5": [flag]}, orders={"T5": holds})
    assert len(differences(trades, deliveries, books)) == 1


def test_a_withdrawn_refund_needs_no_flag() -> None:
    assert differences(*late_refund("CLOSED")) == []


def test_goods_of_a_stopped_line_that_left_all_the_same_are_named_unless_flagged() -> None:
    trades, deliveries = late_refund()
    trades[0]["lines"][0]["live"] = False
    trades[0]["shipments"] = []
    (sentence,) = differences(trades, deliveries)
    assert sentence.startswith("order T5 line T5 (A): 1 units left the warehouse although it was not to be shipped")
    flags = {"T5": [Flag("failed", frozenset({"T5"}))]}
    held = {"T5": frozenset({"refund_asked"})}
    assert differences(trades, deliveries, books_of(trades, deliveries, flags=flags, orders=held)) == []


def test_an_order_the_hub_never_took_in_is_named() -> None:
    trades, deliveries = a_whole_story()
    books = books_of(trades, deliveries)
    del books.orders["T2"]
    assert differences(trades, deliveries, books) == ["order T2 is payable but the hub does not have it"]


def test_a_damaged_order_is_parked_and_stays() -> None:
    trades = [a_trade("T6", [a_line("T6")], payable=False, spoiled="amount_text")]
    books = books_of(trades, [])
    books.orders.clear()
    assert len(differences(trades, [], books)) == 1
    books.parked = frozenset({"T6"})
    assert differences(trades, [], books) == []


def test_goods_that_no_platform_ordered_are_named() -> None:
    deliveries = [a_delivery("F7", "T7", "W7", ("T7", "A", 1))]
    assert differences([], deliveries) == ["order T7 line T7: the warehouse sent it, but the platform does not know it"]


def test_promises_broken_in_the_hub_are_told() -> None:
    assert differences([], [], HubBooks(broken=("the sums differ",))) == ["the sums differ"]
