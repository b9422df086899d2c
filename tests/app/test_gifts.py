"""Gifts by rules: what an order gets, that it stays with its line, and that repeated walks change nothing."""

from __future__ import annotations

import pytest

from oms.app.intercept.orders import cancel_order
from oms.app.rulebook.versions import retire
from tests.app.gift_rules import a_rule, counted, gift, gifts_in_force, gifts_of, log_of
from tests.app.rule_sets import set_id
from tests.app.test_asked import taken, walk_again
from tests.factories import World, a_line, advance, an_order


def test_a_gift_is_planned_and_reserved_with_the_line_that_earned_it(world: World) -> None:
    gift(world, "E", 2)
    id_ = taken(world)
    rows = world.rows(
        """select d.origin, d.units, d.planned, d.share_amount, f.status from demand d
           join fulfilment_line x on x.demand_id = d.id join fulfilment f on f.id = x.fulfilment_id
           where d.order_id = :id order by d.origin""",
        id=id_,
    )
    assert [tuple(row)[:4] for row in rows] == [("gift", 2, 2, 0), ("self", 1, 1, 1000)]
    assert len(world.fulfilments(id_)) == 1
    assert log_of(world, id_) == [("g1", "E", 2, "given", "")]
    assert world.one("select sum(reserved) from stock_level where sku_id = :id", id=world.skus["E"]) == 2
    line = world.rows("select ordered, planned from order_line where order_id = :id", id=id_)[0]
    assert tuple(line) == (1, 1)


def test_walking_again_gives_nothing_more(world: World) -> None:
    gift(world, "E")
    id_ = taken(world, lines=[a_line("1", "NONE", 1, 100), a_line("2", "A", 1, 100)])
    walk_again(world, id_)
    walk_again(world, id_)
    assert gifts_of(world, id_) == {"E": 1}
    assert world.events(id_).count("gift_given") == 1


@pytest.mark.parametrize(
    ("action", "params", "wanted"),
    [
        ("add_gift_per_units", {"sku": "E", "units": 1, "per": 3}, {"E": 2}),
        ("add_gift_per_units", {"sku": "E", "units": 2, "per": 2, "bought": "B"}, {"E": 4}),
        ("add_gift_per_units", {"sku": "E", "units": 2, "per": 1, "bought": "B", "most": 5}, {"E": 5}),
        ("add_gift_per_units", {"sku": "E", "units": 1, "per": 1, "bought": "D"}, {}),
        ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 2500}, {"E": 3}),
        ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 2500, "most": 2}, {"E": 2}),
        ("add_gift_tiered", {"sku": "E", "amount_1": 1000, "units_1": 1, "amount_2": 8000, "units_2": 4}, {"E": 4}),
        ("add_gift_tiered", {"sku": "E", "amount_1": 1000, "units_1": 1, "amount_2": 8001, "units_2": 4}, {"E": 1}),
        ("add_gift_tiered", {"sku": "E", "amount_1": 9000, "units_1": 1}, {}),
    ],
)
def test_units_amounts_and_tiers_earn_gifts(
    world: World, action: str, params: dict[str, object], wanted: dict[str, int]
) -> None:
    gifts_in_force(world, a_rule("g1", (action, params)))
    id_ = taken(world, lines=[a_line("1", "A", 2, 3000), a_line("2", "B", 4, 5000)])
    assert gifts_of(world, id_) == wanted


def test_a_gift_for_a_sku_hangs_on_its_line(world: World) -> None:
    gifts_in_force(world, a_rule("g1", ("add_gift_per_units", {"sku": "E", "units": 1, "per": 1, "bought": "B"})))
    id_ = taken(world, lines=[a_line("1", "A"), a_line("2", "B")])
    assert world.one(
        """select l.external_no from demand d join order_line l on l.id = d.order_line_id
           where d.order_id = :id and d.origin = 'gift'""",
        id=id_,
    ) == "2"  # fmt: skip


def test_a_rule_that_gives_none_takes_those_of_others_away(world: World) -> None:
    gifts_in_force(world, a_rule("g1", ("add_gift", {"sku": "E", "units": 1})), a_rule("g2", ("no_gifts", {})))
    assert gifts_of(world, taken(world)) == {}


def test_a_rule_out_of_force_drops_what_has_not_left(world: World) -> None:
    version = gift(world, "E", 1, stock=10)
    id_ = taken(world, lines=[a_line("1", "NONE", 1, 100), a_line("2", "A", 1, 100)])
    assert counted(world) == {"E": 1}
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert gifts_of(world, id_) == {}
    assert log_of(world, id_) == [("g1", "E", 1, "dropped", "not_earned")]
    assert counted(world) == {"E": 0}


