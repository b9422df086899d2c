"""Policies and plans of sourcing: thresholds, the main point and its backups, speed, shares, prices, large orders."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.sourcing import Need, Plan, Point, Policy, Sourced, source
from oms.domain.sourcing.methods import ways_of
from oms.domain.sourcing.plan import Kind
from oms.domain.sourcing.speed import transit_hours
from oms.domain.sourcing.terms import LATE_DAY, Method

WEIGHTS = dict.fromkeys(range(40), 100)


def a_point(id_: int, price: int, hours: int = 0) -> Point:
    return Point(id_, 0, 0, lambda grams: (9, price + grams), hours=hours)


def points_of(found: Sourced) -> list[int]:
    return [part.point_id for part in found.parts]


TWO = [Need(0, 1, 1), Need(1, 2, 1)]
#: Each of 1 and 2 has one SKU and is cheap; 3 has both and is dear.
APART = {(1, 1): 1, (2, 2): 1, (3, 1): 1, (3, 2): 1}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(), [3]),
        (Policy("cheapest", parcel=0), [1, 2]),
        (Policy("cheapest", parcel=699), [1, 2]),
        (Policy("cheapest", parcel=700), [3]),
        (Policy("cheapest", parcel=0, gain=699), [1, 2]),
        (Policy("cheapest", parcel=0, gain=700), [3]),
        (Policy("main_first", order=(1, 2, 3)), [3]),
        (Policy("fastest"), [1, 2]),
        (Policy("fastest", gain_hours=23), [1, 2]),
        (Policy("fastest", gain_hours=24), [3]),
    ],
)
def test_a_split_must_be_worth_it(policy: Policy, expected: list[int]) -> None:
    points = [a_point(1, 100, 24), a_point(2, 100, 24), a_point(3, 900, 48)]
    assert points_of(source(TWO, points, APART, WEIGHTS, max_parcels=2, policy=policy)) == expected


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ({1: 3, 2: 3, 3: 3}, [2]),
        ({1: 3, 2: 2, 3: 3}, [3]),
        ({1: 3, 2: 2, 3: 2}, [1]),
        ({1: 2, 2: 2, 3: 0}, [1, 2]),
    ],
)
def test_the_main_point_comes_first_then_the_first_backup_that_has_all(has: dict[int, int], expected: list[int]) -> None:
    points = [a_point(1, 100), a_point(2, 900), a_point(3, 500)]
    stock = {(id_, 1): units for id_, units in has.items()}
    policy = Policy("main_first", order=(2, 3))
    assert points_of(source([Need(0, 1, 3)], points, stock, WEIGHTS, max_parcels=3, policy=policy)) == expected


def a_plan(*shares: tuple[float, int]) -> tuple[Plan, Kind]:
    kind = Kind([Method(((point, ((1, 1),)),), share) for share, point in shares])
    return Plan({("x", ((1, 1),)): kind}, {(1, 1): 500}), kind


@given(st.integers(1, 99), st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_orders_follow_the_shares_of_a_plan_to_within_one(percent: int, orders: int) -> None:
    plan, kind = a_plan((percent / 100, 1), (1 - percent / 100, 2))
    points, stock = [a_point(1, 100), a_point(2, 200)], {(1, 1): 100, (2, 1): 100}
    for _ in range(orders):
        found = source([Need(0, 1, 1)], points, stock, WEIGHTS, max_parcels=1, plan=plan, place="x")
        assert found.guide == "planned"
        plan.note(("x", ((1, 1),)), found.method)
    assert abs(kind.methods[0].used - orders * percent / 100) <= 1
    assert sum(method.used for method in kind.methods) == kind.seen == orders


def test_where_no_share_can_be_followed_prices_of_scarce_stock_choose() -> None:
    plan, _ = a_plan((1.0, 1))
    points, need = [a_point(1, 100), a_point(2, 200)], [Need(0, 1, 1)]
    empty = source(need, points, {(2, 1): 1}, WEIGHTS, max_parcels=1, plan=plan, place="x")
    assert (points_of(empty), empty.guide) == ([2], "priced")
    unknown = source(need, points, {(1, 1): 1, (2, 1): 1}, WEIGHTS, max_parcels=1, plan=plan, place="y")
    assert (points_of(unknown), unknown.guide) == ([2], "priced")
    assert unknown.choices == [((1,), 700, "", (200, 0, 0, 0, 0, 500)), ((2,), 300, "chosen", (300,))]
    bound = source([Need(0, 1, 1)], points, {(1, 1): 1}, WEIGHTS, max_parcels=1, plan=Plan(plan.kinds), place="x")
    assert bound.guide == "planned"


def test_a_plan_is_followed_except_to_points_that_come_behind() -> None:
    plan, _ = a_plan((1.0, 1))
    points, need, stock = [a_point(1, 100), a_point(2, 9_000)], [Need(0, 1, 1)], {(1, 1): 1, (2, 1): 1}
    found = source(need, points, stock, WEIGHTS, max_parcels=1, plan=plan, place="x", bonus={1: -LATE_DAY})
    assert (points_of(found), found.guide, found.parts[0].cost) == ([2], "priced", 9_100)
    found = source(need, points, stock, WEIGHTS, max_parcels=1, plan=plan, place="x", bonus={2: -LATE_DAY})
    assert (points_of(found), found.guide) == ([1], "planned")
    only = source(need, points[:1], stock, WEIGHTS, max_parcels=1, bonus={1: -LATE_DAY})
    assert (points_of(only), only.parts[0].cost) == ([1], 200)


def test_a_plan_never_tears_what_leaves_together_nor_makes_more_parcels_than_allowed() -> None:
    apart = Method(((1, ((1, 1),)), (2, ((2, 1),))), 1.0)
    plan = Plan({("x", ((1, 1), (2, 1))): Kind([apart])})
    points = [a_point(1, 100), a_point(2, 100), a_point(3, 900)]
    cheapest = Policy("cheapest", parcel=0)
    loose = source(TWO, points, APART, WEIGHTS, max_parcels=2, plan=plan, place="x", policy=cheapest)
    assert (points_of(loose), loose.guide, loose.choices[-1][2]) == ([1, 2], "planned", "planned")
    bound = [Need(0, 1, 1, "g"), Need(1, 2, 1, "g")]
    for needs, most, policy in ((bound, 2, cheapest), (TWO, 1, cheapest), (TWO, 2, Policy())):
        found = source(needs, points, APART, WEIGHTS, max_parcels=most, plan=plan, place="x", policy=policy)
        assert (points_of(found), found.guide) == ([3], "")


def test_a_large_order_is_filled_point_by_point_and_says_so() -> None:
    needs = [Need(sku, sku, 3) for sku in range(12)]
    stock = {(point, sku): 3 if sku % 4 != point - 1 else 1 for point in range(1, 5) for sku in range(12)}
    found = source(needs, [a_point(id_, 100 * id_) for id_ in range(1, 5)], stock, WEIGHTS, max_parcels=4)
    assert (len(found.parts), found.is_exact) == (2, False)
    sent = [sum(part.units.get(sku, 0) for part in found.parts) for sku in range(12)]
    assert sent == [3] * 12


def test_ten_points_and_five_lines_are_searched_whole() -> None:
    needs = [Need(sku, sku, 1) for sku in range(5)]
    stock = {(point, sku): 1 for point, sku in product(range(1, 11), range(5)) if (point + sku) % 3}
    points = [a_point(id_, 500 + 7 * id_) for id_ in range(1, 11)]
    found = source(needs, points, stock, WEIGHTS, max_parcels=5, policy=Policy("cheapest", parcel=0))
    assert (found.is_exact, len(found.parts)) == (True, 2)


@pytest.mark.parametrize(
    ("here", "there", "hours"),
    [
        ("330106", "330102", 24),
        ("330106", "330200", 36),
        ("330106", "310115", 48),
        ("330106", "650100", 72),
        ("", "", 72),
    ],
)
def test_transit_is_told_from_divisions(here: str, there: str, hours: int) -> None:
    assert transit_hours(here, there) == hours


def test_all_ways_of_a_kind_are_listed_and_fewer_where_there_are_too_many() -> None:
    points = [a_point(1, 100), a_point(2, 200)]
    stock = {(point, sku): 9 for point in (1, 2) for sku in (1, 2)}
    policy = Policy("cheapest", parcel=50)
    found = ways_of(((1, 2), (2, 1)), points, stock, WEIGHTS, policy, 2)
    assert len({way.parts for way in found}) == len(found) == 6
    assert {way.cost for way in found if len(way.parts) == 1} == {400, 500}
    assert {way.cost for way in found if len(way.parts) == 2} == {650}
    assert [len(way.parts) for way in ways_of(((1, 2), (2, 1)), points, stock, WEIGHTS, policy, 2, limit=5)] == [1, 1]
    assert ways_of(((1, 2),), [], {}, WEIGHTS, policy, 2) == []
    large = tuple((sku, 9) for sku in range(1, 9))
    assert len(ways_of(large, points, {(1, sku): 9 for sku in range(9)}, WEIGHTS, policy, 2)) == 1


def test_few_orders_go_by_what_they_save_and_of_many_each_way_takes_its_share() -> None:
    dear, cheap = (Method(((point, ((1, 1),)),), 0.5, rated=rated) for point, rated in ((1, 120), (2, 100)))
    key = ("x", ((1, 1),))
    plan, points = Plan({key: Kind([dear, cheap])}), {id_: a_point(id_, 0) for id_ in (1, 2)}
    for _ in range(5):
        method = plan.pick(key, points, {(1, 1): 9, (2, 1): 9}, 1)
        plan.note(key, method)
    assert (dear.used, cheap.used) == (0, 5)
    for _ in range(995):
        plan.note(key, plan.pick(key, points, {(1, 1): 9, (2, 1): 9}, 1))
    assert 490 <= dear.used < cheap.used <= 510
