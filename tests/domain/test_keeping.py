"""What waiting orders keep: giants starve nobody, nor do many small orders, and nothing is kept that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.keeping import LARGE, LATER, NEVER, NOW, Ground, Kept, Terms, Wish, keep

UNITS = st.integers(1, 40) | st.just(100_000)
SHARE = st.sampled_from([0, 1000, 5000, 10_000])


def queue(there: int, coming: int, wanted: Sequence[int], terms: Terms, was: Sequence[Kept] = ()) -> list[Kept]:
    """What each of some orders of one SKU keeps, first come first served; `was` is what they kept before."""
    kept: list[Kept] = []
    for index, units in enumerate(wanted):
        before = list(zip(wanted, kept, strict=False))
        due = sum(asked for asked, one in before if one.reach in (NOW, LATER))
        parted = sum(one.units for one in kept if one.reach == LATER)
        ground = Ground(there, coming, sum(one.units for one in kept), due, parted)
        kept.append(keep({1: Wish(units, ground, bool(was) and was[index].reach == LATER)}, terms)[1])
    return kept


@given(st.integers(0, 60), st.integers(0, 60), st.lists(UNITS, min_size=1, max_size=8), SHARE)
def test_kept_units_are_there_within_the_share_and_never_negative(
    there: int, coming: int, wanted: list[int], share: int
) -> None:
    kept = queue(there, coming, wanted, Terms(share))
    assert all(0 <= one.units <= units for one, units in zip(kept, wanted, strict=True))
    assert sum(one.units for one in kept) <= there
    assert sum(one.units for one in kept if one.reach == LATER) <= -(-there * share // 10_000)
    assert sum(units for one, units in zip(kept, wanted, strict=True) if one.reach == LATER) <= there + coming


@given(st.integers(0, 60), st.integers(0, 60), st.lists(UNITS, max_size=6), st.integers(0, 6), SHARE)
def test_an_order_that_can_never_be_served_changes_nothing_for_others(
    there: int, coming: int, wanted: list[int], at: int, share: int
) -> None:
    at = min(at, len(wanted))
    with_giant = queue(there, coming, [*wanted[:at], 100_000, *wanted[at:]], Terms(share))
    assert with_giant.pop(at) == Kept(0, LARGE, is_there=False)
    assert with_giant == queue(there, coming, wanted, Terms(share))


@settings(max_examples=50)
@given(st.integers(0, 20), st.lists(st.integers(1, 9), max_size=12), st.lists(st.integers(1, 25), min_size=1, max_size=4),
       st.data())  # fmt: skip
def test_whoever_is_told_later_is_served_in_turn_through_a_stream_of_smaller_orders(
    there: int, coming: list[int], wanted: list[int], data: st.DataObject
) -> None:
    """Goods come bit by bit as they were announced, and between two arrivals others take anything that is not kept."""
    kept = queue(there, sum(coming), wanted, Terms())
    wanted = [units for units, one in zip(wanted, kept, strict=True) if one.reach == LATER]
    kept = [one for one in kept if one.reach == LATER]
    while coming:
        there -= data.draw(st.integers(0, max(0, there - sum(one.units for one in kept))))
        there += coming.pop(0)
        kept = queue(there, sum(coming), wanted, Terms(), kept)
        assert all(one.reach in (NOW, LATER) for one in kept)
        while kept and kept[0].reach == NOW:
            there -= wanted.pop(0)
            kept.pop(0)
    assert not kept


def test_what_is_on_its_way_is_claimed_before_what_is_there() -> None:
    assert keep({1: Wish(10, Ground(4, 8))}, Terms()) == {1: Kept(2, LATER, is_there=False)}
    assert keep({1: Wish(10, Ground(4, 8, due=2))}, Terms(10_000)) == {1: Kept(4, LATER, is_there=False)}
    assert keep({1: Wish(10, Ground(4, 8, due=2))}, Terms(5_000)) == {1: Kept(0, NEVER, is_there=False)}
    assert keep({1: Wish(10, Ground(4, 8, due=5))}, Terms(10_000)) == {1: Kept(0, NEVER, is_there=False)}


def test_an_order_that_lacks_one_good_for_ever_keeps_nothing_of_the_other() -> None:
    wishes = {1: Wish(1, Ground(50)), 2: Wish(3, Ground(1))}
    assert keep(wishes, Terms()) == {1: Kept(0, NEVER, is_there=True), 2: Kept(0, NEVER, is_there=False)}


def test_an_order_that_waits_for_one_good_keeps_of_the_other_at_most_its_share() -> None:
    missing = Wish(1, Ground(0, 1))
    assert keep({1: Wish(25, Ground(50)), 2: missing}, Terms())[1] == Kept(25, LATER, is_there=True)
    assert keep({1: Wish(26, Ground(50)), 2: missing}, Terms())[1] == Kept(0, NEVER, is_there=True)


def test_people_may_have_everything_kept() -> None:
    assert keep({1: Wish(500, Ground(3))}, Terms(), is_by_hand=True) == {1: Kept(500, LATER, is_there=False)}
