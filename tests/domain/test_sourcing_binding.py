"""What leaves together stays together whatever else binds it; hours are those of the most exact row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.sourcing.binding import bind
from oms.domain.sourcing.speed import TransitTable, transit_hours
from oms.domain.sourcing.terms import Need

NEEDS = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["", "x", "y"]), st.integers(1, 3)), min_size=1, max_size=8)
LISTS = st.lists(st.lists(st.integers(1, 6), min_size=2, max_size=3, unique=True), max_size=3)


@settings(max_examples=50, deadline=None)
@given(NEEDS, LISTS, st.booleans())
def test_two_goods_share_a_group_exactly_when_a_chain_of_bonds_joins_them(
    told: list[tuple[int, str, int]], together: list[list[int]], whole_lines: bool
) -> None:
    needs = [Need(number, sku, 1, group) for number, (sku, group, _) in enumerate(told)]
    lines = {number: line for number, (_, _, line) in enumerate(told)}
    wanted = {sku for sku, _, _ in told}
    active = [skus for skus in together if len(wanted & set(skus)) > 1]

    def bonds(one: Need) -> set[object]:
        mine: set[object] = {("group", one.group)} if one.group else set()
        mine |= {("line", lines[one.demand_id])} if whole_lines else set()
        return mine | {("list", at) for at, skus in enumerate(active) if one.sku_id in skus}

    reached = [{need.demand_id} for need in needs]
    for _ in needs:
        for mine in reached:
            mine |= {b.demand_id for a in needs if a.demand_id in mine for b in needs if bonds(a) & bonds(b)}
    found = bind(needs, lines, together, whole_lines=whole_lines)
    assert [(one.demand_id, one.sku_id, one.units) for one in found] == [(n.demand_id, n.sku_id, n.units) for n in needs]
    for one, mine in zip(found, reached, strict=True):
        assert bool(one.group) is bool(bonds(needs[one.demand_id]))
        if one.group:
            assert {other.demand_id for other in found if other.group == one.group} == mine


@pytest.mark.parametrize(
    ("here", "there", "hours"),
    [
        ("330106", "650102", 96), ("110101", "650102", 120), ("330106", "330109", 12), ("330206", "330109", 20),
        ("440304", "110101", 72), ("", "650102", 120), ("330106", "", 72),
    ],
)  # fmt: skip
def test_the_longest_destination_speaks_then_the_longest_origin_and_else_the_divisions(
    here: str, there: str, hours: int
) -> None:
    table = TransitTable(
        {("33", "65"): 96, ("", "65"): 120, ("3301", "3301"): 12, ("33", "3301"): 20, ("3301", "33"): 99}
    )
    assert table.hours(here, there) == table.hours(here, there) == hours
    assert (table.tells(here, there) is None) is (hours == transit_hours(here, there))
