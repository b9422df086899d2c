"""What is collected on delivery adds up to what the buyer owes, however often an order is planned anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oms.app.kernel.holds import hold_order
from oms.app.kernel.holds import lift as lift_hold
from tests.app.shipping import a_parcel, a_shipment, ship_fulfilment
from tests.factories import START, World, a_document, a_line, advance, an_order, raw, report, settle, take

PAID_AT = START.isoformat()
#: Of 26.00 a part is paid beforehand; the rest is due on delivery.
GIFT_CARD = {"kind": "store", "amount": 501, "paid_at": PAID_AT}
PART_PAID = [GIFT_CARD, {"kind": "cod", "amount": 2099}]
LINES = [a_line("1", "A", 1, 1000), a_line("2", "B", 1, 1000), a_line("F", "", 1, 600, kind="freight")]


def split_world(make_world: Callable[..., Any], **shop: Any) -> World:
    """A is at the first point only, B at the second only."""
    world: World = make_world(max_parcels=3, **shop)
    world.run("update stock_level set safety = 1000 where stock_point_id = 2 and sku_id = 100")
    world.run("update stock_level set safety = 1000 where stock_point_id = 1 and sku_id = 101")
    return world


def give_back(world: World, id_: int) -> None:
    """What has not left of an order comes back from its warehouses, and is planned anew."""
    hold_order(world.hub, id_, "user:1", "wait")
    settle(world)
    lift_hold(world.hub, world.one("select id from hold where kind = 'manual' and cleared_at is null"), "user:1", "go on")


def carried(world: World, id_: int) -> list[int]:
    """What the order's fulfilments collect that are not cancelled."""
    works = [work for work in world.fulfilments(id_) if work.status not in ("cancelled", "merged")]
    return [work.collect_amount for work in works]


def test_freight_is_collected_though_each_half_came_back_twice(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world)
    id_ = an_order(world, LINES, is_cod=True)
    settle(world)
    assert carried(world, id_) == [1300, 1300]
    for _ in range(2):
        give_back(world, id_)
        settle(world)
        assert sum(carried(world, id_)) == 2600
    works = [work for work in world.fulfilments(id_) if work.status == "sent"]
    assert sum(work.freight_amount for work in works) == 600


def test_what_has_left_counts_as_carried(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world)
    id_ = an_order(world, LINES, is_cod=True)
    settle(world)
    first, _ = world.fulfilments(id_)
    ship_fulfilment(world, first.id)
    give_back(world, id_)
    settle(world)
    assert carried(world, id_) == [1300, 1300]


def test_the_rest_of_a_short_parcel_collects_only_what_is_left_to_collect(world: World) -> None:
    id_ = an_order(world, [a_line("1", "C", 3, 3000)], is_cod=True)
    settle(world)
    (work,) = world.fulfilments(id_)
    report(world, a_shipment(work.id, a_parcel(("C", 1)), final=True))
    settle(world)
    assert [row.status for row in world.fulfilments(id_)] == ["closed_short", "sent"]
    assert carried(world, id_) == [3000, 0]


def test_odd_amounts_add_up_to_the_fen(make_world: Callable[..., Any]) -> None:
    world: World = make_world(max_parcels=3)
    world.run("update stock_level set safety = 99 where sku_id = 100 and stock_point_id = 1")
    world.run("update stock_level set safety = 98 where sku_id = 100 and stock_point_id = 2")
    id_ = an_order(world, [a_line("1", "A", 3, 1000)], is_cod=True)
    settle(world)
    assert sorted(carried(world, id_)) == [334, 666]
    for _ in range(2):
        give_back(world, id_)
        settle(world)
        assert sum(carried(world, id_)) == 1000


def test_each_member_of_a_merged_fulfilment_keeps_its_own_part(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world, window=10)
    buyer = {"external_id": "b-same", "nick": "x"}
    mine, other = (an_order(world, LINES, is_cod=True, buyer=buyer) for _ in range(2))
    advance(world)
    world.clock.forward(20)
    settle(world)
    works = [work for work in world.fulfilments(mine) if work.status == "sent"]
    assert [work.collect_amount for work in works] == [2600, 2600]
    give_back(world, mine)
    advance(world)
    for id_ in (mine, other):
        anew = [work for work in world.fulfilments(id_) if work.status == "planned"]
        assert [(work.collect_amount, work.freight_amount) for work in anew] == [(1300, 300), (1300, 300)]


def test_what_was_paid_beforehand_is_not_collected_again(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world)
    id_ = an_order(world, LINES, is_cod=True, payments=PART_PAID)
    settle(world)
    assert carried(world, id_) == [1050, 1049]
    for _ in range(2):
        give_back(world, id_)
        settle(world)
        assert sum(carried(world, id_)) == 2099
    ship_fulfilment(world, next(work.id for work in world.fulfilments(id_) if work.status == "sent"))
    give_back(world, id_)
    settle(world)
    assert sorted(carried(world, id_)) == [1049, 1050]


def test_members_that_paid_a_part_beforehand_keep_their_own_rest(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world, window=10)
    buyer = {"external_id": "b-same", "nick": "x"}
    mine = an_order(world, LINES, is_cod=True, buyer=buyer, payments=PART_PAID)
    other = an_order(world, LINES, is_cod=True, buyer=buyer)
    advance(world)
    world.clock.forward(20)
    settle(world)
    assert [w.collect_amount for w in world.fulfilments(mine) if w.status == "sent"] == [2350, 2349]
    give_back(world, mine)
    advance(world)
    for id_, rest in ((mine, 2099), (other, 2600)):
        anew = [work.collect_amount for work in world.fulfilments(id_) if work.status == "planned"]
        assert sum(anew) == rest


def test_goods_that_would_collect_what_was_paid_since_come_back(world: World) -> None:
    id_ = an_order(world, LINES, is_cod=True, payments=PART_PAID, no="T")
    settle(world)
    assert carried(world, id_) == [2099]
    world.clock.forward(60)
    paid = [GIFT_CARD, {"kind": "online", "amount": 2099, "paid_at": PAID_AT}]
    take(world, raw(a_document("T", LINES, payments=paid, at=60), 60))
    settle(world)
    works = [work for work in world.fulfilments(id_) if work.status != "cancelled"]
    assert [(work.status, work.is_cod, work.collect_amount) for work in works] == [("sent", False, 0)]
    assert world.holds(id_) == set()


def test_a_part_paid_later_is_taken_off_what_is_collected(make_world: Callable[..., Any]) -> None:
    world = split_world(make_world)
    id_ = an_order(world, LINES, is_cod=True, no="T")
    settle(world)
    assert carried(world, id_) == [1300, 1300]
    world.clock.forward(60)
    take(world, raw(a_document("T", LINES, is_cod=True, payments=PART_PAID, at=60), 60))
    settle(world)
    assert carried(world, id_) == [1050, 1049]


def test_a_part_that_no_courier_collects_is_not_collected_though_nobody_says_when_it_was_paid(world: World) -> None:
    gift_card, cash = {"kind": "online", "amount": 501}, {"kind": "cod", "amount": 2099}
    for payments, collects in (([gift_card, cash], 2099), ([{"kind": "online", "amount": 2600}], 2600), ([], 2600)):
        id_ = an_order(world, LINES, is_cod=True, payments=payments)
        settle(world)
        assert carried(world, id_) == [collects]
