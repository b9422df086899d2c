"""自动下单: what may be ordered by itself is, once, with a receipt and an alert; the rest is left to people."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from oms.app.stock.receipts import NewReceipt, create_receipt
from oms.app.stock.replenishing import Setting, renew_proposals
from oms.app.stock.replenishing_itself import check_sure, order_by_itself
from oms.app.stock.replenishing_settings import set_replenishing
from oms.domain.errors import Invalid, NotPossible
from tests.app.test_replenishing import sells
from tests.factories import World

ITSELF = Setting(
    lead_days=7, cover_days=14, look_back_days=10, multiple=10, is_ordering_itself=True, order_limit=70_000,
    stock_point_id=1, supplier_name="maker",
)  # fmt: skip
ALERTS = "select kind from alert where kind like 'replenish%'"


@pytest.fixture
def world(make_world: Any) -> World:
    """Sixty of everything, of which most are sold."""
    made: World = make_world(stock=30)
    return made


def cost(world: World, amount: int) -> None:
    world.run(
        """insert into cost_price (sku_id, valid_from, amount) values (:sku, '2020-01-01', :amount)
           on conflict (sku_id, valid_from) do update set amount = excluded.amount""",
        sku=world.skus["A"], amount=amount,
    )  # fmt: skip


def test_a_sure_proposal_within_the_limit_is_ordered_once_with_a_receipt_and_an_alert(world: World) -> None:
    set_replenishing(world.hub, 1, "", ITSELF)
    sells(world, "A", 5, 8)
    cost(world, 1_000)
    assert renew_proposals(world.hub) == 1
    assert [order_by_itself(world.hub), order_by_itself(world.hub)] == [1, 0]
    rows = world.rows(
        """select g.supplier_name, g.created_by, l.expected, p.decided_by, p.ordered_units,
             g.purchase_no = 'AUTO-' || p.id from goods_receipt g join goods_receipt_line l on l.goods_receipt_id = g.id
           join replenish_proposal p on p.receipt_id = g.id"""
    )
    assert [tuple(row) for row in rows] == [("maker", "replenishment", 70, "replenishment", 70, True)]
    assert [row[0] for row in world.rows(ALERTS)] == ["replenish_ordered"]
    assert renew_proposals(world.hub) == 0


def test_what_costs_more_than_the_limit_is_left_to_people_with_an_alert(world: World) -> None:
    set_replenishing(world.hub, 1, "", replace(ITSELF, order_limit=69_999))
    sells(world, "A", 5, 8)
    cost(world, 1_000)
    renew_proposals(world.hub)
    assert order_by_itself(world.hub) == 0
    assert [row[0] for row in world.rows(ALERTS)] == ["replenish_left"]
    assert world.one("select state from replenish_proposal") == "open"
    set_replenishing(world.hub, 1, "", replace(ITSELF, is_ordering_itself=False))
    world.run("delete from alert")
    assert order_by_itself(world.hub) == 0
    assert world.rows(ALERTS) == []


def test_a_limit_and_a_point_of_the_pool_are_wanted(world: World) -> None:
    for wrong in (replace(ITSELF, order_limit=None), replace(ITSELF, stock_point_id=None)):
        with pytest.raises(Invalid):
            set_replenishing(world.hub, 1, "", wrong)


def test_what_somebody_has_bought_since_the_last_reckoning_is_not_bought_again(world: World) -> None:
    set_replenishing(world.hub, 1, "", ITSELF)
    sells(world, "A", 5, 8)
    cost(world, 1_000)
    assert renew_proposals(world.hub) == 1
    create_receipt(world.hub, NewReceipt("WH1", {"A": 70}, "PO-1"), "ann")
    assert order_by_itself(world.hub) == 0
    assert world.one("select state from replenish_proposal") == "gone"
    assert world.one("select count(*) from goods_receipt") == 1


def test_a_price_in_another_currency_than_the_limit_is_left_to_people(world: World) -> None:
    set_replenishing(world.hub, 1, "", ITSELF)
    sells(world, "A", 5, 8)
    cost(world, 1_000)
    world.run("update cost_price set currency = 'USD'")
    assert order_by_itself(world.hub) == 0
    assert world.rows("select kind, words from alert where kind like 'replenish%'") == [
        ("replenish_left", "its cost price is in USD, the limit in CNY")
    ]


@pytest.mark.parametrize(
    ("backlog", "limit", "price", "is_capped", "days", "is_ordered"),
    [
        (0, 100, 10, False, 7, True),
        (0, 99, 10, False, 7, False),
        (0, 100, None, False, 7, False),
        (0, 100, 10, True, 7, False),
        (0, 100, 10, False, 6, False),
        (1, 100, 10, False, 7, False),
    ],
)
def test_only_what_is_sure_and_affordable_is_ordered(
    backlog: int, limit: int, price: int | None, is_capped: bool, days: int, is_ordered: bool
) -> None:
    with nullcontext() if is_ordered else pytest.raises(NotPossible):
        check_sure(10, backlog, limit, price, "CNY", is_capped=is_capped, days=days)
