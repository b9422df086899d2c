"""Gifts at merge: kept as each order earned them, or computed anew for what leaves as one."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.notices import WarehouseState
from oms.app.kernel.holds import hold_order
from oms.app.stock.quotas import QuotaForm, set_quota
from tests.app.gift_rules import a_rule, counted, gifts_in_force, gifts_of, log_of
from tests.app.shipping import progress, ship_all
from tests.app.test_merging_and_stops import let_window_end, pair
from tests.factories import World, advance, settle

PER_AMOUNT = ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 1500, "stock": 9})
EACH = ("add_gift", {"sku": "D", "units": 1})


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes that computes gifts anew."""
    made: World = make_world(window=600, merge_gift_policy="recompute")
    return made


def told_to_warehouse(world: World) -> list[list[tuple[str, int]]]:
    """(SKU, units) of each fulfilment that was handed over."""
    return [sorted((line.sku_code, line.units) for line in notice.lines) for notice in world.script.asked("create")]


def test_orders_that_leave_as_one_earn_as_one(patient: World) -> None:
    gifts_in_force(patient, a_rule("g1", PER_AMOUNT), a_rule("g2", EACH))
    first, second = pair(patient)
    advance(patient)
    assert [gifts_of(patient, id_) for id_ in (first, second)] == [{"D": 1}, {"D": 1}]
    let_window_end(patient)
    assert told_to_warehouse(patient) == [[("A", 1), ("A", 1), ("D", 1), ("E", 1)]]
    assert [gifts_of(patient, id_) for id_ in (first, second)] == [{"D": 1, "E": 1}, {}]
    assert log_of(patient, second) == [("g2", "D", 1, "dropped", "merged")]
    assert counted(patient) == {"E": 1}
    ship_all(patient, first)
    settle(patient)
    assert {patient.phase(id_) for id_ in (first, second)} == {"shipped"}


def test_a_shop_that_keeps_gifts_keeps_them(make_world: Any) -> None:
    world = make_world(window=600)
    gifts_in_force(world, a_rule("g1", PER_AMOUNT), a_rule("g2", EACH))
    ids = pair(world)
    let_window_end(world)
    assert told_to_warehouse(world) == [[("A", 1), ("A", 1), ("D", 1), ("D", 1)]]
    assert [gifts_of(world, id_) for id_ in ids] == [{"D": 1}, {"D": 1}]


def test_what_comes_apart_again_earns_alone_again(patient: World) -> None:
    gifts_in_force(patient, a_rule("g1", PER_AMOUNT), a_rule("g2", EACH))
    first, second = pair(patient)
    let_window_end(patient)
    hold_order(patient.hub, second, "user:1", "stop it")
    settle(patient)
    for work in patient.fulfilments(first):
        if work.status == "stopping":
            progress(patient, work.id, WarehouseState.CANCELLED)
    patient.clock.forward(3)
    settle(patient)
    assert [gifts_of(patient, id_) for id_ in (first, second)] == [{"D": 1}, {"D": 1}]
    assert counted(patient) == {"E": 0}


def test_a_gift_that_the_stock_point_lacks_is_out(patient: World) -> None:
    patient.run("update stock_level set on_hand = 0 where sku_id = 104 and stock_point_id = 1")
    patient.run("update stock_movement set on_hand = 0 where sku_id = 104 and stock_point_id = 1")
    gifts_in_force(patient, a_rule("g1", PER_AMOUNT))
    first, _second = pair(patient)
    let_window_end(patient)
    assert told_to_warehouse(patient) == [[("A", 1), ("A", 1)]]
    assert log_of(patient, first) == [("g1", "E", 1, "out", "stock")]
    assert counted(patient) == {"E": 0}


@pytest.mark.parametrize(("exclusive", "is_given"), [(199, False), (198, True)])
def test_a_gift_of_a_merged_parcel_leaves_the_exclusive_units_of_another_shop(
    patient: World, exclusive: int, is_given: bool
) -> None:
    patient.run(
        "insert into shop (id, code, name, channel_id, account_id, stock_pool_id) values (2, 's2', '二', 1, 1, 1)"
    )
    patient.run("update stock_level set reserved = 1 where sku_id = 104 and stock_point_id = 2")
    set_quota(patient.hub, "shop", 2, "E", QuotaForm(exclusive=exclusive), "ann")
    gifts_in_force(patient, a_rule("g1", PER_AMOUNT))
    first, _second = pair(patient)
    let_window_end(patient)
    assert gifts_of(patient, first) == ({"E": 1} if is_given else {})
    patient.run("update stock_level set reserved = reserved - 1 where sku_id = 104 and stock_point_id = 2")


def test_a_gift_of_a_merged_parcel_is_drawn_from_its_shops_own_exclusive_units(patient: World) -> None:
    set_quota(patient.hub, "shop", 1, "E", QuotaForm(exclusive=5), "ann")
    set_quota(patient.hub, "shop", 1, "A", QuotaForm(exclusive=1), "ann")
    gifts_in_force(patient, a_rule("g1", PER_AMOUNT))
    first, _second = pair(patient)
    let_window_end(patient)
    assert gifts_of(patient, first) == {"E": 1}
    drawn = (
        "select k.code, u.units from quota_use u join stock_quota q on q.id = u.quota_id join sku k on k.id = q.sku_id"
    )
    assert sorted(tuple(row) for row in patient.rows(drawn)) == [("A", 1), ("E", 1)]


def test_an_order_that_leaves_alone_keeps_its_gift(patient: World) -> None:
    gifts_in_force(patient, a_rule("g2", EACH))
    (only,) = pair(patient, 1)
    let_window_end(patient)
    assert told_to_warehouse(patient) == [[("A", 1), ("D", 1)]]
    assert log_of(patient, only) == [("g2", "D", 1, "given", "")]
