"""Sourcing never promises what is not there, keeps bound lines together, and takes the cheapest way it may."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.sourcing import PARCEL_PENALTY, Need, Point, Sourced, source

SKUS = (1, 2, 3)
WEIGHTS = {1: 100, 2: 700, 3: 2500}


def a_point(id_: int, price: int, reaches: bool = True, rank: int = 0) -> Point:
    """A point whose only carrier charges a start and the kilo."""
    return Point(id_, rank, 100, lambda weight: (9, price + weight // 1000 * 200) if reaches else None)


needs_drawn = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(1, 3), st.sampled_from(["", "", "g", "h"])), min_size=1, max_size=4
).map(lambda drawn: [Need(index, sku, units, group) for index, (sku, units, group) in enumerate(drawn)])
points_drawn = st.lists(st.tuples(st.integers(300, 900), st.booleans()), min_size=1, max_size=3).map(
    lambda drawn: [a_point(index, price, reaches or index == 0) for index, (price, reaches) in enumerate(drawn)]
)
stock_drawn = st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from(SKUS)), st.integers(-2, 5), max_size=9)


def sent(found: Sourced) -> dict[int, int]:
    """Demand → units over all parts."""
    totals: dict[int, int] = {}
    for part in found.parts:
        for demand, units in part.units.items():
            totals[demand] = totals.get(demand, 0) + units
    return totals


@given(needs_drawn, points_drawn, stock_drawn, st.integers(1, 3), st.booleans())
@settings(max_examples=300, deadline=None)
def test_either_everything_is_served_from_stock_or_one_reason_is_given(
    needs: list[Need], points: list[Point], stock: dict[tuple[int, int], int], most: int, together: bool
) -> None:
    found = source(needs, points, stock, WEIGHTS, max_parcels=most, keep_together=together)
    if found.failure:
        assert found.parts == []
        assert found.failure in ("short_of_stock", "out_of_zone", "no_stock_point", "too_many_parcels")
        return
    assert sent(found) == {need.demand_id: need.units for need in needs}
    assert len(found.parts) <= (1 if together else most)
    skus = {need.demand_id: need.sku_id for need in needs}
    for part in found.parts:
        used: dict[int, int] = {}
        for demand, units in part.units.items():
            used[skus[demand]] = used.get(skus[demand], 0) + units
        assert all(units <= max(0, stock.get((part.point_id, sku), 0)) for sku, units in used.items())
    for group in {need.group for need in needs} - {""}:
        bound = {need.demand_id for need in needs if need.group == group}
        assert len([part for part in found.parts if bound & set(part.units)]) == 1


@given(needs_drawn, points_drawn, stock_drawn)
@settings(max_examples=200, deadline=None)
def test_when_one_point_can_serve_all_the_cheapest_does(
    needs: list[Need], points: list[Point], stock: dict[tuple[int, int], int]
) -> None:
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    weight = sum(WEIGHTS[need.sku_id] * need.units for need in needs)
    costs = [
        carrier[1] + point.handling + point.rank
        for point in points
        if all(stock.get((point.id, sku), 0) >= units for sku, units in wanted.items())
        and (carrier := point.best_carrier(weight)) is not None
    ]
    found = source(needs, points, stock, WEIGHTS, max_parcels=3)
    if costs:
        assert [part.cost for part in found.parts] == [min(costs)]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 6), st.integers(300, 900), st.integers(300, 900))
@settings(max_examples=100, deadline=None)
def test_two_points_serve_exactly_when_their_stock_together_suffices(
    first: int, second: int, units: int, one: int, two: int
) -> None:
    points = [a_point(0, one), a_point(1, two)]
    found = source([Need(0, 1, units)], points, {(0, 1): first, (1, 1): second}, WEIGHTS, max_parcels=2)
    can = first >= units or second >= units
    splits = [(a, b) for a, b in product(range(first + 1), range(second + 1)) if a + b == units and a and b]
    if can:
        assert len(found.parts) == 1
    elif splits:
        assert sent(found) == {0: units}
    else:
        assert found.failure == "short_of_stock"


def test_one_demand_is_split_over_two_points_when_none_has_it_all() -> None:
    points = [a_point(0, 500), a_point(1, 500)]
    found = source([Need(7, 1, 3)], points, {(0, 1): 2, (1, 1): 1}, WEIGHTS, max_parcels=2)
    assert [(part.point_id, part.units) for part in found.parts] == [(0, {7: 2}), (1, {7: 1})]


def test_fewer_parcels_win_over_a_small_saving_and_every_way_is_written_down() -> None:
    points = [a_point(0, 500), a_point(1, 500), a_point(2, 900)]
    stock = {(0, 1): 1, (1, 2): 1, (2, 1): 1, (2, 2): 1}
    found = source([Need(0, 1, 1), Need(1, 2, 1)], points, stock, WEIGHTS, max_parcels=2)
    assert [part.point_id for part in found.parts] == [2]
    assert {choice[2] for choice in found.choices} == {"", "short_of_stock"}
    assert PARCEL_PENALTY > 0


def test_the_reason_is_what_would_help() -> None:
    need = [Need(0, 1, 1)]
    assert source(need, [], {}, WEIGHTS, max_parcels=1).failure == "no_stock_point"
    assert source(need, [a_point(0, 1)], {}, WEIGHTS, max_parcels=1).failure == "short_of_stock"
    assert source(need, [a_point(0, 1, reaches=False)], {(0, 1): 1}, WEIGHTS, max_parcels=1).failure == "out_of_zone"
    halves = {(0, 1): 1, (1, 2): 1}
    two = [Need(0, 1, 1), Need(1, 2, 1)]
    points = [a_point(0, 1), a_point(1, 1)]
    assert source(two, points, halves, WEIGHTS, max_parcels=1).failure == "too_many_parcels"
    assert source(two, points, halves, WEIGHTS, max_parcels=2, keep_together=True).failure == "too_many_parcels"
