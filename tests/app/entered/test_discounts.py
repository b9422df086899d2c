"""Discounts by rules: of own channels, while nothing is paid; to the cent in lines, shares, payment and parcels."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.capture.entered.entering import enter_order
from oms.app.capture.entered.rows import Row
from oms.app.capture.entered.settling import mark_paid
from oms.app.rulebook.versions import retire
from tests.app.entered.kit import USUAL
from tests.app.gift_rules import a_rule, gifts_in_force, gifts_of
from tests.app.rule_sets import set_id
from tests.app.test_asked import open_holds, walk_again
from tests.factories import START, World, advance, an_order, settle

OFF: tuple[str, dict[str, Any]] = ("amount_off", {"off": 101, "name": "开业", "funder": "merchant"})


def entered(world: World, *lines: dict[str, str], **changes: str) -> int:
    """An order typed in, cash on delivery unless told otherwise; walked as far as it goes."""
    cells = USUAL | {"order_no": "H1", "paid_at": "", "cod": "是"} | changes
    rows = [Row(cells | line) for line in lines or ({},)]
    id_ = enter_order(world.hub, rows, "user:7", [world.shop])
    advance(world)
    return id_


def lines_of(world: World, id_: int) -> list[tuple[int, ...]]:
    """(list, merchant, member, distributor, paid) of each line."""
    rows = world.rows(
        """select list_amount, discount_merchant, discount_member, discount_distributor, paid_amount
           from order_line where order_id = :id order by line_no""",
        id=id_,
    )
    return [tuple(row) for row in rows]


def totals(world: World, id_: int) -> tuple[int, ...]:
    """What the order costs: by the order, its payment, its shares and what is collected for it."""
    return (
        world.one("select paid_total from orders where id = :id", id=id_),
        world.one("select amount from payment where order_id = :id", id=id_),
        world.one("select coalesce(sum(amount), 0)::int from discount_share where order_id = :id", id=id_),
        world.one(
            """select coalesce(sum(collect_amount), 0)::int from fulfilment
               where lead_order_id = :id and status <> 'cancelled'""",
            id=id_,
        ),
    )


def test_an_amount_off_is_shared_to_the_cent_and_the_payment_follows(world: World) -> None:
    gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world, {"sku": "A", "unit_price": "10.00"}, {"sku": "B", "unit_price": "20.00"})
    assert lines_of(world, id_) == [(1000, 34, 0, 0, 966), (2000, 67, 0, 0, 1933)]
    assert totals(world, id_) == (2899, 2899, 101, 2899)
    shares = world.rows("select funder, amount, promotion_no, name from discount_share order by amount")
    number = f"rule:{world.one('select id from rule_set')}:d1:1"
    assert [tuple(row) for row in shares] == [("merchant", 34, number, "开业"), ("merchant", 67, number, "开业")]


def test_a_member_gets_the_discount_of_his_level(world: World) -> None:
    gifts_in_force(world, a_rule("d1", ("member_discount", {})))
    world.run("insert into member_level (code, name, discount_bp) values ('gold', '金卡', 1250)")
    entered(world, order_no="H0")
    world.run("update customer set member_level = 'gold'")
    id_ = entered(world, unit_price="9.99")
    assert lines_of(world, id_) == [(999, 0, 125, 0, 874)]
    assert world.one("select name from discount_share where order_id = :id", id=id_) == "金卡"


def test_discounts_come_one_after_the_other_and_never_below_zero(world: World) -> None:
    half = ("percent_off", {"percent": "50", "name": "半价", "funder": "distributor"})
    gifts_in_force(world, a_rule("d1", half), a_rule("d2", ("amount_off", OFF[1] | {"off": 70000})))
    id_ = entered(world)
    assert lines_of(world, id_) == [(1000, 500, 0, 500, 0)]
    assert totals(world, id_) == (0, 0, 1000, 0)


def test_walking_again_takes_nothing_more_off(world: World) -> None:
    gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world)
    walk_again(world, id_)
    assert totals(world, id_) == (899, 899, 101, 899)
    assert world.events(id_).count("discounted") == 1


def test_a_rule_out_of_force_gives_the_price_back(world: World) -> None:
    world.run("update shop set merge_window_s = 600")
    version = gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world)
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert totals(world, id_) == (1000, 1000, 0, 1000)
    assert lines_of(world, id_) == [(1000, 0, 0, 0, 1000)]


def test_an_unpaid_order_is_paid_at_its_new_price_and_then_stays(world: World) -> None:
    version = gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world, cod="")
    assert world.phase(id_) == "unpaid"
    assert totals(world, id_)[:3] == (899, 899, 101)
    mark_paid(world.hub, id_, 899, START, "TR-9", "user:7")
    retire(world.hub, set_id(world, version), "user:1", "over")
    world.clock.forward(3)
    settle(world)
    assert totals(world, id_)[:3] == (899, 899, 101)
    assert world.phase(id_) == "at_warehouse"


def test_a_paid_order_keeps_its_price(world: World) -> None:
    gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world, cod="", paid_at="2026-11-20 09:31")
    assert totals(world, id_)[:3] == (1000, 1000, 0)


def test_amounts_that_earn_gifts_are_those_after_the_discount(world: World) -> None:
    given = ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 450})
    gifts_in_force(world, a_rule("d1", OFF), a_rule("g1", given))
    assert gifts_of(world, entered(world)) == {"E": 1}


def test_a_bundle_shares_the_discount_among_its_parts(world: World) -> None:
    gifts_in_force(world, a_rule("d1", OFF))
    id_ = entered(world, sku="SET")
    shares = world.rows("select share_amount from demand where order_id = :id order by id", id=id_)
    assert [row[0] for row in shares] == [300, 599]


def test_a_platforms_order_is_held_and_its_price_stays(world: World) -> None:
    version = gifts_in_force(world, a_rule("d1", OFF))
    id_ = an_order(world)
    advance(world)
    seen = {"rules": ["d1"], "reason": "a discount cannot be given on an order of a platform", "stage": "discount"}
    assert open_holds(world, id_) == {"by_rule": seen}
    assert lines_of(world, id_) == [(1000, 0, 0, 0, 1000)]
    walk_again(world, id_)
    assert world.events(id_).count("hold_placed") == 1
    retire(world.hub, set_id(world, version), "user:1", "over")
    walk_again(world, id_)
    assert open_holds(world, id_) == {}


@pytest.mark.parametrize("percent", ["0", "12.5", "33.33", "100"])
def test_percentages_are_of_what_is_paid(world: World, percent: str) -> None:
    gifts_in_force(world, a_rule("d1", ("percent_off", {"percent": percent, "name": "x", "funder": "member"})))
    id_ = entered(world, {"sku": "A", "unit_price": "3.33"}, {"sku": "B", "unit_price": "3.34"})
    wanted = {"0": 667, "12.5": 584, "33.33": 445, "100": 0}[percent]
    assert totals(world, id_) == (wanted, wanted, 667 - wanted, wanted)
