"""Splitting by kind, by line and by limits: nothing lost, nothing too much, gifts and bound goods together."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.sourcing import Need
from oms.domain.splitting import Parting, part_needs

WEIGHTS = {1: 400, 2: 900, 3: 50}


def parting(
    needs: list[Need], lines: dict[int, int] | None = None, gifts: set[int] | None = None, **more: Any
) -> Parting:
    line_of = {need.demand_id: (lines or {}).get(need.demand_id, need.demand_id) for need in needs}
    return Parting(line_of, frozenset(gifts or ()), **more)


def weigh(need: Need) -> dict[str, int]:
    return {"weight": WEIGHTS[need.sku_id], "units": 1}


def shown(groups: list[list[Need]]) -> list[dict[int, int]]:
    return [{need.demand_id: need.units for need in group} for group in groups]


def test_units_of_one_line_leave_in_as_many_parcels_as_the_limit_asks() -> None:
    needs = [Need(10, 1, 5)]
    found = part_needs(needs, parting(needs, size_of=weigh, limits={"weight": 1000}))
    assert shown(found) == [{10: 2}, {10: 2}, {10: 1}]


def test_a_piece_that_is_too_heavy_by_itself_leaves_alone() -> None:
    needs = [Need(10, 2, 2), Need(11, 3, 1)]
    found = part_needs(needs, parting(needs, size_of=weigh, limits={"weight": 500}))
    assert shown(found) == [{10: 1}, {10: 1}, {11: 1}]


def test_small_goods_fill_what_room_is_left() -> None:
    needs = [Need(10, 2, 1), Need(11, 1, 2), Need(12, 3, 2)]
    found = part_needs(needs, parting(needs, size_of=weigh, limits={"weight": 1000}))
    assert shown(found) == [{10: 1, 12: 2}, {11: 2}]


def test_a_gift_stays_with_its_line_whatever_its_kind() -> None:
    needs = [Need(10, 1, 1), Need(11, 2, 1), Need(12, 3, 3)]
    found = part_needs(needs, parting(needs, {12: 11}, {12}, kind_of=lambda need: need.sku_id))
    assert shown(found) == [{10: 1}, {11: 1, 12: 3}]


def test_room_is_kept_for_the_gift_beside_the_first_unit_of_its_line() -> None:
    needs = [Need(10, 1, 3), Need(12, 3, 4)]
    found = part_needs(needs, parting(needs, {12: 10}, {12}, size_of=weigh, limits={"weight": 1000}))
    assert shown(found) == [{10: 2, 12: 4}, {10: 1}]


NEEDS = st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 7), st.sampled_from(["", "", "g"])), min_size=1,
                 max_size=6)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(NEEDS, st.integers(100, 3000), st.integers(1, 6))
def test_nothing_is_lost_and_no_parcel_is_too_much(told: list[tuple[int, int, str]], grams: int, units: int) -> None:
    needs = [Need(10 + at, sku, count, bound) for at, (sku, count, bound) in enumerate(told)]
    found = part_needs(needs, parting(needs, size_of=weigh, limits={"weight": grams, "units": units}))
    sums: dict[int, int] = {}
    for group in found:
        for need in group:
            sums[need.demand_id] = sums.get(need.demand_id, 0) + need.units
        pieces = sum(need.units for need in group)
        too_much = pieces > units or sum(WEIGHTS[need.sku_id] * need.units for need in group) > grams
        assert not too_much or pieces == 1 or all(need.group for need in group)
    assert sums == {need.demand_id: need.units for need in needs}
    assert sum(any(need.group for need in group) for group in found) <= 1, "what is bound is in one parcel"
