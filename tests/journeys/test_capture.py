"""Orders come in over HTTP as the platform's ledger has them: money, units, codes, windows, counts, edits."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from connectors import registry
from connectors.contract import records as r
from oms.demo.markets import MARKETS
from tests.journeys.stage import Stage, UnknownHere, money, rows_of
from tests.journeys.travellers import TRAVELLERS

KINDS = ("plain", "split", "bundle", "gift", "unpaid", "cod", "presale_paid", "merge_pairs")


def test_every_shop_of_the_demo_takes_the_journey() -> None:
    known = {traveller.vendor for traveller in TRAVELLERS}
    assert {market.vendor for market in MARKETS} | {"taobao"} <= known <= set(registry.all_vendors())


def test_the_connection_is_checked(stage: Stage) -> None:
    report = stage.shop.check()
    assert report.ok, report.words


def test_wrong_keys_are_told_by_the_check(stage: Stage) -> None:
    wrong = {name: f"{value[:-4]}0000" for name, value in stage.account.secrets.items()}
    account = type(stage.account)(stage.account.settings, wrong, stage.account.gateway)
    assert not stage.connector(account).check().ok


def of_kinds(stage: Stage, *kinds: str) -> list[str]:
    """Two orders of each kind that this platform has."""
    bought = []
    for kind in kinds:
        with suppress(UnknownHere):
            bought += [number for part in stage.buy(kind, 2) for number in (part if isinstance(part, list) else [part])]
    return bought


def test_every_order_is_captured_and_its_money_adds_up(stage: Stage) -> None:
    bought = of_kinds(stage, *KINDS)
    captured = stage.captured()
    # Some platforms list an order only once it is paid, or its deal is made.
    owed = {trade["tid"] for trade in stage.call("ledger")["trades"] if trade["payable"]}
    assert owed
    assert owed <= set(captured) <= set(bought)
    for order in captured.values():
        number = order.external_no
        assert order.alerts == (), (stage.trade(number)["kind"], order.alerts)
        assert sum(line.paid_amount for line in order.lines) == order.paid_total, stage.trade(number)["kind"]
        for line in order.lines:
            shares = line.discount_merchant + line.discount_platform + line.discount_coin
            shares += line.discount_member + line.discount_distributor
            tax = 0 if line.tax_included else line.tax_amount
            assert line.list_amount - shares + tax == line.paid_amount
            assert line.units > 0


def test_money_and_units_are_those_of_the_ledger(stage: Stage) -> None:
    of_kinds(stage, *KINDS)
    captured = stage.captured()
    for number, order in captured.items():
        trade = stage.trade(number)
        if order.state is r.OrderState.UNPAID and "unpaid_amounts" in stage.traveller.hides:
            continue
        assert order.paid_total == money(trade["payment"]), trade["kind"]
        goods = {line.external_no: (line.seller_code, line.units) for line in order.lines if line.kind == "goods"}
        ledger = {line["oid"]: (line["outer_sku_id"], line["num"]) for line in trade["lines"]}
        assert sorted(goods.values()) == sorted(ledger.values()), trade["kind"]
        assert sum(units for _, units in goods.values()) == sum(units for _, units in ledger.values())


def test_a_single_order_reads_as_the_captured_one(stage: Stage) -> None:
    (number,) = stage.buy("split")
    captured = stage.captured()[number]
    alone = stage.order(number)
    assert (alone.lines, alone.paid_total, alone.state) == (captured.lines, captured.paid_total, captured.state)
    assert alone.receiver.is_blank is captured.receiver.is_blank is False


def test_paging_brings_every_order_once_and_ends(stage: Stage) -> None:
    bought = set(stage.buy("plain", 130))
    pages = list(stage.pages())
    found = [row.external_no for page in pages for row in rows_of(page)]
    assert bought <= set(found)
    assert not pages[-1].more


def test_a_past_window_is_walked_and_ends(stage: Stage) -> None:
    bought = set(stage.buy("plain", 3))
    now = stage.clock()
    walked = set(stage.captured(stage.shop.between(stage.began - timedelta(minutes=2), now)))
    assert bought <= walked
    before = stage.shop.between(stage.began - timedelta(hours=2), stage.began - timedelta(hours=1))
    assert stage.captured(before) == {}


def test_the_list_by_creation_and_the_count_name_the_same_orders(stage: Stage) -> None:
    bought = set(stage.buy("plain", 12))
    since, until = stage.began - timedelta(minutes=2), stage.clock()
    if "count_orders" in stage.able:
        assert stage.shop.count_orders(since, until) == len(bought)
    if "list_created" in stage.able:
        assert created(stage, since, until) == bought


def created(stage: Stage, since: datetime, until: datetime) -> set[str]:
    found: set[str] = set()
    cursor = ""
    while True:
        page = stage.shop.list_created(since, until, cursor)
        found |= {order.external_no for order in page.orders}
        cursor = page.cursor
        if not page.more:
            return found


def test_states_follow_payment_and_cancelling(stage: Stage) -> None:
    (unpaid,) = stage.buy("unpaid")
    (paid,) = stage.buy("plain")
    assert stage.order(paid).state is r.OrderState.OPEN
    assert stage.trade(unpaid)["status"]
    assert stage.trade(unpaid)["payable"] is False
    stage.act(unpaid, "pay")
    assert stage.captured()[unpaid].state is r.OrderState.OPEN
    stage.act(paid, "cancel")
    stage.pass_time()
    cancelled = stage.captured()[paid]
    assert cancelled.state is r.OrderState.CANCELLED


@pytest.mark.parametrize("verb", ["edit_address", "edit_quantity", "edit_memo", "remove_line"])
def test_an_edit_is_seen_after_the_next_pull(stage: Stage, verb: str) -> None:
    (number,) = stage.buy("split")
    pages = list(stage.pages())
    before = stage.order(number)
    edited = seen_edit(stage, number, verb)
    after = stage.captured(pages[-1].cursor)
    assert number in after
    if edited and verb not in stage.traveller.hides:
        assert changed_part(after[number], verb) != changed_part(before, verb)


def seen_edit(stage: Stage, number: str, verb: str) -> bool:
    """Whether the platform knows this edit and did it."""
    with suppress(UnknownHere):
        stage.act(number, verb)
        return True
    return False


def changed_part(order: r.OrderRecord, verb: str) -> object:
    """What an edit changes; a note without our mark is the buyer's on Shopify, and a removed line stays cancelled."""
    goods = [(line.external_no, line.units, line.state) for line in order.lines if line.kind == "goods"]
    parts = {"edit_address": order.receiver, "edit_memo": (order.seller_memo, order.buyer_message)}
    return parts.get(verb, goods)


def test_what_the_platform_takes_over_is_not_ours_to_ship(stage: Stage) -> None:
    (number,) = stage.buy("plain")
    if seen_edit(stage, number, "take_over"):
        order = stage.captured()[number]
        assert {line.fulfiller for line in order.lines if line.kind == "goods"} == {r.Fulfiller.PLATFORM}