def test_the_stock_of_a_rule_ends_and_what_is_dropped_is_given_again(world: World) -> None:
    gift(world, "E", 2, stock=3)
    first, second, third = (taken(world) for _ in range(3))
    assert [gifts_of(world, id_) for id_ in (first, second, third)] == [{"E": 2}, {"E": 1}, {}]
    assert log_of(world, second) == [("g1", "E", 1, "given", "limit")]
    assert log_of(world, third) == [("g1", "E", 2, "out", "limit")]
    assert counted(world) == {"E": 3}


def test_a_buyer_gets_no_more_than_the_rule_allows(world: World) -> None:
    gift(world, "E", 2, per_buyer=3)
    buyer = {"external_id": "one", "nick": "买**"}
    first, second, third = (taken(world, buyer=buyer) for _ in range(3))
    other = taken(world)
    assert [gifts_of(world, id_) for id_ in (first, second, third, other)] == [{"E": 2}, {"E": 1}, {}, {"E": 2}]


def test_a_gift_out_of_stock_keeps_no_order_back(world: World) -> None:
    world.run("update stock_level set on_hand = 0 where sku_id = 104")
    world.run("update stock_movement set on_hand = 0 where sku_id = 104")
    gift(world, "E")
    id_ = taken(world)
    assert log_of(world, id_) == [("g1", "E", 1, "out", "stock")]
    assert len(world.fulfilments(id_)) == 1
    assert "gift_out" in world.events(id_)


def test_another_gift_goes_instead(world: World) -> None:
    world.run("update stock_level set on_hand = 0 where sku_id = 104")
    world.run("update stock_movement set on_hand = 0 where sku_id = 104")
    gift(world, "E", 1, instead="D")
    assert gifts_of(world, taken(world)) == {"D": 1}


def test_an_order_waits_for_its_gift_where_the_rule_says_so(world: World) -> None:
    world.run("update stock_level set on_hand = 0 where sku_id = 104")
    world.run("update stock_movement set on_hand = 0 where sku_id = 104")
    gift(world, "E", 1, holds=True)
    id_ = taken(world)
    assert world.holds(id_) == {"short_of_stock"}
    assert gifts_of(world, id_) == {"E": 1}


def test_a_gift_that_cannot_be_packed_with_the_order_is_left_out(world: World) -> None:
    world.run("update shop set max_parcels = 1")
    world.run("update stock_level set on_hand = 0 where (sku_id, stock_point_id) in ((104, 1), (100, 2))")
    world.run("update stock_movement set on_hand = 0 where (sku_id, stock_point_id) in ((104, 1), (100, 2))")
    gift(world, "E", 1, stock=5)
    id_ = taken(world)
    assert world.holds(id_) == set()
    assert gifts_of(world, id_) == {}
    assert log_of(world, id_) == [("g1", "E", 1, "out", "unplanned")]
    assert counted(world) == {"E": 0}
    assert len(world.fulfilments(id_)) == 1


def test_a_short_order_keeps_its_gift(world: World) -> None:
    gift(world, "E")
    id_ = taken(world, lines=[a_line("1", "A", 500, 1000)])
    assert world.holds(id_) == {"short_of_stock", "beyond_supply"}
    assert gifts_of(world, id_) == {"E": 1}


def test_a_rule_that_names_a_sku_gone_since_keeps_no_order_back_and_is_told(world: World) -> None:
    gift(world, "D")
    world.run("update sku set is_archived = true where code = 'D'")
    id_ = taken(world)
    assert len(world.fulfilments(id_)) == 1
    assert world.one("select reason from rule_trouble") == "there is no SKU D"


def test_a_cancelled_order_gives_its_gift_back(world: World) -> None:
    gift(world, "E", 1, stock=5)
    id_ = taken(world, lines=[a_line("1", "NONE", 1, 100), a_line("2", "A", 1, 100)])
    assert counted(world) == {"E": 1}
    world.run("update orders set origin = 'manual' where id = :id", id=id_)
    cancel_order(world.hub, id_, "user:1", "wrong")
    advance(world)
    assert gifts_of(world, id_) == {}
    assert counted(world) == {"E": 0}


def test_nothing_is_asked_when_no_gift_rule_is_in_force(world: World) -> None:
    id_ = an_order(world)
    advance(world)
    assert log_of(world, id_) == []
    assert world.rows("select 1 from decision where stage = 'gift'") == []
