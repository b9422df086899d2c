"""Which store an order goes to: distances, opening hours, and that the nearest that may always wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.centres import CITIES, centre_of
from oms.domain.store_choice import Store, choose_listed, choose_nearest, is_open_at, metres_between

HANGZHOU, SHANGHAI = (30.27, 120.16), (31.23, 121.47)
WEEK = {"mon": ["09:00", "21:00"], "fri": ["18:00", "02:00"]}


def a_store(id_: int, **changes: Any) -> Store:
    values: dict[str, Any] = {
        "place": HANGZHOU, "radius_m": None, "divisions": (), "does_it": True, "is_open": True, "has_goods": True,
        "has_refused": False,
    }  # fmt: skip
    return Store(id_, **(values | changes))


def test_distances_are_those_of_the_map() -> None:
    assert metres_between(HANGZHOU, HANGZHOU) == 0
    assert 160_000 < metres_between(HANGZHOU, SHANGHAI) < 168_000
    assert metres_between((0.0, 179.0), (0.0, -179.0)) == pytest.approx(222_390, rel=0.01)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T09:00", True),  # a Monday
        ("2026-11-23T21:00", False),
        ("2026-11-24T12:00", False),
        ("2026-11-27T23:00", True),  # Friday night
        ("2026-11-28T01:59", True),
        ("2026-11-28T02:00", False),
        ("2026-11-27T12:00", False),
    ],
)
def test_hours_may_run_past_midnight(moment: str, is_open: bool) -> None:
    assert is_open_at(WEEK, datetime.fromisoformat(moment)) is is_open
    assert is_open_at({}, datetime.fromisoformat(moment))


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            a_store,
            st.integers(1, 20),
            place=st.none() | st.tuples(st.floats(18, 53), st.floats(74, 134)),
            radius_m=st.none() | st.integers(0, 3_000_000),
            does_it=st.booleans(),
            is_open=st.booleans(),
            has_goods=st.booleans(),
            has_refused=st.booleans(),
        ),
        max_size=8,
        unique_by=lambda store: store.id,
    ),
    st.booleans(),
)
def test_the_nearest_that_may_wins_and_every_other_is_told_why_not(stores: list[Store], is_delivered: bool) -> None:
    choice = choose_nearest(stores, HANGZHOU, is_delivered=is_delivered)
    assert sorted(id_ for id_, _, _ in choice.looked_at) == sorted(store.id for store in stores)
    assert [id_ for id_, _, why in choice.looked_at if not why] == ([choice.store_id] if choice.store_id else [])
    fit = [
        metres_between(HANGZHOU, store.place)
        for store in stores
        if store.place and store.does_it and store.is_open and store.has_goods and not store.has_refused
    ]
    taken = next((metres for _, metres, why in choice.looked_at if not why), None)
    if taken is not None:
        assert taken in fit
    if fit and not is_delivered:
        assert taken == min(fit)


def test_the_list_that_is_most_exact_wins_then_the_rank() -> None:
    stores = [
        a_store(1, divisions=("33",), rank=0),
        a_store(2, divisions=("3301", "44"), rank=2),
        a_store(3, divisions=("3301",), rank=1),
        a_store(4, divisions=("330106",), is_open=False),
        a_store(5),
    ]
    choice = choose_listed(stores, "330106")
    assert choice.store_id == 3
    assert {id_: why for id_, _, why in choice.looked_at} == {
        1: "listed_less_exactly", 2: "listed_less_exactly", 3: "", 4: "closed", 5: "not_listed",
    }  # fmt: skip


def test_a_division_is_in_its_city_else_its_provinces_first_city() -> None:
    assert centre_of("330106") == CITIES["3301"]
    assert centre_of("339900") == CITIES["3301"]
    assert centre_of("") is None
    assert centre_of("99") is None
