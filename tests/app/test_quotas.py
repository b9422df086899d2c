"""Quotas, presale and timed holds on a database: what shops are told, and what their orders may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.app.stock.presale import set_presale, take_arrival
from oms.app.stock.quotas import QuotaForm, preview, remove_quota, set_policy, set_quota
from oms.app.stock.telling import units_told
from oms.app.stock.timed import keep_units, list_kept, release_units
from oms.app.stock.waking import wake_short
from oms.domain.errors import Invalid, NotFound
from tests.app.test_detectors_at_work import switch
from tests.app.test_reserving import is_planned, reserved, taken
from tests.factories import START, World, a_document, a_line, advance, an_order, drain, raw, take


@pytest.fixture
def two(make_world: Any) -> World:
    """Two shops of one pool with ten of everything."""
    world: World = make_world(stock=5)
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
           values (2, 's2', '二店', 1, 1, 1, 0)"""
    )
    return world


def told(world: World, code: str = "A") -> dict[int, int]:
    with world.hub.engine.connect() as connection:
        masters = world.hub.masters.get(connection, world.clock())
        return {
            id_: units_told(connection, masters, card, [world.skus[code]])[world.skus[code]]
            for id_, card in masters.shops.items()
        }


def sold(world: World, shop: int, units: int) -> int:
    no = f"S{next(world.numbers)}"
    take(world, raw(a_document(no, [a_line(units=units)])), shop=shop)
    advance(world)
    return int(world.one("select id from orders where external_no = :no", no=no))


def test_an_order_draws_its_shops_exclusive_units_first_and_leaves_those_of_others(two: World) -> None:
    set_quota(two.hub, "shop", 2, "A", QuotaForm(exclusive=6), "ann")
    assert told(two) == {1: 4, 2: 10}
    assert not is_planned(two, sold(two, 1, 5))
    first = sold(two, 2, 4)
    assert is_planned(two, first)
    assert two.one("select units from quota_use") == 4
    assert told(two) == {1: 4, 2: 6}  # Nothing is kept for the order that waits; two are left of the exclusive ones.
    take(two, raw(a_document("S2", [a_line(units=4)], state="cancelled", at=5), 5), shop=2)
    advance(two)
    assert two.one("select count(*) from quota_use") == 0
    remove_quota(two.hub, int(two.one("select id from stock_quota")), "ann")
    drain(wake_short, two)
    two.clock.forward(700)
    advance(two)
    assert told(two) == {1: 5, 2: 5}


def test_ratio_threshold_backorder_and_last_units_bear_on_what_is_told(two: World) -> None:
    set_quota(two.hub, "global", 0, "", QuotaForm(ratio_bp=5000), "ann")
    assert told(two) == {1: 5, 2: 5}
    set_quota(two.hub, "channel", 1, "", QuotaForm(threshold=6, threshold_units=2), "ann")
    set_quota(two.hub, "shop", 2, "A", QuotaForm(ratio_bp=10_000), "ann")
    assert told(two) == {1: 2, 2: 10}
    set_policy(two.hub, 1, 0, {"backorder_units": 3}, "ann")
    assert told(two) == {1: 5, 2: 13}
    for shop in (1, 2):
        two.run("insert into listing (shop_id, listing_no, sku_id) values (:shop, 'L', 100)", shop=shop)
        two.run(
            "insert into sku_day (day, shop_id, sku_id, units, income, orders) values (:day, :shop, 100, 1, :money, 1)",
            day=START.date(), shop=shop, money=shop * 100,
        )  # fmt: skip
    set_policy(two.hub, 1, 0, {"last_units": 11}, "ann")
    assert told(two) == {1: 0, 2: 10}
    with two.hub.engine.connect() as connection:
        ((_, supply, rows),) = preview(connection, two.hub.masters.get(connection, two.clock()), "A")
    assert supply.available == 10
    assert {row.shop.id: [step for step, _ in row.told.steps] for row in rows} == {
        1: ["there", "promised", "exclusive", "ratio", "last_units", "threshold"],
        2: ["there", "promised", "exclusive"],
    }


