"""The seller's own side over HTTP: memo and flag, stock of variants, cancelling, listings."""

from __future__ import annotations

import pytest

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import Permanent, Refused
from tests.journeys.stage import Stage


def test_our_memo_stands_beside_what_people_wrote(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    stage.act(number, "edit_memo", memo="客户要求周六送")
    if "set_memo" not in stage.able:
        return
    stage.shop.set_memo(number, "已改发顺丰", "red")
    stage.shop.set_memo(number, "已改发顺丰", "red")
    if "edit_memo" in stage.traveller.hides:
        return
    order = stage.captured()[number]
    assert order.seller_memo.count("已改发顺丰") == 1
    assert "客户要求周六送" in order.seller_memo + order.buyer_message
    assert order.flag == ("" if "flag" in stage.traveller.hides else "red")
    assert "已改发顺丰" in stage.trade(number)["memo"]


def level_of(line: r.LineRecord, units: int) -> n.StockLevel:
    return n.StockLevel(line.listing_no, line.variant_no, units, line.seller_code)


def a_line(stage: Stage) -> r.LineRecord:
    (number,) = stage.buy("plain")
    return next(line for line in stage.order(number).lines if line.kind == "goods")


def test_stock_is_set_to_absolute_units(stage: Stage) -> None:
    line = a_line(stage)
    for units in (37, 5, 0, 5):
        answer = stage.shop.push_stock([level_of(line, units)])
        assert (answer.done, answer.refused) == (1, {})
        assert stage.call("stock")["stock"][line.seller_code] == units


def test_stock_of_what_is_not_sold_is_refused_and_the_rest_is_set(stage: Stage) -> None:
    line = a_line(stage)
    strange = n.StockLevel("990000000001", "990000000002", 4, "NO-SUCH-CODE")
    answer = stage.shop.push_stock([strange, level_of(line, 21)])
    assert answer.done == 1
    assert set(answer.refused) == {("990000000001", "990000000002")}
    assert stage.call("stock")["stock"][line.seller_code] == 21


def test_listings_name_every_code_of_the_catalogue(stage: Stage) -> None:
    if "pull_listings" not in stage.able:
        return
    found: dict[str, r.ListingRecord] = {}
    cursor, more = "", True
    while more:
        page = stage.shop.pull_listings(cursor)
        found |= {listing.seller_code: listing for listing in page.listings}
        cursor, more = page.cursor, page.more
    line = a_line(stage)
    assert {item["code"] for item in stage.call("catalogue")["items"] if item["kind"] != "unknown"} <= set(found)
    assert (found[line.seller_code].listing_no, found[line.seller_code].variant_no) == (line.listing_no, line.variant_no)


def test_an_order_is_cancelled_where_the_platform_lets_us(stage: Stage) -> None:
    if "cancel_order" not in stage.able:
        return
    # Where an unpaid order is still a cart there is nothing to cancel.
    (number,) = stage.buy("plain" if "unpaid" in stage.traveller.hides else "unpaid")
    if stage.traveller.closes_late:
        with pytest.raises(Refused, match="CLOSE_TRADE_TOO_FAST"):
            stage.shop.cancel_order(number, "缺货")
        return
    stage.shop.cancel_order(number, "缺货")
    stage.pass_time()
    assert stage.order(number).state is r.OrderState.CANCELLED
    assert not stage.trade(number)["payable"]


def test_orders_to_one_door_may_ship_as_one(stage: Stage) -> None:
    if "merge_groups" not in stage.able:
        return
    (pair,) = stage.buy("merge_pairs")
    alone = stage.buy("plain", 2)
    orders = [stage.order(number) for number in (*pair, *alone)]
    groups = stage.shop.merge_groups([n.MergeCandidate(order.external_no, order.receiver.tokens) for order in orders])
    assert groups == [frozenset(pair)]


def test_a_masked_receiver_is_told_in_full_where_the_platform_allows_it(stage: Stage) -> None:
    if "decrypt_receiver" not in stage.able:
        return
    (number,) = stage.buy("plain")
    masked = stage.order(number).receiver
    plain = stage.shop.decrypt_receiver(number, masked.tokens, "manual")
    assert masked.masked or "masks" in stage.traveller.hides
    assert plain.name
    assert plain.phone
    assert "*" not in plain.name + plain.phone + plain.address


def test_an_order_nobody_knows_is_refused_for_good(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    with pytest.raises(Permanent):
        stage.shop.get_order(number[:-5] + "99999")
