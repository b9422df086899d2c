"""Warehouse staff swap a missing gift or a part of a bundle within limits: goods, money and reservation move together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.app.pipeline.packing.swaps import Swap, swap_goods
from oms.domain.errors import HubError, Invalid, NotPossible
from tests.app.test_packing import sent, status, teller
from tests.factories import World, a_line, advance, an_order, settle

LIMITS = "insert into packing_setting (stock_point_id, swap_origins, swap_most_amount) values (1, '{gift,bundle}', 100)"


@pytest.fixture
def by_hand(make_world: Callable[..., World]) -> World:
    """Points that work by hand; the first may swap gifts and parts of its category that differ by 1.00 at most."""
    world = make_world()
    world.run("update stock_point set account_id = null")
    world.run(LIMITS)
    world.run("update sku set category = case when code in ('A', 'B', 'C') then 'cup' else 'bed' end")
    world.run(
        """insert into cost_price (sku_id, valid_from, amount)
           select id, '2026-01-01', case code when 'C' then 590 else 500 end from sku where code <> 'E'"""
    )
    return world


def a_bundle(world: World, units: int = 2) -> tuple[int, int]:
    """An order of bundles of one A and two B."""
    line = {**a_line("1", "SET", units, 3000), "seller_code": "SET"}
    world.run(
        "insert into listing (id, shop_id, listing_no, bundle_id) values (77, 1, 'LSET', 900) on conflict do nothing"
    )
    id_ = an_order(world, [line], no="S")
    settle(world)
    return id_, world.fulfilments(id_)[-1].id


def swap(away: str = "B", instead: str = "C", units: int = 4) -> Swap:
    return Swap(away, instead, units, "the buyer agreed by chat")


def test_a_part_of_a_bundle_is_swapped_with_its_money_and_reservation(by_hand: World) -> None:
    order, work = a_bundle(by_hand)
    assert swap_goods(by_hand.hub, work, swap(), teller("k"))
    assert not swap_goods(by_hand.hub, work, swap(), teller("k"))
    made = by_hand.rows("select sku_id, origin, units, planned, cancelled, share_amount from demand order by id")
    assert [tuple(row) for row in made] == [
        (100, "bundle", 2, 2, 0, 1000), (101, "bundle", 4, 0, 4, 0), (102, "swap", 4, 4, 0, 2000)
    ]  # fmt: skip
    levels = by_hand.rows("select sku_id, reserved from stock_level where stock_point_id = 1 and reserved > 0 order by 1")
    assert [tuple(row) for row in levels] == [(100, 2), (102, 4)]
    assert by_hand.one("select on_hand from stock_level where stock_point_id = 1 and sku_id = 101") == 0
    packing.ship(by_hand.hub, work, [PackedParcel("ZTO", "ZT1000")], teller("s"))
    settle(by_hand)
    assert by_hand.phase(order) == "shipped"
    assert [tuple(row) for row in by_hand.rows("select shipped, planned from order_line")] == [(2, 0)]
    assert len(by_hand.script.asked("push_shipment")) == 1


def test_customer_service_hears_of_it_and_the_timeline_tells(by_hand: World) -> None:
    order, work = a_bundle(by_hand)
    swap_goods(by_hand.hub, work, swap(), teller("k"))
    assert "part_swapped" in by_hand.events(order)
    ((kind, words),) = by_hand.rows("select kind, words from notice")
    assert (kind, "B ×4 → C" in words) == ("swap", True)


def test_some_units_of_a_gift_are_swapped_and_it_stays_the_gift_of_its_rule(by_hand: World) -> None:
    id_ = an_order(by_hand, no="G")
    advance_until_planned(by_hand)
    by_hand.run("update demand set origin = 'gift', per_unit = 1 where order_id = :id", id=id_)
    settle(by_hand)
    (work,) = [row.id for row in by_hand.fulfilments(id_)]
    swap_goods(by_hand.hub, work, swap("A", "B", 1), teller("k"))
    assert by_hand.rows("select origin, planned, per_unit from demand order by id")[-1] == ("swap", 1, 0)
    assert status(by_hand, work)[0] == "sent"


def advance_until_planned(world: World) -> None:
    advance(world)


@pytest.mark.parametrize(
    ("change", "wanted", "kind"),
    [
        ("delete from packing_setting", swap(), NotPossible),
        ("update packing_setting set swap_origins = '{gift}'", swap(), NotPossible),
        ("select 1", swap(units=3), NotPossible),
        ("select 1", swap(instead="D"), NotPossible),
        ("update sku set category = ''", swap(), NotPossible),
        ("update packing_setting set swap_most_amount = 89", swap(), NotPossible),
        ("delete from cost_price where sku_id = 102", swap(), NotPossible),
        ("update stock_level set safety = 98 where sku_id = 102", swap(), NotPossible),
        ("select 1", swap(instead="B"), Invalid),
        ("select 1", swap(instead="NOTHING"), Invalid),
        ("update sku set is_archived = true where code = 'C'", swap(), Invalid),
        ("select 1", Swap("B", "C", 4, " "), Invalid),
    ],
    ids=["off", "origin", "not whole", "category", "no category", "value", "no price", "too few", "same", "unknown",
         "archived", "no reason"],
)  # fmt: skip
def test_beyond_the_limits_nothing_changes(by_hand: World, change: str, wanted: Swap, kind: type[HubError]) -> None:
    _, work = a_bundle(by_hand)
    by_hand.run(change)
    with pytest.raises(kind):
        swap_goods(by_hand.hub, work, wanted, teller("k"))
    assert by_hand.rows("select 1 from demand where origin = 'swap'") == []


def test_what_the_buyer_chose_himself_is_never_swapped(by_hand: World) -> None:
    _, work = sent(by_hand)
    with pytest.raises(NotPossible):
        swap_goods(by_hand.hub, work, swap("A", "B", 1), teller("k"))