def test_a_shop_abroad_is_told_the_last_units_after_those_that_compare_with_the_cost(two: World) -> None:
    two.run("update shop set currency = 'JPY' where id = 2")
    two.run("insert into cost_price (sku_id, valid_from, amount, currency) values (100, '2020-01-01', 3000, 'CNY')")
    for shop, income in ((1, 2900), (2, 9900)):
        two.run("insert into listing (shop_id, listing_no, sku_id) values (:shop, 'L', 100)", shop=shop)
        two.run(
            "insert into sku_day (day, shop_id, sku_id, units, income, orders) values (:day, :shop, 100, 1, :money, 1)",
            day=START.date(), shop=shop, money=income,
        )  # fmt: skip
    set_policy(two.hub, 1, 0, {"last_units": 11}, "ann")
    assert told(two) == {1: 10, 2: 0}
    with two.hub.engine.connect() as connection:
        ((_, _, rows),) = preview(connection, two.hub.masters.get(connection, two.clock()), "A")
    assert {row.shop.id: (row.worth, row.is_ranked) for row in rows} == {1: (-100, True), 2: (None, True)}


def test_an_order_beyond_stock_that_the_policy_allows_waits_without_being_called_oversold(two: World) -> None:
    switch(two, "oversold")
    set_policy(two.hub, 1, 0, {"backorder_units": 4}, "ann")
    within, beyond = sold(two, 1, 13), sold(two, 2, 16)
    assert two.holds(within) == {"short_of_stock"}
    assert two.holds(beyond) == {"short_of_stock", "oversold"}


def test_units_kept_for_a_time_go_to_the_order_with_the_holders_number(two: World) -> None:
    shop = two.hub.masters.get(two.hub.engine, two.clock()).shops[2]
    until = START + timedelta(hours=1)
    with pytest.raises(Invalid, match="only 10"):
        keep_units(two.hub, shop, "D-1", {"A": 11}, until)
    keep_units(two.hub, shop, "D-1", {"A": 9, "B": 1}, until)
    assert [(one.sku, one.units) for one in keep_units(two.hub, shop, "D-1", {"A": 8}, until)] == [("A", 8)]
    assert told(two) == {1: 2, 2: 2}
    assert not is_planned(two, sold(two, 1, 3))
    take(two, raw(a_document("D-1", [a_line(units=8)])), shop=2)
    advance(two)
    assert is_planned(two, int(two.one("select id from orders where external_no = 'D-1'")))
    with two.hub.engine.connect() as connection:
        assert list_kept(connection, shop) == []
    with pytest.raises(NotFound):
        release_units(two.hub, shop, "D-1")


def test_presale_units_are_promised_until_the_goods_come_and_go_out_once_the_balance_is_paid(world: World) -> None:
    world.run("update stock_level set safety = on_hand where sku_id = 100")
    set_presale(world.hub, "WH1", "A", 5, "ann")
    due = {"kind": "balance", "amount": 700, "paid_at": None}
    first, second = (
        taken(world, a_line(units=3), no=f"P{n}", is_presale=True, payments=[due]) for n in (1, 2)
    )  # fmt: skip
    assert "balance_unpaid" in world.holds(first)
    assert [reserved(world, id_) for id_ in (first, second)] == [{"A presale": 3}, {"A presale": 3}]
    take_arrival(world.hub, "WH1", "A", 5, "ann")
    assert [reserved(world, id_) for id_ in (first, second)] == [{"A": 3}, {"A": 2, "A presale": 1}]
    world.clock.forward(3)
    assert not is_planned(world, taken(world, a_line(units=1)))
    paid = {"kind": "balance", "amount": 700, "paid_at": START.isoformat()}
    lines = [a_line(units=3)]
    take(world, raw(a_document("P1", lines, is_presale=True, payments=[paid], at=9), 9))
    advance(world)
    assert is_planned(world, first)
    assert reserved(world, first) == {}
    assert an_order(world) > second
