"""Preferences decide among ways that are possible, and goods are told apart without tearing what is bound."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.shaping import ANY_PRICE, pick, split_needs
from oms.domain.sourcing import Need, Point, source

WEIGHTS = {1: 100, 2: 700}
prices = st.lists(st.integers(300, 900), min_size=2, max_size=4)


def points_at(costs: list[int]) -> list[Point]:
    return [Point(number, 0, 0, lambda weight, cost=cost: (9, cost)) for number, cost in enumerate(costs)]  # type: ignore[misc]


@given(prices, st.integers(0, 3), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_a_preferred_point_serves_exactly_when_it_is_not_dearer_than_its_bonus(
    costs: list[int], number: int, bonus: int
) -> None:
    liked = number % len(costs)
    points = points_at(costs)
    points.sort(key=lambda point: point.id != liked)
    stock = {(point.id, 1): 1 for point in points}
    found = source([Need(0, 1, 1)], points, stock, WEIGHTS, max_parcels=1, bonus={liked: bonus})
    (part,) = found.parts
    assert (part.point_id == liked) is (costs[liked] - bonus <= min(costs))
    assert part.cost == costs[part.point_id]


@given(prices, st.dictionaries(st.tuples(st.integers(0, 3), st.sampled_from((1, 2))), st.integers(0, 2)))
@settings(max_examples=200, deadline=None)
def test_a_preference_never_changes_whether_or_in_how_many_parcels_an_order_is_served(
    costs: list[int], stock: dict[tuple[int, int], int]
) -> None:
    needs = [Need(0, 1, 1), Need(1, 2, 1)]
    plain = source(needs, points_at(costs), stock, WEIGHTS, max_parcels=2)
    liking = source(needs, points_at(costs), stock, WEIGHTS, max_parcels=2, bonus={1: ANY_PRICE})
    assert (liking.failure, len(liking.parts)) == (plain.failure, len(plain.parts))
    could = [ids for ids, cost, _, _ in plain.choices if cost is not None and len(ids) == len(plain.parts)]
    if any(1 in ids for ids in could):
        assert 1 in [part.point_id for part in liking.parts]


def test_a_preferred_carrier_wins_ties_and_may_be_dearer_by_its_bonus() -> None:
    offers = [(500, 1, 10), (600, 2, 20), (600, 3, 30)]
    assert pick(offers, {}) == (10, 500)
    assert pick(offers, {20: 99}) == (10, 500)
    assert pick(offers, {20: 100}) == (20, 600)
    assert pick(offers, {30: ANY_PRICE, 20: 100}) == (30, 600)
    assert pick([], {20: 100}) is None


def test_a_carrier_without_a_price_comes_behind_unless_it_is_preferred_whatever_it_costs() -> None:
    offers = [(None, 1, 10), (900, 2, 20)]
    assert pick(offers, {}) == (20, 900)
    assert pick(offers, {10: 1000}) == (20, 900)
    assert pick(offers, {10: ANY_PRICE}) == (10, 0)
    assert pick(offers[:1], {}) == (10, 0)


needs_drawn = st.lists(
    st.tuples(st.sampled_from((1, 2, 3)), st.sampled_from(["", "", "g", "h"])), min_size=1, max_size=6
).map(lambda drawn: [Need(number, sku, 1, group) for number, (sku, group) in enumerate(drawn)])


@given(needs_drawn)
def test_needs_are_split_by_kind_and_what_is_bound_stays_together(needs: list[Need]) -> None:
    groups = split_needs(needs, lambda need: need.sku_id % 2)
    assert sorted(need.demand_id for group in groups for need in group) == [need.demand_id for need in needs]
    for group in groups:
        assert len({need.sku_id % 2 for need in group if not need.group}) <= 1
    for name in {need.group for need in needs} - {""}:
        assert len([group for group in groups if any(need.group == name for need in group)]) == 1
