"""Numbers, progress, grouping, deadlines, money, holds, review tiers and phases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.domain.grouping import allowed_sets, cut, merge_key
from oms.domain.holds import ALL, KINDS, OUT, Back, Block
from oms.domain.money import format_amount, freight
from oms.domain.numbers import LETTERS, document_no, parse_document_no
from oms.domain.phase import PHASES, Sight, phase_of
from oms.domain.progress import line_progress
from oms.domain.review import TIERS, bits_of, tiers_in, void_after
from oms.domain.sla import ship_deadline

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@given(st.sampled_from(sorted(LETTERS)), st.integers(0, 2**62), st.integers(1, 99))
def test_a_number_is_read_back(kind: str, id_: int, version: int) -> None:
    assert parse_document_no(document_no(kind, id_, version)) == (kind, id_, version)
    assert parse_document_no(f" {document_no(kind, id_, version).lower()} ") == (kind, id_, version)


@given(st.integers(0, 2**62), st.data())
def test_one_wrong_figure_is_noticed(id_: int, draw: st.DataObject) -> None:
    number = document_no("fulfilment", id_)
    at = draw.draw(st.integers(1, len(number) - 1))
    figure = draw.draw(st.sampled_from([f for f in "0123456789" if f != number[at]]))
    assert parse_document_no(number[:at] + figure + number[at + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "F",
        "F1",
        "X12",
        "F1²3",
        "F12A",
        "１２",
        "F18-x",
        "F18-²",
        "F18-1000000000",
        "F" + "0" * 21,
        "F" + "1" * 5000,
        "order",
        "-2",
    ],
)
def test_what_is_no_number_of_ours_is_none(text: str) -> None:
    assert parse_document_no(text) is None


def test_a_bundle_counts_when_all_its_parts_do() -> None:
    assert line_progress(2, [(1, 1, 1, 1), (2, 2, 2, 2)]) == (1, 1)
    assert line_progress(2, [(1, 1, 0, 2), (2, 2, 0, 3)]) == (0, 1)
    assert line_progress(2, []) == (0, 0)


def test_a_replaced_demand_is_made_up_for_by_its_successor() -> None:
    assert line_progress(3, [(1, 1, 0, 0), (1, 1, 0, 3)]) == (0, 3)
    assert line_progress(3, [(1, 1, 0, 1), (1, 1, 2, 0)]) == (2, 1)


def test_what_left_of_a_cut_demand_counts_for_no_more_than_it_is() -> None:
    assert line_progress(3, [(1, 1, 0, 1)]) == (0, 1)
    assert line_progress(2, [(1, 1, 0, 1), (2, 2, 0, 0)]) == (0, 0)


def test_goods_a_line_no_longer_consists_of_count_for_nothing() -> None:
    assert line_progress(3, [(1, 0, 0, 1), (2, 1, 3, 0)]) == (3, 0)
    assert line_progress(3, [(1, 0, 0, 1)]) == (0, 0)


@given(
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(1, 2), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=4),
)
def test_progress_never_exceeds_the_line(units: int, demands: list[tuple[int, int, int, int]]) -> None:
    planned, shipped = line_progress(units, demands)
    assert planned >= 0
    assert shipped >= 0
    assert planned + shipped <= units


def test_a_merge_key_tells_its_parts_apart() -> None:
    assert merge_key("a", "bc") != merge_key("ab", "c")
    assert merge_key(1, None, True) == merge_key(1, None, True)
    assert len(merge_key()) == 16


@given(st.lists(st.integers()), st.integers(1, 20))
def test_cut_keeps_everybody_in_order(members: list[int], cap: int) -> None:
    sets = cut(members, cap)
    assert [member for part in sets for member in part] == members
    assert all(0 < len(part) <= cap for part in sets)


def test_what_a_platform_did_not_allow_stays_alone() -> None:
    members = [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    assert allowed_sets(members, [{"a", "c"}, {"c", "d"}, {"x"}]) == [[1, 3], [4], [2]]
    assert allowed_sets(members, []) == [[1], [2], [3], [4]]


def test_the_platforms_deadline_comes_first() -> None:
    common = {"ordered_at": NOW, "hours_paid": 24, "hours_cod": 30}
    soon = NOW + timedelta(hours=1)
    assert ship_deadline(platform=soon, paid_at=NOW, is_cod=False, **common) == soon
    assert ship_deadline(platform=None, paid_at=soon, is_cod=False, **common) == soon + timedelta(hours=24)
    assert ship_deadline(platform=None, paid_at=None, is_cod=True, **common) == NOW + timedelta(hours=30)
    assert ship_deadline(platform=None, paid_at=None, is_cod=False, **common) is None


@pytest.mark.parametrize(
    ("minor", "currency", "sign", "words"),
    [
        (181550, "CNY", True, "¥1,815.50"),
        (-5, "CNY", False, "-0.05"),
        (-181550, "USD", True, "-$1,815.50"),
        (1234, "JPY", True, "¥1,234"),
        (1234, "KWD", True, "KWD 1.234"),
        (0, "CNY", False, "0.00"),
    ],
)
def test_amounts_are_written_as_people_read_them(minor: int, currency: str, sign: bool, words: str) -> None:
    assert format_amount(minor, currency, sign=sign) == words


def test_freight_counts_started_steps() -> None:
    assert freight(1000, 1000, 500, 1000, 200, 0) == 500
    assert freight(1001, 1000, 500, 1000, 200, 50) == 750
    assert freight(9000, 1000, 500, 0, 200, 0) == 500


def test_every_hold_says_in_both_languages_what_to_do() -> None:
    for code, kind in KINDS.items():
        assert code == kind.code
        assert kind.clears in ("auto", "person", "either")
        assert kind.zh
        assert kind.en
        assert kind.remedy_zh
        assert kind.remedy_en
        assert kind.permission.startswith("order.")
        assert kind.blocks in (Block.NOTHING, OUT, ALL)
    assert len({kind.zh for kind in KINDS.values()}) == len(KINDS)


def test_what_takes_a_whole_order_back_never_lets_it_be_planned_meanwhile() -> None:
    taking = {kind for kind in KINDS.values() if kind.calls_back is Back.ORDER}
    assert taking
    assert all(kind.stops_planning and kind.blocks & Block.DISPATCH for kind in taking)


def test_tiers_are_bits_and_changes_void_those_that_depend_on_them() -> None:
    assert bits_of({tier.code for tier in TIERS}) == 15
    assert [tier.code for tier in tiers_in(5)] == ["service", "logistics"]
    assert void_after("amount") == 2
    assert void_after("weather") == 0


BASE = Sight("open", "none", "us", False, False, False, 2, 0, 0, False)


@pytest.mark.parametrize(
    ("seen", "phase"),
    [
        (replace(BASE, status="unpaid", fulfiller="platform"), "unpaid"),
        (replace(BASE, status="cancelled", fulfilments=["stopping"]), "cancelled"),
        (replace(BASE, fulfiller="platform", fulfilments=["stopping"]), "elsewhere"),
        (replace(BASE, fulfilments=["stopping"], shipped_units=1), "stopping"),
        (replace(BASE, open_units=0, shipped_units=2), "shipped"),
        (replace(BASE, open_units=0, shipped_units=2, parcels=["delivered", "lost"]), "trouble"),
        (replace(BASE, open_units=0, shipped_units=2, parcels=["delivered"]), "delivered"),
        (replace(BASE, open_units=0, shipped_units=2, parcels=["delivered", "on_the_way"]), "shipped"),
        (replace(BASE, shipped_units=1, fulfilments=["planned"], blocks_dispatch=True), "blocked"),
        (replace(BASE, shipped_units=1, fulfilments=["sent"]), "part_shipped"),
        (replace(BASE, fulfilments=["sent", "planned"]), "at_warehouse"),
        (replace(BASE, fulfilments=["sending"], blocks_review=True), "dispatching"),
        (replace(BASE, blocks_dispatch=True, is_elsewhere=True), "elsewhere"),
        (replace(BASE, is_elsewhere=True, planned_units=1, fulfilments=["sent"]), "at_warehouse"),
        (replace(BASE, is_elsewhere=True, shipped_units=1, open_units=1), "part_shipped"),
        (replace(BASE, blocks_review=True, review="waiting", is_short=True), "held"),
        (replace(BASE, review="sent_back", is_short=True), "sent_back"),
        (replace(BASE, review="waiting", is_short=True), "review"),
        (replace(BASE, is_short=True, blocks_dispatch=True), "short"),
        (replace(BASE, blocks_dispatch=True, fulfilments=["planned"], review="passed"), "blocked"),
        (replace(BASE, fulfilments=["planned"], review="passed"), "merging"),
        (replace(BASE, fulfilments=["on_hold"], review="passed"), "to_dispatch"),
        (BASE, "captured"),
        (replace(BASE, open_units=0), "nothing"),
        (replace(BASE, open_units=0, is_ready=True), "captured"),
        (replace(BASE, open_units=0, blocks_review=True), "held"),
    ],
)
def test_the_phase_is_the_worst_then_the_slowest(seen: Sight, phase: str) -> None:
    assert phase_of(seen) == phase
    assert phase in PHASES


sights = st.builds(
    Sight,
    status=st.sampled_from(["unpaid", "open", "completed", "cancelled"]),
    review=st.sampled_from(["none", "waiting", "passed", "sent_back"]),
    fulfiller=st.sampled_from(["us", "platform", "owner"]),
    is_ready=st.booleans(),
    blocks_review=st.booleans(),
    blocks_dispatch=st.booleans(),
    open_units=st.integers(0, 2),
    planned_units=st.integers(0, 2),
    shipped_units=st.integers(0, 2),
    is_short=st.booleans(),
    fulfilments=st.lists(st.sampled_from(["planned", "sending", "sent", "stopping", "shipped", "on_hold"])),
    parcels=st.lists(st.sampled_from(["delivered", "lost", "on_the_way"])),
)


@given(sights)
def test_every_sight_has_a_phase(seen: Sight) -> None:
    assert phase_of(seen) in PHASES
