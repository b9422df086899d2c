"""Detectors, matching, bundles, sourcing over points, cash on delivery, and review by people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from oms.app.kernel.holds import lift
from oms.app.pipeline.reviewing.passing import pass_orders, send_back
from oms.domain.errors import Invalid
from tests.factories import (
    RECEIVER,
    World,
    a_document,
    a_line,
    add_sku,
    an_order,
    raw,
    receive_stock,
    review_all,
    settle,
    take,
)


def planned(world: World, id_: int) -> list[tuple[int, int, int]]:
    """(point, goods amount, freight) of an order's fulfilments."""
    return [(work.stock_point_id, work.goods_amount, work.freight_amount) for work in world.fulfilments(id_)]


SEEN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "unmatched_sku": ({"code": "NEW"}, {}, "held"),
    "bad_address": ({}, {"receiver": {"name": "周", "phone": "1", "state": "Atlantis"}}, "held"),
    "platform_hold": ({}, {"platform_holds": ["team_buy"]}, "blocked"),
    "refund_asked": ({"refund": "asked", "case_no": "C"}, {}, "blocked"),
    "already_shipped": ({}, {"state": "shipped"}, "elsewhere"),
    "large_goods": ({"code": "E"}, {}, "blocked"),
    "negative_margin": ({"code": "D", "paid": 400}, {}, "held"),
    "below_floor": ({"code": "C", "paid": 400}, {}, "held"),
}


@pytest.mark.parametrize("kind", SEEN)
def test_what_is_abnormal_holds_the_order(world: World, kind: str) -> None:
    world.run("update sku set size_class = 'large' where code = 'E'")
    world.run("insert into cost_price (sku_id, valid_from, amount) values (:id, '2020-01-01', 500)", id=world.skus["D"])
    world.run("insert into floor_price (shop_id, sku_id, amount) values (0, :id, 500)", id=world.skus["C"])
    line, order, phase = SEEN[kind]
    id_ = an_order(world, [a_line("1", **{"code": "A", **line})], **order)
    settle(world)
    assert kind in world.holds(id_)
    assert world.phase(id_) == phase
    assert world.script.asked("create") == []


PROVINCE_ALONE = {**RECEIVER, "city": "", "district": ""}


@pytest.mark.parametrize("given", [{"city": "杭州市"}, {"district": "西湖区"}], ids=["city", "district"])
def test_an_order_to_a_province_alone_waits_until_a_city_or_district_is_named(
    world: World, given: dict[str, str]
) -> None:
    id_ = an_order(world, no="T", receiver=PROVINCE_ALONE)
    settle(world)
    assert world.one("select seen from hold where kind = 'bad_address'") == {"missing": ["city"]}
    assert (world.phase(id_), world.script.asked("create")) == ("held", [])
    take(world, raw(a_document("T", at=10, receiver={**PROVINCE_ALONE, **given})))
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_a_county_level_city_told_as_a_district_needs_no_city(world: World) -> None:
    id_ = an_order(world, receiver={**RECEIVER, "state": "河南省", "city": "", "district": "济源市"})
    settle(world)
    assert "bad_address" not in world.holds(id_)


def test_nothing_is_found_in_an_ordinary_order(world: World) -> None:
    id_ = an_order(world)
    settle(world)
    assert world.holds(id_) == set()


def test_a_finding_that_was_lifted_by_a_person_is_not_placed_again(world: World) -> None:
    world.run("insert into floor_price (shop_id, sku_id, amount) values (1, :id, 5000)", id=world.skus["A"])
    id_ = an_order(world)
    settle(world)
    lift(world.hub, world.one("select id from hold"), "u1", "agreed")
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_a_hold_that_clears_by_itself_cannot_be_lifted(world: World) -> None:
    an_order(world, [a_line("1", "NEW")])
    settle(world)
    with pytest.raises(Invalid, match="clears by itself"):
        lift(world.hub, world.one("select id from hold"), "u1", "let it go")


def test_an_order_goes_on_when_its_goods_become_known(world: World) -> None:
    id_ = an_order(world, [a_line("1", "NEW")])
    settle(world)
    assert world.one("select count(*) from listing where sku_id is null and bundle_id is null") == 1
    with world.hub.begin() as connection:
        add_sku(connection, "NEW", 5, weight_g=100, id_=777)
    world.run("update orders set ready_at = :now", now=world.clock())
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


@pytest.mark.parametrize("paid", [1000, 1001, 1, 0])
def test_a_bundles_money_is_shared_to_the_cent(world: World, paid: int) -> None:
    id_ = an_order(world, [a_line("1", "SET", 2, paid, list_amount=2000), a_line("2", "A", 1, 333)])
    settle(world)
    shares = world.rows("select sku_id, units, share_amount from demand where origin = 'bundle' order by sku_id")
    assert [(row[0], row[1]) for row in shares] == [(world.skus["A"], 2), (world.skus["B"], 4)]
    assert sum(row[2] for row in shares) == paid
    assert shares[0][2] - paid // 3 in (0, 1)
    assert planned(world, id_) == [(1, paid + 333, 0)]


def freight_line(amount: int) -> dict[str, Any]:
    return a_line("F", "", 1, amount, kind="freight")


@pytest.mark.parametrize("is_cod", [False, True])
def test_a_split_shares_goods_and_freight_without_losing_a_cent(make_world: Any, is_cod: bool) -> None:
    world = make_world(stock=2)
    id_ = an_order(world, [a_line("1", "A", 3, 1000), freight_line(777)], is_cod=is_cod)
    settle(world)
    works = world.fulfilments(id_)
    assert [work.stock_point_id for work in works] == [1, 2]
    assert sum(work.goods_amount for work in works) == 1000
    assert sum(work.freight_amount for work in works) == 777
    assert sum(work.collect_amount for work in works) == (1777 if is_cod else 0)
    assert all(work.is_split for work in works)
    assert sum(notice.paid_amount + notice.collect_amount for notice in world.script.asked("create")) == 1777


def test_what_is_refunded_before_it_is_planned_is_not_collected(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000, refund="succeeded"), a_line("2", "B", 1, 500)], is_cod=True)
    settle(world)
    assert [work.collect_amount for work in world.fulfilments(id_)] == [500]


def test_an_order_waits_for_stock_and_goes_when_it_comes(make_world: Any) -> None:
    world = make_world(stock=0)
    id_ = an_order(world)
    settle(world)
    assert (world.phase(id_), world.holds(id_)) == ("short", {"short_of_stock"})
    with world.hub.begin() as connection:
        receive_stock(connection, 2, world.skus["A"], 1)
    world.clock.forward(601)
    settle(world)
    assert (world.phase(id_), planned(world, id_)) == ("at_warehouse", [(2, 1000, 0)])


def test_stock_that_is_promised_is_not_promised_again(make_world: Any) -> None:
    world = make_world(stock=1)
    ids = [an_order(world) for _ in range(3)]
    settle(world)
    assert sorted(world.phase(id_) for id_ in ids) == ["at_warehouse", "at_warehouse", "short"]


def test_safety_stock_is_not_sold(make_world: Any) -> None:
    world = make_world(stock=5)
    world.run("update stock_level set safety = 5")
    assert world.phase(shipped_or_not(world)) == "short"


def shipped_or_not(world: World) -> int:
    id_ = an_order(world)
    settle(world)
    return id_


def test_no_carrier_that_goes_there_is_out_of_zone(world: World) -> None:
    world.run(
        "insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) select id, '33', false from carrier"
    )
    id_ = shipped_or_not(world)
    assert "out_of_zone" in world.holds(id_)


def test_a_pool_without_open_points_holds_the_order(world: World) -> None:
    world.run("update stock_point set state = 'outage'")
    id_ = shipped_or_not(world)
    assert "no_stock_point" in world.holds(id_)
    world.run("update stock_point set state = 'open' where id = 2")
    world.clock.forward(601)
    settle(world)
    assert (world.phase(id_), world.holds(id_)) == ("at_warehouse", set())


def test_rules_send_to_a_tier_and_a_person_lets_go(world: World) -> None:
    review_all(world, "finance", fact="order.is_cod", op="eq", value=True)
    ids = [an_order(world, is_cod=True), an_order(world)]
    settle(world)
    assert [world.phase(id_) for id_ in ids] == ["review", "at_warehouse"]
    assert [o.is_done for o in pass_orders(world.hub, [ids[0]], 1, "u1")] == [False]
    assert [o.is_done for o in pass_orders(world.hub, [ids[0]], 2, "u1")] == [True]
    settle(world)
    assert world.phase(ids[0]) == "at_warehouse"
    assert world.one("select verdict from review_decision") == "passed"
    assert world.one("select count(*) from decision where stage = 'review' and verdict = 'finance'") == 1


def test_a_shortage_says_what_lacks_and_what_is_where(world: World) -> None:
    world.run("update stock_level set safety = on_hand - 1 where sku_id = 101 and stock_point_id = 2")
    id_ = an_order(world, [a_line("1", "A", 2, 2000), a_line("2", "B", 150, 5000)])
    settle(world)
    seen = {"short": [{"sku": "B", "wanted": 150, "at": {"WH1": 100, "WH2": 1}}]}
    assert world.one("select seen from hold where order_id = :id and kind = 'short_of_stock'", id=id_) == seen


def test_a_large_shortage_is_cut_to_a_few_goods(world: World) -> None:
    world.run("update stock_level set safety = on_hand")
    id_ = an_order(world, [a_line(code, code, 1, 1000) for code in "ABCDE"])
    settle(world)
    assert [row["sku"] for row in world.one("select seen from hold where order_id = :id", id=id_)["short"]] == list("ABC")


def test_forcing_is_written_down_as_such(world: World) -> None:
    review_all(world, "service")
    id_ = shipped_or_not(world)
    pass_orders(world.hub, [id_], 1, "boss", "buyer is waiting", forced=True)
    assert world.one("select verdict || ' ' || reason from review_decision") == "forced buyer is waiting"
    assert "force_review" in world.events(id_)


def test_what_was_sent_back_is_held_until_it_is_mended_and_then_reviewed_again(world: World) -> None:
    review_all(world, "service")
    id_ = shipped_or_not(world)
    with pytest.raises(Invalid, match="reason"):
        send_back(world.hub, [id_], 1, "u1", " ")
    assert [o.is_done for o in send_back(world.hub, [id_], 1, "u1", "wrong price")] == [True]
    assert [o.is_done for o in send_back(world.hub, [id_], 1, "u2", "wrong price")] == [False]
    settle(world)
    assert (world.phase(id_), world.holds(id_)) == ("sent_back", {"sent_back"})
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "u1", "price agreed")
    settle(world)
    assert world.phase(id_) == "review"
    pass_orders(world.hub, [id_], 1, "u1")
    settle(world)
    assert world.phase(id_) == "at_warehouse"


def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    review_all(world, "service")
    id_ = shipped_or_not(world)
    with ThreadPoolExecutor(2) as pool:
        passing = pool.submit(pass_orders, world.hub, [id_], 1, "u1")
        refusing = pool.submit(send_back, world.hub, [id_], 1, "u2", "wrong price")
        outcomes = [passing.result()[0], refusing.result()[0]]
    assert sorted(o.is_done for o in outcomes) == [False, True]
    assert next(o.words for o in outcomes if not o.is_done).startswith("not waiting")
    assert world.one("select count(*) from review_decision") == 1
